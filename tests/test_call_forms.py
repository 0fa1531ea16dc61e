"""Functions in all forms of calling them: NumPy's values, right gradients, NumPy's errors."""

import functools
import inspect

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.errors import NoRuleError
from autograd_lite.registry import RULES
from autograd_lite.rules.ufunc_methods import by_length

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
    with pytest.raises(NoRuleError, match="values are tracked"):
        np.nan_to_num(x, nan=x)
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


SIGNED = [f for f, op in RULES.items() if getattr(np, f.__name__, None) is f and not op.variadic
          and not isinstance(f, np.ufunc) and f is not np.where]  # fmt: skip  # it has no keywords


@pytest.mark.parametrize("f", SIGNED, ids=name)
def test_arrays_go_by_the_keywords_of_numpy(f):
    for ours, theirs in zip(
        RULES[f].arrays, inspect.signature(f).parameters.values(), strict=False
    ):
        assert ours == theirs.name or theirs.kind is theirs.POSITIONAL_ONLY


M, N = RNG.standard_normal((2, 3)), RNG.standard_normal((2, 3))
LONG = RNG.standard_normal(60)
AS_IN_NUMPY = {
    "trapezoid, x of fewer axes": (lambda y, x: np.trapezoid(y, x), A[:, :2, :3], M),
    "trapezoid, and from the left": (lambda y, x: np.trapezoid(y, x, axis=-2), A[:, :2, :3], M),
    "trapezoid, x of more axes": (lambda y, x: np.trapezoid(y, x), M[0], N),
    "logspace, bases": (lambda a, b: np.logspace(a, 2.0, 4, base=np.abs(b)), 1.0, M),
    "logspace, base and axis": (lambda a: np.logspace(a, a, 4, base=M * M, axis=-1), N),
    "prod of a number": (lambda a: np.prod(a, axis=-1) * np.nanprod(a, axis=0), np.array(2.5)),
    "percent as a number": (lambda a: np.percentile(a, 30), M.astype(np.float32).astype(float)),
    "take by booleans": (lambda a: np.take(a, [True, False], 1), M),
    "select from lists": (lambda a: np.select([[True, False, True]], [a], 3.0), M),
    "polyfit at integers": (lambda y: np.polyfit(np.array([1, 2, 4]), y, 1), M[0]),
    "counts that are floats": (lambda a: np.cov(a, fweights=np.array([1.0, 2.0, 1.0])), M),
    "reduceat nowhere": (lambda a: np.add.reduceat(a, []), ROW),
    "reduceat of unlike lengths": (lambda a: np.maximum.reduceat(a, [0, 1, 2, 3, 51, 50]), LONG),
    "reduceat in disorder": (lambda a: np.multiply.reduceat(a, [55, 1, 58, 3, 57]), LONG),
    "a matrix's keyword": (lambda a: np.flip(m=a) + np.triu(m=a), M),
}  # fmt: skip


@pytest.mark.parametrize("form", AS_IN_NUMPY)
def test_as_in_numpy(form):
    f, *arrays = AS_IN_NUMPY[form]
    check(f, *map(np.asarray, arrays))


IMPOSSIBLE = {
    "two corrections": lambda a: np.var(a, ddof=1, correction=1),
    "a number accumulated": lambda a: np.add.accumulate(a[0, 0]),
    "fewer points than none": lambda a: np.linspace(a, 1.0, -1),
    "an axis twice": lambda a: np.gradient(a, axis=(0, 0)),
    "fewer axes of indices": lambda a: np.take_along_axis(a, np.array([0]), 0),
    "a condition of two axes": lambda a: np.compress([[True], [False]], a),
    "no such choice": lambda a: np.choose([0, 2, 1], [a, a]),
    "no such start": lambda a: np.rollaxis(a, 1, -4),
    "no such axis": lambda a: np.hypot.reduce(a, 5),
    "half a degree of freedom": lambda a: np.cov(a, ddof=0.5),
    "weights that are integers and zero": lambda a: np.average(a, 0, np.array([0, 0])),
}


@pytest.mark.parametrize("call", IMPOSSIBLE)
def test_what_numpy_refuses_is_refused(call):
    with pytest.raises(Exception) as numpys:  # noqa: PT011
        IMPOSSIBLE[call](M)
    with pytest.raises(numpys.type):
        IMPOSSIBLE[call](Tensor(M, requires_grad=True))


def test_where_of_one_argument_asks_for_places():
    t = Tensor([0.0, 2.0, 3.0], requires_grad=True)
    (places,) = np.where(t)
    assert places.data.tolist() == [1, 2]
    assert not places.requires_grad


def test_no_degree_of_freedom_is_a_nan_for_the_functions_that_leave_out_nan():
    a = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, 2.0]])
    for f in (np.nanvar, np.nanstd):
        t = Tensor(a, requires_grad=True)
        with pytest.warns(RuntimeWarning, match="Degrees"), np.errstate(all="ignore"):
            np.testing.assert_allclose(f(t, axis=1, ddof=1).data, f(a, axis=1, ddof=1))


def test_a_heaviside_step_has_numpys_dtype_and_keeps_nan():
    x = np.array([-1.0, 0.0, np.nan], np.float32)
    for b in (2, 0.5, True, np.float64(2.0), [1, 2, 3]):
        y = np.heaviside(Tensor(x, requires_grad=True), b)
        np.testing.assert_equal(y.data, np.heaviside(x, b))
        assert y.dtype == np.heaviside(x, b).dtype
    assert np.heaviside(2.5, Tensor(x, requires_grad=True)).dtype == np.float32


def test_a_quantile_of_nothing_is_a_nan():
    with pytest.warns(RuntimeWarning, match="empty"), np.errstate(invalid="ignore"):
        y = np.nanquantile(Tensor(np.zeros((2, 0)), requires_grad=True), 0.5, axis=1)
    assert np.isnan(y.data).tolist() == [True, True]


def test_segments_of_unlike_lengths_are_not_padded_to_the_longest():
    lengths = np.array([1] * 999 + [99_001])
    groups = by_length(lengths)
    assert sum(g.size * lengths[g].max() for g in groups) <= 2 * lengths.sum()
    assert sorted(np.concatenate(groups)) == list(range(1000))


@pytest.mark.parametrize("pick", [
    lambda a, places: np.take(a, places, 1), lambda a, places: np.repeat(a, places, 1),
    lambda a, places: np.take_along_axis(a, places[:, None] % 2, 0),
    lambda a, places: np.choose(places, [a, a * 2.0, a * 3.0]), lambda a, places: a[:, places],
    lambda a, places: np.add.reduceat(a, places, axis=1), lambda a, places: np.delete(a, places),
])  # fmt: skip
def test_places_may_be_changed_after_the_call(pick):
    places, gradients = np.array([0, 2, 1]), []
    for change in (0, 1):
        t, mine = Tensor(M, requires_grad=True), places.copy()
        y = pick(t, mine)
        mine -= mine * change
        np.sum(y * y).backward()
        gradients.append(t.grad)
    np.testing.assert_array_equal(*gradients)
