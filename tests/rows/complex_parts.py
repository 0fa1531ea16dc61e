"""Functions that are not holomorphic, on complex numbers; test_rules.py has all rows there too."""

import numpy as np
from sampling import S, kinked

# fmt: off
ROWS = [
    S(np.real, (3,), domain="complex"), S(np.imag, (3,), domain="complex"), S(np.conjugate, (3,), domain="complex"),
    S(np.real, (3,), **kinked), S(np.conjugate, (3,), **kinked),
    S(np.absolute, (4,), domain="complex"), S(np.sign, (4,), domain="complex"), S(np.angle, (4,), domain="complex"),
    S(np.angle, (4,), domain="complex", deg=True),
]
# fmt: on
