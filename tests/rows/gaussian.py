"""Φ and GELU."""

from sampling import S, kinked

from autograd_lite.rules import gaussian

ROWS = [
    S(gaussian.normal_cdf, (2, 3), **kinked),
    S(gaussian.gelu_exact, (2, 3), **kinked),
    S(gaussian.gelu_tanh, (2, 3)),
]
