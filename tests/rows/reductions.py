"""Sums, products, extrema, moments, running sums."""

import numpy as np
from sampling import S, kinked

from autograd_lite import functional as F
from autograd_lite.rules import reductions

MASK = np.array([[True, False, True], [False, True, True]])

FEWER = np.array([[True, False, True], [True, True, True]])


def about(a, mean):
    """Two moments about a mean that is given."""
    return np.var(a, axis=1, mean=mean), np.std(a, axis=1, mean=mean, ddof=1)


def weighted(a, weights, axis=-1):
    """Both results of np.average, in both of its arguments."""
    return np.average(a, axis, weights, returned=True)


# fmt: off
ROWS = [
    # reductions
    S(np.sum, (2, 3)), S(np.sum, (2, 3, 4), axis=(0, -1)), S(np.sum, (2, 3), axis=1, keepdims=True), S(np.sum, ()),
    S(np.mean, (2, 3)), S(np.mean, (2, 3, 4), axis=(2, 0), keepdims=True), S(np.mean, (2, 3), axis=-1),
    S(np.prod, (2, 3), axis=1), S(np.prod, (5,), domain="with zeros"), S(np.prod, (2, 3, 2), axis=(0, 2), keepdims=True),
    S(reductions.leave_one_out, (2, 3), axis=0), S(reductions.leave_one_out, (4,), axis=-1, domain="with zeros"),
    S(np.var, (2, 3), axis=0, ddof=1, **kinked), S(np.var, (4,), **kinked), S(np.var, (2, 3), axis=1, correction=1, keepdims=True, **kinked),
    S(np.std, (2, 3), axis=1, **kinked), S(np.std, (5,), ddof=1, keepdims=True, **kinked),
    S(np.max, (2, 3), axis=0, domain="distinct", **kinked), S(np.max, (2, 3, 2), axis=(0, 2), keepdims=True, domain="distinct", **kinked),
    S(np.min, (4,), domain="distinct", **kinked), S(np.min, (2, 3), axis=-1, domain="distinct", **kinked),
    S(np.sum, (2, 3), axis=0, where=MASK, initial=1.5), S(np.prod, (2, 3), axis=1, where=MASK, initial=2.0), S(np.mean, (2, 3), axis=1, where=FEWER, keepdims=True),
    S(np.var, (2, 3), axis=1, where=MASK, ddof=0.5, **kinked), S(np.std, (2, 3), axis=1, where=FEWER, keepdims=True, **kinked),
    S(about, (2, 3), (2, 1), **kinked), S(np.max, (2, 3), axis=1, where=MASK, initial=-0.2, domain="distinct", **kinked),
    S(np.ptp, (2, 3), axis=1, keepdims=True, domain="distinct", **kinked), S(np.average, (2, 3), axis=0),
    S(np.average, (2, 3, 2), axis=(2, 0), weights=np.array([[1.0, 2.0], [0.5, 0.25]]), keepdims=True), S(weighted, (2, 3), (3,)), S(weighted, (2, 3), (2, 3), axis=None),
    S(np.nansum, (2, 4), axis=1, domain="with nan"), S(np.nanprod, (2, 4), domain="with nan"), S(np.nanmean, (2, 4), axis=0, domain="with nan", keepdims=True),
    S(np.nanmax, (2, 4), axis=1, domain="with nan", **kinked), S(np.nanmin, (2, 4), domain="with nan", **kinked),
    S(np.nanvar, (2, 4), axis=1, ddof=1, domain="with nan", **kinked), S(np.nanstd, (2, 4), domain="with nan", **kinked),
    S(F.logsumexp, (2, 3), axis=1, **kinked), S(F.logsumexp, (2, 3), keepdims=True, **kinked),
]
# fmt: on
