"""Padding in every mode."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite.rules import padding


def between(a, values):
    return np.pad(a, ((1, 0), (0, 2)), constant_values=values)


def ramped(a, values):
    return np.pad(a, (2, 1), mode="linear_ramp", end_values=values)


# fmt: off
ROWS = [
    S(np.pad, (2, 3), Fixed(1)), S(np.pad, (2, 3), Fixed(((0, 1), (2, 0))), constant_values=7.0), S(padding.pad_constant, (3,), pad_width=[[1, 2]], value=0),
    S(between, (2, 2), (2, 2)), S(ramped, (2, 2), ()), S(np.pad, (3,), Fixed((1, 2)), mode="linear_ramp", end_values=(1.0, 2.0)),
    S(np.pad, (3, 4), Fixed((1, 2)), mode="reflect"), S(np.pad, (3,), Fixed((2, 5)), mode="reflect", reflect_type="odd"),
    S(np.pad, (3, 2), Fixed(1), mode="symmetric"), S(np.pad, (2, 3), Fixed((2, 4)), mode="symmetric", reflect_type="odd"),
    S(np.pad, (3,), Fixed(2), mode="edge"), S(np.pad, (3,), Fixed((2, 4)), mode="wrap"),
    S(np.pad, (2, 3), Fixed((1, 2)), mode="mean", stat_length=2), S(np.pad, (4,), Fixed((1, 2)), mode="maximum", domain="distinct", **kinked),
    S(np.pad, (2, 3), Fixed(((0, 0), (1, 1))), mode="minimum", stat_length=((1, 1), (2, 3)), domain="distinct", **kinked),
    S(np.pad, (3, 3), Fixed((0, 1)), mode="median", domain="distinct", **kinked),
]
# fmt: on
