"""Normalisation over any axes, fused: layer, RMS, group and batch normalisation are this one."""

import math

import numpy as np

from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.registry import fused
from autograd_lite.rules.gaussian import in_place
from autograd_lite.shapes import axis_of, ones, unbroadcast


# --- sums over axes, by products with ones where these are several times as fast ------------------
def rows_of(a, axes):
    """`a` as a matrix without a copy and which of its axes (0 or 1) to sum; None if there is none.

    The sums run over the last axes, or over all but one: that of the channels, which comes second
    in memory of the order NCHW, and last in that of the order NHWC.
    """
    ndim, n = a.ndim, math.prod(a.shape[i] for i in axes)
    if not a.size:
        return None
    if axes == tuple(range(ndim - len(axes), ndim)) and a.flags.c_contiguous:
        return a.reshape(-1, n), 1
    if len(axes) == ndim - 1 and 1 not in axes:
        last = np.moveaxis(a, 1, -1)
        if last.flags.c_contiguous:
            return last.reshape(-1, a.shape[1]), 0
        if a.flags.c_contiguous:
            return a.reshape(a.shape[0] * a.shape[1], -1), 1
    return None


def total(a, axes):
    """Σ a over `axes`, which stay as axes of length one."""
    found = rows_of(a, axes) if in_place(a) else None
    if found is None:
        return np.sum(a, axis=axes, keepdims=True)
    rows, axis = found
    sums = rows @ ones(rows.shape[1], rows.dtype) if axis else ones(len(rows), rows.dtype) @ rows
    return gathered(sums, a.shape, axes)


def gathered(sums, shape, axes):
    """Sums of rows, for a batch of channels summed over the batch as well, as `keepdims` has them."""
    kept = tuple(1 if i in axes else s for i, s in enumerate(shape))
    if sums.size != math.prod(kept):
        sums = sums.reshape(shape[0], -1).sum(axis=0)
    return sums.reshape(kept)


def total_product(a, b, axes):
    """Σ a b over `axes`, likewise."""
    if in_place(a, b):
        found, other = rows_of(a, axes), rows_of(b, axes)
        if found and other and found[1] == other[1] == 1:
            return gathered(np.vecdot(found[0], other[0]), a.shape, axes)
    return total(a * b, axes)


def moments(x, axes):
    """Mean and variance over `axes`, kept as axes of length one."""
    n = math.prod(x.shape[i] for i in axes)
    mean = total(x, axes) / n
    d = x - mean
    return mean, total_product(d, d, axes) / n


# --- the operation --------------------------------------------------------------------------------
def refuse_complex(x):
    if x.dtype.kind == "c":
        raise DTypeError(f"normalisation: complex numbers are not supported, got {x.shape}")


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
    n = math.prod(x.shape[i] for i in axes)
    d = x
    if centred:
        d = x - (total(x, axes) / n if known is None else known[0])
    spread = total_product(d, d, axes) / n if known is None else known[1]
    inverse = 1.0 / np.sqrt(spread + eps)
    if not (centred and in_place(d)):
        normal = d * inverse
    else:
        d *= inverse
        normal = d
    out = scaled(normal, scale, None)
    if (
        shift is not None
        and out is not normal
        and in_place(out, shift)
        and out.dtype == shift.dtype
    ):
        out += shift
        return out, normal, inverse
    return scaled(out, None, shift), normal, inverse


def standardised_vjp(
    g, scale, x_shape, scale_shape, shift_shape, normal, inverse, axes, centred, needs
):
    """With G = g ⊙ scale: dx = (G − mean(G) − x̂ mean(G ⊙ x̂)) / σ (Ioffe and Szegedy, 2015)."""
    n = math.prod(x_shape[i] for i in axes)
    fast = in_place(g, normal, inverse)
    constant = scale is None or scale_shape == inverse.shape  # over the axes, as a channel's is
    if fast and constant:
        return with_constant_scale(g, scale, shift_shape, normal, inverse, axes, n, centred, needs)
    to_scale = to_x = None
    if needs[1]:
        product = g * normal
        to_scale = unbroadcast(product, scale_shape) if fast else product
    if needs[0]:
        G = g if scale is None else g * scale
        along = total_product(G, normal, axes) / n
        mean = total(G, axes) / n if centred else None
        to_x = sent(G, normal, mean, along, inverse)
    return to_x, to_scale, (g if needs[2] else None)


def with_constant_scale(g, scale, shift_shape, normal, inverse, axes, n, centred, needs):
    """The same where `scale` leaves the sums: those of its own gradient serve for x as well."""
    product = total_product(g, normal, axes) if needs[0] or needs[1] else None
    alone = needs[2] and shift_shape == inverse.shape
    sums = total(g, axes) if alone or (needs[0] and centred) else None
    to_x = None
    if needs[0]:
        factor = inverse if scale is None else inverse * scale
        to_x = sent(g, normal, sums / n if centred else None, product / n, factor)
    return to_x, (product if needs[1] else None), (sums if alone else g if needs[2] else None)


def sent(g, normal, mean, along, factor):
    """(g − mean − normal · along) · factor."""
    if not in_place(g, normal, along, factor):
        return (g - normal * along - mean if mean is not None else g - normal * along) * factor
    out = normal * -along
    out += g
    if mean is not None:
        out -= mean
    out *= factor
    return out


def normal_of(x, axes, eps, centred):
    d = x - np.mean(x, axis=axes, keepdims=True) if centred else x
    return d * inverse_of(x, axes, eps, centred)


def inverse_of(x, axes, eps, centred):
    d = x - np.mean(x, axis=axes, keepdims=True) if centred else x
    return 1.0 / np.sqrt(np.mean(d * d, axis=axes, keepdims=True) + eps)


standardised = fused(
    standardised_body, "x scale? shift?", name="normalise",
    static=dict(axes=(-1,), eps=1e-5, centred=True, known=None),
    forward=standardised_forward, vjp=standardised_vjp,
    keep=dict(normal=normal_of, inverse=inverse_of),
)  # fmt: skip


# --- what users call ------------------------------------------------------------------------------
def floats(x, name):
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if x.dtype.kind != "f":
        raise DTypeError(f"{name}: x of dtype {x.dtype}; expected floats, x.astype(float)")
    return x


def placed(w, what, name, x, axes):
    """A weight over `axes` of x, reshaped so that it broadcasts against x."""
    if w is None:
        return None
    w = w if hasattr(w, "dtype") else np.asarray(w, x.dtype)
    expected = tuple(x.shape[i] for i in axes)
    if w.shape != expected:
        raise ShapeError(f"{name}: {what} of shape {w.shape} for x of shape {x.shape}; "
                         f"expected {expected}")  # fmt: skip
    if axes == tuple(range(x.ndim - len(axes), x.ndim)):
        return w
    return np.reshape(w, tuple(s if i in axes else 1 for i, s in enumerate(x.shape)))


def normal_axes(axis, x, name):
    axes = axis if isinstance(axis, tuple) else (axis,)
    axes = tuple(sorted(axis_of(a, x.ndim) for a in axes))
    if not axes or len(set(axes)) < len(axes) or not math.prod(x.shape[a] for a in axes):
        raise ShapeError(f"{name}: axis {axis} of x of shape {x.shape} leaves nothing to average")
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
    x = floats(x, "layer_norm")
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
    x = floats(x, "rms_norm")
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
    ShapeError : groups that do not divide c, a weight that does not fit.

    >>> import autograd_lite as ag
    >>> ag.functional.group_norm(ag.Tensor([[1.0, 3.0, 10.0, 30.0]]), 2).data.round(3)
    array([[-1.,  1., -1.,  1.]])
    """
    x = floats(x, "group_norm")
    if x.ndim < 2:
        raise ShapeError(f"group_norm: x of shape {x.shape}; expected (n, channels, …)")
    if not isinstance(groups, int) or groups < 1 or x.shape[1] % groups or not x.size:
        raise ShapeError(f"group_norm: {groups} groups do not divide the {x.shape[1]} channels of "
                         f"x of shape {x.shape}")  # fmt: skip
    weight = placed(weight, "weight", "group_norm", x, (1,))
    bias = placed(bias, "bias", "group_norm", x, (1,))
    parted = np.reshape(x, (x.shape[0], groups, -1))
    return scaled(np.reshape(standardised(parted, None, None, (2,), eps, True, None), x.shape),
                  weight, bias)  # fmt: skip
