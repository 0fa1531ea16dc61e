"""Losses beside cross entropy."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite import functional as F
from autograd_lite.rules import losses

HALVES = np.array([[0.25, 0.5, 0.25], [0.0, 1.0, 0.0]])
SIGNS = np.array([[1, -1, 1], [-1, -1, 1]])

# fmt: off
ROWS = [
    S(losses.squared, (2, 3), (2, 3), reduction="mean", **kinked), S(losses.squared, (4,), (4,), reduction="none", **kinked), S(losses.huber, (2, 3), (2, 3), reduction="mean", delta=0.5, **kinked),
    S(losses.huber, (4,), (4,), reduction="none", delta=1.0, **kinked), S(F.l1_loss, (2, 3), (2, 3), **kinked),
    S(losses.binary, (2, 3), (2, 3), reduction="mean", **kinked), S(losses.binary, (2, 3), Fixed(HALVES), reduction="none", **kinked),
    S(F.binary_cross_entropy_with_logits, (2, 3), Fixed(HALVES), weight=np.array([1.0, 2.0, 0.5]), pos_weight=np.array(3.0), **kinked),
    S(F.hinge_loss, (2, 3), Fixed(SIGNS), **kinked), S(F.nll_loss, (4, 3), Fixed(np.array([2, 0, 1, 1])), ignore_index=0, **kinked),
    S(F.kl_div, (2, 3), Fixed(HALVES), **kinked), S(F.kl_div, (2, 3), (2, 3), log_target=True, reduction="batchmean", **kinked),
]
# fmt: on
