"""Shape changes."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite.rules import casting, shaping

# fmt: off
ROWS = [
    S(np.reshape, (2, 3), Fixed((3, 2))), S(np.reshape, (2, 3), Fixed(-1)), S(np.reshape, (2, 3), Fixed((3, 2)), Fixed("F")),
    S(np.ravel, (2, 3)), S(np.ravel, (2, 3), Fixed("F")), S(np.transpose, (2, 3, 4)),
    S(np.transpose, (2, 3, 4), axes=(1, -1, 0)), S(np.matrix_transpose, (4, 2, 3)), S(np.swapaxes, (2, 3, 4), Fixed(0), Fixed(-1)),
    S(np.moveaxis, (2, 3, 4), Fixed((0, 2)), Fixed((-1, 0))), S(np.rollaxis, (2, 3, 4), Fixed(2)), S(np.rollaxis, (2, 3, 4), Fixed(0), start=-1),
    S(np.expand_dims, (2, 3), Fixed((0, 2))), S(np.squeeze, (1, 3, 1), axis=0), S(np.squeeze, (1, 3, 1)),
    S(np.atleast_1d, ()), S(np.atleast_2d, (3,)), S(np.atleast_2d, (), (2,)), S(np.atleast_3d, (3,)), S(np.atleast_3d, (2, 3), (2, 1, 2)),
    S(np.broadcast_to, (3, 1), Fixed((2, 3, 4))), S(np.broadcast_arrays, (2, 1), (3,)),
    S(np.flip, (2, 3), axis=1), S(np.flip, (2, 3)), S(np.fliplr, (2, 3)), S(np.flipud, (2, 3)), S(np.rot90, (2, 3)), S(np.rot90, (2, 3, 2), k=2, axes=(0, -1)),
    S(np.rot90, (2, 3), k=-1), S(np.roll, (2, 3), Fixed(1)), S(np.roll, (2, 3), Fixed((1, -1)), axis=(0, 1)),
    S(np.triu, (3, 4), k=1), S(np.tril, (2, 3, 3), k=-1), S(np.resize, (2, 3), Fixed((3, 4))), S(np.resize, (2, 3), Fixed(4)),
    S(np.diagonal, (3, 4)), S(np.diagonal, (2, 3, 4), offset=1, axis1=2, axis2=0), S(shaping.on_diagonal, (2, 2), shape=(2, 2, 3), offset=1, axis1=1, axis2=2),
    S(np.diag, (3,), k=-1), S(np.diag, (2, 3)), S(np.diagflat, (2, 2)), S(np.trace, (3, 4)), S(np.trace, (2, 3, 3), offset=1, axis1=1, axis2=2),
    S(casting.astype, (3,), dtype=np.dtype(float), **kinked),
]
# fmt: on
