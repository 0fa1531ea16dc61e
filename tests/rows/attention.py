"""Attention."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite import functional as F
from autograd_lite.rules import attention

SEEN = np.array([[True, False, True], [False, False, False]])

# fmt: off
ROWS = [
    S(attention.attention, (2, 2), (3, 2), (3, 2), (2, 3), scale=0.7, **kinked),
    S(attention.attention, (2, 2), (3, 2), (3, 2), Fixed(SEEN), scale=0.7, **kinked),
    S(F.scaled_dot_product_attention, (2, 3, 2), (1, 3, 2), (3, 1), is_causal=True, **kinked),
]
# fmt: on
