"""Activations and losses."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite import functional as F
from autograd_lite.rules import activations

LABELS = np.array([2, 0, 1, 1])
PROBABILITIES = np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0], [0.1, 0.1, 0.8], [0.6, 0.2, 0.2]])

# fmt: off
ROWS = [
    # activations and losses
    S(F.sigmoid, (2, 3)), S(F.softmax, (2, 3), **kinked), S(F.softmax, (3, 2), axis=0, **kinked), S(F.log_softmax, (2, 3), **kinked),
    S(activations.less_one_hot, (4, 3), Fixed(LABELS)),
    S(activations.cross_entropy_labels, (4, 3), Fixed(LABELS), reduction="mean", **kinked), S(activations.cross_entropy_labels, (4, 3), Fixed(LABELS), reduction="none", **kinked),
    S(activations.cross_entropy_targets, (4, 3), Fixed(PROBABILITIES), reduction="mean", **kinked), S(F.cross_entropy, (4, 3), (4, 3), reduction="sum", **kinked),
    S(F.cross_entropy, (3,), (3,), reduction="none", **kinked),
]
# fmt: on
