"""Elementwise functions. Kinks: |·|'(0) = 0, ties of maximum and minimum share equally.

Where a derivative is infinite it is so here (sqrt and cbrt at 0); where it does not exist because
0 is divided by 0 it is 0 (hypot and arctan2 at the origin). A real power of a negative base has a
derivative with respect to the base alone: with respect to the exponent it is NaN, as its logarithm.
"""

import math
from collections.abc import Callable

import numpy as np

from autograd_lite.errors import NoRuleError
from autograd_lite.operands import is_tensor, tracked
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


def log_base(a, b, out):
    """log a, the factor of the exponent's gradient; 0 where aᵇ is 0 or 1 whatever b ≥ 0 is."""
    if np.result_type(out).kind == "c" and np.result_type(a).kind != "c":
        a = a + 0j  # a negative number has a complex logarithm
    return np.log(np.where((a == 0) & np.logical_not(np.real(b) < 0), 1.0, a))


def cosine(a):
    """√(1 − a²) = cos(arcsin a), of that sign also on a branch cut, where 1 − a² forgets the side."""
    return np.cos(np.arcsin(a)) if a.dtype.kind == "c" else np.sqrt(1.0 - a * a)


def nonzero(a):
    """`a`, but 1 for 0: a divisor where 0 / 0 is to be 0."""
    return np.where(a == 0, 1, a)


def over_square(a, size):
    """a / size², and 0 for 0 / 0; the square of a very large or small size would not be a float."""
    return a / nonzero(size) / nonzero(size)


def exp_difference_array(a, b):
    """exp(a − b) for b = log Σ exp(a …): 0 if both are −∞, 1 if both are +∞."""
    same = np.isinf(b) & (a == b)
    gap = np.where(same, 0, a) - np.where(same, 0, b)
    return np.exp(gap) * np.logical_not(same & (a < 0))


exp_difference = rule(
    exp_difference_array,
    "a b",
    name="exp_difference",
    a=lambda g, out: g * out,
    b=lambda g, out: -g * out,
)


def chosen_from(cond, *branches):
    """With one argument np.where is np.nonzero, whose integers are not tracked."""
    return (cond, *branches) if branches else (detached(cond), None, None), {}


def detached(a):
    return a.detach() if is_tensor(a) else a


def second_untracked(a, b, **named):
    """The arguments of a function that is locally constant in its second one."""
    return (a, detached(b)), named


# fmt: off
rule(np.add,      "a b", a=lambda g: g,                b=lambda g: g)
rule(np.subtract, "a b", a=lambda g: g,                b=lambda g: -g)
rule(np.multiply, "a b", a=lambda g, b: g * b,         b=lambda g, a: g * a)
rule(np.divide,   "a b", a=lambda g, b: g / b,         b=lambda g, b, out: -g * out / b)
rule(np.power,    "a b", forward=raised,
                         a=lambda g, a, b: g * (b * a ** lowered(a, b)),
                         b=lambda g, a, b, out: g * (out * log_base(a, b, out)))
rule(np.float_power, "a b", a=lambda g, a, b: g * (b * np.float_power(a, lowered(a, b))),
                         b=lambda g, a, b, out: g * (out * log_base(a, b, out)))
rule(np.remainder, "a b", a=lambda g: g,               b=lambda g, a, b: -g * np.floor_divide(a, b))
rule(np.fmod,      "a b", a=lambda g: g,               b=lambda g, a, b, out: -g * np.rint((a - out) / b))

rule(np.negative, "a", a=lambda g: -g)
rule(np.positive, "a", a=lambda g: g)
rule(np.copy,     "a", forward=lambda a: np.copy(a) if isinstance(a, np.ndarray) else a.copy(), a=lambda g: g)
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
rule(np.logaddexp,  "a b", a=lambda g, a, out: g * exp_difference(a, out), b=lambda g, b, out: g * exp_difference(b, out))
rule(np.logaddexp2, "a b", a=lambda g, a, out: g * exp_difference(LN2 * a, LN2 * out), b=lambda g, b, out: g * exp_difference(LN2 * b, LN2 * out))

rule(np.sin,      "a", a=lambda g, a: g * np.cos(a))
rule(np.cos,      "a", a=lambda g, a: -g * np.sin(a))
rule(np.tan,      "a", a=lambda g, out: g * (1.0 + out * out))
rule(np.arcsin,   "a", a=lambda g, a: g / cosine(a))
rule(np.arccos,   "a", a=lambda g, a: -g / cosine(a))
rule(np.arctan,   "a", a=lambda g, a: g / (1.0 + a * a))
rule(np.sinh,     "a", a=lambda g, a: g * np.cosh(a))
rule(np.cosh,     "a", a=lambda g, a: g * np.sinh(a))
rule(np.tanh,     "a", a=lambda g, out: g * (1.0 - out * out))
rule(np.arcsinh,  "a", a=lambda g, a: g / np.sqrt(1.0 + a * a))
rule(np.arccosh,  "a", a=lambda g, a: g / (np.sqrt(a - 1.0) * np.sqrt(a + 1.0)))
rule(np.arctanh,  "a", a=lambda g, a: g / (1.0 - a * a))
rule(np.arctan2,  "a b", a=lambda g, a, b: g * over_square(b, np.hypot(a, b)), b=lambda g, a, b: -g * over_square(a, np.hypot(a, b)))
rule(np.hypot,    "a b", a=lambda g, a, out: g * a / nonzero(out), b=lambda g, b, out: g * b / nonzero(out))
rule(np.deg2rad,  "a", also=[np.radians], a=lambda g: g * (math.pi / 180))
rule(np.rad2deg,  "a", also=[np.degrees], a=lambda g: g * (180 / math.pi))
rule(np.copysign, "a b", prepare=second_untracked, keep=dict(flip=lambda a, out: np.signbit(a) != np.signbit(out)), b=NONDIFF,
                         a=lambda g, flip: np.where(flip, -g, g))
rule(np.nextafter, "a b", prepare=second_untracked, b=NONDIFF, a=lambda g: g)
rule(np.modf,     "a", a=lambda g: g[0])  # the integral part is constant
shifted: Callable = rule(lambda a, exponent: np.ldexp(a, exponent), "a", name="ldexp", static=dict(exponent=0),
               a=lambda g, exponent: shifted(g, exponent))
rule(np.unwrap,   "p", static=dict(discont=None, axis=-1, period=2 * math.pi), p=lambda g: g)

# ties: each takes half, which is the mean of the two one-sided derivatives
rule(np.maximum,  "a b", a=lambda g, a, b: g * (a > b) + g / 2 * (a == b),
                         b=lambda g, a, b: g * (b > a) + g / 2 * (a == b))
rule(np.minimum,  "a b", a=lambda g, a, b: g * (a < b) + g / 2 * (a == b),
                         b=lambda g, a, b: g * (b < a) + g / 2 * (a == b))
rule(np.fmax,     "a b", a=lambda g, a, b: g * ((a > b) | np.isnan(b)) + g / 2 * (a == b),
                         b=lambda g, a, b: g * ((b > a) | np.isnan(a)) + g / 2 * (a == b))
rule(np.fmin,     "a b", a=lambda g, a, b: g * ((a < b) | np.isnan(b)) + g / 2 * (a == b),
                         b=lambda g, a, b: g * ((b < a) | np.isnan(a)) + g / 2 * (a == b))
rule(np.where,    "cond a? b?", prepare=chosen_from, cond=NONDIFF,
     forward=lambda cond, a, b: np.where(cond) if a is None and b is None else np.where(cond, a, b),
                                            a=lambda g, cond: np.where(cond, g, 0),
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
    a = detached(a)
    return np.where(np.equal(a, 0), b, np.heaviside(a, detached(b)))


@derived(np.ldexp)
def ldexp(x1, x2):
    return shifted(x1, x2)


@derived(np.frexp)
def frexp(x):
    """Mantissa and integer exponent; the exponent is constant between powers of two."""
    _, exponent = np.frexp(x.detach())
    return shifted(x, -exponent), exponent


@derived(np.divmod)
def divmod_(x1, x2):
    return np.floor_divide(x1, x2), np.remainder(x1, x2)


@derived(np.nan_to_num)
def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    if not copy:
        raise NoRuleError("nan_to_num: copy=False would write into the array of a Tensor")
    options = dict(nan=nan, posinf=posinf, neginf=neginf)
    if tracked(options):
        raise NoRuleError("nan_to_num: its values are tracked; write np.where(np.isnan(x), nan, x)")
    if x.dtype.kind == "c":  # part by part
        return np.nan_to_num(np.real(x), **options) + 1j * np.nan_to_num(np.imag(x), **options)
    return np.where(np.isfinite(x), x, np.nan_to_num(x.detach(), **options))


@derived(np.real_if_close)
def real_if_close(a, tol=100):
    closes = a.dtype.kind == "c" and not np.iscomplexobj(np.real_if_close(a.detach().data, tol))
    return np.real(a) if closes else np.positive(a)


constant(np.floor, np.ceil, np.rint, np.trunc, np.fix, np.round, np.around, np.floor_divide,
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
    np.isneginf,
    np.isposinf,
    np.isreal,
    np.iscomplex,
    np.bitwise_count,
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
