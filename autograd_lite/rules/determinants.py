"""Determinants. That of a singular matrix has its exact derivatives too, up to the second."""

from collections.abc import Callable

import numpy as np

from autograd_lite.registry import rule
from autograd_lite.rules.linalg import added, adjoint, as_matrix, inverse, inverse_array, total
from autograd_lite.rules.products import transposed
from autograd_lite.rules.reductions import leave_one_out_array


def frames(a):
    """The singular values, and (Q, W) for which Qᵀ X W has what X does to them; det of the frames."""
    u, s, vh = np.linalg.svd(a)
    return s, np.conj(u), adjoint(vh), as_matrix(np.linalg.det(u) * np.linalg.det(vh))


def cofactor_array(a):
    """det(A) A⁻ᵀ, also where A has no inverse: minors of the singular values, turned back.

    Where A is far from singular the inverse is as good, and takes a tenth of the time.
    """
    z = inverse_array(a)
    with np.errstate(over="ignore"):
        condition = np.sqrt(total(np.absolute(a) ** 2) * total(np.absolute(z) ** 2))
    if np.all(condition < float(np.finfo(a.dtype).eps) ** (-1 / 3)):
        return as_matrix(np.linalg.det(a)) * transposed(z)
    s, q, w, sign = frames(a)
    return sign * ((q * leave_one_out_array(s, -1)[..., None, :]) @ transposed(w))


def cofactor_change_array(g, a):
    """The cotangent of A from that of its cofactors: the second derivative of det, towards g.

    Between two singular values it has the product of all others, so nothing is divided by.
    """
    s, q, w, sign = frames(a)
    n = s.shape[-1]
    eye = np.eye(n, dtype=bool)
    rest = leave_one_out_array(np.where(eye, 1, s[..., None, :]), -1) if n else s[..., None]
    rest = np.where(eye, 0, rest)  # [i, j] is the product of all but i and j
    inner = transposed(q) @ g @ w
    diagonal = np.diagonal(inner, axis1=-2, axis2=-1)
    along = (rest @ diagonal[..., None]) * eye
    return sign * (q @ (along - transposed(rest * inner)) @ transposed(w))


def cofactor_change_vjp(g, h, a):
    """The third derivative of det A; here A must have an inverse Z.

    det(A) (tr ZX tr ZY − tr ZXZY) is the second one towards X and Y.
    """
    z = np.linalg.inv(a)
    zx, zy = z @ g, z @ h
    x, y = (total(np.eye(a.shape[-1], dtype=a.dtype) * m) for m in (zx, zy))
    both = total(zx * transposed(zy))
    pairs = (zx @ zy + zy @ zx) @ z - y * (zx @ z) - x * (zy @ z)
    return as_matrix(np.linalg.det(a)) * transposed((x * y - both) * z + pairs)


def slogdet_vjp(g, a, out):
    """d log det A = tr A⁻¹ dA: its real part is that of log|det|, its imaginary part turns the sign."""
    sign, log = g
    parts = [] if log is None else [as_matrix(log)]
    if sign is not None and out[0].dtype.kind == "c":
        parts += [as_matrix(np.imag(sign * out[0])) * 1j]
    return added(parts) * transposed(inverse(a)) if parts else None


# fmt: off
rule(np.linalg.det,  "a", a=lambda g, a: as_matrix(g) * cofactor(a))
cofactor: Callable = rule(cofactor_array, "a", name="cof", a=lambda g, a: cofactor_change(g, a))
cofactor_change: Callable = rule(cofactor_change_array, "h a", name="cof_change",
                          h=lambda g, a: cofactor_change(g, a), a=cofactor_change_vjp)
rule(np.linalg.slogdet, "a", a=slogdet_vjp)
# fmt: on
