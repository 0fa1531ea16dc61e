"""The standard's linear algebra on Tensors: NumPy's `linalg` under the same names."""

import numpy as np

from autograd_lite.standard.making import namespace

NAMES = """
cholesky cross det diagonal eigh eigvalsh inv matmul matrix_norm matrix_power matrix_rank
matrix_transpose outer pinv qr slogdet solve svd svdvals tensordot trace vecdot vector_norm
"""

found = dict(namespace(np.linalg, NAMES, __name__))
__all__ = tuple(found)
globals().update(found)
