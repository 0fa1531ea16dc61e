"""Differences, gradients on a grid, integrals, convolution."""

import numpy as np
from sampling import Fixed, S, kinked


def on_grid(f, steps):
    """np.gradient with tracked coordinates."""
    return np.gradient(f, np.cumsum(steps), edge_order=2)


# fmt: off
ROWS = [
    S(np.diff, (4,)), S(np.diff, (2, 4), n=2, axis=1), S(np.diff, (3, 2), axis=0, prepend=1.0, append=np.ones((2, 2))),
    S(np.ediff1d, (2, 2)), S(np.ediff1d, (3,), (2,), ()),
    S(np.trapezoid, (4,)), S(np.trapezoid, (2, 4), (4,)), S(np.trapezoid, (4, 2), dx=0.5, axis=0), S(np.trapezoid, (2, 3), (2, 3)),
    S(np.gradient, (4,)), S(np.gradient, (3, 3), Fixed(0.5), Fixed(2.0)), S(np.gradient, (3, 4), Fixed(np.array([0.0, 1.0, 3.0, 3.5])), axis=1),
    S(np.gradient, (3,), (), edge_order=2), S(on_grid, (4,), (4,), domain="positive"), S(np.gradient, (3, 3, 2), axis=(0, -2)),
    S(np.convolve, (4,), (3,)), S(np.convolve, (2,), (5,), mode="valid"), S(np.convolve, (5,), (4,), mode="same"), S(np.convolve, (2,), (3,), mode="same"),
    S(np.correlate, (4,), (2,), **kinked), S(np.correlate, (2,), (4,), mode="same", **kinked), S(np.correlate, (5,), (2,), mode="same", **kinked), S(np.correlate, (2,), (3,), mode="full", **kinked),
]
# fmt: on
