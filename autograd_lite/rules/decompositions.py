"""Cholesky, QR, eigenvalue and singular value decompositions.

Eigenvectors and singular vectors have an arbitrary sign or phase, null spaces an arbitrary basis.
The gradients here are those of functions that do not depend on that choice, such as projectors and
U f(Λ) Uᴴ; where values are equal or zero, such a function needs its own formula, and vectors give
NaN or infinity. Eigenvalues and singular values alone are divided by no difference.

Of a Hermitian matrix only one triangle is read, and it alone has a gradient.
"""

import numpy as np

from autograd_lite.errors import NoRuleError
from autograd_lite.registry import derived, rule
from autograd_lite.rules.complex_parts import conj
from autograd_lite.rules.indexing import getitem
from autograd_lite.rules.linalg import added, adjoint, triangle_of
from autograd_lite.rules.products import transposed


def row(values):
    """Numbers for the columns of a matrix."""
    return np.expand_dims(values, -2)


def gaps(values):
    """[i, j] is value j less value i; one on the diagonal, where nothing is divided by."""
    return row(values) - column(values) + np.eye(values.shape[-1], dtype=values.dtype)


def column(values):
    """Numbers for the rows of a matrix."""
    return np.expand_dims(values, -1)


def skew(a):
    return a - adjoint(a)


def on_diagonal(a):
    """Matrices with zeros beside the diagonal."""
    return np.triu(np.tril(a))


# --- Cholesky, QR ----------------------------------------------------------------------------
def cholesky_array(a, upper):
    return np.linalg.cholesky(a, upper=True) if upper else np.linalg.cholesky(a)


def qr_array(a, mode):
    return np.linalg.qr(a) if mode == "reduced" else np.linalg.qr(a, mode)


def cholesky_vjp(g, out, upper):
    """L⁻ᵀ Φ(Lᵀ g) L⁻¹, where Φ is the lower triangle with half its diagonal (Murray 2016)."""
    g, factor = (adjoint(g), adjoint(out)) if upper else (g, out)
    inner = transposed(factor) @ g
    half = (np.tril(inner) + np.tril(inner, -1)) / 2
    left = np.linalg.solve(transposed(factor), half)
    both = transposed(np.linalg.solve(adjoint(factor), transposed(left)))
    return triangle_of(both, lower=not upper)


def qr_vjp(g, a, out, mode):
    """Walter and Lehmann (2018); of a wide matrix, Roberts and Roberts (2020), arXiv:2009.10071."""
    (q, r), (gq, gr) = out, (None if c is None else conj(c) for c in g)
    m, n = a.shape[-2:]
    k = min(m, n)
    gq = np.zeros_like(q) if gq is None else gq
    gr = np.zeros_like(r) if gr is None else gr
    if q.shape[-1] > k:  # the complement turns against the other columns only
        rest, grest = q[..., k:], gq[..., k:]
        q, r, gr = q[..., :k], r[..., :k, :], gr[..., :k, :]
        gq = gq[..., :k] - rest @ (adjoint(grest) @ q)
    if n > m:  # A = Q [R, W]: the last columns are Q W, and W = Qᴴ A
        last = q @ gr[..., m:]
        first = qr_square(gq + a[..., m:] @ adjoint(gr[..., m:]), gr[..., :m], q, r[..., :m])
        return conj(np.concatenate([first, last], axis=-1))
    return conj(qr_square(gq, gr, q, r))


def qr_square(gq, gr, q, r):
    """Where R is square."""
    inner = np.triu(gr @ adjoint(r) - adjoint(q) @ gq)
    inner = (inner + adjoint(inner)) - np.real(on_diagonal(inner))
    return adjoint(np.linalg.solve(r, adjoint(gq + q @ inner)))


# --- eigenvalues -----------------------------------------------------------------------------
def eigh_vjp(g, out, UPLO):
    (values, u), (gvalues, gu) = out, g
    parts = []
    if gvalues is not None:
        parts += [(conj(u) * row(gvalues)) @ transposed(u)]
    if gu is not None:
        parts += [conj(u) @ (skew(transposed(u) @ gu) / (2 * gaps(values))) @ transposed(u)]
    return triangle_of(added(parts), lower=UPLO in "Ll")


def eig_array(a):
    """Real results are views of complex arrays, which would be kept alive."""
    found = np.linalg.eig(a)
    return type(found)(*map(np.copy, found))


def eig_vjp(g, out):
    """Boeddeker et al., arXiv:1701.00392; the columns of V have length one."""
    (values, v), (gvalues, gv) = out, (None if c is None else conj(c) for c in g)
    parts = []
    if gvalues is not None:
        parts += [column(gvalues) * adjoint(v)]
    if gv is not None:
        along = adjoint(v) @ gv
        weight = np.real(np.sum(conj(v) * gv, axis=-2, keepdims=True))
        parts += [((along - (adjoint(v) @ v) * weight) / conj(gaps(values))) @ adjoint(v)]
    return conj(np.linalg.solve(adjoint(v), added(parts)))


# --- singular values -------------------------------------------------------------------------
def svd_vjp(g, out, full_matrices):
    """Wan and Zhang, arXiv:1909.02659, with the complement of U and V as in `qr_vjp`."""
    (u, s, vh), (gu, gs, gvh) = out, (None if c is None else conj(c) for c in g)
    v, gv = adjoint(vh), None if gvh is None else adjoint(gvh)
    k = s.shape[-1]
    u, gu = narrowed(u, gu, k)
    v, gv = narrowed(v, gv, k)
    gap = gaps(s) * (column(s) + row(s))
    parts = []
    if gs is not None:
        parts += [(u * row(gs)) @ adjoint(v)]
    if gu is not None:
        along = adjoint(u) @ gu
        parts += [u @ (skew(along) / gap * row(s)) @ adjoint(v)]
        parts += [((gu - u @ along) / row(s)) @ adjoint(v)]
        if along.dtype.kind == "c":  # the phase that a pair of vectors has in common is free
            parts += [u @ (np.imag(on_diagonal(along)) * 1j / row(s)) @ adjoint(v)]
    if gv is not None:
        along = adjoint(v) @ gv
        parts += [u @ (column(s) * (skew(along) / gap)) @ adjoint(v)]
        parts += [(u / row(s)) @ adjoint(gv - v @ along)]
    return conj(added(parts))


def narrowed(u, gu, k):
    """The first k columns, which take over what the others do to them as they turn away."""
    if u.shape[-1] == k:
        return u, gu
    rest, u = u[..., k:], u[..., :k]
    return u, None if gu is None else gu[..., :k] - rest @ (adjoint(gu[..., k:]) @ u)


# fmt: off
rule(np.linalg.cholesky, "a", static=dict(upper=False), forward=cholesky_array, a=cholesky_vjp)
rule(np.linalg.eigh, "a", static=dict(UPLO="L"), a=eigh_vjp)
rule(np.linalg.eig,  "a", forward=eig_array, a=eig_vjp)
factors = rule(qr_array, "a", name="qr", static=dict(mode="reduced"), a=qr_vjp)
singular = rule(lambda a, full_matrices: np.linalg.svd(a, full_matrices), "a", name="svd",
                static=dict(full_matrices=True), a=svd_vjp)
# fmt: on


@derived(np.linalg.qr)
def qr(a, mode="reduced"):
    if mode not in ("reduced", "complete", "r"):
        raise NoRuleError(f"qr: mode {mode!r} has no derivative; use 'reduced', 'complete' or 'r'")
    return factors(a, mode="reduced")[1] if mode == "r" else factors(a, mode=mode)


@derived(np.linalg.eigvals)
def eigvals(a):
    return np.linalg.eig(a)[0]


@derived(np.linalg.eigvalsh)
def eigvalsh(a, UPLO="L"):
    return np.linalg.eigh(a, UPLO)[0]


@derived(np.linalg.svd)
def svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    if not hermitian:
        found = singular(a, full_matrices=full_matrices and compute_uv)
        return found if compute_uv else found[1]
    values, u = np.linalg.eigh(a)
    s = np.absolute(values)
    order = np.argsort(s.data, axis=-1)[..., ::-1]
    s = sorted_by(s, order)
    if not compute_uv:
        return s
    sign = sorted_by(np.sign(values), order)
    u = np.matrix_transpose(sorted_by(np.matrix_transpose(u), order))
    kind = type(np.linalg.svd(np.eye(1)))
    return kind(u, s, adjoint(u * row(sign)))


def sorted_by(a, order):
    """Entries along the first axis that is not of the batch."""
    batch = order.ndim - 1
    places = np.indices(order.shape, sparse=True)[:batch]
    return getitem(a, (*places, order))


@derived(np.linalg.svdvals)
def svdvals(x):
    return singular(x, full_matrices=False)[1]
