"""Change of dtype; the engine itself uses it to bring gradients to the dtype of their edge."""

import numpy as np

from autograd_lite.registry import derived, rule


def as_array(x):
    """A list or a number as an array; arrays of every kind and Tensors as they are."""
    return x if hasattr(x, "__array_function__") else np.asarray(x)


def cast(a, dtype):
    return a.astype(dtype) if hasattr(a, "astype") else np.asarray(a, dtype)


astype = rule(cast, "a", name="astype", static=dict(dtype=float), a=lambda g: g)


def numpys_astype(x, dtype, /, *, copy=True, device=None):
    return x if np.dtype(dtype) == x.dtype and not copy else astype(x, np.dtype(dtype))


if hasattr(np, "astype"):  # NumPy ≥ 2.1
    derived(np.astype, numpys_astype)
