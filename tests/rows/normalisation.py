"""Normalisation."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite import functional as F
from autograd_lite.rules import normalisation

LAST = dict(axes=(1,), eps=1e-3, known=None)
CHANNELS = dict(axes=(0, 2), eps=1e-3, known=None)

# fmt: off
ROWS = [
    S(normalisation.standardised, (2, 4), (4,), (4,), centred=True, **LAST, **kinked),
    S(normalisation.standardised, (2, 4), Fixed(None), (4,), centred=False, **LAST, **kinked),
    S(normalisation.standardised, (2, 2, 3), (2, 1), Fixed(np.ones((2, 1))), centred=True, **CHANNELS, **kinked),
    S(F.layer_norm, (4, 2), Fixed(None), Fixed(None), axis=0, eps=1e-3, **kinked),
    S(F.group_norm, (2, 4, 2), Fixed(2), (4,), (4,), eps=1e-3, **kinked),
]
# fmt: on
