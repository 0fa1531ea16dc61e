"""Complex numbers in the third reading: formulas, structures and pages of them are true."""

from xml.etree import ElementTree

import blackboard
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from samples import SAMPLES
from sampling import real
from test_movie import templates
from test_structure import places

import autograd_lite as ag
import viz
from autograd_lite import Tensor
from viz import DrawingError
from viz.formulas import latex, mathml, notation, unicode
from viz.formulas.symbols import named, one
from viz.jacobians.work import multiply_adds
from viz.page.differences import differences

RNG = np.random.default_rng(0)
BAR = blackboard.BAR


def numbers(*shape):
    return RNG.standard_normal(shape) + 1j * RNG.standard_normal(shape)


def leaf(*shape):
    return Tensor(numbers(*shape), requires_grad=True)


# --- programs -------------------------------------------------------------------------------
def test_the_squared_modulus_is_differentiated_as_a_function_of_both_parts():
    z = leaf(3)
    u = z * np.conj(z)
    e = np.sum(np.real(u))
    lines = str(viz.derivation(e, names=dict(z=z, u=u))).splitlines()
    assert lines[2:] == [
        "∂e/∂u = ∂e/∂x₂",
        "∂e/∂x₁ = ∂e/∂u ⊙ z̄",
        "∂e/∂z = ∂e/∂u ⊙ x̄₁ + conj(∂e/∂x₁)",
    ]
    formula = viz.formula(e, wrt=z, names=dict(z=z, u=u))
    assert str(formula) == "∂e/∂z = x̄₁ + z"
    np.testing.assert_allclose(formula.evaluate(), 2 * z.data)


def test_a_real_tensor_gets_a_real_part():
    x = Tensor([0.1, 0.2], requires_grad=True)
    y = np.exp(1j * x)
    e = np.sum(np.abs(y))
    lines = str(viz.derivation(e, names=dict(x=x, y=y))).splitlines()
    assert lines[2:] == [
        "∂e/∂y = ∂e/∂x₂ ⊙ sign(y)",
        f"∂e/∂x₁ = ∂e/∂y ⊙ y{BAR}",
        "∂e/∂x = Im(∂e/∂x₁)",
    ]
    assert viz.formula(e, wrt=x, names=dict(y=y)).evaluate().dtype == float


def test_a_linear_layer_and_a_transform():
    W, z = leaf(3, 4), leaf(4)
    F = np.fft.fft(z)
    y = W @ F
    names = dict(W=W, z=z, F=F, y=y)
    e = np.sum(np.abs(y) ** 2)
    assert str(viz.derivation(e, names=names)["W"]) == "∂e/∂W = ∂e/∂y Fᴴ"
    assert str(viz.derivation(e, names=names)["F"]) == "∂e/∂F = Wᴴ ∂e/∂y"
    assert str(viz.derivation(e, names=names)["z"]) == "∂e/∂z = ifft(∂e/∂F, norm=forward)"
    table = viz.explain(e, names=names)
    texts = {sent.to: sent.structure.text for row in table.rows for sent in row.sent}
    assert texts["y"] == "J diagonal in pairs (Re, Im), so entry by entry"
    assert texts["F"] == "J = W, so a matrix product"
    assert [k.bytes for row in table.rows for k in row.kept if k.name == "W"] == [12 * 16]


def test_a_complex_result_is_given_its_gradient():
    z, w = leaf(2), leaf(2)
    y = z * w
    assert str(viz.formula(y, wrt=z, names=dict(z=z, w=w, y=y))) == "∂e/∂z = ∂e/∂y ⊙ w̄"
    total = np.sum(y)
    assert "given" in viz.draw_backward(total, names=dict(total=total)).source
    for refused in (viz.movie, lambda t: viz.draw(t, grads=True)):
        with pytest.raises(DrawingError, match="a real one"):
            refused(total)


def test_a_page_has_true_numbers_and_no_complex_jacobian():
    z, x = leaf(3), Tensor([0.5, -1.0, 2.0], requires_grad=True, name="x")
    with viz.record():
        e = np.sum(np.abs(np.fft.ifft(z * x)) ** 2 + np.real(np.conj(z)))
    movie = viz.movie(e, names=dict(z=z))
    e.backward()
    found = differences(movie.story.program)
    assert {d.entries for d in found.values()} == {3, 6}
    assert all(d.largest < 1e-8 for d in found.values())
    panels = [ElementTree.tostring(t, "unicode", "text") for t in templates(movie)]
    assert any("Where numbers are complex, the Jacobian is not drawn." in p for p in panels)
    np.testing.assert_array_equal(movie.story.of[z._node.index].gradient, z.grad)


def with_complex_arrays():
    """The rows of real arrays that NumPy also computes with complex ones."""
    for sample in SAMPLES:
        if sample.domain == "complex":
            continue
        arrays = sample.complex_arrays()
        try:
            sample.call(*arrays)
        except (TypeError, np.exceptions.ComplexWarning):
            continue
        yield sample, arrays


def test_formulas_and_structures_of_all_rules_are_true_for_complex_numbers():
    checked = 0
    for sample, arrays in with_complex_arrays():
        xs = [Tensor(a, requires_grad=True) for a in arrays]
        ys = sample.call(*xs)
        ys = [y for y in (ys if isinstance(ys, (list, tuple)) else [ys]) if y.requires_grad]
        e = real(sum(np.sum(y * (1.5 + i)) for i, y in enumerate(ys)))
        for v in xs:
            formula = viz.formula(e, wrt=v)
            if not formula.missing:
                (expected,) = ag.gradients(e, [v])
                np.testing.assert_allclose(formula.evaluate(), expected.data, atol=1e-11,
                                           err_msg=f"{sample}: {formula}")  # fmt: skip
                checked += 1
        for name, claimed, J in places(ys):
            assert claimed.satisfied(J), (sample, name, claimed, J)
    assert checked > 200


def test_what_a_transform_and_a_conjugate_cost():
    c, m = named("c", numbers(2, 8)), named("m", numbers(8, 5))
    assert multiply_adds([np.fft.ifft(c)]) == 2 * 8 * 3
    assert multiply_adds([np.fft.fft(c, n=5)]) == 2 * 8 * 3
    assert multiply_adds([np.conj(c) @ np.conj(m)]) == 2 * 8 * 5
    assert multiply_adds([np.real(np.fft.irfft(c, n=14, axis=-1))]) == 2 * 14 * 4


# --- notation ---------------------------------------------------------------------------------
g, h = named("∂e/∂y", numbers(3)), named("∂e/∂u", numbers(3))
z, w, long = named("z", numbers(3)), named("w₂", numbers(3)), named("long", numbers(3))
x, A = named("x", RNG.standard_normal(3)), named("A", numbers(3, 3))


@pytest.mark.parametrize(
    ("expression", "text", "tex"),
    [
        (np.conj(z), "z̄", r"\bar{z}"),
        (np.conj(w), "w̄₂", r"\bar{w}_{2}"),
        (np.conj(long), "conj(long)", r"\mathrm{conj}(\mathrm{long})"),
        (np.conj(z) ** 2, "z̄²", r"\bar{z}^{2}"),
        (np.conj(np.conj(z)), "z", "z"),
        (np.conj(x), "x", "x"),
        (np.conj(np.conj(g) * w), "∂e/∂y ⊙ w̄₂", r"\frac{\partial e}{\partial y} \odot \bar{w}_{2}"),
        (np.conj(z + w), "conj(z + w₂)", r"\mathrm{conj}(z + w_{2})"),
        (np.conj(np.conj(g) + np.conj(h)), "∂e/∂y + ∂e/∂u",
         r"\frac{\partial e}{\partial y} + \frac{\partial e}{\partial u}"),
        (np.conj(A).T @ z, "Aᴴ z", r"A^{\mathsf{H}} \, z"),
        (np.conj(A.T @ np.conj(z)), "Aᴴ z", r"A^{\mathsf{H}} \, z"),
        (-1j * z, "−i z", r"-i \, z"),
        (z * 2j, "2i z", r"2i \, z"),
        (z * (1 - 2j), "(1 − 2i) z", r"(1 - 2i) \, z"),
        (1j * (1j * z), "−z", "-z"),
        (np.real(-1j * z), "Im(z)", r"\mathrm{Im}(z)"),
        (np.real(np.conj(z)), "Re(z)", r"\mathrm{Re}(z)"),
        (np.imag(np.conj(z)), "−Im(z)", r"-\mathrm{Im}(z)"),
        (np.real(np.conj(g) * np.conj(z)), "Re(∂e/∂y ⊙ z)",
         r"\mathrm{Re}(\frac{\partial e}{\partial y} \odot z)"),
        (np.abs(z), "|z|", r"\vert z \vert"),
        (np.sum(z * z), "Σ z²", r"\sum \, z^{2}"),
        (z @ z, "zᵀ z", r"z^{\top} \, z"),
        (np.conj(np.fft.fft(np.conj(g))), "ifft(∂e/∂y, norm=forward)",
         r"\mathrm{ifft}(\frac{\partial e}{\partial y}, \mathrm{norm}=\mathrm{forward})"),
        (np.fft.hfft(np.conj(g), 4), "irfft(∂e/∂y, n=4, norm=forward)",
         r"\mathrm{irfft}(\frac{\partial e}{\partial y}, n=4, \mathrm{norm}=\mathrm{forward})"),
        (np.conj(one(numbers(2))), "1₂", r"\mathbf{1}_{2}"),
    ],
)  # fmt: skip
def test_what_is_written(expression, text, tex):
    math = notation.markup(expression)
    assert unicode.write(math) == text
    assert latex.write(math).replace(r"\left(", "(").replace(r"\right)", ")").replace("( ", "(") \
        .replace(" )", ")") == tex  # fmt: skip
    assert mathml.write(math).count("¯") == text.count(BAR)


# --- random programs ----------------------------------------------------------------------------
STEPS = {
    "add": lambda a, b: a + b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / (3 + np.abs(b)),
    "conj": lambda a, b: np.conj(a),
    "modulus": lambda a, b: a * np.abs(b),
    "real": lambda a, b: np.real(a) * b,
    "imag": lambda a, b: 1j * np.imag(a) + b,
    "matmul": lambda a, b: a @ b / 3,
    "transposed": lambda a, b: a.T,
    "hermitian": lambda a, b: np.conj(a).T @ b,
    "turn": lambda a, b: a * (0.6 - 0.8j),
    "exp": lambda a, b: np.exp(1j * np.real(a)),
    "sin": lambda a, b: np.sin(a / (1 + np.abs(a))),
    "row": lambda a, b: a - np.mean(b, axis=0),
    "fft": lambda a, b: np.fft.fft(a, norm="ortho"),
    "rfft": lambda a, b: np.fft.irfft(a, n=3, axis=0) + b,
    "half": lambda a, b: np.fft.rfft(np.imag(a), n=5) * b,
}  # fmt: skip
PROGRAMS = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9), st.integers(0, 9)),
                    min_size=1, max_size=6)  # fmt: skip


def run(steps):
    values = [leaf(3, 3), Tensor(RNG.standard_normal((3, 3)), requires_grad=True)]
    for step, i, j in steps:
        values.append(STEPS[step](values[-1 - i % len(values)], values[-1 - j % len(values)]))
    return values, real(np.sum(values[-1] * values[-1] + values[0] + values[1]))


@settings(max_examples=80, deadline=None)
@given(PROGRAMS)
def test_formulas_of_random_programs_are_true(steps):
    values, e = run(steps)
    names = {f"v{i}": v for i, v in enumerate(values)}
    for v in values[:2]:
        (expected,) = ag.gradients(e, [v])
        formula = viz.formula(e, wrt=v, names=names)
        if not formula.missing:
            size = 1e-9 * max(1, np.abs(expected.data).max())
            np.testing.assert_allclose(formula.evaluate(), expected.data, rtol=1e-9, atol=size)
            try:
                value = blackboard.read(formula)
            except (KeyError, AssertionError, SyntaxError):  # not in the reader's language
                continue
            np.testing.assert_allclose(value, expected.data, rtol=1e-4, atol=1e5 * size)


@settings(max_examples=40, deadline=None)
@given(PROGRAMS)
def test_structures_of_random_programs_are_true(steps):
    _, e = run(steps)
    for name, claimed, J in places(e):
        assert claimed.satisfied(J), (name, claimed, J)
