"""Methods of ufuncs."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite.registry import RULES
from autograd_lite.rules import ufunc_methods

STARTS = np.array([0, 3, 1, 2])
MASK = np.array([[True, False, True], [False, True, True]])
BINARY = [f for f in RULES if isinstance(f, np.ufunc) and f.nin == 2 and f.signature is None]
FOLDED = (np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.logaddexp,
          np.logaddexp2, np.hypot)  # fmt: skip

# fmt: off
ROWS = [
    *(S(f.outer, (2,), (2,), domain="above one", **kinked) for f in BINARY if f not in (np.copysign, np.nextafter)),
    *(S(f.outer, (2,), Fixed(-2.0), domain="positive", **kinked) for f in (np.copysign, np.nextafter)),
    *(S(f.reduce, (2, 3), **kinked) for f in FOLDED), *(S(f.accumulate, (2, 4), axis=1, **kinked) for f in FOLDED),
    *(S(f.reduceat, (4,), Fixed(STARTS), **kinked) for f in FOLDED if f not in (np.fmax, np.fmin, np.hypot)),
    S(np.add.reduce, (2, 3), axis=1, keepdims=True), S(np.multiply.reduce, (2, 3), axis=(0, 1), initial=2.0), S(np.maximum.reduceat, (2, 4), Fixed([0, 2]), axis=1, **kinked),
    S(np.minimum.reduce, (2, 3), domain="distinct", keepdims=True, **kinked), S(np.hypot.reduce, (2, 4), axis=(0, 1), keepdims=True, **kinked),
    S(ufunc_methods.log_sum, (2, 3), axis=1, where=MASK, keepdims=True, **kinked),
]
if hasattr(np, "matvec"):  # since NumPy 2.2
    ROWS += [S(np.matvec, (2, 2, 3), (3,)), S(np.vecmat, (3,), (2, 3, 2), **kinked)]
# fmt: on
