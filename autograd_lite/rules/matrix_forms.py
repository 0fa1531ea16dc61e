"""The functions of `np.linalg` that NumPy has elsewhere too: here matrices are the last two axes."""

import numpy as np

from autograd_lite.errors import ShapeError
from autograd_lite.registry import derived


@derived(np.linalg.matrix_transpose)
def matrix_transpose(x):
    return np.matrix_transpose(x)


@derived(np.linalg.matmul)
def matmul(x1, x2):
    return np.matmul(x1, x2)


@derived(np.linalg.tensordot)
def tensordot(x1, x2, *, axes=2):
    return np.tensordot(x1, x2, axes=axes)


@derived(np.linalg.vecdot)
def vecdot(x1, x2, *, axis=-1):
    return np.vecdot(x1, x2, axis=axis)


@derived(np.linalg.outer)
def outer(x1, x2):
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ShapeError(
            f"outer: shapes {np.shape(x1)}, {np.shape(x2)}; np.linalg.outer takes two vectors"
        )
    return np.outer(x1, x2)


@derived(np.linalg.cross)
def cross(x1, x2, *, axis=-1):
    if np.shape(x1)[axis] != 3 or np.shape(x2)[axis] != 3:
        raise ShapeError(
            f"cross: shapes {np.shape(x1)}, {np.shape(x2)}; np.linalg.cross takes vectors of three "
            "entries"
        )
    x1, x2 = np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)
    ahead, behind = np.roll(x1, -1, axis=-1), np.roll(x1, 1, axis=-1)
    found = ahead * np.roll(x2, 1, axis=-1) - behind * np.roll(x2, -1, axis=-1)
    return np.moveaxis(found, -1, axis)


@derived(np.linalg.diagonal)
def diagonal(x, *, offset=0):
    return np.diagonal(x, offset, -2, -1)


@derived(np.linalg.trace)
def trace(x, *, offset=0, dtype=None):
    return np.sum(np.diagonal(x, offset, -2, -1), axis=-1, dtype=dtype)
