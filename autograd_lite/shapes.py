"""Shape arithmetic that rules and the engine share.

Everything here is written with `np.…` functions and operators, so it runs on arrays, on Tensors
(recording itself) and on symbols (printing itself).
"""

import functools
import math
import operator

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_lite.errors import RuleError


def axes_of(axis, ndim):
    """The reduced axes as a sorted tuple of non-negative integers; None means all of them."""
    if axis is None or not ndim:  # of a number NumPy reduces the axes 0 and -1 as well
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple) else (axis,)
    return tuple(sorted(a + ndim if a < 0 else a for a in axes))


def axis_of(axis, ndim):
    """One axis as a non-negative integer; raises AxisError if there is none of that number."""
    return normalize_axis_index(operator.index(axis), ndim)


def spread(g, shape, axis, keepdims):
    """Undo a reduction: give every summed entry the gradient `g` of its sum, as a view."""
    if (type(g) is np.ndarray or isinstance(g, np.generic)) and not g.ndim:
        view = np.ndarray(shape, g.dtype, g, 0, (0,) * len(shape))
        view.flags.writeable = False
        return view  # in a fifth of the time of np.broadcast_to
    return np.broadcast_to(restore_axes(g, shape, axis, keepdims), shape)


def restore_axes(g, shape, axis, keepdims):
    """Put the reduced axes of an array of shape `shape` back as axes of length one."""
    if keepdims or g.ndim in (0, len(shape)):  # a number broadcasts as it is
        return g
    return np.expand_dims(g, axes_of(axis, len(shape)))


def count(shape, axis):
    """How many entries each result of a reduction over `axis` combines."""
    return math.prod(shape[a] for a in axes_of(axis, len(shape)))


def unbroadcast(c, shape):
    """Sum `c` to `shape`: the transpose of broadcasting from `shape` to `c.shape`."""
    extra = c.ndim - len(shape)
    if extra > 0 and c.shape[extra:] == shape:
        return sum_leading(c, extra)
    if extra < 0 or any(s not in (1, n) for s, n in zip(shape, c.shape[extra:], strict=True)):
        raise RuleError(f"a rule returned shape {c.shape} for an input of shape {shape}")
    stretched = (n for n, s in enumerate(shape, extra) if s == 1 and c.shape[n] != 1)
    c = np.sum(c, axis=(*range(extra), *stretched), keepdims=True)
    return np.reshape(c, shape) if extra else c


@functools.lru_cache(maxsize=8)
def ones(n, dtype):
    return np.ones(n, dtype)


def sum_leading(c, extra):
    """Sum over the first `extra` axes."""
    if type(c) is np.ndarray and c.dtype.char in "fd" and c.size and c.ndim > extra:
        # a product with ones streams a tall, narrow array once; NumPy's sum over axis 0 takes ten
        # times as long on (57344, 16), and no other case was seen to lose
        rows = c if c.ndim == 2 else c.reshape(-1, math.prod(c.shape[extra:]))
        total = ones(len(rows), c.dtype) @ rows
        return total if c.ndim == extra + 1 else total.reshape(c.shape[extra:])
    return np.sum(c, axis=tuple(range(extra)) if extra > 1 else 0)


def inverse_permutation(axes):
    """The axes that undo `transpose(axes)`; None, which reverses, undoes itself."""
    if axes is None:
        return None
    order = [0] * len(axes)
    for place, axis in enumerate(axes):
        order[axis] = place
    return tuple(order)
