"""Functions given piece by piece."""

import numpy as np
from sampling import Fixed, S, kinked

POINTS = np.array([-1.5, 0.2, 0.9])

# fmt: off
ROWS = [
    S(np.interp, (2, 3), Fixed(POINTS), (3,), **kinked), S(np.interp, Fixed(np.array([0.5, 1.4, -7.0, 7.0])), (4,), (4,), domain="increasing", **kinked),
    S(np.interp, (4,), Fixed(POINTS), (3,), left=7.0, right=-7.0, **kinked), S(np.interp, (4,), Fixed(POINTS), (3,), period=1.9, **kinked),
    S(np.piecewise, (4,), Fixed([np.array([True, False, False, True])]), Fixed([np.exp, np.sin])),
]
# fmt: on
