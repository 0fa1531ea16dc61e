"""Normalisation on arrays, in blocks that stay in the processor's cache.

Nothing is kept of the size of the input but the input itself: with mean and deviation at hand it
costs less to normalise it once more than to write the result to memory and read it again.
"""

import math

import numpy as np

from autograd_lite.shapes import ones

BLOCK = 131072  # entries of a block; with fewer, the calls cost more than memory does
RUN = 512  # entries that are enough for a quick inner loop
ROW = 16384  # entries of a row for which numbers of channels are written out in full


def blocks(rows):
    """Slices of the first axis."""
    step = max(1, BLOCK // max(1, math.prod(rows.shape[1:])))
    return [slice(start, start + step) for start in range(0, len(rows), step)]


# --- each row by itself: the last axes -------------------------------------------------------------
def rows_forward(x, scale, shift, n, eps, centred):
    """Result, and for each row what was subtracted (the mean, or 0) and 1 / deviation."""
    rows = x.reshape(-1, n)
    scale, shift = (None if w is None else w.reshape(n) for w in (scale, shift))
    result, share = np.empty(x.shape, x.dtype), np.full(n, 1.0 / n, x.dtype)
    out = result.reshape(-1, n)
    mean, inverse = np.zeros((2, len(rows), 1), x.dtype)
    for block in blocks(rows):
        d, y, r = rows[block], out[block], inverse[block, 0]
        if centred:
            np.matmul(d, share, out=mean[block, 0])
            d = np.subtract(d, mean[block], out=y)
        np.vecdot(d, d, out=r)
        r *= 1.0 / n
        r += eps
        np.sqrt(r, out=r)
        np.divide(1.0, r, out=r)
        np.multiply(d, inverse[block], out=y)
        if scale is not None:
            y *= scale
        if shift is not None:
            y += shift
    return result, mean, inverse


def rows_back(g, x, scale, mean, inverse, n, needs):
    """With d = x − mean and G = g ⊙ scale: dx = (G − mean(G) − d mean(G ⊙ d) / σ²) / σ."""
    to_x = np.empty(x.shape, x.dtype) if needs[0] else None
    g, x = g.reshape(-1, n), x.reshape(-1, n)
    weights = np.full(n, 1.0 / n, x.dtype) if scale is None else scale.reshape(n) * (1.0 / n)
    rows = np.empty_like(x[: blocks(x)[0].stop]) if to_x is None else to_x.reshape(-1, n)
    to_scale, to_shift = (np.zeros(n, x.dtype) if need else None for need in needs[1:])
    for block in blocks(x):
        G, d, r, sent = g[block], x[block], inverse[block], rows[block] if needs[0] else rows
        if to_shift is not None:
            to_shift += ones(len(G), G.dtype) @ G
        if mean is not None:
            d = np.subtract(d, mean[block], out=sent[: len(d)])
        product = G * d
        if to_scale is not None:
            to_scale += r[:, 0] @ product
        if to_x is None:
            continue
        along = (product @ weights)[:, None]
        along *= r
        along *= r
        np.multiply(d, along, out=sent)
        if scale is not None:
            G = np.multiply(G, scale.reshape(n), out=product)
        np.subtract(G, sent, out=sent)
        if mean is not None:
            sent -= (g[block] @ weights)[:, None]
        sent *= r
    return to_x, to_scale, to_shift


# --- each channel by itself: all axes but the second -----------------------------------------------
class Channels:
    """How arrays like `x` are seen as rows, in the order in memory that NumPy gives to results.

    A row is (channels, inner axes). Where that is short, several rows are made one, and numbers for
    the channels are repeated to its length: short inner loops are slow.
    """

    def __init__(self, x):
        strides = np.empty_like(x).strides
        self.order = sorted(range(x.ndim), key=lambda axis: -strides[axis])
        shape, place = [x.shape[axis] for axis in self.order], self.order.index(1)
        outer, self.inner = math.prod(shape[:place]), math.prod(shape[place + 1 :])
        self.count = x.shape[1]
        most = max(1, min(outer, RUN // (self.count * self.inner)))
        self.joined = next(k for k in range(most, 0, -1) if outer % k == 0)
        width = self.joined * self.count * self.inner
        self.full = self.inner < RUN and width <= ROW
        self.seen = (-1, width) if self.full else (-1, self.count, self.inner)

    def view(self, a):
        return np.transpose(a, self.order).reshape(self.seen)

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
        return np.sum(np.concatenate(parts, axis=None).reshape(-1, self.count), axis=0)


def channel_moments(x):
    """Mean and variance of each channel, of the shape (1, channels, 1, …)."""
    form, n = Channels(x), x.size // x.shape[1]
    rows = form.view(x)
    mean = form.total([form.sums(rows)]) / n
    middle, squares = form.spread(mean), []
    for block in blocks(rows):
        d = rows[block] - middle
        squares.append(form.product_sums(d, d))
    shape = tuple(form.count if axis == 1 else 1 for axis in range(x.ndim))
    return mean.reshape(shape), (form.total(squares) / n).reshape(shape)


def channels_forward(x, scale, shift, mean, inverse):
    form, result = Channels(x), np.empty_like(x)
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
    form, n, to_x = Channels(x), x.size // x.shape[1], np.empty_like(x) if needs[0] else None
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
