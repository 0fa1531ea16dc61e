"""Products of vectors, matrices and tensors. One rule serves matmul at all ranks."""

import math

import numpy as np

from autograd_lite.errors import ShapeError
from autograd_lite.registry import derived, rule
from autograd_lite.rules.casting import as_array
from autograd_lite.rules.complex_parts import conj
from autograd_lite.shapes import axis_of


def transposed(a):
    """Matrices transposed; `.T` of a single one takes a tenth of the time of the function."""
    if a.ndim == 2:
        return a.T
    return a.mT if hasattr(a, "mT") else np.swapaxes(a, -1, -2)


def matmul_left(g, a_shape, b):
    """Gradient of the left factor of a @ b, before batch axes are summed."""
    if g.ndim == 0:
        return g * b
    if b.ndim == 1:  # (…, m, k) @ (k,)
        return np.outer(g, b) if g.ndim == 1 else np.expand_dims(g, -1) * b
    if len(a_shape) == 1:  # (k,) @ (…, k, n)
        return np.matmul(b, np.expand_dims(g, -1))[..., 0] if b.ndim > 2 else np.matmul(b, g)
    return np.matmul(g, transposed(b))


def matmul_right(g, a, b_shape):
    """Gradient of the right factor of a @ b, before batch axes are summed."""
    if g.ndim == 0:
        return g * a
    if a.ndim == 1:
        return np.outer(a, g) if g.ndim == 1 else np.expand_dims(a, -1) * np.expand_dims(g, -2)
    if len(b_shape) == 1:
        return rows(a, g)
    if len(b_shape) == 2 and a.ndim > 2:  # one long product instead of a batch of them and a sum
        return np.matmul(transposed(flat(a)), flat(g))
    return np.matmul(transposed(a), g)


def rows(a, g):
    """aᵀ g for a (…, m, k) and g (…, m), summed over the batch."""
    if a.ndim > 2:
        a, g = flat(a), np.reshape(g, (math.prod(g.shape),))
    return np.matmul(transposed(a), g)


def flat(a):
    return np.reshape(a, (math.prod(a.shape[:-1]), a.shape[-1]))


def vecdot_args(a, b, axis=-1, **named):
    """The vectors lie along the last axis."""
    return tuple(x if axis == -1 else np.moveaxis(x, axis, -1) for x in (a, b)), named


# fmt: off
rule(np.matmul, "a b", a=lambda g, a_shape, b: matmul_left(g, a_shape, b),
                       b=lambda g, a, b_shape: matmul_right(g, a, b_shape))
rule(np.vecdot, "a b", prepare=vecdot_args,
                       a=lambda g, b: conj(np.expand_dims(g, -1) * b), b=lambda g, a: np.expand_dims(g, -1) * conj(a))
# fmt: on


@derived(np.dot)
def dot(a, b):
    a, b = as_array(a), as_array(b)
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    if np.ndim(b) <= 2:
        return np.matmul(a, b)
    return np.tensordot(a, b, axes=(-1, -2))


@derived(np.inner)
def inner(a, b):
    a, b = as_array(a), as_array(b)
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    return np.tensordot(a, b, axes=(-1, -1))


@derived(np.outer)
def outer(a, b):
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


@derived(np.tensordot)
def tensordot(a, b, axes=2):
    if np.ndim(axes) == 0:
        axes = range(-int(axes), 0), range(int(axes))
    left, right = ([x] if isinstance(x, (int, np.integer)) else list(x) for x in axes)
    left, right = [axis_of(i, np.ndim(a)) for i in left], [axis_of(i, np.ndim(b)) for i in right]
    sizes = [np.shape(a)[i] for i in left]
    if sizes != [np.shape(b)[i] for i in right]:
        raise ShapeError(
            f"tensordot: axes {left} of {np.shape(a)} and {right} of {np.shape(b)} differ in length"
        )
    rest_a = [i for i in range(np.ndim(a)) if i not in left]
    rest_b = [i for i in range(np.ndim(b)) if i not in right]
    shape_a = [np.shape(a)[i] for i in rest_a]
    shape_b = [np.shape(b)[i] for i in rest_b]
    inside = int(np.prod(sizes))
    rows = np.reshape(np.transpose(a, (*rest_a, *left)), (int(np.prod(shape_a)), inside))
    columns = np.reshape(np.transpose(b, (*right, *rest_b)), (inside, int(np.prod(shape_b))))
    return np.reshape(np.matmul(rows, columns), (*shape_a, *shape_b))


@derived(np.kron)
def kron(a, b):
    ndim = max(np.ndim(a), np.ndim(b))
    shape_a = (1,) * (ndim - np.ndim(a)) + np.shape(a)
    shape_b = (1,) * (ndim - np.ndim(b)) + np.shape(b)
    a = np.reshape(a, tuple(n for s in shape_a for n in (s, 1)))
    b = np.reshape(b, tuple(n for s in shape_b for n in (1, s)))
    return np.reshape(a * b, tuple(m * n for m, n in zip(shape_a, shape_b, strict=True)))


@derived(np.vdot)
def vdot(a, b):
    return np.vecdot(np.ravel(a), np.ravel(b))


@derived(np.cross)
def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(a, axisa, -1), np.moveaxis(b, axisb, -1)
    if a.shape[-1] != 3 or b.shape[-1] != 3:
        raise ShapeError(
            f"cross: vectors of {a.shape[-1]} and {b.shape[-1]} components; with Tensors it takes "
            "three (in the plane it is a[…, 0] * b[…, 1] - a[…, 1] * b[…, 0])"
        )
    ahead = np.roll(a, -1, -1) * np.roll(b, -2, -1)
    return np.moveaxis(ahead - np.roll(a, -2, -1) * np.roll(b, -1, -1), -1, axisc)
