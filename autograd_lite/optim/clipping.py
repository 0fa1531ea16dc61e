"""Gradients made smaller before a step."""

import math

import numpy as np

from autograd_lite.errors import AnomalyError
from autograd_lite.optim.parameters import described, number, some, tensors
from autograd_lite.tensor import Tensor


def clip_grad_norm(params, max_norm: float) -> float:
    """Scale all gradients by one number, so that their common Euclidean norm is at most `max_norm`.

    They are scaled in place, by max_norm / (norm + 10⁻⁶) as in PyTorch (Pascanu et al. 2013).

    Parameters
    ----------
    params : Tensors, or one; those without a gradient are passed over.
    max_norm : at least 0.

    Returns
    -------
    The norm before, a Python float; 0 without gradients.

    Raises
    ------
    AnomalyError : a gradient that holds NaN or an infinity; names the parameter. No gradient is
        changed. (PyTorch would make all of them NaN.)

    >>> import autograd_lite as ag
    >>> w = ag.Tensor([3.0, 4.0], requires_grad=True)
    >>> (w * w / 2).sum().backward()
    >>> ag.optim.clip_grad_norm([w], 1.0)
    5.0
    >>> w.grad.round(4)
    array([0.6, 0.8])
    """
    max_norm = number("clip_grad_norm", "max_norm", max_norm)
    params = with_gradients("clip_grad_norm", params)
    norm = math.hypot(*(size(p.grad) for p in params))
    if not math.isfinite(norm):
        refuse(params)
    scale = max_norm / (norm + 1e-6)
    if scale < 1.0:
        for p in params:
            p.grad *= scale
    return norm


def clip_grad_value(params, clip_value: float) -> None:
    """Bring each entry of each gradient to between −clip_value and clip_value, in place.

    Parameters
    ----------
    params : Tensors, or one; those without a gradient are passed over.
    clip_value : at least 0. The real and the imaginary part are clipped for themselves.

    >>> import autograd_lite as ag
    >>> w = ag.Tensor([3.0, 0.5], requires_grad=True)
    >>> (w * w).sum().backward()
    >>> ag.optim.clip_grad_value([w], 2.0)
    >>> w.grad
    array([2., 1.])
    """
    bound = number("clip_grad_value", "clip_value", clip_value)
    for p in with_gradients("clip_grad_value", params):
        for part in (p.grad.real, p.grad.imag) if p.dtype.kind == "c" else (p.grad,):
            np.clip(part, -bound, bound, out=part)


def with_gradients(what, params):
    params = [params] if isinstance(params, Tensor) else some(what, tensors(what, params))
    return list({id(p): p for p in params if p.grad is not None}.values())


def size(g):
    """The Euclidean norm as a Python float, also where squares overflow or vanish."""
    with np.errstate(over="ignore"):
        norm = float(np.linalg.norm(g))
    if norm and math.isfinite(norm):
        return norm
    top = float(np.abs(g).max(initial=0.0))
    return top * float(np.linalg.norm(g / top)) if top and math.isfinite(top) else top


def refuse(params):
    for i, p in enumerate(params):
        if not np.isfinite(p.grad).all():
            raise AnomalyError(
                f"clip_grad_norm: the gradient of parameter {described(p, i)} holds NaN or an "
                "infinity; ag.detect_anomaly() finds the operation that made it"
            )
    raise AnomalyError("clip_grad_norm: the norm of the gradients is too large for a float")
