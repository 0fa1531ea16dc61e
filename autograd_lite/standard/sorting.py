"""Sorting as the standard has it: stable unless told otherwise, and in either direction."""

import numpy as np

from autograd_lite.standard.making import returned


def sort(x, /, axis=-1, *, descending=False, stable=True):
    """The entries of `x` in order along `axis`; differentiable.

    Parameters
    ----------
    x : array of shape (…, n, …); the result has its shape and dtype.
    axis : the axis to sort along; None sorts all entries into one axis.
    descending : largest first. Where NaNs go is then the other end too.
    stable : let equal entries keep their order.

    >>> import autograd_lite as ag
    >>> ag.sort(ag.asarray([2, 3, 1]), descending=True)
    Tensor([3, 2, 1])
    """
    if not descending:
        return returned(np.sort(x, axis=axis, stable=stable))
    return returned(np.flip(np.sort(x, axis=axis, stable=stable), axis))


def argsort(x, /, axis=-1, *, descending=False, stable=True):
    """The indices that sort `x` along `axis`, as integers; see `sort`. Not differentiable.

    >>> import autograd_lite as ag
    >>> ag.argsort(ag.asarray([2, 3, 2]), descending=True)
    Tensor([1, 0, 2])
    """
    if not descending:
        return returned(np.argsort(x, axis=axis, stable=stable))
    # reversed twice, so that equal entries keep their order
    order = np.flip(np.argsort(np.flip(x, axis), axis=axis, stable=stable), axis)
    return returned((np.size(x) if axis is None else np.shape(x)[axis]) - 1 - order)
