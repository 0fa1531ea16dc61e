"""Linear algebra beyond the rows: choices of phase, degenerate values, other libraries."""

import itertools
import math

import numpy as np
import pytest

import autograd_lite as ag
import viz
from autograd_lite import Tensor
from autograd_lite.errors import NoRuleError, ShapeError
from autograd_lite.rules.linalg import cheapest

LA = np.linalg


def random(*shape, kind="real", seed=0):
    rng = np.random.default_rng(seed)
    a = rng.standard_normal(shape)
    return a + 1j * rng.standard_normal(shape) if kind == "complex" else a


def adjoint(a):
    return np.conj(np.matrix_transpose(a))


kinds = pytest.mark.parametrize("kind", ["real", "complex"])


def spectral(a):
    """Three functions of eigenvalues and vectors in which the vectors' phase cancels."""
    w, u = LA.eigh(a)
    first = u[..., :1]
    return (u * np.sin(w)[..., None, :]) @ adjoint(u), np.abs(u) ** 2, first @ adjoint(first)


def general(a):
    w, v = LA.eig(a)
    return (v * np.exp(w)[..., None, :]) @ LA.inv(v), np.abs(v[..., 0, :]) ** 2


def singular(a, full=False):
    u, s, vh = LA.svd(a, full_matrices=full)
    k = s.shape[-1]
    pair = (u[..., :k] * np.log(s)[..., None, :]) @ vh[..., :k, :]
    rest = u[..., :, k:]
    return pair, np.abs(u[..., :, 0]) ** 2, np.abs(vh[..., 1, :]), rest @ adjoint(rest)


def orthogonal(a, mode="reduced"):
    q, r = LA.qr(a, mode)
    k = min(a.shape[-2:])
    return q[..., :k] @ np.sin(np.abs(r[..., :k, :])), q[..., k:] @ adjoint(q[..., k:])


@kinds
@pytest.mark.parametrize("f", [spectral, general, lambda a: general(a)[:1]])
def test_functions_of_eigenvectors_without_a_phase(f, kind):
    ag.check_grads(f, random(3, 3, kind=kind))
    ag.check_grads(f, random(2, 3, 3, kind=kind, seed=2))


@kinds
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2)])
@pytest.mark.parametrize("full", [False, True])
def test_functions_of_singular_vectors_without_a_phase(shape, full, kind):
    ag.check_grads(lambda a: singular(a, full), random(*shape, kind=kind))


@kinds
@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2)])
@pytest.mark.parametrize("mode", ["reduced", "complete"])
def test_functions_of_an_orthogonal_basis(shape, mode, kind):
    ag.check_grads(lambda a: orthogonal(a, mode), random(*shape, kind=kind))


@kinds
def test_hermitian_forms_read_one_triangle(kind):
    a = random(3, 3, kind=kind)

    def recomposed(a):
        u, s, vh = LA.svd(a, hermitian=True)
        return (u * np.sqrt(s)[..., None, :]) @ vh

    ag.check_grads(recomposed, a)
    ag.check_grads(lambda a: LA.pinv(a, hermitian=True), a)
    for lower in (True, False):
        x = Tensor(a, requires_grad=True)
        np.sum(LA.eigvalsh(x, "L" if lower else "U") ** 3).backward()
        assert not np.any(np.triu(x.grad, 1) if lower else np.tril(x.grad, -1))
        assert not np.any(np.imag(np.diagonal(x.grad)))


def test_the_gradient_through_a_symmetric_matrix_is_that_of_the_whole():
    b = random(3, 3)
    x = Tensor(b, requires_grad=True)
    np.sum(np.log(LA.eigvalsh(x @ x.mT))).backward()
    np.testing.assert_allclose(x.grad, 2 * LA.inv(b).T)


# --- where values are equal or zero -----------------------------------------------------------
@kinds
def test_equal_eigenvalues_and_singular_values_alone_divide_by_nothing(kind):
    eye = np.eye(3) if kind == "real" else np.eye(3) * (1 + 0j)
    for f in (LA.eigvalsh, LA.svdvals, LA.eigvals, lambda a: LA.norm(a, "nuc")):
        g = ag.grad(lambda a, f=f: np.sum(np.real(f(a))))(eye).data
        np.testing.assert_allclose(g, np.eye(3))
    np.testing.assert_allclose(ag.grad(lambda a: np.sum(LA.eigvalsh(a) ** 2))(eye).data, 2 * eye)


@pytest.mark.filterwarnings("ignore:(divide by zero|invalid value):RuntimeWarning")
def test_vectors_of_equal_eigenvalues_give_no_number():
    """A projector on one of them has no derivative, and for U f(Λ) Uᵀ the limit is not known."""
    g = ag.grad(lambda a: LA.eigh(a)[1][0, 0] ** 2)(np.eye(2)).data
    assert not np.isfinite(g).all()


@kinds
@pytest.mark.parametrize(("rank", "noise"), [(0, 0), (1, 0), (2, 0), (2, 1e-9)])
def test_det_of_a_singular_matrix(rank, noise, kind):
    a = random(4, rank, kind=kind) @ random(rank, 4, kind=kind, seed=1)
    a += noise * random(4, 4, seed=2)
    a[3] += [1, 0, 0, 0]
    ag.check_grads(LA.det, a)
    minors = [[(-1) ** (i + j) * LA.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(4)]
              for i in range(4)]  # fmt: skip
    x = Tensor(a, requires_grad=True)
    np.real(LA.det(x)).backward()
    np.testing.assert_allclose(x.grad, np.conj(minors), atol=1e-12)


def test_det_of_zeros_and_of_equal_singular_values():
    for n in (1, 2, 3):
        ag.check_grads(LA.det, np.zeros((n, n)))
        ag.check_grads(LA.det, np.eye(n))
    third = ag.grad(ag.grad(ag.grad(lambda t: LA.det(t * np.eye(3) + np.diag([1.0, 2.0, 3.0])))))
    assert third(0.5).item() == pytest.approx(6)


def test_slogdet_of_a_singular_matrix_is_the_limit_only_there():
    a = np.stack([np.eye(2), np.ones((2, 2))])
    x = Tensor(a, requires_grad=True)
    _, logdet = LA.slogdet(x)
    np.sum(logdet).backward()
    assert list(logdet.data) == [0, -math.inf]
    np.testing.assert_array_equal(x.grad[0], np.eye(2))
    assert np.isnan(x.grad[1]).all()


def test_results_keep_their_names():
    x = Tensor(random(2, 2) + 2 * np.eye(2), requires_grad=True)
    assert LA.slogdet(x).logabsdet.requires_grad
    assert LA.eigh(x).eigenvalues.shape == (2,)
    assert LA.svd(x).Vh.shape == LA.qr(x).R.shape == LA.eig(x).eigenvectors.shape == (2, 2)
    assert LA.svd(x, hermitian=True).S.requires_grad


def test_an_output_that_was_dropped_still_counts_in_second_derivatives():
    a = random(3, 3)
    ag.check_grads(lambda a: np.sum(LA.eigvalsh(a @ a.T)[:1] ** 2), a)
    ag.check_grads(lambda a: LA.qr(a)[1], a)
    x = Tensor(a, requires_grad=True)
    first = LA.eigh(x)[0]  # the vectors are gone
    (g,) = ag.gradients(np.sum(first**2), [x], create_graph=True)
    (h,) = ag.gradients(np.sum(g * a), [x])
    _, expected = ag.jvp(ag.grad(lambda a: np.sum(LA.eigh(a).eigenvalues ** 2)), (a,), (a,))
    np.testing.assert_allclose(h.data, expected.data)


# --- norms ------------------------------------------------------------------------------------
@kinds
@pytest.mark.parametrize("ord", [None, 2, 1, math.inf, -math.inf, 0, 3, 1.5, 0.5, -2])
def test_vector_norms_at_zero_have_gradient_zero(ord, kind):
    with np.errstate(divide="ignore"):
        g = ag.grad(lambda x: LA.norm(x, ord))(np.zeros(3) if kind == "real" else np.zeros(3) * 1j)
    np.testing.assert_array_equal(g.data, np.zeros(3))


@pytest.mark.parametrize("ord", [None, "fro", "nuc", 2, -2, 1, -1, math.inf, -math.inf])
def test_matrix_norms_at_zero_have_gradient_zero(ord):
    g = ag.grad(lambda x: LA.norm(x, ord))(np.zeros((2, 3)))
    np.testing.assert_array_equal(g.data, np.zeros((2, 3)))


@pytest.mark.parametrize("ord", [None, 1, 3, 1.5])
def test_vector_norms_with_zeros_among_the_entries(ord):
    x = np.array([3.0, 0.0, -4.0])
    g = ag.grad(lambda x: LA.norm(x, ord))(x).data
    assert g[1] == 0
    p = ord or 2
    np.testing.assert_allclose(g, np.sign(x) * (abs(x) / LA.norm(x, ord)) ** (p - 1))


def test_largest_entries_that_tie_share():
    g = ag.grad(lambda x: LA.norm(x, math.inf))(np.array([2.0, -2.0, 1.0]))
    np.testing.assert_array_equal(g.data, [0.5, -0.5, 0])


def test_counting_norm_has_gradient_zero():
    x = Tensor([1.0, 0.0, 2.0], requires_grad=True)
    y = LA.norm(x, 0)
    y.backward()
    assert y.item() == 2
    np.testing.assert_array_equal(x.grad, np.zeros(3))


# --- lstsq ------------------------------------------------------------------------------------
@kinds
@pytest.mark.parametrize(("m", "n", "right"), [(4, 2, ()), (4, 2, (3,)), (2, 4, (2,)), (3, 3, ())])
def test_lstsq(m, n, right, kind):
    a, b = random(m, n, kind=kind), random(m, *right, kind=kind, seed=1)

    def parts(a, b):
        x, residuals, rank, s = LA.lstsq(a, b)
        assert rank == min(a.shape)
        return x, residuals, s

    for got, expected in zip(parts(Tensor(a, requires_grad=True), b), parts(a, b), strict=True):
        np.testing.assert_array_equal(got.data, expected)
    ag.check_grads(parts, a, b)
    ag.check_grads(lambda a: parts(a, b), a)
    ag.check_grads(lambda b: parts(a, b)[:2], b)


def test_lstsq_of_lower_rank():
    """On matrices of constant rank, x is the pseudo-inverse times b."""
    u, v, b = random(4, 1), random(1, 3, seed=1), random(4, seed=2)
    ag.check_grads(lambda u, v: LA.lstsq(u @ v, b)[0], u, v)
    _, residuals, rank, s = LA.lstsq(Tensor(u @ v, requires_grad=True), b)
    assert (rank, residuals.shape, s.shape) == (1, (0,), (3,))
    assert LA.lstsq(Tensor(np.diag([1.0, 0.1]), requires_grad=True), b[:2], rcond=0.5)[2] == 1


# --- forms ------------------------------------------------------------------------------------
FORMS = """
LA.norm(x) ; LA.norm(x, None, 1) ; LA.norm(x, axis=0, ord=3) ; LA.norm(x, axis=(0, 1), ord="fro") ;
LA.norm(x, axis=(-1, 0), ord=1) ; LA.norm(x, -1, keepdims=True) ; LA.norm(x, -math.inf, (0, 1)) ;
LA.norm(x[0], math.inf) ; LA.norm(x[0, 0]) ; LA.norm(x[None], keepdims=True) ; LA.norm(x, "nuc") ;
LA.norm(x, ord=2, axis=(1, 0), keepdims=True) ; LA.norm(x, axis=np.int64(1)) ; LA.norm(x, -2) ;
LA.norm(x[None], "nuc", (0, 2), True) ; LA.norm(x, ord=0.5, axis=-1) ; LA.norm(x, "f") ;
LA.vector_norm(x) ; LA.vector_norm(x, axis=(0, 1), ord=1) ; LA.vector_norm(x, ord=math.inf) ;
LA.vector_norm(x, keepdims=True, ord=3) ; LA.vector_norm(x, axis=-2) ; LA.matrix_norm(x, ord=1) ;
LA.matrix_norm(x[None], ord=-2) ; LA.matrix_norm(x, ord="nuc", keepdims=True) ; LA.cond(x) ;
LA.cond(x, 1) ; LA.cond(x, p="nuc") ; LA.cond(x[None], -1) ; LA.cond(x, math.inf) ; LA.cond(x, -2) ;
LA.pinv(x, 1e-3) ; LA.pinv(x, rcond=1e-3) ; LA.pinv(x, rtol=1e-3) ; LA.pinv(x, None, True) ;
LA.svd(x, False)[1] ; LA.svd(x, True, False) ; LA.svd(x, full_matrices=False, hermitian=True)[1] ;
LA.svd(x, compute_uv=False, hermitian=True) ; LA.eigh(x, "U")[0] ; LA.eigvalsh(x, UPLO="u") ;
LA.qr(x, "r") ; LA.qr(x, mode="complete")[1] ; LA.qr(x[:, :1])[0] ; LA.qr(x[:1])[1] ;
LA.qr(x[:, :2], "complete")[1] ; LA.cholesky(x @ x.T, upper=True) ; LA.cholesky(x @ x.T) ;
LA.matrix_power(x, n=2) ; LA.matrix_power(x, np.int64(-1)) ; LA.multi_dot((x, x, x[0])) ;
LA.multi_dot([x[0], x, x[1]]) ; LA.tensordot(x, x, axes=((0, 1), (1, 0))) ; LA.tensordot(x, x) ;
LA.tensorsolve(x, x[0]) ; LA.tensorinv(a=x, ind=1) ; LA.trace(x, offset=1) ;
LA.trace(x, dtype=float) ; LA.diagonal(x, offset=-1) ; LA.cross(x, x[0]) ;
LA.cross(x, x[1], axis=0) ; LA.vecdot(x, x, axis=0) ;
LA.outer(x[0], x[1]) ; LA.solve(x, b=x[0]) ; LA.solve(np.eye(3), x) ; LA.solve(x, [1.0, 2.0, 3.0]) ;
LA.solve(x[None], x[0]) ; LA.solve(x[None], x[None]) ; LA.lstsq(x, x[0], None)[0] ;
LA.lstsq(x, x, rcond=-1)[3] ; LA.lstsq(x[:, :1], x[:, 1], 0.1)[1] ; LA.matrix_transpose(x) ;
LA.multi_dot([[[1.0, 2.0, 3.0]], [[1.0], [2.0], [3.0]], x[:1]]) ; LA.cross([1.0, 2.0, 3.0], x) ;
LA.lstsq([[1, 2], [0, 1], [2, 2]], x[0])[0] ; LA.lstsq(np.eye(3, dtype=int), x)[1] ;
LA.solve([[1, 2, 0], [0, 1, 3], [2, 2, 1]], x) ; LA.vecdot(x, [1, 2, 3]) ;
LA.matmul(x, x[0]) ; LA.slogdet(a=x)[1] ; LA.inv(a=x) ; LA.det(x[None]) ;
LA.norm(x[:0], 1, (1, 0)) ; LA.norm(x[:0], np.inf) ;
LA.matrix_norm(x[None, :0], ord=2, keepdims=True) ;
LA.cond(x[None][:0])
"""


@pytest.mark.parametrize("form", [f.strip() for f in FORMS.split(";")])
def test_every_form_of_a_call(form):
    def call(x):
        return eval(form, dict(LA=LA, np=np, math=math, x=x))

    x = random(3, 3)
    try:
        expected = call(x)
    except ValueError as error:  # NumPy 2.0 had no largest of no entries
        pytest.skip(str(error))
    result = call(Tensor(x, requires_grad=True))
    assert isinstance(result, Tensor)
    assert result.requires_grad
    np.testing.assert_allclose(result.data, expected, rtol=1e-13, atol=1e-14)
    assert result.dtype == expected.dtype
    ag.check_grads(call, x)


def test_real_and_complex_factors_mix():
    a, z = random(3, 3), random(3, kind="complex")
    ag.check_grads(LA.solve, a, z)
    ag.check_grads(lambda a, z: LA.lstsq(a, z)[:2], a[:, :2], z)
    ag.check_grads(lambda a, z: LA.multi_dot([z, a, z]), a, z)
    x = Tensor(a, requires_grad=True)
    np.real(np.sum(LA.solve(x, z))).backward()
    assert x.grad.dtype == float


@pytest.mark.parametrize("call", [
    lambda x: LA.qr(x, "raw"), lambda x: LA.multi_dot([x, x], out=np.empty((2, 2))),
    lambda x: LA.matrix_power(x, 2.5), lambda x: LA.norm(x, "max"), lambda x: LA.norm(x[0], "fro"),
    lambda x: LA.norm(x, 3), lambda x: LA.tensorinv(x, 0), lambda x: LA.multi_dot([x]),
    lambda x: LA.outer(x, x), lambda x: LA.cross(x, x), lambda x: LA.inv(x[:1]),
    lambda x: LA.det(x[0]), lambda x: LA.solve(x, np.ones(3)), lambda x: LA.cholesky(-x @ x.T),
    lambda x: LA.inv(x * 0), lambda x: LA.matrix_power(x[:1], 1),
    lambda x: LA.matrix_power(x[0], 0),
    lambda x: LA.cond(x[:0]), lambda x: LA.norm(x[None], 2), lambda x: LA.eigh(x, UPLO="X"),
    lambda x: LA.tensorsolve(x, np.ones(3)),
])  # fmt: skip
def test_what_is_not_defined_is_refused(call):
    with pytest.raises((NoRuleError, ShapeError, ValueError, TypeError, LA.LinAlgError)):
        call(Tensor(random(2, 2), requires_grad=True))


def test_rank_is_a_constant():
    rank = LA.matrix_rank(Tensor(np.ones((3, 3)), requires_grad=True))
    assert rank.item() == 1
    assert not rank.requires_grad


EMPTY = [
    LA.inv, LA.det, LA.slogdet, LA.eigh, LA.svd, LA.svdvals, LA.qr, LA.cholesky, LA.pinv, LA.eig,
    LA.eigvals, LA.trace, LA.norm, lambda x: LA.solve(x, x), lambda x: LA.matrix_power(x, 2),
    lambda x: LA.vector_norm(x, axis=0), lambda x: LA.matrix_power(x, -1),
]  # fmt: skip


@pytest.mark.parametrize("shape", [(0, 0), (0, 2, 2), (2, 0, 0)])
@pytest.mark.parametrize("f", EMPTY)
def test_empty_matrices_and_batches(f, shape):
    x = Tensor(np.zeros(shape), requires_grad=True)
    ys = f(x)
    total = sum(np.sum(np.abs(y)) for y in (ys if isinstance(ys, tuple) else [ys]))
    total.backward()
    assert x.grad.shape == shape


@pytest.mark.parametrize("n", [-3, -1, 0, 1, 2, 3, 4, 6, 7])
def test_powers(n):
    a = random(3, 3)
    np.testing.assert_allclose(
        LA.matrix_power(Tensor(a, requires_grad=True), n).data, LA.matrix_power(a, n)
    )
    ag.check_grads(lambda a: LA.matrix_power(a, n), a)


def test_chains_are_multiplied_in_the_cheapest_order():
    sizes = [30, 35, 15, 5, 10, 20, 25]
    cost, _ = cheapest(sizes)
    assert cost == 15125  # the example of Cormen et al., Introduction to Algorithms
    arrays = [random(m, n, seed=m) for m, n in itertools.pairwise(sizes)]
    xs = [Tensor(a, requires_grad=True) for a in arrays]
    np.testing.assert_allclose(LA.multi_dot(xs).data, LA.multi_dot(arrays))


# --- other libraries --------------------------------------------------------------------------
# name -> (a function of a `linalg` module, a matrix and its adjoint, shape)
PAIRS = {
    "inv": (lambda la, a, _: la.inv(a), (3, 3)),
    "pinv": (lambda la, a, _: la.pinv(a), (3, 2)),
    "det": (lambda la, a, _: la.det(a), (3, 3)),
    "slogdet": (lambda la, a, _: la.slogdet(a)[1], (3, 3)),
    "svdvals": (lambda la, a, _: la.svdvals(a), (2, 3, 2)),
    "norm": (lambda la, a, _: la.norm(a), (2, 3)),
    "matrix_norm": (lambda la, a, _: la.matrix_norm(a), (2, 2, 3)),
    "cond": (lambda la, a, _: la.cond(a), (3, 3)),
    "matrix_power": (lambda la, a, _: la.matrix_power(a, -2), (3, 3)),
    "solve": (lambda la, a, h: la.solve(a, h @ a), (2, 3, 3)),
    "qr": (lambda la, a, _: la.qr(a)[1], (3, 3)),
    "cholesky": (lambda la, a, h: la.cholesky(a @ h), (3, 3)),
    "eigvalsh": (lambda la, a, h: la.eigvalsh(a + h), (3, 3)),
    "projector": (lambda la, a, h: abs(la.eigh(a + h)[1]) ** 2, (3, 3)),
    "vectors": (lambda la, a, _: abs(la.eig(a)[1]) ** 2, (3, 3)),
    "svd": (lambda la, a, _: abs(la.svd(a, full_matrices=False)[0]) ** 2, (2, 3, 2)),
}


def ours(name, kind):
    """The gradient of a random combination of the results, at what, and with which weights."""
    f, shape = PAIRS[name]
    a = random(*shape, kind=kind)
    weights = random(*np.shape(f(LA, a, adjoint(a))), seed=3)
    return ag.grad(lambda a: np.sum(np.real(f(LA, a, adjoint(a))) * weights))(a).data, a, weights


@kinds
@pytest.mark.parametrize("name", PAIRS)
def test_torch_has_the_same_gradients(name, kind):
    torch = pytest.importorskip("torch")
    gradient, a, weights = ours(name, kind)
    x = torch.tensor(a, requires_grad=True)
    y = PAIRS[name][0](torch.linalg, x, x.mH)
    (y.real * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), gradient, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", ["solve", "qr", "projector", "svd"])
def test_jax_has_the_same_gradients(name):
    jax = pytest.importorskip("jax")
    gradient, a, weights = ours(name, "real")
    f, la = PAIRS[name][0], jax.numpy.linalg
    with jax.enable_x64(True):
        theirs = jax.grad(lambda a: (f(la, a, a.mT) * weights).sum())(jax.numpy.array(a))
    np.testing.assert_allclose(theirs, gradient, rtol=1e-9, atol=1e-11)


# --- what is printed --------------------------------------------------------------------------
def printed(e, **names):
    return [str(line) for line in viz.derivation(e, names=names | {"e": e})]


def leaf(*shape, seed=0):
    return Tensor(random(*shape, seed=seed), requires_grad=True)


def test_a_gaussian_likelihood_prints_as_on_the_blackboard():
    d, factor = leaf(3), random(3, 3, seed=1)
    S = Tensor(factor @ factor.T + np.eye(3), requires_grad=True)
    z, logdet = LA.solve(S, d), LA.slogdet(S)[1]
    e = d @ z + logdet
    assert printed(e, S=S, d=d, z=z, logdet=logdet)[-2:] == [
        "∂e/∂S = S⁻ᵀ − S⁻ᵀ ∂e/∂z zᵀ",
        "∂e/∂d = z + S⁻ᵀ ∂e/∂z",
    ]
    formula = viz.formula(e, wrt=S, names=dict(e=e, S=S, d=d, z=z))
    assert str(formula) == "∂e/∂S = S⁻ᵀ − S⁻ᵀ d zᵀ"
    assert r"S^{-\top}" in formula.latex
    assert "<msup><mi>S</mi><mrow><mo" in formula.mathml
    np.testing.assert_allclose(formula.evaluate(), LA.inv(S.data) - np.outer(z.data, z.data))


def test_inverses_norms_and_determinants_in_print():
    A, x = leaf(3, 3), leaf(3)
    B = LA.inv(A)
    assert printed(np.sum(B * B), A=A, B=B)[-1] == "∂e/∂A = −Bᵀ ∂e/∂B Bᵀ"
    assert printed(LA.norm(x), x=x)[-1] == "∂e/∂x = x / e"
    assert printed(LA.det(A), A=A)[-1] == "∂e/∂A = cof(A)"
    y = LA.solve(A, x)
    assert "∂e/∂x = A⁻ᵀ ∂e/∂y" in printed(np.sum(y), A=A, x=x, y=y)
