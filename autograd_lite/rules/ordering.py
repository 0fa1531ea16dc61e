"""Sorting: the permutation is found once and kept as integers.

Of equal entries each keeps the gradient of the place that NumPy's `argsort` gives it.
"""

from collections.abc import Callable

import numpy as np

from autograd_lite.errors import NoRuleError
from autograd_lite.registry import constant, derived, rule
from autograd_lite.rules.casting import astype

# fmt: off
permuted: Callable = rule(lambda a, order, axis: np.take_along_axis(a, order, axis), "a", name="permuted",
                static=dict(order=None, axis=-1),
                a=lambda g, order, axis: permuted(g, np.argsort(order, axis=axis), axis))
# fmt: on


def along(a, axis):
    """An array and an axis to sort along: `axis=None` is all entries in a row."""
    return (np.ravel(a), 0) if axis is None else (a, axis)


def unstructured(name, order):
    if order is not None:
        raise NoRuleError(f"{name}: order= names fields, which arrays of numbers do not have")


@derived(np.sort)
def sort(a, axis=-1, kind=None, order=None, *, stable=None):
    unstructured("sort", order)
    a, axis = along(a, axis)
    return permuted(a, np.argsort(a, axis=axis, kind=kind, stable=stable), axis)


@derived(np.partition)
def partition(a, kth, axis=-1, kind="introselect", order=None):
    """The same parts as NumPy's; within a part the order is NumPy's to choose."""
    unstructured("partition", order)
    a, axis = along(a, axis)
    return permuted(a, np.argpartition(a, kth, axis=axis, kind=kind), axis)


@derived(np.sort_complex)
def sort_complex(a):
    a = np.sort(a)
    return a if a.dtype.kind == "c" else astype(a, np.dtype(complex))


constant(
    np.argmax,
    np.argmin,
    np.argsort,
    np.argpartition,
    np.lexsort,
    np.searchsorted,
    np.nanargmax,
    np.nanargmin,
    why="its result is integer",
)
