"""Scaled dot-product attention as one operation."""

import math

import numpy as np

from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.registry import fused
from autograd_lite.rules.gaussian import in_place

LOWEST = -1e30  # a masked score where −∞ − (−∞) must not come up; exp of it is 0


def masked(scores, mask):
    """Scores with an additive mask, or with those dropped where a boolean mask is False."""
    if mask is None:
        return scores
    return np.where(mask, scores, LOWEST) if mask.dtype.kind == "b" else scores + mask


def weights(q, k, mask, scale):
    """softmax(q kᵀ scale + mask) over the keys; all zero for a query that may see none."""
    s = masked(np.matmul(q * scale, np.swapaxes(k, -1, -2)), mask)
    if mask is None or mask.dtype.kind != "b":
        e = np.exp(s - np.max(s, axis=-1, keepdims=True))
        return e / np.sum(e, axis=-1, keepdims=True)
    e = np.exp(s - np.max(s, axis=-1, keepdims=True)) * mask
    total = np.sum(e, axis=-1, keepdims=True)
    return e / (total + np.equal(total, 0))


def attention_body(q, k, v, mask, scale):
    refuse_complex(q, k, v)
    return np.matmul(weights(q, k, mask, scale), v)


def refuse_complex(*arrays):
    for a in arrays:
        if a.dtype.kind == "c":
            raise DTypeError("attention: complex numbers are not supported; scores have no order")


def attention_forward(q, k, v, mask, scale):
    refuse_complex(q, k, v)
    s = np.matmul(q * scale, np.swapaxes(k, -1, -2))
    boolean = mask is not None and mask.dtype.kind == "b"
    if not in_place(s) or (mask is not None and not isinstance(mask, np.ndarray)):
        p = weights(q, k, mask, scale)
        return np.matmul(p, v), p
    if boolean:
        np.copyto(s, LOWEST, where=~mask)
    elif mask is not None and np.result_type(s, mask) == s.dtype:
        s += mask
    elif mask is not None:
        s = s + mask
    s -= s.max(axis=-1, keepdims=True)
    np.exp(s, out=s)
    if boolean and not mask.any(axis=-1).all():
        s *= mask
    total = s.sum(axis=-1, keepdims=True)
    total += total == 0
    s /= total
    return np.matmul(s, v), s


def attention_vjp(g, q, k, v, mask, p, out, scale, needs):
    """Through softmax: dS = P ⊙ (dP − Σₖ dP ⊙ P), where Σₖ dP ⊙ P = Σ g ⊙ out, a shorter sum."""
    to_v = np.matmul(np.swapaxes(p, -1, -2), g) if needs[2] else None
    if not (needs[0] or needs[1] or needs[3]):
        return None, None, to_v, None
    s = np.matmul(g, np.swapaxes(v, -1, -2))
    if in_place(s, p, g, out):
        s -= np.vecdot(g, out)[..., None]
        s *= p
    else:
        s = p * (s - np.sum(g * out, axis=-1, keepdims=True))
    to_mask = None
    if needs[3] and mask.dtype.kind == "f":
        to_mask = s
    to_q = scaled(np.matmul(s, k), scale) if needs[0] else None
    to_k = scaled(np.matmul(np.swapaxes(s, -1, -2), q), scale) if needs[1] else None
    return to_q, to_k, to_v, to_mask


def scaled(a, scale):
    """a · scale, in place of `a`, which was made just before."""
    return np.multiply(a, scale, out=a) if in_place(a) else a * scale


attention = fused(
    attention_body, "q k v mask?", name="attention", static=dict(scale=1.0),
    forward=attention_forward, vjp=attention_vjp, keep=dict(p=weights),
)  # fmt: skip


def scaled_dot_product_attention(q, k, v, mask=None, is_causal=False, *, scale=None):
    """softmax(q kᵀ / √d + mask) v, where each row of q asks all rows of k.

    Vaswani et al., "Attention is all you need" (2017).

    Parameters
    ----------
    q : (…, l, d) float.  k : (…, s, d).  v : (…, s, e). Leading axes (batch, heads) broadcast.
    mask : None, or an array that broadcasts to (…, l, s): booleans, True where a query may see a
        key, or floats, which are added to the scores (and may be differentiated). A query that
        booleans let see nothing gets 0.
    is_causal : each query sees the keys up to its own place only; instead of a mask.
    scale : in place of 1 / √d.

    Returns
    -------
    (…, l, e).

    Raises
    ------
    ShapeError : shapes that do not fit.  DTypeError : a mask of integers, complex numbers.
    ValueError : a mask and `is_causal`.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = ag.Tensor(np.eye(2), requires_grad=True)
    >>> ag.functional.scaled_dot_product_attention(x, x, x, is_causal=True).data.round(3)
    array([[1.  , 0.  ],
           [0.33, 0.67]])
    """
    q, k, v = (x if hasattr(x, "dtype") else np.asarray(x) for x in (q, k, v))
    name = "scaled_dot_product_attention"
    shapes = f"q {q.shape}, k {k.shape}, v {v.shape}"
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise ShapeError(f"{name}: {shapes}; expected (…, l, d), (…, s, d) and (…, s, e)")
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise ShapeError(f"{name}: {shapes} do not fit; q and k have equal last axes, k and v equal "
                         "second to last axes")  # fmt: skip
    if not k.shape[-2]:
        raise ShapeError(f"{name}: {shapes}; there are no keys")
    if is_causal:
        if mask is not None:
            raise ValueError(f"{name}: both mask and is_causal; combine them, mask & np.tri(l, s, "
                             "dtype=bool)")  # fmt: skip
        mask = np.tri(q.shape[-2], k.shape[-2], dtype=bool)
    elif mask is not None:
        mask = checked_mask(name, mask, (*q.shape[:-1], k.shape[-2]))
    return attention(q, k, v, mask, 1.0 / math.sqrt(q.shape[-1]) if scale is None else scale)


def checked_mask(name, mask, shape):
    mask = mask if hasattr(mask, "dtype") else np.asarray(mask)
    if mask.dtype.kind not in "bf":
        raise DTypeError(f"{name}: mask of dtype {mask.dtype}; expected booleans (True: may see) or "
                         "floats, which are added; mask.astype(bool)")  # fmt: skip
    if mask.ndim < 2 or any(
        m not in (1, n) for m, n in zip(mask.shape[-2:], shape[-2:], strict=True)
    ):
        raise ShapeError(f"{name}: mask of shape {mask.shape} for scores of shape {shape}")
    return mask
