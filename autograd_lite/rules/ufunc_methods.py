"""Methods of ufuncs: `outer` of every ruled one of two operands, `accumulate`, `reduce`, `reduceat`.

np.matvec and np.vecmat, which are ufuncs too, are the products they stand for.
"""

import functools
import math

import numpy as np

from autograd_lite.errors import NoRuleError
from autograd_lite.operands import plain
from autograd_lite.registry import RULES, constant, derived, rule
from autograd_lite.rules.elementwise import LN2, exp_difference
from autograd_lite.rules.indexing import getitem
from autograd_lite.rules.reductions import chosen, given
from autograd_lite.rules.running import accumulated
from autograd_lite.shapes import axis_of, restore_axes


def reduction(function):
    """The function's form as a method: over the first axis by default."""

    def call(array, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True):
        options = given(dtype=dtype, out=out, initial=initial, where=where)
        axis = None if np.ndim(array) == 0 else axis
        return function(array, axis=axis, keepdims=keepdims, **options)

    return call


def log_sum_vjp(g, a, out, ufunc, axis, keepdims, where):
    """The gradient of log Σ exp(a) is softmax(a); 0 for entries −∞."""
    unit = LN2 if ufunc is np.logaddexp2 else 1.0
    out, g = (restore_axes(x, a.shape, axis, keepdims) for x in (out, g))
    return g * exp_difference(unit * chosen(a, where, -math.inf), unit * out)


log_sum = rule(
    lambda a, ufunc=np.logaddexp, axis=0, keepdims=False, initial=None, where=True: ufunc.reduce(
        a, axis=axis, keepdims=keepdims, **given(initial=initial, where=where)
    ),
    "a", name="log_sum", a=log_sum_vjp,
    static=dict(ufunc=np.logaddexp, axis=0, keepdims=False, initial=None, where=True),
)  # fmt: skip


def chained(ufunc):
    """The last entry of an accumulation, axis by axis."""

    def call(array, axis=0, keepdims=False, **options):
        if options:
            raise NoRuleError(f"{ufunc.__name__}.reduce: {', '.join(options)} is not supported with "
                              "Tensors; supported are axis, keepdims")  # fmt: skip
        axes = range(array.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        for k in sorted((axis_of(k, array.ndim) for k in axes if array.ndim), reverse=True):
            if not array.shape[k]:
                raise ValueError(f"{ufunc.__name__}.reduce: axis {k} has no entries")
            last = (slice(None),) * k + (slice(-1, None) if keepdims else -1,)
            array = getitem(accumulated(array, ufunc, k), last)
        return array

    return call


def running(ufunc, function):
    """np.cumsum and np.cumprod as methods: over the first axis by default."""

    def call(array, axis=0, dtype=None, out=None):
        check_axis(ufunc, array)
        return function(array, axis=axis, dtype=dtype, out=out)

    return call


def check_axis(ufunc, array):
    if not np.ndim(array):
        raise TypeError(f"{ufunc.__name__}.accumulate: a number has no axis to run along")


def accumulation(ufunc):
    def call(array, axis=0, dtype=None, out=None):
        check_axis(ufunc, array)
        if dtype is not None or out is not None:
            raise NoRuleError(f"{ufunc.__name__}.accumulate: dtype= and out= are not supported with "
                              "Tensors; convert by t.astype")  # fmt: skip
        return accumulated(array, ufunc, axis)

    return call


def segments(ufunc, reduce):
    """reduceat: segments of about the same length, padded to the longest, as rows to reduce."""
    neutral = {np.maximum: -math.inf, np.minimum: math.inf}.get(ufunc)

    def call(array, indices, axis=0, dtype=None, out=None):
        starts, n = np.asarray(plain(indices)), np.shape(array)[axis]
        starts = starts if starts.size else starts.astype(int)
        if np.any((starts < 0) | (starts >= n)):
            raise IndexError(f"{ufunc.__name__}.reduceat: an index is not in 0 … {n - 1}")
        stops = np.maximum(np.append(starts[1:], n)[: starts.size], starts + 1)
        array, options = np.moveaxis(array, axis, 0), given(dtype=dtype, out=out, initial=neutral)
        groups = by_length(stops - starts)
        reduced = []
        for group in groups:
            rows, inside = padded_rows(array, starts[group], stops[group])
            reduced.append(reduce(rows, axis=1, where=inside, **options))
        result = np.concatenate(reduced) if len(groups) > 1 else reduced[0]
        if len(groups) > 1:
            result = getitem(result, np.argsort(np.concatenate(groups)))
        return np.moveaxis(result, 0, axis)

    return call


def by_length(lengths):
    """Places of segments of like length, if padding all of them to the longest is too much."""
    if lengths.size * lengths.max(initial=0) <= 4 * lengths.sum():
        return [np.arange(lengths.size)]
    size = np.frexp(lengths)[1]
    return [np.flatnonzero(size == s) for s in np.unique(size)]


def padded_rows(array, starts, stops):
    """Segments along the first axis as rows of one length, and which entries are their own."""
    places = starts[:, None] + np.arange(max(stops - starts, default=1))
    inside = places < stops[:, None]
    rows = getitem(array, np.where(inside, places, starts[:, None]))
    return rows, np.reshape(inside, inside.shape + (1,) * (rows.ndim - 2))


def outer(ufunc):
    def call(a, b, **named):
        a = np.reshape(a, np.shape(a) + (1,) * np.ndim(b)) if np.ndim(b) else a
        return ufunc(a, b, **named)

    return call


for ufunc in [f for f in RULES if isinstance(f, np.ufunc) and f.nin == 2 and f.signature is None]:
    derived((ufunc, "outer"), outer(ufunc))

REDUCTIONS = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min,
              np.logaddexp: functools.partial(log_sum, ufunc=np.logaddexp),
              np.logaddexp2: functools.partial(log_sum, ufunc=np.logaddexp2)}  # fmt: skip
WITHOUT_SEGMENTS = {np.fmax: np.nanmax, np.fmin: np.nanmin, np.hypot: chained(np.hypot)}
for ufunc, function in (REDUCTIONS | WITHOUT_SEGMENTS).items():
    derived((ufunc, "reduce"), reduction(function))
    derived((ufunc, "accumulate"), accumulation(ufunc))
for ufunc, function in REDUCTIONS.items():
    derived((ufunc, "reduceat"), segments(ufunc, function))
for ufunc, function in {np.add: np.cumsum, np.multiply: np.cumprod}.items():
    derived((ufunc, "accumulate"), running(ufunc, function))


COMPARED = (np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal)
LOGICAL = (np.logical_and, np.logical_or, np.logical_xor)
constant(*((f, "outer") for f in (*COMPARED, *LOGICAL, np.floor_divide)),
         *((f, how) for f in LOGICAL for how in ("reduce", "accumulate", "reduceat")),
         why="its result is boolean or integer")  # fmt: skip


def matvec(x1, x2):
    return getitem(np.matmul(x1, np.expand_dims(x2, -1)), (..., 0))


def vecmat(x1, x2):
    """The first operand is conjugated, as in np.vecdot."""
    return getitem(np.matmul(np.expand_dims(np.conjugate(x1), -2), x2), (..., 0, slice(None)))


if hasattr(np, "matvec"):  # since NumPy 2.2
    derived(np.matvec, matvec)
    derived(np.vecmat, vecmat)
