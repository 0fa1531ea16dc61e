"""Normalising layers. Weights start at one and biases at zero."""

import numpy as np

from autograd_lite import functional as F
from autograd_lite.arguments import array, number
from autograd_lite.errors import ShapeError
from autograd_lite.modes import replaying
from autograd_lite.nn.linear import parameter
from autograd_lite.nn.module import Module, floating, positive
from autograd_lite.tensor import Tensor, asarray


class Normalisation(Module):
    """What normalising layers share: a weight and a bias, or None, and eps."""

    weight: Tensor | None
    bias: Tensor | None

    def _make(self, shape, eps, affine, bias, dtype):
        dtype = floating(dtype, type(self).__name__)
        self.eps = eps if eps is None else number(type(self).__name__, "eps", eps)
        self.weight = parameter(np.ones(shape, dtype)) if affine else None
        self.bias = parameter(np.zeros(shape, dtype)) if affine and bias else None
        return dtype

    def _checked(self, x):
        shape, x = self._shape, array(type(self).__name__, "x", x)
        if x.shape[-len(shape) :] != shape:
            raise ShapeError(f"input of shape {x.shape}; its last axes are to be {shape}")
        return x

    _shape: tuple[int, ...] = ()

    def _set_shape(self, normalized_shape):
        given = normalized_shape
        self._shape = tuple(given) if isinstance(given, (tuple, list)) else (given,)
        name = type(self).__name__
        if not self._shape:
            raise ValueError(f"{name}: normalized_shape is empty; give an integer or a tuple")
        for size in self._shape:
            positive(name, normalized_shape=size)
        self._axis = tuple(range(-len(self._shape), 0)) if len(self._shape) > 1 else -1

    def extra_repr(self):
        return ", ".join(map(str, self._shape))


class LayerNorm(Normalisation):
    """(x − mean) / √(variance + eps) over the last axes of each example, times weight plus bias.

    Parameters
    ----------
    normalized_shape : length of the last axis, or a tuple of those of the last axes.
    eps, elementwise_affine, bias : as in PyTorch; without elementwise_affine both are None.
    dtype : of the parameters.

    (Ba et al. 2016.)

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> float(abs(nn.LayerNorm(4)(np.arange(8.0).reshape(2, 4)).data.mean(axis=-1)).max()) < 1e-6
    True
    """

    def __init__(self, normalized_shape, eps=1e-5, elementwise_affine=True, bias=True,
                 dtype=np.float32):  # fmt: skip
        self._set_shape(normalized_shape)
        self._make(self._shape, eps, elementwise_affine, bias, dtype)

    def forward(self, x):
        x = self._checked(x)
        return F.layer_norm(x, self.weight, self.bias, axis=self._axis, eps=self.eps)


class RMSNorm(Normalisation):
    """x / √(mean of x² + eps) over the last axes of each example, times weight.

    Parameters
    ----------
    normalized_shape : length of the last axis, or a tuple of those of the last axes.
    eps : None for the machine epsilon of the input's dtype, as in PyTorch.
    elementwise_affine, dtype : as for `LayerNorm`.

    (Zhang and Sennrich 2019.)

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.RMSNorm(2)(np.array([[3.0, 3.0]])).data.round(3)
    array([[1., 1.]])
    """

    def __init__(self, normalized_shape, eps: float | None = None, elementwise_affine=True,
                 dtype=np.float32):  # fmt: skip
        self._set_shape(normalized_shape)
        self._make(self._shape, eps, elementwise_affine, False, dtype)

    def forward(self, x):
        x = self._checked(x)
        return F.rms_norm(x, self.weight, axis=self._axis, eps=self.eps)


class BatchNorm(Normalisation):
    """Each channel (axis 1) less its mean, by its standard deviation, over all other axes.

    While training with the batch's own mean and variance, which also move the running ones by
    `momentum`; after `eval()` with the running ones.

    Parameters
    ----------
    num_features : channels, the length of axis 1.
    eps, momentum, affine, track_running_stats : as in PyTorch; a momentum of None means the plain
        average of all batches. Without track_running_stats the batch's own are always used.
    dtype : of the parameters.

    (Ioffe and Szegedy 2015.)
    """

    _axes: tuple[int, ...] = ()

    def __init__(self, num_features, eps=1e-5, momentum: float | None = 0.1, affine=True,
                 track_running_stats=True, dtype=np.float32):  # fmt: skip
        name = type(self).__name__
        positive(name, num_features=num_features)
        self.num_features = num_features
        self.momentum = momentum if momentum is None else number(name, "momentum", momentum, most=1)
        self._shape = (num_features,)
        dtype = self._make(self._shape, eps, affine, True, dtype)
        self.running_mean = self.running_var = self.num_batches_tracked = None
        if track_running_stats:
            self.running_mean = asarray(np.zeros(num_features, dtype))
            self.running_var = asarray(np.ones(num_features, dtype))
            self.num_batches_tracked = asarray(np.zeros((), np.int64))

    def forward(self, x):
        x = array(type(self).__name__, "x", x)
        if len(x.shape) not in self._axes or x.shape[1] != self.num_features:
            forms = " or ".join(f"(batch, {self.num_features}" + ", …" * (n - 2) + ")"
                                for n in self._axes)  # fmt: skip
            raise ShapeError(f"input of shape {x.shape}; expected {forms}")
        mean, var, training, momentum = self._statistics(x)
        return F.batch_norm(x, mean, var, self.weight, self.bias, training, momentum, self.eps)

    def _statistics(self, x):
        """Running mean and variance, whether to use the batch's own, and the momentum."""
        if self.running_mean is None:
            unused = np.zeros((2, self.num_features), x.dtype)
            return unused[0], unused[1], True, 0.0
        momentum = self.momentum
        if self.training:
            self.num_batches_tracked.data[...] += not replaying.get()  # in a checkpoint
            if momentum is None:
                momentum = 1.0 / int(self.num_batches_tracked.data)
        return self.running_mean, self.running_var, self.training, momentum or 0.0


FORMS = (BatchNorm.__doc__ or "") + "\n    Takes "
EXAMPLE = """

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.BatchNorm{0}d(3)(np.ones((2, 3{1}))).shape
    (2, 3{1})
    """


class BatchNorm1d(BatchNorm):
    __doc__ = (
        FORMS
        + """(batch, channels) or (batch, channels, length).

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> norm = nn.BatchNorm1d(2)
    >>> norm(np.array([[1.0, 2.0], [3.0, 6.0]])).data.round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> norm.running_mean.data
    array([0.2, 0.4], dtype=float32)
    """
    )
    _axes = 2, 3


class BatchNorm2d(BatchNorm):
    __doc__ = FORMS + "(batch, channels, height, width)." + EXAMPLE.format(2, ", 4" * 2)
    _axes = (4,)


class BatchNorm3d(BatchNorm):
    __doc__ = FORMS + "(batch, channels, depth, height, width)." + EXAMPLE.format(3, ", 4" * 3)
    _axes = (5,)


class GroupNorm(Normalisation):
    """As LayerNorm, over each of `num_groups` groups of channels and all positions.

    Parameters
    ----------
    num_groups, num_channels : the channels (axis 1) are cut into groups of equal size.
    eps, affine, dtype : as for `BatchNorm1d`; weight and bias are one number for each channel.

    Raises
    ------
    ValueError : groups that do not divide the channels. ShapeError : an input that does not fit.

    (Wu and He 2018.)

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.GroupNorm(2, 6)(np.ones((5, 6, 4, 4))).shape
    (5, 6, 4, 4)
    """

    def __init__(self, num_groups, num_channels, eps=1e-5, affine=True, dtype=np.float32):
        positive("GroupNorm", num_groups=num_groups, num_channels=num_channels)
        if num_channels % num_groups:
            raise ValueError(
                f"GroupNorm: {num_groups} groups do not divide {num_channels} channels"
            )
        self.num_groups, self._shape = num_groups, (num_channels,)
        self._make(self._shape, eps, affine, True, dtype)

    def forward(self, x):
        x = array("GroupNorm", "x", x)
        if len(x.shape) < 2 or x.shape[1] != self._shape[0]:
            raise ShapeError(f"input of shape {x.shape}; axis 1 is to be {self._shape[0]} channels")
        return F.group_norm(x, self.num_groups, self.weight, self.bias, eps=self.eps)

    def extra_repr(self):
        return f"{self.num_groups}, {self._shape[0]}"
