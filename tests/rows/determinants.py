"""Determinants; singular matrices are in test_linalg.py."""

import numpy as np
from sampling import S, kinked

from autograd_lite.rules import determinants

LA = np.linalg

# fmt: off
ROWS = [
    S(LA.det, (3, 3)), S(LA.det, (2, 2, 2)), S(determinants.cofactor, (3, 3), **kinked), S(determinants.cofactor_change, (3, 3), (3, 3), **kinked),
    S(LA.slogdet, (3, 3), **kinked), S(LA.slogdet, (2, 2, 2), **kinked),
]
# fmt: on
