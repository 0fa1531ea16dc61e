"""Arrays made from numbers that may be tracked: grids of points, constants."""

import numpy as np

from autograd_lite.operands import plain
from autograd_lite.registry import derived
from autograd_lite.rules.casting import astype


@derived(np.full_like)
def full_like(a, fill_value, dtype=None, *, shape=None):
    zeros = np.zeros_like(a, dtype=dtype, shape=shape)
    return astype(zeros + fill_value, zeros.dtype)


def counted(num, start, stop):
    """0, 1, … as floats along a new first axis."""
    if num < 0:
        raise ValueError(f"{num} points are asked for; the number is not negative")
    places = np.arange(num, dtype=np.result_type(start, stop, 0.0))
    return np.reshape(places, (num,) + (1,) * max(np.ndim(start), np.ndim(stop)))


@derived(np.linspace)
def linspace(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    count, places = num - 1 if endpoint else num, counted(num, start, stop)
    step = (stop - start) / count if count > 0 else np.nan
    points = start + places * (step if count > 0 else stop - start)
    if endpoint and num > 1:  # the last one exactly
        points = np.where(places == num - 1, stop, points)
    points = np.moveaxis(points, 0, axis)
    if dtype is not None:
        whole = np.issubdtype(dtype, np.integer)
        points = astype(np.floor(points) if whole else points, np.dtype(dtype))
    return (points, step) if retstep else points


@derived(np.logspace)
def logspace(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    if np.ndim(base):  # it broadcasts with start and stop
        start, stop, base = np.broadcast_arrays(start, stop, base)
        base = np.expand_dims(base, axis)
    points = np.power(base, np.linspace(start, stop, num, endpoint, axis=axis))
    return points if dtype is None else astype(points, np.dtype(dtype))


@derived(np.geomspace)
def geomspace(start, stop, num=50, endpoint=True, dtype=None, axis=0):
    """start · (stop / start)ᵗ for t from 0 to 1, which turns if the numbers are complex."""
    if np.any(plain(start) == 0) or np.any(plain(stop) == 0):
        raise ValueError("geomspace: it cannot begin or end with zero")
    places = counted(num, start, stop).astype(np.result_type(start, stop, float))
    places = places / max(num - 1 if endpoint else num, 1)
    points = np.moveaxis(start * np.power(stop / start, places), 0, axis)
    return points if dtype is None else astype(points, np.dtype(dtype))


@derived(np.meshgrid)
def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing {indexing!r}; use 'xy' or 'ij'")
    n = len(xi)
    places = [1, 0, *range(2, n)] if indexing == "xy" and n > 1 else range(n)
    open_grid = [np.reshape(x, (1,) * k + (-1,) + (1,) * (n - k - 1))
                 for x, k in zip(xi, places, strict=True)]  # fmt: skip
    return tuple(open_grid if sparse else np.broadcast_arrays(*open_grid))
