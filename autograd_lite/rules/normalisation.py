"""Normalisation over any axes, fused: layer, RMS, group and batch normalisation are this one."""

import math

import numpy as np

from autograd_lite.arguments import array, whole
from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.registry import fused
from autograd_lite.rules.normalisation_arrays import (
    channel_moments,
    channels_back,
    channels_forward,
    rows_back,
    rows_forward,
)
from autograd_lite.shapes import axis_of


# --- the operation --------------------------------------------------------------------------------
def refuse_complex(x):
    if x.dtype.kind == "c":
        raise DTypeError(f"normalisation: complex numbers are not supported, got {x.shape}")


def moments(x, axes):
    """Mean and variance over `axes`, kept as axes of length one."""
    if is_fast(x) and len(axes) == x.ndim - 1 and 1 not in axes:
        return channel_moments(x)
    return np.mean(x, axis=axes, keepdims=True), np.var(x, axis=axes, keepdims=True)


def is_fast(x, *others):
    """Whether the forms for NumPy's floats of one dtype apply."""
    if type(x) is not np.ndarray or x.dtype.char not in "fd" or not x.size:
        return False
    for w in others:
        if w is not None and (type(w) is not np.ndarray or w.dtype != x.dtype or not w.ndim):
            return False
    return True


def fast_form(x, scale, shift, axes, centred):
    """Which of those forms there is for this place of the axes, and for weights over them or not."""
    if not is_fast(x, scale, shift):
        return None
    first, shape = axes[0], x.shape
    over, form = shape[first:], "rows"
    if first != len(shape) - len(axes):  # the axes are sorted: they are not the last ones
        over, form = tuple(1 if i in axes else s for i, s in enumerate(shape)), "channels"
        if not centred or len(axes) != x.ndim - 1 or 1 in axes:
            return None
    fits = (scale is None or scale.shape == over) and (shift is None or shift.shape == over)
    return form if fits else None


def scaled(y, scale, shift):
    y = y if scale is None else y * scale
    return y if shift is None else y + shift


def standardised_body(x, scale, shift, axes, eps, centred, known):
    refuse_complex(x)
    d = x - np.mean(x, axis=axes, keepdims=True) if centred else x
    spread = np.mean(d * d, axis=axes, keepdims=True)
    return scaled(d / np.sqrt(spread + eps), scale, shift)


def standardised_forward(x, scale, shift, axes, eps, centred, known):
    """known : mean and variance of x, if they were computed before; the body computes its own."""
    refuse_complex(x)
    form = fast_form(x, scale, shift, axes, centred)
    if form == "rows" and known is None:
        n = math.prod(x.shape[axes[0] :])
        out, mean, inverse = rows_forward(x, scale, shift, n, eps, centred)
        kept = x.shape[: axes[0]] + (1,) * len(axes)
        return out, mean.reshape(kept), inverse.reshape(kept)
    if not centred:
        spread = np.mean(x * x, axis=axes, keepdims=True)
        mean = np.zeros_like(spread)
    else:
        mean, spread = moments(x, axes) if known is None else known
    inverse = 1.0 / np.sqrt(spread + eps)
    if form == "channels":
        return channels_forward(x, scale, shift, mean, inverse), mean, inverse
    return scaled((x - mean if centred else x) * inverse, scale, shift), mean, inverse


def standardised_vjp(g, x, scale, shift, mean, inverse, axes, centred, needs):
    """With G = g ⊙ scale: dx = (G − mean(G) − x̂ mean(G ⊙ x̂)) / σ (Ioffe and Szegedy, 2015)."""
    form = fast_form(x, scale, shift, axes, centred) if is_fast(g, x) else None
    if form == "rows":
        n = math.prod(x.shape[axes[0] :])
        column = (mean.reshape(-1) if centred else None), inverse.reshape(-1)
        to_x, *others = rows_back(g, x, scale, *column, n, needs)
        if len(axes) > 1:
            others = [w if w is None else w.reshape(x.shape[axes[0] :]) for w in others]
        return to_x, *others
    if form == "channels":
        return channels_back(g, x, scale, mean, inverse, needs)
    normal = (x - mean if centred else x) * inverse
    to_x = None
    if needs[0]:
        G = g if scale is None else g * scale
        to_x = G - normal * np.mean(G * normal, axis=axes, keepdims=True)
        to_x = (to_x - np.mean(G, axis=axes, keepdims=True) if centred else to_x) * inverse
    return to_x, (g * normal if needs[1] else None), (g if needs[2] else None)


def mean_of(x, axes, centred):
    mean = np.mean(x, axis=axes, keepdims=True)
    return mean if centred else np.zeros_like(mean)


def inverse_of(x, axes, eps, centred):
    d = x - mean_of(x, axes, centred) if centred else x
    return 1.0 / np.sqrt(np.mean(d * d, axis=axes, keepdims=True) + eps)


standardised = fused(
    standardised_body, "x scale? shift?", name="normalise",
    static=dict(axes=(-1,), eps=1e-5, centred=True, known=None),
    forward=standardised_forward, vjp=standardised_vjp,
    keep=dict(mean=mean_of, inverse=inverse_of),
)  # fmt: skip


# --- what users call ------------------------------------------------------------------------------
def floats(x, name, eps):
    x = array(name, "x", x)
    if not eps >= 0:  # nor NaN
        raise ValueError(f"{name}: eps is {eps}; expected a number of at least 0")
    if x.dtype.kind != "f":
        raise DTypeError(f"{name}: x of dtype {x.dtype}; expected floats, x.astype(float)")
    return x


def placed(w, what, name, x, axes):
    """A weight over `axes` of x, reshaped so that it broadcasts against x."""
    if w is None:
        return None
    w, shape = w if hasattr(w, "dtype") else np.asarray(w, x.dtype), x.shape
    last = axes[0] == len(shape) - len(axes)  # the axes are sorted
    expected = shape[axes[0] :] if last else tuple(shape[i] for i in axes)
    if w.shape != expected:
        raise ShapeError(f"{name}: {what} of shape {w.shape} for x of shape {shape}; "
                         f"expected {expected}")  # fmt: skip
    if last:
        return w
    return np.reshape(w, tuple(s if i in axes else 1 for i, s in enumerate(shape)))


def normal_axes(axis, x, name):
    axes, shape = axis if isinstance(axis, tuple) else (axis,), x.shape
    axes = tuple(sorted([axis_of(a, len(shape)) for a in axes]))
    if not axes or len(set(axes)) < len(axes) or 0 in [shape[a] for a in axes]:
        raise ShapeError(f"{name}: axis {axis} of x of shape {shape} leaves nothing to average")
    return axes


def layer_norm(x, weight=None, bias=None, axis=-1, eps=1e-5):
    """(x − mean) / √(variance + eps) over `axis`, times `weight` plus `bias`.

    Ba, Kiros and Hinton, "Layer normalization" (2016). The variance is that of `np.var`.

    Parameters
    ----------
    x : float array or Tensor.
    weight, bias : of the shape of the axes that are normalised, or None.
    axis : an integer or a tuple. (PyTorch gives the shape of the last axes instead.)
    eps : keeps a constant row from a division by 0; its gradient is then 0.

    Raises
    ------
    ShapeError : a weight that does not fit, axes with no entries.  DTypeError : x not of floats.

    >>> import autograd_lite as ag
    >>> ag.functional.layer_norm(ag.Tensor([[1.0, 2.0, 3.0]])).data.round(4)
    array([[-1.2247,  0.    ,  1.2247]])
    """
    x = floats(x, "layer_norm", eps)
    axes = normal_axes(axis, x, "layer_norm")
    weight = placed(weight, "weight", "layer_norm", x, axes)
    bias = placed(bias, "bias", "layer_norm", x, axes)
    return standardised(x, weight, bias, axes, eps, True, None)


def rms_norm(x, weight=None, axis=-1, eps=None):
    """x / √(mean(x²) + eps) over `axis`, times `weight`.

    Zhang and Sennrich, "Root mean square layer normalization" (2019).

    Parameters
    ----------
    x, weight, axis : as in `layer_norm`.
    eps : None for the machine epsilon of x's dtype, as in PyTorch.

    >>> import autograd_lite as ag
    >>> ag.functional.rms_norm(ag.Tensor([3.0, 4.0])).data.round(4)
    array([0.8485, 1.1314])
    """
    x = floats(x, "rms_norm", 0.0 if eps is None else eps)
    axes = normal_axes(axis, x, "rms_norm")
    weight = placed(weight, "weight", "rms_norm", x, axes)
    eps = float(np.finfo(x.dtype).eps) if eps is None else eps
    return standardised(x, weight, None, axes, eps, False, None)


def group_norm(x, groups, weight=None, bias=None, eps=1e-5):
    """Layer normalisation of each of `groups` runs of channels (axis 1) by itself.

    Wu and He, "Group normalization" (2018). With as many groups as channels it is instance
    normalisation (Ulyanov et al., 2016).

    Parameters
    ----------
    x : (n, c, …) float.  groups : divides c.  weight, bias : (c,) or None.

    Raises
    ------
    ShapeError : groups that do not divide c, a weight that does not fit.  ValueError : groups
        that are no positive integer.

    >>> import autograd_lite as ag
    >>> ag.functional.group_norm(ag.Tensor([[1.0, 3.0, 10.0, 30.0]]), 2).data.round(3)
    array([[-1.,  1., -1.,  1.]])
    """
    x = floats(x, "group_norm", eps)
    if x.ndim < 2:
        raise ShapeError(f"group_norm: x of shape {x.shape}; expected (n, channels, …)")
    groups = whole("group_norm", "groups", groups)
    size = math.prod(x.shape[1:])
    if x.shape[1] % groups or not size:
        raise ShapeError(f"group_norm: {groups} groups do not divide the {x.shape[1]} channels of "
                         f"x of shape {x.shape}")  # fmt: skip
    weight = placed(weight, "weight", "group_norm", x, (1,))
    bias = placed(bias, "bias", "group_norm", x, (1,))
    parted = np.reshape(x, (x.shape[0], groups, size // groups))
    return scaled(np.reshape(standardised(parted, None, None, (2,), eps, True, None), x.shape),
                  weight, bias)  # fmt: skip
