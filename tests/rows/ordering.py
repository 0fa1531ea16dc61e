"""Sorting."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite.rules import ordering

ORDER = np.array([[2, 0, 1], [0, 2, 1]])

# fmt: off
ROWS = [
    S(np.sort, (2, 3)), S(np.sort, (3, 2), axis=0, stable=True), S(np.sort, (2, 3), axis=None, kind="stable"),
    S(np.partition, (2, 3), Fixed(1)), S(np.partition, (2, 2), Fixed([1, 2]), axis=None), S(np.sort_complex, (4,), **kinked),
    S(ordering.permuted, (2, 3), Fixed(ORDER), Fixed(1)),
]
# fmt: on
