"""Linear and bilinear maps, embedding, dropout."""

import numpy as np
from sampling import Fixed, S

from autograd_lite import functional as F
from autograd_lite.rules import layers

TWICE = np.array([[2, 0], [2, 1]])
KEPT = np.array([[True, False, True], [False, False, True]])

# fmt: off
ROWS = [
    S(F.linear, (2, 3), (3, 2), (2,)), S(F.bilinear, (2, 2), (2, 3), (2, 3, 2), (2,)),
    S(F.embedding, Fixed(TWICE), (4, 8)),
    S(layers.thinned, (2, 3), Fixed(KEPT), scale=1.25),
]
# fmt: on
