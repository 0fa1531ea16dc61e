"""Inverses, linear systems, powers and chains of matrices."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite.rules import linalg

LA = np.linalg

# fmt: off
ROWS = [
    S(linalg.triangle_of, (3, 3), lower=True, **kinked), S(linalg.hermitian_of, (2, 2, 2), lower=False, **kinked),
    S(LA.inv, (3, 3)), S(LA.inv, (2, 2, 2)), S(linalg.inverse, (2, 2)),
    S(LA.pinv, (3, 2), **kinked), S(LA.pinv, (2, 2, 3), **kinked), S(LA.pinv, (2, 2), domain="definite", hermitian=True, **kinked),
    S(LA.solve, (3, 3), (3,)), S(LA.solve, (3, 3), (3, 2)), S(LA.solve, (2, 2, 2), (2,)), S(LA.solve, (2, 2), (2, 2, 3)), S(LA.solve, (2, 1, 2, 2), (3, 2, 1)),
    S(linalg.least_squares, (4, 2), (4, 2), rcond=None, **kinked), S(linalg.least_squares, (3, 2), (3,), rcond=None, **kinked),
    S(LA.tensorsolve, (2, 3, 6), (2, 3)), S(LA.tensorsolve, (2, 4, 2), (4,), axes=(0, 2)), S(LA.tensorinv, (2, 2, 4)), S(LA.tensorinv, (4, 2, 2), ind=1),
    S(LA.matrix_power, (3, 3), Fixed(3)), S(LA.matrix_power, (2, 2, 2), Fixed(5)), S(LA.matrix_power, (3, 3), Fixed(-2)),
    S(LA.multi_dot, [(2, 3), (3, 2)]), S(LA.multi_dot, [(3,), (3, 4), (4, 2), (2,)]), S(LA.multi_dot, [(2, 3), (3, 1), (1, 4)]),
]
# fmt: on
