"""The third reading: what is printed is true, for every rule and for random programs."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from samples import SAMPLES

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F
from viz import DrawingError


def contracted(ys, seed=0):
    """A number made from all outputs, so that every one of them gets a gradient."""
    rng = np.random.default_rng(seed)
    return sum(np.sum(y * rng.standard_normal(y.shape)) for y in ys)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_the_printed_formula_of_every_rule_gives_the_engines_gradient(sample):
    xs = [Tensor(a, requires_grad=True) for a in sample.arrays()]
    ys = sample.call(*xs)
    ys = list(ys) if isinstance(ys, (tuple, list)) else [ys]
    e = contracted(ys)
    names = {f"a{i}": x for i, x in enumerate(xs)} | {f"y{i}": y for i, y in enumerate(ys)}
    lines = viz.derivation(e, names=names)
    assert {f.name for f in lines} >= {f"∂e/∂a{'₀₁₂₃'[i]}" for i in range(len(xs))}
    for x in xs:
        formula = viz.formula(e, wrt=x, names=names)
        (g,) = ag.gradients(e, [x])
        np.testing.assert_allclose(formula.evaluate(), g.data, rtol=1e-10, atol=1e-12)
        assert formula.shape == x.shape
        # the text needs nothing but NumPy and the named values
        again = eval(formula.python, {"np": np, **formula.values})
        np.testing.assert_allclose(again, g.data, rtol=1e-10, atol=1e-12)
        assert all(c.isprintable() or c == "\n" for c in str(formula))


STEPS = {
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "matmul": lambda a, b: a @ b,
    "transpose": lambda a, b: a.T,
    "tanh": lambda a, b: np.tanh(a),
    "relu": lambda a, b: F.relu(a),
    "softmax": lambda a, b: F.softmax(a),
    "row sum": lambda a, b: a + np.sum(b, axis=1, keepdims=True),
    "column mean": lambda a, b: a * np.mean(b, axis=0),
    "square": lambda a, b: a**2,
    "exp": lambda a, b: np.exp(-a * a),
    "scale": lambda a, b: a / 2 - 3 * b,
    "join": lambda a, b: np.concatenate([a[:1], b[1:]]),
}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9), st.integers(0, 9)),
                min_size=1, max_size=8))  # fmt: skip
def test_formulas_and_derivations_of_random_programs_are_true(program):
    rng = np.random.default_rng(0)
    values = [Tensor(rng.standard_normal((3, 3)) / 2, requires_grad=True) for _ in range(2)]
    for step, i, j in program:
        values.append(STEPS[step](values[-1 - i % len(values)], values[-1 - j % len(values)]))
    e = np.sum(values[-1] * values[-1])
    names = {f"v{i}": v for i, v in enumerate(values)}
    for x in values[:2]:
        expected = ag.gradients(e, [x])[0].data
        if ag.graph.on_path([e._node], [x._node]) == {x._node.index}:
            with pytest.raises(DrawingError, match="does not depend"):
                viz.formula(e, wrt=x, names=names)
        else:
            formula = viz.formula(e, wrt=x, names=names)
            np.testing.assert_allclose(formula.evaluate(), expected, rtol=1e-9, atol=1e-12)
    line_by_line(viz.derivation(e, names=names), names, e)


def line_by_line(lines, names, e):
    """Each line, evaluated from the gradients of the lines before it, is the engine's gradient."""
    for line in lines:
        name = line.name.split("∂")[-1]
        plain = "".join(chr(ord(c) - 0x2050) if "₀" <= c <= "₉" else c for c in name)
        if plain in names:
            expected = ag.gradients(e, [names[plain]])[0].data
            np.testing.assert_allclose(line.evaluate(), expected, rtol=1e-9, atol=1e-12)


def residual_layer(rows=None):
    rng = np.random.default_rng(0)
    x = Tensor(rng.standard_normal(3 if rows is None else (rows, 3)), requires_grad=True)
    H = Tensor(rng.standard_normal((3, 3)), requires_grad=True)
    v = Tensor(rng.standard_normal(3), requires_grad=True)
    p = Tensor(np.eye(3)[0] if rows is None else np.eye(3)[np.arange(rows) % 3], name="p*")
    x2 = H @ x if rows is None else x @ H
    x3 = x2 + v
    x4 = F.relu(x3)
    y = x4 + x
    e = F.cross_entropy(y, p)
    return locals()


def test_the_residual_layer_prints_as_on_the_blackboard():
    names = residual_layer()
    formula = viz.formula(names["e"], wrt=names["x"], names=names)
    assert str(formula).splitlines() == [
        "∂e/∂x = ∂e/∂y + Hᵀ (∂e/∂y ⊙ 1[x₃ > 0])",
        "  where ∂e/∂y = softmax(y) − p*",
    ]
    assert str(viz.formula(names["y"], wrt=names["x"], names=names)) == (
        "∂e/∂x = ∂e/∂y + Hᵀ (∂e/∂y ⊙ 1[x₃ > 0])"
    )
    assert str(viz.derivation(names["e"], names=names)).splitlines() == [
        "∂e/∂e = 1",
        "∂e/∂y = softmax(y) − p*",
        "∂e/∂x₄ = ∂e/∂y",
        "∂e/∂x₃ = ∂e/∂x₄ ⊙ 1[x₃ > 0]",
        "∂e/∂x₂ = ∂e/∂x₃",
        "∂e/∂v = ∂e/∂x₃",
        "∂e/∂H = ∂e/∂x₂ xᵀ",
        "∂e/∂x = ∂e/∂y + Hᵀ ∂e/∂x₂",
    ]


def test_batch_code_prints_row_vectors_and_sums_over_the_batch():
    names = residual_layer(rows=4)
    e = names["e"]
    assert str(viz.formula(names["y"], wrt=names["x"], names=names)) == (
        "∂e/∂x = ∂e/∂y + (∂e/∂y ⊙ 1[x₃ > 0]) Hᵀ"
    )
    lines = viz.derivation(e, names=names)
    assert str(lines["y"]) == "∂e/∂y = (softmax(y) − p*) / 4"
    assert str(lines["H"]) == "∂e/∂H = xᵀ ∂e/∂x₂"
    assert str(lines["v"]) == "∂e/∂v = Σ₀ ∂e/∂x₃"


def test_a_sigmoid_network_is_one_line():
    rng = np.random.default_rng(0)
    shapes = (5, 3), (3, 4), (4, 2)
    x, W1, W2 = (Tensor(rng.standard_normal(s), requires_grad=True) for s in shapes)
    labels = np.array([0, 1, 1, 0, 1])
    h = F.sigmoid(x @ W1)
    θ = h @ W2
    J = F.cross_entropy(θ, labels)
    assert str(viz.formula(J, wrt=x, names=locals())) == (
        "∂J/∂x = (((softmax(θ) − onehot(labels)) / 5) W₂ᵀ ⊙ h ⊙ (1 − h)) W₁ᵀ"
    )


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda x: np.sum(x), "∂e/∂x = 1₃"),
        (lambda x: np.mean(x**2), "∂e/∂x = 2 x / 3"),
        (lambda x: np.sum(np.exp(x)), "∂e/∂x = x₁"),
        (lambda x: np.sum(x[::2]), "∂e/∂x = 0₃[::2 ↦ 1₂]"),
        (lambda x: np.sum(x * x), "∂e/∂x = 2 x"),
        (lambda x: x @ x, "∂e/∂x = 2 x"),
        (lambda x: np.sum(np.abs(-x)), "∂e/∂x = −sign(x₁)"),
    ],
)
def test_notation(f, text):
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    assert str(viz.formula(f(x), wrt=x)) == text


def test_a_chain_of_merges_stays_short():
    x = Tensor([0.1, 0.2], requires_grad=True, name="x")
    h = x
    for _ in range(60):  # a diamond of 60 doublings
        h = np.tanh(h) + h
    formula = viz.formula(np.sum(h), wrt=x)
    assert len(str(formula)) < 10_000


def test_long_chains_give_a_derivation_and_a_clear_error_for_one_expression():
    x = Tensor([0.1, 0.2], requires_grad=True, name="x")
    h = x
    for _ in range(3000):
        h = np.tanh(h)
    e = np.sum(h)
    assert len(viz.derivation(e)) == 3002
    with pytest.raises(DrawingError, match="derivation"):
        viz.formula(e, wrt=x)


def test_values_that_were_not_kept_are_asked_for():
    x = Tensor([1.0, -2.0], requires_grad=True, name="x")
    formula = viz.formula(np.sum(F.relu(x * 2)), wrt=x)
    assert formula.missing == {"x1"}
    with pytest.raises(DrawingError, match="x1"):
        formula.evaluate()
    np.testing.assert_array_equal(formula.evaluate(x1=2 * x.data), [2, 0])


def test_misuse_is_explained():
    x = Tensor([1.0], requires_grad=True)
    with pytest.raises(DrawingError, match="requires_grad"):
        viz.formula(Tensor([1.0]), wrt=x)
    with pytest.raises(DrawingError, match="does not depend"):
        viz.formula(np.sum(x), wrt=Tensor([1.0], requires_grad=True))
    with pytest.raises(DrawingError, match="tracked"):
        viz.formula(np.sum(x), wrt=np.ones(1))
    loss = np.sum(x * x)
    loss.backward()
    with pytest.raises(DrawingError, match="retain_graph"):
        viz.formula(loss, wrt=x)
    with pytest.raises(DrawingError, match="one tensor"):
        viz.formula([loss], wrt=x)
    with pytest.raises(DrawingError, match="there are"):
        viz.formula(np.sum(x), wrt="w")


@pytest.mark.parametrize(
    "name", ["<script>", "a b", "class", "", "np", "x'", "1st", "∂", "日本", "\n"]
)
def test_any_name_gives_a_python_form_that_runs(name):
    x = Tensor([1.0, 2.0], requires_grad=True)
    formula = viz.formula(np.sum(np.sin(x) * x), wrt=x, names={name: x})
    np.testing.assert_allclose(formula.evaluate(), np.cos(x.data) * x.data + np.sin(x.data))


@pytest.mark.parametrize(
    "steps",
    [
        [F.softmax, lambda y: F.cross_entropy(y, np.array([0, 1]))],
        [np.positive, lambda y: np.sum(F.relu(y)) + np.sum(F.relu(y))],
        [np.negative, lambda y: np.sum(F.relu(y))],
        [lambda x: x + x, lambda y: np.sum(F.relu(y))],
        [np.positive, lambda y: y[0, -1]],
        [np.positive, lambda y: np.sum(np.clip(y, 0, np.inf))],
        [np.positive, lambda y: np.sum(np.maximum(y, -np.inf) * np.float64(2))],
        [lambda x: np.stack([x, x * x]), lambda y: np.sum(y * np.concatenate([y, y])[:2])],
    ],
)
def test_programs_whose_formula_was_once_wrong(steps):
    x = Tensor([[1.0, 2.0], [0.5, -3.0]], requires_grad=True, name="x")
    y = steps[0](x)
    e = steps[1](y)
    formula = viz.formula(e, wrt=x, names=dict(y=y))
    assert formula.evaluate().dtype == float
    np.testing.assert_array_equal(formula.evaluate(), ag.gradients(e, [x])[0].data)


def test_names_do_not_collide_in_python():
    x = Tensor([1.0, 2.0], requires_grad=True)
    z = x * x
    y = z + z
    for names in (dict(de_dz=x, z=z), dict(softmax=x, z=z), {"1": x}, dict(less_one_hot=x)):
        e = F.cross_entropy(F.softmax(y * z), 1)
        formula = viz.formula(e, wrt=x, names=names | dict(y=y, z=z))
        np.testing.assert_allclose(formula.evaluate(), ag.gradients(e, [x])[0].data)


def test_a_condition_alone_is_printed_as_numbers():
    x = Tensor([1.0, -2.0], requires_grad=True, name="x")
    assert str(viz.formula(np.sum(F.relu(x)), wrt=x, names=dict(x=x))) == "∂e/∂x = 1[x > 0]"


def test_sums_that_keep_an_axis_say_so():
    x = Tensor(np.ones((2, 2)), requires_grad=True, name="x")
    y = F.softmax(x)
    text = str(viz.formula(y, wrt=x, names=dict(y=y)))
    assert text == "∂e/∂x = y ⊙ (∂e/∂y − Σ₁(∂e/∂y ⊙ y) 1₂ᵀ)"


def test_a_transposed_gradient_is_not_a_gradient_of_a_transposed():
    x = Tensor(np.ones((2, 3)), requires_grad=True, name="x")
    lines = viz.derivation(np.tanh(x.T), names=dict(x=x))
    assert str(lines["x"]) == "∂e/∂x = (∂e/∂x₁)ᵀ"


def test_a_recorded_program_prints_after_backward_and_updates():
    with viz.record():
        names = residual_layer()
    e, x = names["e"], names["x"]
    (expected,) = ag.gradients(e, [x])
    before = str(viz.formula(e, wrt=x, names=names))
    e.backward()
    names["H"].data -= 1
    formula = viz.formula(e, wrt="x", names=names)
    assert str(formula) == before
    assert not formula.missing
    np.testing.assert_allclose(formula.evaluate(), expected.data)


def test_fused_operations_print_by_their_parts():
    names = residual_layer()
    whole = viz.formula(names["e"], wrt=names["y"], names=names)
    parts = viz.formula(names["e"], wrt=names["y"], names=names, expand=True)
    assert str(whole) == "∂e/∂y = softmax(y) − p*"
    assert str(parts) != str(whole)
    np.testing.assert_allclose(parts.evaluate(), whole.evaluate())


@pytest.mark.parametrize("value", [[0.5, 0.5], [0.25, 0.75]])
def test_only_given_probabilities_are_taken_to_sum_to_one(value):
    x = Tensor(value, requires_grad=True, name="x")
    c = Tensor(2.0, requires_grad=True, name="c")
    assert str(viz.formula(np.sum(c * x), wrt=c)) == "∂e/∂c = Σ x"
    y = Tensor([0.1, -0.2, 0.3, 0.4], requires_grad=True, name="y")
    b = Tensor(0.0, requires_grad=True, name="b")
    line = viz.derivation(np.mean(y + b), names={})["b"]
    assert str(line) == "∂e/∂b = Σ ∂e/∂x₁"
