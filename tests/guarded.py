"""A NumPy-backed array of another kind, which never becomes a NumPy array by itself.

Like CuPy's arrays it speaks NumPy's protocols and has no `__array__`, so that a rule that falls
back to NumPy fails instead of doing so in silence.
"""

from typing import Any

import numpy as np


class Guarded(np.lib.mixins.NDArrayOperatorsMixin):
    """An array that only NumPy's protocols can reach."""

    def __init__(self, inside):
        self.inside = inside

    shape = property(lambda self: self.inside.shape)
    ndim = property(lambda self: self.inside.ndim)
    size = property(lambda self: self.inside.size)
    dtype = property(lambda self: self.inside.dtype)
    T = property(lambda self: Guarded(self.inside.T))

    def __array__(self, dtype=None, copy=None):
        raise TypeError("a guarded array was about to become a NumPy array")

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return guarded(getattr(ufunc, method)(*opened(inputs), **opened(kwargs)))

    def __array_function__(self, function, types, args, kwargs):
        return guarded(function(*opened(args), **opened(kwargs)))

    def __getitem__(self, index):
        return guarded(self.inside[opened(index)])

    def __setitem__(self, index, value):
        # a NumPy array is not taken in either, but a number is
        assert not isinstance(value, np.ndarray) or value.ndim == 0
        self.inside[opened(index)] = opened(value)

    def __getattr__(self, name):
        """The methods that arrays of every kind have."""
        if name not in ("all", "any", "copy", "max", "min", "ravel", "reshape", "sum"):
            raise AttributeError(name)
        method = getattr(self.inside, name)
        return lambda *args, **kwargs: guarded(method(*opened(args), **opened(kwargs)))

    def astype(self, dtype, copy=True):
        return Guarded(self.inside.astype(dtype, copy=copy))

    def __bool__(self):
        return bool(self.inside)

    def __len__(self):
        return len(self.inside)


def guarded(x: Any) -> Any:
    if isinstance(x, (np.ndarray, np.generic)):
        return Guarded(np.asarray(x))
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*map(guarded, x))
    return type(x)(map(guarded, x)) if isinstance(x, (tuple, list)) else x


def opened(x: Any) -> Any:
    if isinstance(x, Guarded):
        return x.inside
    if isinstance(x, dict):
        return {k: opened(v) for k, v in x.items()}
    if isinstance(x, slice):
        return slice(opened(x.start), opened(x.stop), opened(x.step))
    return type(x)(map(opened, x)) if type(x) in (tuple, list) else x
