"""np.fft on Tensors: every length, norm and order of axes, as in NumPy."""

import itertools

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.errors import NoRuleError

F = np.fft
REAL_INPUT = (F.rfft, F.ihfft)
ONE_AXIS = (F.fft, F.ifft, F.hfft, F.irfft, *REAL_INPUT)
NORMS = (None, "backward", "ortho", "forward")


def array(function, *shape):
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape)
    return x if function in REAL_INPUT else x + 1j * rng.standard_normal(shape)


@pytest.mark.parametrize("function", ONE_AXIS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("length", [1, 2, 3, 6])
def test_all_lengths_and_norms(function, length):
    for n, norm in itertools.product((None, 1, 2, 3, 4, 7), NORMS):
        if n is None and length == 1 and function in (F.hfft, F.irfft):
            continue  # no entries, which NumPy refuses
        x = array(function, length, 2)
        out = function(Tensor(x, requires_grad=True), n, 0, norm)
        np.testing.assert_array_equal(out.data, function(x, n, 0, norm))
        ag.check_grads(lambda t, n=n, norm=norm: function(t, n, axis=0, norm=norm), x)


def test_irfft_ignores_what_must_be_real():
    # of a real signal of 4 the bins 0 and 2 have no imaginary part
    y, pull = ag.vjp(lambda z: F.irfft(z, n=4), array(F.irfft, 3))
    (gradient,) = pull(np.array([0.5, -1.0, 2.0, 0.25]))
    assert np.imag(gradient.data)[[0, 2]] == pytest.approx([0, 0])
    assert y.dtype == float


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft"])
def test_several_axes_are_numpys(name):
    function = getattr(F, name + "n")
    x = array(getattr(F, name), 2, 3, 4)
    forms = [(None, None), (None, (2, 0)), ((3, 2), (0, 2)), ((-1, 5), (1, 2)), ((2, -1), (0, 1)),
             (None, (1, 1)), ((4, -1), (0, 0)), ((5,), [-1])]  # fmt: skip
    for s, axes in forms:
        out = function(Tensor(x, requires_grad=True), s=s, axes=axes, norm="ortho")
        expected = function(x, s=s, axes=axes, norm="ortho")
        np.testing.assert_allclose(out.data, expected, rtol=1e-14, atol=1e-15)
        ag.check_grads(lambda t, s=s, axes=axes: function(t, s, axes), x, order=1)
    two = getattr(F, name + "2")
    out = two(Tensor(x, requires_grad=True), (3, 2), (0, 1), "forward")
    expected = two(x, (3, 2), (0, 1), "forward")
    np.testing.assert_allclose(out.data, expected, rtol=1e-14, atol=1e-15)


def test_what_is_refused():
    x = Tensor(np.ones(4), requires_grad=True)
    for function in (F.fft, F.irfft, F.fft2, F.rfftn, F.irfftn):
        given = x if function in (F.fft, F.irfft) else np.ones((2, 2)) * x[:2]
        with pytest.raises(NoRuleError, match="out"):
            function(given, out=np.zeros(4, complex))
    with pytest.raises(ValueError, match="one for each"):
        F.fftn(x, s=(2, 2), axes=(0,))
    with pytest.raises(np.exceptions.AxisError):
        F.fftn(x, axes=(1,))
    for function in (F.rfftn, F.irfftn):
        with pytest.raises(ValueError, match="no axes"):
            function(x, axes=())
    with pytest.raises(TypeError):
        F.rfft(x * 1j)


def test_a_convolution_by_transforms_has_the_gradient_of_the_sum():
    rng = np.random.default_rng(1)
    a, b, u = rng.standard_normal((3, 8))
    y, pull = ag.vjp(lambda a, b: F.irfft(F.rfft(a) * F.rfft(b), n=8), a, b)
    matrix = np.array([[b[(i - j) % 8] for j in range(8)] for i in range(8)])
    np.testing.assert_allclose(y.data, matrix @ a)
    np.testing.assert_allclose(pull(u)[0].data, matrix.T @ u)


def test_single_precision_stays():
    x = Tensor(np.ones(5, np.float32), requires_grad=True)
    y = F.irfft(F.rfft(x, n=6), n=5)
    assert y.dtype == np.float32
    np.sum(y * y).backward()
    assert x.grad.dtype == np.float32


@pytest.mark.parametrize("shift", [F.fftshift, F.ifftshift], ids=lambda f: f.__name__)
@pytest.mark.parametrize("axes", [None, 0, -1, (0, 1), [1]])
def test_shifts(shift, axes):
    x = np.arange(15.0).reshape(3, 5)
    out = shift(Tensor(x, requires_grad=True), axes=axes)
    np.testing.assert_array_equal(out.data, shift(x, axes=axes))
    ag.check_grads(lambda t: shift(t, axes) ** 2, x)
