"""Rows for `rules/casting.py`."""

import numpy as np
from sampling import Fixed, S, kinked

ROWS = [S(np.astype, (2, 3), Fixed(float), **kinked)] if hasattr(np, "astype") else []
