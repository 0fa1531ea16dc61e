"""Activations, dropout and flattening as modules: thin, around functions of `functional`."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from autograd_lite import functional as F
from autograd_lite.arguments import array, number
from autograd_lite.errors import ShapeError
from autograd_lite.nn.initialisation import generator
from autograd_lite.nn.module import Module


class Activation(Module):
    """A function of `functional` with its options; the class of the same name as in PyTorch."""

    _function: Callable
    _options: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args, **options):
        names = list(self._options)
        if len(args) > len(names) or not set(options) <= set(names[len(args) :]):
            raise TypeError(
                f"{type(self).__name__}: options are {', '.join(names) or 'none'}, got "
                f"{', '.join([*map(repr, args), *options])}"
            )
        given = dict(zip(names, args, strict=False)) | options
        self._given = given
        for name, value in (self._options | given).items():
            setattr(self, name, value)

    def forward(self, x):
        return self._function(x, **{name: vars(self)[name] for name in self._options})

    def extra_repr(self):
        return ", ".join(f"{name}={vars(self)[name]!r}" for name in self._given)


EXAMPLE = """

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> len(nn.Example()(np.ones((3, 4))))
    3
    """


def activation(name, function, **options):
    """The class of an activation: `options` are its arguments with their defaults."""
    call = ", ".join(f"{key}={value!r}" for key, value in options.items())
    doc = f"`functional.{function}` as a module: {name}({call}). It has no parameters.{EXAMPLE}"
    doc = doc.replace("Example", name)
    body = dict(
        _function=staticmethod(getattr(F, function)),
        _options=options,
        __doc__=doc,
        __module__=__name__,
    )
    return type(name, (Activation,), body)


# fmt: off
ReLU       = activation("ReLU", "relu")
LeakyReLU  = activation("LeakyReLU", "leaky_relu", negative_slope=0.01)
ELU        = activation("ELU", "elu", alpha=1.0)
SELU       = activation("SELU", "selu")
CELU       = activation("CELU", "celu", alpha=1.0)
GELU       = activation("GELU", "gelu", approximate="none")
SiLU       = activation("SiLU", "silu")
Mish       = activation("Mish", "mish")
Softplus   = activation("Softplus", "softplus", beta=1.0)
Softsign   = activation("Softsign", "softsign")
Hardtanh   = activation("Hardtanh", "hardtanh", min_val=-1.0, max_val=1.0)
Sigmoid    = activation("Sigmoid", "sigmoid")
LogSigmoid = activation("LogSigmoid", "log_sigmoid")
Tanh       = activation("Tanh", "tanh")
GLU        = activation("GLU", "glu", axis=-1)
Softmax    = activation("Softmax", "softmax", axis=-1)
LogSoftmax = activation("LogSoftmax", "log_softmax", axis=-1)
# fmt: on


class Identity(Module):
    """Gives back what it is given.

    >>> from autograd_lite import nn
    >>> nn.Identity()(3)
    3
    """

    def forward(self, x):
        return x


class Dropout(Module):
    """While training, zero entries with probability p and scale the others by 1 / (1 − p).

    Parameters
    ----------
    p : the probability, between 0 and 1.
    rng : numpy.random.Generator; a fresh one by default. Nothing else is random.

    Raises
    ------
    ValueError : p out of range.

    (Srivastava et al. 2014.)

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.Dropout(0.5, rng=np.random.default_rng(0)).eval()(np.ones(3))
    array([1., 1., 1.])
    """

    def __init__(self, p=0.5, rng=None):
        self.p, self._rng = number("Dropout", "p", p, most=1.0), generator(rng)

    def forward(self, x):
        return F.dropout(x, self.p, self.training, self._rng)

    def extra_repr(self):
        return f"{self.p}"


class Flatten(Module):
    """Join the axes from `start` on into one; (batch, …) to (batch, features) by default.

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.Flatten()(np.ones((5, 2, 3, 4))).shape
    (5, 24)
    """

    def __init__(self, start=1):
        self.start = start

    def forward(self, x):
        x = array("Flatten", "x", x)
        if not 0 <= self.start < len(x.shape):
            raise ShapeError(f"start {self.start} is no axis of an input of shape {x.shape}")
        size = 1
        for n in x.shape[self.start :]:
            size *= n
        return np.reshape(x, (*x.shape[: self.start], size))
