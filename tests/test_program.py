"""What drawings read from a graph: values, contributions, what is kept; recorded or not."""

import numpy as np
import pytest
from samples import SAMPLES
from sampling import real

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F
from autograd_lite.graph import outputs_of
from viz import DrawingError
from viz.programs.program import Program

FUSED = ("cross_entropy",)


def run(sample):
    """A number computed from a sample, its inputs, and its results."""
    rng = np.random.default_rng(0)
    xs = [Tensor(a, requires_grad=True) for a in sample.arrays()]
    ys = sample.call(*xs)
    ys = list(ys) if isinstance(ys, (tuple, list)) else [ys]
    return real(sum(np.sum(y * rng.standard_normal(y.shape)) for y in ys)), xs, ys


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_operation_is_read_as_the_engine_computes_it(sample):
    with viz.record():
        e, xs, ys = run(sample)
    expected = ag.gradients(e, xs)
    program = Program(e)
    for node in program.nodes:
        if node.op is None:
            continue
        pull = program.pull(node)
        for c in pull.contributions:
            part = program.numbers.parts[node.index, c.slot]
            assert c.symbol.shape == part.shape == c.edge.shape
        for kept in program.kept(node):
            assert kept.symbol.shape == kept.array.shape
        for edge in filter(None, outputs_of(node)):
            assert program.forward(edge).shape == edge.shape
    for x, g in zip(xs, expected, strict=True):
        np.testing.assert_array_equal(program.numbers.totals[x._node.index], g.data)
    for y in [*ys, e]:
        edge = program.moved.get(y._node.index, y._node)
        np.testing.assert_array_equal(program.values[edge.index], y.data)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_recorded_values_outlive_the_backward_pass_and_updates(sample):
    with viz.record():
        e, xs, _ = run(sample)
    expected = [g.data for g in ag.gradients(e, xs)]
    values = [x.data.copy() for x in xs]
    e.backward()
    for x in xs:
        x.data = x.data + 1
        with ag.no_grad():
            x *= 2.0
    program = Program(e)
    for x, value, g in zip(xs, values, expected, strict=True):
        np.testing.assert_array_equal(program.numbers.totals[x._node.index], g)
        np.testing.assert_array_equal(program.values[x._node.index], value)


def residual_layer():
    x = Tensor([1.0, 0.5, 2.0], requires_grad=True, name="x")
    H = Tensor(np.arange(9.0).reshape(3, 3) - 4, requires_grad=True, name="H")
    y = F.relu(H @ x) + x
    return x, H, y, F.cross_entropy(y, Tensor([1.0, 0.0, 0.0], name="p*"))


def test_jacobians_are_those_of_the_operation_alone():
    x, H, _, e = residual_layer()
    program = Program(e)
    (matmul,) = (n for n in program.nodes if n.op is not None and n.op.name == "matmul")
    np.testing.assert_array_equal(program.jacobians(matmul, matmul)[1], H.data)
    np.testing.assert_array_equal(program.jacobians(matmul, matmul)[0], np.kron(np.eye(3), x.data))


def test_what_is_kept_is_told_once_with_its_readers():
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    e = np.sum(x * x)
    program = Program(e)
    (multiply,) = (n for n in program.nodes if n.op is not None and n.op.name == "multiply")
    (kept,) = program.kept(multiply)
    assert (kept.symbol.text, kept.array.nbytes, kept.readers) == ("x", 16, [0, 1])
    assert kept.edge is x._node


def test_a_fused_operation_is_taken_apart():
    x, _H, y, e = residual_layer()
    whole, apart = Program(e, dict(y=y)), Program(e, dict(y=y), expand="cross_entropy")
    names = [n.op.name for n in apart.nodes if n.op is not None]
    assert "cross_entropy" not in names
    assert "log_softmax" in names
    assert apart.names.of(apart.roots[0]) == whole.names.of(whole.roots[0]) == "e"
    for t in (x, y):
        edge = apart.moved.get(t._node.index, t._node)
        np.testing.assert_allclose(apart.numbers.totals[edge.index], ag.gradients(e, [t])[0].data)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_operations_taken_apart_have_the_same_gradient(sample):
    with viz.record():
        e, xs, _ = run(sample)
    names = {n.op.name for n in Program(e).nodes if n.op is not None}
    for name in names:
        try:
            program = Program(e, expand=name)
        except DrawingError:  # what is not made of others is refused
            assert name not in FUSED
            continue
        for x, g in zip(xs, ag.gradients(e, xs), strict=True):
            got = program.numbers.totals[x._node.index]
            np.testing.assert_allclose(got, g.data, rtol=1e-12, atol=1e-12)


def test_expanding_all_takes_apart_what_is_inside_too():
    inner = ag.fused(lambda a: np.sum(a * a), "a", vjp=lambda g, a: (2 * g * a,), name="inner")
    outer = ag.fused(lambda a: inner(np.sin(a)) * 2, "a", name="outer",
                     vjp=lambda g, a: (4 * g * np.sin(a) * np.cos(a),))  # fmt: skip
    x = Tensor([0.5, -1.0], requires_grad=True, name="x")
    e = outer(x)
    names = [n.op.name for n in Program(e, expand=True).nodes if n.op is not None]
    assert names == ["sin", "multiply", "sum", "multiply"]
    assert "inner" in [n.op.name for n in Program(e, expand="outer").nodes if n.op is not None]


def test_expanding_refuses_arrays_that_were_updated_and_leaves_the_graph_alone():
    w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="w")
    e = F.cross_entropy(w, np.array([0, 1]))
    with ag.no_grad():
        w *= -5.0
    with pytest.raises(DrawingError, match="changed in place"):
        Program(e, expand=True)
    same = ag.fused(lambda a: a, "a", vjp=lambda g, a: (g,), name="same")
    u = Tensor([1.0, 2.0], requires_grad=True)
    y = same(u)
    y.name = "why"
    Program(np.sum(y), expand=True)
    assert u.name is None
    flat = ag.fused(lambda a: np.sign(a), "a", vjp=lambda g, a: (g,), name="flat")
    with pytest.raises(DrawingError, match="not made of"):
        Program(np.sum(flat(u)), expand=True)


def test_views_of_a_leaf_are_recorded_as_they_were():
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="x")
    w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, name="w")
    with viz.record():
        parts = np.split(w, 2)
        e = np.sum((x @ w.T) ** 2) + np.sum(np.reshape(w, (4,)) ** 3) + np.sum(parts[0] ** 4)
    e.backward()
    with ag.no_grad():
        w -= 1.0
    program = Program(e)
    for t in (x, w):
        np.testing.assert_allclose(program.numbers.totals[t._node.index], t.grad)
    np.testing.assert_allclose(viz.formula(e, wrt=x).evaluate(), x.grad)


def test_constants_are_recorded_as_they_were():
    c = np.array([1.0, 2.0])
    x = Tensor([1.0, 1.0], requires_grad=True)
    with viz.record():
        e = np.sum(x * c)
    c[:] = 100
    np.testing.assert_array_equal(Program(e).numbers.totals[x._node.index], [1, 2])


def test_a_contribution_goes_to_the_argument_it_was_computed_for():
    half = ag.fused(lambda a, b: np.sum(b * b) + 0 * np.sum(a), "a b", name="half",
                    vjp=lambda g, a, b: (None, 2 * g * b))  # fmt: skip
    x = Tensor([1.0, 2.0], requires_grad=True)
    e = half(x, x)
    program = Program(e)
    assert [c.slot for c in program.pull(program.roots[0].node).contributions] == [1]
    assert list(program.numbers.parts) == [(e._node.index, 1)]


def test_outputs_that_nobody_holds_do_not_matter():
    x = Tensor(np.ones(4), requires_grad=True)
    _, p = np.split(x, 2)
    del _
    e = F.cross_entropy(p, np.array(1))
    program = Program(e, expand=True)
    np.testing.assert_allclose(program.numbers.totals[x._node.index], ag.gradients(e, [x])[0].data)


def test_checkpoints_show_what_they_compute_if_recorded():
    x = Tensor([0.5, -1.0], requires_grad=True, name="x")
    with viz.record(), ag.named_scope("part"):
        e = np.sum(ag.checkpoint(lambda x: np.tanh(x) * x, x))
    assert "tanh" in [n.op.name for n in Program(e).nodes if n.op is not None]
    with ag.named_scope("part"):
        e = np.sum(ag.checkpoint(lambda x: np.tanh(x) * x, x))
    assert all(n.scope is not None for n in Program(e).nodes if n.op is not None)
    with pytest.raises(DrawingError, match=r"record\(\)"):
        viz.formula(e, wrt=x)
    assert "0x" not in viz.draw(e).source


def test_freed_values_and_wrong_names_are_explained():
    x, _, _, e = residual_layer()
    with pytest.raises(DrawingError, match="relu"):
        Program(e, expand="soft")
    with pytest.raises(DrawingError, match=r"record\(\)"):
        Program(e, expand="relu")
    with pytest.raises(DrawingError, match="names of operations"):
        Program(e, expand=3)
    with pytest.raises(DrawingError, match="single number"):
        _ = Program([e, e + x]).numbers
    e.backward()
    for read in ("numbers", "pull"):
        program = Program(e)
        with pytest.raises(DrawingError, match="retain_graph"):
            program.pull(program.roots[0]) if read == "pull" else program.numbers
    with pytest.raises(DrawingError, match="mapping"):
        Program(e, ["e"])


def test_reading_calls_no_hooks_and_fills_no_gradients():
    x, _H, y, e = residual_layer()
    seen = []
    y.register_hook(seen.append)
    x.register_hook(seen.append)
    y.retain_grad()
    program = Program(e)
    _ = program.numbers
    for node in program.nodes:
        if node.op:
            program.pull(node)
    viz.formula(e, wrt=x)
    viz.derivation(e)
    assert not seen
    assert y.grad is None
    assert x.grad is None


def test_scopes_are_noted_and_cost_nothing_outside():
    x = Tensor([1.0, 2.0], requires_grad=True)
    with ag.named_scope("block", kind="Block"), ag.named_scope("inner"):
        y = np.sin(x)
        z = y * 2
    assert y._node.scope is z._node.scope
    assert (y._node.scope.name, y._node.scope.outer.name) == ("inner", "block")
    assert y._node.scope.outer.kind == "Block"
    assert np.sin(x)._node.scope is None

    @ag.named_scope("again")
    def step(x):
        return np.cos(x)

    assert step(x)._node.scope is not step(x)._node.scope


# --- leaves that are updated between their uses -------------------------------------------------
def test_a_kept_expression_is_that_of_the_leaf_as_it_was():
    w = Tensor([1.0, -2.0, 3.0], requires_grad=True, name="w")
    e = np.sum(F.relu(w))
    e.backward(retain_graph=True)
    with ag.no_grad():
        w -= 5 * w.grad
    formula = viz.formula(e, wrt=w, names=dict(w=w))
    assert str(formula) == "∂e/∂w = 1[w′ > 0]"
    np.testing.assert_array_equal(formula.evaluate(), [1.0, 0.0, 1.0])
    assert w._node.index not in Program(e, dict(w=w)).values


def test_each_use_of_a_recorded_leaf_has_the_leaf_of_that_time():
    x = Tensor([1.0, -2.0, 3.0], requires_grad=True, name="x")
    with viz.record():
        a = F.relu(x) * 2.0
        with ag.no_grad():
            x *= -1.0
        b = np.sin(x)
        e = np.sum(a) + np.sum(F.relu(x)) + np.sum(b)
    expected = ag.gradients(e, [x])[0].data
    formula = viz.formula(e, wrt=x)
    np.testing.assert_allclose(formula.evaluate(), expected)
    assert "x′" in str(formula)
    program = Program(e, dict(b=b))
    forward = program.forward(program.moved[b._node.index])
    np.testing.assert_array_equal(forward.args[0].value, x.data)
    assert forward.args[0].text == "x′"


def test_two_contents_of_a_constant_have_two_names():
    c = np.array([1.0, 2.0])
    x = Tensor([1.5, 2.5], requires_grad=True, name="x")
    with viz.record():
        e = np.sum(x * c)
        c *= 10
        e = e + np.sum(x * c)
    formula = viz.formula(e, wrt=x, names=dict(c=c))
    assert str(formula) in ("∂e/∂x = c′ + c", "∂e/∂x = c + c′")
    np.testing.assert_array_equal(formula.evaluate(), [11.0, 22.0])
