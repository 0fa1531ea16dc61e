"""Arguments checked. Numbers become Python's, so that float32 arrays stay float32."""

import math
import operator

import numpy as np

from autograd_lite.errors import DTypeError


def array(what, name, x):
    """`x` if it is an array or a Tensor, otherwise an array of it; DTypeError if not of numbers."""
    if hasattr(x, "dtype"):
        return x
    made = np.asarray(x)
    if made.dtype.kind not in "fciub":
        raise DTypeError(
            f"{what}: {name} is a {type(x).__name__}; expected an array, a Tensor or a list of "
            "numbers"
        )
    return made


def number(what, name, value, least=0.0, below=math.inf, most=math.inf):
    """`value` as a Python float; ValueError out of range, TypeError for text, truth values, …"""
    try:
        if isinstance(value, (str, bytes, bool)):
            raise TypeError
        found = float(value)
    except (TypeError, ValueError) as error:
        kind = type(value).__name__
        raise TypeError(f"{what}: {name} is a {kind}; expected a number") from error
    if not (least <= found < below and found <= most):  # NaN is none of these
        upper = f"at most {most:g}" if most < below else f"below {below:g}"
        upper = "finite" if min(below, most) == math.inf else upper
        raise ValueError(f"{what}: {name} is {found:g}; expected at least {least:g} and {upper}")
    return found


def whole(what, name, value, least=1):
    """`value` as a Python int; a float will do if it has no fraction."""
    try:
        found = operator.index(int(value) if isinstance(value, float) else value)
    except (TypeError, ValueError, OverflowError):
        found = None
    if found is None or isinstance(value, bool) or found != value or found < least:
        raise ValueError(
            f"{what}: {name} is {value!r}; expected an integer, {least}, {least + 1}, …"
        )
    return found


def switch(what, name, value):
    """`value`, which must be True or False: any text would count as True."""
    if value is True or value is False:
        return value
    raise TypeError(f"{what}: {name} is {value!r}; expected True or False")


def floating(dtype, what):
    """The dtype of a layer's parameters, which must be floating."""
    try:
        dtype = np.dtype(dtype)
    except TypeError as error:
        raise DTypeError(f"{what}: dtype {dtype!r}; take a floating one, as np.float32") from error
    if dtype.kind != "f":
        raise DTypeError(f"{what}: dtype {dtype}; parameters need a floating one, as np.float32")
    return dtype


def positive(what, **sizes):
    """Check that sizes are positive integers."""
    for name, size in sizes.items():
        if not isinstance(size, (int, np.integer)) or isinstance(size, bool) or size < 1:
            raise ValueError(f"{what}: {name} is a positive integer, not {size!r}")
