"""The forms in which NumPy's functions may be called: values and derivatives of each."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.errors import NoRuleError, ShapeError

MASK = np.array([[True, False, True], [False, True, True]])
ROW = np.array([True, False, True])

FORMS = """
# shape
np.reshape(x, [3, 2]) ; x.reshape(3, -1) ;
x.reshape((3, 2), order="F") ; np.reshape(x, (6,), "F") ; x.flatten("F") ; x.ravel() ;
np.reshape(x[:1, :1], ()) ; np.reshape(x[:0], (3, 0)) ; np.transpose(x, [1, 0]) ;
np.transpose(x, (-1, 0)) ; x.transpose(1, 0) ; np.moveaxis(x, 0, -1) ;
np.moveaxis(x, [0, 1], [1, 0]) ; np.rollaxis(x, 1) ; np.rollaxis(x, -1) ; np.rollaxis(x, 0, 2) ;
np.expand_dims(x, (-1, 0)) ; np.squeeze(x[:, :1], -1) ; np.squeeze(x[:1], (0,)) ;
np.flip(x, (0, 1)) ; np.flip(x, -1) ; np.rot90(x, 5) ; np.rot90(x, 0) ; np.rot90(x, -2, (1, 0)) ;
np.rot90(x, 3, (1, 0)) ; np.roll(x, (1, 2)) ; np.roll(x, 2, (0, 1)) ; np.roll(x, -1, axis=-1) ;
np.triu(x[0]) ; np.tril(x, -1) ; np.resize(x, 13) ; np.resize(x, (0, 2)) ;
np.resize(x[:0], (2, 2)) ; np.resize(x, ()) ; np.atleast_1d(x, x[0, 0], 2.0)[1] ;
np.atleast_2d(x[0]) ; np.atleast_3d(x[0, 0]) ; np.broadcast_arrays(x, x[:, :1])[1] ;
np.diagonal(x, -1) ; np.diagonal(x, 5) ; np.diagonal(x, offset=1) ; np.diag(x[0], 2) ;
np.diag(x, 1) ; np.diag(np.diag(x)) ; np.trace(x, -1) ; x.trace() ; np.diagflat(x, -1) ;
# joining
np.concatenate((x, x * 2), -2) ; np.concatenate([x, np.ones((1, 3))]) ;
np.concatenate([x, x], dtype=np.float64) ; np.concatenate([x[:0], x]) ; np.stack((x, x), -2) ;
np.stack([x[0, 0], 1.0]) ; np.vstack((x[0], x, [1.0, 2.0, 3.0])) ; np.hstack([x[0], 1.0]) ;
np.dstack([x[0], x[1]]) ; np.column_stack([x[0], x[1], x[:, :3].T]) ;
np.block([[x, x[:, :1]], [np.ones((1, 4))]]) ; np.block([x[0], 1.0, x[1]]) ; np.block(x) ;
np.block([[[x]], [[x * 2]]]) ; np.append(x, 1.0) ; np.append(x, [[1.0, 2.0, 3.0]], axis=0) ;
np.append([1.0], x) ; np.insert(x, 1, 2.0) ; np.insert(x, 1, [1.0, 2.0], axis=1) ;
np.insert(x, [1], [[1.0], [2.0]], axis=1) ; np.insert(x, [0, 0, 3], x[0], axis=1) ;
np.insert(x, -1, 7, axis=-1) ; np.insert(x, slice(0, 3, 2), 1.0, axis=1) ;
np.insert(np.ones(3), 1, x[0, 0]) ;
np.insert(x, [0, 2], x[:, :2], axis=1) ; np.delete(x, -1, 1) ; np.delete(x, slice(None, None, 2)) ;
np.delete(x, ROW, axis=-1) ; np.delete(x, [], axis=0) ; np.delete(x, [0, 0, 4]) ;
np.split(x, 3, axis=-1)[1] ; np.split(x, [1, 1, 5], 1)[3] ; np.array_split(x, 2, 1)[1] ;
np.hsplit(x[0], [1])[1] ; np.dsplit(x[None], 3)[2] ; np.tile(x, ()) ; np.tile(x, 0) ;
np.tile(x[0, 0], (2, 2)) ; np.repeat(x, [1, 2, 0], -1) ; np.repeat(x, 0) ;
np.repeat(x, np.array([2]), 0) ; np.repeat(x[0, 0], 3) ; x.repeat(2, 0) ;
# padding
np.pad(x, (1, 2)) ; np.pad(x, ((1, 2),)) ; np.pad(x, [[0, 0], [1, 0]], "edge") ;
np.pad(x, 1, constant_values=((1, 2), (3, 4))) ;
np.pad(x, 1, "constant", constant_values=(x[0, 0], 2.0)) ;
np.pad(x, 1, constant_values=((x[0, 0], x[1, 1]), (1.0, x[0, 2]))) ; np.pad(x, 2, "linear_ramp") ;
np.pad(x, 2, "linear_ramp", end_values=((x[0, 0], 1.0), (2.0, 0.0))) ; np.pad(x, 7, "reflect") ;
np.pad(x, (7, 5), "reflect", reflect_type="odd") ; np.pad(x, 7, "symmetric") ;
np.pad(x, 7, "symmetric", reflect_type="odd") ; np.pad(x, (7, 3), "wrap") ;
np.pad(x[:1], 3, "reflect", reflect_type="odd") ;
np.pad(x[:1], 3, "symmetric", reflect_type="odd") ; np.pad(x[:1], 2, "wrap") ;
np.pad(x, 1, "mean") ; np.pad(x, 1, "mean", stat_length=((1, 2), (3, 9))) ;
np.pad(x, (1, 0), "maximum", stat_length=1) ; np.pad(x, 2, "minimum") ; np.pad(x[0, 0], 0) ;
np.pad(x, 0, "wrap") ; np.pad(x[:, :0], ((0, 0), (1, 1))) ;
# indexing
x[0] ; x[-1, ::-2] ; x[...] ; x[None, ..., None, 1] ; x[np.int64(1)] ; x[MASK] ; x[:, ROW] ;
x[ROW[:2], ::-1] ; x[[0, 1, 1], ROW.nonzero()[0][[0, 1, 1]]] ; x[MASK[:, 0], [0, 0]] ;
x[[[0, 1], [1, 1]], None, 2] ; x[True] ; x[False] ; x[np.array(True)] ; x[np.array(1)] ;
x[None, [0, 0], ..., None] ; x[[]] ; x[[], :] ; x[np.array([], int), 1] ; x[5:] ; x[()] ;
x[0, 0][()] ; x[0, 0][...] ; x[0, 0][None] ; x[[-1, 1]] ; x[:, [[0], [2]]] ;
x[np.ix_([0, 1], [2, 2])] ; x[True, [0, 0]] ; x[[1], ROW] ; x[Tensor([1, 0])] ; x[x > 0] ;
x[np.array([1, 0], np.uint8)] ; x[::-1, None, ::2] ; x[(0, 1),] ; x[1, True] ;
# selection
np.take(x, [0, -1]) ; np.take(x, 1, -1) ; np.take(x, axis=1, indices=[2, 2]) ;
np.take(x, [9], mode="clip") ; np.take(x, [[7]], axis=0, mode="wrap") ; np.take(x, []) ;
np.take_along_axis(x, np.argsort(x, axis=1), 1) ; np.take_along_axis(x, np.array([[1, 0, 1]]), 0) ;
np.compress([True], x, axis=0) ; np.compress([0, 1], x, 1) ; np.extract(x > 0, x) ;
np.select([x > 1.2, x > 0], [x, x * 2]) ; np.select([MASK, ~MASK], [x, 1.0], x[0]) ;
np.choose([1, 0, 1], [x[0], x[1]]) ; np.choose([[5, 0, -1]], x, mode="clip") ; np.choose(1, x) ;
np.trim_zeros(x[0], "f") ; np.trim_zeros(x[0] * [0.0, 1.0, 0.0]) ;
np.trim_zeros(x[0] * [0.0, 1.0, 0.0], "b") ; np.trim_zeros(x[0] * 0) ; np.unique(x) ;
np.unique(x, axis=1) ; np.unique(x, return_inverse=True)[0] ; np.union1d(x, [0.6, 0.25]) ;
np.union1d([0.6, 0.25], x) ; np.setdiff1d(x, x[0]) ; np.setdiff1d(x, x[0], True) ;
np.setxor1d(x[0], x) ; np.intersect1d(x, x[0]) ; np.intersect1d(x, x, return_indices=True)[0] ;
np.apply_along_axis(np.cumsum, -1, x) ; np.apply_along_axis(np.outer, 1, x, [1.0, 2.0]) ;
np.apply_over_axes(np.sum, x, 0) ; np.apply_over_axes(np.mean, x, (0, 1)) ;
np.meshgrid(x[0], [1.0, 2.0])[0] ; np.meshgrid(x[0])[0] ; np.linspace(x[0], x[1], 3, axis=-1) ;
np.linspace(x[0, 0], 2, 4, retstep=True)[1] ; np.linspace(0, x[0], 1) ;
np.linspace(x[0, 0], x, 2, endpoint=False) ; np.linspace(x[0, 0], 1.0, 0) ;
np.logspace(0, x[0], 3, base=2) ; np.geomspace(1.0, np.exp(x), 3) ;
np.geomspace(-1.0, -np.exp(x[0, 0]), 4, endpoint=False) ; np.full_like(x, x[0, 0], shape=(2,)) ;
np.full_like(x, x[0]) ;
# products
np.einsum("ij->ji", x) ; np.einsum("ji", x) ; np.einsum("i...->...", x) ;
np.einsum("...j,kj", x, x) ; np.einsum(x, [0, 1], x, [2, 1], [0, 2]) ; np.einsum(x, [1, 0]) ;
np.einsum(x, [..., 3], [3, ...]) ; np.einsum("ij,kj->ik", x, x, optimize="greedy") ;
np.einsum("ij,kj,kl->il", x, x, x, optimize=["einsum_path", (0, 1), (0, 1)]) ;
np.einsum("ij,ij->j", x[:, :1], x) ; np.einsum("ijij->ij", np.multiply.outer(x, x)) ;
np.einsum(" i j , j -> i ", x, x[0]) ; np.einsum("i,->i", x[0], 2.0) ; np.tensordot(x, x, 0) ;
np.tensordot(x, x, ((0, 1), (0, 1))) ; np.tensordot(x, x, [[-1], [-1]]) ; np.inner(x, x) ;
np.inner(x, 2.0) ; np.outer(x, x) ; np.outer(x[0, 0], [1.0, 2.0]) ; np.vdot(x, x) ;
np.vdot(x, np.ones(6)) ; np.kron(x, x[0]) ; np.kron(x[0, 0], x) ; np.kron(np.ones((2, 1, 2)), x) ;
np.cross(x, x[0]) ; np.cross(x.T, [1.0, 2.0, 3.0], axisa=0) ;
np.cross(x.T, 2 * x.T[:, ::-1], axis=0) ; np.dot(x[0], x.T) ; np.dot(x, x.T[None]) ;
np.dot(x[0], x[1]) ; np.dot(3.0, x) ; x.dot(x[0]) ;
# calculus
np.diff(x) ; np.diff(x, n=0) ; np.diff(x, n=5) ; np.diff(x, axis=0, prepend=0) ;
np.diff(x, append=x[:, :2], n=2) ; np.diff([1.0, 2.0], prepend=x[0]) ;
np.ediff1d(x, 3.0, [1.0, 2.0]) ; np.gradient(x)[1] ; np.gradient(x, 2, axis=1) ;
np.gradient(x, axis=(1,)) ; np.gradient(x, 0.5)[0] ;
np.gradient(x, [0.0, 2.0], [0.0, 1.0, 5.0])[1] ; np.gradient(x[0], [0.0, 1.0, 5.0], edge_order=2) ;
np.gradient(x[0], edge_order=2) ; np.gradient([1.0, 4.0, 9.0], x[0] - x[1]) ; np.trapezoid(x) ;
np.trapezoid(x, axis=0) ; np.trapezoid(x, [0.0, 1.0, 3.0]) ; np.trapezoid([1.0, 2.0, 3.0], x[0]) ;
np.trapezoid(x, x ** 2) ; np.trapezoid(x, dx=x[0, 0]) ; np.convolve(x[0], 2.0) ;
np.correlate(x[0], [1.0, 2.0]) ;
# polynomials
np.polyval(x[0], x) ; np.polyval(x[0], 2.0) ; np.polyadd(x[0], 1.0) ; np.polysub([1.0, 2.0], x[0]) ;
np.polymul(x[0], 2.0) ; np.polymul([0.0], x[0]) ; np.polymul([0.0, 1.0], np.append(0.0, x[0])) ;
np.polyder(x[0], 0) ; np.polyder(x[0], 3) ; np.polyint(x[0], 2, 3.0) ; np.polyint(x[0], k=x[0, 0]) ;
np.polyint(x[1], 2, [x[0, 0], 2.0]) ; np.polydiv(x[0], [1.0, 2.0])[0] ;
np.polydiv(x[0], [1.0, 2.0])[1] ; np.polydiv(np.polymul(x[0], [1.0, 3.0]), [1.0, 3.0])[0] ;
np.poly(x[0]) ; np.poly(x[0] + 1j * x[1]) ; np.vander(x[0], 2) ; np.vander(x[0], 0) ;
np.roots(np.append(x[0], [0.0])) ; np.roots(np.append([0.0], x[0])) ;
np.polyfit([0.0, 1.0, 2.0], x[0], 1) ; np.polyfit(x[0], [1.0, 2.0, 4.0], 1, w=[1.0, 2.0, 1.0]) ;
# statistics
np.cov(x) ; np.cov(x, rowvar=False) ; np.cov(x[0]) ; np.cov(x[0], x[1], ddof=0) ;
np.cov(x, aweights=x[0] ** 2) ; np.cov(x, fweights=[1, 2, 3], bias=True) ;
np.cov([1.0, 2.0, 4.0], x[0]) ; np.cov(x[0] + 1j * x[1], x[1]) ; np.corrcoef(x) ;
np.corrcoef(x[0], [1.0, 2.0, 4.0]) ; np.corrcoef(x[0] + 1j * x[1], x[1] - 2j * x[0]) ;
np.bincount([0, 2, 2], x[0]) ; np.bincount([0, 2, 2], weights=x[0], minlength=1) ;
np.histogram([0.0, 0.5, 1.0], 2, weights=x[0])[0] ;
np.histogram([0.0, 0.4, 9.0], [0.0, 0.5, 1.0], weights=x[0], density=True)[0] ;
np.histogram([0.0, 0.4, 0.9], bins=2, range=(0.0, 1.0), weights=x[0] + 1j * x[1])[0] ;
np.histogram(x, 4, density=True)[0] ; np.histogram(x, "sqrt")[1] ; np.histogram(x[0, :1], 2)[1] ;
"""
FORMS = [
    form.strip() for line in FORMS.splitlines() if line[:1] != "#" for form in line.split(" ;")
]
SLIDING = [
    f"np.{name}({pair}, {mode!r})"
    for pair in ("x[0, :1], x[1]", "x[0, :2], x[1]", "np.ravel(x), x[0]", "np.ravel(x), x[0, :2]",
                 "x[0], np.ravel(x)", "x[0, :2], np.append(x, 1.0)")
    for mode in ("full", "same", "valid")
    for name in ("convolve", "correlate")
]  # fmt: skip
X = np.array([[0.5, -1.25, 2.0], [1.0, 0.75, -0.3]])
Z = X + 1j * np.array([[0.3, -0.2, 0.7], [0.1, 0.9, -0.4]])


@pytest.mark.parametrize("text", [*filter(None, FORMS), *SLIDING])
def test_every_form_has_numpys_value_and_the_right_gradient(text):
    form = eval(f"lambda x: {text}")
    expected = form(X)
    y = form(Tensor(X, requires_grad=True))
    assert isinstance(y, Tensor)
    assert y.shape == np.shape(expected)
    assert y.dtype == np.asarray(expected).dtype
    np.testing.assert_allclose(y.data, expected, rtol=1e-12, atol=1e-13)
    assert y.requires_grad
    ag.check_grads(form, X, order=1)
    single = X.astype(np.float32)
    assert form(Tensor(single, requires_grad=True)).dtype == np.asarray(form(single)).dtype


@pytest.mark.parametrize("text", [*filter(None, FORMS), *SLIDING])
def test_every_form_has_the_right_gradient_for_complex_numbers_or_numpys_refusal(text):
    form = eval(f"lambda x: {text}")
    refusals = TypeError, ValueError, np.exceptions.ComplexWarning
    try:
        expected = form(Z)
    except refusals:
        with pytest.raises(refusals):
            form(Tensor(Z, requires_grad=True))
        return
    y = form(Tensor(Z, requires_grad=True))
    assert y.dtype == np.asarray(expected).dtype
    np.testing.assert_allclose(y.data, expected, rtol=1e-12, atol=1e-13)
    ag.check_grads(form, Z, order=1)


REFUSALS = [
    (lambda x: np.pad(x, 1, lambda *args: None), NoRuleError, "concatenate"),
    (lambda x: np.pad(x, 1, "edge", end_values=1.0), ValueError, "modes"),
    (lambda x: np.pad(x, 1, "sideways"), ValueError, "linear_ramp"),
    (lambda x: np.cross(x[:, :2], x[:, :2]), ShapeError, "in the plane"),
    (lambda x: np.take(x[0], x), NoRuleError, "detach"),
    (lambda x: np.take(x, [9]), IndexError, "out of bounds"),
    (lambda x: np.take(x, 1, mode="near"), ValueError, "clip"),
    (lambda x: np.choose([2, 0, 0], [x[0], x[1]]), ValueError, "not in 0 … 1"),
    (lambda x: np.choose([-1, 0, 0], [x[0], x[1]]), ValueError, "not in 0 … 1"),
    (lambda x: np.select([x], [x]), TypeError, "boolean"),
    (lambda x: np.select([x > 0], [x, x]), ValueError, "1 conditions for 2"),
    (lambda x: np.block([x, [x]]), ShapeError, "deep"),
    (lambda x: np.block([[x], []]), ShapeError, "empty"),
    (lambda x: np.rot90(x, 1, (1, -1)), ValueError, "different"),
    (lambda x: np.fliplr(x[0]), ShapeError, "two or more"),
    (lambda x: np.diag(x[None]), ShapeError, "diag"),
    (lambda x: np.convolve(x[0], x[0], "some"), ValueError, "valid"),
    (lambda x: np.convolve(x, x[0]), ShapeError, "convolve"),
    (lambda x: np.gradient(x, 1.0, 2.0, 3.0), TypeError, "3 spacings for 2 axes"),
    (lambda x: np.gradient(x, edge_order=2), ShapeError, "axis 0"),
    (lambda x: np.gradient(x, [1.0, 2.0], axis=1), ShapeError, "length 3"),
    (lambda x: np.gradient(x, edge_order=3), ValueError, "1 or 2"),
    (lambda x: np.diff(x, n=-1), ValueError, "-1"),
    (lambda x: np.poly(x[:, :2]), NoRuleError, "eigvals"),
    (lambda x: np.polyfit([0.0, 1.0, 2.0], x[0], 1, full=True), NoRuleError, "lstsq"),
    (lambda x: np.polyder(x[0], -1), ValueError, "polyint"),
    (lambda x: np.polyint(x[0], -1), ValueError, "polyder"),
    (lambda x: np.bincount(x[0]), NoRuleError, "integers"),
    (lambda x: np.histogram2d(x[0], x[1]), NoRuleError, "histogram"),
    (lambda x: np.savetxt("never", x), NoRuleError, "data"),
    (lambda x: np.einsum("...i->i", x), ShapeError, "ellipsis"),
    (lambda x: np.einsum("i", x), ShapeError, "does not fit"),
    (lambda x: np.einsum("ij,jk", x), ShapeError, "2 subscripts for 1"),
    (lambda x: np.insert(x, 9, 1.0), IndexError, "out of bounds"),
    (lambda x: np.delete(x, 9), IndexError, "out of bounds"),
    (lambda x: np.pad(x, x[0, 0]), TypeError, "integers"),
    (lambda x: np.geomspace(x[0, 0] * 0, 1.0), ValueError, "zero"),
    (lambda x: np.meshgrid(x[0], indexing="ab"), ValueError, "'xy' or 'ij'"),
    (lambda x: np.apply_along_axis(np.sum, 0, x[:, :0]), ValueError, "no vector"),
    (lambda x: np.lib.stride_tricks.sliding_window_view(x, 9, axis=0), ValueError, "window"),
    (lambda x: np.resize(x, (-1, 2)), ValueError, "not negative"),
]


@pytest.mark.parametrize(("form", "error", "words"), REFUSALS)
def test_what_cannot_be_done_is_said(form, error, words):
    with pytest.raises(error, match=words):
        form(Tensor(X, requires_grad=True))


def test_repeated_values_share_nothing_the_first_one_has_the_gradient():
    x = Tensor([2.0, 1.0, 2.0], requires_grad=True)
    values, first, counts = np.unique(x, return_index=True, return_counts=True)
    assert (first.data.tolist(), counts.data.tolist()) == ([1, 0], [1, 2])
    (values * np.array([1.0, 10.0])).sum().backward()
    np.testing.assert_array_equal(x.grad, [10.0, 1.0, 0.0])


def test_unique_values_keep_numpys_order():
    a = np.array([0.5, -2.0, 3.0, 0.5, 1e9, -7.0, np.nan])
    x = Tensor(a, requires_grad=True)
    np.testing.assert_array_equal(np.unique_values(x).data, np.unique_values(a))
    found = np.unique_counts(x)
    np.testing.assert_array_equal(found.values.data, np.unique_counts(a).values)
    np.testing.assert_array_equal(found.counts.data, np.unique_counts(a).counts)
    assert found.values.requires_grad
    assert not found.counts.requires_grad


def test_counts_of_a_histogram_are_untracked_and_its_edges_follow_the_data():
    x = Tensor([0.0, 0.3, 2.0], requires_grad=True)
    counts, edges = np.histogram(x, bins=2)
    assert not counts.requires_grad
    np.testing.assert_array_equal(counts.data, [2, 1])
    edges[1].backward()
    np.testing.assert_array_equal(x.grad, [0.5, 0.0, 0.5])


def test_assignment_takes_every_index_and_value_that_numpy_takes():
    cases = [(0, 1.0), (MASK, 7.0), (MASK, np.arange(4.0)), ((slice(None), ROW), [[1.0], [2.0]]),
             ((..., -1), X[:, 0]), ([0, 0], X), (np.array(True), 2.0), ((None, 1), X[:1]),
             (slice(0, 0), 5.0), ((ROW[:2], 1), 4.0), ((1, 1), 3.0), ([], 1.0)]  # fmt: skip
    for index, value in cases:
        expected = X.copy()
        expected[index] = value

        def assigned(x, v, index=index):
            y = x * 1.0
            y[index] = v
            return y

        y = assigned(Tensor(X, requires_grad=True), value)
        np.testing.assert_array_equal(y.data, expected)
        ag.check_grads(assigned, X, np.asarray(value, dtype=float))


def test_a_root_that_occurs_twice_has_no_derivative():
    x = Tensor([1.0, -2.0, 1.0], requires_grad=True)
    with np.errstate(all="ignore"):
        np.sum(np.abs(np.roots(x))).backward()
    assert not np.any(np.abs(x.grad) < 1e6)
