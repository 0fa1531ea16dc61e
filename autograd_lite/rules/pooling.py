"""Pooling in one, two and three dimensions. Of equal greatest entries the first gets the gradient.

As in convolution, the operations are each other's rules: to pick and to put back, to average and to
spread.
"""

from collections.abc import Callable

import numpy as np

from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.registry import NONDIFF, rule
from autograd_lite.rules.indexing import along, getitem
from autograd_lite.rules.pool_arrays import (
    avg_pool_array,
    avg_unpool_array,
    first_place,
    max_pool_array,
    pick_array,
    unpool_array,
    windows_of,
)
from autograd_lite.rules.windows import (
    as_floats,
    check_axes,
    numpys_only,
    per_axis,
    pool_geometry,
    positions,
)

# fmt: off
GEOMETRY = dict(kernel=(), stride=(), padding=())
first: Callable = rule(first_place, "x out", name="first_place", static=GEOMETRY, x=NONDIFF, out=NONDIFF)
max_pooled: Callable = rule(max_pool_array, "x", name="max_pool", static=GEOMETRY,
    keep=dict(index=lambda x, out, kernel, stride, padding: first(x, out, kernel, stride, padding)),
    x=lambda g, index, x_shape, kernel, stride, padding: unpool(g, index, x_shape[2:], kernel, stride, padding))
unpool: Callable = rule(unpool_array, "u index", name="unpool", static=dict(size=(), **GEOMETRY), index=NONDIFF,
    u=lambda g, index, kernel, stride, padding: pick(g, index, kernel, stride, padding))
pick: Callable = rule(pick_array, "x index", name="pick", static=GEOMETRY, index=NONDIFF,
    x=lambda g, index, x_shape, kernel, stride, padding: unpool(g, index, x_shape[2:], kernel, stride, padding))
avg_pooled: Callable = rule(avg_pool_array, "x", name="avg_pool", static=GEOMETRY,
    x=lambda g, x_shape, kernel, stride, padding: avg_unpool(g, x_shape[2:], kernel, stride, padding))
avg_unpool: Callable = rule(avg_unpool_array, "u", name="avg_unpool", static=dict(size=(), **GEOMETRY),
    u=lambda g, kernel, stride, padding: avg_pooled(g, kernel, stride, padding))
# fmt: on


def checked(what, n, x, real=False):
    (x,) = as_floats(what, x=x)
    check_axes(what, x, n)
    if real and x.dtype.kind == "c":
        raise DTypeError(f"{what}: x of dtype {x.dtype}; complex numbers have no order: np.abs(x)")
    numpys_only(what, x)
    return x


def general(what, pool, n, x, kernel, stride, padding):
    x = checked(what, n, x, real=pool is max_pooled)
    kernel, stride, widths = pool_geometry(what, n, kernel, stride, padding)
    positions(what, x.shape[2:], kernel, stride, widths, (1,) * n)
    return pool(x, kernel, stride, widths)


def output_sizes(what, x, size, n):
    """Sizes asked for; None, alone or for one axis, leaves it as it is."""
    given = size if isinstance(size, (tuple, list)) else (size,) * n
    filled = [x.shape[2 + i] if s is None else s for i, s in enumerate(given)]
    sizes = per_axis(what, "output_size", filled, n, 1)
    if 0 in x.shape[2:]:
        raise ShapeError(f"{what}: x of shape {x.shape} has nothing to pool")
    return sizes


def adaptive_avg(what, n, x, output_size):
    x = checked(what, n, x)
    sizes = output_sizes(what, x, output_size, n)
    if all(a % m == 0 for a, m in zip(x.shape[2:], sizes, strict=True)):
        kernel = tuple(a // m for a, m in zip(x.shape[2:], sizes, strict=True))
        return avg_pooled(x, kernel, kernel, ((0, 0),) * n)
    for axis, m in enumerate(sizes, 2):
        length = x.shape[axis]
        if m == length:
            continue
        begin, end = windows_of(length, m)
        i = np.arange(length)[:, None]
        inside = np.logical_and(begin <= i, i < end)
        means = (inside / (end - begin)).astype(x.dtype)
        x = np.moveaxis(np.matmul(np.moveaxis(x, axis, -1), means), -1, axis)
    return x


def adaptive_max(what, n, x, output_size):
    x = checked(what, n, x, real=True)
    sizes, kernel = output_sizes(what, x, output_size, n), []
    for axis, m in enumerate(sizes, 2):
        length = x.shape[axis]
        begin, end = windows_of(length, m)
        kernel.append(int((end - begin).max()))
        if length % m:  # windows that overlap, or that are shorter and repeat their last entry
            inside = np.minimum(begin[:, None] + np.arange(kernel[-1]), end[:, None] - 1)
            x = getitem(x, along(axis, inside.ravel()))
    return max_pooled(x, tuple(kernel), tuple(kernel), ((0, 0),) * n)


def max_pool1d(x, kernel_size, stride=None, padding=0):
    """`max_pool2d` for (n, c, length).

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.array([[[1.0, 3.0, 2.0, 2.0]]])
    >>> ag.functional.max_pool1d(x, 2)
    array([[[3., 2.]]])
    """
    return general("max_pool1d", max_pooled, 1, x, kernel_size, stride, padding)


def max_pool2d(x, kernel_size, stride=None, padding=0):
    """The greatest entry of each window of an image; what lies in the padding is −∞.

    Parameters
    ----------
    x : (n, c, height, width) float.
    kernel_size, stride, padding : an integer, or one for each spatial axis. The stride is the
        kernel's size unless given; the padding is at most half of it.

    Returns
    -------
    (n, c, …), of size ⌊(size + 2 padding − kernel) / stride⌋ + 1. The gradient of a window goes
    to its first greatest entry in row order, as in PyTorch (np.max shares it among equal ones);
    the place is kept as one byte for a window.

    Raises
    ------
    ShapeError : a kernel larger than the padded input, a missing axis.
    DTypeError : x that is not of real floats. ValueError, TypeError : stride, padding, ….

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.arange(8.0).reshape(1, 1, 2, 4)
    >>> ag.functional.max_pool2d(x, 2)
    array([[[[5., 7.]]]])
    """
    return general("max_pool2d", max_pooled, 2, x, kernel_size, stride, padding)


def max_pool3d(x, kernel_size, stride=None, padding=0):
    """`max_pool2d` for (n, c, depth, height, width).

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.arange(8.0).reshape(1, 1, 2, 2, 2)
    >>> ag.functional.max_pool3d(x, 2)
    array([[[[[7.]]]]])
    """
    return general("max_pool3d", max_pooled, 3, x, kernel_size, stride, padding)


def avg_pool1d(x, kernel_size, stride=None, padding=0):
    """`avg_pool2d` for (n, c, length).

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.array([[[1.0, 3.0, 2.0, 2.0]]])
    >>> ag.functional.avg_pool1d(x, 2)
    array([[[2., 2.]]])
    """
    return general("avg_pool1d", avg_pooled, 1, x, kernel_size, stride, padding)


def avg_pool2d(x, kernel_size, stride=None, padding=0):
    """The mean of each window of an image; zeros of the padding count, as PyTorch's default.

    Parameters
    ----------
    x : (n, c, height, width) float or complex.
    kernel_size, stride, padding : as in `max_pool2d`.

    Returns
    -------
    (n, c, …), of size ⌊(size + 2 padding − kernel) / stride⌋ + 1.

    Raises
    ------
    ShapeError, DTypeError, ValueError, TypeError : as `max_pool2d`.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.arange(8.0).reshape(1, 1, 2, 4)
    >>> ag.functional.avg_pool2d(x, 2)
    array([[[[2.5, 4.5]]]])
    """
    return general("avg_pool2d", avg_pooled, 2, x, kernel_size, stride, padding)


def avg_pool3d(x, kernel_size, stride=None, padding=0):
    """`avg_pool2d` for (n, c, depth, height, width).

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.arange(8.0).reshape(1, 1, 2, 2, 2)
    >>> ag.functional.avg_pool3d(x, 2)
    array([[[[[3.5]]]]])
    """
    return general("avg_pool3d", avg_pooled, 3, x, kernel_size, stride, padding)


def adaptive_max_pool1d(x, output_size):
    """`adaptive_max_pool2d` for (n, c, length).

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.array([[[1.0, 3.0, 2.0, 2.0]]])
    >>> ag.functional.adaptive_max_pool1d(x, 1)
    array([[[3.]]])
    """
    return adaptive_max("adaptive_max_pool1d", 1, x, output_size)


def adaptive_max_pool2d(x, output_size):
    """The greatest entry of each of so many windows that the output has the size asked for.

    Window i of m on an axis of length n goes from ⌊i n / m⌋ to ⌈(i + 1) n / m⌉, as in PyTorch; ties
    as in `max_pool2d`.

    Parameters
    ----------
    x : (n, c, height, width) float.
    output_size : an integer, or one for each spatial axis; None leaves an axis as it is.

    Raises
    ------
    ShapeError, DTypeError, ValueError, TypeError : x or a size that does not fit.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.arange(8.0).reshape(1, 1, 2, 4)
    >>> ag.functional.adaptive_max_pool2d(x, 1)
    array([[[[7.]]]])
    """
    return adaptive_max("adaptive_max_pool2d", 2, x, output_size)


def adaptive_max_pool3d(x, output_size):
    """`adaptive_max_pool2d` for (n, c, depth, height, width).

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.arange(8.0).reshape(1, 1, 2, 2, 2)
    >>> ag.functional.adaptive_max_pool3d(x, 1)
    array([[[[[7.]]]]])
    """
    return adaptive_max("adaptive_max_pool3d", 3, x, output_size)


def adaptive_avg_pool1d(x, output_size):
    """`adaptive_avg_pool2d` for (n, c, length).

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.array([[[1.0, 3.0, 2.0, 2.0]]])
    >>> ag.functional.adaptive_avg_pool1d(x, 1)
    array([[[2.]]])
    """
    return adaptive_avg("adaptive_avg_pool1d", 1, x, output_size)


def adaptive_avg_pool2d(x, output_size):
    """The means of so many windows that the output has the size asked for.

    Windows as in `adaptive_max_pool2d`; output_size=1 is global average pooling (Lin et al., 2013).

    Parameters
    ----------
    x : (n, c, height, width) float or complex.
    output_size : an integer, or one for each spatial axis; None leaves an axis as it is.

    Raises
    ------
    ShapeError, DTypeError, ValueError, TypeError : x or a size that does not fit.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.arange(8.0).reshape(1, 1, 2, 4)
    >>> ag.functional.adaptive_avg_pool2d(x, 1)
    array([[[[3.5]]]])
    """
    return adaptive_avg("adaptive_avg_pool2d", 2, x, output_size)


def adaptive_avg_pool3d(x, output_size):
    """`adaptive_avg_pool2d` for (n, c, depth, height, width).

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.arange(8.0).reshape(1, 1, 2, 2, 2)
    >>> ag.functional.adaptive_avg_pool3d(x, 1)
    array([[[[[3.5]]]]])
    """
    return adaptive_avg("adaptive_avg_pool3d", 3, x, output_size)
