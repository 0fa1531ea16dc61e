"""Linear and bilinear layers."""

import math

import numpy as np

from autograd_lite import functional as F
from autograd_lite.nn.initialisation import generator, uniform
from autograd_lite.nn.module import Module, floating, positive
from autograd_lite.tensor import Tensor, asarray


def parameter(array):
    """A parameter that owns its fresh array."""
    return asarray(array, requires_grad=True)


def uniform_parameter(shape, bound, rng, dtype):
    return parameter(uniform(shape, rng, dtype, -bound, bound))


class Linear(Module):
    """x W + b, along the last axis.

    Parameters
    ----------
    in_features, out_features : lengths of the last axis before and after.
    bias : whether there is b.
    rng : numpy.random.Generator for the first weights; a fresh one by default.
    dtype : of the parameters, float32 as in PyTorch. A float64 input gives a float64 output.

    Attributes
    ----------
    weight : (in_features, out_features), uniform in ±1/√in_features. PyTorch keeps it transposed.
    bias : (out_features,), from the same distribution; or None.

    Raises
    ------
    ValueError : sizes that are not positive integers. ShapeError : an input that does not fit.

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> layer = nn.Linear(3, 2, rng=np.random.default_rng(0))
    >>> layer(np.ones((5, 3), np.float32)).shape
    (5, 2)
    """

    _transposed = ("weight",)

    def __init__(self, in_features, out_features, bias=True, rng=None, dtype=np.float32):
        positive("Linear", in_features=in_features, out_features=out_features)
        dtype, rng = floating(dtype, "Linear"), generator(rng)
        bound = 1.0 / math.sqrt(in_features)
        self.weight = uniform_parameter((in_features, out_features), bound, rng, dtype)
        self.bias: Tensor | None = None
        if bias:
            self.bias = uniform_parameter((out_features,), bound, rng, dtype)

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self):
        rows, columns = self.weight.shape
        return f"{rows}, {columns}" + ("" if self.bias is not None else ", bias=False")


class Bilinear(Module):
    """Σᵢⱼ xᵢ Wᵢⱼₖ yⱼ + bₖ, along the last axes of x and y.

    Parameters
    ----------
    in1_features, in2_features, out_features : lengths of the last axes of x, y and the result.
    bias, rng, dtype : as for `Linear`.

    Attributes
    ----------
    weight : (in1_features, in2_features, out_features), uniform in ±1/√in1_features. PyTorch has
        the last axis first.
    bias : (out_features,), from the same distribution; or None.

    Raises
    ------
    ValueError : sizes that are not positive integers. ShapeError : inputs that do not fit.

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> layer = nn.Bilinear(3, 4, 2, rng=np.random.default_rng(0))
    >>> layer(np.ones((5, 3), np.float32), np.ones((5, 4), np.float32)).shape
    (5, 2)
    """

    _transposed = ("weight",)

    def __init__(self, in1_features, in2_features, out_features, bias=True, rng=None,
                 dtype=np.float32):  # fmt: skip
        positive("Bilinear", in1_features=in1_features, in2_features=in2_features,
                 out_features=out_features)  # fmt: skip
        dtype, rng = floating(dtype, "Bilinear"), generator(rng)
        bound = 1.0 / math.sqrt(in1_features)
        shape = in1_features, in2_features, out_features
        self.weight = uniform_parameter(shape, bound, rng, dtype)
        self.bias: Tensor | None = None
        if bias:
            self.bias = uniform_parameter((out_features,), bound, rng, dtype)

    def forward(self, x, y):
        return F.bilinear(x, y, self.weight, self.bias)

    def extra_repr(self):
        left, right, outs = self.weight.shape
        return f"{left}, {right}, {outs}" + ("" if self.bias is not None else ", bias=False")
