"""Running sums, products and maxima."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite.rules import running

# fmt: off
ROWS = [
    S(np.cumsum, (2, 3), axis=1), S(np.cumsum, (2, 3)),
    S(np.cumprod, (2, 4), axis=-1), S(np.cumprod, (2, 3)), S(np.cumprod, (5,), domain="with zeros"),
    S(np.nancumsum, (2, 4), axis=1, domain="with nan"), S(np.nancumprod, (2, 4), domain="with nan"),
    S(running.recurrence, (4, 2), (5, 2)), S(running.accumulated, (2, 4), Fixed(np.hypot), Fixed(1), **kinked),
]
if hasattr(np, "cumulative_sum"):  # since NumPy 2.1
    ROWS += [S(np.cumulative_sum, (2, 4), axis=-1, include_initial=True), S(np.cumulative_prod, (4,)), S(np.cumulative_prod, (4, 2), axis=0, include_initial=True)]
# fmt: on
