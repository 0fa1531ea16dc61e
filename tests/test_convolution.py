"""Convolution and pooling: against the definition, against PyTorch, and what they refuse."""

import itertools

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.errors import DTypeError, NoRuleError, ShapeError
from autograd_lite.rules import conv_arrays, convolution as conv, pooling
from autograd_lite.rules.conv_arrays import conv_plain
from autograd_lite.rules.convolution import conv1d, conv2d, conv3d, conv_transpose2d
from autograd_lite.rules.pooling import adaptive_avg_pool2d, avg_pool2d, max_pool2d

SIZES = {1: (9,), 2: (6, 8), 3: (5, 5, 6)}
KERNELS = {1: (3,), 2: (3, 2), 3: (2, 1, 3)}


def random(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def compare(ours, theirs, *arrays, **options):
    """Values and gradients of one function and of its namesake in PyTorch."""
    torch = pytest.importorskip("torch")
    xs = [Tensor(a, requires_grad=True) for a in arrays]
    ts = [torch.tensor(a, requires_grad=True) for a in arrays]
    y, z = ours(*xs, **options), getattr(torch.nn.functional, theirs)(*ts, **options)
    np.testing.assert_allclose(y.data, z.detach().numpy(), atol=1e-12)
    seed = random(*y.shape, seed=1)
    y.backward(seed)
    z.backward(torch.tensor(seed))
    for x, t in zip(xs, ts, strict=True):
        np.testing.assert_allclose(x.grad, t.grad.numpy(), atol=1e-12)


GEOMETRIES = [dict(), dict(stride=2), dict(padding=2), dict(dilation=2, padding=2),
              dict(stride=3, padding=1, dilation=2), dict(stride=2, padding=1)]  # fmt: skip
CHANNELS = [(1, 4, 1), (12, 5, 1), (4, 6, 2), (3, 3, 3), (3, 6, 3)]  # in, out, groups


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
@pytest.mark.parametrize("channels", CHANNELS, ids=str)
def test_convolution_is_pytorchs(n, geometry, channels):
    inputs, outputs, groups = channels
    x, b = random(2, inputs, *SIZES[n]), random(outputs)
    w = random(outputs, inputs // groups, *KERNELS[n])
    compare(getattr(conv, f"conv{n}d"), f"conv{n}d", x, w, b, groups=groups, **geometry)
    w = random(inputs, outputs // groups, *KERNELS[n])
    extra = 1 if geometry.get("stride", 1) > 1 else 0
    compare(getattr(conv, f"conv_transpose{n}d"), f"conv_transpose{n}d", x, w, b, groups=groups,
            output_padding=extra, **geometry)  # fmt: skip


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
@pytest.mark.parametrize("channels", CHANNELS, ids=str)
def test_convolution_is_its_definition(geometry, channels):
    """The fast form and both its derivatives against a sum of shifted products."""
    inputs, outputs, groups = channels
    x, w = random(2, inputs, 6, 8), random(outputs, inputs // groups, 3, 2)
    b = random(outputs)
    full = {k: (geometry.get(k, d),) * 2 for k, d in (("stride", 1), ("dilation", 1))}
    pad = ((geometry.get("padding", 0),) * 2,) * 2

    def plain(x, w, b):
        return conv_plain(x, w, b, full["stride"], pad, full["dilation"], groups)

    def fast(x, w, b):
        return conv2d(x, w, b, groups=groups, **geometry)

    y, pull = ag.vjp(fast, x, w, b)
    z, slow = ag.vjp(plain, x, w, b)
    seed = random(*y.shape, seed=1)
    np.testing.assert_allclose(y.data, z.data, atol=1e-12)
    for a, c in zip(pull(seed), slow(seed), strict=True):
        np.testing.assert_allclose(a.data, c.data, atol=1e-12)
    for f in (fast, plain):
        ag.check_grads(lambda x, w, f=f: np.tanh(f(x, w, b)), x, w, order=2)


STRIDES = list(itertools.product((1, 2, 3, 4), (1, 2, 3), (1, 2, 4)))  # and dilations, kernels


@pytest.mark.parametrize("channels", [(3, 2, 1), (3, 3, 3), (2, 4, 2)], ids=str)
@pytest.mark.parametrize(("stride", "dilation", "k"), STRIDES)
def test_entries_apart_by_the_stride_meet_their_part_of_the_kernel(stride, dilation, k, channels):
    """Strides and dilations with and without a common divisor, wider and narrower than kernels."""
    inputs, outputs, groups = channels
    x, w = random(2, inputs, 11), random(outputs, inputs // groups, k)
    for before, after in ((0, 0), (2, 5), (7, 0)):
        geometry = (stride,), ((before, after),), (dilation,), groups
        (y, pull), (z, slow) = (
            ag.vjp(lambda x, w, f=f, geometry=geometry: f(x, w, None, *geometry), x, w)
            for f in (conv.convolved, conv_plain)
        )
        np.testing.assert_allclose(y.data, z.data, atol=1e-12)
        seed = random(*y.shape, seed=1)
        for a, b in zip(pull(seed), slow(seed), strict=True):
            np.testing.assert_allclose(a.data, b.data, atol=1e-12)


def test_images_are_put_back_in_parts(monkeypatch):
    x, w = random(5, 4, 3, 3), random(4, 2, 2, 2)
    whole = conv_transpose2d(x, w, stride=2)
    monkeypatch.setattr(conv_arrays, "PART", 2 * x[0].size)
    np.testing.assert_allclose(conv_transpose2d(x, w, stride=2), whole, atol=1e-14)


def test_second_derivative_in_both_arguments_is_that_of_the_definition():
    x, w = random(2, 3, 5, 5), random(4, 3, 3, 3)
    v = random(2, 3, 5, 5, seed=3)

    def penalty(f):
        return ag.grad(lambda w: np.sum(ag.grad(lambda x: np.sum(f(x, w) ** 3))(x) * v))(w)

    fast = penalty(lambda x, w: conv2d(x, w, padding=1))
    one = (1, 1)
    plain = penalty(lambda x, w: conv_plain(x, w, None, one, (one, one), one, 1))
    np.testing.assert_allclose(fast.data, plain.data, rtol=1e-10)


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.filterwarnings("ignore:Using padding=:UserWarning")  # of PyTorch
def test_same_padding_keeps_the_size(k, dilation):
    x, w = random(2, 3, 7, 9), random(4, 3, k, k)
    torch = pytest.importorskip("torch")
    y = conv2d(x, w, padding="same", dilation=dilation)
    z = torch.conv2d(*map(torch.tensor, (x, w)), padding="same", dilation=dilation)
    assert y.shape == (2, 4, 7, 9)
    np.testing.assert_allclose(y, z.numpy(), atol=1e-12)
    np.testing.assert_array_equal(conv2d(x, w, padding="valid"), conv2d(x, w))


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("geometry", [dict(), dict(stride=1), dict(stride=3, padding=1)], ids=str)
def test_pooling_is_pytorchs(n, geometry):
    x = random(2, 3, *SIZES[n])
    kernel = (2, 3, 2)[:n]
    for name, a in ((f"max_pool{n}d", np.round(x)), (f"avg_pool{n}d", x)):  # rounded: with ties
        compare(getattr(pooling, name), name, a, kernel_size=kernel, **geometry)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("kind", ["avg", "max"])
@pytest.mark.parametrize("size", [(1, 1, 1), (3, 2, 3), (4, 3, 5), (9, 8, 7)])
def test_adaptive_pooling_is_pytorchs(n, kind, size):
    name, x = f"adaptive_{kind}_pool{n}d", random(2, 3, *SIZES[n])
    compare(getattr(pooling, name), name, x, output_size=size[0] if n == 1 else size[:n])


def test_the_gradient_of_a_tie_goes_to_the_first_maximum():
    x = Tensor(np.zeros((1, 1, 2, 2)), requires_grad=True)
    max_pool2d(x, 2).backward(np.ones((1, 1, 1, 1)))
    np.testing.assert_array_equal(x.grad, [[[[1, 0], [0, 0]]]])


def test_max_pool_keeps_one_byte_for_a_window():
    x = Tensor(random(2, 3, 8, 8).astype(np.float32), requires_grad=True)
    node = max_pool2d(x * 1.0, 2)._node
    (index, _shape, *_rest) = node.saved[0]
    assert index.dtype == np.uint8
    assert index.nbytes == 2 * 3 * 4 * 4


def test_a_border_of_negative_numbers_is_never_the_maximum():
    x = np.full((1, 1, 3, 3), -5.0)
    np.testing.assert_array_equal(max_pool2d(x, 3, stride=1, padding=1), x)


def test_what_a_kernel_passes_by_gets_no_gradient():
    x = Tensor(np.ones((1, 1, 5, 5)), requires_grad=True)
    np.sum(conv2d(x, np.ones((1, 1, 2, 2)), stride=3)).backward()
    expected = np.outer([1, 1, 0, 1, 1], [1, 1, 0, 1, 1])
    np.testing.assert_array_equal(x.grad[0, 0], expected)


def test_memory_stays_channels_last_through_a_network():
    x = Tensor(random(2, 1, 12, 12).astype(np.float32), requires_grad=True)
    w = Tensor(random(4, 1, 3, 3).astype(np.float32), requires_grad=True)
    y = max_pool2d(np.maximum(conv2d(x, w, padding=1), 0), 2)
    assert y.dtype == np.float32
    assert y.data.strides[1] == 4  # neighbours in memory are channels
    np.sum(conv2d(y, random(2, 4, 3, 3).astype(np.float32))).backward()
    assert x.grad.dtype == w.grad.dtype == np.float32
    assert w.grad.flags.c_contiguous


@pytest.mark.parametrize("channels", CHANNELS, ids=str)
def test_mixed_precision_and_complex_numbers(channels):
    inputs, outputs, groups = channels
    x, w = random(1, inputs, 4, 4), random(outputs, inputs // groups, 2, 2)
    mixed = conv2d(x.astype(np.float32), w, groups=groups)
    assert mixed.dtype == np.float64
    turned = conv2d(1j * x, w, np.ones(outputs), groups=groups)
    np.testing.assert_allclose(turned, 1j * conv2d(x, w, groups=groups) + 1, atol=1e-12)


@pytest.mark.parametrize("images", [0, 1])
def test_batches_without_an_image(images):
    x, w = Tensor(random(images, 2, 6, 6), requires_grad=True), random(3, 2, 3, 3)
    w = Tensor(w, requires_grad=True)
    y = avg_pool2d(max_pool2d(conv2d(x, w, padding=1), 2), 3)
    assert y.shape == (images, 3, 1, 1)
    np.sum(y).backward()
    assert x.grad.shape == x.shape
    assert w.grad.any() == bool(images)


def test_arrays_of_other_kinds_are_convolved_by_the_definition():
    da = pytest.importorskip("dask.array")
    x, w = random(2, 2, 5, 5), random(3, 2, 3, 3)
    lazy = Tensor(da.from_array(x), requires_grad=True)
    y = conv2d(lazy, w, stride=2, padding=1)
    np.testing.assert_allclose(y.data.compute(), conv2d(x, w, stride=2, padding=1), atol=1e-12)
    y.sum().backward()
    eager = ag.grad(lambda x: np.sum(conv2d(x, w, stride=2, padding=1)))(x)
    np.testing.assert_allclose(lazy.grad.compute(), eager.data, atol=1e-12)
    with pytest.raises(NoRuleError, match="max_pool2d"):
        max_pool2d(lazy, 2)


X, W = np.ones((1, 4, 5, 5)), np.ones((6, 4, 3, 3))
REFUSED = [
    (lambda: conv2d(X, np.ones((6, 3, 3, 3))), ShapeError, r"conv2d: .*\(1, 4, 5, 5\).* 4 chan"),
    (lambda: conv2d(X, np.ones((6, 4, 7, 3))), ShapeError, r"kernel \(7, 3\).*larger.*\(5, 5\)"),
    (lambda: conv2d(X, W, dilation=3), ShapeError, r"dilation \(3, 3\)"),
    (lambda: conv2d(X, W, np.ones(5)), ShapeError, r"bias of shape \(5,\) for 6"),
    (lambda: conv2d(X, np.ones((5, 2, 3, 3)), groups=2), ShapeError, "groups=2 does not divide"),
    (lambda: conv2d(X, W, stride=0), ValueError, "conv2d: stride=0"),
    (lambda: conv2d(X, W, stride=(1, 2, 3)), ValueError, "2 spatial axes"),
    (lambda: conv2d(X, W, stride=1.5), TypeError, "conv2d: stride=1.5"),
    (lambda: conv2d(X, W, padding=-1), ValueError, "padding=-1"),
    (lambda: conv2d(X, W, padding="full"), ValueError, "'same'"),
    (lambda: conv2d(X, W, stride=2, padding="same"), ValueError, "same"),
    (lambda: conv2d(X, W, groups=0), ValueError, "groups=0"),
    (lambda: conv2d(X.astype(int), W), DTypeError, r"conv2d: x of dtype int64.*astype"),
    (lambda: conv2d(X[0], W), ShapeError, r"x\[None\]"),
    (lambda: conv2d(X, W[0]), ShapeError, "2 kernel axes"),
    (lambda: conv1d(X, W), ShapeError, "conv1d: .*length"),
    (lambda: conv3d(X, W), ShapeError, "conv3d: .*depth"),
    (lambda: conv_transpose2d(X, W), ShapeError, "conv_transpose2d: .*6"),
    (lambda: conv_transpose2d(X, np.ones((4, 1, 3, 3)), output_padding=1), ValueError, "stride"),
    (lambda: conv_transpose2d(X, np.ones((4, 1, 1, 1)), padding=3), ShapeError, "less padding"),
    (lambda: max_pool2d(X, 6), ShapeError, "max_pool2d: the kernel"),
    (lambda: max_pool2d(X, 2, stride=0), ValueError, "max_pool2d: stride=0"),
    (lambda: max_pool2d(X, 2, padding=2), ValueError, "at most half"),
    (lambda: max_pool2d(X * 1j, 2), DTypeError, "no order"),
    (lambda: avg_pool2d(X.astype(int), 2), DTypeError, "avg_pool2d: x of dtype int64"),
    (lambda: adaptive_avg_pool2d(X, 0), ValueError, "output_size"),
    (lambda: adaptive_avg_pool2d(X[:, :, :0], 1), ShapeError, "nothing to pool"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_what_does_not_fit_is_refused_by_name(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_windows_of_several_outputs_give_the_same_as_windows_of_one():
    """Every width of the output, so that blocks of each size occur."""
    w = random(4, 2, 2, 5)
    for width, stride in itertools.product(range(5, 20), (1, 2)):
        x = random(1, 2, 3, width)
        options = (1, stride), ((0, 0), (0, 0)), (1, 1), 1
        np.testing.assert_allclose(
            conv2d(x, w, stride=(1, stride)), conv_plain(x, w, None, *options), atol=1e-12
        )
