"""sinc and the Bessel function I₀: functions whose derivatives are functions of the next order.

Each is the member n = 0 of a family that a recurrence in n closes under differentiation, so no
derivative, of whatever order, divides a difference by a small x. Recurrences: NIST Digital Library
of Mathematical Functions, 10.51.2 (spherical Bessel functions) and 10.29.1 (modified ones).
"""

import math

import numpy as np

from autograd_lite.registry import derived, rule

SMALL, LARGE = 2.0, 30.0  # where series in powers of x and of 1/x are accurate


def power_series(y, start, factor, terms):
    """start · Σ yᵏ / (factor(1) … factor(k)), summed from its last term."""
    total = np.ones_like(y)
    for k in range(terms, 0, -1):
        total = 1 + total * y / factor(k)
    return start * total


def spherical_array(x, n=0):
    """The spherical Bessel function jₙ(x); j₀ is sin(x) / x. Real or complex x."""
    small = np.abs(x) < SMALL + n
    near, far = np.where(small, x, 0), np.where(small, 1, x)
    before, value = np.cos(far) / far, np.sin(far) / far  # j₋₁ and j₀
    for k in range(n):
        before, value = value, (2 * k + 1) / far * value - before
    start = near**n / math.prod(range(1, 2 * n + 2, 2))
    series = power_series(near * near / -2, start, lambda k: k * (2 * n + 2 * k + 1), 20 + 2 * n)
    return np.where(small, series, value)


def modified_array(x, n=0):
    """The modified Bessel function Iₙ(x) of real x; even and odd in x as n is."""
    if np.iscomplexobj(x):
        raise TypeError("bessel_i: a complex argument is not supported")
    size = np.abs(x)
    near, far = np.minimum(size, LARGE + n), np.maximum(size, LARGE + n)
    start = (near / 2) ** n / math.factorial(n)
    series = power_series(near * near / 4, start, lambda k: k * (k + n), 80 + n)
    # Hankel's expansion, DLMF 10.40.1; half of the exponential first, as the whole may overflow
    tail = power_series(1 / far, 1.0, lambda k: -8 * k / (4.0 * n * n - (2 * k - 1) ** 2), 25)
    half = np.exp(far / 2)
    value = np.where(size < LARGE + n, series, half * (half / np.sqrt(2 * math.pi * far)) * tail)
    return np.where(x < 0, -value, value) if n % 2 else value


def spherical_vjp(g, x, n):
    if n == 0:
        return -g * spherical(x, 1)
    return g * ((n * spherical(x, n - 1) - (n + 1) * spherical(x, n + 1)) / (2 * n + 1))


def modified_vjp(g, x, n):
    return g * ((modified(x, abs(n - 1)) + modified(x, n + 1)) / 2)


# fmt: off
spherical = rule(spherical_array, "x", name="spherical_bessel", static=dict(n=0), x=spherical_vjp)
modified = rule(modified_array, "x", name="bessel_i", static=dict(n=0), x=modified_vjp)
rule(np.i0, "x", x=lambda g, x: g * modified(x, 1))
# fmt: on


@derived(np.sinc)
def sinc(x):
    return spherical(math.pi * x, 0)
