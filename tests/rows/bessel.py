"""sinc, I₀ and the families they belong to."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite.rules import bessel

# fmt: off
ROWS = [
    S(np.sinc, (4,)), S(np.i0, (4,), **kinked),
    S(bessel.spherical, (4,), Fixed(0)), S(bessel.spherical, (4,), Fixed(2)),
    S(bessel.modified, (4,), Fixed(0), **kinked), S(bessel.modified, (4,), Fixed(3), **kinked),
]
# fmt: on
