"""Batch normalisation, which beside its result updates the running statistics it is given."""

import math

import numpy as np

from autograd_lite import updates
from autograd_lite.errors import DTypeError, GraphError, ShapeError
from autograd_lite.graph import counter
from autograd_lite.modes import replaying
from autograd_lite.operands import is_tensor, plain
from autograd_lite.rules.normalisation import floats, moments, placed, standardised


def batch_norm(x, mean, var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    """(x − mean) / √(var + eps) for each channel (axis 1), times `weight` plus `bias`.

    Ioffe and Szegedy, "Batch normalization" (2015). In training mean and variance are those of
    the batch, over all axes but 1, and `mean` and `var` move towards them in place:
    m += momentum (batch − m), with the unbiased variance (n − 1), as in PyTorch.

    Parameters
    ----------
    x : (n, c) or (n, c, …) float.
    mean, var : (c,) float arrays or untracked Tensors, the running statistics. In training they
        may be None, and nothing is then updated.
    weight, bias : (c,) or None.
    momentum : the share of the new batch, from 0 to 1.

    Raises
    ------
    ShapeError : shapes that do not fit; one value for a channel in training, which has no spread.
    ValueError : eps or momentum out of range.
    DTypeError : x or statistics not of floats.  GraphError : tracked statistics.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> mean, var = np.zeros(1), np.ones(1)
    >>> x = ag.Tensor([[1.0], [3.0]], requires_grad=True)
    >>> ag.functional.batch_norm(x, mean, var, training=True).data.round(3)
    array([[-1.],
           [ 1.]])
    >>> mean, var
    (array([0.2]), array([1.1]))
    """
    x = floats(x, "batch_norm", eps)
    if x.ndim < 2:
        raise ShapeError(f"batch_norm: x of shape {x.shape}; expected (n, channels, …)")
    mean = statistic(mean, "mean", x, training)
    var = statistic(var, "var", x, training)
    weight = placed(weight, "weight", "batch_norm", x, (1,))
    bias = placed(bias, "bias", "batch_norm", x, (1,))
    if not 0.0 <= momentum <= 1.0:
        raise ValueError(f"batch_norm: momentum is {momentum}; expected 0 to 1")
    if not training:
        return fixed(x, mean, var, weight, bias, eps)
    axes = (0, *range(2, x.ndim))
    n = math.prod(x.shape[a] for a in axes)
    if n < 2:
        raise ShapeError(
            f"batch_norm: x of shape {x.shape} has {n} value(s) for each channel; in training "
            "there must be two, or use training=False"
        )
    known = moments(plain(x), axes)
    if not replaying.get():
        move(mean, np.ravel(known[0]), momentum)
        move(var, np.ravel(known[1]) * (n / (n - 1)), momentum)
    return standardised(x, weight, bias, axes, eps, True, known)


def fixed(x, mean, var, weight, bias, eps):
    """With given statistics it is one product and one sum for each channel."""
    shape = (1, -1) + (1,) * (x.ndim - 2)
    scale = np.reshape(1.0 / np.sqrt(plain(var) + eps), shape).astype(x.dtype, copy=False)
    shift = np.reshape(plain(mean), shape).astype(x.dtype)  # a copy: training moves the mean
    scale = scale if weight is None else scale * weight
    shift = -shift * scale if bias is None else bias - shift * scale
    return x * scale + shift


def statistic(s, what, x, training):
    """A running statistic, checked."""
    if s is None:
        if training:
            return None
        raise ShapeError(f"batch_norm: {what} is None; outside of training it is needed")
    if not hasattr(s, "dtype"):
        raise DTypeError(
            f"batch_norm: {what} is a {type(s).__name__}; expected a float array, which training "
            "updates in place"
        )
    if is_tensor(s) and s.requires_grad:
        raise GraphError(
            f"batch_norm: {what} is tracked; running statistics have no gradient, pass "
            f"{what}.detach()"
        )
    if s.shape != x.shape[1:2]:
        raise ShapeError(
            f"batch_norm: {what} of shape {s.shape} for x of shape {x.shape}; expected "
            f"{x.shape[1:2]}"
        )
    if s.dtype.kind != "f":
        raise DTypeError(f"batch_norm: {what} of dtype {s.dtype}; expected floats")
    return s


def move(s, batch, momentum):
    """Move a running statistic towards that of a batch, and note that its array changed."""
    if s is None:
        return
    array = plain(s)
    array += (momentum * (batch - array)).astype(array.dtype, copy=False)
    if is_tensor(s):
        s.note_update()
    else:
        updates.note(array, next(counter))
