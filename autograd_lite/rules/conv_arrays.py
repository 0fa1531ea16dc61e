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
    numpys_only,
    positions,
    shifts,
)

WIDE = 64  # columns with which a matrix product is at its best
SHORT = 32  # entries of a window that are too few for a product of their own
PART = 2**19  # entries of an output that are put back together
FEW = 8  # columns that are too few for any product


def form(w_shape, out, stride, dilation):
    """How many neighbouring outputs share a window, and whether a window spans all kernel rows."""
    outputs, channels, *kernel = w_shape
    # products with few columns are so slow that most of a band may be zero
    waste = 3.0 if outputs < FEW else 1.6 if channels * kernel[-1] <= SHORT else 1.25
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
    return channels_first(y if b is None else biased(y, b))


def biased(y, b):
    """y + b, in place, with b repeated to the length of a row: short inner loops are slow."""
    if np.result_type(y, b) != y.dtype:
        return y + b
    rows = y.reshape(math.prod(y.shape[:-2]), -1) if y.size else y
    rows += np.tile(b, y.shape[-2]) if y.size else b
    return y


def conv_input_array(u, w, size, stride, padding, dilation, groups):
    numpys_only("conv_input", u)
    single = w.shape[1] == 1 and w.shape[0] == groups > 1
    if groups > 1 and not single:
        return by_groups(
            groups, 1,
            lambda u, w: conv_input_array(u, w, size, stride, padding, dilation, 1), (u, 1), (w, 0),
        )  # fmt: skip
    if max(stride) > 1:
        return by_phases(u, w, size, stride, padding, dilation, groups)
    # every entry of the input meets the kernel in reverse
    back = np.flip(w, tuple(range(2, w.ndim)))
    borders = []
    for n, m, k, (before, _), d in zip(
        size, u.shape[2:], w.shape[2:], padding, dilation, strict=True
    ):
        first = d * (k - 1) - before
        borders.append((first, n + d * (k - 1) - first - m))
    if any(m + b <= 0 for m, pair in zip(u.shape[2:], borders, strict=True) for b in pair):
        return np.zeros((len(u), w.shape[1] * groups, *size), np.result_type(u, w))  # meets nothing
    if single:
        return channels_first(depthwise(u, back, stride, tuple(borders), dilation))
    return channels_first(correlate(u, np.swapaxes(back, 0, 1), stride, tuple(borders), dilation))


def by_phases(u, w, size, stride, padding, dilation, groups):
    """Entries of the input as far apart as the stride meet the same part of the kernel.

    For each such set it is a transpose with stride 1.
    """
    shape = (*size[:-1], u.shape[0], size[-1], w.shape[1] * groups)
    total = channels_first(np.zeros(shape, np.result_type(u, w)))
    axes = [phases(*a) for a in zip(size, w.shape[2:], stride, padding, dilation, strict=True)]
    apart = tuple(d // math.gcd(s, d) for s, d in zip(stride, dilation, strict=True))
    some = max(1, PART * len(u) // max(1, u.size))  # images at once: their windows are copies
    for choice in itertools.product(*axes):
        of, taps, before = zip(*choice, strict=True)
        place, weights = total[(..., *of)], w[(..., *taps)]
        geometry = (1,) * len(stride), tuple((b, 0) for b in before), apart, groups
        for first in range(0, len(u), some):
            images = slice(first, first + some)
            place[images] = conv_input_array(u[images], weights, place.shape[2:], *geometry)
    return total


def phases(size, k, stride, padding, dilation):
    """Along one axis: which entries, the taps they meet, and the place of the first at the first."""
    step = stride // math.gcd(stride, dilation)
    for tap in range(min(k, step)):
        first = (tap * dilation - padding[0]) % stride
        if first < size:
            place = (first + padding[0] - tap * dilation) // stride
            yield slice(first, None, stride), slice(tap, None, step), place


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
    """One kernel for each channel; columns as far apart as the stride are taken together."""
    out = positions("conv", x.shape[2:], w.shape[2:], stride, padding, dilation)
    x, total = bordered(x, padding), None
    step, apart = (n // math.gcd(stride[-1], dilation[-1]) for n in (stride[-1], dilation[-1]))
    for tap in range(min(w.shape[-1], step)):
        taps, first = w[..., tap::step], tap * dilation[-1]
        count = (taps.shape[-1] - 1) * apart + out[-1]
        columns = x[..., first : first + (count - 1) * stride[-1] + 1 : stride[-1]]
        part = products_of_runs(columns, taps, out, stride, (*dilation[:-1], apart))
        total = part if total is None else np.add(total, part, out=total)
    return total


def products_of_runs(x, w, out, stride, dilation):
    """That with stride 1 along the last axis: a row, and weights repeated for it, are plain runs.

    einsum adds the products up without an array for each of them.
    """
    kernel, n = w.shape[2:], x.ndim - 2
    x = np.ascontiguousarray(channels_last(x))
    *steps, image, column, channel = x.strides
    images, channels = x.shape[-3], x.shape[-1]
    moves = (*(s * t for s, t in zip(stride, steps, strict=False)),
             *(d * t for d, t in zip(dilation, (*steps, column), strict=True)), image, channel)  # fmt: skip
    seen = as_strided(x, (*out[:-1], *kernel, images, out[-1] * channels), moves, writeable=False)
    taps = np.moveaxis(w.reshape(channels, *kernel), 0, -1)
    taps = np.repeat(taps[..., None, :], out[-1], axis=-2).reshape(*kernel, -1)
    axes = list(range(seen.ndim))
    places, inside, (image, run) = axes[: n - 1], axes[n - 1 : 2 * n - 1], axes[-2:]
    total = np.empty((*out[:-1], images, out[-1] * channels), np.result_type(x, w))
    np.einsum(seen, axes, taps, [*inside, run], [*places, image, run], out=total)
    return total.reshape(*out[:-1], images, out[-1], channels)


def depthwise_weight(u, x, kernel, stride, padding, dilation):
    x, u = bordered(x, padding), channels_last(u)
    axes = list(range(u.ndim))
    found = [
        np.einsum(channels_last(x[shift]), axes, u, axes, axes[-2:]).sum(axis=0)
        for shift in shifts(kernel, (*u.shape[:-3], u.shape[-2]), stride, dilation)
    ]
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
