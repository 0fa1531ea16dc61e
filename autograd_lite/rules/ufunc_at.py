"""The method `at` of ufuncs, as a new value: every entry picked twice takes up both operands.

The operands that belong to one place become a row, beside the entry that was there, and the ufunc's
`reduce` does the rest: so ties and zeros are treated as there.
"""

import math

import numpy as np

from autograd_lite.registry import DERIVED, derived
from autograd_lite.rules.casting import as_array, astype
from autograd_lite.rules.indexing import getitem, put, scatter
from autograd_lite.rules.ufunc_methods import REDUCTIONS

NEUTRAL = {np.multiply: 1.0, np.maximum: -math.inf, np.minimum: math.inf,
           np.logaddexp: -math.inf, np.logaddexp2: -math.inf}  # fmt: skip


def spread_operand(a, index, b):
    """What each picked place takes up: `b` in the shape of the selection."""
    return np.broadcast_to(as_array(b), np.arange(math.prod(a.shape)).reshape(a.shape)[index].shape)


def added(a, index, b):
    return a + scatter(spread_operand(a, index, b), index, a.shape)


def subtracted(a, index, b):
    return added(a, index, np.negative(b))


def divided(a, index, b):
    return combined(np.multiply)(a, index, np.divide(1.0, b))


def combined(ufunc):
    reduce = DERIVED[ufunc, "reduce"]

    def at(a, index, b):
        places = np.ravel(np.arange(math.prod(a.shape)).reshape(a.shape)[index])
        if not places.size:
            return np.positive(a)
        order = np.argsort(places, kind="stable")
        found, starts, counts = np.unique(places[order], return_index=True, return_counts=True)
        column = np.arange(counts.max())
        inside = column < counts[:, None]
        picked = order[np.where(inside, starts[:, None] + column, 0)]
        operands = getitem(np.ravel(spread_operand(a, index, b)), picked)
        if not inside.all():
            operands = np.where(inside, operands, NEUTRAL[ufunc])
        flat = np.ravel(a)
        before = np.reshape(getitem(flat, found), (-1, 1))
        result = reduce(np.concatenate([before, operands], axis=1), axis=1)
        return np.reshape(put(astype(flat, result.dtype), result, found), a.shape)

    return at


for ufunc in REDUCTIONS:
    derived((ufunc, "at"), added if ufunc is np.add else combined(ufunc))
derived((np.subtract, "at"), subtracted)
derived((np.divide, "at"), divided)
