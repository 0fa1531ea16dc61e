"""Functions of neural networks: against PyTorch, their options, their errors."""

import math
import pickle

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, functional as F
from autograd_lite.errors import DTypeError, GraphError, ShapeError
from autograd_lite.rules import gaussian

rng = np.random.default_rng(0)
X = rng.standard_normal((4, 6))
LABELS = np.array([2, 0, 5, 1])
PROBABILITIES = rng.dirichlet(np.ones(6), 4)
WEIGHT = rng.uniform(0.5, 2.0, 6)
IMAGES = rng.standard_normal((3, 4, 5, 2))
CHANNELS = rng.uniform(0.5, 2.0, (2, 4))


def same(ours, theirs, *arrays, dtype=float):
    """Value and gradients of both are equal, the latter of a weighted sum of the result."""
    torch = pytest.importorskip("torch")
    xs = [Tensor(a, requires_grad=True, dtype=dtype) for a in arrays]
    ts = [torch.tensor(np.array(a, dtype), requires_grad=True) for a in arrays]
    y, t = ours(*xs), theirs(torch, *ts)
    g = np.random.default_rng(1).standard_normal(y.shape).astype(dtype)
    close = dict(rtol=1e-9, atol=1e-12) if dtype is float else dict(rtol=2e-4, atol=2e-6)
    np.testing.assert_allclose(y.data, t.detach().numpy(), **close)
    assert y.dtype == dtype
    y.backward(g)
    t.backward(torch.tensor(g))
    for x, s in zip(xs, ts, strict=True):
        np.testing.assert_allclose(x.grad, s.grad.numpy(), **close)
        assert x.grad.dtype == dtype


# --- activations --------------------------------------------------------------------------------
ACTIVATIONS = {
    "leaky_relu": {},
    "elu": dict(alpha=0.7),
    "selu": {},
    "celu": dict(alpha=0.5),
    "gelu": {},
    "silu": {},
    "mish": {},
    "softsign": {},
    "hardtanh": {},
}
POINTS = np.concatenate([np.linspace(-30, 30, 240), np.linspace(-2, 2, 40)])


@pytest.mark.parametrize("dtype", [float, np.float32])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_pytorchs(name, dtype):
    options = ACTIVATIONS[name]
    same(
        lambda x: getattr(F, name)(x, **options),
        lambda torch, x: getattr(torch.nn.functional, name)(x, **options),
        POINTS,
        dtype=dtype,
    )


def test_the_other_activations_are_pytorchs():
    same(
        lambda x: F.gelu(x, "tanh"),
        lambda torch, x: torch.nn.functional.gelu(x, approximate="tanh"),
        POINTS,
    )
    same(
        lambda x: F.softplus(x, 2.0),  # without its threshold, beyond which PyTorch rounds
        lambda torch, x: torch.nn.functional.softplus(x, 2.0, threshold=100),
        POINTS,
    )
    same(F.log_sigmoid, lambda torch, x: torch.nn.functional.logsigmoid(x), POINTS)
    same(F.glu, lambda torch, x: torch.nn.functional.glu(x), X)
    same(lambda x: F.glu(x, axis=0), lambda torch, x: torch.nn.functional.glu(x, 0), X)


def test_the_normal_distribution_is_accurate_to_rounding():
    x = np.linspace(-37, 9, 2003)
    exact = np.array([math.erfc(-v / math.sqrt(2)) / 2 for v in x])
    found = gaussian.normal_cdf(x)
    np.testing.assert_allclose(found, exact, rtol=1e-12, atol=3e-16)
    near = np.abs(x) < 5
    np.testing.assert_allclose(found[near], exact[near], rtol=5e-15)
    single = gaussian.normal_cdf(x.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, exact, atol=2e-7)
    ends = gaussian.normal_cdf(np.array([-np.inf, -1e300, 0.0, 1e300, np.inf, np.nan]))
    np.testing.assert_array_equal(ends, [0, 0, 0.5, 1, 1, np.nan])


def test_large_and_strided_arrays_give_the_same_as_small_ones():
    x = np.random.default_rng(2).standard_normal((300, 301))
    expected = np.concatenate([F.gelu(row) for row in x]).reshape(x.shape)
    np.testing.assert_array_equal(F.gelu(x), expected)
    np.testing.assert_array_equal(F.gelu(x.T), expected.T)
    np.testing.assert_allclose(gaussian.normal_cdf_of(x), gaussian.normal_cdf(x), rtol=1e-14)


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (F.leaky_relu, 0.01),
        (lambda x: F.elu(x, 0.5), 0.5),
        (lambda x: F.celu(x, 0.5), 1.0),
        (F.selu, 1.0507009873554805 * 1.6732632423543772),
        (F.softsign, 1.0),
        (F.gelu, 0.5),
    ],
)
def test_slopes_at_zero(f, slope):
    assert ag.grad(f)(0.0).item() == pytest.approx(slope, rel=1e-15)


def test_kinks_of_losses():
    slope = ag.grad(lambda x: F.l1_loss(x, np.zeros(1)))
    assert slope(np.zeros(1)).item() == 0
    hinge = ag.grad(lambda x: F.hinge_loss(x, np.ones(1)))
    assert hinge(np.ones(1)).item() == -0.5
    np.testing.assert_array_equal(
        ag.grad(lambda x: np.sum(F.hardtanh(x)))(np.array([-1.0, 1, 2])).data, [1, 1, 0]
    )


# --- losses -------------------------------------------------------------------------------------
REDUCTIONS = ("mean", "sum", "none")


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        dict(label_smoothing=0.1),
        dict(weight=WEIGHT),
        dict(weight=WEIGHT, label_smoothing=0.3),
    ],
)
def test_cross_entropy_is_pytorchs(options, reduction):
    def theirs(torch, x, target, **more):
        given = {k: torch.tensor(v) if k == "weight" else v for k, v in options.items()} | more
        return torch.nn.functional.cross_entropy(x, target, reduction=reduction, **given)

    same(
        lambda x: F.cross_entropy(x, LABELS, reduction, **options),
        lambda torch, x: theirs(torch, x, torch.tensor(LABELS)),
        X,
    )
    same(lambda x, p: F.cross_entropy(x, p, reduction, **options), theirs, X, PROBABILITIES)
    ignored = np.array([2, -100, 5, -100])
    same(
        lambda x: F.cross_entropy(x, ignored, reduction, ignore_index=-100, **options),
        lambda torch, x: theirs(torch, x, torch.tensor(ignored)),
        X,
    )


def test_cross_entropy_of_float32_stays_float32():
    for options in ({}, dict(weight=WEIGHT), dict(label_smoothing=0.1), dict(ignore_index=0)):
        x = Tensor(X, requires_grad=True, dtype=np.float32)
        loss = F.cross_entropy(x, LABELS, **options)
        loss.backward()
        assert loss.dtype == x.grad.dtype == np.float32


def test_cross_entropy_of_sequences():
    x = rng.standard_normal((2, 3, 5))
    labels = np.array([[0, 4, 1], [2, 2, 3]])
    same(
        lambda x: F.cross_entropy(x, labels),
        lambda torch, x: torch.nn.functional.cross_entropy(x.movedim(-1, 1), torch.tensor(labels)),
        x,
    )


@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides")  # PyTorch's, of kl_div
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_losses_are_pytorchs(reduction):
    Y = rng.uniform(0.05, 0.95, X.shape)

    def check(name, *arrays, **options):
        def theirs(torch, *xs):
            given = {
                k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in options.items()
            }
            return getattr(torch.nn.functional, name)(*xs, reduction=reduction, **given)

        same(lambda *xs: getattr(F, name)(*xs, reduction=reduction, **options), theirs, *arrays)

    check("mse_loss", X, Y)
    check("l1_loss", X, Y)
    check("huber_loss", X, Y, delta=0.6)
    check("binary_cross_entropy_with_logits", X * 20, Y)
    check("binary_cross_entropy_with_logits", X, Y, weight=WEIGHT)
    check("binary_cross_entropy_with_logits", X, Y, pos_weight=WEIGHT, weight=WEIGHT)
    check("kl_div", X, Y)
    check("kl_div", X, -Y, log_target=True)
    same(
        lambda x: F.nll_loss(x, LABELS, reduction, weight=WEIGHT, ignore_index=0),
        lambda torch, x: torch.nn.functional.nll_loss(
            x, torch.tensor(LABELS), torch.tensor(WEIGHT), ignore_index=0, reduction=reduction
        ),
        X,
    )


def test_kl_div_of_a_target_that_is_zero():
    same(
        lambda x: F.kl_div(x, np.eye(6)[:4], "batchmean"),
        lambda torch, x: torch.nn.functional.kl_div(
            x, torch.eye(6, dtype=torch.float64)[:4], reduction="batchmean"
        ),
        X,
    )


# --- normalisation ------------------------------------------------------------------------------
@pytest.mark.parametrize("dtype", [float, np.float32])
def test_layer_norm_is_pytorchs(dtype):
    same(
        F.layer_norm,
        lambda torch, x, w, b: torch.nn.functional.layer_norm(x, (6,), w, b),
        X,
        WEIGHT,
        WEIGHT,
        dtype=dtype,
    )
    shape = IMAGES.shape[2:]
    same(
        lambda x, w: F.layer_norm(x, w, axis=(2, -1)),
        lambda torch, x, w: torch.nn.functional.layer_norm(x, shape, w),
        IMAGES,
        rng.standard_normal(shape),
        dtype=dtype,
    )
    same(
        F.rms_norm,
        lambda torch, x, w: torch.nn.functional.rms_norm(x, (6,), w),
        X,
        WEIGHT,
        dtype=dtype,
    )
    same(
        lambda x, w, b: F.group_norm(x, 2, w, b),
        lambda torch, x, w, b: torch.nn.functional.group_norm(x, 2, w, b),
        IMAGES,
        *CHANNELS,
        dtype=dtype,
    )


def test_layer_norm_over_an_inner_axis():
    moved = Tensor(np.moveaxis(IMAGES, 1, -1))
    w = CHANNELS[0]
    found = F.layer_norm(Tensor(IMAGES), w, axis=1)
    np.testing.assert_allclose(np.moveaxis(found.data, 1, -1), F.layer_norm(moved, w).data)


LAYOUTS = {
    "rows": lambda: np.ascontiguousarray(IMAGES[:, :, 0, 0]),
    "NCHW": lambda: IMAGES,
    "NHWC": lambda: np.moveaxis(np.ascontiguousarray(np.moveaxis(IMAGES, 1, -1)), -1, 1),
    "strided": lambda: np.repeat(IMAGES, 2, axis=3)[..., ::2],
    "backwards": lambda: np.ascontiguousarray(IMAGES[::-1, :, ::-1])[::-1, :, ::-1],
}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_batch_norm_is_pytorchs(layout, training):
    x = LAYOUTS[layout]()
    statistics = rng.uniform(0.5, 1.5, (2, 4))
    mean, var = np.array(statistics)
    theirs = []

    def torchs(torch, x, w, b):
        theirs.extend(torch.tensor(s) for s in statistics)
        return torch.nn.functional.batch_norm(x, *theirs, w, b, training, 0.2)

    same(lambda *a: F.batch_norm(a[0], mean, var, *a[1:], training, 0.2), torchs, x, *CHANNELS)
    np.testing.assert_allclose(mean, theirs[0].numpy())
    np.testing.assert_allclose(var, theirs[1].numpy())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_batch_norm_of_every_memory_layout(layout):
    shared = LAYOUTS[layout]()
    found = []
    for a in (shared, np.array(shared, order="C")):
        x = ag.asarray(a, requires_grad=True)
        assert x.data is a
        y = F.batch_norm(x, None, None, CHANNELS[0], training=True)
        np.sum(y * np.sin(np.arange(y.size).reshape(y.shape))).backward()
        found.append((y.data, x.grad))
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("training", [True, False])
def test_second_derivatives_of_batch_norm(training):
    stats = np.zeros(2), np.ones(2)
    x = rng.standard_normal((3, 2, 2))
    ag.check_grads(
        lambda x, w, b: F.batch_norm(x, *stats, w, b, training, 0.0, 0.1),
        x,
        np.ones(2),
        np.ones(2),
        order=2,
    )


def test_an_update_of_running_statistics_is_noticed():
    mean, var = Tensor(np.zeros(4)), Tensor(np.ones(4))
    x = Tensor(X[:, :4], requires_grad=True)
    product = np.sum(x * mean)
    plain = np.zeros(4)
    other = np.sum(x * plain)
    F.batch_norm(x, mean, var, training=True)
    with pytest.raises(GraphError, match="changed in place"):
        product.backward()
    F.batch_norm(x, plain, None, training=True)
    with pytest.raises(GraphError, match="changed in place"):
        other.backward()


# --- attention ----------------------------------------------------------------------------------
Q, K, V = (rng.standard_normal((2, 3, n, 4)) for n in (5, 6, 6))
SEEN = rng.random((5, 6)) < 0.6


def sdpa(torch, *args, **options):
    return torch.nn.functional.scaled_dot_product_attention(*args, **options)


@pytest.mark.parametrize("dtype", [float, np.float32])
def test_attention_is_pytorchs(dtype):
    f = F.scaled_dot_product_attention
    same(f, sdpa, Q, K, V, dtype=dtype)
    same(
        lambda *a: f(*a, is_causal=True),
        lambda torch, *a: sdpa(torch, *a, is_causal=True),
        Q,
        K,
        V,
        dtype=dtype,
    )
    same(
        lambda *a: f(*a, mask=SEEN),
        lambda torch, *a: sdpa(torch, *a, attn_mask=torch.tensor(SEEN)),
        Q,
        K,
        V,
        dtype=dtype,
    )
    same(f, sdpa, Q, K, V, rng.standard_normal((3, 5, 6)), dtype=dtype)
    same(
        lambda *a: f(*a, scale=0.3),
        lambda torch, *a: sdpa(torch, *a, scale=0.3),
        Q,
        K,
        V,
        dtype=dtype,
    )


def test_a_query_that_sees_nothing_gets_nothing():
    mask = np.array(SEEN)
    mask[1] = False
    q, k, v = (Tensor(a, requires_grad=True) for a in (Q, K, V))
    out = F.scaled_dot_product_attention(q, k, v, mask)
    assert not out.data[:, :, 1].any()
    np.sum(out * out).backward()
    assert not q.grad[:, :, 1].any()
    assert all(np.isfinite(t.grad).all() for t in (q, k, v))


def test_masks_leave_inputs_alone():
    mask = np.where(SEEN, 0.0, -np.inf)
    before = [np.array(a) for a in (Q, K, V, mask)]
    found = F.scaled_dot_product_attention(Q, K, V, mask)
    for a, b in zip((Q, K, V, mask), before, strict=True):
        np.testing.assert_array_equal(a, b)
    expected = F.scaled_dot_product_attention(Tensor(Q), K, V, SEEN).data
    np.testing.assert_allclose(found, expected)


# --- small layers -------------------------------------------------------------------------------
def test_linear_bilinear_and_embedding_are_pytorchs():
    w, b = rng.standard_normal((6, 3)), rng.standard_normal(3)
    same(F.linear, lambda torch, x, w, b: torch.nn.functional.linear(x, w.T, b), X, w, b)
    w = rng.standard_normal((6, 4, 3))
    same(
        F.bilinear,
        lambda torch, x, y, w, b: torch.nn.functional.bilinear(
            x, y, w.permute(2, 0, 1).contiguous(), b
        ),
        X,
        rng.standard_normal((4, 4)),
        w,
        b,
    )
    indices = rng.integers(0, 7, (3, 5))
    for width in (2, 16):
        same(
            lambda w: F.embedding(indices, w),
            lambda torch, w: torch.nn.functional.embedding(torch.tensor(indices), w),
            rng.standard_normal((7, width)),
        )


@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_rows_named_from_the_end_collect_with_the_same_row_named_from_the_start(dtype):
    w = Tensor(np.zeros((300, 16)), requires_grad=True)
    last = np.array(299 - 300, np.int64) if dtype is np.int64 else np.array(44, dtype)
    index = np.array([299 if dtype is np.int64 else 44, last, 0], dtype)
    np.sum(w[index]).backward()
    assert w.grad[index[0]].tolist() == [2.0] * 16
    assert w.grad.sum() == 48


def test_dropout():
    x = Tensor(np.ones((200, 500)), requires_grad=True, dtype=np.float32)
    y = F.dropout(x, 0.25, rng=np.random.default_rng(0))
    assert y.dtype == np.float32
    assert set(np.unique(y.data).tolist()) == {0.0, float(np.float32(1 / 0.75))}
    assert np.mean(y.data) == pytest.approx(1.0, abs=0.01)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, y.data)
    again = F.dropout(x, 0.25, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(again.data, y.data)
    assert F.dropout(x, 0.25, training=False) is x
    assert F.dropout(x, 0.0) is x
    assert not F.dropout(x, 1.0, rng=np.random.default_rng(0)).data.any()


# --- errors -------------------------------------------------------------------------------------
WRONG = [
    (lambda: F.gelu(X, "erf"), ValueError, "gelu: approximate 'erf'; use"),
    (lambda: F.gelu(X + 1j), DTypeError, "gelu: complex"),
    (lambda: F.elu(Tensor(X + 1j)), DTypeError, "elu: complex"),
    (lambda: F.glu(X[:, :5]), ShapeError, r"glu: axis 1 of \(4, 5\)"),
    (lambda: F.mse_loss(X, X[:, :1]), ShapeError, r"mse_loss: shapes \(4, 6\) and \(4, 1\)"),
    (lambda: F.mse_loss(X, X, "avg"), ValueError, "mse_loss: reduction 'avg'"),
    (lambda: F.huber_loss(X, X, delta=0), ValueError, "huber_loss: delta 0"),
    (lambda: F.l1_loss(X, X * 1j), DTypeError, "l1_loss: complex"),
    (lambda: F.hinge_loss(X[0], [0, 1, 1, 1, 1, 1]), ValueError, "2 \\* y − 1"),
    (lambda: F.cross_entropy(X, LABELS, weight=[1.0]), ShapeError, "for 6 classes"),
    (lambda: F.cross_entropy(X, LABELS, label_smoothing=2), ValueError, "label_smoothing 2"),
    (lambda: F.cross_entropy(X, LABELS * 0, ignore_index=0), ValueError, "mean of no rows"),
    (lambda: F.cross_entropy(X, PROBABILITIES, ignore_index=0), ValueError, "is for labels"),
    (lambda: F.cross_entropy(X, LABELS + 1, weight=WEIGHT), ValueError, "labels from 1 to 6"),
    (lambda: F.nll_loss(X, LABELS - 1), ValueError, "nll_loss: labels from -1 to 4"),
    (lambda: F.nll_loss(X, X[:, 0]), DTypeError, "nll_loss: labels of dtype float64"),
    (lambda: F.linear(X, X), ShapeError, r"linear: x of shape \(4, 6\) and w of shape \(4, 6\)"),
    (lambda: F.linear(X, X.T, [1.0]), ShapeError, r"linear: b of shape \(1,\); expected \(4,\)"),
    (lambda: F.bilinear(X, X, X), ShapeError, "bilinear: x1"),
    (lambda: F.embedding([0.5], X), DTypeError, "dtype float64; expected integers"),
    (lambda: F.embedding(X, X), DTypeError, "order is embedding"),
    (lambda: F.embedding([4], X), IndexError, "indices from 4 to 4; expected 0 to 3"),
    (lambda: F.embedding([-1], X), IndexError, "indices from -1"),
    (lambda: F.dropout(X), TypeError, "dropout: rng is None"),
    (lambda: F.dropout(X, 1.5), ValueError, "dropout: p = 1.5"),
    (lambda: F.layer_norm(X, WEIGHT[:3]), ShapeError, r"weight of shape \(3,\) for x of shape"),
    (lambda: F.layer_norm(X[:, :0]), ShapeError, "nothing to average"),
    (lambda: F.layer_norm(LABELS), DTypeError, "layer_norm: x of dtype int64"),
    (lambda: F.group_norm(IMAGES, 3), ShapeError, "3 groups do not divide the 4 channels"),
    (lambda: F.batch_norm(X, None, None), ShapeError, "mean is None"),
    (lambda: F.batch_norm(X, WEIGHT[:2], WEIGHT), ShapeError, r"mean of shape \(2,\)"),
    (lambda: F.batch_norm(X, LABELS, LABELS, training=True), ShapeError, "mean of shape"),
    (lambda: F.batch_norm(X[:1], None, None, training=True), ShapeError, "1 value"),
    (
        lambda: F.batch_norm(X, Tensor(WEIGHT, requires_grad=True), WEIGHT),
        GraphError,
        "mean is tracked",
    ),
    (lambda: F.scaled_dot_product_attention(Q, V[..., :3], V), ShapeError, "equal last axes"),
    (lambda: F.scaled_dot_product_attention(Q, K, V, SEEN, True), ValueError, "both mask"),
    (lambda: F.scaled_dot_product_attention(Q, K, V, SEEN * 1), DTypeError, "mask of dtype int64"),
    (lambda: F.scaled_dot_product_attention(Q, K, V, SEEN.T), ShapeError, "mask of shape"),
]


@pytest.mark.parametrize(("call", "kind", "words"), WRONG)
def test_misuse_is_explained(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


def test_plain_arrays_and_lists_give_plain_arrays():
    for f in (
        F.gelu,
        F.silu,
        F.mish,
        F.softplus,
        F.softsign,
        F.elu,
        F.leaky_relu,
        F.log_sigmoid,
        F.hardtanh,
    ):
        assert type(f([0.5, -1.0])) is np.ndarray
    assert type(F.layer_norm(X)) is np.ndarray


def test_functions_are_pickled():
    for name, f in vars(F).items():
        if callable(f):
            assert pickle.loads(pickle.dumps(f)) is f, name


def test_indices_changed_after_the_call_do_not_reach_the_gradient():
    w, places = Tensor(np.eye(3), requires_grad=True), np.array([0, 0, 1])
    picked = F.embedding(places, w)
    places[:] = 2
    picked.sum().backward()
    np.testing.assert_array_equal(w.grad, [[2, 2, 2], [1, 1, 1], [0, 0, 0]])


@pytest.mark.parametrize(("name", "gates"), [("rnn_cell", 1), ("lstm_cell", 4), ("gru_cell", 3)])
@pytest.mark.parametrize("bias", [True, False])
def test_cells_are_pytorchs_and_have_right_derivatives(name, gates, bias):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    n, m, cell = 3, 2, getattr(F, name)
    theirs = {
        "rnn_cell": torch.rnn_tanh_cell,
        "lstm_cell": torch.lstm_cell,
        "gru_cell": torch.gru_cell,
    }
    x, h, c, w, u, b, d = (
        rng.standard_normal(s)
        for s in ((4, n), (4, m), (4, m), (n, gates * m), (m, gates * m), gates * m, gates * m)
    )
    biases = (b, d) if bias else ()
    state = (h, c) if gates == 4 else h
    found = cell(x, state, w, u, *biases)
    given = [torch.from_numpy(a) for a in (x, h, c, w.T.copy(), u.T.copy(), *biases)]
    their_state = given[1:3] if gates == 4 else given[1]
    expected = theirs[name](given[0], their_state, *given[3:])
    for ours, their in zip(*(o if gates == 4 else (o,) for o in (found, expected)), strict=True):
        np.testing.assert_allclose(ours, their.numpy(), rtol=1e-12)
    pair = (lambda h: (h, c)) if gates == 4 else (lambda h: h)

    def total(x, h, w, u):
        out = cell(x, pair(h), w, u, *biases)
        return sum(np.sum(np.sin(o)) for o in out) if gates == 4 else np.sum(np.sin(out))

    ag.check_grads(total, x, h, w, u)


def test_cells_name_the_shapes_that_do_not_fit():
    x, h, w = np.ones((4, 3)), np.ones((4, 2)), np.ones((3, 6))
    with pytest.raises(ShapeError, match=r"gru_cell: x \(4, 3\), h \(4, 2\), .*\(n, 3 m\)"):
        F.gru_cell(x, h, w, np.ones((6, 2)))
    with pytest.raises(TypeError, match="pair"):
        F.lstm_cell(x, h, w, w)
    with pytest.raises(ValueError, match="nonlinearity 'sin'"):
        F.rnn_cell(x, h, w, w, nonlinearity="sin")
