"""Median and quantiles."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite.rules import quantiles

COUNTS = np.array([[1.0, 2.0, 1.0], [3.0, 1.0, 1.0]])
RANKS = np.arange(5)

# fmt: off
ROWS = [
    S(np.median, (5,)), S(np.median, (2, 3, 2), axis=(0, -1), keepdims=True), S(np.median, (2, 4), axis=-1),
    S(np.quantile, (5,), Fixed(0.3), domain="distinct", **kinked), S(np.quantile, (2, 4), Fixed([0.1, 0.6]), axis=1, domain="distinct", **kinked),
    S(np.quantile, (2, 3, 2), Fixed(0.4), axis=(0, 2), keepdims=True, method="hazen", domain="distinct", **kinked),
    S(np.quantile, (4,), (2, 1), domain="unit interval", **kinked), S(np.quantile, (2, 3), Fixed(0.6), axis=1, weights=COUNTS, method="inverted_cdf", **kinked),
    S(np.percentile, (2, 3), Fixed(30.0), axis=0, method="nearest", **kinked), S(np.percentile, (4,), Fixed(45), method="midpoint", **kinked),
    S(np.nanmedian, (2, 3), axis=1, domain="with nan"), S(np.nanquantile, (2, 4), Fixed(0.3), axis=1, domain="with nan", **kinked),
    S(np.nanpercentile, (2, 4), Fixed([20.0, 70.0]), keepdims=True, domain="with nan", **kinked),
    S(quantiles.position, (3,), ranks=RANKS, domain="unit interval", **kinked),
]
# fmt: on
