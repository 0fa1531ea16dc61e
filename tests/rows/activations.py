"""The softmax family."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite import functional as F
from autograd_lite.rules import activations

LABELS = np.array([2, 0, 1, 1])

# fmt: off
ROWS = [
    S(F.sigmoid, (2, 3)), S(F.softmax, (2, 3), **kinked), S(F.softmax, (3, 2), axis=0, **kinked), S(F.log_softmax, (2, 3), **kinked),
    S(activations.less_one_hot, (4, 3), Fixed(LABELS)),
]
# fmt: on
