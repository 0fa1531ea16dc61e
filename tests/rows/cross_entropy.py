"""Cross entropy, fused and in its general form."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite import functional as F
from autograd_lite.rules import cross_entropy as ce

LABELS = np.array([2, 0, 1, 1])
PROBABILITIES = np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0], [0.1, 0.1, 0.8], [0.6, 0.2, 0.2]])
WEIGHT = np.array([0.5, 1.0, 2.0])

# fmt: off
ROWS = [
    S(ce.cross_entropy_labels, (4, 3), Fixed(LABELS), reduction="mean", **kinked), S(ce.cross_entropy_labels, (4, 3), Fixed(LABELS), reduction="none", **kinked),
    S(ce.cross_entropy_targets, (4, 3), Fixed(PROBABILITIES), reduction="mean", **kinked), S(F.cross_entropy, (4, 3), (4, 3), reduction="sum", **kinked),
    S(F.cross_entropy, (3,), (3,), reduction="none", **kinked),
    S(F.cross_entropy, (4, 3), Fixed(LABELS), weight=WEIGHT, ignore_index=0, label_smoothing=0.1, **kinked),
    S(F.cross_entropy, (4, 3), Fixed(LABELS), weight=WEIGHT, ignore_index=0, **kinked),
    S(F.cross_entropy, (4, 3), Fixed(PROBABILITIES), weight=WEIGHT, label_smoothing=0.1, **kinked),
]
# fmt: on
