"""Indexing of every NumPy kind, its transpose `scatter`, and assignment."""

from collections.abc import Callable

import numpy as np

from autograd_lite.registry import rule


def is_basic(index):
    """Whether an index is made of integers, slices, Ellipsis and newaxis only (no copies)."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(p is None or p is Ellipsis or (isinstance(p, (int, np.integer, slice))
               and not isinstance(p, bool)) for p in parts)  # fmt: skip


def scatter_array(a, index, shape):
    out = np.zeros(shape, np.result_type(a))
    if is_basic(index) or is_mask(index):
        out[index] = a
    else:
        np.add.at(out, index, a)  # an entry picked twice collects both
    return out


def is_mask(index):
    return getattr(index, "dtype", None) == np.bool_


def put_array(a, value, index):
    out = np.array(a, dtype=np.result_type(a))
    out[index] = value
    return out


def survivors(a_shape, index):
    """Where an assigned value stays: with a repeated integer index, the last one wins."""
    if is_basic(index) or is_mask(index):
        return True
    places = np.empty(a_shape, int)
    order = np.arange(places[index].size).reshape(places[index].shape)
    places[index] = order
    return places[index] == order


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
