"""Selecting entries by place, condition or value: all of it is indexing."""

import numpy as np

from autograd_lite.errors import NoRuleError, ShapeError
from autograd_lite.operands import frozen, plain, tracked
from autograd_lite.registry import derived
from autograd_lite.rules.casting import as_array
from autograd_lite.rules.indexing import along, getitem
from autograd_lite.shapes import axis_of


def places_of(indices, n, mode="raise"):
    """Integer places on an axis of length n; what is out of range is clipped, wrapped or raises."""
    if tracked(indices):
        raise NoRuleError("take: the indices are tracked; they have no derivative, detach them")
    indices = as_array(frozen(indices))
    if indices.size == 0 or indices.dtype.kind == "b":  # here False and True are places
        indices = indices.astype(int)
    if mode == "clip":
        indices = np.clip(indices, 0, n - 1)
    elif mode == "wrap":
        indices = indices % n
    elif mode != "raise":
        raise ValueError(f"mode {mode!r}; use 'raise', 'wrap' or 'clip'")
    return int(indices) if indices.ndim == 0 and isinstance(indices, np.ndarray) else indices


@derived(np.take)
def take(a, indices, axis=None, *, mode="raise"):
    if axis is None:
        a, axis = np.ravel(a), 0
    axis = axis_of(axis, a.ndim)
    return getitem(a, along(axis, places_of(indices, a.shape[axis], mode)))


@derived(np.take_along_axis)
def take_along_axis(arr, indices, axis=-1):
    indices = frozen(indices)
    if axis is None:
        return getitem(np.ravel(arr), indices)
    axis = axis_of(axis, arr.ndim)
    if np.ndim(indices) != arr.ndim:
        raise ShapeError(f"take_along_axis: indices of shape {np.shape(indices)} for {arr.shape}; "
                         "as many axes are needed")  # fmt: skip
    index = [np.reshape(np.arange(n), (-1,) + (1,) * (arr.ndim - k - 1))
             for k, n in enumerate(arr.shape)]  # fmt: skip
    index[axis] = indices
    return getitem(arr, tuple(index))


@derived(np.compress)
def compress(condition, a, axis=None):
    if axis is None:
        a, axis = np.ravel(a), 0
    axis, condition = axis_of(axis, a.ndim), np.asarray(plain(condition)).astype(bool)
    if condition.ndim != 1:
        raise ShapeError(f"compress: a condition of shape {condition.shape}; use t[condition]")
    missing = a.shape[axis] - condition.size
    if missing < 0:  # NumPy lets a longer condition be false there
        return getitem(a, along(axis, np.flatnonzero(condition)))
    return getitem(a, along(axis, np.pad(condition, (0, missing))))


@derived(np.extract)
def extract(condition, arr):
    return np.compress(np.ravel(plain(condition)), np.ravel(arr))


@derived(np.select)
def select(condlist, choicelist, default=0):
    """The choice of the first condition that holds, else the default."""
    if len(condlist) != len(choicelist) or not condlist:
        raise ValueError(f"select: {len(condlist)} conditions for {len(choicelist)} choices")
    result = default
    for condition, choice in reversed(list(zip(condlist, choicelist, strict=True))):
        condition = as_array(condition)
        if condition.dtype.kind != "b":
            raise TypeError("select: conditions must be boolean arrays")
        result = np.where(condition, choice, result)
    return result


@derived(np.choose)
def choose(a, choices, *, mode="raise"):
    a, choices = plain(a), list(choices)
    shape = np.broadcast_shapes(np.shape(a), *map(np.shape, choices))
    places = np.asarray(places_of(a, len(choices), mode))
    if places.size and not 0 <= places.min() <= places.max() < len(choices):
        raise ValueError(f"choose: an entry is not in 0 … {len(choices) - 1}; use mode='wrap' or "
                         "'clip'")  # fmt: skip
    stack = np.stack([np.broadcast_to(c, shape) for c in choices])
    return np.take_along_axis(stack, np.broadcast_to(places, (1, *shape)), 0)[0]


@derived(np.trim_zeros)
def trim_zeros(filt, trim="fb", axis=None):
    """Which entries are zero is read off once; the rest keeps its gradient."""
    data, front, back = plain(filt), "f" in trim.lower(), "b" in trim.lower()
    for k in (
        range(data.ndim) if axis is None else [axis_of(k, data.ndim) for k in np.atleast_1d(axis)]
    ):
        others = tuple(i for i in range(data.ndim) if i != k)
        found = np.any(data != 0, axis=others)
        if front:
            filt = getitem(filt, along(int(k), begun(found)))
            found = found[begun(found)]
        if back:
            filt = getitem(filt, along(int(k), np.flip(begun(np.flip(found)))))
    return filt


def begun(found):
    """True from the first true entry on."""
    return np.logical_or.accumulate(found)


@derived(np.unique)
def unique(ar, return_index=False, return_inverse=False, return_counts=False, axis=None, *,
           equal_nan=True, **options):  # fmt: skip
    """The gradient of a value that occurs more than once goes to its first occurrence."""
    asked = dict(return_inverse=return_inverse, return_counts=return_counts, axis=axis)
    options = dict(equal_nan=equal_nan, **options)
    _, first, *rest = np.unique(ar.detach(), return_index=True, **asked, **options)
    flat, axis = (np.ravel(ar), 0) if axis is None else (ar, axis_of(axis, ar.ndim))
    values = getitem(flat, along(axis, plain(first)))
    rest = [first, *rest] if return_index else rest
    return (values, *rest) if rest else values


def first_places(x, values):
    """Where each of the values first occurs in x, flattened."""
    known, first = np.unique(np.ravel(plain(x)), return_index=True, equal_nan=False)
    return first[np.searchsorted(known, plain(values))]


@derived(np.unique_values)
def unique_values(x, /):
    return getitem(np.ravel(x), first_places(x, np.unique_values(x.detach())))


def with_values(function):
    """A function that returns a named tuple with unique values, which are tracked here."""

    def call(x, /):
        found = function(x.detach())
        return found._replace(values=getitem(np.ravel(x), first_places(x, found.values)))

    return derived(function, call)


for function in (np.unique_all, np.unique_counts, np.unique_inverse):
    with_values(function)


@derived(np.union1d)
def union1d(ar1, ar2):
    return np.unique(np.concatenate((ar1, ar2), axis=None))


@derived(np.setdiff1d)
def setdiff1d(ar1, ar2, assume_unique=False):
    if not hasattr(ar1, "detach"):  # ar2 alone is tracked, and gives no values
        return np.setdiff1d(plain(ar1), plain(ar2), assume_unique)
    ar1 = np.ravel(ar1) if assume_unique else np.unique(ar1)
    return getitem(ar1, np.isin(plain(ar1), plain(ar2), invert=True))


@derived(np.intersect1d)
def intersect1d(ar1, ar2, assume_unique=False, return_indices=False):
    """The values are taken from the first array."""
    found = np.intersect1d(plain(ar1), plain(ar2), assume_unique, return_indices=True)
    values = getitem(np.ravel(ar1), found[1])
    return (values, *found[1:]) if return_indices else values


@derived(np.setxor1d)
def setxor1d(ar1, ar2, assume_unique=False):
    each = (ar1, ar2) if assume_unique else (np.unique(ar1), np.unique(ar2))
    both = np.concatenate(each, axis=None)
    _, first, counts = np.unique(plain(both), return_index=True, return_counts=True)
    return getitem(both, first[counts == 1])


@derived(np.lib.stride_tricks.sliding_window_view)
def sliding_window_view(x, window_shape, axis=None, *, subok=False, writeable=False):
    """Copies of the entries, where NumPy makes a view."""
    sizes = tuple(np.atleast_1d(window_shape).tolist())
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis).tolist()
    if len(sizes) != len(axes) or min(sizes, default=0) < 0:
        raise ValueError(f"sliding_window_view: windows {sizes} for the axes {tuple(axes)}")
    ndim = x.ndim
    for size, axis in zip(sizes, axes, strict=True):
        axis = axis_of(axis, ndim)
        count = x.shape[axis] - size + 1
        if count < 1:
            raise ValueError(f"sliding_window_view: a window of {size} on axis {axis} of {x.shape}")
        windows = np.arange(count)[:, None] + np.arange(size)
        x = np.moveaxis(getitem(x, along(axis, windows)), axis + 1, -1)
    return x


@derived(np.apply_along_axis)
def apply_along_axis(func1d, axis, arr, *args, **kwargs):
    """`func1d` is called once for every vector along `axis`, with a Tensor."""
    axis = axis_of(axis, arr.ndim)
    moved = np.moveaxis(arr, axis, -1)
    vectors = np.reshape(moved, (-1, arr.shape[axis])) if arr.size else ()
    if len(vectors) == 0:
        raise ValueError("apply_along_axis: there is no vector to apply the function to")
    results = np.stack([func1d(v, *args, **kwargs) for v in vectors])
    inner = results.shape[1:]
    results = np.reshape(results, (*moved.shape[:-1], *inner))
    return np.moveaxis(results, range(arr.ndim - 1, results.ndim), range(axis, axis + len(inner)))


@derived(np.apply_over_axes)
def apply_over_axes(func, a, axes):
    """`func(a, axis)` for one axis after the other; reduced axes are kept with length one."""
    for axis in np.atleast_1d(axes):
        axis = axis_of(axis, a.ndim)
        result = func(a, axis)
        a = result if result.ndim == a.ndim else np.expand_dims(result, axis)
    return a
