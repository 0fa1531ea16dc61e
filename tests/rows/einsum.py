"""Einstein sums."""

import numpy as np
from sampling import Fixed, S

# fmt: off
ROWS = [
    S(np.einsum, Fixed("ij,jk->ik"), (2, 3), (3, 2)), S(np.einsum, Fixed("ii->i"), (3, 3)), S(np.einsum, Fixed("ii"), (3, 3)), S(np.einsum, Fixed("iji->j"), (2, 3, 2)), S(np.einsum, Fixed("iii,i->i"), (2, 2, 2), (2,)),
    S(np.einsum, Fixed("...ij,...j->...i"), (2, 2, 3), (3,)), S(np.einsum, Fixed("ijk,i->j"), (2, 3, 2), (2,)), S(np.einsum, Fixed("i,j,i->j"), (2,), (3,), (2,), optimize=True),
    S(np.einsum, Fixed("ba,...a"), (2, 3), (2, 3)), S(np.einsum, Fixed("ij,ij->"), (1, 3), (2, 3)), S(np.einsum, (2, 3), Fixed([30, 1]), (3, 2), Fixed([1, 0]), Fixed([0, 30])),
    S(np.einsum, (2, 2), Fixed([..., 0])), S(np.einsum, Fixed(","), (), ()),
]
# fmt: on
