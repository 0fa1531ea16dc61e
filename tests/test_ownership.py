"""Gradients are summed in place and given away without copies, and nobody can tell."""

import sys
import threading

import numpy as np
import pytest
from guarded import Guarded
from samples import SAMPLES

import autograd_lite as ag
from autograd_lite import Tensor, ownership
from autograd_lite.errors import DTypeError, GraphError


def tensors_in(result):
    found = result if isinstance(result, (tuple, list)) else [result]
    return [t for t in found if isinstance(t, Tensor) and t.requires_grad]


class Run:
    """A program that uses arguments and results of an operation in many ways, and what it gives."""

    def __init__(self, sample):
        arrays = sample.arrays()
        self.leaves = [
            Tensor(a, requires_grad=True) for a in (*arrays, *map(np.zeros_like, arrays))
        ]
        n = len(arrays)  # both terms of a sum get the same gradient
        middle = [x + y for x, y in zip(self.leaves[:n], self.leaves[n:], strict=True)]
        outs = [t for _ in range(2) for t in tensors_in(sample.call(*middle))]
        ways = (np.positive, np.transpose, np.ravel, np.tanh)
        uses = [way(t) for t in (*middle, *outs) for way in ways if way is np.positive or t.ndim]
        rng = np.random.default_rng(1)
        self.seeds = [np.asarray(rng.standard_normal(t.shape)).astype(t.dtype) for t in uses]
        self.shown: list = []  # what hooks saw, and copies of it
        for t in outs:
            t.register_hook(lambda g: self.shown.append((g, np.array(g))))
        self.kept = [t.retain_grad() for t in middle]
        parts = [
            np.sum(np.real(t * np.conjugate(u))) for t, u in zip(uses, self.seeds, strict=True)
        ]
        self.loss = sum(parts[::2], 0.0) + sum(parts[1::2], 0.0)
        self.values = [t.data for t in (*self.leaves, *middle, *outs)]

    def backward(self, retain):
        for t in (*self.leaves, *self.kept):
            t._node.grad = None
        self.shown.clear()
        self.loss.backward(retain_graph=retain)
        return [t.grad for t in (*self.leaves, *self.kept)]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_summing_in_place_changes_nothing(sample, monkeypatch):
    with np.errstate(all="ignore"):
        run = Run(sample)
        others = [*run.values, *run.seeds]
        before = [np.array(a) for a in others]
        found = run.backward(retain=True)
        for seen, copy in run.shown:
            np.testing.assert_array_equal(seen, copy)
        expected = [np.array(g) for g in found]
        for i, g in enumerate(found):
            assert type(g) is np.ndarray
            assert not any(np.shares_memory(g, a) for a in (*others, *found[:i]))
            g[...] = 7.0  # it is the user's
        for name in ("ALONE", "PASSED", "IN_TABLE"):
            monkeypatch.setattr(ownership, name, 0)  # so everything is copied
        for g, e in zip(run.backward(retain=False), expected, strict=True):
            np.testing.assert_array_equal(g, e)
    for array, copy in zip(others, before, strict=True):
        np.testing.assert_array_equal(array, copy)


def counts():
    return ownership.unshared_count(), ownership.unshared_passed_count()


def test_references_are_never_counted_too_low():
    """What was measured on import must be the least that is ever found, or shared arrays pass."""
    found = [counts()]
    thread = threading.Thread(target=lambda: found.extend(counts() for _ in range(5000)))
    thread.start()  # a thread has no tracer of this one
    thread.join()
    assert all(c[0] >= ownership.ALONE and c[1] >= ownership.PASSED for c in found)


@pytest.mark.parametrize("name", ["trace", "profile"])
def test_under_a_tracer_everything_counts_as_shared(name):
    old = getattr(sys, f"get{name}")()
    getattr(sys, f"set{name}")(lambda *_: None)
    try:
        assert ownership.measured() == (0, 0)
    finally:
        getattr(sys, f"set{name}")(old)


def test_memory_that_numpy_does_not_manage_is_not_taken_for_unshared():
    buffer = bytearray(24)
    assert not ownership.own_memory(np.frombuffer(buffer))
    assert not ownership.own_memory(np.zeros(4)[:2])
    assert not ownership.own_memory(np.broadcast_to(np.zeros(1), 3))
    assert ownership.own_memory(np.zeros(3))


def test_gradients_of_other_kinds_are_not_shared_either():
    x, y = (ag.asarray(Guarded(np.ones(3)), requires_grad=True) for _ in range(2))
    seed = Guarded(np.ones(3))
    (x + y).backward(seed)
    x.grad[0] = 5.0
    np.testing.assert_array_equal(y.grad.inside, 1.0)
    np.testing.assert_array_equal(seed.inside, 1.0)


@pytest.mark.parametrize("call", [
    lambda m, t: m * t, lambda m, t: t * m, lambda m, t: m + t, lambda m, t: m / t,
    lambda m, t: np.ma.multiply(m, t), lambda m, t: np.ma.sqrt(t), lambda m, t: np.ma.sum(t),
    lambda m, t: np.ma.where(m > 1, t, m), lambda m, t: np.ma.array(t),
])  # fmt: skip
def test_masked_arrays_do_not_take_tracked_tensors_apart(call):
    t = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    with pytest.raises((GraphError, DTypeError), match=r"tracked|masked"):
        call(np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0]), t)
