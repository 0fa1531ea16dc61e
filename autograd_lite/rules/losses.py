"""Losses beside cross entropy. Shapes must be equal: (n,) against (n, 1) is never meant."""

import math

import numpy as np

from autograd_lite.arguments import array
from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.operands import plain
from autograd_lite.registry import fused
from autograd_lite.rules.activations import sigmoid
from autograd_lite.rules.cross_entropy import (
    check_reduction,
    check_rows,
    class_weights,
    label_index,
    label_weights,
    labels_array,
    weighed,
)
from autograd_lite.rules.gaussian import in_place
from autograd_lite.rules.indexing import getitem
from autograd_lite.rules.units import real, softplus

MEAN = dict(reduction="mean")


def pair(name, x, target, reduction):
    """Predictions and targets as real arrays of one shape, or an error that names the loss."""
    check_reduction(name, reduction)
    x, target = array(name, "x", x), array(name, "target", target)
    if x.shape != target.shape:
        raise ShapeError(f"{name}: shapes {x.shape} and {target.shape} differ; reshape one of them, "
                         "or np.broadcast_to it if that is meant")  # fmt: skip
    if "c" in (x.dtype.kind, target.dtype.kind):
        found = f"{x.dtype}, {target.dtype}"
        raise DTypeError(f"{name}: complex numbers are not supported, got {found}")
    if 0 in x.shape and reduction == "mean":
        raise ValueError(f"{name}: the mean of no entries, of shape {x.shape}; use reduction='sum', "
                         "or leave an empty batch out")  # fmt: skip
    return x, target.astype(float_of(x)) if target.dtype.kind in "biu" else target


def float_of(x):
    return x.dtype if x.dtype.kind == "f" else float


def reduced(losses, reduction):
    if reduction == "none":
        return losses
    total = np.sum(losses)
    return total / math.prod(losses.shape) if reduction == "mean" else total


def entry_weight(g, shape, reduction):
    """The gradient of each entry's loss."""
    return g / math.prod(shape) if reduction == "mean" else g


# --- of a difference ----------------------------------------------------------------------------
def both_signs(c, needs):
    """The gradients of x and of y where only x − y counts."""
    return (c if needs[0] else None), (-c if needs[1] else None)


def squared_body(x, y, reduction):
    return reduced(np.square(x - y), reduction)


def squared_forward(x, y, reduction):
    d = x - y
    if in_place(d) and reduction != "none":
        flat = d.ravel()
        total = np.vdot(flat, flat)
        return (total / d.size if reduction == "mean" else total), d
    return reduced(d * d, reduction), d


def squared_vjp(g, d, x_shape, reduction, needs):
    return both_signs(d * (entry_weight(g, x_shape, reduction) * 2.0), needs)


def huber_body(x, y, reduction, delta):
    d = real(x - y, "huber_loss")
    h = np.clip(d, -delta, delta)
    return reduced(h * (d - h * 0.5), reduction)


def huber_forward(x, y, reduction, delta):
    d = real(x - y, "huber_loss")
    h = np.clip(d, -delta, delta)
    return reduced(h * (d - h * 0.5), reduction), h


def huber_vjp(g, h, x_shape, reduction, needs):
    return both_signs(h * entry_weight(g, x_shape, reduction), needs)


squared = fused(squared_body, "x y", name="mse_loss", static=MEAN, forward=squared_forward,
                vjp=squared_vjp, keep=dict(d=lambda x, y: x - y))  # fmt: skip
huber = fused(huber_body, "x y", name="huber_loss", static=dict(reduction="mean", delta=1.0),
              forward=huber_forward, vjp=huber_vjp,
              keep=dict(h=lambda x, y, delta: np.clip(x - y, -delta, delta)))  # fmt: skip


def mse_loss(x, target, reduction="mean"):
    """(x − target)², its mean over all entries, its sum, or ("none") every entry's own.

    Raises
    ------
    ShapeError : different shapes.  ValueError : an unknown reduction, the mean of no entries.

    >>> import autograd_lite as ag
    >>> ag.functional.mse_loss(ag.Tensor([1.0, 3.0]), [0.0, 1.0])
    Tensor(2.5)
    """
    return squared(*pair("mse_loss", x, target, reduction), reduction)


def l1_loss(x, target, reduction="mean"):
    """|x − target|: its mean, sum, or every entry's own; its slope where both are equal is 0.

    >>> import autograd_lite as ag
    >>> ag.functional.l1_loss(ag.Tensor([1.0, 3.0]), [0.0, 1.0])
    Tensor(1.5)
    """
    x, target = pair("l1_loss", x, target, reduction)
    return reduced(np.abs(x - target), reduction)


def huber_loss(x, target, reduction="mean", delta=1.0):
    """d²/2 where |d| ≤ delta and delta (|d| − delta/2) elsewhere, with d = x − target.

    Huber, "Robust estimation of a location parameter" (1964).

    Raises
    ------
    ShapeError : different shapes.  ValueError : delta not above 0, an unknown reduction.

    >>> import autograd_lite as ag
    >>> ag.functional.huber_loss(ag.Tensor([0.5, 3.0]), [0.0, 0.0], reduction="none")
    Tensor([0.125, 2.5  ])
    """
    if not delta > 0:
        raise ValueError(f"huber_loss: delta {delta}; expected a number above 0")
    return huber(*pair("huber_loss", x, target, reduction), reduction, delta)


# --- of scores ----------------------------------------------------------------------------------
def binary_body(x, y, reduction):
    return reduced((1.0 - y) * x + softplus(-x), reduction)


def binary_forward(x, y, reduction):
    if not in_place(x, y):
        return binary_body(x, y, reduction), sigmoid(x)
    e = np.exp(-np.abs(x))
    losses = np.maximum(x, 0)
    losses += np.log1p(e)
    losses -= x * y
    p = x * 0.5
    np.tanh(p, out=p)
    p += 1.0
    p *= 0.5
    return reduced(losses, reduction), p


def binary_vjp(g, x, y, p, reduction, needs):
    w = entry_weight(g, p.shape, reduction)
    return ((p - y) * w if needs[0] else None), (-x * w if needs[1] else None)


binary = fused(binary_body, "x y", name="binary_cross_entropy", static=MEAN,
               forward=binary_forward, vjp=binary_vjp, keep=dict(p=lambda x: sigmoid(x)))  # fmt: skip


def binary_cross_entropy_with_logits(logits, target, weight=None, reduction="mean", *,
                                     pos_weight=None):  # fmt: skip
    """−y log σ(x) − (1 − y) log(1 − σ(x)), safe for scores of any size.

    Parameters
    ----------
    logits : array or Tensor of any shape.
    target : of the same shape; probabilities y in 0 … 1, or labels 0 and 1 of any dtype.
    weight : what each entry counts, broadcast against the losses; the mean is over all entries.
    pos_weight : the factor of the first term, for each class (broadcast); above 1 for more recall.

    Raises
    ------
    ShapeError : different shapes, a weight that does not broadcast to them.
    ValueError : a target outside 0 … 1, an unknown reduction, the mean of no entries.

    >>> import autograd_lite as ag
    >>> loss = ag.functional.binary_cross_entropy_with_logits(ag.Tensor([0.0, 1000.0]), [1, 1])
    >>> print(f"{loss:.4f}")
    0.3466
    """
    name = "binary_cross_entropy_with_logits"
    logits, target = pair(name, logits, target, reduction)
    y = plain(target)
    if isinstance(y, np.ndarray) and y.size and not (y.min() >= 0 and y.max() <= 1):
        raise ValueError(f"{name}: target from {y.min():g} to {y.max():g}; expected 0 to 1; of "
                         "labels −1 and 1 take (y + 1) / 2")  # fmt: skip
    if weight is None and pos_weight is None:
        return binary(logits, target, reduction)
    if pos_weight is None:
        losses = binary(logits, target, "none")
    else:
        pos_weight = beside(name, "pos_weight", pos_weight, logits)
        losses = (1.0 - target) * logits + ((pos_weight - 1.0) * target + 1.0) * softplus(-logits)
    return reduced(
        losses if weight is None else losses * beside(name, "weight", weight, logits), reduction
    )


def beside(name, what, weight, x):
    """A weight, which may be a list, in the dtype of x, to whose shape it broadcasts."""
    weight = array(name, what, weight)
    sizes = zip(weight.shape[::-1], x.shape[::-1], strict=False)
    if weight.ndim > x.ndim or any(w not in (1, n) for w, n in sizes):
        raise ShapeError(f"{name}: {what} of shape {weight.shape} does not broadcast to {x.shape}")
    return weight if hasattr(weight, "_apply") else weight.astype(float_of(x), copy=False)


def hinge_loss(scores, target, reduction="mean", margin=1.0):
    """max(0, margin − y s) for labels y of −1 and 1, as in support vector machines.

    Cortes and Vapnik, "Support-vector networks" (1995). Where both are equal the slope is one
    half of that inside, as ties share. PyTorch's losses of like name are others.

    Raises
    ------
    ShapeError : different shapes.  ValueError : a label other than −1 and 1.

    >>> import autograd_lite as ag
    >>> ag.functional.hinge_loss(ag.Tensor([0.5, 2.0, 1.0]), [1, 1, -1], reduction="none")
    Tensor([0.5, 0. , 2. ])
    """
    scores, target = pair("hinge_loss", scores, target, reduction)
    values = plain(target)
    if isinstance(values, np.ndarray) and not np.all(np.abs(values) == 1):
        raise ValueError("hinge_loss: labels must be −1 and 1; of labels 0 and 1 take 2 * y − 1")
    return reduced(np.maximum(margin - target * scores, 0), reduction)


# --- of logarithms of probabilities -------------------------------------------------------------
def nll_loss(log_probabilities, target, reduction="mean", *, weight=None, ignore_index=None):
    """−log p of each row's label; with log_softmax before it this is cross entropy.

    Parameters
    ----------
    log_probabilities : (…, k) float; classes are the last axis (in PyTorch the second).
    target : (…) integer labels in 0 … k−1.
    reduction, weight, ignore_index : as in `cross_entropy`.

    Raises
    ------
    ShapeError, DTypeError, ValueError : as in `cross_entropy`.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> print(f"{ag.functional.nll_loss(ag.Tensor(np.log([[0.5, 0.5], [0.1, 0.9]])), [0, 1]):.4f}")
    0.3993
    """
    check_reduction("nll_loss", reduction)
    x, target = array("nll_loss", "x", log_probabilities), labels_array("nll_loss", target)
    check_rows("nll_loss", x.shape, reduction)
    weight = class_weights("nll_loss", weight, x)
    target, _, rows = label_weights("nll_loss", target, x, weight, ignore_index)
    return weighed(-getitem(x, label_index(target)), rows, rows, reduction, "nll_loss")


def kl_div(log_probabilities, target, reduction="mean", log_target=False):
    """target (log target − x), where x is log q: the entries of the divergence of q from `target`.

    Kullback and Leibler, "On information and sufficiency" (1951). As in PyTorch "mean" is over
    all entries; "batchmean" divides the sum by the length of the first axis, which is the
    divergence of a row. An entry whose target is 0 is 0.

    Raises
    ------
    ShapeError : different shapes.  ValueError : an unknown reduction.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> q = ag.Tensor(np.log([[0.5, 0.5]]))
    >>> print(f"{ag.functional.kl_div(q, [[1.0, 0.0]], reduction='batchmean'):.4f}")
    0.6931
    """
    batch = reduction == "batchmean"
    x, target = pair("kl_div", log_probabilities, target, "mean" if batch else reduction)
    if log_target:
        losses = np.exp(target) * (target - x)
    else:
        inside = np.greater(target, 0)
        losses = target * (np.log(np.where(inside, target, 1.0)) * inside - x)
    if batch:
        return np.sum(losses) / (x.shape[0] if x.shape else 1)
    return reduced(losses, reduction)
