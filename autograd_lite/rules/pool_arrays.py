"""Pooling on arrays. A window is read one place after the other: each place, over all windows, is a
view of the input.
"""

import math

import numpy as np

from autograd_lite.rules.windows import bordered, cropped, positions, shifts


def places(size, kernel, stride, padding):
    """The index of each place in a window, in row order."""
    ones = (1,) * len(kernel)
    return shifts(kernel, positions("pooling", size, kernel, stride, padding, ones), stride, ones)


def max_pool_array(x, kernel, stride, padding):
    first, *rest = places(x.shape[2:], kernel, stride, padding)
    x = bordered(x, padding, -math.inf)
    y = np.maximum(x[first], x[rest[0]]) if rest else np.copy(x[first], order="K")
    for place in rest[1:]:
        np.maximum(y, x[place], out=y)
    return y


def first_place(x, out, kernel, stride, padding):
    """Where in its window the first greatest entry is, as the smallest integers that can say so."""
    *earlier, _ = places(x.shape[2:], kernel, stride, padding)
    x = bordered(x, padding, -math.inf)
    index = np.zeros_like(out, dtype=np.min_scalar_type(len(earlier)))
    later = np.ones_like(out, dtype=bool)  # whether it comes after the places looked at
    for place in earlier:
        later &= x[place] != out
        index += later
    return index


def pick_array(x, index, kernel, stride, padding):
    """The entry of each window at the place that `index` says."""
    found = places(x.shape[2:], kernel, stride, padding)
    x, y = bordered(x, padding), np.zeros_like(index, dtype=x.dtype)
    for i, place in enumerate(found):
        np.copyto(y, x[place], where=index == i)
    return y


def unpool_array(u, index, size, kernel, stride, padding):
    """The transpose of picking."""
    wide = [n + sum(p) for n, p in zip(size, padding, strict=True)]
    u = ordered_as(index, u)
    tiled = tuple(kernel) == tuple(stride) and all(
        n == k * m for n, k, m in zip(wide, kernel, u.shape[2:], strict=True)
    )
    make = np.empty_like if tiled else np.zeros_like  # a tile writes every entry once
    out = make(u, shape=(*u.shape[:2], *wide))
    spare = None if tiled else np.empty_like(u)
    for i, place in enumerate(places(size, kernel, stride, padding)):
        if tiled:
            np.multiply(u, index == i, out=out[place])
        else:
            out[place] += np.multiply(u, index == i, out=spare)
    return cropped(out, padding, size)


def ordered_as(a, u):
    """`u` in the order that `a` has in memory: mixed orders cost more than a copy."""
    out = np.empty_like(a, dtype=u.dtype)
    if out.strides == u.strides:
        return u
    out[...] = u
    return out


def avg_pool_array(x, kernel, stride, padding):
    first, *rest = places(x.shape[2:], kernel, stride, padding)
    x = bordered(x, padding)
    y = x[first] * (1.0 / math.prod(kernel))
    for place in rest:
        y += x[place] * (1.0 / math.prod(kernel))
    return y


def avg_unpool_array(u, size, kernel, stride, padding):
    wide = [n + sum(p) for n, p in zip(size, padding, strict=True)]
    out, u = np.zeros_like(u, shape=(*u.shape[:2], *wide)), u * (1.0 / math.prod(kernel))
    for place in places(size, kernel, stride, padding):
        out[place] += u
    return cropped(out, padding, size)


def windows_of(n, m):
    """Where the m windows of an axis of length n begin and end: ⌊i n / m⌋, ⌈(i + 1) n / m⌉."""
    i = np.arange(m)
    return i * n // m, -(-(i + 1) * n // m)
