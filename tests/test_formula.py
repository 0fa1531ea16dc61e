"""The third reading: what is printed is true, for every rule and for random programs."""

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from samples import SAMPLES
from sampling import real

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F
from viz import DrawingError
from viz.formula import Formula
from viz.formulas.probabilities import share
from viz.formulas.python_form import Python
from viz.formulas.symbols import named
from viz.names import shown


def contracted(ys, seed=0):
    """A number made from all outputs, so that every one of them gets a gradient."""
    rng = np.random.default_rng(seed)
    return real(sum(np.sum(y * rng.standard_normal(y.shape)) for y in ys))


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
    unknown = named("x₁", np.zeros(2), known=False)
    formula = Formula("∂e/∂x", 2.0 * unknown)
    assert formula.missing == {"x1"}
    with pytest.raises(DrawingError, match="x1"):
        formula.evaluate()
    np.testing.assert_array_equal(formula.evaluate(x1=np.array([2.0, 0.0])), [4, 0])


@pytest.mark.parametrize("sign", [1, -1])
def test_a_condition_is_known_where_the_values_that_it_compares_are_gone(sign):
    keep = dict(high=lambda a: (a > 1) | (a < -1))
    own = ag.rule(lambda a: a * 2.0, "a", name="own", keep=keep,
                  a=lambda g, high: np.where(np.logical_not(high), g, g * 3) * high)  # fmt: skip
    x = Tensor([sign * 1.0, -2.0, 0.25], requires_grad=True, name="x")
    e = np.sum(own(F.relu(x * 2)) * np.array([1.0, 2.0, 3.0]))
    formula = viz.formula(e, wrt=x)
    assert "x₁ > 0" in str(formula)
    assert "x₂ ≤ 1 ∧ x₂ ≥ −1" in str(formula)
    assert not formula.missing
    np.testing.assert_allclose(formula.evaluate(), ag.gradients(e, [x])[0].data)


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


# --- rules as users write them ------------------------------------------------------------------
def by_rule(vjp, sign=1):
    """x, and a loss that an operation with this rule made from it."""
    x = Tensor(np.array([1.5, -0.5, 2.0]) * sign, requires_grad=True, name="x")
    own = ag.rule(lambda a: a * 2.0, "a", name="user's own", a=vjp)
    return x, np.sum(own(x) * np.array([1.0, 2.0, -1.0]))


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "vjp",
    [
        lambda g, a: g if a[0] > 0 else g * 3,
        lambda g, a: g * 2 if np.all(a > -1) else g * 3,
        lambda g, a: g * float(a[0]) + int(a[2]) + [5.0, 6.0, 7.0][int(a[2]) % 3],
        lambda g, a: g * sum(x * x for x in a) / len(a),
        lambda g, a: g * a.max() + abs(a).sum() + a.reshape(3, 1).T.reshape(-1) // 2,
        lambda g, a: (g * a.mean(axis=0).astype(float)).copy() - a.clip(0, 1).T,
        lambda g, a: np.multiply(g, a, where=np.array([True, False, True]), out=np.zeros(3)),
        lambda g, a: (
            np.divide(g, a, where=a > 0, out=np.zeros_like(a)) + np.sum(a, out=np.ones(()))
        ),
        lambda g, a: (out := np.ones_like(a), np.add(out, a, out=out), g * out)[2],
        lambda g, a: g * np.add.reduce(a) + np.multiply.reduce(a) + np.add.outer(a, a)[0],
        lambda g, a: g * np.sum(a, initial=3.0) + np.max(a, initial=1.0),
        lambda g, a: g * (-2.0) ** np.round(a) * np.array(2.0) - (-1.0) * a,
        lambda g, a: g * np.transpose(a[None, :], (1, 0)).transpose(1, 0)[0],
    ],
)
def test_rules_in_the_ways_of_arrays_are_printed_truly(vjp, sign):
    x, e = by_rule(vjp, sign)
    formula = viz.formula(e, wrt=x)
    np.testing.assert_allclose(formula.evaluate(), ag.gradients(e, [x])[0].data)


@pytest.mark.parametrize(
    ("vjp", "words"),
    [
        (lambda g, a: g * np.asarray(a), "turns a symbol into an array"),
        (lambda g, a: g * a.nonsense, "nonsense"),
        (lambda g, a: g << a, "cannot be printed"),
        (lambda g, a: np.add.at(a, 0, 5.0), "in place"),
        (lambda g, a: np.multiply(g, a, out=a), "in place"),
        (lambda g, a: (b := a * 2, c := b + g, np.add(b, 1, out=b), c)[3], "in place"),
        (lambda g, a: np.copyto(a, g), "in place"),
        (lambda g, a: a.__setitem__(0, g), "np.where"),
        (lambda g, a: g if a > 0 else a, "is true"),
        (lambda g, a: {1: g}[a], "cannot be printed"),
    ],
)
def test_a_rule_that_cannot_be_printed_is_named_with_a_remedy(vjp, words):
    x, e = by_rule(vjp)
    before = x.data.copy()
    for read in (lambda: viz.formula(e, wrt=x), lambda: viz.derivation(e), lambda: viz.explain(e)):
        with pytest.raises(DrawingError, match=r"^user's own: ") as caught:
            read()
        assert words in str(caught.value)
        assert "np." in str(caught.value) or "NumPy functions" in str(caught.value)
    np.testing.assert_array_equal(x.data, before)


def test_a_kept_value_that_is_made_by_branching_has_a_name():
    keep = dict(high=lambda a: a > 0 if np.max(a) > 1 else a < 0)
    own = ag.rule(lambda a: a * 2.0, "a", name="own", keep=keep, a=lambda g, high: g * high)
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    formula = viz.formula(np.sum(own(x * 3)), wrt=x)
    np.testing.assert_allclose(formula.evaluate(), [3.0, 3.0])


NUMBERS = st.sampled_from([-3, -2.0, -1, 2, 0.5])
SYMBOLS = ["a", "b"]
OPERATIONS = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    "/": lambda a, b: a / b, "**": lambda a, b: a**b, "neg": lambda a, b: -a,
    "%": lambda a, b: a % b, "//": lambda a, b: a // b, "<": lambda a, b: (a < b) * 1.0,
    "where": lambda a, b: np.where(a > b, a, b), "abs": lambda a, b: abs(a),
}  # fmt: skip
EXPRESSIONS = st.recursive(
    NUMBERS | st.sampled_from(SYMBOLS),
    lambda inner: st.tuples(st.sampled_from(sorted(OPERATIONS)), inner, inner),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_the_python_form_of_any_expression_has_its_value(tree):
    rng = np.random.default_rng(0)
    leaves = {name: named(name, rng.integers(1, 4, 3) / 1.0) for name in SYMBOLS}

    def built(t):
        if isinstance(t, tuple):
            parts = [built(x) for x in t[1:]]
            return OPERATIONS[t[0]](*parts)
        return leaves[t] if isinstance(t, str) else t

    try:
        expression = built(tree) * leaves["a"]
    except (ArithmeticError, TypeError):  # numbers alone
        return
    assume(not np.iscomplexobj(expression.value))
    printer = Python()
    text = printer.text(expression)
    with np.errstate(all="ignore"):
        value = eval(text, {"np": np, **printer.values, **printer.functions})
    np.testing.assert_allclose(value, expression.value, err_msg=text)


# --- values do not decide what is printed --------------------------------------------------------
@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.booleans())
def test_weights_that_sum_to_one_stay_in_the_formula(counts, negative):
    w = np.array(counts) / sum(counts)
    if negative:
        w = np.append(w, [-1.0, 1.0])
    y = Tensor(2.0, requires_grad=True, name="y")
    formula = viz.formula(np.sum(w * y**2), wrt=y, names=dict(w=w))
    assert "w" in str(formula)
    q = w.copy()
    formula = viz.formula(np.sum(q * np.log(1 + np.exp(y))), wrt=y, names=dict(q=q))
    assert "q" in formula.python


def test_a_sum_of_probabilities_is_one_only_beside_a_softmax_over_the_same_axis():
    t = named("t", np.full((2, 2), 0.5), constant=True)
    tracked = named("t", t.value)
    y = named("y", np.ones((2, 2)))
    logs = named("l", y.value, origin=(F.log_softmax, 1))
    rows = np.sum(t, axis=1, keepdims=True)
    for p in (F.softmax(y), F.softmax(y, axis=1), named("p", y.value, origin=(F.softmax, -1)),
              np.exp(logs)):  # fmt: skip
        assert share(rows, p) is not None
        assert share(np.sum(tracked, axis=1, keepdims=True), p) is None
        assert share(np.sum(t, axis=0, keepdims=True), p) is None
        assert share(np.sum(t * 1.0001, axis=1), p) is None
    for other in (y, logs, np.exp(y), F.softmax(y, axis=0)):
        assert share(rows, other) is None


# --- names ---------------------------------------------------------------------------------------
@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["W", "W1", "W_1", "W₁", "W12", "W₂", "W₁′", "x²"]), min_size=2,
                max_size=7))  # fmt: skip
def test_two_tensors_of_a_name_are_told_apart_and_read_as_that_name(names):
    leaves = [Tensor([1.0], requires_grad=True, name=name) for name in names]
    e = np.sum(np.concatenate(leaves))
    lines = viz.derivation(e)
    found = [lines[leaf].tensor for leaf in leaves]
    assert len({*found}) == len(found)
    for name, text in zip(names, found, strict=True):
        plain = shown(name)
        rest = text.removeprefix(plain)
        assert text.startswith(plain)
        assert not rest or plain[-1] not in "₀₁₂₃₄₅₆₇₈₉" or rest[0] == "′"


@pytest.mark.parametrize("name", ["∂e/∂x", "∂L/∂x", "∂x/∂x", "∂y/∂x"])
@pytest.mark.parametrize("loss", [None, "L", "x", "y"])
def test_no_tensor_is_called_like_a_gradient(name, loss):
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    z = Tensor([3.0, 4.0], requires_grad=True, name=name)
    for result in (x * z, np.sum(x * z)):
        lines = viz.derivation(result, loss=loss)
        tensors, gradients = {f.tensor for f in lines}, {f.name for f in lines}
        assert {"x", name} <= tensors
        assert not tensors & gradients
        formula = viz.formula(result, wrt=x, loss=loss)
        np.testing.assert_allclose(formula.evaluate(), z.data)


@pytest.mark.parametrize("name", ["W x + b", "a-b", "x²", "Aᵀ", "|x|", "⟨a, b⟩", "a · b", "∂e",
                                  "a*b", "x^2", "x = 3"])  # fmt: skip
def test_a_name_that_is_an_expression_is_enclosed(name):
    h = Tensor([1.0, 2.0], requires_grad=True, name=name)
    text = str(viz.formula(np.sum(h**3), wrt=h))
    assert text == f"∂e/∂({name}) = 3 ({name})²"


def test_what_a_leaf_held_before_and_after_an_update_has_two_names():
    W = Tensor([[1.0, 2.0], [0.0, 1.0]], requires_grad=True, name="W")
    x = Tensor([1.0, -2.0], requires_grad=True, name="x")
    with viz.record():
        y = np.tanh(W @ x)
        W.data = W.data * 2
        z = W @ y
        e = np.sum(z)
    names = dict(y=y, z=z)
    formula = viz.formula(e, wrt=x, names=names)
    assert "Wᵀ (W′ᵀ 1₂" in str(formula)
    assert "W.mT @ (W_prime.mT" in formula.python
    assert r"{W^{\prime}}^{\top}" in formula.latex
    expected = np.array([[1, 2], [0, 1]]).T @ (np.array([[2, 4], [0, 2]]).sum(0) * (1 - y.data**2))
    np.testing.assert_allclose(formula.evaluate(), expected)
    assert "W′ᵀ" in str(viz.derivation(e, names=names)["y"])


# --- evaluation and access -----------------------------------------------------------------------
@pytest.mark.parametrize("name", ["bool", "float", "int", "complex", "np", "object", "self"])
def test_names_that_the_python_form_uses_itself_are_safe(name):
    x = Tensor([1.0, 2.0], requires_grad=True)
    e = np.sum(np.where(np.array([True, False]), x, np.clip(x, -np.inf, 0)) * x)
    formula = viz.formula(e, wrt=x, names={name: x})
    np.testing.assert_allclose(formula.evaluate(), ag.gradients(e, [x])[0].data)
    (key,) = [k for k, v in formula.values.items() if v is x.data or np.array_equal(v, x.data)]
    np.testing.assert_allclose(formula.evaluate(**{key: x.data}), formula.evaluate())


def test_evaluate_refuses_names_that_are_not_there():
    x = Tensor([1.0, -2.0], requires_grad=True, name="x")
    formula = viz.formula(np.sum(x * x), wrt=x)
    with pytest.raises(DrawingError, match=r"has no y; the names in it are x"):
        formula.evaluate(y=x.data)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.mean(x[:0]),
        lambda x: np.sum(np.log(x * 0)),
        lambda x: np.sqrt(np.sum(x * 0)),
        lambda x: np.sum(x[0]) * 1e300 * 1e300,
        lambda x: np.sum(x) / 0,
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning:numpy")
def test_what_is_infinite_evaluates_as_in_numpy(f):
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    with np.errstate(all="ignore"):
        e = f(x)
        (gradient,) = ag.gradients(e, [x])
    formula = viz.formula(e, wrt=x, names=dict(zero=e))
    if not formula.missing:
        np.testing.assert_array_equal(formula.evaluate(), gradient.data)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_formulas_of_float32_programs_are_float32(sample):
    single = np.complex64 if sample.domain == "complex" else np.float32
    xs = [Tensor(a.astype(single), requires_grad=True) for a in sample.arrays()]
    ys = sample.call(*xs)
    ys = list(ys) if isinstance(ys, (tuple, list)) else [ys]
    e = real(sum(np.sum(y) for y in ys))
    names = {f"a{i}": x for i, x in enumerate(xs)} | {f"y{i}": y for i, y in enumerate(ys)}
    for x in xs:
        formula = viz.formula(e, wrt=x, names=names)
        assert formula.dtype == formula.evaluate().dtype == single


def test_lines_of_a_derivation_are_found_by_name_tensor_and_position():
    x = Tensor([1.0, 2.0], requires_grad=True, name="x1")
    y = x * x
    lines = viz.derivation(np.sum(y), names=dict(y=y))
    assert lines[x] is lines["x1"] is lines["x₁"] is lines[-1] is lines[np.int64(2)]
    assert lines[y] is lines[1]
    assert lines[1:] == lines.lines[1:]
    for wrong in ("z", Tensor([1.0], requires_grad=True), np.ones(2)):
        with pytest.raises(DrawingError):
            lines[wrong]


@pytest.mark.parametrize("options", [dict(loss=3), dict(expand=[3]), dict(expand=3)])
def test_options_of_a_wrong_type_are_explained(options):
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    for read in (lambda: viz.formula(x * x, wrt=x, **options),
                 lambda: viz.derivation(np.sum(x), **options)):  # fmt: skip
        with pytest.raises(DrawingError, match=r"=\[?3"):
            read()


def test_indices_by_arrays_are_compared_entry_by_entry():
    x = Tensor(np.arange(4.0).reshape(2, 2), requires_grad=True, name="x")
    i, j = np.array([0, 1]), np.array([1, 0])
    for k, pieces in ((j, 1), (i, 2)):
        e = np.sum(x[i, j] + x[i, k])
        formula = viz.formula(e, wrt=x)
        np.testing.assert_allclose(formula.evaluate(), ag.gradients(e, [x])[0].data)
        assert str(formula).count("+=") == pieces


def test_a_tensor_that_no_gradient_reaches_has_no_formula():
    half = ag.fused(lambda a, b: np.sum(b * b) + 0 * np.sum(a), "a b", name="half",
                    vjp=lambda g, a, b: (None, 2 * g * b))  # fmt: skip
    a, b = (Tensor([1.0, 2.0], requires_grad=True, name=n) for n in "ab")
    e = half(a, b)
    assert str(viz.formula(e, wrt=b)) == "∂e/∂b = 2 b"
    with pytest.raises(DrawingError, match="no gradient arrives at a"):
        viz.formula(e, wrt=a)
