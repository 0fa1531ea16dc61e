"""Normalisation in blocks: against the definition, whatever the order in memory."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import functional as F
from autograd_lite.rules import normalisation_arrays
from autograd_lite.rules.normalisation import standardised, standardised_body

rng = np.random.default_rng(0)
ORDERS = [(0, 1, 2, 3), (0, 2, 3, 1), (2, 0, 3, 1), (1, 0, 2, 3), (3, 0, 1, 2)]
LAST, CHANNELS = (2, 3), (0, 2, 3)


def ordered(a, order):
    """The same numbers, with axes in this order in memory."""
    return np.transpose(np.ascontiguousarray(np.transpose(a, order)), np.argsort(order))


@pytest.mark.parametrize("block", [1, 20, 10**6])
@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("axes", [LAST, CHANNELS], ids=str)
@pytest.mark.parametrize("weights", [(True, True), (True, False), (False, True), (False, False)])
@pytest.mark.parametrize("centred", [True, False])
def test_blocks_give_what_the_definition_gives(monkeypatch, block, order, axes, weights, centred):
    monkeypatch.setattr(normalisation_arrays, "BLOCK", block)
    x, g = (ordered(rng.standard_normal((4, 3, 2, 5)) + 2, order) for _ in range(2))
    shape = (2, 5) if axes == LAST else (1, 3, 1, 1)
    scale, shift = (rng.standard_normal(shape) if given else None for given in weights)
    leaves = [a for a in (x, scale, shift) if a is not None]

    def through(f):
        def call(*leaves):
            rest = iter(leaves)
            operands = [next(rest) if a is not None else None for a in (x, scale, shift)]
            return f(*operands, axes, 1e-3, centred, None)

        y, pull = ag.vjp(call, *leaves)
        return [y.data, *(a.data for a in pull(g))]

    for a, b in zip(through(standardised), through(standardised_body), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


def test_a_large_mean_costs_no_accuracy():
    x = (rng.standard_normal((8, 3, 6, 6)) + 3000).astype(np.float32)
    g = rng.standard_normal(x.shape).astype(np.float32)
    for f in (
        lambda x: F.batch_norm(x, None, None, training=True),
        lambda x: F.layer_norm(x, axis=(2, 3)),
    ):
        (y, pull), (z, exact) = (ag.vjp(f, a) for a in (x, x.astype(float)))
        assert y.dtype == np.float32
        np.testing.assert_allclose(y.data, z.data, atol=1e-3)  # 4 units in the last place of 3000
        np.testing.assert_allclose(pull(g)[0].data, exact(g.astype(float))[0].data, atol=3e-3)


def test_only_the_input_and_numbers_for_rows_are_kept():
    x = ag.Tensor(rng.standard_normal((6, 50)), requires_grad=True)
    node = F.layer_norm(x)._node
    kept = [a for a in node.saved[0:] if isinstance(a, np.ndarray) and a is not x.data]
    assert sum(a.size for a in kept) == 12
