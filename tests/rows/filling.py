"""Grids and constants from numbers that may be tracked."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite import Tensor

# fmt: off
ROWS = [
    S(np.full_like, Fixed(Tensor(np.zeros(2))), (3,), shape=(2, 3), **kinked),
    S(np.linspace, (), (), num=4), S(np.linspace, (2,), (), num=3, endpoint=False, axis=1), S(np.linspace, (), Fixed(2.0), num=3, retstep=True), S(np.linspace, (), (), num=1),
    S(np.logspace, (), (), num=3), S(np.logspace, (2,), (), num=3, base=2.0, axis=-1),
    S(np.geomspace, (), (), num=4, domain="positive"), S(np.geomspace, (2,), (), num=3, endpoint=False, axis=1, domain="positive"),
    S(np.meshgrid, (2,), (3,)), S(np.meshgrid, (2,), (3,), (2,), indexing="ij"), S(np.meshgrid, (2,), (3,), sparse=True),
]
# fmt: on
