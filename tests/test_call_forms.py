"""Reductions and their relatives in all forms of calling them: NumPy's values, right gradients."""

import functools

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.errors import NoRuleError

RNG = np.random.default_rng(0)
A = RNG.standard_normal((2, 3, 4))
MASK = np.sum(np.indices(A.shape), axis=0) % 3 > 0  # leaves two entries of every row at least
GAPS = np.where(MASK, A, np.nan)
ROW = RNG.standard_normal(5)
AXES = (None, 0, -1, (0, 2), (-1, 0), (0, 1, 2), ())
PLAIN = (np.sum, np.prod, np.max, np.min, np.mean, np.var, np.std, np.ptp, np.median)
NAN = (np.nansum, np.nanprod, np.nanmax, np.nanmin, np.nanmean, np.nanvar, np.nanstd, np.nanmedian)
METHODS = ("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "hazen", "weibull",
           "interpolated_inverted_cdf", "linear", "median_unbiased", "normal_unbiased", "lower",
           "higher", "midpoint", "nearest")  # fmt: skip
FOLDED = (np.add, np.multiply, np.maximum, np.minimum, np.logaddexp, np.logaddexp2)
INITIAL = {np.max: -9.0, np.nanmax: -9.0, np.min: 9.0, np.nanmin: 9.0}


def check(f, *arrays):
    """Value, dtype and first derivative of a call on Tensors."""
    expected = f(*arrays)
    result = f(*(Tensor(a, requires_grad=True) for a in arrays))
    np.testing.assert_allclose(result.data, expected, rtol=1e-12, atol=1e-13)
    assert result.dtype == np.asarray(expected).dtype
    ag.check_grads(f, *arrays, order=1)


def name(f):
    return getattr(f, "__name__", str(f))


@pytest.mark.parametrize("f", PLAIN + NAN, ids=name)
def test_axes_keepdims_masks_and_gaps(f):
    for axis in AXES:
        check(functools.partial(f, axis=axis), A)
        check(functools.partial(f, axis=axis, keepdims=True), A)
    check(f, np.array(1.5))
    check(lambda x: f(x, 1), A)
    if f in NAN:
        check(functools.partial(f, axis=2), GAPS)
    if f not in (np.ptp, np.median, np.nanmedian):
        options = {"initial": INITIAL[f]} if f in INITIAL else {}
        for axis in (None, 1, (0, 2)):
            check(functools.partial(f, axis=axis, where=MASK, **options), A)
    with pytest.raises(np.exceptions.AxisError):
        f(Tensor(A, requires_grad=True), axis=7)


@pytest.mark.parametrize("f", [np.var, np.std, np.nanvar, np.nanstd], ids=name)
def test_corrections_and_given_means_of_moments(f):
    for options in (dict(ddof=1), dict(correction=1), dict(ddof=0.5, where=MASK)):
        check(functools.partial(f, axis=1, **options), A)
    check(lambda a, mean: f(a, axis=1, mean=mean), A, A.mean(1, keepdims=True) + 0.1)
    check(lambda a: f(a, axis=1, mean=np.mean(a, axis=1, keepdims=True)), A)


@pytest.mark.parametrize("f", [np.quantile, np.nanquantile], ids=name)
@pytest.mark.parametrize("method", METHODS)
def test_quantiles_of_every_method(f, method):
    call = functools.partial(f, method=method)
    for q in (0.3, 0.0, 1.0, [0.2, 0.9], np.array([0.5])):
        for axis in (None, 1, (0, 2)):
            check(lambda a, q=q, axis=axis: call(a, q, axis=axis), A)
            check(lambda a, q=q, axis=axis: call(a, q, axis=axis, keepdims=True), A)
    check(lambda a, q: call(a, q, axis=2), A, np.array([0.31, 0.62]))
    full = GAPS if f is np.nanquantile else A
    check(lambda a, q: call(a, q, axis=2), full, np.array([0.31, 0.62]))


def test_what_is_not_a_number_is_the_median_and_the_quantile():
    for f in (np.median, lambda a: np.quantile(a, 0.3)):
        y = f(Tensor([1.0, np.nan, 3.0], requires_grad=True))
        assert np.isnan(y.data)


def test_weights_choose_an_entry_and_are_refused_if_tracked():
    call = functools.partial(np.quantile, q=[0.3, 0.7], axis=1, method="inverted_cdf")
    check(lambda a: call(a, weights=np.array([1, 2, 2])), A)
    with pytest.raises(NoRuleError, match=r"weights\.detach"):
        call(Tensor(A, requires_grad=True), weights=Tensor([1.0, 2.0, 2.0], requires_grad=True))


@pytest.mark.parametrize("ufunc", FOLDED, ids=name)
def test_methods_of_ufuncs(ufunc):
    for axis in (0, -1, None, (0, 1)):
        check(functools.partial(ufunc.reduce, axis=axis), A)
    check(lambda a: ufunc.reduce(a, axis=1, initial=0.5, where=MASK, keepdims=True), A)
    for axis in (0, 1, -1):
        check(functools.partial(ufunc.accumulate, axis=axis), A)
        check(lambda a, axis=axis: ufunc.reduceat(a, [0, 1, 0], axis=axis), A)
    for indices in ([0, 2], [0, 3, 1, 2], [1], [4, 4, 0]):
        check(lambda a, indices=indices: ufunc.reduceat(a, indices), ROW)
    check(ufunc.accumulate, ROW[:1])
    check(ufunc.outer, A[0], ROW)
    with pytest.raises(IndexError, match="reduceat"):
        ufunc.reduceat(Tensor(ROW, requires_grad=True), [0, 9])


def test_weighted_means():
    for axis, shape in ((1, (3,)), ((2, 0), (4, 2)), (None, A.shape), (0, A.shape)):
        check(functools.partial(np.average, A, axis), np.ones(shape) + RNG.random(shape))
        check(lambda a, axis=axis, shape=shape: np.average(a, axis, np.ones(shape)), A)
    with pytest.raises(ZeroDivisionError):
        np.average(A, 1, Tensor([1.0, -2.0, 1.0], requires_grad=True))


def test_what_cannot_be_done_is_said():
    x = Tensor(ROW, requires_grad=True)
    with pytest.raises(NoRuleError, match=r"np\.nonzero"):
        np.where(x)
    with pytest.raises(NoRuleError, match="out="):
        np.median(x, out=np.zeros(()))
    with pytest.raises(NoRuleError, match="initial"):
        np.hypot.reduce(x, initial=1.0)
    with pytest.raises(NoRuleError, match="copy=False"):
        np.nan_to_num(x, copy=False)
    for f in (
        np.i0,
        np.unwrap,
        lambda z: np.quantile(z, 0.5),
        lambda z: np.interp(z, [0, 1], [0, 1]),
    ):
        with pytest.raises(TypeError):
            f(x * 1j)
