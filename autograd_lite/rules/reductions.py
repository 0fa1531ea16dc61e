"""Reductions and cumulative sums. Ties of a maximum or minimum share its gradient equally."""

import numpy as np

from autograd_lite.registry import constant, derived, rule
from autograd_lite.shapes import axes_of, count, restore_axes, spread

SUMMED = dict(axis=None, dtype=None, keepdims=False)
VARIED = dict(axis=None, dtype=None, ddof=0, keepdims=False, correction=None)


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


def product_vjp(g, a, axis, keepdims):
    """Each entry's factor is the product of the others, which division would spoil at zeros."""
    axes = axes_of(axis, a.ndim)
    last = tuple(range(a.ndim - len(axes), a.ndim))
    moved = np.moveaxis(a, axes, last)
    flat = np.reshape(moved, (*moved.shape[: a.ndim - len(axes)], count(a.shape, axis)))
    others = np.moveaxis(np.reshape(leave_one_out(flat, -1), moved.shape), last, axes)
    return spread(g, a.shape, axis, keepdims) * others


def cumsum_vjp(g, a_shape, axis):
    if axis is None:
        return np.reshape(np.flip(np.cumsum(np.flip(g))), a_shape)
    return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)


def shared(g, best, a_shape, axis, keepdims):
    """Divide the gradient of an extremum equally among the entries that attain it."""
    number = np.sum(best, axis=axis, keepdims=True)
    return best * (restore_axes(g, a_shape, axis, keepdims) / number)


def attained(a, out, axis, keepdims):
    return a == restore_axes(out, a.shape, axis, keepdims)


def degrees(a_shape, axis, ddof, correction):
    return max(count(a_shape, axis) - (ddof if correction is None else correction), 0)


# fmt: off
rule(np.sum,  "a", static=SUMMED, a=lambda g, a_shape, axis, keepdims: spread(g, a_shape, axis, keepdims))
rule(np.mean, "a", static=SUMMED, a=lambda g, a_shape, axis, keepdims: spread(g / count(a_shape, axis), a_shape, axis, keepdims))
rule(np.prod, "a", static=SUMMED, a=product_vjp)
rule(np.var,  "a", static=VARIED, forward=lambda a, axis, dtype, ddof, keepdims, correction: np.var(
                       a, axis=axis, dtype=dtype, ddof=ddof if correction is None else correction, keepdims=keepdims),
                   a=lambda g, a, axis, ddof, keepdims, correction: spread(
                       2 * g / degrees(a.shape, axis, ddof, correction), a.shape, axis, keepdims)
                       * (a - np.mean(a, axis=axis, keepdims=True)))
for extremum, alias in ((np.max, np.amax), (np.min, np.amin)):
    rule(extremum, "a", static=dict(axis=None, keepdims=False), also=[] if alias is extremum else [alias],
                   keep=dict(best=lambda a, out, axis, keepdims: attained(a, out, axis, keepdims)),
                   a=lambda g, best, a_shape, axis, keepdims: shared(g, best, a_shape, axis, keepdims))
rule(np.cumsum, "a", static=dict(axis=None, dtype=None), a=cumsum_vjp)
# fmt: on


@derived(np.std)
def std(a, axis=None, dtype=None, *, ddof=0, keepdims=False, correction=None):
    return np.sqrt(
        np.var(a, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims, correction=correction)
    )


constant(
    np.argmax,
    np.argmin,
    np.argsort,
    np.any,
    np.all,
    np.nonzero,
    np.argwhere,
    np.flatnonzero,
    np.count_nonzero,
    np.searchsorted,
    np.lexsort,
    np.argpartition,
    np.nanargmax,
    np.nanargmin,
    why="its result is boolean or integer",
)
