"""Normalisation on arrays, in blocks that stay in the processor's cache.

Nothing is kept of the size of the input but the input itself: with mean and deviation at hand it
costs less to normalise it once more than to write the result to memory and read it again.
"""

import functools
import math

import numpy as np

from autograd_lite.shapes import ones

BLOCK = 262144  # entries of a block; with fewer, the calls cost more than memory does
RUN = 512  # entries that are enough for a quick inner loop
ROW = 16384  # entries of a row for which numbers of channels are written out in full
SHORT = 64  # entries of an inner loop over which one number may be repeated at little cost


def blocks(rows):
    """Slices of the first axis."""
    step = max(1, BLOCK // max(1, math.prod(rows.shape[1:])))
    return [slice(start, start + step) for start in range(0, len(rows), step)]


# --- each row by itself: the last axes -------------------------------------------------------------
def rows_forward(x, scale, shift, n, eps, centred):
    """Result, and for each row what was subtracted (the mean, or 0) and 1 / deviation."""
    result, rows = np.empty(x.shape, x.dtype), x.reshape(-1, n)
    out, inverse = result.reshape(-1, n), np.empty(len(rows), x.dtype)
    mean = np.empty_like(inverse) if centred else np.zeros_like(inverse)
    if scale is not None and scale.ndim > 1:
        scale = scale.reshape(n)
    if shift is not None and shift.ndim > 1:
        shift = shift.reshape(n)
    for block in blocks(rows):
        d, y, m, r = rows[block], out[block], mean[block], inverse[block]
        if centred:
            np.matmul(d, share(n, x.dtype), out=m)
            d = np.subtract(d, m[:, None], out=y)
        np.vecdot(d, d, out=r)
        r *= 1.0 / n
        r += eps
        np.sqrt(r, out=r)
        np.divide(1.0, r, out=r)
        np.multiply(d, r[:, None], out=y)
        if scale is not None:
            y *= scale
        if shift is not None:
            y += shift
    return result, mean, inverse


@functools.lru_cache(maxsize=8)
def share(n, dtype):
    """A product with it is the mean of n numbers."""
    return np.full(n, 1.0 / n, dtype)


def rows_back(g, x, scale, mean, inverse, n, needs):
    """With d = x − mean and G = g ⊙ scale: dx = (G − mean(G) − d mean(G ⊙ d) / σ²) / σ."""
    to_x = np.empty(x.shape, x.dtype) if needs[0] else None
    g, x, to_scale, to_shift = g.reshape(-1, n), x.reshape(-1, n), None, None
    if scale is not None and scale.ndim > 1:
        scale = scale.reshape(n)
    weights = share(n, x.dtype) if scale is None else scale * (1.0 / n)
    rows = None if to_x is None else to_x.reshape(-1, n)
    for block in blocks(x):
        G, d, r, sent = g[block], x[block], inverse[block], None if rows is None else rows[block]
        if needs[2]:
            part = ones(len(G), G.dtype) @ G
            to_shift = part if to_shift is None else to_shift + part
        if mean is not None:
            d = np.subtract(d, mean[block, None], out=sent)
        product = G * d
        if needs[1]:
            part = r @ product
            to_scale = part if to_scale is None else to_scale + part
        if sent is None:
            continue
        along = product @ weights
        along *= r
        along *= r
        np.multiply(d, along[:, None], out=sent)
        centre = None if mean is None else (G @ weights)[:, None]
        if scale is not None:
            G = np.multiply(G, scale, out=product)
        np.subtract(G, sent, out=sent)
        if mean is not None:
            sent -= centre
        sent *= r[:, None]
    return to_x, to_scale, to_shift


# --- each channel by itself: all axes but the second -----------------------------------------------
class Channels:
    """How arrays like `x` are seen as rows, in the order in memory that NumPy gives to results.

    A row is (channels, inner axes). Where that is short, several rows are made one, and numbers for
    the channels are repeated to its length: short inner loops are slow.
    """

    def __init__(self, shape, strides):
        self.order = sorted(range(len(shape)), key=lambda axis: -strides[axis])
        self.count, place = shape[1], self.order.index(1)
        shape = [shape[axis] for axis in self.order]
        self.plain = self.order == list(range(len(shape)))
        outer, self.inner = math.prod(shape[:place]), math.prod(shape[place + 1 :])
        most = max(1, min(outer, RUN // (self.count * self.inner)))
        self.joined = next(k for k in range(most, 0, -1) if outer % k == 0)
        width = self.joined * self.count * self.inner
        # measured: with rows of 2 kB or a multiple, numbers written out at that length cost up to
        # three times as much; probably since all then stand at the same place of their pages
        paged = width % 512 == 0 and self.inner >= SHORT
        self.full = self.inner < RUN and width <= ROW and not paged
        self.seen = (-1, width) if self.full else (-1, self.count, self.inner)

    def view(self, a):
        return (a if self.plain else np.transpose(a, self.order)).reshape(self.seen)

    def spread(self, values):
        """One number for each channel, so that it broadcasts against rows."""
        values = np.ravel(values)
        if not self.full:
            return values[:, None]
        return np.tile(np.repeat(values, self.inner) if self.inner > 1 else values, self.joined)

    def sums(self, rows):
        """Of each channel, in parts that `total` adds up."""
        if self.inner == 1:
            return ones(len(rows), rows.dtype) @ rows
        return rows.reshape(-1, self.inner) @ ones(self.inner, rows.dtype)

    def product_sums(self, a, b):
        if self.inner == 1:
            return np.einsum("i...,i...->...", a, b)
        return np.vecdot(a.reshape(-1, self.inner), b.reshape(-1, self.inner))

    def total(self, parts):
        parts = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=None)
        return np.add.reduce(parts.reshape(-1, self.count), axis=0)


channels = functools.lru_cache(maxsize=64)(Channels)


def channels_of(x):
    return channels(x.shape, np.empty_like(x).strides)


def channel_moments(x):
    """Mean and variance of each channel, of the shape (1, channels, 1, …)."""
    form, n = channels_of(x), x.size // x.shape[1]
    rows = form.view(x)
    mean = form.total([form.sums(rows)]) / n
    middle, squares = form.spread(mean), []
    for block in blocks(rows):
        d = rows[block] - middle
        squares.append(form.product_sums(d, d))
    shape = tuple(form.count if axis == 1 else 1 for axis in range(x.ndim))
    return mean.reshape(shape), (form.total(squares) / n).reshape(shape)


def channels_forward(x, scale, shift, mean, inverse):
    form, result = channels_of(x), np.empty_like(x)
    rows, out, middle = form.view(x), form.view(result), form.spread(mean)
    factor = form.spread(inverse if scale is None else inverse * scale)
    shift = None if shift is None else form.spread(shift)
    for block in blocks(rows):
        y = np.subtract(rows[block], middle, out=out[block])
        y *= factor
        if shift is not None:
            y += shift
    return result


def channels_back(g, x, scale, mean, inverse, needs):
    """As for rows, but scale and shift leave the sums, which serve for them and for x."""
    form, n, to_x = channels_of(x), x.size // x.shape[1], np.empty_like(x) if needs[0] else None
    middle, sums, products = form.spread(mean), [], []
    g, x, out = form.view(g), form.view(x), None if to_x is None else form.view(to_x)
    for block in blocks(x):
        d = np.subtract(x[block], middle, out=None if out is None else out[block])
        sums.append(form.sums(g[block]))
        products.append(form.product_sums(g[block], d))
    total, product, r = form.total(sums), form.total(products), np.ravel(inverse)
    if out is not None:
        along, average = form.spread(product * r * r / -n), form.spread(total / n)
        factor = form.spread(inverse if scale is None else inverse * scale)
        for block in blocks(x):
            sent = out[block]
            sent *= along
            sent += g[block]
            sent -= average
            sent *= factor
    to_scale = (product * r).reshape(inverse.shape) if needs[1] else None
    return to_x, to_scale, total.reshape(inverse.shape) if needs[2] else None
