"""Cross entropy of softmax: fused for labels and for probabilities, and its general form."""

import math

import numpy as np

from autograd_lite.arguments import array
from autograd_lite.errors import DTypeError, GraphError, ShapeError
from autograd_lite.operands import plain, tracked
from autograd_lite.registry import fused
from autograd_lite.rules.activations import less_one_hot, log_softmax, logsumexp, one_hot, softmax
from autograd_lite.rules.gaussian import in_place
from autograd_lite.rules.indexing import getitem

REDUCTIONS = ("mean", "sum", "none")


def check_reduction(name, reduction):
    if not isinstance(reduction, str):
        raise TypeError(f"{name}: reduction is a {type(reduction).__name__}; expected 'mean', 'sum' "
                        "or 'none'; a weight goes by name, weight=…")  # fmt: skip
    if reduction not in REDUCTIONS:
        raise ValueError(f"{name}: reduction {reduction!r}; use 'mean', 'sum' or 'none'")


def check_rows(name, shape, reduction):
    """Refuse a number, no classes, and the mean of no rows."""
    if not shape or not shape[-1]:
        raise ShapeError(f"{name}: scores of shape {shape}; expected (…, classes)")
    if reduction == "mean" and 0 in shape:
        raise ValueError(f"{name}: the mean of no rows, of scores of shape {shape}; use "
                         "reduction='sum', or leave an empty batch out")  # fmt: skip


def labels_array(name, target):
    """A list of labels as an array; of integers if it is empty."""
    made = array(name, "target", target)
    return made if made.size or hasattr(target, "dtype") else made.astype(np.intp)


def reduced(losses, reduction):
    """Mean, sum, or all of the losses, one for each row."""
    if reduction == "mean":
        return np.sum(losses) / losses.size  # np.mean takes twice as long on a few numbers
    return np.sum(losses) if reduction == "sum" else losses


def row_weight(g, shape, reduction):
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
    e /= total
    return shifted, e, np.log(total)[..., 0]


def label_entropy(logits, labels, reduction):
    return reduced(logsumexp(logits, axis=-1) - getitem(logits, label_index(labels)), reduction)


def label_entropy_forward(logits, labels, reduction):
    shifted, p, normaliser = softmax_parts(logits)
    return reduced(normaliser - shifted[label_index(labels)], reduction), p


def label_entropy_vjp(g, p, labels, reduction):
    w = row_weight(g, p.shape, reduction)
    if not in_place(p):
        return less_one_hot(p, labels) * w, None
    out = np.multiply(p, w, order="C")  # (p − onehot) w in one pass
    rows = out.reshape(-1, p.shape[-1])
    rows[np.arange(labels.size), labels.ravel()] -= np.ravel(w)
    return out, None


def target_entropy(logits, target, reduction):
    return reduced(-np.sum(target * log_softmax(logits), axis=-1), reduction)


def target_entropy_forward(logits, target, reduction):
    shifted, p, normaliser = softmax_parts(logits)
    return reduced(normaliser * target.sum(axis=-1) - np.vecdot(target, shifted), reduction), p


def target_entropy_vjp(g, logits, p, target, reduction, needs):
    w = row_weight(g, p.shape, reduction)
    total = np.sum(target, axis=-1, keepdims=True)  # 1 for probabilities
    to_logits = (p * total - target) * w if needs[0] else None
    return to_logits, -log_softmax(logits) * w if needs[1] else None


FUSED = dict(name="cross_entropy", static=dict(reduction="mean"),
             keep=dict(p=lambda logits: softmax(logits)))  # fmt: skip
cross_entropy_labels = fused(
    label_entropy, "logits labels", forward=label_entropy_forward, vjp=label_entropy_vjp, **FUSED
)
cross_entropy_targets = fused(
    target_entropy, "logits target", forward=target_entropy_forward, vjp=target_entropy_vjp, **FUSED
)


def cross_entropy(logits, target, reduction="mean", *, weight=None, ignore_index=None,
                  label_smoothing=0.0):  # fmt: skip
    """Cross entropy of softmax(logits) against class labels or probabilities.

    L = −Σₖ p*ₖ log softmax(logits)ₖ for each row; its gradient is (softmax(logits) − p*) / n.
    Classes are the last axis (in PyTorch the second), so that a row is a row.

    Parameters
    ----------
    logits : (…, k) float; one row of scores for each example, not yet normalised.
    target : (…) integer class labels in 0 … k−1, or (…, k) float probabilities.
    reduction : "mean" over the rows, "sum", or "none" for one loss for each row.
    weight : (k,) float; what an example of each class counts. With labels the mean is weighted,
        Σ wᵢ Lᵢ / Σ wᵢ; with probabilities Σₖ wₖ p*ₖ … is divided by the number of rows (as in PyTorch).
    ignore_index : rows with this label count nothing, also in the mean (PyTorch: −100).
    label_smoothing : ε in 0 … 1; p* becomes (1 − ε) p* + ε / k (Szegedy et al., 2016).

    Raises
    ------
    ShapeError : a target or a weight that does not fit.
    DTypeError : labels that are not integers.  GraphError : a tracked weight.
    ValueError : a label out of range, a negative weight, an unknown reduction; a mean of no rows.

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
    check_reduction("cross_entropy", reduction)
    if not (hasattr(logits, "dtype") and hasattr(target, "dtype")):
        logits = array("cross_entropy", "logits", logits)
        target = labels_array("cross_entropy", target)
    shape = logits.shape
    if not shape or 0 in shape:
        check_rows("cross_entropy", shape, reduction)
    if "c" in (logits.dtype.kind, target.dtype.kind):
        raise DTypeError("cross_entropy: complex numbers have no order; logits and target are real")
    if weight is not None or ignore_index is not None or label_smoothing:
        options = weight, ignore_index, label_smoothing
        return weighted_entropy(logits, target, reduction, *options)
    if target.shape == shape and target.dtype.kind == "f":
        return cross_entropy_targets(logits, target, reduction)
    values = checked_labels("cross_entropy", target, shape)
    if values is None:  # a lazy or a distant array: no look at its values
        return cross_entropy_targets(logits, one_hot(target, shape[-1], logits.dtype), reduction)
    return cross_entropy_labels(logits, target, reduction)


def checked_labels(name, target, shape):
    """The labels of rows of `shape` as a NumPy array; None if that cannot be had."""
    if target.shape != shape[:-1]:
        moved = len(shape) > 2 and target.shape == shape[:1] + shape[2:]
        advice = "; here classes are the last axis: np.moveaxis(logits, 1, -1)" * moved
        raise ShapeError(
            f"{name}: target {target.dtype} {target.shape} for logits of shape {shape}; "
            f"expected integer labels {shape[:-1]} or float probabilities {shape}{advice}"
        )
    if target.dtype.kind not in "iu":
        raise DTypeError(
            f"{name}: labels of dtype {target.dtype}; expected integers, target.astype(int)"
        )
    values = plain(target)
    if not isinstance(values, np.ndarray):
        return None
    # read as unsigned, a negative label is a large one: one pass finds both mistakes
    if values.size and values.astype(np.uintp, copy=False).max() >= shape[-1]:
        advice = "; ignore_index leaves the rows of one label out" * bool(values.min() < 0)
        raise ValueError(
            f"{name}: labels from {values.min()} to {values.max()}; expected 0 to {shape[-1] - 1}"
            f"{advice}"
        )
    return values


def weighted_entropy(logits, target, reduction, weight, ignore_index, smoothing):
    """The general form: every row a loss of its own, then their weighted mean."""
    k = logits.shape[-1]
    if not 0.0 <= smoothing <= 1.0:
        raise ValueError(f"cross_entropy: label_smoothing {smoothing}; expected 0 to 1")
    weight = class_weights("cross_entropy", weight, logits)
    if target.shape == logits.shape and target.dtype.kind == "f":
        if ignore_index is not None:
            raise ValueError(
                "cross_entropy: ignore_index is for labels; the target is probabilities"
            )
        target = target if not smoothing else target * (1.0 - smoothing) + smoothing / k
        return cross_entropy_targets(
            logits, target if weight is None else target * weight, reduction
        )
    target, kept, rows = label_weights("cross_entropy", target, logits, weight, ignore_index)
    if smoothing:
        smooth = one_hot(target, k, logits.dtype) * (1.0 - smoothing) + smoothing / k
        smooth = smooth if weight is None else smooth * weight
        losses = cross_entropy_targets(logits, smooth, "none")
        return weighed(losses if kept is None else losses * kept, None, rows, reduction)
    return weighed(cross_entropy_labels(logits, target, "none"), rows, rows, reduction)


def class_weights(name, weight, logits):
    """One weight for each class, in the dtype of the logits; None for none."""
    if weight is None:
        return None
    if tracked(weight):
        raise GraphError(f"{name}: the weight is tracked, and has no derivative here; pass "
                         "weight.detach()")  # fmt: skip
    weight = np.asarray(plain(weight))
    if weight.shape != logits.shape[-1:] or weight.dtype.kind not in "fiu":
        raise ShapeError(
            f"{name}: weight {weight.dtype} {weight.shape} for {logits.shape[-1]} classes; expected "
            f"one real number for each class, {logits.shape[-1:]}"
        )
    if not (np.isfinite(weight) & (weight >= 0)).all():
        raise ValueError(f"{name}: weight from {weight.min()} to {weight.max()}; expected finite "
                         "numbers of at least 0")  # fmt: skip
    return weight.astype(logits.dtype if logits.dtype.kind == "f" else float, copy=False)


def label_weights(name, target, logits, weight, ignore_index):
    """Labels with those to ignore replaced by 0, which rows count (None: all), and how much."""
    kept, target = None, plain(target)
    if ignore_index is not None:
        kept = np.not_equal(target, ignore_index)
        target = np.where(kept, target, 0)
    if checked_labels(name, target, logits.shape) is None:
        raise DTypeError(f"{name}: weight and ignore_index take labels that are NumPy arrays, "
                         f"got {type(target).__name__}")  # fmt: skip
    rows = kept if weight is None else weight[target] if kept is None else weight[target] * kept
    return target, kept, rows


def weighed(losses, rows, total, reduction, name="cross_entropy"):
    """The losses times what each row counts; their mean is divided by what all rows count."""
    losses = losses if rows is None else losses * rows
    if reduction == "none":
        return losses
    if reduction == "sum":
        return np.sum(losses)
    count = math.prod(losses.shape) if total is None else float(np.sum(total))
    if count == 0:
        raise ValueError(f"{name}: the mean of no rows: every label is ignored or weighs 0")
    return np.sum(losses) / count
