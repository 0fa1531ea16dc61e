"""Convolution in one, two and three dimensions, and its transpose.

Convolution is linear in the input and in the weights, so with its two transposes it is a family of
three operations whose rules are each other: derivatives of every order are as fast as the first.
"""

from collections.abc import Callable

import numpy as np

from autograd_lite.errors import ShapeError
from autograd_lite.registry import rule
from autograd_lite.rules.conv_arrays import (
    conv_array,
    conv_input_array,
    conv_plain,
    conv_weight_array,
)
from autograd_lite.rules.windows import (
    as_floats,
    channels_last,
    check_axes,
    is_numpys,
    numpys_only,
    per_axis,
    positions,
)

# fmt: off
GEOMETRY = dict(stride=(), padding=(), dilation=(), groups=1)
convolved: Callable = rule(conv_array, "x w b?", name="conv", static=GEOMETRY,
    x=lambda g, w, x_shape, stride, padding, dilation, groups:
        conv_input(g, w, x_shape[2:], stride, padding, dilation, groups),
    w=lambda g, x, w_shape, stride, padding, dilation, groups:
        conv_weight(g, x, w_shape[2:], stride, padding, dilation, groups),
    b=lambda g: channels_last(g))  # summed over all other axes, as they were broadcast
conv_input: Callable = rule(conv_input_array, "u w", name="conv_input", static=dict(size=(), **GEOMETRY),
    u=lambda g, w, stride, padding, dilation, groups:
        convolved(g, w, None, stride, padding, dilation, groups),
    w=lambda g, u, w_shape, stride, padding, dilation, groups:
        conv_weight(u, g, w_shape[2:], stride, padding, dilation, groups))
conv_weight: Callable = rule(conv_weight_array, "u x", name="conv_weight", static=dict(kernel=(), **GEOMETRY),
    u=lambda g, x, stride, padding, dilation, groups:
        convolved(x, g, None, stride, padding, dilation, groups),
    x=lambda g, u, x_shape, stride, padding, dilation, groups:
        conv_input(u, g, x_shape[2:], stride, padding, dilation, groups))
# fmt: on


def check_weights(what, x, w, b, groups, transposed):
    """Channels, groups and bias fit; the two channel axes of transposed weights are exchanged."""
    layout = "(in, out / groups, …)" if transposed else "(out, in / groups, …)"
    if w.ndim != x.ndim or 0 in w.shape:
        raise ShapeError(f"{what}: weights of shape {w.shape} for x of shape {x.shape}; expected "
                         f"{layout} with {x.ndim - 2} kernel axes, none of length 0")  # fmt: skip
    (groups,) = per_axis(what, "groups", groups, 1, 1)
    inputs = w.shape[0] if transposed else w.shape[1] * groups
    outputs = w.shape[1] * groups if transposed else w.shape[0]
    if x.shape[1] != inputs:
        raise ShapeError(
            f"{what}: x of shape {x.shape} has {x.shape[1]} channels, and weights {w.shape} with "
            f"groups={groups} take {inputs}; weights are {layout}"
        )
    if w.shape[0] % groups:
        raise ShapeError(
            f"{what}: groups={groups} does not divide the {w.shape[0]} "
            f"{'in' if transposed else 'out'}put channels of weights {w.shape}"
        )
    if b is not None and b.shape != (outputs,):
        raise ShapeError(
            f"{what}: bias of shape {b.shape} for {outputs} output channels; expected ({outputs},)"
        )
    return groups


def borders(what, padding, kernel, stride, dilation):
    """Widths before and after, for each axis."""
    if padding == "valid":
        padding = 0
    if padding == "same":
        if max(stride) > 1:
            raise ValueError(f"{what}: padding='same' with stride {stride}; give the widths")
        total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        return tuple((t // 2, t - t // 2) for t in total)
    if isinstance(padding, str):
        raise ValueError(f"{what}: padding={padding!r}; use 'same', 'valid' or integers")
    return tuple((p, p) for p in per_axis(what, "padding", padding, len(kernel), 0))


def extra_rows(what, output_padding, stride):
    """How many rows of the output come after the last that the kernel reaches, for each axis."""
    extra = per_axis(what, "output_padding", output_padding, len(stride), 0)
    if any(e >= s for e, s in zip(extra, stride, strict=True)):
        raise ValueError(f"{what}: output_padding {extra} must be smaller than the stride {stride}")
    return extra


def general(what, n, x, w, b, stride, padding, dilation, groups):
    x, w, b = as_floats(what, x=x, w=w, b=b)
    check_axes(what, x, n)
    groups = check_weights(what, x, w, b, groups, transposed=False)
    kernel = w.shape[2:]
    stride = per_axis(what, "stride", stride, n, 1)
    dilation = per_axis(what, "dilation", dilation, n, 1)
    widths = borders(what, padding, kernel, stride, dilation)
    positions(what, x.shape[2:], kernel, stride, widths, dilation)
    call = convolved if all(map(is_numpys, (x, w, b))) else conv_plain
    return call(x, w, b, stride, widths, dilation, groups)


def general_transpose(what, n, x, w, b, stride, padding, output_padding, groups, dilation):
    x, w, b = as_floats(what, x=x, w=w, b=b)
    check_axes(what, x, n)
    groups = check_weights(what, x, w, b, groups, transposed=True)
    kernel = w.shape[2:]
    numpys_only(what, x, w, b)
    stride = per_axis(what, "stride", stride, n, 1)
    dilation = per_axis(what, "dilation", dilation, n, 1)
    widths = per_axis(what, "padding", padding, n, 0)
    extra = extra_rows(what, output_padding, stride)
    size = tuple((m - 1) * s - 2 * p + d * (k - 1) + e + 1
                 for m, s, p, d, k, e in zip(x.shape[2:], stride, widths, dilation, kernel, extra,
                                             strict=True))  # fmt: skip
    if min(size) < 1 or min(x.shape[2:]) < 1:
        raise ShapeError(f"{what}: x of shape {x.shape} with weights {w.shape} and padding "
                         f"{widths} gives an output of size {size}; use less padding")  # fmt: skip
    y = conv_input(x, w, size, stride, tuple((p, p) for p in widths), dilation, groups)
    return y if b is None else y + np.reshape(b, (-1,) + (1,) * n)


def conv1d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolution of signals, `conv2d` with one spatial axis: x (n, c, l), w (out, c/groups, k).

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.array([[[1.0, 2.0, 4.0, 8.0]]])
    >>> ag.functional.conv1d(x, np.array([[[-1.0, 1.0]]]))
    array([[[1., 2., 4.]]])
    """
    return general("conv1d", 1, x, w, b, stride, padding, dilation, groups)


def conv2d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolution of images with a bank of kernels (a cross-correlation: kernels are not flipped).

    y[n, o, i, j] = b[o] + Σ w[o, c, p, q] x[n, c, i·stride + p·dilation, j·stride + q·dilation],
    over the input with borders of zeros (LeCun et al., 1989; dilation: Yu and Koltun, 2016).

    Parameters
    ----------
    x : (n, c, height, width) float or complex.
    w : (out, c / groups, kernel height, kernel width). b : (out,) or None.
    stride, dilation : an integer, or one for each spatial axis; at least 1.
    padding : likewise, at least 0; or "valid" (none), or "same" for an output as large as the
        input (with stride 1; of an odd number of zeros one more comes after).
    groups : divides the channels; output channels of a group see the input channels of this group
        only.

    Returns
    -------
    (n, out, …) in shape; in memory channels come last, which is quicker for what follows.

    Raises
    ------
    ShapeError : channels, groups or bias that do not fit; a kernel larger than the padded input.
    DTypeError : an argument that is not of floats. ValueError, TypeError : stride, padding, ….

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = ag.Tensor(np.arange(16.0).reshape(1, 1, 4, 4), requires_grad=True)
    >>> w = np.ones((1, 1, 3, 3))
    >>> y = ag.functional.conv2d(x, w)
    >>> y
    Tensor([[[[45., 54.],
              [81., 90.]]]], op=conv)
    >>> y.sum().backward()
    >>> x.grad
    array([[[[1., 2., 2., 1.],
             [2., 4., 4., 2.],
             [2., 4., 4., 2.],
             [1., 2., 2., 1.]]]])
    """
    return general("conv2d", 2, x, w, b, stride, padding, dilation, groups)


def conv3d(x, w, b=None, stride=1, padding=0, dilation=1, groups=1):
    """Convolution of volumes, `conv2d` with three spatial axes: x (n, c, depth, height, width).

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.functional.conv3d(np.ones((1, 1, 2, 2, 2)), np.ones((1, 1, 2, 2, 2))).item()
    8.0
    """
    return general("conv3d", 3, x, w, b, stride, padding, dilation, groups)


def conv_transpose1d(x, w, b=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """`conv_transpose2d` with one spatial axis: x (n, c, l), w (c, out/groups, k).

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.array([[[1.0, 2.0]]])
    >>> ag.functional.conv_transpose1d(x, np.array([[[1.0, 10.0]]]), stride=2)
    array([[[ 1., 10.,  2., 20.]]])
    """
    return general_transpose("conv_transpose1d", 1, x, w, b, stride, padding, output_padding,
                             groups, dilation)  # fmt: skip


def conv_transpose2d(x, w, b=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """The transpose of `conv2d`, which enlarges images: each entry of x adds a scaled kernel.

    It is what the gradient of conv2d with the same weights does (Zeiler et al., 2010), with the
    order of arguments and the layout of weights of PyTorch.

    Parameters
    ----------
    x : (n, c, height, width) float or complex.
    w : (c, out / groups, kernel height, kernel width). b : (out,) or None.
    stride, padding, dilation, groups : of the convolution whose transpose this is.
    output_padding : rows that are added after the last, as several sizes of an input have the
        same size of output if the stride is above 1; smaller than the stride (PyTorch also allows
        rows of zeros beyond that, if the dilation is larger).

    Returns
    -------
    (n, out, …), of size (m − 1) stride − 2 padding + dilation (k − 1) + output_padding + 1.

    Raises
    ------
    ShapeError, DTypeError, ValueError, TypeError : as conv2d; padding that leaves no output.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = np.array([[[[1.0, 2.0]]]])
    >>> ag.functional.conv_transpose2d(x, np.ones((1, 1, 2, 2)), stride=2)
    array([[[[1., 1., 2., 2.],
             [1., 1., 2., 2.]]]])
    """
    return general_transpose("conv_transpose2d", 2, x, w, b, stride, padding, output_padding,
                             groups, dilation)  # fmt: skip


def conv_transpose3d(x, w, b=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1):
    """`conv_transpose2d` with three spatial axes: x (n, c, depth, height, width).

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.functional.conv_transpose3d(np.ones((1, 1, 1, 1, 1)), np.ones((1, 1, 2, 2, 2))).sum()
    np.float64(8.0)
    """
    return general_transpose("conv_transpose3d", 3, x, w, b, stride, padding, output_padding,
                             groups, dilation)  # fmt: skip
