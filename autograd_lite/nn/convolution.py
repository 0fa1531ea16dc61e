"""Convolutions and pooling in one, two and three dimensions; inputs are (batch, channels, …)."""

import math
from collections.abc import Callable

import numpy as np

from autograd_lite.nn.initialisation import generator
from autograd_lite.nn.linear import uniform_parameter
from autograd_lite.nn.module import Module, floating, positive
from autograd_lite.rules import convolution, pooling as rules
from autograd_lite.rules.convolution import borders, extra_rows
from autograd_lite.rules.windows import per_axis, pool_geometry
from autograd_lite.tensor import Tensor


class Convolution(Module):
    """What convolutions share; `_function` is the one of `functional`."""

    _axes, _transpose = 2, False
    _function: Callable

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1,
                 groups=1, bias=True, rng=None, dtype=np.float32):  # fmt: skip
        name = type(self).__name__
        positive(name, in_channels=in_channels, out_channels=out_channels, groups=groups)
        kernel = per_axis(name, "kernel_size", kernel_size, self._axes, 1)
        steps = per_axis(name, "stride", stride, self._axes, 1)
        holes = per_axis(name, "dilation", dilation, self._axes, 1)
        if self._transpose:
            per_axis(name, "padding", padding, self._axes, 0)
        else:
            borders(name, padding, kernel, steps, holes)
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"{name}: groups {groups} do not divide {in_channels} and {out_channels} channels"
            )
        self.in_channels, self.out_channels, self.kernel_size = in_channels, out_channels, kernel
        self.options = dict(stride=stride, padding=padding, dilation=dilation, groups=groups)
        rows, columns = (in_channels, out_channels) if self._transpose else (
            out_channels, in_channels)  # fmt: skip
        shape = rows, columns // groups, *kernel
        bound = 1.0 / math.sqrt(math.prod(shape[1:]))
        rng, dtype = generator(rng), floating(dtype, name)
        self.weight = uniform_parameter(shape, bound, rng, dtype)
        self.bias: Tensor | None = None
        if bias:
            self.bias = uniform_parameter((out_channels,), bound, rng, dtype)

    def forward(self, x):
        return self._function(x, self.weight, self.bias, **self.options)

    def extra_repr(self):
        defaults = dict(stride=1, padding=0, dilation=1, groups=1, output_padding=0)
        words = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}"]
        words += [f"{k}={v!r}" for k, v in self.options.items() if v != defaults[k]]
        return ", ".join(words) + ("" if self.bias is not None else ", bias=False")


class Transposed(Convolution):
    _transpose = True

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0,
                 output_padding=0, groups=1, bias=True, dilation=1, rng=None,
                 dtype=np.float32):  # fmt: skip
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, dilation, groups,
                         bias, rng, dtype)  # fmt: skip
        extra_rows(type(self).__name__, output_padding, per_axis("", "", stride, self._axes, 1))
        self.options["output_padding"] = output_padding


PARAMETERS = """

    Parameters
    ----------
    in_channels, out_channels : lengths of axis 1 before and after.
    kernel_size, stride, padding, dilation : integers, or a tuple with one for each spatial axis;
        {padding}
    groups : the channels are cut into so many groups, each with kernels of its own.
    bias, rng, dtype : as for `Linear`. Further arguments stand in PyTorch's order.

    Attributes
    ----------
    weight : {weight}, PyTorch's layout; uniform in ±1/√(product of all axes but the first).
    bias : (out_channels,), from the same distribution; or None.

    Raises
    ------
    ValueError, TypeError : sizes that are not positive integers, groups that do not divide the
        channels, padding that is negative or an unknown word.
    ShapeError : an input that does not fit.

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.{name}(2, 4, 3)(np.ones((1, 2{example}), np.float32)).shape
    (1, 4{result})
    """


def layer(name, axes, transpose):
    """The class of a convolution."""
    function = f"conv{'_transpose' if transpose else ''}{axes}d"
    what = "Transposed convolution" if transpose else "Convolution"
    form = "(batch, channels, " + ", ".join(("depth", "height", "width")[3 - axes :]) + ")"
    doc = f"{what} of inputs {form}: `functional.{function}` with its parameters."
    padding = "`output_padding` makes the output longer." if transpose else (
        'padding may be "same" or "valid".')  # fmt: skip
    weight = "(in_channels, out_channels / groups, k, …)" if transpose else (
        "(out_channels, in_channels / groups, k, …)")  # fmt: skip
    example, result = ", 5" * axes, (", 7" if transpose else ", 3") * axes
    doc += PARAMETERS.format(
        padding=padding, weight=weight, name=name, example=example, result=result
    )
    body = dict(
        _axes=axes,
        _function=staticmethod(getattr(convolution, function)),
        __doc__=doc,
        __module__=__name__,
    )
    return type(name, (Transposed if transpose else Convolution,), body)


Conv1d, Conv2d, Conv3d = (layer(f"Conv{n}d", n, False) for n in (1, 2, 3))
ConvTranspose1d, ConvTranspose2d, ConvTranspose3d = (
    layer(f"ConvTranspose{n}d", n, True) for n in (1, 2, 3)
)


class Pooling(Module):
    _axes = 2
    _function: Callable

    def __init__(self, kernel_size, stride=None, padding=0):
        pool_geometry(type(self).__name__, self._axes, kernel_size, stride, padding)
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x):
        return self._function(x, self.kernel_size, self.stride, self.padding)

    def extra_repr(self):
        words = f"{self.kernel_size}"
        words += f", stride={self.stride}" if self.stride is not None else ""
        return words + (f", padding={self.padding}" if self.padding else "")


class Adaptive(Module):
    _axes = 2
    _function: Callable

    def __init__(self, output_size):
        given = (
            output_size if isinstance(output_size, (tuple, list)) else (output_size,) * self._axes
        )
        sizes = tuple(1 if size is None else size for size in given)
        per_axis(type(self).__name__, "output_size", sizes, self._axes, 1)
        self.output_size = output_size

    def forward(self, x):
        return self._function(x, self.output_size)

    def extra_repr(self):
        return f"{self.output_size}"


POOLED = """

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.{name}(2)(np.ones((1, 3{example}))).shape
    (1, 3{result})
    """


def pooling(name, base, function):
    """The class of a pooling layer."""
    axes = int(name[-2])
    arguments = "output_size" if base is Adaptive else "kernel_size, stride=kernel_size, padding=0"
    doc = f"`functional.{function}` as a module: {name}({arguments}). It has no parameters."
    doc += POOLED.format(name=name, example=", 4" * axes, result=", 2" * axes)
    function = staticmethod(getattr(rules, function))
    body = dict(_axes=axes, _function=function, __doc__=doc, __module__=__name__)
    return type(name, (base,), body)


MaxPool1d, MaxPool2d, MaxPool3d = (
    pooling(f"MaxPool{n}d", Pooling, f"max_pool{n}d") for n in (1, 2, 3)
)
AvgPool1d, AvgPool2d, AvgPool3d = (
    pooling(f"AvgPool{n}d", Pooling, f"avg_pool{n}d") for n in (1, 2, 3)
)
AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d = (
    pooling(f"AdaptiveAvgPool{n}d", Adaptive, f"adaptive_avg_pool{n}d") for n in (1, 2, 3)
)
AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d = (
    pooling(f"AdaptiveMaxPool{n}d", Adaptive, f"adaptive_max_pool{n}d") for n in (1, 2, 3)
)
