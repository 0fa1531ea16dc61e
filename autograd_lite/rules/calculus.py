"""Differences, gradients on a grid, integrals, convolution."""

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from autograd_lite.errors import ShapeError
from autograd_lite.registry import derived, rule
from autograd_lite.rules.casting import as_array, astype
from autograd_lite.rules.complex_parts import conj
from autograd_lite.rules.indexing import along, getitem
from autograd_lite.shapes import axis_of


def steps(a, axis):
    """The difference of each entry and the one before."""
    a = as_array(a)
    ahead, behind = along(axis, slice(1, None)), along(axis, slice(None, -1))
    return getitem(a, ahead) - getitem(a, behind)


def column(x, ndim):
    """A vector along the first of `ndim` axes."""
    return np.reshape(x, (-1,) + (1,) * (ndim - 1))


@derived(np.diff)
def diff(a, n=1, axis=-1, prepend=None, append=None):
    if n < 0:
        raise ValueError(f"diff: n is {n}; it counts how often, from 0")
    axis = axis_of(axis, np.ndim(a))
    parts = [x for x in (prepend, a, append) if x is not None and x is not np._NoValue]
    if n and len(parts) > 1:
        one = (*np.shape(a)[:axis], 1, *np.shape(a)[axis + 1 :])
        parts = [np.broadcast_to(x, one) if np.ndim(x) == 0 else x for x in parts]
        a = np.concatenate(parts, axis=axis)
    for _ in range(n):
        a = steps(a, axis)
    return a


@derived(np.ediff1d)
def ediff1d(ary, to_end=None, to_begin=None):
    parts = [to_begin, steps(np.ravel(ary), 0), to_end]
    return np.concatenate([np.ravel(x) for x in parts if x is not None], dtype=np.result_type(ary))


@derived(np.trapezoid)
def trapezoid(y, x=None, dx=1.0, axis=-1):
    y = as_array(y)
    along_y = axis_of(axis, y.ndim)
    if x is not None:
        flat = np.ndim(x) == 1
        dx = steps(x, 0 if flat else axis_of(axis, np.ndim(x)))
        dx = column(dx, y.ndim - along_y) if flat else dx
    ahead, behind = along(along_y, slice(1, None)), along(along_y, slice(None, -1))
    both = getitem(y, ahead) + getitem(y, behind)
    return np.sum(dx * both / 2.0, axis=axis)


@derived(np.gradient)
def gradient(f, *varargs, axis=None, edge_order=1):
    """Second-order differences; spacings and coordinates are differentiable as well."""
    f, ndim = as_array(f), np.ndim(f)
    axes = range(ndim) if axis is None else normalize_axis_tuple(axis, ndim)
    spacings = varargs or (1.0,)
    if len(spacings) == 1 and (np.ndim(spacings[0]) == 0 or len(axes) == 1):
        spacings = spacings * len(axes)
    if len(spacings) != len(axes):
        raise TypeError(f"gradient: {len(varargs)} spacings for {len(axes)} axes")
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order {edge_order}; it is 1 or 2")
    found = tuple(slopes(f, x, k, edge_order) for x, k in zip(spacings, axes, strict=True))
    return found[0] if len(found) == 1 else found


def slopes(f, x, axis, edge_order):
    """The derivative along one axis, on a grid with one spacing or with coordinates x."""
    n = f.shape[axis]
    if n < edge_order + 1:
        raise ShapeError(f"gradient: axis {axis} of {f.shape} has no {edge_order + 1} entries")
    even, x = np.ndim(x) == 0, as_array(x) if np.ndim(x) else x
    if not even and x.shape != (n,):
        raise ShapeError(f"gradient: coordinates of shape {x.shape} for an axis of length {n}")
    f = np.moveaxis(f, axis, -1)
    gap = x if even else x[1:] - x[:-1]
    slope = (f[..., 1:] - f[..., :-1]) / gap
    if even:
        inner = (f[..., 2:] - f[..., :-2]) / (x * 2.0)
    else:
        before, after = gap[:-1], gap[1:]
        inner = (slope[..., :-1] * after + slope[..., 1:] * before) / (before + after)
    first, last = slope[..., :1], slope[..., -1:]
    if edge_order == 2:  # the slope of the parabola through three entries
        near, far = (1.0, 1.0) if even else (gap[:1], gap[1:2])
        first = first + (first - slope[..., 1:2]) * near / (near + far)
        near, far = (1.0, 1.0) if even else (gap[-1:], gap[-2:-1])
        last = last + (last - slope[..., -2:-1]) * near / (near + far)
    out = np.moveaxis(np.concatenate([first, inner, last], axis=-1), -1, axis)
    return astype(out, f.dtype) if f.dtype.kind in "fc" and out.dtype != f.dtype else out


# --- convolution ----------------------------------------------------------------------------------
MODES = ("full", "same", "valid")


def convolve_args(a, v, mode="full"):
    if mode not in MODES:
        raise ValueError(f"convolve: mode {mode!r}; use 'full', 'same' or 'valid'")
    return (np.atleast_1d(a), np.atleast_1d(v), mode), {}


def cut(n, m, mode):
    """Which part of the full convolution of n and m entries a mode returns."""
    short, long = sorted((n, m))
    start = {"full": 0, "same": (short - 1) // 2, "valid": short - 1}[mode]
    return start, {"full": n + m - 1, "same": long, "valid": long - short + 1}[mode]


def convolve_vjp(g, n, other, mode):
    """Slide the other factor, reversed, over the gradient of the full convolution."""
    m = other.shape[0]
    start, length = cut(n, m, mode)
    whole = g if mode == "full" else np.pad(g, (start, n + m - 1 - start - length))
    return np.convolve(whole, np.flip(other), "valid")


# fmt: off
rule(np.convolve, "a v", static=dict(mode="full"), prepare=convolve_args,
     a=lambda g, a_shape, v, mode: convolve_vjp(g, a_shape[0], v, mode),
     v=lambda g, a, v_shape, mode: convolve_vjp(g, v_shape[0], a, mode))
# fmt: on


@derived(np.correlate)
def correlate(a, v, mode="valid"):
    """Convolution with the second factor reversed and conjugated."""
    a, v = np.atleast_1d(a), np.atleast_1d(v)
    v = np.flip(conj(v))
    if mode == "same" and len(a) < len(v):  # of the two middle parts NumPy takes the other
        return np.flip(np.convolve(np.flip(a), np.flip(v), mode))
    return np.convolve(a, v, mode)
