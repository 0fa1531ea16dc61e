"""Activations and the softmax family. relu'(0) = 0."""

import numpy as np

from autograd_lite.arguments import array
from autograd_lite.errors import DTypeError
from autograd_lite.registry import NONDIFF, rule
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

    Raises
    ------
    DTypeError : labels that are not integers.  ValueError : a label out of range.

    >>> import autograd_lite as ag
    >>> ag.functional.one_hot([0, 2], 3)
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    labels = array("one_hot", "labels", labels)
    if labels.dtype.kind not in "iu":
        raise DTypeError(f"one_hot: labels of dtype {labels.dtype}; expected integers")
    known = isinstance(labels, np.ndarray) and labels.size
    if known and labels.astype(np.uintp, copy=False).max() >= size:
        raise ValueError(
            f"one_hot: labels from {labels.min()} to {labels.max()}; expected 0 to {size - 1}"
        )
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


def less_one_hot_array(p, labels):
    """p − onehot(labels), without making the second array."""
    if not isinstance(p, np.ndarray):
        return p - one_hot_array(labels, p.shape[-1], p.dtype)
    out = np.array(p, order="C")
    out.reshape(-1, p.shape[-1])[np.arange(labels.size), labels.ravel()] -= 1
    return out


less_one_hot = rule(
    less_one_hot_array, "p labels", name="less_one_hot", p=lambda g: g, labels=NONDIFF
)
