"""Polynomials by their coefficients, the highest power first."""

import math

import numpy as np

from autograd_lite.errors import NoRuleError, ShapeError
from autograd_lite.registry import derived, rule
from autograd_lite.rules.casting import as_array
from autograd_lite.rules.indexing import getitem
from autograd_lite.rules.linalg import least_squares


def roots_vjp(g, p, out):
    """From p(r) = 0: the change of a root is −(the change of p at r) / p′(r)."""
    return np.matmul(-g / np.polyval(np.polyder(p), out), np.vander(out, len(p)))


# a root that occurs twice has no derivative: its gradient is infinite
rule(np.roots, "p", p=roots_vjp)


@derived(np.vander)
def vander(x, N=None, increasing=False):
    n = x.shape[0] if N is None else N
    powers = np.power(np.expand_dims(x, 1), np.arange(n))
    return powers if increasing else np.flip(powers, 1)


@derived(np.polyval)
def polyval(p, x):
    if isinstance(p, np.poly1d) or isinstance(x, np.poly1d):
        raise NoRuleError("polyval: poly1d is not for Tensors; give the coefficients")
    p, y = as_array(p), np.zeros_like(x)
    for k in range(len(p)):  # Horner
        y = y * x + getitem(p, k) if k else y + getitem(p, k)
    return y


def aligned(p, n):
    """Coefficients with zeros in front, n of them in all."""
    p = np.atleast_1d(p)
    return np.pad(p, (n - len(p), 0)) if len(p) < n else p


@derived(np.polyadd)
def polyadd(a1, a2):
    n = max(math.prod(np.shape(p)) for p in (a1, a2))
    return aligned(a1, n) + aligned(a2, n)


@derived(np.polysub)
def polysub(a1, a2):
    n = max(math.prod(np.shape(p)) for p in (a1, a2))
    return aligned(a1, n) - aligned(a2, n)


@derived(np.polymul)
def polymul(a1, a2):
    return np.convolve(*(without_zeros(np.atleast_1d(p)) for p in (a1, a2)))


def without_zeros(p):
    """Coefficients without zeros in front, but at least one of them."""
    trimmed = np.trim_zeros(p, "f")
    return trimmed if trimmed.size else p[-1:]


@derived(np.polyder)
def polyder(p, m=1):
    if m < 0:
        raise ValueError(f"polyder: order {m}; use polyint to integrate")
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


@derived(np.polyint)
def polyint(p, m=1, k=None):
    if m < 0:
        raise ValueError(f"polyint: order {m}; use polyder to differentiate")
    p, k = as_array(p), 0.0 if k is None else k
    k = np.broadcast_to(np.atleast_1d(stacked(k)), (m,))
    for i in range(m):
        p = np.concatenate([p / np.arange(len(p), 0, -1), k[i : i + 1]])
    return p


def stacked(k):
    """A number, or a list of numbers that may be tracked."""
    return np.stack(k) if isinstance(k, (list, tuple)) else k


@derived(np.polydiv)
def polydiv(u, v):
    """Synthetic division; the remainder loses what is zero in front, as in NumPy."""
    u, v = np.atleast_1d(u) + 0.0, np.atleast_1d(v) + 0.0
    m, n = len(u) - 1, len(v) - 1
    quotient, rest, scale = [], u, 1.0 / getitem(v, 0)  # rounded as NumPy's
    for k in range(m - n + 1):
        factor = getitem(rest, k) * scale
        quotient.append(factor)
        rest = rest - np.pad(factor * v, (k, m - n - k))
    skipped = 0
    while skipped < m and np.isclose(plain_value(rest, skipped), 0, rtol=1e-14):
        skipped += 1
    quotient = np.stack(quotient) if quotient else np.zeros_like(v[:1])
    return quotient, rest[skipped:]


def plain_value(x, k):
    return getattr(x, "data", x)[k]


@derived(np.poly)
def poly(seq_of_zeros):
    if seq_of_zeros.ndim != 1:
        raise NoRuleError("poly: of a matrix it has no rule; use np.poly(np.linalg.eigvals(a))")
    zeros, p = seq_of_zeros, np.ones_like(seq_of_zeros, shape=(1,))
    for k in range(len(zeros)):
        zero = getitem(zeros, slice(k, k + 1))
        factor = np.concatenate([np.ones_like(zero), -zero])
        p = np.convolve(p, factor) if k else factor
    if zeros.dtype.kind == "c":  # of pairs of conjugates the polynomial is real
        found = np.sort(np.array(zeros.data))
        if np.all(found == np.sort(np.conjugate(found))):
            p = np.real(p)
    return p


@derived(np.polyfit)
def polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
    """Least squares on columns of length one, as in NumPy."""
    if full or cov:
        raise NoRuleError("polyfit: full= and cov= are not supported with Tensors; use "
                          "np.linalg.lstsq on np.vander(x, deg + 1)")  # fmt: skip
    if np.ndim(deg) or np.ndim(x) != 1 or np.shape(x) != np.shape(y)[:1]:
        raise ShapeError(f"polyfit: shapes {np.shape(x)}, {np.shape(y)}, degree {deg}; expected a "
                         "vector, as many values in y, and a number")  # fmt: skip
    powers, values = np.vander(as_array(x) + 0.0, deg + 1), as_array(y) + 0.0
    if w is not None:
        powers = powers * np.expand_dims(w, 1)
        values = values * (np.expand_dims(w, 1) if np.ndim(y) == 2 else w)
    size = np.sqrt(np.sum(powers * powers, axis=0))
    rcond = len(x) * np.finfo(np.result_type(powers)).eps if rcond is None else rcond
    c = least_squares(powers / size, values, rcond=rcond)[0]
    return c / (np.expand_dims(size, 1) if np.ndim(y) == 2 else size)
