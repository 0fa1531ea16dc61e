"""Covariance, correlation, counts with weights."""

import numpy as np
from sampling import Fixed, S, kinked

from rows.selection import First

BINS = np.array([3, 0, 3, 1])

# fmt: off
ROWS = [
    S(np.cov, (2, 4), **kinked), S(np.cov, (4,), (4,), bias=True, **kinked), S(np.cov, (4, 2), rowvar=False, fweights=np.array([1, 2, 1, 3]), aweights=np.array([0.5, 1.0, 2.0, 1.0]), **kinked),
    S(np.cov, (3,), **kinked), S(np.corrcoef, (3, 5), **kinked), S(np.corrcoef, (4,), (4,), **kinked),
    S(np.bincount, Fixed(BINS), (4,), minlength=6, **kinked),
    First(np.histogram, (Fixed(np.array([0.1, 0.5, 0.9, 1.0, 7.0])), Fixed(4), Fixed((0.0, 1.0)), Fixed(None), (5,))),
    S(np.histogram, (7,), bins=5, density=True, domain="distinct", **kinked), S(np.histogram_bin_edges, (5,), bins=3, domain="distinct", **kinked),
]
# fmt: on
