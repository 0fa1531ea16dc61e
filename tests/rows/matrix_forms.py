"""What `np.linalg` has under names of its own."""

import numpy as np
from sampling import S, kinked

LA = np.linalg

# fmt: off
ROWS = [
    S(LA.matrix_transpose, (2, 3)), S(LA.matmul, (2, 3), (3, 2)), S(LA.tensordot, (2, 3), (3, 2), axes=1), S(LA.outer, (2,), (3,)),
    S(LA.vecdot, (2, 3), (3,), **kinked), S(LA.vecdot, (3, 2), (3, 2), axis=0, **kinked), S(LA.cross, (2, 3), (3,)), S(LA.cross, (3, 2), (3, 2), axis=0),
    S(LA.diagonal, (2, 3, 4), offset=1), S(LA.trace, (2, 3, 3)), S(LA.trace, (3, 4), offset=-1),
]
# fmt: on
