"""Shape changes: each is linear, so its rule is the change back and keeps no array."""

import math
from collections.abc import Callable

import numpy as np

from autograd_lite.errors import NoRuleError, ShapeError
from autograd_lite.registry import derived, rule
from autograd_lite.rules.indexing import zeros
from autograd_lite.rules.products import transposed
from autograd_lite.shapes import axis_of, inverse_permutation


def reshaped(a, shape, order="C", copy=None):
    """np.reshape with the options that are not NumPy's own defaults; `copy` is of NumPy 2.1."""
    if not isinstance(a, np.ndarray) and np.ndim(shape) == 0:
        shape = (shape,)  # others take no number here
    options = {} if order == "C" else dict(order=order)
    return np.reshape(a, shape, **(options if copy is None else options | dict(copy=copy)))


def reshaped_back(g, shape, order):
    """The change back; column-major order is row-major order of the transposed arrays."""
    if order == "C":
        return np.reshape(g, shape)
    return np.transpose(np.reshape(np.transpose(g), shape[::-1]))


def shape_args(a, *shape, order="C", copy=None, **named):
    """`reshape(2, 3)` as a method, `np.reshape(a, (2, 3))`, and both keyword spellings."""
    if len(shape) == 2 and isinstance(shape[1], str):  # np.reshape(a, 6, "F")
        *shape, order = shape
    shape = named.pop("shape", named.pop("newshape", shape))
    if isinstance(shape, (tuple, list)) and len(shape) == 1:
        shape = shape[0]
    return (a, shape, memory_order(a, order, "reshape"), copy), named


def ravel_args(a, order="C", **named):
    return (a, memory_order(a, order, "ravel")), named


def memory_order(a, order, name):
    """`order` as C or F; the orders A and K ask how the array lies in memory."""
    if order in ("C", "F"):
        return order
    flags = getattr(a, "flags", None) or getattr(getattr(a, "data", None), "flags", None)
    if order not in ("A", "K") or flags is None:
        raise NoRuleError(f"{name}: order {order!r} is not supported; use 'C' or 'F'")
    if flags.c_contiguous or (order == "A" and not flags.f_contiguous):
        return "C"
    if not flags.f_contiguous:
        raise NoRuleError(f"{name}: order 'K' of a strided array; use 'C' or 'F'")
    return "F"


def axes_args(a, *axes, **named):
    axes = named.pop("axes", axes or None)
    if axes is not None and len(axes) == 1 and not isinstance(axes[0], (int, np.integer)):
        axes = axes[0]
    return (a, None if axes is None else tuple(axes)), named


def on_diagonal_array(a, shape, offset=0, axis1=0, axis2=1):
    if not isinstance(a, np.ndarray):  # some take one list of places only, and no assignment
        rows, columns = shape[axis1], shape[axis2]
        before = -min(offset, 0)
        after = rows - before - a.shape[-1]
        column = np.expand_dims(np.pad(a, [(0, 0)] * (a.ndim - 1) + [(before, after)]), -1)
        inside = np.eye(rows, columns, offset, dtype=bool)
        out = np.where(inside, column, np.zeros_like(column))
        return np.moveaxis(out, (-2, -1), (axis1, axis2))
    out = zeros(a, shape)
    i = np.arange(a.shape[-1])
    places = (..., i - min(offset, 0), i + max(offset, 0))
    np.moveaxis(out, (axis1, axis2), (-2, -1))[places] = a
    return out


# fmt: off
DIAGONAL = dict(offset=0, axis1=0, axis2=1)
rule(np.reshape,    "a", static=dict(shape=None, order="C", copy=None), forward=reshaped, prepare=shape_args,
                         a=lambda g, a_shape, order: reshaped_back(g, a_shape, order))
rule(np.ravel,      "a", static=dict(order="C"), prepare=ravel_args,
                         forward=lambda a, order: np.ravel(a) if order == "C" else np.ravel(a, order),
                         a=lambda g, a_shape, order: reshaped_back(g, a_shape, order))
rule(np.transpose,  "a", static=dict(axes=None), prepare=axes_args,
                         a=lambda g, axes: np.transpose(g, inverse_permutation(axes)))
rule(np.matrix_transpose, "x", forward=lambda a: np.swapaxes(a, -1, -2), x=lambda g: transposed(g))
rule(np.swapaxes,   "a", static=dict(axis1=0, axis2=1), a=lambda g, axis1, axis2: np.swapaxes(g, axis1, axis2))
rule(np.moveaxis,   "a", static=dict(source=0, destination=0),
                         a=lambda g, source, destination: np.moveaxis(g, destination, source))
rule(np.expand_dims, "a", static=dict(axis=0), a=lambda g, a_shape: np.reshape(g, a_shape))
rule(np.squeeze,    "a", static=dict(axis=None), a=lambda g, a_shape: np.reshape(g, a_shape))
# the engine sums a gradient to the shape of its edge, which is the transpose of broadcasting
rule(np.broadcast_to, "array", static=dict(shape=()), forward=lambda a, shape: np.broadcast_to(a, shape), array=lambda g: g)
rule(np.flip,       "m", static=dict(axis=None), m=lambda g, axis: np.flip(g, axis))
rule(np.roll,       "a", static=dict(shift=0, axis=None),
                         a=lambda g, shift, axis: np.roll(g, np.negative(shift), axis))
rule(np.triu,       "m", static=dict(k=0), m=lambda g, k: np.triu(g, k))
rule(np.tril,       "m", static=dict(k=0), m=lambda g, k: np.tril(g, k))
rule(np.diagonal,   "a", static=DIAGONAL,
                         a=lambda g, a_shape, offset, axis1, axis2: on_diagonal(g, a_shape, offset=offset, axis1=axis1, axis2=axis2))
on_diagonal: Callable = rule(on_diagonal_array, "a", name="on_diagonal", static=dict(shape=(), **DIAGONAL),
                         a=lambda g, offset, axis1, axis2: np.diagonal(g, offset=offset, axis1=axis1, axis2=axis2))
# fmt: on


@derived(np.rollaxis)
def rollaxis(a, axis, start=0):
    axis, start = axis_of(axis, a.ndim), start + a.ndim if start < 0 else start
    if not 0 <= start <= a.ndim:
        raise np.exceptions.AxisError(start, a.ndim)
    return np.moveaxis(a, axis, start - (axis < start))


@derived(np.broadcast_arrays)
def broadcast_arrays(*args, subok=False):
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(np.broadcast_to(x, shape) for x in args)


def each(change):
    """A function of one array or of several, as np.atleast_1d is."""

    def call(*arrays):
        changed = tuple(map(change, arrays))
        return changed[0] if len(arrays) == 1 else changed

    return call


def row(a):
    return np.reshape(a, (1, -1)) if np.ndim(a) < 2 else a


def layer(a):
    a = np.reshape(a, (1, -1)) if np.ndim(a) < 2 else a
    return np.expand_dims(a, -1) if np.ndim(a) == 2 else a


derived(np.atleast_1d, each(lambda a: np.reshape(a, (1,)) if np.ndim(a) == 0 else a))
derived(np.atleast_2d, each(row))
derived(np.atleast_3d, each(layer))


@derived(np.fliplr)
def fliplr(m):
    if m.ndim < 2:
        raise ShapeError(f"fliplr: shape {m.shape}; two or more axes are needed")
    return np.flip(m, 1)


@derived(np.flipud)
def flipud(m):
    return np.flip(m, 0)


@derived(np.rot90)
def rot90(m, k=1, axes=(0, 1)):
    first, second = (axis_of(i, m.ndim) for i in axes)
    if len(axes) != 2 or first == second:
        raise ValueError(f"rot90: axes {axes} of {m.ndim}; two different ones are needed")
    if k % 4 == 2:
        return np.flip(m, (first, second))
    if k % 4 == 1:
        return np.swapaxes(np.flip(m, second), first, second)
    return np.flip(np.swapaxes(m, first, second), second) if k % 4 else m


@derived(np.resize)
def resize(a, new_shape):
    """The entries again and again until the new shape is full; zeros if there are none."""
    new_shape = (new_shape,) if np.ndim(new_shape) == 0 else tuple(new_shape)
    if min(new_shape, default=0) < 0:
        raise ValueError(f"resize: shape {new_shape}; lengths are not negative")
    size = math.prod(new_shape)
    if a.size == 0:
        return np.reshape(np.pad(np.ravel(a), (0, size)), new_shape)
    copies = np.tile(np.ravel(a), -(-size // a.size))
    return np.reshape(copies[:size], new_shape)


@derived(np.diag)
def diag(v, k=0):
    if v.ndim == 2:
        return np.diagonal(v, k)
    if v.ndim != 1:
        raise ShapeError(f"diag: shape {v.shape}; one or two axes are needed")
    n = v.size + abs(k)
    return on_diagonal(v, (n, n), k)


@derived(np.diagflat)
def diagflat(v, k=0):
    return np.diag(np.ravel(v), k)


@derived(np.trace)
def trace(a, offset=0, axis1=0, axis2=1, dtype=None):
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)
