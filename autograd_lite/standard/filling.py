"""Filling as the standard has it: with one value, which may be a Tensor."""

import numpy as np

from autograd_lite.operands import is_tensor
from autograd_lite.rules.casting import astype
from autograd_lite.standard.making import returned


def full(shape, fill_value, *, dtype=None, device=None):
    """An array of `shape` with `fill_value` everywhere; differentiable in a Tensor's value.

    Parameters
    ----------
    shape : a tuple of integers, or one.
    fill_value : a number, or an array that broadcasts to `shape`.
    dtype : by default that of the value.
    device : where the array shall be; for NumPy's arrays `"cpu"`.

    >>> import autograd_lite as ag
    >>> ag.grad(lambda x: ag.sum(ag.full((2, 3), x)))(1.0)
    Tensor(6.)
    """
    if not is_tensor(fill_value):
        on = {} if device is None else {"device": device}  # which NumPy 2.0 does not know
        return returned(np.full(shape, fill_value, dtype, **on))
    value = fill_value if dtype is None else astype(fill_value, np.dtype(dtype))
    made = np.copy(np.broadcast_to(value, shape))
    return made if device is None else made.to_device(device)
