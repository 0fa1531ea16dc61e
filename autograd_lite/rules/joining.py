"""Joining, splitting and repeating arrays."""

import math

import numpy as np

from autograd_lite.errors import ShapeError
from autograd_lite.operands import plain
from autograd_lite.registry import derived, rule
from autograd_lite.rules.indexing import along, getitem
from autograd_lite.shapes import axis_of

JOINED = dict(axis=0, dtype=None, casting="same_kind")


def offsets(shapes, axis):
    """Where to cut a concatenation along `axis` to get its parts back."""
    lengths = [math.prod(s) if axis is None else s[axis] for s in shapes]
    return np.cumsum(lengths)[:-1].tolist()


def cutting(function):
    """np.split or np.array_split as slices where the array is not NumPy's own."""

    def parts(a, indices_or_sections, axis):
        if isinstance(a, np.ndarray):
            return function(a, indices_or_sections, axis)
        places = function(np.arange(a.shape[axis]), indices_or_sections)
        bounds = [(p[0], p[-1] + 1) if p.size else (0, 0) for p in places]
        axis = axis_of(axis, a.ndim)
        return [a[along(axis, slice(int(i), int(j)))] for i, j in bounds]

    return parts


SPLITS = {cut: cutting(cut) for cut in (np.split, np.array_split)}


def concatenate_vjp(g, arrays_shape, axis):
    split = np.split if hasattr(g, "_apply") else SPLITS[np.split]
    parts = split(g, offsets(arrays_shape, axis), axis or 0)
    return [np.reshape(p, s) for p, s in zip(parts, arrays_shape, strict=True)]


def stack_vjp(g, arrays_shape, axis):
    g = np.moveaxis(g, axis, 0)
    return [getitem(g, i) for i in range(len(arrays_shape))]


def join_parts(g, out_shape, axis):
    """The gradient of a split: the parts' gradients joined, zeros for a part that was not used."""
    like = next(p for p in g if p is not None)
    pairs = zip(g, out_shape, strict=True)
    return np.concatenate(
        [np.zeros_like(like, shape=s) if p is None else p for p, s in pairs], axis=axis
    )


# fmt: off
rule(np.concatenate, "*arrays", static=JOINED, arrays=concatenate_vjp,
     forward=lambda arrays, axis, dtype, casting: np.concatenate(arrays, axis) if dtype is None
                                        else np.concatenate(arrays, axis, dtype=dtype, casting=casting))
rule(np.stack,       "*arrays", static=JOINED, arrays=stack_vjp,
     forward=lambda arrays, axis, dtype, casting: np.stack(arrays, axis) if dtype is None
                                        else np.stack(arrays, axis, dtype=dtype, casting=casting))
for cut, parts in SPLITS.items():
    rule(cut,       "ary", static=dict(indices_or_sections=1, axis=0), forward=parts, ary=lambda g, out_shape, axis: join_parts(g, out_shape, axis))
# fmt: on


@derived(np.vstack)
def vstack(tup, **options):
    return np.concatenate([np.atleast_2d(t) for t in tup], axis=0, **options)


@derived(np.hstack)
def hstack(tup, **options):
    tup = [np.atleast_1d(t) for t in tup]
    return np.concatenate(tup, axis=0 if np.ndim(tup[0]) == 1 else 1, **options)


@derived(np.dstack)
def dstack(tup):
    return np.concatenate([np.atleast_3d(t) for t in tup], axis=2)


@derived(np.column_stack)
def column_stack(tup):
    columns = [np.reshape(t, (-1, 1)) if np.ndim(t) < 2 else t for t in tup]
    return np.concatenate(columns, axis=1)


@derived(np.block)
def block(arrays):
    """Nested lists joined from the inside: the innermost along the last axis."""
    depths, ranks = zip(*leaves(arrays), strict=True)
    if len(set(depths)) != 1:
        raise ShapeError(f"block: lists are nested {min(depths)} to {max(depths)} deep; all alike")
    return joined(arrays, depths[0], max(depths[0], *ranks))


def leaves(x, depth=0):
    """How deep each array of nested lists stands, and its number of axes."""
    if not isinstance(x, list):
        yield depth, np.ndim(x)
    elif not x:
        raise ShapeError("block: a list is empty")
    else:
        for y in x:
            yield from leaves(y, depth + 1)


def joined(x, depth, ndim):
    if isinstance(x, list):
        return np.concatenate([joined(y, depth - 1, ndim) for y in x], axis=-depth)
    missing = ndim - np.ndim(x)
    return np.reshape(x, (1,) * missing + np.shape(x)) if missing else x


@derived(np.append)
def append(arr, values, axis=None):
    return np.concatenate([arr, values] if axis is not None else [np.ravel(arr), np.ravel(values)],
                          axis=axis or 0)  # fmt: skip


@derived(np.insert)
def insert(arr, obj, values, axis=None):
    """NumPy inserts the places of the values among the places of the entries."""
    n, m = (math.prod(np.shape(x)) for x in (arr, values))
    old = np.arange(n).reshape(np.shape(arr))
    new = np.arange(n, n + m).reshape(np.shape(values))
    places = np.insert(old, plain(obj), new, axis)
    entries = [np.ravel(arr), np.ravel(values)]
    joined = np.concatenate(entries, dtype=np.result_type(arr), casting="unsafe")
    return getitem(joined, places)


@derived(np.delete)
def delete(arr, obj, axis=None):
    if axis is None:
        arr, axis = np.ravel(arr), 0
    n, axis = arr.shape[axis], axis_of(axis, arr.ndim)
    left = np.isin(np.arange(n), np.delete(np.arange(n), plain(obj)))
    return getitem(arr, along(axis, left))


def split_along(axis):
    return lambda ary, indices_or_sections: np.split(ary, indices_or_sections, axis)


derived(np.vsplit, split_along(0))
derived(np.dsplit, split_along(2))


@derived(np.hsplit)
def hsplit(ary, indices_or_sections):
    return np.split(ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


if hasattr(np, "unstack"):  # NumPy 2.1

    @derived(np.unstack)
    def unstack(x, /, *, axis=0):
        moved = np.moveaxis(x, axis, 0)
        return tuple(getitem(moved, i) for i in range(moved.shape[0]))


@derived(np.repeat)
def repeat(a, repeats, axis=None):
    if axis is None:
        a, axis = np.ravel(a), 0
    axis = axis_of(axis, max(a.ndim, 1))
    a = np.reshape(a, (1,)) if a.ndim == 0 else a
    repeats = plain(repeats)
    if np.ndim(repeats) == 0:
        before, after = a.shape[: axis + 1], a.shape[axis + 1 :]
        wide = np.broadcast_to(np.expand_dims(a, axis + 1), (*before, int(repeats), *after))
        return np.reshape(wide, (*before[:-1], before[-1] * int(repeats), *after))
    return getitem(a, along(axis, np.repeat(np.arange(a.shape[axis]), repeats)))


@derived(np.tile)
def tile(A, reps):
    reps = (reps,) if np.ndim(reps) == 0 else tuple(reps)
    a = np.reshape(A, (1,) * (len(reps) - A.ndim) + A.shape)
    reps = (1,) * (a.ndim - len(reps)) + reps
    wide = np.reshape(a, tuple(n for s in a.shape for n in (1, s)))
    pairs = list(zip(reps, a.shape, strict=True))
    wide = np.broadcast_to(wide, tuple(n for pair in pairs for n in pair))
    return np.reshape(wide, tuple(r * s for r, s in pairs))
