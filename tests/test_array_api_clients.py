"""Libraries written for the array API standard run on Tensors, and are differentiated."""

import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

import autograd_lite as ag

pytestmark = pytest.mark.skipif(ag.__array_api_version__ < "2024.12", reason="an older NumPy")
A = np.array([[1.0, 2.0, 4.0], [3.0, -1.0, 0.5]])


def differentiates(f, *arrays):
    """A tracked result with NumPy's value and the right derivatives."""
    result = f(*(ag.Tensor(a, requires_grad=True) for a in arrays))
    assert isinstance(result, ag.Tensor)
    assert result.requires_grad
    np.testing.assert_allclose(result.data, f(*arrays), rtol=1e-12)
    ag.check_grads(f, *arrays)


def test_compat_finds_the_namespace():
    compat = pytest.importorskip("array_api_compat")
    t = ag.Tensor(A, requires_grad=True)
    assert compat.is_array_api_obj(t)
    assert compat.array_namespace(t, t.detach()) is ag
    assert (compat.device(t), compat.size(t)) == ("cpu", 6)
    assert compat.to_device(t, "cpu") is t


EINOPS = {
    "rearrange": lambda e, t: e.rearrange(t, "a (b c) -> c a b", c=3),
    "reduce": lambda e, t: e.reduce(t, "a b -> a", "mean"),
    "maximum": lambda e, t: e.reduce(t, "a b -> b", "max"),
    "repeat": lambda e, t: e.repeat(t, "a b -> a b k", k=2),
    "pack": lambda e, t: e.pack([t, t], "a *")[0],
}


@pytest.mark.parametrize("name", EINOPS)
def test_einops(name):
    einops = pytest.importorskip("einops.array_api")
    differentiates(lambda t: EINOPS[name](einops, t), A)


EXTRA = {
    "apply_where": lambda x, t: x.apply_where(t > 0, t, lambda a: a**2, lambda a: -a),
    "at": lambda x, t: x.at(t, (0, 1)).set(t[1, 1] ** 2, copy=True),
    "at_add": lambda x, t: x.at(t)[:, 0].add(t[:, 1], copy=True),
    "atleast_nd": lambda x, t: x.atleast_nd(t, ndim=3),
    "cov": lambda x, t: x.cov(t),
    "create_diagonal": lambda x, t: x.create_diagonal(t[0]),
    "kron": lambda x, t: x.kron(t, t),
    "nan_to_num": lambda x, t: x.nan_to_num(t),
    "one_hot": lambda x, t: x.one_hot(ag.asarray([0, 1]), 3) * t,
    "pad": lambda x, t: x.pad(t, 1),
    "partition": lambda x, t: x.partition(t, 1),
    "sinc": lambda x, t: x.sinc(t),
    "union1d": lambda x, t: x.union1d(t[0], t[1]),
}


@pytest.mark.parametrize("name", EXTRA)
def test_array_api_extra(name):
    extra = pytest.importorskip("array_api_extra")
    f = EXTRA[name]
    t = ag.Tensor(A, requires_grad=True)
    assert f(extra, t).requires_grad
    ag.check_grads(lambda a: f(extra, ag.asarray(a)), A)


def test_array_api_extra_counts_distinct_entries():
    extra = pytest.importorskip("array_api_extra")
    assert int(extra.nunique(ag.asarray([1, 2, 1]))) == 2


def run(code, module):
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    env = {**os.environ, "SCIPY_ARRAY_API": "1"}  # read when scipy is imported
    head = "import sys\nfrom test_array_api_clients import *\n"
    done = subprocess.run([sys.executable, "-c", head + code], env=env, capture_output=True,
                          text=True, cwd=os.path.dirname(__file__))  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_scipy():
    run(
        """
from scipy import fft, integrate, optimize, signal, special, stats
from scipy.spatial.transform import Rotation
P = abs(A)
differentiates(lambda t: special.logsumexp(t, axis=1), A)
differentiates(lambda t: special.logsumexp(t, b=2.0, keepdims=True), A)
differentiates(lambda t: special.softmax(t, axis=0), A)
differentiates(lambda t: special.log_softmax(t, axis=-1), A)
differentiates(lambda t: special.xlogy(t, t), P)
differentiates(lambda t: stats.zscore(t, axis=1), A)
differentiates(lambda t: stats.skew(t, axis=1), A)
differentiates(lambda t: stats.lmoment(t), A.ravel())
differentiates(lambda t: stats.gmean(t, axis=1), P)
differentiates(lambda t: stats.circmean(t, axis=1), P)
differentiates(lambda t: fft.rfft(t), A)
differentiates(lambda t: integrate.cumulative_trapezoid(t), A)
differentiates(lambda t: signal.hilbert(t), A)
differentiates(lambda t: optimize.rosen(t), A[0])
differentiates(lambda t: Rotation.from_quat(t).as_matrix(), np.array([1.0, 2.0, 3.0, 4.0]))
with pytest.raises(ag.errors.GraphError):  # compiled code takes the array out of the graph
    special.gammaln(ag.Tensor(P, requires_grad=True))
""",
        "scipy",
    )


def test_scikit_learn():
    run(
        """
import sklearn
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import cosine_similarity, euclidean_distances, rbf_kernel
from sklearn.preprocessing import MinMaxScaler, PolynomialFeatures
sklearn.set_config(array_api_dispatch=True)
X, y = np.random.default_rng(0).normal(size=(5, 3)), ag.asarray(np.arange(5.0))
for f in (
    lambda t: PCA(2, svd_solver="full").fit_transform(t),
    lambda t: Ridge(solver="svd").fit(t, y).coef_,
    lambda t: cosine_similarity(t),
    lambda t: euclidean_distances(t, ag.asarray(X[:2] + 1)),
    lambda t: rbf_kernel(t),
    lambda t: MinMaxScaler().fit_transform(t),
    lambda t: PolynomialFeatures(2).fit_transform(t),
):
    assert f(ag.Tensor(X, requires_grad=True)).requires_grad
    ag.check_grads(lambda a: f(ag.asarray(a)), X)
""",
        "sklearn",
    )
