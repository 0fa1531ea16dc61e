"""Reductions. Ties of a maximum or minimum share its gradient equally; an `initial` value that ties
takes no share. The standard deviation of equal entries has the gradient 0, as a norm has at 0.
"""

import numpy as np

from autograd_lite.operands import is_other_kind, plain
from autograd_lite.registry import constant, derived, rule
from autograd_lite.rules.casting import astype
from autograd_lite.rules.complex_parts import conj
from autograd_lite.rules.elementwise import nonzero
from autograd_lite.shapes import axes_of, axis_of, count, restore_axes, spread

SUMMED = dict(axis=None, dtype=None, keepdims=False, initial=None, where=True)
AVERAGED = dict(axis=None, dtype=None, keepdims=False, where=True)
EXTREME = dict(axis=None, keepdims=False, initial=None, where=True)
VARIED = dict(axis=None, dtype=None, ddof=0, keepdims=False, where=True, mean=None, correction=None)


def given(**options):
    """The options that say something; arrays of other kinds do not know all of them."""
    return {n: v for n, v in options.items() if v is not None and v is not True}


def reducer(function, quick):
    """A reduction of an operand and static arguments by position; `quick` is the ufunc's own."""

    def call(a, axis, dtype, keepdims, initial, where):
        if dtype is None and initial is None and where is True:
            reduce = quick if type(a) is np.ndarray else function
            return reduce(a, axis=axis, keepdims=keepdims)
        options = given(dtype=dtype, initial=initial, where=where)
        return function(a, axis=axis, keepdims=keepdims, **options)

    return call


def mean_array(a, axis, dtype, keepdims, where):
    """np.mean; for arrays of floats without options in half its time, and the same operations."""
    quick = dtype is None and where is True and type(a) is np.ndarray and a.dtype.char in "fdFD"
    if quick and a.size and a.ndim:  # np.mean refuses any axis of a number
        total = np.add.reduce(a, axis=axis, keepdims=keepdims)
        return total / a.dtype.type(count(a.shape, axis))
    return np.mean(a, axis=axis, keepdims=keepdims, **given(dtype=dtype, where=where))


def chosen(a, where, other=0):
    """`a`, and `other` where a reduction leaves its entries out."""
    return a if where is True else np.where(where, a, other)


def extreme(function):
    return lambda a, axis, keepdims, initial, where: function(
        a, axis=axis, keepdims=keepdims, **given(initial=initial, where=where)
    )


def number(a_shape, axis, keepdims, where):
    """How many entries each result combines: an integer, or an array of them."""
    if where is True:
        return count(a_shape, axis)
    return np.sum(np.broadcast_to(where, a_shape), axis=axis, keepdims=keepdims)


def leave_one_out_array(a, axis):
    """The product of all other entries along `axis`; exact where entries are zero."""
    if not a.size:
        return np.array(a)
    a = np.moveaxis(a, axis, -1)
    one = np.ones((*a.shape[:-1], 1), a.dtype)
    left = np.cumprod(np.concatenate([one, a[..., :-1]], -1), -1)
    right = np.cumprod(np.concatenate([one, a[..., :0:-1]], -1), -1)[..., ::-1]
    return np.moveaxis(left * right, -1, axis)


def leave_one_out_vjp(g, a, axis):
    """Entry j collects, from each i ≠ j, gᵢ times the product of all entries but i and j."""
    g, a = np.moveaxis(g, axis, -1), np.moveaxis(a, axis, -1)
    same = np.equal(*np.ogrid[: a.shape[-1], : a.shape[-1]])
    without_i = np.where(same, 1, np.expand_dims(a, -2))
    without_ij = np.where(same, 0, leave_one_out(without_i, -1))
    return np.moveaxis(np.sum(np.expand_dims(g, -1) * without_ij, axis=-2), -1, axis)


leave_one_out = rule(
    leave_one_out_array, "a", name="leave_one_out", static=dict(axis=-1), a=leave_one_out_vjp
)


def product_vjp(g, a, axis, keepdims, initial, where):
    """Each entry's factor is the product of the others, which division would spoil at zeros."""
    if where is not True:
        factors = product_vjp(g, np.where(where, a, 1), axis, keepdims, initial, True)
        return np.where(where, factors, 0)
    g = g if initial is None else g * initial
    axes = axes_of(axis, a.ndim)
    last = tuple(range(a.ndim - len(axes), a.ndim))
    moved = np.moveaxis(a, axes, last)
    flat = np.reshape(moved, (*moved.shape[: a.ndim - len(axes)], count(a.shape, axis)))
    others = np.moveaxis(np.reshape(leave_one_out(flat, -1), moved.shape), last, axes)
    return spread(g, a.shape, axis, keepdims) * others


def shared(g, best, a_shape, axis, keepdims, initial, where):
    """Divide the gradient of an extremum equally among the entries that attain it."""
    best = best if where is True else best & where
    many = np.sum(best, axis=axis, keepdims=True)
    if initial is not None:  # which may be the extremum itself
        many = np.maximum(many, 1)
    return best * (restore_axes(g, a_shape, axis, keepdims) / many)


def attained(a, out, axis, keepdims):
    return a == restore_axes(out, a.shape, axis, keepdims)


def attained_or_nan(a, out, axis, keepdims):
    """In a row of NaN alone all entries share."""
    out = restore_axes(out, a.shape, axis, keepdims)
    return (a == out) | np.isnan(out)


def degrees(a_shape, axis, keepdims, where, ddof, correction):
    """The divisor of a variance; 0 where the correction leaves no degree of freedom."""
    many = number(a_shape, axis, keepdims, where) - (ddof if correction is None else correction)
    return max(many, 0) if where is True else np.maximum(many, 0)


def moments(function):
    """A variance or deviation of an operand and static arguments by position."""
    return lambda a, axis, dtype, ddof, keepdims, where, mean, correction: function(
        a, axis=axis, ddof=ddof if correction is None else correction, keepdims=keepdims,
        **given(dtype=dtype, where=where, mean=mean)
    )  # fmt: skip


def moment_args(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True,
                mean=None, correction=None, **named):  # fmt: skip
    """With a mean of the user's, the moments of the differences from it, whose mean counts as 0."""
    if ddof and correction is not None:
        raise ValueError("var, std: ddof and correction are two names for one thing; give one")
    if mean is not None:
        a, mean = a - mean, 0.0
    named = named if out is None else dict(named, out=out)
    return (a, axis, dtype, ddof, keepdims, where, mean, correction), named


def deviations(a, axis, where, mean):
    """What an entry differs from the mean by; 0 for one that is left out."""
    if mean is None:
        mean = np.mean(a, axis=axis, keepdims=True, **given(where=where))
    return conj(chosen(a - mean, where))


def variance_vjp(g, a, axis, ddof, keepdims, where, mean, correction):
    freedom = degrees(a.shape, axis, keepdims, where, ddof, correction)
    return spread(2 * g / freedom, a.shape, axis, keepdims) * deviations(a, axis, where, mean)


# fmt: off
rule(np.sum,  "a", static=SUMMED, forward=reducer(np.sum, np.add.reduce),
              a=lambda g, a_shape, axis, keepdims, where: chosen(spread(g, a_shape, axis, keepdims), where))
rule(np.mean, "a", static=AVERAGED, forward=mean_array,
                   a=lambda g, a_shape, axis, keepdims, where: chosen(
                       spread(g / number(a_shape, axis, keepdims, where), a_shape, axis, keepdims), where))
rule(np.prod, "a", static=SUMMED, forward=reducer(np.prod, np.multiply.reduce), a=product_vjp)
rule(np.var,  "a", static=VARIED, prepare=moment_args, forward=moments(np.var), a=variance_vjp)
rule(np.std,  "a", static=VARIED, prepare=moment_args, forward=moments(np.std),
                   a=lambda g, a, out, axis, ddof, keepdims, where, mean, correction: variance_vjp(
                       g / (2 * nonzero(out)), a, axis, ddof, keepdims, where, mean, correction))
for extremum, alias in {np.max: np.amax, np.min: np.amin, np.nanmax: None, np.nanmin: None}.items():
    rule(extremum, "a", static=EXTREME, forward=extreme(extremum), also=[alias] if alias not in (None, extremum) else [],
                   keep=dict(best=attained if alias else attained_or_nan),
                   a=shared)
# fmt: on


@derived(np.ptp)
def ptp(a, axis=None, out=None, keepdims=False):
    top, bottom = (f(a, axis=axis, out=out, keepdims=keepdims) for f in (np.max, np.min))
    return top - bottom


def weights_for(weights, a, axis, name):
    """Weights as an array that broadcasts to `a`; they may have the reduced axes alone."""
    if np.shape(weights) == np.shape(a):
        return weights
    if axis is None:
        raise TypeError(f"{name}: weights of another shape than a need axis=")
    ndim = np.ndim(a)
    axes = [axis_of(k, ndim) for k in (axis if isinstance(axis, tuple) else (axis,))]
    if np.shape(weights) != tuple(np.shape(a)[k] for k in axes):
        raise ValueError(f"{name}: weights must have the shape of a, or of its axes `axis`")
    weights = np.transpose(weights, np.argsort(axes).tolist())
    return np.expand_dims(weights, tuple(k for k in range(ndim) if k not in axes))


@derived(np.average)
def average(a, axis=None, weights=None, returned=False, *, keepdims=False):
    if weights is None:
        result = np.mean(a, axis=axis, keepdims=keepdims)
        scale = np.full(result.shape, count(a.shape, axis), result.dtype)
        return (result, scale) if returned else result
    weights = weights_for(weights, a, axis, "average")
    whole = np.broadcast_to(weights, np.shape(a))
    scale = np.sum(whole, axis=axis, keepdims=keepdims)
    if not is_other_kind(plain(scale)) and np.any(scale == 0):  # a lazy one stays lazy
        raise ZeroDivisionError("average: the weights sum to zero")
    result = np.sum(a * weights, axis=axis, keepdims=keepdims) / scale
    return (result, astype(scale, result.dtype)) if returned else result


def ignoring_nan(function):
    """`function` of the entries that are numbers; the others get the gradient 0."""

    def call(a, axis=None, *args, where=True, **named):
        return function(a, axis, *args, where=np.logical_not(np.isnan(a)) & where, **named)

    return call


def with_freedom(function):
    """NaN, where np.var is infinite: no degree of freedom is left."""
    moment = ignoring_nan(function)

    def call(a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, **named):
        result = moment(a, axis, dtype, out, ddof, keepdims, where=where, **named)
        many = np.sum(np.logical_not(np.isnan(a)) & where, axis=axis, keepdims=keepdims)
        few = many <= (named.get("correction") or ddof)
        return np.where(few, np.nan, result) if is_other_kind(plain(few)) or np.any(few) else result

    return call


for with_nan, function in {np.nansum: np.sum, np.nanprod: np.prod, np.nanmean: np.mean}.items():
    derived(with_nan, ignoring_nan(function))
derived(np.nanvar, with_freedom(np.var))
derived(np.nanstd, with_freedom(np.std))

constant(
    np.any,
    np.all,
    np.nonzero,
    np.argwhere,
    np.flatnonzero,
    np.count_nonzero,
    why="its result is boolean or integer",
)
