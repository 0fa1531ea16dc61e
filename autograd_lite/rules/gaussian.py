"""Φ, the distribution function of the normal distribution, with NumPy alone, and GELU made of it.

With s = |x|, Φ(−s) = exp(−s²/2) · P(t) / (1 + s) where t = (s − k) / (s + k) runs over −1 … 1, and P
is smooth: its Chebyshev series, here written in powers of t, converges quickly. The form is that
of Shepherd and Laframboise (1981) for erfc; the coefficients were computed with 40 digits.
The left tail keeps its relative accuracy: about 2 roundings for |x| < 1, and s²/2 roundings in the
tail, where exp magnifies the rounding of s². The absolute error stays below 2 · 10⁻¹⁶.
"""

import math

import numpy as np

from autograd_lite.errors import DTypeError
from autograd_lite.registry import fused, rule

# fmt: off
DOUBLE = 5.0, (
    0.46151582985003778, -0.091552281834009035, 0.031030368425962854, 0.010002352385229339,
    -0.026401042966267558, 0.024536963243679878, -0.01517041540327511, 0.00652200066776815,
    -0.001676072337227482, 7.791597521185941e-6, 0.00018233410345647681, -5.3607581598185605e-5,
    -9.8959476116042872e-6, 9.0598260174069401e-6, -7.0702650755580201e-8, -1.3074510149354471e-6,
    1.2844191137367438e-7, 1.9628093155911943e-7, -2.687537276661523e-8, -3.0954099138925375e-8,
    4.017879337108527e-9, 4.4020293542833376e-9, -4.3089457317527752e-10, -3.8173924342574053e-10,
    2.4768371194199979e-11)
SINGLE = 4.0, (
    0.472053203, -0.0967034704, 0.0139999137, 0.0286001681, -0.0322011629, 0.0179376959,
    -0.00498771425, -0.000291267495, 0.000664988692, -8.45540179e-5, -5.80912353e-5, 1.25685467e-5)
# fmt: on
BLOCK = 32768  # entries of a block: its arrays stay in the processor's cache
DENSITY = 1.0 / math.sqrt(2.0 * math.pi)  # φ(0)


def normal_cdf_array(x):
    """Φ(x) of a real array of any kind."""
    if x.dtype.kind == "c":
        raise DTypeError("gelu: complex numbers are not supported; take np.real of them")
    if not isinstance(x, np.ndarray) or x.dtype.char not in "fd":
        return normal_cdf_of(x * 1.0)
    flat = np.ravel(x)
    out = np.empty_like(flat)
    for start in range(0, flat.size, BLOCK):
        block = slice(start, start + BLOCK)
        normal_cdf_into(flat[block], out[block])
    return out.reshape(x.shape)


def normal_cdf_of(x):
    k, coefficients = SINGLE if x.dtype.char == "f" else DOUBLE
    s = np.minimum(np.abs(x), 1e9)
    t = (s - k) / (s + k)
    p = coefficients[-1]
    for c in coefficients[-2::-1]:
        p = p * t + c
    tail = np.exp(s * s * -0.5) * p / (s + 1.0)
    return np.where(x > 0, 1.0 - tail, tail)


def normal_cdf_into(x, out):
    """The same for a block, without a temporary array for every term."""
    k, coefficients = SINGLE if x.dtype.char == "f" else DOUBLE
    s = np.abs(x)
    np.minimum(s, 1e9, out=s)  # so that infinity / infinity does not come up
    below = s + k
    t = s - k
    t /= below
    np.multiply(t, coefficients[-1], out=out)
    out += coefficients[-2]
    for c in coefficients[-3::-1]:
        out *= t
        out += c
    np.add(s, 1.0, out=below)
    out /= below
    s *= s
    s *= -0.5
    out *= np.exp(s, out=s)
    # |1[x > 0] − tail| is the tail on the left and one less the tail on the right, exactly
    out -= np.greater(x, 0.0, out=below, casting="unsafe")
    np.abs(out, out=out)


def density(x):
    return np.exp(x * x * -0.5) * DENSITY


# fmt: off
normal_cdf = rule(normal_cdf_array, "x", name="normal_cdf", x=lambda g, x: g * density(x))
# fmt: on


def in_place(*arrays):
    """Whether rules may write into what they make of these: NumPy arrays of floats, not 0-d."""
    return all(type(a) is np.ndarray and a.dtype.char in "fd" and a.ndim for a in arrays)


def gelu_body(a):
    return a * normal_cdf(a)


def gelu_forward(a):
    p = normal_cdf_array(a)
    return a * p, p


def gelu_vjp(g, a, p):
    if not in_place(g, a, p):
        return (g * (p + a * density(a)),)
    slope = a * a
    slope *= -0.5
    np.exp(slope, out=slope)
    slope *= a
    slope *= DENSITY
    slope += p
    slope *= g
    return (slope,)


CUBIC = 0.044715
SCALE = math.sqrt(2.0 / math.pi)


def gelu_tanh_body(a):
    return a * 0.5 * (np.tanh((a * a * CUBIC + 1.0) * a * SCALE) + 1.0)


def gelu_tanh_forward(a):
    if not in_place(a):
        t = gelu_tanh_inner(a)
        return a * 0.5 * (t + 1.0), t
    t = a * a
    t *= CUBIC * SCALE
    t += SCALE
    t *= a
    np.tanh(t, out=t)
    out = t + 1.0
    out *= 0.5
    out *= a
    return out, t


def gelu_tanh_inner(a):
    return np.tanh((a * a * CUBIC + 1.0) * a * SCALE)


def gelu_tanh_vjp(g, a, t):
    if not in_place(g, a, t):
        inner = (a * a * (3.0 * CUBIC) + 1.0) * SCALE
        return (g * 0.5 * (t + 1.0 + a * (1.0 - t * t) * inner),)
    slope = a * a
    slope *= 1.5 * CUBIC * SCALE
    slope += 0.5 * SCALE
    slope *= a
    rest = t * t
    np.subtract(1.0, rest, out=rest)
    slope *= rest
    np.multiply(t, 0.5, out=rest)
    slope += rest
    slope += 0.5
    slope *= g
    return (slope,)


gelu_exact = fused(gelu_body, "a", name="gelu", forward=gelu_forward, vjp=gelu_vjp,
                   keep=dict(p=lambda a: normal_cdf(a)))  # fmt: skip
gelu_tanh = fused(gelu_tanh_body, "a", name="gelu_tanh", forward=gelu_tanh_forward,
                  vjp=gelu_tanh_vjp, keep=dict(t=lambda a: gelu_tanh_inner(a)))  # fmt: skip


def gelu(x, approximate="none"):
    """x Φ(x), where Φ is the distribution function of the normal distribution, elementwise.

    Hendrycks and Gimpel, "Gaussian error linear units" (2016).

    Parameters
    ----------
    x : real array or Tensor of any shape.
    approximate : "none" for Φ to rounding (absolute error 2 · 10⁻¹⁶; in float32 1.5 · 10⁻⁷), or
        "tanh" for x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))), which is off by up to 5 · 10⁻⁴.

    Raises
    ------
    ValueError : another word for `approximate`.  DTypeError : complex numbers
        (the tanh form takes them).

    >>> import autograd_lite as ag
    >>> ag.functional.gelu(ag.Tensor([-1.0, 0.0, 2.0])).data.round(6)
    array([-0.158655,  0.      ,  1.9545  ])
    >>> round(float(ag.grad(ag.functional.gelu)(0.0)), 6)
    0.5
    """
    if not hasattr(x, "dtype"):
        x = np.asarray(x)
    if approximate == "none":
        return gelu_exact(x)
    if approximate == "tanh":
        return gelu_tanh(x)
    raise ValueError(f"gelu: approximate {approximate!r}; use 'none' or 'tanh'")
