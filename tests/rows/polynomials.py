"""Polynomials by their coefficients."""

import numpy as np
from sampling import Fixed, S, kinked

# fmt: off
ROWS = [
    S(np.roots, (4,), domain="above one", **kinked), S(np.vander, (3,)), S(np.vander, (2,), N=4, increasing=True),
    S(np.polyval, (3,), (2, 2)), S(np.polyval, Fixed([1.0, -2.0, 0.5]), (3,)), S(np.polyval, (3,), Fixed(1.5)),
    S(np.polyadd, (2,), (4,)), S(np.polysub, (3,), (2,)), S(np.polymul, (3,), (2,)), S(np.polymul, Fixed([0.0, 0.0, 2.0, 1.0]), (2,)),
    S(np.polyder, (4,)), S(np.polyder, (4,), m=2), S(np.polyint, (3,)), S(np.polyint, (2,), m=2, k=[1.0, 2.0]),
    S(np.polydiv, (4,), (2,), domain="above one"), S(np.poly, (3,)), S(np.polyfit, (5,), (5,), Fixed(2), **kinked), S(np.polyfit, (5,), (5, 2), Fixed(1), w=np.arange(1.0, 6.0), **kinked),
]
# fmt: on
