"""Activations and the softmax family. relu'(0) = 0."""

import math

import numpy as np

from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.registry import NONDIFF, fused, rule
from autograd_lite.rules.indexing import getitem
from autograd_lite.shapes import restore_axes


def sigmoid_array(a):
    """1 / (1 + exp(−a)), elementwise, computed by tanh, which overflows for no a.

    >>> import autograd_lite as ag
    >>> ag.functional.sigmoid(ag.Tensor([-1000.0, 0.0]))
    Tensor([0. , 0.5])
    """
    return (np.tanh(a * 0.5) + 1.0) * 0.5


def relu_array(a):
    """max(a, 0), elementwise; its derivative at 0 is 0.

    >>> import autograd_lite as ag
    >>> ag.functional.relu(ag.Tensor([-1.0, 2.0]))
    Tensor([0., 2.])
    """
    return np.maximum(a, 0)


def softmax_array(a, axis=-1):
    """exp(a) / Σ exp(a) along `axis`; numbers of any size are safe.

    >>> import autograd_lite as ag
    >>> ag.functional.softmax(ag.Tensor([1000.0, 1000.0]))
    Tensor([0.5, 0.5])
    """
    e = np.exp(a - np.max(a, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def logsumexp_array(a, axis=None, keepdims=False):
    """log Σ exp(a) over `axis` (an integer, a tuple, or None for all), without overflow.

    >>> import autograd_lite as ag
    >>> ag.functional.logsumexp(ag.Tensor([1000.0, 1000.0])).item()
    1000.6931471805599
    """
    top = np.max(a, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    s = np.log(np.sum(np.exp(a - top), axis=axis, keepdims=True)) + top
    return s if keepdims else np.squeeze(s, axis=axis)


def log_softmax_array(a, axis=-1):
    """log softmax(a) along `axis`, accurate where softmax rounds to 0.

    >>> import autograd_lite as ag
    >>> ag.functional.log_softmax(ag.Tensor([0.0, -1000.0]))
    Tensor([    0., -1000.])
    """
    return a - logsumexp_array(a, axis=axis, keepdims=True)


def one_hot_array(labels, size, dtype=float):
    """Rows of the identity: (…) integer labels below `size` to (…, size); not differentiable.

    >>> import autograd_lite as ag
    >>> ag.functional.one_hot([0, 2], 3)
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    return np.equal(np.expand_dims(labels, -1), np.arange(size)).astype(dtype)


# fmt: off
relu = rule(relu_array, "a", name="relu", keep=dict(positive=lambda a: a > 0),
               a=lambda g, positive: g * positive)
sigmoid = rule(sigmoid_array, "a", name="sigmoid", a=lambda g, out: g * out * (1.0 - out))
tanh    = np.tanh
softmax = rule(softmax_array, "a", name="softmax", static=dict(axis=-1),
               a=lambda g, out, axis: out * (g - np.sum(g * out, axis=axis, keepdims=True)))
log_softmax = rule(log_softmax_array, "a", name="log_softmax", static=dict(axis=-1),
               a=lambda g, out, axis: g - np.exp(out) * np.sum(g, axis=axis, keepdims=True))
logsumexp = rule(logsumexp_array, "a", name="logsumexp", static=dict(axis=None, keepdims=False),
               a=lambda g, a, axis, keepdims: restore_axes(g, a.shape, axis, keepdims) * softmax(a, axis))
one_hot = rule(one_hot_array, "labels", name="one_hot", static=dict(size=0, dtype=float), labels=NONDIFF)
# fmt: on


def reduced(losses, reduction):
    """Mean, sum, or all of the losses, one for each row."""
    if reduction == "mean":
        return np.sum(losses) / losses.size  # np.mean takes twice as long on a few numbers
    return np.sum(losses) if reduction == "sum" else losses


def weight(g, shape, reduction):
    """The gradient of each row's loss, ready to multiply an array of `shape`."""
    if reduction == "none":
        return np.expand_dims(g, -1)
    return g / math.prod(shape[:-1]) if reduction == "mean" else g


def label_index(labels):
    """The index that picks, in an array with one more axis, the entry each label names."""
    if labels.ndim == 1:
        return np.arange(labels.size), labels
    return (*np.indices(labels.shape, sparse=True), labels)


def softmax_parts(logits):
    """Logits less the largest of their row, softmax, and log Σ exp of the first; one exponential."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(axis=-1, keepdims=True)
    return shifted, e / total, np.log(total)[..., 0]


def label_entropy(logits, labels, reduction):
    return reduced(logsumexp(logits, axis=-1) - getitem(logits, label_index(labels)), reduction)


def label_entropy_forward(logits, labels, reduction):
    shifted, p, normaliser = softmax_parts(logits)
    return reduced(normaliser - shifted[label_index(labels)], reduction), p


def label_entropy_vjp(g, p, labels, reduction):
    return less_one_hot(p, labels) * weight(g, p.shape, reduction), None


def less_one_hot_array(p, labels):
    """p − onehot(labels), without making the second array."""
    if not isinstance(p, np.ndarray):
        return p - one_hot_array(labels, p.shape[-1], p.dtype)
    out = np.array(p, order="C")
    out.reshape(-1, p.shape[-1])[np.arange(labels.size), labels.ravel()] -= 1
    return out


def target_entropy(logits, target, reduction):
    return reduced(-np.sum(target * log_softmax(logits), axis=-1), reduction)


def target_entropy_forward(logits, target, reduction):
    shifted, p, normaliser = softmax_parts(logits)
    return reduced(normaliser * target.sum(axis=-1) - np.vecdot(target, shifted), reduction), p


def target_entropy_vjp(g, logits, p, target, reduction, needs):
    w = weight(g, p.shape, reduction)
    total = np.sum(target, axis=-1, keepdims=True)  # 1 for probabilities
    to_logits = (p * total - target) * w if needs[0] else None
    return to_logits, -log_softmax(logits) * w if needs[1] else None


less_one_hot = rule(
    less_one_hot_array, "p labels", name="less_one_hot", p=lambda g: g, labels=NONDIFF
)
FUSED = dict(name="cross_entropy", static=dict(reduction="mean"),
             keep=dict(p=lambda logits: softmax(logits)))  # fmt: skip
cross_entropy_labels = fused(
    label_entropy, "logits labels", forward=label_entropy_forward, vjp=label_entropy_vjp, **FUSED
)
cross_entropy_targets = fused(
    target_entropy, "logits target", forward=target_entropy_forward, vjp=target_entropy_vjp, **FUSED
)


def cross_entropy(logits, target, reduction="mean"):
    """Cross entropy of softmax(logits) against class labels or probabilities.

    L = −Σₖ p*ₖ log softmax(logits)ₖ for each row; its gradient is (softmax(logits) − p*) / n.

    Parameters
    ----------
    logits : (…, k) float; one row of scores for each example, not yet normalised.
    target : (…) integer class labels in 0 … k−1, or (…, k) float probabilities.
    reduction : "mean" over the rows, "sum", or "none" for one loss for each row.

    Raises
    ------
    ShapeError : a target that fits neither form.
    DTypeError : labels that are not integers.
    ValueError : a label out of range, or an unknown reduction.

    >>> import autograd_lite as ag
    >>> logits = ag.Tensor([[2.0, 0.0], [0.0, 0.0]], requires_grad=True)
    >>> loss = ag.functional.cross_entropy(logits, [0, 1])
    >>> print(f"{loss:.4f}")
    0.4100
    >>> loss.backward()
    >>> logits.grad.round(4)
    array([[-0.0596,  0.0596],
           [ 0.25  , -0.25  ]])
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"cross_entropy: reduction {reduction!r}; use 'mean', 'sum' or 'none'")
    if not hasattr(target, "dtype"):
        target = np.asarray(target)
    if not hasattr(logits, "dtype"):
        logits = np.asarray(logits)
    shape = logits.shape
    if not shape:
        raise ShapeError("cross_entropy: logits are a number; expected (…, classes)")
    if "c" in (logits.dtype.kind, target.dtype.kind):
        raise DTypeError("cross_entropy: complex numbers have no order; logits and target are real")
    if target.shape == shape and target.dtype.kind == "f":
        return cross_entropy_targets(logits, target, reduction)
    if target.shape != shape[:-1]:
        raise ShapeError(
            f"cross_entropy: target {target.dtype} {target.shape} for logits of shape {shape}; "
            f"expected integer labels {shape[:-1]} or float probabilities {shape}"
        )
    if target.dtype.kind not in "iu":
        raise DTypeError(f"cross_entropy: labels of dtype {target.dtype}; expected integers")
    values = target.data if hasattr(target, "_apply") else target
    if not isinstance(values, np.ndarray):  # a lazy or a distant array: no look at its values
        return cross_entropy_targets(logits, one_hot(target, shape[-1], logits.dtype), reduction)
    # read as unsigned, a negative label is a large one: one pass finds both mistakes
    if values.size and values.astype(np.uintp, copy=False).max() >= shape[-1]:
        raise ValueError(
            f"cross_entropy: labels from {values.min()} to {values.max()}; expected 0 to "
            f"{shape[-1] - 1}"
        )
    return cross_entropy_labels(logits, target, reduction)
