"""What may be an operand: conversion to arrays, and taking Tensors out of nested arguments.

A Tensor is recognised by its slots (`_array`, `_node`), so that this file stays below `tensor`.
"""

import numpy as np

from autograd_lite.errors import DTypeError, NoRuleError


def is_tensor(x):
    return hasattr(x, "_node") and hasattr(x, "_array")


def is_other_kind(x):
    """Whether `x` is an array that speaks NumPy's protocols without being NumPy's."""
    return hasattr(x, "__array_function__") and not isinstance(x, np.ndarray) and not is_tensor(x)


def innermost(data):
    """The first entry of nested lists."""
    while type(data) in (list, tuple) and data:
        data = data[0]
    return data


def as_data(data, dtype, copy=False):
    """An array for a Tensor to hold; arrays of other kinds that speak NumPy's protocol stay."""
    if is_tensor(data):
        if data._node is not None:
            raise NoRuleError(
                "data is a tracked Tensor, whose history would be lost; use it as it "
                "is, or t.detach() for its values"
            )
        data = data._array
    if isinstance(data, np.ma.MaskedArray):
        raise DTypeError("masked arrays are not supported; fill them, and mask with np.where")
    if isinstance(data, np.ndarray) or not hasattr(data, "__array_function__"):
        if is_other_kind(inside := innermost(data)):
            raise DTypeError(
                f"a list of {type(inside).__name__}s would become a NumPy array; use np.stack of it"
            )
        try:
            array = np.array(data, dtype=dtype) if copy else np.asarray(data, dtype=dtype)
        except ValueError as error:
            raise DTypeError(f"data does not form an array: {error}") from error
        data = array
    elif dtype is not None and data.dtype != dtype:
        data = data.astype(dtype)
    if data.dtype.kind not in "fciub":
        raise DTypeError(
            f"data of dtype {data.dtype} is not numeric; give numbers, or an array "
            "made with dtype=float"
        )
    return data


def real_enough(gradient, like, what):
    """A gradient for `like`, which must not be complex where that is real."""
    if gradient.dtype.kind == "c" and like.dtype.kind != "c":
        raise DTypeError(
            f"{what}: a gradient of dtype {gradient.dtype} for a tensor of dtype {like.dtype}; the "
            "gradient of a real value is real: pass its .real"
        )
    return gradient


def children(x):
    if type(x) in (tuple, list):
        return x
    if type(x) is dict:
        return x.values()
    return (x.start, x.stop, x.step) if isinstance(x, slice) else ()


def tracked(x):
    """Whether a tracked Tensor is anywhere in nested arguments."""
    if is_tensor(x):
        return x._node is not None
    return any(tracked(y) for y in children(x))


def plain(x):
    """Nested arguments with every Tensor replaced by its array."""
    if type(x) is np.ndarray:
        return x
    if is_tensor(x):
        return x._array
    if type(x) in (tuple, list):
        return type(x)(plain(y) for y in x)
    if type(x) is dict:
        return {k: plain(y) for k, y in x.items()}
    return slice(*map(plain, children(x))) if isinstance(x, slice) else x


def frozen(index):
    """An index that later changes to the user's arrays cannot reach."""
    if tracked(index):
        raise NoRuleError("a tracked Tensor cannot be an index; use t.detach()")
    if isinstance(index, tuple):
        return tuple(frozen(i) for i in index)
    index = plain(index)
    if isinstance(index, list):
        return np.array(index) if index else np.array(index, dtype=int)
    return np.array(index) if isinstance(index, np.ndarray) else index
