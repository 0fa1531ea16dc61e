"""np.emath: real numbers outside the domain of a function become complex ones first."""

import numpy as np

from autograd_lite.registry import derived
from autograd_lite.rules.casting import astype


def widened(x, outside):
    """`x`, complex if any entry is outside the real domain."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if x.dtype.kind == "c" or not np.any(outside(x)):
        return x
    return astype(x, np.result_type(x.dtype, np.complex64))


def negative(x):
    return x < 0


def beyond_one(x):
    return np.abs(x) > 1


def extended(function, outside):
    def call(x):
        return function(widened(x, outside))

    return call


# fmt: off
for extension, function, outside in (
    (np.emath.sqrt, np.sqrt, negative), (np.emath.log, np.log, negative), (np.emath.log2, np.log2, negative),
    (np.emath.log10, np.log10, negative), (np.emath.arccos, np.arccos, beyond_one),
    (np.emath.arcsin, np.arcsin, beyond_one), (np.emath.arctanh, np.arctanh, beyond_one),
):
    derived(extension, extended(function, outside))
# fmt: on


@derived(np.emath.logn)
def logn(n, x):
    return np.log(widened(x, negative)) / np.log(widened(n, negative))


@derived(np.emath.power)
def power(x, p):
    p = p if hasattr(p, "dtype") else np.asarray(p)
    if p.dtype.kind in "iu" and np.any(p < 0):
        p = astype(p, np.dtype(float))
    return np.power(widened(x, negative), p)
