"""Tensors: what users rely on, and what bad input is told."""

import asyncio
import contextvars
import copy
import gc
import math
import pickle
import threading
import weakref

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, functional as F
from autograd_lite.errors import (
    AnomalyError,
    DTypeError,
    GraphError,
    NoRuleError,
    RuleError,
    ShapeError,
)
from autograd_lite.modes import NORMAL, mode, switched


def leaf(*values, dtype=float):
    return Tensor(values if len(values) > 1 else values[0], requires_grad=True, dtype=dtype)


# --- creation -------------------------------------------------------------------------------------


def test_tensor_copies_and_asarray_shares():
    a = np.zeros(3)
    assert not np.shares_memory(Tensor(a).data, a)
    assert ag.asarray(a).data is a
    t = Tensor(a)
    assert ag.asarray(t) is t


def test_attributes():
    t = Tensor([[1, 2, 3]], dtype=np.float32, name="x")
    assert (t.shape, t.ndim, t.size, t.dtype, t.name) == ((1, 3), 2, 3, np.float32, "x")
    assert t.T.shape == t.mT.shape == (3, 1)
    assert t.is_leaf
    assert not t.requires_grad
    assert len(t) == 1
    assert [x.tolist() for x in t] == [[1.0, 2.0, 3.0]]


@pytest.mark.parametrize(
    ("data", "options"),
    [([1, 2], {}), ([True], {}), (np.arange(3), {}), ([1.5], dict(dtype=int))],
)
def test_only_floats_and_complex_numbers_can_require_grad(data, options):
    with pytest.raises(DTypeError, match="cannot require grad"):
        Tensor(data, requires_grad=True, **options)


@pytest.mark.parametrize("data", [["a"], [None], [object()], [[1.0], [1.0, 2.0]], "text"])
def test_data_that_is_no_array_of_numbers_is_refused(data):
    with pytest.raises(DTypeError):
        Tensor(data)


def test_masked_arrays_and_tracked_data_are_refused():
    with pytest.raises(DTypeError, match="masked"):
        Tensor(np.ma.array([1.0], mask=[True]))
    with pytest.raises(NoRuleError, match="detach"):
        Tensor(leaf(1.0))


def test_object_arrays_are_refused_as_operands():
    with pytest.raises(DTypeError, match=r"add: an operand of dtype object \(shape \(1,\)\)"):
        leaf(1.0, 2.0) + np.array([object()])


# --- backward -------------------------------------------------------------------------------------


def test_gradients_accumulate_until_cleared():
    x = leaf(1.0, 2.0)
    (x * x).sum().backward()
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad, [4, 8])
    x.zero_grad()
    assert x.grad is None


def test_backward_of_an_array_needs_a_gradient_of_its_shape():
    y = leaf(1.0, 2.0) * 2
    with pytest.raises(ShapeError, match=r"shape \(2,\) needs a gradient.*sum\(\).*ones"):
        y.backward()
    with pytest.raises(ShapeError, match=r"\(2,\) got a gradient of shape \(3,\)"):
        y.backward(np.ones(3))


def test_backward_of_an_untracked_tensor():
    with pytest.raises(GraphError, match="requires_grad=True"):
        Tensor(1.0).backward()
    with pytest.raises(GraphError, match="no_grad"), ag.no_grad():
        (leaf(1.0) * 2).backward()


def test_second_backward_needs_retain_graph():
    x = leaf(3.0)
    y = x * x
    y.backward()
    with pytest.raises(GraphError, match="retain_graph=True"):
        y.backward()
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad == 18.0


def test_a_gradient_is_an_array_of_its_own():
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    u = np.ones(2)
    (a + b).backward(u)
    assert not np.shares_memory(a.grad, b.grad)
    assert not np.shares_memory(a.grad, u)
    assert not np.shares_memory(b.grad, u)
    assert isinstance(leaf(2.0).grad, type(None))
    x = leaf(2.0)
    (x * x).backward()
    assert type(x.grad) is np.ndarray


def test_a_gradient_never_shares_memory_with_values():
    x = leaf(1.0, 2.0)
    y = np.exp(x)
    z = (y * 1.0).retain_grad()
    (z * y).sum().backward()
    for array in (y.data, z.data, x.data):
        assert not np.shares_memory(x.grad, array)


def test_merges_add_over_all_paths():
    x = leaf(2.0)
    y = x * 3
    (y + y * x + x).backward()
    assert x.grad == 3 + 12 + 1


def test_retain_grad_and_hooks():
    x = leaf(1.0, 2.0)
    y = (x * 2).retain_grad()
    seen = []
    remove = y.register_hook(seen.append)
    double = x.register_hook(lambda g: 2 * g)
    (y * y).sum().backward()
    np.testing.assert_array_equal(y.grad, [4, 8])
    np.testing.assert_array_equal(seen[0], [4, 8])
    np.testing.assert_array_equal(x.grad, [16, 32])
    remove()
    double.remove()
    x.zero_grad()
    (x * 2).sum().backward()
    np.testing.assert_array_equal(x.grad, [2, 2])
    x.register_hook(lambda g: g[:1])
    with pytest.raises(ShapeError, match="hook"):
        (x * 2).sum().backward()
    with pytest.raises(GraphError):
        Tensor(1.0).register_hook(print)


def test_outputs_of_one_operation_are_independent():
    x = leaf(1.0, 2.0, 3.0, 4.0)
    first, second = np.split(x, 2)
    second = second.retain_grad()
    (second * second).sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 0, 6, 8])
    np.testing.assert_array_equal(second.grad, [6, 8])
    assert first.grad is None


def test_grad_can_be_assigned_with_its_shape():
    x = leaf(1.0, 2.0)
    x.grad = [1, 2]
    assert x.grad.dtype == float
    with pytest.raises(ShapeError):
        x.grad = np.ones(3)
    with pytest.raises(GraphError):
        Tensor(1.0).grad = 1.0


# --- leaving the graph ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "leave",
    [
        np.asarray, np.array, float, int, math.exp, list(range(5)).__getitem__, Tensor.numpy,
        lambda t: np.array([t, t]), lambda t: np.zeros(1).__setitem__(slice(None), t),
        lambda t: np.zeros(1).__iadd__(t), lambda t: np.add(np.ones(1), t, out=np.ones(1)),
    ],
)  # fmt: skip
def test_nothing_leaves_the_graph_silently(leave):
    with pytest.raises(GraphError):
        leave(leaf(1.0) * 1)


def test_the_ways_out():
    x = leaf(1.5)
    assert x.item() == 1.5
    assert x.tolist() == 1.5
    assert f"{x:.3f}" == "1.500"
    assert not x.detach().requires_grad
    assert x.detach().data is x.data
    assert float(x.detach()) == 1.5
    assert bool(x > 1)
    t = Tensor([1, 2])
    assert np.asarray(t).tolist() == [1, 2]
    assert np.array_equal(np.array([t, t]), [[1, 2], [1, 2]])
    assert [10, 20, 30][t[1]] == 30


def test_printing():
    assert repr(Tensor([1.0, 2.0])) == "Tensor([1., 2.])"
    assert repr(Tensor([1.0], dtype=np.float32)) == "Tensor([1.], dtype=float32)"
    assert repr(leaf(1.0)) == "Tensor(1., requires_grad=True)"
    assert repr(Tensor(1.0, name="x")) == "Tensor(1., name='x')"
    assert repr(leaf(2.0) * 2) == "Tensor(4., op=multiply)"
    assert f"{Tensor([0.5, 1.0])}" == "Tensor([0.5, 1. ])"


def test_comparisons_give_untracked_booleans():
    x = leaf(1.0, 2.0, 3.0)
    mask = (x > 1) & ~(x == 3)
    assert isinstance(mask, Tensor)
    assert mask.dtype == bool
    assert not mask.requires_grad
    assert mask.tolist() == [False, True, False]
    assert len({x, x, leaf(1.0)}) == 2  # hashed by identity


# --- values, not variables ------------------------------------------------------------------------


def test_augmented_assignment_makes_a_new_value():
    x = leaf(1.0, 2.0)
    y = x * 1
    before = y
    y += x
    y *= 2
    y -= 1
    y /= 2
    y **= 2
    y.sum().backward()
    np.testing.assert_array_equal(before.data, [1, 2])
    np.testing.assert_allclose(x.grad, 4 * (2 * x.data - 0.5))


def test_item_assignment_is_differentiated():
    x, v = leaf(1.0, 2.0, 3.0), leaf(5.0)
    y = x * 2
    view = y[1:]
    y[1] = v * v
    (y * y).sum().backward()
    np.testing.assert_array_equal(view.data, [4, 6])  # views do not alias
    np.testing.assert_array_equal(y.data, [2, 25, 6])
    np.testing.assert_array_equal(x.grad, [8, 0, 24])
    assert v.grad == 2 * 25 * 2 * 5
    buffer = Tensor(np.zeros(2))
    buffer[0] = v
    assert buffer.requires_grad


def test_item_assignment_of_a_wrong_shape():
    y = leaf(1.0, 2.0, 3.0) * 2
    with pytest.raises(ShapeError, match=r"put: shapes \(3,\), \(2,\)"):
        y[:] = np.ones(2)


def test_a_leaf_is_updated_in_place_only_inside_no_grad():
    x = leaf(1.0, 2.0)
    array = x.data
    with pytest.raises(GraphError, match="no_grad"):
        x += 1
    with pytest.raises(GraphError, match="no_grad"):
        x[0] = 1
    with ag.no_grad():
        x -= 0.5
        x[1] = 7
    assert x.data is array
    assert x.tolist() == [0.5, 7.0]
    assert x.requires_grad


@pytest.mark.parametrize(
    "update",
    [
        lambda w: setattr(w, "data", w.data - 1),
        lambda w: w.data.__isub__(1) is None or setattr(w, "data", w.data),
        lambda w: ag.no_grad()(Tensor.__isub__)(w, 1),
        lambda w: ag.no_grad()(Tensor.__setitem__)(w, 0, 1.0),
    ],
)
@pytest.mark.parametrize(
    "use",
    [lambda w: w * w, lambda w: w.reshape(2, 1) @ w.reshape(1, 2), lambda w: np.sin(w.T[:1])],
)
def test_an_update_between_forward_and_backward_is_detected(update, use):
    w = leaf(1.0, 2.0)
    loss = use(w).sum()
    update(w)
    with pytest.raises(GraphError, match="changed in place"):
        loss.backward()
    use(w).sum().backward()  # a new forward pass is fine


def test_an_update_that_no_rule_reads_is_harmless():
    w = leaf(1.0, 2.0)
    loss = (w + 1).sum()
    w.data -= 1
    loss.backward()
    np.testing.assert_array_equal(w.grad, [1, 1])


def test_data_keeps_its_shape_and_dtype():
    w = leaf(1.0, 2.0)
    with pytest.raises(ShapeError, match="cannot replace"):
        w.data = np.ones(3)
    with pytest.raises(ShapeError, match="cannot replace"):
        w.data = np.ones(2, np.float32)
    with pytest.raises(GraphError, match="intermediate"):
        (w * 2).data = np.ones(2)


def test_copies_are_leaves_of_their_own():
    x = Tensor([1.0], requires_grad=True, name="x")
    for y in (copy.deepcopy(x), pickle.loads(pickle.dumps(x)), copy.copy(x)):
        assert y.requires_grad
        assert y.name == "x"
        (x * y).sum().backward()
        assert x.grad == [1.0]
        assert y.grad == [1.0]
        assert not np.shares_memory(x.data, y.data)
        x.zero_grad()
    with pytest.raises(GraphError, match="detach"):
        copy.copy(x * 1)


# --- recording state ------------------------------------------------------------------------------


def test_no_grad_as_context_and_decorator():
    x = leaf(1.0)
    with ag.no_grad():
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad
    assert not ag.no_grad()(lambda: x * 2)().requires_grad


def test_recording_state_is_per_thread_and_per_task():
    x, seen = leaf(1.0), {}
    inside, done = threading.Event(), threading.Event()

    def other():
        inside.wait()
        seen["thread"] = (x * 2).requires_grad
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with ag.no_grad():
        inside.set()
        done.wait()
    thread.join()

    async def quiet():
        with ag.no_grad():
            await asyncio.sleep(0.01)
            return (x * 2).requires_grad

    async def loud():
        await asyncio.sleep(0.005)
        return (x * 2).requires_grad

    async def both():
        return await asyncio.gather(quiet(), loud())

    assert seen == {"thread": True}
    assert asyncio.run(both()) == [False, True]


def test_backward_from_many_threads_adds_up():
    x = Tensor(np.zeros(10), requires_grad=True)
    threads = [threading.Thread(target=lambda: [(x * 1).sum().backward() for _ in range(50)])
               for _ in range(8)]  # fmt: skip
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    np.testing.assert_array_equal(x.grad, np.full(10, 400.0))


def test_detect_anomaly_names_the_operation_and_the_line():
    x = leaf(1.0, 0.0)
    with ag.detect_anomaly(), np.errstate(divide="ignore"):
        with pytest.raises(AnomalyError, match=r"log: .*-inf.*test_tensor.py:\d+"):
            np.log(x)
        loss = np.sqrt(x).sum()
        with pytest.raises(AnomalyError, match=r"sqrt.*inf.*test_tensor.py:\d+"):
            loss.backward()
    with np.errstate(divide="ignore"):
        np.sqrt(leaf(0.0)).backward()  # outside nothing is scanned


def test_a_singular_point_behind_where_is_found_and_the_safe_idiom_works():
    x = leaf(0.0, 4.0)
    with ag.detect_anomaly(), np.errstate(divide="ignore", invalid="ignore"):
        loss = np.where(x > 0, np.sqrt(x), 0.0).sum()
        with pytest.raises(AnomalyError, match=r"sqrt.*gradient is 0 there.*np\.where\(mask"):
            loss.backward()
        positive = x > 0
        np.where(positive, np.sqrt(np.where(positive, x, 1.0)), 0.0).sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 0.25])


# --- NumPy ----------------------------------------------------------------------------------------


def test_functions_operators_and_methods_are_one_path():
    x = leaf(0.5, 1.5)
    for y in (np.exp(x), x.exp()):
        assert y._node.op.name == "exp"
    for y in (x + x, np.add(x, x)):
        assert y._node.op.name == "add"
    for y in (np.ones(2) + x, 1 + x, np.float64(1) + x, [1.0, 1.0] + x):  # noqa: RUF005
        assert isinstance(y, Tensor)
        assert y.tolist() == [1.5, 2.5]
    for y in (np.ones(2) @ x, np.ones((2, 2)) @ x, 2**x, 5 % x, 1 - x, 3 / x, abs(-x), +x, x // 1):
        assert isinstance(y, Tensor)
    assert x.sum(0).item() == np.add.reduce(x).item() == 2.0
    assert np.maximum.reduce(x).requires_grad


def test_method_forms():
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    assert x.reshape(3, 2).shape == x.reshape((3, 2)).shape == x.reshape(-1, 2).shape == (3, 2)
    assert x.transpose(1, 0).shape == x.transpose().shape == x.transpose((1, 0)).shape == (3, 2)
    assert x.mean(axis=0, keepdims=True).shape == (1, 3)
    assert x.std().requires_grad
    assert x.clip(1, 2).tolist() == [[1, 1, 2], [2, 2, 2]]
    assert x.astype(np.float32).dtype == np.float32
    assert x.flatten().shape == (6,)
    assert not x.argmax().requires_grad
    assert x.max(1).tolist() == [2, 5]
    assert x.dot(np.ones(3)).shape == (2,)
    assert x.softmax(0).shape == (2, 3)


def test_untracked_tensors_use_all_of_numpy():
    t = Tensor([3.0, 1.0, 2.0])
    assert np.median(t).item() == 2.0
    assert isinstance(np.sort(t), Tensor)
    assert np.where(t > 1)[0].tolist() == [0, 2]
    assert np.linalg.norm(t).item() == pytest.approx(14**0.5)
    out = np.zeros(3)
    np.add(t, 1, out=out)
    assert out.tolist() == [4, 2, 3]
    out -= t
    assert out.tolist() == [1, 1, 1]


def test_a_function_without_a_rule_names_its_neighbours():
    with pytest.raises(NoRuleError, match=r"np\.subtract\.reduce has no derivative rule.*Nearest"):
        np.subtract.reduce(leaf(1.0, 2.0))
    with pytest.raises(NoRuleError, match=r"np\.power\.accumulate"):
        np.power.accumulate(leaf(1.0, 2.0))
    with pytest.raises(NoRuleError, match=r"np\.heaviside\.outer"):
        np.heaviside.outer(leaf(0.0, 2.0), leaf(1.0, 2.0))
    with pytest.raises(NoRuleError, match="'where' is not supported"):
        np.add(leaf(1.0, 2.0), 1.0, where=np.array([True, False]))
    with pytest.raises(AttributeError):
        leaf(1.0).no_such_method()


def test_a_ufunc_that_is_not_numpys_is_not_called_so():
    own = np.frompyfunc(math.exp, 1, 1)
    with pytest.raises(NoRuleError, match=r"^exp .*not NumPy's\) has no"):
        own(Tensor(1.0, requires_grad=True))


def test_shapes_that_do_not_fit_are_named():
    a, b = Tensor(np.ones((2, 3)), requires_grad=True), np.ones((2, 2))
    with pytest.raises(
        ShapeError, match=r"matmul: shapes \(2, 3\), \(2, 2\) do not fit; .* transpose"
    ):
        a @ b
    with pytest.raises(ShapeError, match=r"add: shapes \(2, 3\), \(2, 2\)"):
        a + b
    with pytest.raises(ShapeError, match=r"concatenate"):
        np.concatenate([a, b])
    with pytest.raises(IndexError, match="getitem"):
        a[7]
    with pytest.raises(ValueError, match="sum"):
        a.sum(5)


def test_tracked_tensors_are_refused_where_no_gradient_flows():
    x = leaf(1.0, 2.0)
    with pytest.raises(NoRuleError, match=r"where.*cond"):
        np.where(x, x, x)
    with pytest.raises(NoRuleError, match="index"):
        x[x]
    with pytest.raises(NoRuleError, match="'shape' got a tracked Tensor"):
        np.broadcast_to(x, x)


def test_index_arrays_are_copied():
    x, i = leaf(1.0, 2.0, 3.0), np.array([0, 1])
    y = x[i].sum()
    i[:] = 2
    y.backward()
    np.testing.assert_array_equal(x.grad, [1, 1, 0])
    t = Tensor([2, 0])
    assert x[t].tolist() == [3, 1]
    assert x[x > 1].tolist() == [2, 3]


def test_kinks_follow_one_policy():
    x = leaf(-1.0, 0.0, 1.0)
    F.relu(x).sum().backward()
    np.testing.assert_array_equal(x.grad, [0, 0, 1])
    x.zero_grad()
    np.abs(x).sum().backward()
    np.testing.assert_array_equal(x.grad, [-1, 0, 1])
    x.zero_grad()
    np.clip(x, -1, 0).sum().backward()  # passes at both bounds
    np.testing.assert_array_equal(x.grad, [1, 1, 0])
    t = leaf(2.0, 2.0, 1.0)
    np.max(t).backward()
    np.testing.assert_array_equal(t.grad, [0.5, 0.5, 0])
    a, b = leaf(1.0, 2.0), leaf(1.0, 3.0)
    np.maximum(a, b).sum().backward()
    np.testing.assert_array_equal(a.grad, [0.5, 0])
    np.testing.assert_array_equal(b.grad, [0.5, 1])


# --- cross entropy --------------------------------------------------------------------------------


def test_cross_entropy_of_large_logits_is_finite():
    logits = leaf([1000.0, -1000.0], [0.0, 0.0])
    loss = F.cross_entropy(logits, np.array([1, 0]))
    assert loss.item() == pytest.approx((2000 + np.log(2)) / 2)
    loss.backward()
    np.testing.assert_allclose(logits.grad, [[0.5, -0.5], [-0.25, 0.25]])


@pytest.mark.parametrize(
    ("target", "error", "message"),
    [
        (np.array([0, 3]), ValueError, "0 to 2"),
        (np.array([-1, 0]), ValueError, "-1"),
        (np.array([0.0, 1.0]), DTypeError, "integers"),
        (np.array([0, 1, 2]), ShapeError, r"\(2,\)"),
        (np.ones((3, 2)), ShapeError, r"\(2, 3\)"),
        (np.ones((2, 3), int), ShapeError, r"\(2, 3\)"),
    ],
)
def test_cross_entropy_refuses_wrong_targets(target, error, message):
    with pytest.raises(error, match=message):
        F.cross_entropy(Tensor(np.zeros((2, 3)), requires_grad=True), target)
    with pytest.raises(ValueError, match="reduction"):
        F.cross_entropy(np.zeros((1, 3)), [0], reduction="total")


def test_cross_entropy_of_plain_arrays_is_a_number():
    assert F.cross_entropy(np.zeros((2, 4)), [1, 2]) == pytest.approx(np.log(4))


# --- traps that were met once ---------------------------------------------------------------------


def test_labels_of_transposed_logits():
    raw = np.random.default_rng(0).standard_normal((2, 4, 3))
    labels = np.array([[0, 3, 1], [2, 2, 0]])
    x = Tensor(raw, requires_grad=True)
    F.cross_entropy(np.transpose(x, (0, 2, 1)), labels).backward()
    z = Tensor(np.ascontiguousarray(raw.transpose(0, 2, 1)), requires_grad=True)
    F.cross_entropy(z, labels).backward()
    np.testing.assert_allclose(x.grad.transpose(0, 2, 1), z.grad)


def test_a_subclass_is_a_tensor():
    class Parameter(Tensor):
        pass

    a, b = Parameter([1.0, 2.0], requires_grad=True), leaf(3.0, 4.0)
    for y in (a * b, b * a, np.stack([a, b])[0] * b, np.where([True, False], a, b) * b):
        a.zero_grad()
        b.zero_grad()
        y.sum().backward()
        assert type(a.grad) is np.ndarray
        assert b.grad is not None


def test_a_matrix_operand_is_an_array():
    x = Tensor(np.ones((2, 2)), requires_grad=True)
    with pytest.warns(PendingDeprecationWarning):
        m = np.matrix([[1.0, 2.0], [3.0, 4.0]])
    (x * m).sum().backward()
    np.testing.assert_array_equal(x.grad, np.asarray(m))


def test_numpys_writers_are_refused():
    c = Tensor([1.0, 2.0])
    for write in (lambda: np.copyto(c, 7.0), lambda: np.place(c, [True, False], 7.0),
                  lambda: np.put(c, 0, 7.0), lambda: np.fill_diagonal(c, 1.0)):  # fmt: skip
        with pytest.raises(GraphError, match="write"):
            write()
    with pytest.raises(DTypeError, match="dtype=float"):
        Tensor([1, 2])[0] = leaf(2.5)


def test_assigned_values_may_have_leading_axes():
    v = Tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    y = leaf(1.0, 2.0, 3.0) * 2
    y[:] = v
    (y * y).sum().backward()
    np.testing.assert_array_equal(v.grad, [[2, 4, 6]])


def test_hooks_read_and_return_but_do_not_write():
    x, y, u = leaf(1.0, 2.0), leaf(3.0, 4.0), np.ones(2)
    x.register_hook(lambda g: g.__imul__(10))
    with pytest.raises(ValueError, match="read-only"):
        (x + y).backward(u)
    z = Tensor([1.0, 2.0], requires_grad=True, dtype=np.float32)
    z.register_hook(lambda g: [1.0, 2.0])
    (z * 1).sum().backward()
    assert z.grad.dtype == np.float32
    a = (leaf(1.0, 2.0) + 0).retain_grad()
    b = (a + 0).retain_grad()
    b.backward(u)
    a.grad *= 5
    assert b.grad.tolist() == u.tolist() == [1, 1]


def test_disjoint_views_of_one_buffer_are_told_apart():
    flat = np.ones((4, 2))
    a, b = (ag.asarray(flat[:, i], requires_grad=True) for i in range(2))
    loss = (a * a).sum()
    with ag.no_grad():
        b -= 1.0
    loss.backward()
    np.testing.assert_array_equal(a.grad, [2, 2, 2, 2])


def test_no_grad_decorates_functions_that_overlap_in_threads():
    first, second = threading.Event(), threading.Event()
    x, seen = leaf(1.0), []

    @ag.no_grad()
    def quiet(mine, other):
        mine.set()
        other.wait()

    def outside():
        quiet(second, first)
        seen.append((x * 1).requires_grad)

    thread = threading.Thread(target=outside)
    with ag.no_grad():
        thread.start()
        quiet(first, second)
        seen.append((x * 1).requires_grad)
    thread.join()
    assert sorted(seen) == [False, True]
    with pytest.raises(TypeError, match="generator"):
        ag.no_grad()(lambda: (yield))


def test_empty_arrays():
    for f, shapes in (
        (np.matmul, [(2, 3, 0), (0, 4)]), (np.matmul, [(2, 2, 3), (3, 0)]),
        (np.matmul, [(2, 2, 0), (0,)]), (lambda x: np.prod(x, axis=1), [(3, 0)]),
        (np.sum, [(0, 2)]), (lambda x: x[[]], [(3,)]), (lambda x: np.var(x, axis=0), [(3, 0)]),
    ):  # fmt: skip
        xs = [Tensor(np.ones(s), requires_grad=True) for s in shapes]
        f(*xs).sum().backward()
        assert [x.grad.shape for x in xs] == shapes


def test_variance_of_one_value_is_nan_as_in_numpy():
    x = Tensor([1.0], requires_grad=True)
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="Degrees of freedom"):
        np.var(x, ddof=1).backward()
    assert np.isnan(x.grad[0])


@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray])
@pytest.mark.parametrize("order", ["C", "F", "A", "K"])
def test_orders_are_numpys(order, layout):
    a = layout(np.arange(6.0).reshape(2, 3))
    x = Tensor(a, requires_grad=True)
    x.data = a
    np.testing.assert_array_equal(np.ravel(x, order=order).data, np.ravel(a, order=order))
    if order != "K":
        expected = np.reshape(a, (3, 2), order=order)
        np.testing.assert_array_equal(np.reshape(x, (3, 2), order=order).data, expected)


def test_an_order_of_memory_that_is_neither_is_refused():
    x = Tensor(np.ones((2, 3, 4)), requires_grad=True)
    with pytest.raises(NoRuleError, match="order"):
        np.ravel(np.swapaxes(x, 0, 1), order="K")


def test_integer_operands_do_not_overflow_in_rules():
    x = leaf(3.0, 4.0)
    n = np.array([50000, 60000], np.int32)
    np.arctan2(x, n).sum().backward()
    np.testing.assert_allclose(x.grad, n / (x.data**2 + n.astype(float) ** 2))
    t = leaf(1.3, 2.7)
    base = np.array([2, 3], np.uint8)
    (base**t).sum().backward()
    np.testing.assert_allclose(t.grad, base**t.data * np.log(base.astype(float)))
    z = leaf(1e10, 2.0)
    (z ** np.array([0, 1], np.uint8)).sum().backward()
    np.testing.assert_array_equal(z.grad, [0, 1])


def test_hooks_are_registrations():
    x, calls = leaf(1.0, 2.0), []
    fn = calls.append
    first, second = x.register_hook(fn), x.register_hook(fn)
    first()
    (x * x).sum().backward()
    assert len(calls) == 1
    x.grad *= 0.1
    np.testing.assert_array_equal(calls[0], [2, 4])  # what a hook keeps stays as it was
    second.remove()
    gc.disable()
    try:
        y = x * x
        y.register_hook(print)
        node = weakref.ref(y._node)
        del y
        assert node() is None
    finally:
        gc.enable()


# --- modes --------------------------------------------------------------------------------------
def test_one_context_manager_serves_several_threads():
    shared = ag.named_scope("shared")
    inside, leave = threading.Barrier(4), threading.Barrier(4)
    after = []

    def run(outer):
        with outer:
            before = mode.get()
            with shared:
                inside.wait()
                leave.wait()
            after.append(mode.get() is before)
        after.append(mode.get() is NORMAL)

    outers = [ag.no_grad(), ag.detect_anomaly(), keeping_values(), ag.named_scope("a")]
    threads = [threading.Thread(target=run, args=(outer,)) for outer in outers]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert after == [True] * 8


def keeping_values():
    return switched(values=True)


def test_modes_nest_and_end_with_their_block():
    scope = ag.named_scope("s")
    with scope, ag.no_grad(), scope:
        assert not mode.get().recording
        assert mode.get().scope.outer.name == "s"
    assert mode.get() is NORMAL
    with pytest.raises(KeyError), scope, keeping_values():
        raise KeyError
    assert mode.get() is NORMAL


def test_functions_that_run_later_are_refused_as_decorated():
    async def coroutine():
        return 1

    async def asynchronous():
        yield 1

    def generator():
        yield 1

    for function in (coroutine, asynchronous, generator):
        for decorator in (ag.no_grad(), ag.named_scope("s"), keeping_values()):
            with pytest.raises(TypeError, match="with block"):
                decorator(function)


@pytest.mark.parametrize("wrong", [(None,), (3,), (lambda x: x,), ("s", int)])
def test_a_scope_needs_a_name(wrong):
    with pytest.raises(TypeError, match="strings"):
        ag.named_scope(*wrong)


def test_operations_in_a_scope_take_the_fast_path():
    x = Tensor([1.0, 2.0], requires_grad=True)
    with ag.named_scope("s"):
        y = np.tanh(x * 2.0 + np.ones(2)) @ x
        z = 1.0 - x
    nodes = [n for n in ag.graph.ancestors([y._node, z._node]) if n.op is not None]
    assert {n.scope.name for n in nodes} == {"s"}
    assert len({id(n.scope) for n in nodes}) == 1


def test_an_einsum_over_an_empty_axis_has_an_empty_gradient():
    x = Tensor(np.ones((2, 0)), requires_grad=True)
    y = np.einsum("...i->...", x)
    y.backward(np.ones(2))
    assert x.grad.shape == (2, 0)
    assert not y.data.any()


def test_leaving_a_mode_in_a_context_that_never_entered_it_changes_nothing():
    manager = ag.no_grad()
    contextvars.copy_context().run(manager.__enter__)
    manager.__exit__(None, None, None)
    assert mode.get() is NORMAL


def test_a_tensor_inside_an_operation_of_ones_own_is_refused():
    forward = ag.rule(lambda a: ag.exp(a), "a", name="own forward", a=lambda g, a: g)
    with pytest.raises(RuleError, match=r"np\.exp, not ag\.exp"):
        forward(leaf(1.0))
    backward = ag.rule(lambda a: np.exp(a), "a", name="own rule", a=lambda g, a: ag.exp(g))
    with pytest.raises(RuleError, match=r"np\.exp, not ag\.exp"):
        backward(leaf(1.0)).sum().backward()
    with pytest.raises(RuleError, match=r"np\.exp, not ag\.exp"):
        ag.gradients(backward(y := leaf(1.0)).sum(), [y])


def test_derived_functions_know_numpys_defaults_and_give_tensors():
    x = leaf(1.0, 2.0, 3.0)
    assert np.take(x, [0, 2], out=None).tolist() == [1.0, 3.0]
    with pytest.raises(NoRuleError, match=r"np\.take: argument 'out'"):
        np.take(x, [0, 2], out=np.zeros(2))
    for t in np.broadcast_arrays(x, np.zeros(3)):
        assert isinstance(t, Tensor)


def test_real_and_imag_are_attributes_as_in_numpy():
    z = Tensor([1 + 2j], requires_grad=True)
    assert z.real.tolist() == [1.0]
    assert z.imag.tolist() == [2.0]
    assert z.conj().tolist() == [1 - 2j]
    assert divmod(leaf(7.0), 2.0)[0].item() == 3.0
    assert not hasattr(z, "fft")
    assert not hasattr(z, "inv")


def test_at_gives_a_tensor_a_new_value_as_item_assignment_does():
    x, y = leaf(1.0, 2.0), leaf(10.0, 20.0, 30.0)
    t = np.copy(x)
    np.add.at(t, [0, 0, 1], y)
    (t * t).sum().backward()
    assert t.tolist() == [31.0, 32.0]
    assert y.grad.tolist() == [62.0, 62.0, 64.0]
    with pytest.raises(GraphError, match=r"np\.add\.at on a leaf"):
        np.add.at(x, [0], 1.0)
    with ag.no_grad():
        np.add.at(x, [0, 0], 1.0)
    assert x.tolist() == [3.0, 2.0]
    with pytest.raises(GraphError, match="loses its gradient"):
        np.add.at(np.zeros(3), [0], y[0])
    with pytest.raises(DTypeError, match=r"np\.add\.at"):
        np.add.at(Tensor([1, 2]), [0], y[0])
    with pytest.raises(NoRuleError, match=r"np\.power\.at"):
        np.power.at(np.copy(y), [0], 2.0)
    untracked = Tensor([1.0, 2.0])
    np.multiply.at(untracked, [1, 1], 3.0)
    assert untracked.tolist() == [1.0, 18.0]
