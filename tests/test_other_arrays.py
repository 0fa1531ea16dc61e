"""Tensors of arrays of other kinds: a guarded duck array for every operation."""

from dataclasses import replace

import numpy as np
import pytest
from guarded import Guarded, opened
from rows import convolution, pooling
from samples import SAMPLES, Fixed

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.errors import NoRuleError
from autograd_lite.registry import RULES


def outputs(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


def gradients(sample, kind):
    """First gradients and, of their sum of squares, second ones."""
    xs = [ag.asarray(kind(a), requires_grad=True) for a in sample.arrays()]
    call = replace(sample, specs=tuple(of_kind(s, kind) for s in sample.specs)).call
    first = ag.gradients(squares(outputs(call(*xs))), xs, create_graph=sample.order > 1)
    if sample.order == 1:
        return list(first)
    total = squares(first)
    return [*first, *ag.gradients(total, xs)] if total.requires_grad else list(first)


def of_kind(spec, kind):
    """An array that is not differentiated, as one of the same kind as the others."""
    value = spec.value if isinstance(spec, Fixed) else None
    return Fixed(kind(value)) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else spec


def squares(tensors):
    return sum(np.sum(np.real(t * np.conjugate(t))) for t in tensors if t.dtype.kind in "fc")


# written for the order of NumPy's arrays in memory; conv1d … conv3d have a form for every kind
NUMPYS = {s.function for s in (*convolution.ROWS, *pooling.ROWS)}
NUMPYS -= {getattr(convolution.c, f"conv{n}d") for n in (1, 2, 3)}
REFUSING = [s for s in SAMPLES if s.function in NUMPYS and s.function not in RULES]


@pytest.mark.parametrize("sample", REFUSING, ids=str)
def test_what_is_for_numpys_arrays_only_refuses_others(sample):
    with pytest.raises(NoRuleError, match="for NumPy's only"):
        gradients(sample, Guarded)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.function not in NUMPYS], ids=str)
def test_no_rule_falls_back_to_numpy(sample):
    found = gradients(sample, Guarded)
    assert {type(g.data) for g in found} == {Guarded}
    for g, expected in zip(found, gradients(sample, np.array), strict=True):
        np.testing.assert_allclose(g.data.inside, expected.data, rtol=1e-10, atol=1e-12)


def test_a_guarded_array_is_kept_and_cannot_leave_silently():
    a = Guarded(np.arange(3.0))
    x = ag.asarray(a, requires_grad=True)
    assert x.data is a
    (x * x).sum().backward()
    np.testing.assert_array_equal(opened(x.grad), [0, 2, 4])
    with pytest.raises(TypeError, match="guarded"):
        np.asarray(x.detach())
    assert isinstance(Tensor(a).data, Guarded)
