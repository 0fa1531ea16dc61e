"""Discrete Fourier transforms.

The matrix of a DFT is symmetric, so in the unconjugated convention its rule is the same DFT, cut or
filled up with zeros to the length of the input. Bin k of a half spectrum stands for the bins k and
n − k of a real signal, except for k = 0 and k = n/2, which stand for themselves: as matrices, `hfft`
is the transpose of `rfft` with the columns of pairs doubled, and `irfft` that of `ihfft`.
"""

from typing import Any

import numpy as np

from autograd_lite.registry import derived, rule
from autograd_lite.rules.indexing import getitem
from autograd_lite.shapes import axis_of


def fitted(x, shape, axis):
    """`x` cut, or filled up with zeros, to the length of `shape` along `axis`."""
    axis, length = axis_of(axis, len(shape)), shape[axis]
    if x.shape[axis] > length:
        return getitem(x, (slice(None),) * axis + (slice(length),))
    widths = [(0, m - n) for m, n in zip(shape, x.shape, strict=True)]
    return np.pad(x, widths) if x.shape[axis] < length else x


def weigh_pairs(a, n, axis, weight):
    """`a` with the bins weighed that stand for two; in one piece, which Dask wants for its FFT."""
    shape = [1] * a.ndim
    shape[axis] = a.shape[axis]
    bins = np.cumsum(np.ones_like(a, shape=(a.shape[axis],), dtype=int)) - 1
    single = np.reshape((bins == 0) | (2 * bins == n), shape)
    return np.where(single, a, weight * a)


def length(shape, n, axis):
    return shape[axis] if n is None else n


ONE_AXIS = dict(n=None, axis=-1, norm=None)
# fmt: off
pairs_weighed: Any = rule(weigh_pairs, "a", name="weigh_pairs", static=dict(n=1, axis=-1, weight=1.0),
                          a=lambda g, n, axis, weight: pairs_weighed(g, n=n, axis=axis, weight=weight))


def doubled(half, n, axis):
    """A half spectrum with the bins doubled that stand for two of the n."""
    return pairs_weighed(half, n=n, axis=axis, weight=2.0)


def halved(half, n, axis):
    return pairs_weighed(half, n=n, axis=axis, weight=0.5)


rule(np.fft.fft,   "a", static=ONE_AXIS, a=lambda g, a_shape, axis, norm: fitted(np.fft.fft(g, axis=axis, norm=norm), a_shape, axis))
rule(np.fft.ifft,  "a", static=ONE_AXIS, a=lambda g, a_shape, axis, norm: fitted(np.fft.ifft(g, axis=axis, norm=norm), a_shape, axis))
rule(np.fft.rfft,  "a", static=ONE_AXIS, a=lambda g, a_shape, n, axis, norm: fitted(
    np.fft.hfft(halved(g, length(a_shape, n, axis), axis), length(a_shape, n, axis), axis, norm), a_shape, axis))
rule(np.fft.ihfft, "a", static=ONE_AXIS, a=lambda g, a_shape, n, axis, norm: fitted(
    np.fft.irfft(halved(g, length(a_shape, n, axis), axis), length(a_shape, n, axis), axis, norm), a_shape, axis))
rule(np.fft.hfft,  "a", static=ONE_AXIS, a=lambda g, a_shape, out_shape, axis, norm: fitted(
    doubled(np.fft.rfft(g, axis=axis, norm=norm), out_shape[axis], axis), a_shape, axis))
rule(np.fft.irfft, "a", static=ONE_AXIS, a=lambda g, a_shape, out_shape, axis, norm: fitted(
    doubled(np.fft.ihfft(g, axis=axis, norm=norm), out_shape[axis], axis), a_shape, axis))
# fmt: on


# --- several axes: one after the other, which is what NumPy does as well ---------------------
def lengths(a, s, axes, at_least=0):
    """The length of each axis to transform, and these axes."""
    if axes is None:
        axes = range(a.ndim) if s is None else range(-len(s), 0)
    axes = list(axes)
    s = [-1] * len(axes) if s is None else list(s)
    if len(s) != len(axes):
        raise ValueError(f"s has {len(s)} lengths for {len(axes)} axes; give one for each")
    if len(axes) < at_least:
        raise ValueError("no axes to transform; the last one gives the half spectrum")
    full = [a.shape[axis_of(k, a.ndim)] for k in axes]
    return [m if n == -1 else n for n, m in zip(s, full, strict=True)], axes


def each(transform, a, pairs, norm, out):
    """`transform` along one axis after the other, each with its length."""
    for n, axis in pairs:
        a = transform(a, None if n == a.shape[axis] else n, axis, norm, out=out)
    return a


def backwards(s, axes):
    return list(zip(s, axes, strict=True))[::-1]


@derived(np.fft.fftn)
def fftn(a, s=None, axes=None, norm=None, out=None):
    return each(np.fft.fft, a, backwards(*lengths(a, s, axes)), norm, out)


@derived(np.fft.ifftn)
def ifftn(a, s=None, axes=None, norm=None, out=None):
    return each(np.fft.ifft, a, backwards(*lengths(a, s, axes)), norm, out)


@derived(np.fft.rfftn)
def rfftn(a, s=None, axes=None, norm=None, out=None):
    last, *rest = backwards(*lengths(a, s, axes, at_least=1))
    return each(np.fft.fft, each(np.fft.rfft, a, [last], norm, out), rest, norm, out)


@derived(np.fft.irfftn)
def irfftn(a, s=None, axes=None, norm=None, out=None):
    given, axes = lengths(a, s, axes, at_least=1)
    *rest, (n, axis) = zip(given, axes, strict=True)
    a = each(np.fft.ifft, a, rest, norm, out)
    return np.fft.irfft(a, n if s is not None else None, axis, norm, out=out)


@derived(np.fft.fft2)
def fft2(a, s=None, axes=(-2, -1), norm=None, out=None):
    return np.fft.fftn(a, s, axes, norm, out)


@derived(np.fft.ifft2)
def ifft2(a, s=None, axes=(-2, -1), norm=None, out=None):
    return np.fft.ifftn(a, s, axes, norm, out)


@derived(np.fft.rfft2)
def rfft2(a, s=None, axes=(-2, -1), norm=None, out=None):
    return np.fft.rfftn(a, s, axes, norm, out)


@derived(np.fft.irfft2)
def irfft2(a, s=None, axes=(-2, -1), norm=None, out=None):
    return np.fft.irfftn(a, s, axes, norm, out)


# --- order of the bins ------------------------------------------------------------------------
def half_turn(x, axes, sign):
    """Shifts that move bin 0 to the middle (sign 1) or back, and the axes to roll along."""
    axes = tuple(range(x.ndim)) if axes is None else (axes,) if np.ndim(axes) == 0 else tuple(axes)
    return tuple(sign * (x.shape[k] // 2) for k in axes), axes


@derived(np.fft.fftshift)
def fftshift(x, axes=None):
    return np.roll(x, *half_turn(x, axes, 1))


@derived(np.fft.ifftshift)
def ifftshift(x, axes=None):
    return np.roll(x, *half_turn(x, axes, -1))
