"""Norms of vectors and matrices, condition numbers."""

import math

import numpy as np
from sampling import S, kinked

from autograd_lite.rules import norms

LA = np.linalg

# fmt: off
ROWS = [
    S(LA.vector_norm, (2, 3), **kinked), S(LA.vector_norm, (2, 3), axis=1, keepdims=True, **kinked), S(LA.vector_norm, (2, 3, 2), axis=(0, 2), ord=3, **kinked),
    S(LA.vector_norm, (3,), ord=1, **kinked), S(LA.vector_norm, (4, 2), axis=0, ord=math.inf, domain="positive", **kinked), S(LA.vector_norm, (4,), ord=-math.inf, **kinked),
    S(LA.vector_norm, (3,), ord=0.5, **kinked), S(LA.vector_norm, (3,), ord=-1.5, **kinked),
    S(norms.ratio, (2, 3), (2, 1)),
    S(LA.norm, (2, 3), **kinked), S(LA.norm, (3,), **kinked), S(LA.norm, (2, 3, 2), axis=-1, ord=2.5, **kinked), S(LA.norm, (2, 3), ord="fro", keepdims=True, **kinked),
    *(S(LA.norm, (3, 2), ord=p, **kinked) for p in ("nuc", 1, -1, 2, -2, math.inf, -math.inf)),
    S(LA.norm, (2, 3, 2), ord=2, axis=(2, 0), keepdims=True, **kinked), S(LA.norm, (2, 3, 2), ord=1, axis=(-1, 0), **kinked),
    S(LA.matrix_norm, (2, 2, 3), **kinked), S(LA.matrix_norm, (2, 2, 3), ord="nuc", keepdims=True, **kinked),
    *(S(LA.cond, (3, 3), p=p, **kinked) for p in (None, -2)), S(LA.cond, (2, 3, 2), **kinked),
    *(S(LA.cond, (3, 3), p=p, **kinked, phased=True) for p in (1, "fro")),  # complex in NumPy 2.0, though it is real
]
# fmt: on
