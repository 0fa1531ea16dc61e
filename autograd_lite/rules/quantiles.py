"""Median and quantiles of every method: NumPy says which entries are taken, integers are kept.

A quantile lies at a position between two entries in order. The position is NumPy's quantile of the
entries' ranks, so every method, weights and NaN are treated as NumPy does. Of equal entries the
first gets the gradient. An infinite entry beside the position counts only if the position is not an
entry's own (NumPy multiplies it by 0, to NaN). With respect to `q` a quantile is piecewise linear; where the slope jumps
it is that towards greater q. Methods that always take an entry have the derivative 0 there.
"""

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_lite.errors import NoRuleError
from autograd_lite.operands import plain, tracked
from autograd_lite.registry import derived, rule
from autograd_lite.rules.casting import astype
from autograd_lite.rules.indexing import getitem
from autograd_lite.rules.reductions import weights_for
from autograd_lite.shapes import axes_of

PLOTTING = {"linear": (1, 1), "weibull": (0, 0), "hazen": (1 / 2, 1 / 2),
            "interpolated_inverted_cdf": (0, 1), "median_unbiased": (1 / 3, 1 / 3),
            "normal_unbiased": (3 / 8, 3 / 8)}  # fmt: skip
"""α and β of Hyndman and Fan, Sample quantiles in statistical packages (1996)."""


def position_vjp(g, q, ranks, method):
    alpha, beta = PLOTTING.get(method, (1, 1))
    n = np.sum(np.logical_not(np.isnan(ranks)), axis=-1)
    place = n * q + (alpha + q * (1 - alpha - beta)) - 1
    inside = (place >= 0) & (place < n - 1) & (method in PLOTTING)
    return g * np.where(inside, n + (1 - alpha - beta), 0)


position = rule(
    lambda q, ranks, weights=None, method="linear", function=np.quantile: function(
        ranks, np.ravel(q), axis=-1, weights=weights, method=method
    ),
    "q", name="position", q=position_vjp,
    static=dict(ranks=None, weights=None, method="linear", function=np.quantile),
)  # fmt: skip


def in_rows(a, axis):
    """`a` with the reduced axes joined to one, which comes last."""
    axes = range(a.ndim) if axis is None else sorted(normalize_axis_tuple(axis, a.ndim))
    rest = [k for k in range(a.ndim) if k not in axes]
    shape = tuple(a.shape[k] for k in rest)
    return np.reshape(np.transpose(a, (*rest, *axes)), (*shape, count_of(a, axes)))


def count_of(a, axes):
    return int(np.prod([a.shape[k] for k in axes], dtype=int))


def with_axes(result, a_shape, axis, leading):
    """The reduced axes back as axes of length one, behind `leading` others."""
    gone = axes_of(axis, len(a_shape))
    kept = tuple(1 if k in gone else n for k, n in enumerate(a_shape))
    return np.reshape(result, result.shape[:leading] + kept)


def picked(rows, order, places):
    """From each row the entries at `places` (k, …) of its order: (k, …)."""
    found = np.take_along_axis(order, np.moveaxis(places, 0, -1), -1)
    grid = np.indices(found.shape, sparse=True)[:-1]
    return np.moveaxis(getitem(rows, (*grid, found)), -1, 0)


def quantiles(a, q, axis, keepdims, method, weights, function):
    """`function` is np.quantile or np.nanquantile; the result is shaped as NumPy's."""
    rows, q, dtype = prepared(a, q, axis, method, weights, function)
    data = plain(rows)
    order = np.argsort(data, axis=-1, kind="stable")
    simple = function is np.quantile and weights is None and not np.isnan(data).any()
    ranks = np.arange(float(data.shape[-1])) if simple else ranked(data, order)
    column = np.reshape(q, (-1,) + (1,) * (ranks.ndim - 1))
    place = position(column, ranks, weights, method, function)
    if simple:
        place = np.reshape(place, (-1,) + (1,) * (data.ndim - 1))
    full = (q.size, *data.shape[:-1])
    at = np.nan_to_num(plain(place))  # NaN, where it is the result, stays in `place`
    below = np.floor(at).astype(int)
    # the slope towards greater q; without q, the place itself, as the next entry may be infinite
    last = np.maximum(np.sum(np.logical_not(np.isnan(data)), axis=-1) - 1, 0)
    above = np.minimum(below + 1, last) if tracked(q) else np.ceil(at).astype(int)
    result = picked(rows, order, np.broadcast_to(below, full))
    if tracked(q) or not np.array_equal(plain(place), below):
        high = picked(rows, order, np.broadcast_to(above, full))
        result = result + (high - result) * (place - below)
    result = np.reshape(astype(result, dtype), q.shape + full[1:])
    return with_axes(result, np.shape(a), axis, q.ndim) if keepdims else result


def prepared(a, q, axis, method, weights, function):
    """The entries in rows, q as an array, and the dtype of the result."""
    name = function.__name__
    if tracked(weights):
        raise NoRuleError(f"{name}: no gradient flows to weights; pass weights.detach()")
    a = a if hasattr(a, "ndim") else np.asarray(a)
    rows = in_rows(a, axis)
    one = np.zeros(1, rows.dtype)
    # NumPy itself refuses complex numbers, unknown methods and weights that do not go with them
    options = dict(method=method, weights=None if weights is None else np.ones(1))
    dtype = function(one, plain(q), **options).dtype
    return rows, q if hasattr(q, "ndim") else np.asarray(q), dtype


def ranked(data, order):
    """The place of each entry in its row, NaN for a NaN."""
    return np.where(np.isnan(data), np.nan, np.argsort(order, axis=-1))


def weights_in_rows(weights, a, axis, name):
    if weights is None:
        return None
    if tracked(weights):
        raise NoRuleError(f"{name}: no gradient flows to weights; pass weights.detach()")
    weights = weights_for(np.asarray(plain(weights)), a, axis, name)
    return in_rows(np.broadcast_to(weights, np.shape(a)), axis)


def quantile_of(function, part):
    """np.quantile and its relatives, as one: q is given in `part` of the whole."""

    def call(a, q, axis=None, out=None, overwrite_input=False, method="linear", keepdims=False, *,
             weights=None):  # fmt: skip
        no_output(function, out)
        weights = weights_in_rows(weights, a, axis, function.__name__)
        if function is np.nanquantile and np.shape(a) and not in_rows(a, axis).shape[-1]:
            return np.nanmean(a, axis=axis, keepdims=keepdims)  # NaN, with NumPy's warning
        q = q if part == 1 else q / part if type(q) in (int, float) else np.divide(q, part)
        return quantiles(a, q, axis, keepdims, method, weights, function)

    return call


def no_output(function, out):
    if out is not None:
        raise NoRuleError(f"{function.__name__}: out= would lose the gradient; use the result")


derived(np.quantile, quantile_of(np.quantile, 1))
derived(np.percentile, quantile_of(np.quantile, 100))
derived(np.nanquantile, quantile_of(np.nanquantile, 1))
derived(np.nanpercentile, quantile_of(np.nanquantile, 100))


def median_of(function):
    """np.median, for which a NaN is the result, and np.nanmedian, which leaves it out."""

    def call(a, axis=None, out=None, overwrite_input=False, keepdims=False):
        no_output(function, out)
        rows = in_rows(a, axis)
        if not rows.shape[-1]:
            return np.mean(a, axis=axis, keepdims=keepdims)  # NaN, with NumPy's warning
        order = np.argsort(plain(rows), axis=-1, kind="stable")
        missing = np.sum(np.isnan(plain(rows)), axis=-1)
        n = rows.shape[-1] - missing
        if function is np.median:
            n = np.where(missing > 0, 2 * rows.shape[-1] - 1, n)  # its middle is the last, a NaN
        middle = picked(rows, order, np.stack([(n - 1) // 2, n // 2]))
        result = np.mean(middle, axis=0)
        return with_axes(result, a.shape, axis, 0) if keepdims else result

    return call


derived(np.median, median_of(np.median))
derived(np.nanmedian, median_of(np.nanmedian))
