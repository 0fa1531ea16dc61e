"""Norms and condition numbers. The gradient of a norm at 0 is 0."""

import math
from collections.abc import Callable

import numpy as np

from autograd_lite.errors import ShapeError
from autograd_lite.registry import derived, rule
from autograd_lite.rules.complex_parts import conj
from autograd_lite.rules.elementwise import nonzero
from autograd_lite.shapes import axes_of, axis_of, restore_axes


def ratio_array(x, n):
    """x / n, where n is the norm of an array with the entry x, so that 0 / 0 is 0."""
    return x / nonzero(n)


def vector_norm_array(x, axis, keepdims, ord):
    """Arrays of other kinds have `norm` only, which takes one axis for most orders."""
    if isinstance(x, np.ndarray):
        return np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)
    axes = axes_of(axis, x.ndim)
    kept = [n for k, n in enumerate(x.shape) if k not in axes]
    rows = np.reshape(np.moveaxis(x, axes, range(-len(axes), 0)), (*kept, -1))
    out = np.linalg.norm(rows, ord=ord, axis=-1)
    return np.expand_dims(out, axes) if keepdims else out


def vector_norm_vjp(g, x, out, axis, keepdims, ord):
    """The direction of x, weighed by how much each entry takes part.

    Largest (or smallest) entries that tie share equally. With ord 0 nothing changes, as entries
    only count; with 0 < ord < 1 the infinite slope at an entry that is 0 is taken as 0.
    """
    g, out = (restore_axes(y, x.shape, axis, keepdims) for y in (g, out))
    if ord in (None, 2):
        return g * ratio(conj(x), out)
    if ord == 0:
        return g * np.zeros_like(x)
    direction = g * conj(np.sign(x))
    if ord == 1:
        return direction
    size = np.absolute(x)
    if abs(ord) == math.inf:
        best = np.equal(size, out)
        return direction * best / np.sum(best, axis=axis, keepdims=True)
    zero = np.equal(size, 0) | np.equal(out, 0)
    share = np.where(zero, 1, size) / np.where(zero, 1, out)
    return direction * np.where(zero, 0, share ** (ord - 1))


# fmt: off
ratio: Callable = rule(ratio_array, "x n", name="ratio", x=lambda g, n: ratio(g, n), n=lambda g, n, out: -ratio(g * out, n))
rule(np.linalg.vector_norm, "x", static=dict(axis=None, keepdims=False, ord=2), forward=vector_norm_array, x=vector_norm_vjp)
# fmt: on


@derived(np.linalg.norm)
def norm(x, ord=None, axis=None, keepdims=False):
    """Of a vector or of a matrix, by the number of axes, as in NumPy."""
    if axis is None and ord is None:
        return np.linalg.vector_norm(x, keepdims=keepdims)
    axes = axes_of(axis, x.ndim) if axis is None else np.atleast_1d(axis).tolist()
    if len(axes) == 1:
        if isinstance(ord, str):
            raise ValueError(f"norm: order {ord!r} is for matrices")
        order = 2 if ord is None else ord
        return np.linalg.vector_norm(x, axis=axes[0], keepdims=keepdims, ord=order)
    if len(axes) != 2:
        raise ShapeError(f"norm: shape {x.shape}, axis {axis}; a norm is of one axis or of two")
    return norm_of_matrices(x, ord, *(axis_of(a, x.ndim) for a in axes), keepdims)


def norm_of_matrices(x, ord, rows, columns, keepdims):
    """The norms in which the order says what to do with rows, columns or singular values."""
    if ord in (None, "fro", "f"):
        return np.linalg.vector_norm(x, axis=(rows, columns), keepdims=keepdims)
    if ord in (1, 2, math.inf) and 0 in (x.shape[rows], x.shape[columns]):
        return np.sum(np.absolute(x), axis=(rows, columns), keepdims=keepdims)  # 0 of no entries
    if ord in (1, -1, math.inf, -math.inf):
        along, across = (rows, columns) if abs(ord) == 1 else (columns, rows)
        sums = np.sum(np.absolute(x), axis=along, keepdims=True)
        best = np.max if ord > 0 else np.min
        out = best(sums, axis=across, keepdims=True)
        return out if keepdims else np.squeeze(out, axis=(rows, columns))
    if ord not in (2, -2, "nuc"):
        raise ValueError(f"norm: order {ord!r} is not one of matrices")
    s = np.absolute(np.linalg.svdvals(np.moveaxis(x, (rows, columns), (-2, -1))))
    kind = np.sum if ord == "nuc" else np.max if ord == 2 else np.min
    out = kind(s, axis=-1)
    return np.expand_dims(out, (rows, columns)) if keepdims else out


@derived(np.linalg.matrix_norm)
def matrix_norm(x, *, keepdims=False, ord="fro"):
    return norm_of_matrices(x, ord, x.ndim - 2, x.ndim - 1, keepdims)


@derived(np.linalg.cond)
def cond(x, p=None):
    """Of the singular values, or ‖A‖ ‖A⁻¹‖; infinite only with the former at a singular matrix."""
    if 0 in x.shape[-2:]:
        raise np.linalg.LinAlgError("cond is not defined on empty arrays")
    if p in (None, 2, -2):
        s = np.linalg.svdvals(x)
        with np.errstate(divide="ignore", invalid="ignore"):
            return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return np.linalg.matrix_norm(x, ord=p) * np.linalg.matrix_norm(np.linalg.inv(x), ord=p)
