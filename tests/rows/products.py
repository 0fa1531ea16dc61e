"""Products of vectors, matrices and tensors."""

import numpy as np
from sampling import S, kinked

# fmt: off
ROWS = [
    # products
    S(np.matmul, (2, 3), (3, 4)), S(np.matmul, (3,), (3,)), S(np.matmul, (2, 3), (3,)), S(np.matmul, (3,), (3, 2)),
    S(np.matmul, (5, 2, 3), (3, 4)), S(np.matmul, (2, 1, 2, 3), (4, 3, 2)), S(np.matmul, (5, 2, 3), (3,)), S(np.matmul, (3,), (5, 3, 2)),
    S(np.matmul, (2, 3), (5, 3, 2)), S(np.vecdot, (2, 3), (3,), **kinked), S(np.dot, (2, 3), (3,)), S(np.dot, (2, 3), (4, 3, 2)), S(np.dot, (), (3,)),
    S(np.inner, (2, 3), (4, 3)), S(np.inner, (3,), (3,)), S(np.outer, (2, 2), (3,)), S(np.kron, (2, 2), (3,)), S(np.kron, (2, 2), (1, 3)),
    S(np.tensordot, (2, 3, 4), (4, 3, 5), axes=([1, 2], [1, 0])), S(np.tensordot, (2, 3), (3, 2), axes=1), S(np.tensordot, (2, 3), (2, 3)), S(np.tensordot, (2,), (3,), axes=0),
    S(np.vdot, (2, 2), (4,), **kinked), S(np.cross, (2, 3), (3,)), S(np.cross, (3, 2), (2, 3), axisa=0, axisc=0), S(np.dot, (3,), (2, 3, 2)), S(np.outer, (), (2,)),
]
# fmt: on
