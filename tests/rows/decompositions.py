"""Decompositions. Their vectors have an arbitrary sign here, which a small step does not change."""

import numpy as np
from sampling import S, kinked

from autograd_lite.rules import decompositions

LA = np.linalg
phased = dict(**kinked, phased=True)

# fmt: off
ROWS = [
    S(LA.cholesky, (3, 3), domain="definite", **kinked), S(LA.cholesky, (2, 3, 3), domain="definite", upper=True, **kinked),
    S(LA.qr, (3, 2), **kinked), S(LA.qr, (2, 2, 3), **kinked), S(LA.qr, (3, 3), mode="complete", **kinked), S(LA.qr, (3, 2), mode="r", **kinked),
    S(decompositions.factors, (3, 2), mode="reduced", **kinked),
    S(LA.eigh, (3, 3), domain="definite", **phased), S(LA.eigh, (2, 2, 2), domain="definite", UPLO="U", **phased),
    S(LA.eigvalsh, (3, 3), **kinked), S(LA.eigvalsh, (2, 2, 2), UPLO="U", **kinked),
    S(LA.eig, (3, 3), domain="definite", **phased), S(LA.eigvals, (3, 3), **kinked), S(LA.eigvals, (2, 2, 2), domain="definite", **kinked),
    S(LA.svd, (3, 2), full_matrices=False, **phased), S(LA.svd, (2, 2, 3), full_matrices=False, **phased), S(LA.svd, (2, 2), **phased), S(LA.svd, (3, 2), compute_uv=False, **kinked),
    S(LA.svd, (3, 3), hermitian=True, **phased), S(LA.svd, (3, 3), compute_uv=False, hermitian=True, **kinked),
    S(decompositions.singular, (3, 2), full_matrices=False, **phased), S(LA.svdvals, (2, 3, 2), **kinked),
]
# fmt: on
