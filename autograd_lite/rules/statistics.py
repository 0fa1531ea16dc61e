"""Covariance, correlation, and counts with weights."""

import numpy as np

from autograd_lite.errors import NoRuleError
from autograd_lite.operands import plain, tracked
from autograd_lite.registry import derived
from autograd_lite.rules.casting import as_array, astype
from autograd_lite.rules.complex_parts import conj
from autograd_lite.rules.indexing import getitem, scatter


def variables(m, y, rowvar):
    """One row for each variable, from the two arguments of cov and corrcoef."""
    rows = [np.atleast_2d(x) if rowvar or np.ndim(x) < 2 else np.transpose(x)
            for x in (m, y) if x is not None]  # fmt: skip
    return rows[0] if len(rows) == 1 else np.concatenate(rows, axis=0)


@derived(np.cov)
def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None):
    x = variables(m, y, rowvar)
    x = astype(x, np.result_type(x, float) if dtype is None else np.dtype(dtype))
    ddof = int(not bias) if ddof is None else ddof
    if aweights is not None:
        aweights = astype(as_array(aweights), np.dtype(float))
        if np.any(plain(aweights) < 0):
            raise ValueError("cov: aweights must not be negative")
    if ddof != int(ddof):
        raise ValueError(f"cov: ddof is {ddof}; it must be an integer")
    if fweights is not None and np.any(plain(fweights) != np.round(plain(fweights))):
        raise TypeError("cov: fweights count, so they must be integers")
    given = [w for w in (fweights, aweights) if w is not None]
    if given:
        w = given[0] * given[1] if len(given) == 2 else given[0]
        total = np.sum(w)
        average = np.sum(x * w, axis=1, keepdims=True) / total
        lost = ddof if aweights is None else ddof * (np.sum(w * aweights) / total)
        number, weighted = total - lost if ddof else total, (x - average) * w
    else:
        average = np.mean(x, axis=1, keepdims=True)
        number, weighted = max(x.shape[1] - ddof, 0.0), x - average
    return np.squeeze(np.matmul(x - average, np.transpose(conj(weighted))) / number)


@derived(np.corrcoef)
def corrcoef(x, y=None, rowvar=True, *, dtype=None):
    c = np.cov(x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    size = np.sqrt(np.real(np.diagonal(c)))
    c = c / np.expand_dims(size, 1) / size
    if c.dtype.kind == "c":
        return np.clip(np.real(c), -1, 1) + 1j * np.clip(np.imag(c), -1, 1)
    return np.clip(c, -1, 1)


@derived(np.bincount)
def bincount(x, /, weights=None, minlength=0):
    """Differentiable in the weights; the places are integers."""
    if tracked(x):
        raise NoRuleError("bincount: its first argument is tracked, and must be integers")
    if weights.dtype.kind == "c":
        raise TypeError("bincount: complex weights; count real and imaginary parts by themselves")
    x = np.asarray(plain(x))
    x = x if x.size else x.astype(int)
    length = np.bincount(x, minlength=minlength).size
    return scatter(astype(weights, np.dtype(float)), x.astype(int), (length,))


@derived(np.histogram_bin_edges)
def histogram_bin_edges(a, bins=10, range=None, weights=None):
    """Edges follow the smallest and largest entry, unless `range` or the edges are given."""
    if np.ndim(bins) == 1:
        return as_array(bins)
    edges = np.histogram_bin_edges(plain(a), bins, plain(range), plain(weights))
    if range is None and np.size(a):
        low, high = np.min(a), np.max(a)
        if np.all(plain(low) == plain(high)):
            low, high = low - 0.5, high + 0.5
        return np.linspace(low, high, edges.size)
    return edges if range is None else np.linspace(*range, edges.size)


@derived(np.histogram)
def histogram(a, bins=10, range=None, density=None, weights=None):
    """Differentiable in the weights and, as far as the bins depend on them, in the data.

    Counts do not change where they are differentiable; a density does, with the edges.
    """
    if np.iscomplexobj(plain(a)):
        raise TypeError("histogram: complex numbers have no order")
    edges = histogram_bin_edges(a, bins, range, weights)
    if tracked(weights):
        counts = weighted_counts(np.ravel(plain(a)), plain(edges), np.ravel(weights))
    else:
        counts = np.histogram(detached(a), plain(edges), weights=plain(weights))[0]
    if density:
        counts = counts / np.diff(edges) / np.sum(counts)
    return counts, edges


def detached(a):
    return a.detach() if hasattr(a, "detach") else a


def weighted_counts(a, edges, weights):
    """The sum of the weights in each bin; the last bin has both of its edges."""
    inside = (a >= edges[0]) & (a <= edges[-1])
    place = np.searchsorted(edges, a[inside], side="right") - 1
    n = edges.size - 1
    return scatter(getitem(weights, inside), np.minimum(place, n - 1), (n,))
