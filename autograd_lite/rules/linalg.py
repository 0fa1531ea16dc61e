"""Inverses, linear systems, powers and chains of matrices.

Where a matrix has a cotangent C, dL = Re tr(Cᵀ dA). The formulas are in Giles, "An extended
collection of matrix derivative results" (2008), unless said otherwise.
"""

from collections.abc import Callable

import numpy as np

from autograd_lite.errors import NoRuleError, ShapeError
from autograd_lite.registry import constant, derived, rule
from autograd_lite.rules.complex_parts import conj
from autograd_lite.rules.products import transposed


def adjoint(a):
    """Matrices transposed and conjugated."""
    return conj(transposed(a))


def as_matrix(a):
    """A number for each matrix, ready to multiply it."""
    return np.expand_dims(a, (-2, -1)) if a.ndim else a


def added(parts):
    """The sum of what the outputs that are used send back."""
    first, *rest = parts
    return sum(rest, first)


def total(a):
    """The sum over the entries of each matrix."""
    return np.sum(a, axis=(-2, -1), keepdims=True)


def triangle_array(c, lower):
    """The cotangent of what is read, one triangle, from that of the Hermitian matrix it stands for.

    An entry beside the diagonal stands in two places, and the diagonal is real.
    """
    half = (c + adjoint(c)) / 2
    return np.tril(half) + np.tril(half, -1) if lower else np.triu(half) + np.triu(half, 1)


def hermitian_array(a, lower):
    """The Hermitian matrix of which one triangle is read."""
    part = np.tril(a, -1) if lower else np.triu(a, 1)
    return part + adjoint(part) + np.real(np.triu(np.tril(a)))


# --- inverses --------------------------------------------------------------------------------
def inverse_array(a):
    """The inverse; where there is none, NaN."""
    regular = as_matrix(np.isfinite(np.linalg.slogdet(a)[1]))
    eye = np.eye(a.shape[-1], dtype=a.dtype)
    return np.where(regular, np.linalg.inv(np.where(regular, a, eye)), np.nan).astype(a.dtype)


def inverse_vjp(g, out):
    return -(transposed(out) @ g @ transposed(out))


def pinv_vjp(g, a, out, hermitian):
    """Golub and Pereyra, "The differentiation of pseudo-inverses" (1973); the rank is constant."""
    a = hermitian_of(a, lower=True) if hermitian else a
    p, c = out, transposed(g)
    left, right = c - a @ (p @ c), c - (c @ p) @ a  # (I − A P) C and C (I − P A)
    c = conj(left @ p @ adjoint(p) + adjoint(p) @ p @ right) - transposed(p @ c @ p)
    return triangle_of(c, lower=True) if hermitian else c


# --- linear systems --------------------------------------------------------------------------
def solve_right(g, a, b_shape):
    """A⁻ᵀ g; a b with one axis is a vector, as in NumPy."""
    if len(b_shape) == 1 < g.ndim:
        return np.linalg.solve(transposed(a), np.expand_dims(g, -1))[..., 0]
    return np.linalg.solve(transposed(a), g)


def solve_left(g, a, out, b_shape):
    return -products_of(solve_right(g, a, b_shape), out, len(b_shape) == 1)


def products_of(c, x, vectors):
    """c xᵀ, of vectors or of matrices."""
    if vectors and c.ndim == 1:
        return np.outer(c, x)
    return np.expand_dims(c, -1) * np.expand_dims(x, -2) if vectors else c @ transposed(x)


def lstsq_array(a, b, rcond):
    """Solution, residuals and singular values: what depends smoothly on a and b."""
    x, residuals, _, s = np.linalg.lstsq(a, b, **({} if rcond is None else dict(rcond=rcond)))
    return x, residuals, s


def flipped(a):
    """The transpose; of a vector itself."""
    return a if a.ndim == 1 else transposed(a)


def product(a, b):
    """Columns times rows; of two vectors, each with each."""
    return np.outer(a, b) if a.ndim == 1 else a @ b


def limit(rcond, shape, dtype):
    """Singular values below this part of the largest count as zero."""
    standard = float(np.finfo(dtype).eps)
    if rcond == -1:
        return standard
    return standard * max(shape) if rcond is None else rcond


def lstsq_right(g, a, b, out, rcond):
    parts = []
    if g[0] is not None:
        parts += [transposed(np.linalg.pinv(a, rcond=limit(rcond, a.shape, out[2].dtype))) @ g[0]]
    if g[1] is not None and out[1].size:
        parts += [2 * conj(b - a @ out[0]) * g[1]]
    return added(parts) if parts else None


def lstsq_left(g, a, b, out, rcond):
    """x = P b with the derivative of the pseudo-inverse P; |b − A x|² does not depend on x."""
    x, parts = out[0], []
    if g[0] is not None:
        p, c = np.linalg.pinv(a, rcond=limit(rcond, a.shape, out[2].dtype)), flipped(g[0])
        left, right = (c @ p) @ adjoint(p), c - (c @ p) @ a
        parts += [conj(product(b - a @ x, left) + product(adjoint(p) @ x, right))]
        parts += [-product(transposed(p) @ g[0], flipped(x))]
    if g[1] is not None and out[1].size:
        parts += [-2 * product(conj(b - a @ x) * g[1], flipped(x))]
    if g[2] is not None:
        u, _, vh = np.linalg.svd(a, full_matrices=False)
        parts += [conj(u * np.expand_dims(g[2], -2)) @ conj(vh)]
    return added(parts) if parts else None


# fmt: off
hermitian_of: Callable = rule(hermitian_array, "a", name="hermitian", static=dict(lower=True), a=lambda g, lower: triangle_of(g, lower=lower))
triangle_of: Callable = rule(triangle_array, "c", name="triangle", static=dict(lower=True), c=lambda g, lower: hermitian_of(g, lower=lower))
rule(np.linalg.inv,  "a", a=inverse_vjp)
inverse: Callable = rule(inverse_array, "a", name="inv", a=inverse_vjp)
rule(np.linalg.pinv, "a", static=dict(rcond=None, hermitian=False, rtol=np._NoValue), a=pinv_vjp)
rule(np.linalg.solve, "a b", a=solve_left, b=solve_right)
least_squares: Callable = rule(lstsq_array, "a b", name="lstsq", static=dict(rcond=None), a=lstsq_left, b=lstsq_right)
# fmt: on

constant(np.linalg.matrix_rank, why="its result is boolean or integer")


@derived(np.linalg.lstsq)
def lstsq(a, b, rcond=None):
    x, residuals, s = least_squares(a, b, rcond=rcond)
    large = s.detach() > limit(rcond, np.shape(a), s.dtype) * np.max(s.detach(), initial=0)
    return x, residuals, int(np.count_nonzero(large)), s


@derived(np.linalg.tensorsolve)
def tensorsolve(a, b, axes=None):
    if axes is not None:
        order = [k for k in range(np.ndim(a)) if k not in axes]
        a = np.transpose(a, (*order, *axes))
    shape, size = np.shape(a)[np.ndim(b) :], int(np.prod(np.shape(b)))
    if int(np.prod(shape)) != size:
        raise ShapeError(f"tensorsolve: shapes {np.shape(a)}, {np.shape(b)} do not form a square")
    return np.reshape(np.linalg.solve(np.reshape(a, (size, size)), np.ravel(b)), shape)


@derived(np.linalg.tensorinv)
def tensorinv(a, ind=2):
    if ind <= 0:
        raise ValueError("tensorinv: ind must be positive")
    before, after = a.shape[:ind], a.shape[ind:]
    return np.reshape(np.linalg.inv(np.reshape(a, (int(np.prod(before)), -1))), (*after, *before))


@derived(np.linalg.matrix_power)
def matrix_power(a, n):
    """Aⁿ by squaring; A⁰ is the identity, which does not depend on A, and A⁻ⁿ is (A⁻¹)ⁿ."""
    if not isinstance(n, (int, np.integer)):
        raise TypeError("matrix_power: the exponent must be an integer")
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ShapeError(f"matrix_power: shape {a.shape}; only square matrices have powers")
    if n == 0:
        return np.where(False, a, np.eye(a.shape[-1], dtype=a.dtype))
    a, n, result = np.linalg.inv(a) if n < 0 else a, abs(int(n)), None
    if n == 3:
        return (a @ a) @ a
    while n:
        n, odd = divmod(n, 2)
        if odd:
            result = a if result is None else result @ a
        a = a @ a if n else a
    return result


def cheapest(sizes):
    """Where to cut a chain of products of matrices sizes[i] × sizes[i + 1]: (cost, cuts).

    cuts : None for one matrix, else (place, cuts to the left, cuts to the right).
    """
    best = {(i, i + 1): (0, None) for i in range(len(sizes) - 1)}
    for length in range(2, len(sizes)):
        for i in range(len(sizes) - length):
            j = i + length
            best[i, j] = min(
                ((best[i, k][0] + best[k, j][0] + sizes[i] * sizes[k] * sizes[j],
                  (k, best[i, k][1], best[k, j][1])) for k in range(i + 1, j)),
                key=lambda found: found[0],
            )  # fmt: skip
    return best[0, len(sizes) - 1]


@derived(np.linalg.multi_dot)
def multi_dot(arrays, *, out=None):
    if out is not None:
        raise NoRuleError("multi_dot: out= is not supported with Tensors")
    if len(arrays) < 2:
        raise ValueError("multi_dot: expected at least two arrays")
    sizes = [np.shape(a)[0] if np.ndim(a) == 2 else 1 for a in arrays[:1]]
    sizes += [np.shape(a)[0] for a in arrays[1:]]
    sizes += [np.shape(arrays[-1])[-1] if np.ndim(arrays[-1]) == 2 else 1]

    def multiplied(parts, cuts):
        if cuts is None:
            return parts[0]
        left, right = parts[: cuts[0]], parts[cuts[0] :]
        return np.matmul(multiplied(left, cuts[1]), multiplied(right, cuts[2]))

    return multiplied(list(arrays), relative(cheapest(sizes)[1], 0))


def relative(cuts, start):
    """Cuts counted from the beginning of their own part of the chain."""
    if cuts is None:
        return None
    return cuts[0] - start, relative(cuts[1], start), relative(cuts[2], cuts[0])
