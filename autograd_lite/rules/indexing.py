"""Indexing of every NumPy kind, its transpose `scatter`, and assignment."""

from collections.abc import Callable

import numpy as np

from autograd_lite.errors import NoRuleError
from autograd_lite.registry import rule


def parts_of(index):
    return index if isinstance(index, tuple) else (index,)


def is_number(part):
    return isinstance(part, (int, np.integer)) and not isinstance(part, bool)


def is_basic(index):
    """Whether an index is made of integers, slices, Ellipsis and newaxis only (no copies)."""
    return all(
        p is None or p is Ellipsis or isinstance(p, slice) or is_number(p) for p in parts_of(index)
    )


def is_mask(index):
    """Whether masks stand beside slices and numbers: so no entry can be picked twice."""
    rest = [p for p in parts_of(index) if not isinstance(p, bool)]
    masks = [p for p in rest if getattr(p, "dtype", None) == np.bool_]
    return is_basic(tuple(p for p in rest if not any(p is m for m in masks))) and (
        bool(masks) or len(rest) < len(parts_of(index))
    )


def zeros(a, shape):
    """Zeros in the kind of array and dtype of `a`; np.zeros is quicker than np.zeros_like."""
    if type(a) is np.ndarray:
        return np.zeros(shape, a.dtype)
    return np.zeros_like(a, shape=shape)


def scatter_array(a, index, shape):
    out = zeros(a, shape)
    if not isinstance(a, np.ndarray) and is_basic(index):  # some assign to no new axis
        index = tuple(p for p in parts_of(index) if p is not None)
        a = np.reshape(a, out[index].shape)
    if is_basic(index) or is_mask(index):
        out[index] = a
    elif picks_rows(a, index, out):
        add_rows(out, index, a)
    elif adds_densely(a, out):
        # the same sums as np.add.at, in a fifth of its time for rows of a matrix
        places = np.arange(out.size).reshape(shape)[index]
        total = np.bincount(np.ravel(places), np.ravel(a), out.size)
        out = np.reshape(total, shape).astype(a.dtype, copy=False)
    else:
        add_at(out, index, a)
    return out


def picks_rows(a, index, out):
    """Whether an array of integers picked rows, as an embedding does."""
    return (
        type(a) is type(index) is np.ndarray
        and index.dtype.kind in "iu"
        and out.ndim > 1
        and a.size >= 8 * index.size > 0
    )


def add_rows(out, index, a):
    """Add up equal rows in one pass after sorting them: about half the time of np.add.at."""
    flat = index.ravel().astype(np.intp, copy=False) % len(out)
    order = np.argsort(flat, kind="stable")
    flat = flat[order]
    starts = np.flatnonzero(np.concatenate(([True], flat[1:] != flat[:-1])))
    out[flat[starts]] = np.add.reduceat(
        a.reshape(order.size, *out.shape[1:])[order], starts, axis=0
    )


def adds_densely(a, out):
    """Whether so much of `out` is added to that a pass over all of it costs less than a search."""
    return type(a) is np.ndarray and a.dtype.kind == "f" and out.ndim > 1 and out.size <= 8 * a.size


def add_at(out, index, a):
    """Add in place; an entry picked twice collects both."""
    try:
        np.add.at(out, index, a)
    except TypeError as error:
        if isinstance(out, np.ndarray):
            raise
        raise NoRuleError(
            f"indexing: the gradient adds up what was picked at integer places, and arrays of type "
            f"{type(out).__name__} have no np.add.at; use a mask, or a product with a matrix of "
            "zeros and ones"
        ) from error


def put_array(a, value, index):
    known = isinstance(a, np.ndarray) or not hasattr(a, "__array_function__")
    out = np.array(a) if known else np.positive(a)
    out[index] = value
    return out


def survivors(a_shape, index):
    """Where an assigned value stays: with a repeated integer index, the last one wins."""
    if is_basic(index) or is_mask(index):
        return True
    last = np.empty(a_shape, int)
    order = np.arange(last[index].size).reshape(last[index].shape)
    last[index] = order
    return last[index] == order


# fmt: off
getitem: Callable = rule(lambda a, index: a[index], "a", name="getitem", static=dict(index=...),
               a=lambda g, a_shape, index: scatter(g, index, a_shape))
scatter: Callable = rule(scatter_array, "a", name="scatter", static=dict(index=..., shape=()),
               a=lambda g, index: getitem(g, index))
put: Callable = rule(put_array, "a value", name="put", static=dict(index=...),
           keep=dict(last=lambda a, index: survivors(np.shape(a), index)),
           a=lambda g, index: put(g, 0.0, index),
           value=lambda g, index, last: getitem(g, index) * last)
# fmt: on


def along(axis, part):
    """The index that has `part` on one axis (not negative) and takes all of the others."""
    return (slice(None),) * axis + (part,)
