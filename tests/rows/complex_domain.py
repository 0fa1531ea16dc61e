"""Functions that leave the real numbers where they must."""

import numpy as np
from sampling import Fixed, S, kinked

# fmt: off
ROWS = [
    *(S(f, (4,), **kinked) for f in (np.emath.sqrt, np.emath.log, np.emath.log2, np.emath.log10)),
    *(S(f, (3,), domain="above one", **kinked) for f in (np.emath.arccos, np.emath.arcsin, np.emath.arctanh)),
    S(np.emath.sqrt, (3,), domain="positive"), S(np.emath.logn, Fixed(3.0), (4,), **kinked), S(np.emath.power, (4,), Fixed(1.5), **kinked),
]
# fmt: on
