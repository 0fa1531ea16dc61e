"""The graph: order, freeing, memory, length."""

import gc
import time
import tracemalloc
import weakref

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.backward import pull_back
from autograd_lite.graph import ancestors, on_path


def test_nodes_are_visited_newest_first_and_once():
    x = Tensor(2.0, requires_grad=True)
    a = x * x
    b = np.exp(a)
    c = a + b
    d = c * a
    seen = []
    pull_back([(d._node, np.ones(()))], observe=lambda node, g, sent: seen.append(node))
    assert seen == [t._node for t in (d, c, b, a)]


def test_observers_see_each_contribution():
    x = Tensor(3.0, requires_grad=True)
    y = x * x
    events = []
    pull_back([(y._node, np.ones(()))], observe=lambda *event: events.append(event))
    ((node, g, sent),) = events
    assert node is y._node
    assert g == 1
    assert [(i, e is x._node, float(c)) for i, e, c in sent] == [(0, True, 3.0), (1, True, 3.0)]


def test_ancestors_are_in_order_of_creation():
    x = Tensor(1.0, requires_grad=True)
    y = np.sin(x) * x
    nodes = ancestors([y._node])
    assert [n.index for n in nodes] == sorted(n.index for n in nodes)
    assert [n.op.name if n.op else "leaf" for n in nodes] == ["leaf", "sin", "multiply"]


def test_only_the_path_to_the_inputs_is_visited():
    x, w = (Tensor(2.0, requires_grad=True) for _ in range(2))
    middle = x * 3
    side = np.exp(np.exp(w))
    loss = middle * middle + side
    visited = []
    pull_back([(loss._node, np.ones(()))], [middle._node], retain=True,
              observe=lambda node, g, sent: visited.append(node.op.name))  # fmt: skip
    assert visited == ["add", "multiply"]
    assert on_path([loss._node], [w._node]) >= {w._node.index, side._node.index}
    assert ag.gradients(loss, [middle])[0].item() == 12
    assert w.grad is None
    loss.backward()
    assert x.grad == 36


def test_inplace_accumulation_never_touches_a_shared_buffer():
    x = Tensor(np.ones(3), requires_grad=True)
    y = x * 1.0
    u = np.ones(3)
    out = y + y + y + y
    kept = y.retain_grad()
    out.backward(u)
    np.testing.assert_array_equal(u, 1)
    np.testing.assert_array_equal(kept.grad, 4)
    np.testing.assert_array_equal(x.grad, 4)


def test_intermediates_are_freed_without_the_garbage_collector():
    gc.disable()
    try:
        x = Tensor(np.ones(1000), requires_grad=True)
        y = np.tanh(x * 2)
        watch = [weakref.ref(y.data), weakref.ref(y._node)]
        loss = (y + 1).sum()
        del y
        assert watch[0]() is not None  # tanh reads its output
        loss.backward()
        assert watch[0]() is None  # and is done with it, while the graph can still be drawn
        assert watch[1]() is not None
        del loss
        assert watch[1]() is None
    finally:
        gc.enable()


def test_backward_frees_as_it_goes():
    x = Tensor(np.ones(1), requires_grad=True)
    y = np.tanh(x)
    alive = []
    first = weakref.ref(y.data)
    late = y * 1.0
    late.register_hook(lambda g: alive.append(second() is not None))
    z = np.tanh(late)
    second = weakref.ref(z.data)
    loss = z.sum()
    del y, late, z
    loss.backward()
    assert alive == [False]  # the later tanh's output is gone when the earlier part is reached
    assert first() is None


def test_additions_in_a_row_keep_one_array():
    size = 1_000_000
    x = Tensor(np.ones(size), requires_grad=True)
    tracemalloc.start()
    try:
        y = x
        for _ in range(20):
            y = y + 1.0
        kept = tracemalloc.get_traced_memory()[0]
        loss = y.sum()
        del y
        loss.backward()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert kept < 1.01 * 8 * size + 100_000  # y itself
    assert peak < 3 * 8 * size  # y and the next one, then one gradient


@pytest.mark.parametrize("length", [100_000])
def test_long_chains_are_recorded_differentiated_and_freed(length):
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(length):
        y = y + x
    y.backward()
    assert x.grad == length + 1
    node = weakref.ref(y._node)
    start = time.perf_counter()
    del y
    assert node() is None
    assert time.perf_counter() - start < 10  # freed in a loop, not by a collection each


def test_a_diamond_of_sixty_doublings_is_linear():
    x = Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(60):
        y = y + y
    y.backward()
    assert x.grad == 2.0**60


def test_a_graph_can_be_shared_by_two_losses():
    x = Tensor(2.0, requires_grad=True)
    h = x * x
    (h * 2).backward(retain_graph=True)
    (h * 3).backward()
    assert x.grad == 4 * 2 + 4 * 3


KEPT = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize("first", [True, False])
def test_a_sum_of_gradients_is_not_written_into_memory_that_others_use(first):
    """A rule may return an array that it keeps, or a view; a seed belongs to the user."""
    keeping = ag.rule(lambda a: a * KEPT, "a", name="keeping", a=lambda g: KEPT)
    viewing = ag.rule(lambda a: a * KEPT, "a", name="viewing", a=lambda g: KEPT[:])
    x = Tensor(np.ones(3), requires_grad=True)
    for operation in (keeping, viewing, np.positive):
        terms = [operation(x), np.tanh(x)]
        seed = np.ones(3)
        (terms[not first] + terms[first]).backward(seed)
        np.testing.assert_array_equal(KEPT, [1.0, 2.0, 3.0])
        np.testing.assert_array_equal(seed, np.ones(3))


def test_two_gradients_are_added_without_a_third_array():
    x = Tensor(np.ones(250_000), requires_grad=True)
    y = np.sin(x)
    loss = np.sum(y * 2.0 + y)  # one contribution is shared with g, the other is new
    tracemalloc.start()
    loss.backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.5 * x.nbytes  # the sum, and its product with the cosine
