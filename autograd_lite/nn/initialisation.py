"""Arrays to start training from: functions of a shape and a random generator.

The fans of a matrix are those of `x @ w`: w is (in, out). Of more axes they are those of a
convolution's weight (out, in, k, …), each times the number of positions of the kernel.
"""

import math

import numpy as np

from autograd_lite.errors import ShapeError

GAINS = {"linear": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2.0), "selu": 0.75}


def zeros(shape, rng=None, dtype=np.float32):
    """Zeros; `rng` is not used, and there so that every function here is called alike.

    >>> from autograd_lite.nn import initialisation
    >>> initialisation.zeros((2,))
    array([0., 0.], dtype=float32)
    """
    return np.zeros(shape, dtype)


def ones(shape, rng=None, dtype=np.float32):
    """Ones; `rng` is not used, and there so that every function here is called alike.

    >>> from autograd_lite.nn import initialisation
    >>> initialisation.ones((2,))
    array([1., 1.], dtype=float32)
    """
    return np.ones(shape, dtype)


def normal(shape, rng=None, dtype=np.float32, mean=0.0, std=1.0):
    """Independent normal numbers.

    >>> import numpy as np
    >>> from autograd_lite.nn import initialisation
    >>> initialisation.normal((2, 3), np.random.default_rng(0), std=0.02).shape
    (2, 3)
    """
    return (generator(rng).standard_normal(shape) * std + mean).astype(dtype)


def uniform(shape, rng=None, dtype=np.float32, low=0.0, high=1.0):
    """Independent numbers, uniform from `low` to `high`.

    >>> import numpy as np
    >>> from autograd_lite.nn import initialisation
    >>> bool((initialisation.uniform((9,), np.random.default_rng(0), low=2.0, high=3.0) >= 2).all())
    True
    """
    return generator(rng).uniform(low, high, shape).astype(dtype)


def xavier_uniform(shape, rng=None, dtype=np.float32, gain=1.0):
    """Uniform in ±gain √(6 / (fan_in + fan_out)) (Glorot and Bengio 2010).

    >>> import numpy as np
    >>> from autograd_lite.nn import initialisation
    >>> w = initialisation.xavier_uniform((2, 4), np.random.default_rng(0))
    >>> bool((abs(w) <= 1).all())
    True
    """
    bound = gain * math.sqrt(6.0 / sum(fans(shape)))
    return uniform(shape, rng, dtype, -bound, bound)


def xavier_normal(shape, rng=None, dtype=np.float32, gain=1.0):
    """Normal of standard deviation gain √(2 / (fan_in + fan_out)) (Glorot and Bengio 2010).

    >>> import numpy as np
    >>> from autograd_lite.nn import initialisation
    >>> initialisation.xavier_normal((2, 4), np.random.default_rng(0)).dtype
    dtype('float32')
    """
    return normal(shape, rng, dtype, std=gain * math.sqrt(2.0 / sum(fans(shape))))


def kaiming_uniform(shape, rng=None, dtype=np.float32, a=0.0, mode="fan_in"):
    """Uniform in ±√(6 / ((1 + a²) fan)) (He et al. 2015), for leaky_relu of negative slope `a`.

    `a=math.sqrt(5)` gives ±1/√fan_in, which PyTorch's linear and convolution layers start from.
    mode : "fan_in" keeps the variance of values, "fan_out" that of gradients.

    >>> import numpy as np
    >>> from autograd_lite.nn import initialisation
    >>> w = initialisation.kaiming_uniform((6, 4), np.random.default_rng(0))
    >>> bool((abs(w) <= 1).all())
    True
    """
    bound = math.sqrt(6.0 / ((1.0 + a * a) * fan(shape, mode)))
    return uniform(shape, rng, dtype, -bound, bound)


def kaiming_normal(shape, rng=None, dtype=np.float32, a=0.0, mode="fan_in"):
    """Normal of standard deviation √(2 / ((1 + a²) fan)) (He et al. 2015); see kaiming_uniform.

    >>> import numpy as np
    >>> from autograd_lite.nn import initialisation
    >>> initialisation.kaiming_normal((6, 4), np.random.default_rng(0), mode="fan_out").shape
    (6, 4)
    """
    return normal(shape, rng, dtype, std=math.sqrt(2.0 / ((1.0 + a * a) * fan(shape, mode))))


def orthogonal(shape, rng=None, dtype=np.float32, gain=1.0):
    """`gain` times a random matrix with orthonormal rows or columns (Saxe et al. 2014).

    Uniformly distributed: Q of a normal matrix's QR decomposition, with the signs of R's diagonal
    (Mezzadri 2007). Axes after the first are taken as one.

    Raises
    ------
    ShapeError : for fewer than two axes.

    >>> import numpy as np
    >>> from autograd_lite.nn import initialisation
    >>> q = initialisation.orthogonal((3, 2), np.random.default_rng(0), dtype=float)
    >>> np.allclose(q.T @ q, np.eye(2))
    True
    """
    if len(shape) < 2:
        raise ShapeError(f"orthogonal: shape {shape}; a matrix has two axes or more")
    rows, columns = shape[0], math.prod(shape[1:])
    a = generator(rng).standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(a)
    q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
    return (gain * (q if rows >= columns else q.T)).reshape(shape).astype(dtype)


def gain(nonlinearity, a=0.01):
    """The factor that makes up for a nonlinearity: √2 for "relu", 5/3 for "tanh", as in PyTorch.

    nonlinearity : "linear", "sigmoid", "tanh", "relu", "selu", or "leaky_relu" of negative slope
        `a`.

    >>> from autograd_lite.nn import initialisation
    >>> initialisation.gain("tanh")
    1.6666666666666667
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1.0 + a * a))
    if nonlinearity not in GAINS:
        raise ValueError(f"gain: {nonlinearity!r}; use one of {', '.join(GAINS)}, leaky_relu")
    return GAINS[nonlinearity]


def generator(rng):
    """The generator given, or a fresh one."""
    if rng is None:
        return np.random.default_rng()
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng is a numpy.random.Generator, as from np.random.default_rng(0), not a "
            f"{type(rng).__name__}"
        )
    return rng


def fans(shape):
    """How many numbers enter and leave: of (in, out), or (out, in, k, …)."""
    if len(shape) < 2 or 0 in shape:
        raise ShapeError(f"initialisation: shape {tuple(shape)} has no fans; two axes or more do")
    if len(shape) == 2:
        return tuple(shape)
    positions = math.prod(shape[2:])
    return shape[1] * positions, shape[0] * positions


def fan(shape, mode):
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"initialisation: mode {mode!r}; use 'fan_in' or 'fan_out'")
    return fans(shape)[mode == "fan_out"]
