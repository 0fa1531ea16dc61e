"""The engine against JAX in double precision, for every row whose function JAX has too.

Skipped where JAX is not installed: pip install jax.
"""

import numpy as np
import pytest
from samples import SAMPLES

import autograd_lite as ag

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)

NAMESPACES = {np: jax.numpy, np.linalg: jax.numpy.linalg, np.fft: jax.numpy.fft}
PEERS = {
    getattr(ours, name): getattr(theirs, name)
    for ours, theirs in NAMESPACES.items()
    for name in dir(ours)
    if not name.startswith("_") and callable(getattr(ours, name)) and hasattr(theirs, name)
}
# JAX returns zeros for these, silently; finite differences say otherwise
ZERO_IN_JAX = {getattr(np, name) for name in """
unique unique_all unique_counts unique_inverse unique_values
union1d setdiff1d setxor1d intersect1d
""".split() if hasattr(np, name)}  # noqa: SIM905  # fmt: skip
COMPARABLE = [s for s in SAMPLES if s.function in PEERS and s.function not in ZERO_IN_JAX
              and (s.function is not np.sign or s.domain != "complex")]  # fmt: skip


def numbers(result):
    leaves = result if isinstance(result, (tuple, list)) else [result]
    return [y for y in leaves if np.dtype(y.dtype).kind in "fc"]


def directions(rng, like):
    drawn = [rng.standard_normal(x.shape) + 1j * rng.standard_normal(x.shape) for x in like]
    kinds = [np.dtype(x.dtype).kind for x in like]
    return [d if kind == "c" else d.real for d, kind in zip(drawn, kinds, strict=True)]


def real_inner(us, xs, np=np):
    return sum(np.sum(np.real(np.conj(u) * x)) for u, x in zip(us, xs, strict=True))


def ours(call, us, vs, order):
    """Gradient of ⟨u, f(x)⟩, and of the inner product of that with v."""

    def first(*xs):
        return real_inner(us, numbers(call(*xs)))

    def second(*xs):
        return real_inner(vs, ag.grad(first, tuple(range(len(xs))))(*xs))

    functions = [first, second][:order]
    return lambda *xs: [g.data for f in functions for g in ag.grad(f, tuple(range(len(xs))))(*xs)]


def theirs(call, us, vs, order):
    jnp = jax.numpy

    def grads(f):
        """JAX's gradient is the conjugate of ours."""
        return lambda *xs: [jnp.conj(g) for g in jax.grad(f, tuple(range(len(xs))))(*xs)]

    def first(*xs):
        return real_inner(us, numbers(call(*xs)), jnp)

    def second(*xs):
        return real_inner(vs, grads(first)(*xs), jnp)

    functions = [first, second][:order]
    return lambda *xs: [np.asarray(g) for f in functions for g in grads(f)(*xs)]


REFUSALS = TypeError, NotImplementedError, ValueError, AttributeError  # of a form JAX lacks


@pytest.mark.filterwarnings("ignore")  # JAX's own
@pytest.mark.parametrize("sample", COMPARABLE, ids=str)
def test_first_and_second_derivatives_are_jaxs(sample):
    arrays, rng = sample.arrays(), np.random.default_rng(3)
    us = directions(rng, numbers(sample.symmetrized(sample.function)(*arrays)))
    vs = directions(rng, arrays)
    try:
        expected = theirs(sample.symmetrized(PEERS[sample.function]), us, vs, sample.order)(*arrays)
    except REFUSALS as error:
        pytest.skip(f"JAX does not take this form: {type(error).__name__}")
    found = ours(sample.symmetrized(sample.function), us, vs, sample.order)(*arrays)
    for g, e in zip(found, expected, strict=True):
        np.testing.assert_allclose(g, e, rtol=1e-7, atol=1e-8)


def test_most_rows_are_compared():
    assert len(COMPARABLE) > len(SAMPLES) / 2
