"""Convolution on arrays: matrix products of row windows.

A row of the kernel sees, for every place of a row of the output, a window of that row of the input:
k entries of all channels, which are contiguous if channels are last in memory. These windows are
copied once; each row of the kernel is then one matrix product with a part of them. Where a window is
short (an image of one or three channels), all rows of the kernel stand in one longer window.

A window may serve a block of neighbouring outputs: it is a little longer, the matrix of weights is
banded (zero where an output does not look), and there are fewer copies and wider products.
"""

import itertools
import math

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd_lite.rules.windows import (
    bordered,
    channels_first,
    channels_last,
    cropped,
    numpys_only,
    positions,
    shifts,
)
from autograd_lite.shapes import sum_leading

WIDE = 64  # columns with which a matrix product is at its best
SHORT = 32  # entries of a window that are too few for a product of their own


def form(w_shape, out, stride, dilation):
    """How many neighbouring outputs share a window, and whether a window spans all kernel rows."""
    outputs, channels, *kernel = w_shape
    waste = 1.6 if channels * kernel[-1] <= SHORT else 1.25
    fits = [1]
    if dilation[-1] == 1 and kernel[-1] > stride[-1]:
        fits += [n for n in range(2, out[-1] + 1)
                 if out[-1] % n == 0 and n * outputs <= WIDE
                 and (n - 1) * stride[-1] + kernel[-1] <= waste * kernel[-1]]  # fmt: skip
    apart = all(s >= k for s, k in zip(stride, kernel[:-1], strict=False))
    return fits[-1], apart or channels * kernel[-1] <= SHORT


def row_windows(x, kernel, out, stride, padding, dilation, block, whole):
    """Windows as rows: (…, batch, blocks, entries), with `whole` those of all kernel rows."""
    x = channels_last(bordered(x, padding))
    *outer, images, _, channels = x.shape
    *steps, image, column, channel = x.strides
    span = (block - 1) * stride[-1] + kernel[-1]
    inner = (out[-1] // block, span, channels)
    strides = (block * stride[-1] * column, dilation[-1] * column, channel)
    if whole:
        shape = (*out[:-1], images, inner[0], *kernel[:-1], *inner[1:])
        moves = (*(s * t for s, t in zip(stride, steps, strict=False)), image, strides[0],
                 *(d * t for d, t in zip(dilation, steps, strict=False)), *strides[1:])  # fmt: skip
        entries = math.prod(kernel[:-1]) * span * channels
    else:
        shape, moves = (*outer, images, *inner), (*steps, image, *strides)
        entries = span * channels
    rows = np.ascontiguousarray(as_strided(x, shape, moves, writeable=False))
    return rows.reshape(*rows.shape[: len(outer) + 2], entries)


def matrices(rows, kernel, out, stride, dilation, whole):
    """For each row of the kernel (or for all of them at once) the matrix of windows it sees."""
    count = math.prod(out[:-1]) * rows.shape[-3] * rows.shape[-2]
    if whole:
        yield rows.reshape(count, rows.shape[-1])
        return
    for shift in shifts(kernel[:-1], out[:-1], stride[:-1], dilation[:-1]):
        yield rows[shift[1:]].reshape(count, rows.shape[-1])


def banded(w, block, stride, whole):
    """The weights as matrices, one for each that `matrices` gives."""
    outputs, channels, *outer, k = w.shape
    n, span = math.prod(outer), (block - 1) * stride + k
    by_tap = np.transpose(w, (*range(2, w.ndim), 1, 0)).reshape(n, k, channels, outputs)
    bands = np.zeros((n, span, channels, block, outputs), w.dtype)
    for i in range(block):
        bands[:, i * stride : i * stride + k, :, i] = by_tap
    n, span = (1, n * span) if whole else (n, span)
    return bands.reshape(n, span * channels, block * outputs)


def unbanded(bands, w_shape, block, stride):
    """The transpose of `banded`: the gradient of the weights from that of the matrices."""
    outputs, channels, *kernel = w_shape
    k = kernel[-1]
    span = (block - 1) * stride + k
    bands = bands.reshape(math.prod(kernel[:-1]), span, channels, block, outputs)
    total = bands[:, :k, :, 0]
    for i in range(1, block):
        total = total + bands[:, i * stride : i * stride + k, :, i]
    w = total.reshape(*kernel, channels, outputs)
    axes = (w.ndim - 1, w.ndim - 2, *range(w.ndim - 2))
    return np.ascontiguousarray(np.transpose(w, axes))


def correlate(x, w, stride, padding, dilation):
    """The convolution without groups and bias, channels last."""
    out = positions("conv", x.shape[2:], w.shape[2:], stride, padding, dilation)
    block, whole = form(w.shape, out, stride, dilation)
    rows = row_windows(x, w.shape[2:], out, stride, padding, dilation, block, whole)
    parts = matrices(rows, w.shape[2:], out, stride, dilation, whole)
    total = spare = None
    for part, weights in zip(parts, banded(w, block, stride[-1], whole), strict=True):
        if total is None:
            total = part @ weights
        else:
            spare = np.matmul(part, weights, out=spare)
            total += spare
    return total.reshape(*out[:-1], x.shape[0], out[-1], w.shape[0])


def by_groups(groups, axis, function, *pairs):
    """`function` of the parts of each group, joined; pairs are (array, axis to split)."""
    parts = zip(*(np.split(a, groups, axis=k) for a, k in pairs), strict=True)
    return np.concatenate([function(*p) for p in parts], axis=axis)


def conv_array(x, w, b, stride, padding, dilation, groups):
    if groups == 1:
        y = correlate(x, w, stride, padding, dilation)
    elif w.shape[1] == 1 and w.shape[0] == groups:
        y = depthwise(x, w, stride, padding, dilation)
    else:
        y = by_groups(groups, -1, lambda x, w: correlate(x, w, stride, padding, dilation),
                      (x, 1), (w, 0))  # fmt: skip
    if b is not None:
        y = y + b if np.result_type(y, b) != y.dtype else np.add(y, b, out=y)
    return channels_first(y)


def conv_input_array(u, w, size, stride, padding, dilation, groups):
    numpys_only("conv_input", u)
    if groups > 1 and not (w.shape[1] == 1 and w.shape[0] == groups):
        return by_groups(
            groups, 1,
            lambda u, w: conv_input_array(u, w, size, stride, padding, dilation, 1), (u, 1), (w, 0),
        )  # fmt: skip
    if groups > 1 or max(stride) > 1:
        return folded(u, w, size, stride, padding, dilation, groups)
    # every entry of the input meets the kernel in reverse
    back = np.swapaxes(np.flip(w, tuple(range(2, w.ndim))), 0, 1)
    borders = []
    for n, m, k, (before, _), d in zip(
        size, u.shape[2:], w.shape[2:], padding, dilation, strict=True
    ):
        first = d * (k - 1) - before
        borders.append((first, n + d * (k - 1) - first - m))
    return channels_first(correlate(u, back, stride, tuple(borders), dilation))


def folded(u, w, size, stride, padding, dilation, groups):
    """Each entry of the output sends to the entries that it looked at, one after the other."""
    out, kernel = u.shape[2:], w.shape[2:]
    wide = [n + sum(p) for n, p in zip(size, padding, strict=True)]
    channels = w.shape[1] * groups
    memory = np.zeros((*wide[:-1], u.shape[0], wide[-1], channels), np.result_type(u, w))
    total, u = channels_first(memory), np.ascontiguousarray(channels_last(u))
    by_tap = np.transpose(w, (*range(2, w.ndim), 0, 1)).reshape(-1, *w.shape[:2])
    for shift, weights in zip(shifts(kernel, out, stride, dilation), by_tap, strict=True):
        total[shift] += channels_first(u * weights[:, 0] if groups > 1 else u @ weights)
    return cropped(total, padding, size)


def conv_weight_array(u, x, kernel, stride, padding, dilation, groups):
    if groups > 1 and u.shape[1] == x.shape[1] == groups:
        return depthwise_weight(u, x, kernel, stride, padding, dilation)
    if groups > 1:
        return by_groups(
            groups, 0,
            lambda u, x: conv_weight_array(u, x, kernel, stride, padding, dilation, 1),
            (u, 1), (x, 1),
        )  # fmt: skip
    out, w_shape = u.shape[2:], (u.shape[1], x.shape[1], *kernel)
    block, whole = form(w_shape, out, stride, dilation)
    rows = row_windows(x, kernel, out, stride, padding, dilation, block, whole)
    count = math.prod(out) * u.shape[0] // block
    u = channels_last(u).reshape(count, block * u.shape[1])
    parts = matrices(rows, kernel, out, stride, dilation, whole)
    bands = np.stack([part.T @ u for part in parts])
    return unbanded(bands, w_shape, block, stride[-1])


def depthwise(x, w, stride, padding, dilation):
    """One kernel for each channel: shifted products, as there is nothing to sum over."""
    out = positions("conv", x.shape[2:], w.shape[2:], stride, padding, dilation)
    x, by_tap = bordered(x, padding), w.reshape(w.shape[0], -1).T
    total = spare = None
    for shift, weights in zip(shifts(w.shape[2:], out, stride, dilation), by_tap, strict=True):
        part = channels_last(x[shift])
        if total is None:
            total = np.ascontiguousarray(part * weights)
        else:
            spare = np.multiply(part, weights, out=spare)
            total += spare
    return total


def depthwise_weight(u, x, kernel, stride, padding, dilation):
    x, u = bordered(x, padding), channels_last(u)
    out = (*u.shape[:-3], u.shape[-2])
    found = [sum_leading(channels_last(x[shift]) * u, u.ndim - 1)
             for shift in shifts(kernel, out, stride, dilation)]  # fmt: skip
    return np.stack(found, axis=1).reshape(u.shape[-1], 1, *kernel)


def conv_plain(x, w, b, stride, padding, dilation, groups):
    """The definition, as a sum of shifted products; of arrays of every kind, and of Tensors."""
    out = positions("conv", x.shape[2:], w.shape[2:], stride, padding, dilation)
    n, channels = x.shape[:2]
    x = np.pad(x, ((0, 0), (0, 0), *padding))
    total = 0 if b is None else np.reshape(b, (-1, 1))
    places = itertools.product(*map(range, w.shape[2:]))
    for shift, tap in zip(shifts(w.shape[2:], out, stride, dilation), places, strict=True):
        seen = np.reshape(x[shift], (n, groups, channels // groups, math.prod(out)))
        weights = np.reshape(w[(..., *tap)], (groups, w.shape[0] // groups, w.shape[1]))
        total = total + np.reshape(np.matmul(weights, seen), (n, w.shape[0], math.prod(out)))
    return np.reshape(total, (n, w.shape[0], *out))
