"""What functions that move, copy or drop entries do to a linear expression."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from autograd_lite.rules import indexing, ordering, running, shaping
from autograd_lite.shapes import axes_of
from viz.formulas.symbols import symbols_in
from viz.jacobians import linear
from viz.jacobians.linear import Factor, Linear, Term, Terms, flat, fresh, remapped


def reshape(shape, a, *rest, **more) -> Terms:
    return tuple(linear.reshaped(t, shape) for t in a.terms)


def broadcast(shape, a, to) -> Terms:
    return tuple(linear.stretched(t, shape) for t in a.terms)


def transposition(function):
    """NumPy itself says where the axes go, on an array that takes no memory."""

    def reader(shape, a, *args, **kwargs) -> Terms:
        probe = np.broadcast_to(0, range(len(a.shape)))
        order = function(probe, *args, **kwargs).shape
        return tuple(replace(t, axes=tuple(t.axes[k] for k in order)) for t in a.terms)

    return reader


def replaced(t: Term, k: int, n: int, **relation) -> Term:
    """Axis k gets the length n, its entries at new places."""
    new = fresh((n,))
    return remapped(t, t.axes[k], (*t.axes[:k], *new, *t.axes[k + 1 :]), flat(new), **relation)


def flip(shape, m, axis=None) -> Terms:
    terms = m.terms
    for k in axes_of(axis, len(shape)):
        terms = tuple(replaced(t, k, shape[k]) for t in terms)
    return terms


def permuted(shape, a, order, axis) -> Terms:
    """Each row has an order of its own; certain is that entries stay in their row."""
    return flip(shape, a, axis)


def recurrence(shape, a, b) -> Terms:
    """An entry depends on those before it along the first axis, by coefficients of its own."""
    if isinstance(a, Linear):
        return None
    terms = []
    for t in b.terms:
        new = fresh(shape)[0]
        factor = Factor(frozenset((*flat(t.axes), *new)))
        made = replace(t, axes=(new, *t.axes[1:]), factors=(*t.factors, factor))
        terms.append(linear.without(made, t.axes[0]))
    return tuple(terms)


def roll(shape, a, shift, axis=None) -> Terms:
    if axis is not None:
        return flip(shape, a, tuple(axis) if np.ndim(axis) else axis)
    new = fresh(shape)
    return tuple(remapped(t, flat(t.axes), new, flat(new)) for t in a.terms)


def getitem(shape, a, index) -> Terms:
    if symbols_in(index):
        return None
    if indexing.is_basic(index):
        return tuple(basic(t, a.shape, index) for t in a.terms)
    in_order, once = picked(a.shape, index)
    if in_order:
        return reshape(shape, a)
    new = fresh(shape)
    return tuple(remapped(t, flat(t.axes), new, flat(new), to_one=once) for t in a.terms)


def picked(shape, index) -> tuple[bool, bool]:
    """Whether an index picks all entries in their order, and none of them twice."""
    everything = np.arange(math.prod(shape))
    places = np.ravel(everything.reshape(shape)[index])
    return np.array_equal(places, everything), np.unique(places).size == places.size


def basic(t: Term, shape, index) -> Term:
    index = index if isinstance(index, tuple) else (index,)
    picked = sum(i is not None and i is not Ellipsis for i in index)
    if Ellipsis not in index:
        index = (*index, Ellipsis)
    at = index.index(Ellipsis)
    index = (*index[:at], *[slice(None)] * (len(shape) - picked), *index[at + 1 :])
    k, sizes = 0, list(shape)
    for i in index:
        if i is None:
            t = replace(t, axes=(*t.axes[:k], (), *t.axes[k:]))
            sizes.insert(k, 1)
        elif isinstance(i, slice):
            n = len(range(*i.indices(sizes[k])))
            if n != sizes[k] or (i.step or 1) < 0:
                t = replaced(t, k, n)
        else:
            t = replaced(t, k, 1) if sizes[k] != 1 else t
            t = replace(t, axes=(*t.axes[:k], *t.axes[k + 1 :]))
            del sizes[k]
            continue
        k += 1
    return t


def scatter(shape, a, index, to) -> Terms:
    in_order, once = picked(shape, index)
    if in_order:
        return reshape(shape, a)
    return placed(shape, a, once)


def placed(shape, a, once=True) -> Terms:
    """Entries put among zeros, or left out."""
    new = fresh(shape)
    return tuple(remapped(t, flat(t.axes), new, flat(new), from_one=once) for t in a.terms)


def diagonal(shape, a, *args, **kwargs) -> Terms:
    return placed(shape, a)


def put(shape, a, value, index) -> Terms:
    """What is put in takes the place of the entries there."""
    if isinstance(value, Linear):
        return None
    return tuple(replace(t, factors=(*t.factors, Factor(frozenset(flat(t.axes)), mask=True)))
                 for t in a.terms)  # fmt: skip


def concatenate(shape, arrays, axis=0) -> Terms:
    if axis is None:
        return None
    k = axis % len(shape)
    pairs = [(x.shape, t) for x in arrays if isinstance(x, Linear) for t in x.terms]
    return tuple(t if own == shape else replaced(t, k, shape[k]) for own, t in pairs)


def stack(shape, arrays, axis=0) -> Terms:
    k = axis % len(shape)
    parts = [t for x in arrays if isinstance(x, Linear) for t in x.terms]
    parts = [replace(t, axes=(*t.axes[:k], (), *t.axes[k:])) for t in parts]
    return tuple(parts if shape[k] == 1 else (replaced(t, k, shape[k]) for t in parts))


def pad(shape, array, pad_width) -> Terms:
    terms = array.terms
    for k, n in enumerate(array.shape):
        terms = terms if n == shape[k] else tuple(replaced(t, k, shape[k]) for t in terms)
    return terms


def split(shape, ary, indices_or_sections, axis=0) -> Terms:
    """One part of what `np.split` returns."""
    k = axis % len(shape)
    return tuple(t if shape == ary.shape else replaced(t, k, shape[k]) for t in ary.terms)


MOVES: dict[Any, Callable] = {
    np.reshape: reshape, np.ravel: reshape, np.expand_dims: reshape, np.squeeze: reshape,
    ordering.permuted: permuted, running.recurrence: recurrence,
    np.broadcast_to: broadcast, np.flip: flip, np.roll: roll, np.concatenate: concatenate,
    np.stack: stack, np.split: split, np.array_split: split, np.pad: pad, indexing.getitem: getitem,
    indexing.scatter: scatter, indexing.put: put, np.diagonal: diagonal,
    shaping.on_diagonal: diagonal,
    **{f: transposition(f) for f in (np.transpose, np.matrix_transpose, np.swapaxes, np.moveaxis)},
}  # fmt: skip
