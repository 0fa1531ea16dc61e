"""What convolution and pooling share: arguments for each spatial axis, borders, and shifted views.

Arrays are (batch, channels, …) in shape. In memory the fast forms keep the channels last and the
batch before the last spatial axis, (…, batch, last axis, channels): then the rows that one row of a
kernel sees are one matrix. Such an array is passed on as a transposed view, and elementwise
functions keep its order in memory, so nothing between two convolutions copies it back.
"""

import itertools
import operator

import numpy as np

from autograd_lite.arguments import array
from autograd_lite.errors import DTypeError, NoRuleError, ShapeError
from autograd_lite.operands import plain
from autograd_lite.shapes import inverse_permutation


def memory_order(ndim):
    """The axes of (batch, channels, …) in the order in which they stand in memory."""
    return (*range(2, ndim - 1), 0, ndim - 1, 1)


def channels_last(x):
    return np.transpose(x, memory_order(x.ndim))


def channels_first(x):
    return np.transpose(x, inverse_permutation(memory_order(x.ndim)))


def as_floats(what, **arrays):
    """The arguments as arrays (or Tensors), which must be floats or complex numbers."""
    found = []
    for name, x in arrays.items():
        x = x if x is None and name == "b" else array(what, name, x)
        if x is not None and x.dtype.kind not in "fc":
            raise DTypeError(
                f"{what}: {name} of dtype {x.dtype} and shape {x.shape}; expected floats: "
                f"{name}.astype(np.float32)"
            )
        found.append(x)
    return found


def is_numpys(x):
    return x is None or isinstance(plain(x), np.ndarray)


def numpys_only(what, *arrays):
    for x in arrays:
        if not is_numpys(x):
            raise NoRuleError(
                f"{what}: an array of type {type(x).__name__}; it is for NumPy's only"
            )


def check_axes(what, x, n):
    if n is not None and x.ndim != n + 2:
        axes = ("length", "height, width", "depth, height, width")[n - 1]
        raise ShapeError(
            f"{what}: x of shape {x.shape}; expected (batch, channels, {axes})"
            + ("; for a single example write x[None]" if x.ndim == n + 1 else "")
        )


def per_axis(what, name, value, n, least):
    """One integer for each of the n spatial axes."""
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,) * n
    try:
        values = tuple(operator.index(v) for v in values)
    except TypeError:
        raise TypeError(f"{what}: {name}={value!r}; expected an integer, or {n} of them") from None
    if len(values) != n:
        raise ValueError(f"{what}: {name}={value!r} for {n} spatial axes; expected one or {n}")
    if min(values) < least:
        raise ValueError(f"{what}: {name}={value!r}; expected at least {least}")
    return values


def pool_geometry(what, n, kernel, stride, padding):
    """Kernel, stride (None: that of the kernel) and borders of pooling, for each axis."""
    kernel = per_axis(what, "kernel_size", kernel, n, 1)
    stride = kernel if stride is None else per_axis(what, "stride", stride, n, 1)
    widths = per_axis(what, "padding", padding, n, 0)
    if any(p > k // 2 for p, k in zip(widths, kernel, strict=True)):
        raise ValueError(f"{what}: padding {widths} for the kernel {kernel}; at most half of it, "
                         "or a window may lie in the border")  # fmt: skip
    return kernel, stride, tuple((p, p) for p in widths)


def positions(what, size, kernel, stride, padding, dilation):
    """How many places the kernel has along each axis; an error if it has none."""
    room = [n + sum(p) - d * (k - 1) - 1
            for n, k, p, d in zip(size, kernel, padding, dilation, strict=True)]  # fmt: skip
    if min(room) < 0:
        raise ShapeError(
            f"{what}: the kernel {tuple(kernel)} with dilation {tuple(dilation)} is larger than "
            f"the input {tuple(size)} with padding {tuple(padding)}; use more padding or a smaller "
            "kernel"
        )
    return tuple(r // s + 1 for r, s in zip(room, stride, strict=True))


def bordered(x, padding, fill=0):
    """`x` between borders of `fill`, channels last in memory; negative widths crop."""
    if not any(map(any, padding)):
        return x
    size = [n + sum(p) for n, p in zip(x.shape[2:], padding, strict=True)]
    *outer, last = size
    shape = (*outer, x.shape[0], last, x.shape[1])
    memory = np.zeros(shape, x.dtype) if fill == 0 else np.full(shape, fill, x.dtype)
    out = channels_first(memory)
    to, of = [], []
    for (before, after), n in zip(padding, x.shape[2:], strict=True):
        to.append(slice(max(before, 0), max(before, 0) + n + min(before, 0) + min(after, 0)))
        of.append(slice(max(-before, 0), n - max(-after, 0)))
    out[(..., *to)] = x[(..., *of)]
    return out


def cropped(x, padding, size):
    """What was there before the borders."""
    return x[(..., *(slice(b, b + n) for (b, _), n in zip(padding, size, strict=True)))]


def shifts(kernel, out, stride, dilation):
    """For each place in a kernel, in row order, the index of the entries that it meets."""
    for tap in itertools.product(*map(range, kernel)):
        parts = zip(tap, out, stride, dilation, strict=True)
        yield (..., *(slice(t * d, t * d + (n - 1) * s + 1, s) for t, n, s, d in parts))
