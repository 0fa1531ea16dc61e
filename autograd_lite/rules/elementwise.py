"""Elementwise functions. Kinks: |·|'(0) = 0, ties of maximum and minimum share equally."""

import math

import numpy as np

from autograd_lite.registry import NONDIFF, constant, derived, rule

LN2, LN10 = math.log(2), math.log(10)


def lowered(a, b):
    """The exponent b − 1, but 1 for 0⁰: the factor b is 0 there, and 0 · 0⁻¹ would be NaN."""
    if isinstance(b, (int, float)):
        return b - 1 if b else 1
    return np.where((a == 0) & (b == 0), 1, b - 1.0)


def raised(a, b):
    """aᵇ; the operator has fast forms for Python numbers such as 2 and 0.5."""
    return a**b if type(b) in (int, float) else np.power(a, b)


# fmt: off
rule(np.add,      "a b", a=lambda g: g,                b=lambda g: g)
rule(np.subtract, "a b", a=lambda g: g,                b=lambda g: -g)
rule(np.multiply, "a b", a=lambda g, b: g * b,         b=lambda g, a: g * a)
rule(np.divide,   "a b", a=lambda g, b: g / b,         b=lambda g, b, out: -g * out / b)
rule(np.power,    "a b", forward=raised,
                         a=lambda g, a, b: g * (b * a ** lowered(a, b)),
                         b=lambda g, a, out: g * (out * np.log(np.where(a == 0, 1.0, a))))
rule(np.float_power, "a b", a=lambda g, a, b: g * (b * np.float_power(a, lowered(a, b))),
                         b=lambda g, a, out: g * (out * np.log(np.where(a == 0, 1.0, a))))
rule(np.remainder, "a b", a=lambda g: g,               b=lambda g, a, b: -g * np.floor(a / b))
rule(np.fmod,      "a b", a=lambda g: g,               b=lambda g, a, b: -g * np.trunc(a / b))

rule(np.negative, "a", a=lambda g: -g)
rule(np.positive, "a", a=lambda g: g)
rule(np.copy,     "a", a=lambda g: g)
rule(np.absolute, "a", a=lambda g, a: g * np.sign(a))
rule(np.fabs,     "a", a=lambda g, a: g * np.sign(a))
rule(np.square,   "a", a=lambda g, a: g * (2 * a))
rule(np.reciprocal, "a", a=lambda g, out: -g * out * out)
rule(np.sqrt,     "a", a=lambda g, out: g / (2 * out))
rule(np.cbrt,     "a", a=lambda g, out: g / (3 * out * out))

rule(np.exp,      "a", a=lambda g, out: g * out)
rule(np.exp2,     "a", a=lambda g, out: g * (LN2 * out))
rule(np.expm1,    "a", a=lambda g, out: g * (out + 1))
rule(np.log,      "a", a=lambda g, a: g / a)
rule(np.log2,     "a", a=lambda g, a: g / (LN2 * a))
rule(np.log10,    "a", a=lambda g, a: g / (LN10 * a))
rule(np.log1p,    "a", a=lambda g, a: g / (1 + a))
rule(np.logaddexp,  "a b", a=lambda g, a, out: g * np.exp(a - out), b=lambda g, b, out: g * np.exp(b - out))
rule(np.logaddexp2, "a b", a=lambda g, a, out: g * np.exp2(a - out), b=lambda g, b, out: g * np.exp2(b - out))

rule(np.sin,      "a", a=lambda g, a: g * np.cos(a))
rule(np.cos,      "a", a=lambda g, a: -g * np.sin(a))
rule(np.tan,      "a", a=lambda g, out: g * (1.0 + out * out))
rule(np.arcsin,   "a", a=lambda g, a: g / np.sqrt(1.0 - a * a))
rule(np.arccos,   "a", a=lambda g, a: -g / np.sqrt(1.0 - a * a))
rule(np.arctan,   "a", a=lambda g, a: g / (1.0 + a * a))
rule(np.sinh,     "a", a=lambda g, a: g * np.cosh(a))
rule(np.cosh,     "a", a=lambda g, a: g * np.sinh(a))
rule(np.tanh,     "a", a=lambda g, out: g * (1.0 - out * out))
rule(np.arcsinh,  "a", a=lambda g, a: g / np.sqrt(1.0 + a * a))
rule(np.arccosh,  "a", a=lambda g, a: g / np.sqrt(a * a - 1.0))
rule(np.arctanh,  "a", a=lambda g, a: g / (1.0 - a * a))
rule(np.arctan2,  "a b", a=lambda g, a, b: g * b / np.square(np.hypot(a, b)),  # hypot is float, a · a may overflow
                         b=lambda g, a, b: -g * a / np.square(np.hypot(a, b)))
rule(np.hypot,    "a b", a=lambda g, a, out: g * a / out,  b=lambda g, b, out: g * b / out)
rule(np.deg2rad,  "a", also=[np.radians], a=lambda g: g * (math.pi / 180))
rule(np.rad2deg,  "a", also=[np.degrees], a=lambda g: g * (180 / math.pi))
rule(np.copysign, "a b", keep=dict(flip=lambda a, out: np.signbit(a) != np.signbit(out)), b=NONDIFF,
                         a=lambda g, flip: np.where(flip, -g, g))

# ties: each takes half, which is the mean of the two one-sided derivatives
rule(np.maximum,  "a b", a=lambda g, a, b: g * (a > b) + g / 2 * (a == b),
                         b=lambda g, a, b: g * (b > a) + g / 2 * (a == b))
rule(np.minimum,  "a b", a=lambda g, a, b: g * (a < b) + g / 2 * (a == b),
                         b=lambda g, a, b: g * (b < a) + g / 2 * (a == b))
rule(np.fmax,     "a b", a=lambda g, a, b: g * ((a > b) | np.isnan(b)) + g / 2 * (a == b),
                         b=lambda g, a, b: g * ((b > a) | np.isnan(a)) + g / 2 * (a == b))
rule(np.fmin,     "a b", a=lambda g, a, b: g * ((a < b) | np.isnan(b)) + g / 2 * (a == b),
                         b=lambda g, a, b: g * ((b < a) | np.isnan(a)) + g / 2 * (a == b))
rule(np.where,    "cond a b", cond=NONDIFF, a=lambda g, cond: np.where(cond, g, 0),
                                            b=lambda g, cond: np.where(cond, 0, g))
# clip(a, lo, hi) = minimum(maximum(a, lo), hi); a passes at the bounds
rule(np.clip,     "a a_min? a_max?",
     prepare=lambda a, a_min=None, a_max=None, out=None, **named: (
         (a, named.pop("min", a_min), named.pop("max", a_max)), dict(out=out, **named)),
     keep=dict(low=lambda a, a_min: a_min is not None and a < a_min,
               high=lambda a, a_min, a_max: a_max is not None and ((a > a_max) | (a_min is not None and a_min > a_max))),
     a=lambda g, low, high: g * np.logical_not(low | high),
     a_min=lambda g, low, high: g * (low & np.logical_not(high)),
     a_max=lambda g, high: g * high)
# fmt: on


@derived(np.heaviside)
def heaviside(a, b):
    return np.where(a == 0, b, (np.sign(a) + 1) / 2)


constant(np.sign, np.floor, np.ceil, np.rint, np.trunc, np.fix, np.round, np.floor_divide,
         np.spacing)  # fmt: skip
constant(
    np.equal,
    np.not_equal,
    np.less,
    np.less_equal,
    np.greater,
    np.greater_equal,
    np.logical_and,
    np.logical_or,
    np.logical_xor,
    np.logical_not,
    np.isnan,
    np.isinf,
    np.isfinite,
    np.signbit,
    np.isclose,
    np.allclose,
    np.array_equal,
    np.array_equiv,
    np.bitwise_and,
    np.bitwise_or,
    np.bitwise_xor,
    np.invert,
    np.left_shift,
    np.right_shift,
    np.gcd,
    np.lcm,
    why="its result is boolean or integer",
)
