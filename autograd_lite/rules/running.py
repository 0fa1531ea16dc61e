"""Running sums, products, maxima …: `accumulate` of a ufunc, whose rule follows from the ufunc's.

An accumulation is outᵢ = f(outᵢ₋₁, aᵢ). Its gradient runs back along the chain: with the partial
derivatives of f at each step, tᵢ = gᵢ + ∂₁fᵢ₊₁ tᵢ₊₁ and the gradient of aᵢ is ∂₂fᵢ tᵢ. Nothing is
divided by, so zeros in a product do no harm. Running maxima halve the gradient at each tie.
"""

import numpy as np

from autograd_lite.registry import RULES, derived, rule
from autograd_lite.shapes import axis_of


def recurrence_array(a, b):
    """out₀ = b₀, outᵢ = aᵢ outᵢ₋₁ + bᵢ along the first axis; a₁ is `a[0]`.

    In ⌈log₂ n⌉ steps over whole arrays (Hillis and Steele, Data parallel algorithms, 1986).
    """
    step = 1
    while step < b.shape[0]:
        b = np.concatenate([b[:step], b[step:] + a * b[:-step]])
        a = a[step:] * a[:-step]
        step *= 2
    return b


def backwards(a, g):
    """The recurrence from the last entry to the first, which is the transpose of it."""
    return np.flip(recurrence(np.flip(a, 0), np.flip(g, 0)), 0)


recurrence = rule(
    recurrence_array, "a b", name="recurrence",
    a=lambda g, a, out: backwards(a, g)[1:] * out[:-1],
    b=lambda g, a: backwards(a, g),
)  # fmt: skip


def partials(ufunc, a, b, out):
    """The partial derivatives of f(a, b), by the ufunc's own rules."""
    op, values = RULES[ufunc], dict(a=a, b=b, out=out)
    unit = np.ones_like(out)
    pairs = zip(op.vjps, op.reads, strict=True)
    return [vjp(unit, *(values[name] for name in reads)) for vjp, reads in pairs]


def chain_vjp(g, to_before, to_new):
    """The gradient of a₀, a₁, …, from the partial derivatives with respect to outᵢ₋₁ and aᵢ."""
    t = backwards(to_before, g)
    return np.concatenate([t[:1], to_new * t[1:]])


def accumulated_vjp(g, a, out, ufunc, axis):
    g, a, out = (np.moveaxis(x, axis, 0) for x in (g, a, out))
    return np.moveaxis(chain_vjp(g, *partials(ufunc, out[:-1], a[1:], out[1:])), 0, axis)


def cumsum_vjp(g, a_shape, axis):
    if axis is None:
        return np.reshape(np.flip(np.cumsum(np.flip(g))), a_shape)
    return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)


def cumprod_vjp(g, a, out, axis):
    if axis is None:
        return np.reshape(chain_vjp(g, np.ravel(a)[1:], out[:-1]), a.shape)
    g, a, out = (np.moveaxis(x, axis, 0) for x in (g, a, out))
    return np.moveaxis(chain_vjp(g, a[1:], out[:-1]), 0, axis)


# fmt: off
rule(np.cumsum,  "a", static=dict(axis=None, dtype=None), a=cumsum_vjp)
rule(np.cumprod, "a", static=dict(axis=None, dtype=None), a=cumprod_vjp)
accumulated = rule(lambda a, ufunc, axis: ufunc.accumulate(a, axis), "a", name="accumulate",
                   static=dict(ufunc=np.add, axis=0), a=accumulated_vjp)
# fmt: on


def cumulative(function, first):
    """The array API's form of a running sum or product, with the value before the first entry."""

    def call(x, /, *, axis=None, dtype=None, out=None, include_initial=False):
        if axis is None and x.ndim > 1:
            raise ValueError(f"{function.__name__}: an array of {x.ndim} axes needs axis=")
        axis = 0 if axis is None else axis
        x = np.reshape(x, (1,)) if x.ndim == 0 else x
        result = function(x, axis=axis, dtype=dtype, out=out)
        if not include_initial:
            return result
        shape = [1 if k == axis_of(axis, x.ndim) else n for k, n in enumerate(x.shape)]
        return np.concatenate([np.full(shape, first, result.dtype), result], axis=axis)

    return call


def without_nan(function, neutral):
    def call(a, axis=None, dtype=None, out=None):
        return function(np.where(np.isnan(a), neutral, a), axis=axis, dtype=dtype, out=out)

    return call


derived(np.nancumsum, without_nan(np.cumsum, 0))
derived(np.nancumprod, without_nan(np.cumprod, 1))
if hasattr(np, "cumulative_sum"):  # since NumPy 2.1
    derived(np.cumulative_sum, cumulative(np.cumsum, 0))
    derived(np.cumulative_prod, cumulative(np.cumprod, 1))
