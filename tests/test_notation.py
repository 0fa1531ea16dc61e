"""One expression as Unicode, LaTeX and MathML: what is written, and that no name can break it."""

import re
import xml.etree.ElementTree as ET

import blackboard
import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st
from samples import SAMPLES
from test_formula import STEPS, contracted, residual_layer

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F
from autograd_lite.rules import activations, indexing
from autograd_lite.rules.fft import pairs_weighed
from viz import DrawingError
from viz.formulas import latex, mathml, notation, symbols, unicode
from viz.formulas.python_form import Python
from viz.formulas.symbols import named, one
from viz.programs.program import Program

WORDS = """
bar mathsf text mathrm mathbf frac sqrt underset left right begin end partial odot cdot sum top
le ge ne lor land lnot mapsto mathrel langle rangle vert Vert backslash wedge sim prime times
ldots infty to exp log sin cos tan sinh cosh tanh max min
alpha beta gamma delta varepsilon epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma
tau upsilon varphi phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
""".split()  # noqa: SIM905
MARKS = set(r",\ $%_{}#&")  # after a backslash
ELEMENTS = """
math mrow mi mn mo mtext mspace mfrac msup msub msubsup munder mover msqrt mtable mtr mtd
""".split()  # noqa: SIM905
HOSTILE = [
    "<b>", '"', "\\", "\n", "</script>", "$", "%", "_", "{", "}", "^", "~", "#", "&", "x" * 10_000,
    "😀", "שלום", "\u202eabc", "e\u0301", "\u0301", "a&\u0301", "", "\\input{/etc/passwd}",
    "\\write18{ls}", "^^5c", "$$x$$", "a\x00b", "\ud800", "]]>", "&amp;", "-->", "x\u2028y", "日本",
    "%\\", "}{", "\\end{aligned}", "x_{1}", "'", "`", "|", "θ₂", "x²", "∂e/∂x", "(a)", "/∂", "∂/∂",
]  # fmt: skip


def check_latex(text):
    """Braces, \\left and \\right, \\begin and \\end pair up; every command is one of ours."""
    depth, opened, environments = 0, 0, 0
    plain = re.sub(r"\\text\{([^\\{}$%_^~#&]*)\}", "", text)  # what \text{} may contain
    for word, mark, c in re.findall(r"\\([A-Za-z]+)|\\(.)|([^\\])", plain, flags=re.S):
        assert not word or (word in WORDS and word != "text"), word
        assert not mark or mark in MARKS, mark
        assert c not in ("$", "%", "~", "#"), text
        depth += (c == "{") - (c == "}")
        opened += (word == "left") - (word == "right")
        environments += (word == "begin") - (word == "end")
        assert min(depth, opened, environments) >= 0, text
    assert depth == opened == environments == 0, text
    assert not re.search(r"(\^|_)\s*(\^|_)", plain)
    if not environments_of(text):
        assert "&" not in plain.replace("\\&", "")


def environments_of(text):
    return re.findall(r"\\begin\{(\w+)\}", text)


def check_mathml(text):
    root = ET.fromstring(text)
    assert root.tag == "math"
    assert root.attrib == {"displaystyle": "true"}
    children = {"mfrac": 2, "msup": 2, "msub": 2, "munder": 2, "mover": 2, "msubsup": 3}
    for element in root.iter():
        assert element.tag in ELEMENTS
        assert len(element) == children.get(element.tag, len(element))
        leaf = element.tag in ("mi", "mn", "mo", "mtext", "mspace")
        assert not leaf or len(element) == 0
        assert leaf or not (element.text or "").strip()
        assert element.attrib.keys() <= {"displaystyle", "style", "form", "fence", "lspace",
                                         "rspace", "width", "mathvariant", "accent"}  # fmt: skip


def check(printed):
    check_latex(printed.latex)
    check_mathml(printed.mathml)
    for line in printed.text.splitlines():
        assert line.isprintable()


def symbol(text, *shape):
    rng = np.random.default_rng(len(text) + sum(map(ord, text)))
    return named(text, rng.uniform(0.5, 2.0, shape))


x, y, t = symbol("x₃", 3), symbol("y", 3), symbol("t", 3)
A, B, c, s = symbol("A", 3, 3), symbol("B", 3, 3), symbol("c", 3, 1), symbol("s")
g = symbol("∂e/∂y", 3)
G = symbol("∂e/∂Y", 2, 3)
C = symbol("C", 2, 3, 3)
p = named("p*", [0.2, 0.3, 0.5])


@pytest.mark.parametrize(
    ("expression", "text", "tex"),
    [
        (g, "∂e/∂y", r"\frac{\partial e}{\partial y}"),
        (x, "x₃", "x_{3}"),
        (p, "p*", "p^{*}"),
        (symbol("W_max"), "W_max", r"W_{\max}"),
        (symbol("loss"), "loss", r"\mathrm{loss}"),
        (symbol("θ₁₂"), "θ₁₂", r"\theta_{12}"),
        (one(np.ones(())), "1", "1"),
        (one(np.ones((2, 3))), "1₂ₓ₃", r"\mathbf{1}_{2\times 3}"),
        # sums and signs
        (x + x, "2 x₃", r"2 \, x_{3}"),
        (g * x + g * x, "2 ∂e/∂y ⊙ x₃", r"2 \, \frac{\partial e}{\partial y} \odot x_{3}"),
        (x + (x + x), "3 x₃", r"3 \, x_{3}"),
        (-x + y, "y − x₃", "y - x_{3}"),
        (x - (-y), "x₃ + y", "x_{3} + y"),
        (x - (y - t), "x₃ − (y − t)", "x_{3} - (y - t)"),
        (x + -g * y / t, "x₃ − ∂e/∂y ⊙ y / t",
         r"x_{3} - \frac{\frac{\partial e}{\partial y} \odot y}{t}"),
        (-(x + y), "−(x₃ + y)", "-(x_{3} + y)"),
        (-x / (y * t), "−x₃ / (y ⊙ t)", r"-\frac{x_{3}}{y \odot t}"),
        ((x + y) / 4, "(x₃ + y) / 4", r"\frac{x_{3} + y}{4}"),
        # products
        (g * (x > 0), "∂e/∂y ⊙ 1[x₃ > 0]",
         r"\frac{\partial e}{\partial y} \odot \mathbf{1}[x_{3} > 0]"),
        (-g * x * x, "−∂e/∂y ⊙ x₃²", r"-\frac{\partial e}{\partial y} \odot x_{3}^{2}"),
        (g * (2 * x) * -3.0, "−6 ∂e/∂y ⊙ x₃", r"-6 \, \frac{\partial e}{\partial y} \odot x_{3}"),
        (g * np.log(2), "log(2) ∂e/∂y", r"\log(2) \, \frac{\partial e}{\partial y}"),
        ((g / 2) * x, "(∂e/∂y / 2) ⊙ x₃", r"\frac{\frac{\partial e}{\partial y}}{2} \odot x_{3}"),
        (s * (x + y), "s · (x₃ + y)", r"s \cdot (x_{3} + y)"),
        (1e-7 * x, "10⁻⁷ x₃", r"10^{-7} \, x_{3}"),
        (x * 6.02e23, "(6.02 · 10²³) x₃", r"(6.02 \cdot 10^{23}) \, x_{3}"),
        # matrices and vectors
        (A.T @ (g * x), "Aᵀ (∂e/∂y ⊙ x₃)",
         r"A^{\top} \, \left( \frac{\partial e}{\partial y} \odot x_{3} \right)"),
        ((A @ B).T @ x, "(A B)ᵀ x₃", r"(A \, B)^{\top} \, x_{3}"),
        (A.T.T, "A", "A"),
        (np.outer(g, x), "∂e/∂y x₃ᵀ", r"\frac{\partial e}{\partial y} \, x_{3}^{\top}"),
        (x @ A, "Aᵀ x₃", r"A^{\top} \, x_{3}"),
        (x @ A.T, "A x₃", r"A \, x_{3}"),
        (x @ y, "⟨x₃, y⟩", r"\langle x_{3}, y \rangle"),
        (np.sum(g * x), "⟨∂e/∂y, x₃⟩",
         r"\left\langle \frac{\partial e}{\partial y}, x_{3} \right\rangle"),
        (np.sum(x * x), "‖x₃‖²", r"\Vert x_{3} \Vert^{2}"),
        (np.sqrt(np.sum(np.square(A))), "‖A‖", r"\Vert A \Vert"),
        (np.einsum("ij,jk->ki", A, B), "Bᵀ Aᵀ", r"B^{\top} \, A^{\top}"),
        (np.einsum("ji,jk->ik", A, B), "Aᵀ B", r"A^{\top} \, B"),
        # sums over axes, broadcasting
        (np.sum(G, axis=0), "Σ₀ ∂e/∂Y", r"\sum_{0} \, \frac{\partial e}{\partial Y}"),
        (np.sum(-G, axis=0), "−Σ₀(∂e/∂Y)",
         r"-\sum_{0}\left( \frac{\partial e}{\partial Y} \right)"),
        (G - np.sum(G, axis=1, keepdims=True), "∂e/∂Y − Σ₁(∂e/∂Y) 1₃ᵀ",
         r"\frac{\partial e}{\partial Y} - "
         r"\sum_{1}\left( \frac{\partial e}{\partial Y} \right) \, \mathbf{1}_{3}^{\top}"),
        (np.broadcast_to(np.expand_dims(x, 1), (3, 2)), "x₃ 1₂ᵀ",
         r"x_{3} \, \mathbf{1}_{2}^{\top}"),
        (np.broadcast_to(x, (2, 3)), "1₂ x₃ᵀ", r"\mathbf{1}_{2} \, x_{3}^{\top}"),
        (np.broadcast_to(c, (3, 3)) * A, "c 1₃ᵀ ⊙ A",
         r"c \, \mathbf{1}_{3}^{\top} \odot A"),
        (np.broadcast_to(s, (2, 3)), "s · 1₂ₓ₃", r"s \cdot \mathbf{1}_{2\times 3}"),
        # powers, roots, functions
        (x**2.5, "x₃^2.5", "x_{3}^{2.5}"),
        (x**-1, "x₃⁻¹", "x_{3}^{-1}"),
        (p**2, "p*²", "{p^{*}}^{2}"),
        (x**0.5, "√x₃", r"\sqrt{x_{3}}"),
        (np.sqrt(1 - x * x), "√(1 − x₃²)", r"\sqrt{1 - x_{3}^{2}}"),
        (np.exp2(x - y), "2^(x₃ − y)", "2^{x_{3} - y}"),
        (y / np.expm1(x), "y / (exp(x₃) − 1)", r"\frac{y}{\exp(x_{3}) - 1}"),
        (np.abs(x - y), "|x₃ − y|", r"\vert x_{3} - y \vert"),
        (activations.softmax(y), "softmax(y)", r"\mathrm{softmax}(y)"),
        (activations.softmax(A, axis=0), "softmax(A, axis=0)",
         r"\mathrm{softmax}(A, \mathrm{axis}=0)"),
        (np.exp(x), "exp(x₃)", r"\exp(x_{3})"),
        (np.logical_not((x < 1) | (x > y)), "1 ≤ x₃ ≤ y", r"1 \le x_{3} \le y"),
        (np.where(x > y, g, 0), "∂e/∂y ⊙ 1[x₃ > y]",
         r"\frac{\partial e}{\partial y} \odot \mathbf{1}[x_{3} > y]"),
        # shapes and indices
        (indexing.scatter(y[:2], slice(0, 4, 2), (5,)), "0₅[0:4:2 ↦ y[:2]]",
         r"\mathbf{0}_{5}[0:4:2 \mapsto y[:2]]"),
        (indexing.scatter(y, np.array([0, 0, 1]), (2,)), "0₂[[0, 0, 1] += y]",
         r"\mathbf{0}_{2}[[0, 0, 1] \mathrel{+}= y]"),
        (np.split(x, [1])[1], "x₃[1:]", "x_{3}[1:]"),
        (np.reshape(np.reshape(A, (9,)), (3, 3)), "A", "A"),
        (np.moveaxis(A, 1, 0)[0], "A[:, 0]", "A[:, 0]"),
        (np.transpose(A, (1, 0)), "Aᵀ", r"A^{\top}"),
        (x[()], "x₃", "x_{3}"),
        (indexing.scatter(x, ..., (3,)), "x₃", "x_{3}"),
        # entries of a matrix are not the matrix
        (A**2, "A^⊙2", r"A^{\odot2}"),
        (A * A * B, "A^⊙2 ⊙ B", r"A^{\odot2} \odot B"),
        (np.square(A) - A**-1, "A^⊙2 − A^⊙−1", r"A^{\odot2} - A^{\odot-1}"),
        (A ** symbol("n", 3, 3), "A^⊙n", r"A^{\odot n}"),
        (A / (x @ B), "A / (Bᵀ x₃)", r"\frac{A}{B^{\top} \, x_{3}}"),
        (A / c, "A / (c 1₃ᵀ)", r"\frac{A}{c \, \mathbf{1}_{3}^{\top}}"),
        (A - np.mean(A, keepdims=True), "A − mean(A)", r"A - \mathrm{mean}(A)"),
        (A * np.sum(A, keepdims=True), "Σ(A) · A", r"\sum(A) \cdot A"),
        (np.sum(A, 0, keepdims=True) @ B, "Σ₀(A)ᵀ B", r"\sum_{0}(A)^{\top} \, B"),
        (c @ (2 * np.sum(A, axis=0, keepdims=True)), "2 c Σ₀(A)ᵀ",
         r"2 \, c \, \sum_{0}(A)^{\top}"),
        (A @ np.sum(A, axis=0, keepdims=True).T, "A Σ₀(A)", r"A \, \sum_{0}(A)"),
        (A @ np.mean(A, axis=1, keepdims=True), "A mean(A, axis=1)",
         r"A \, \mathrm{mean}(A, \mathrm{axis}=1)"),
        # bars, options, numbers with axes
        (np.abs(np.abs(x)), "|x₃|", r"\vert x_{3} \vert"),
        (np.abs(x - np.abs(y)), "abs(x₃ − |y|)", r"\mathrm{abs}(x_{3} - \vert y \vert)"),
        (np.multiply(x, y, where=x > 0, out=np.zeros_like(x)),
         "multiply(x₃, y, where=x₃ > 0, out=zeros_like(x₃))",
         r"\mathrm{multiply}(x_{3}, y, \mathrm{where}=x_{3} > 0, "
         r"\mathrm{out}={\mathrm{zeros}\_\mathrm{like}}(x_{3}))"),
        (np.sum(x, initial=2.0), "sum(x₃, initial=2)", r"\mathrm{sum}(x_{3}, \mathrm{initial}=2)"),
        (np.add.outer(x, y), "add.outer(x₃, y)", r"\text{add.outer}(x_{3}, y)"),
        (np.multiply.reduce(x), "multiply.reduce(x₃)", r"\text{multiply.reduce}(x_{3})"),
        (x * np.array(2.0), "2 x₃", r"2 \, x_{3}"),
        (symbol("W x", 3) ** 2 + symbol("W x", 3), "(W x)² + (W x)",
         r"(\text{W x})^{2} + (\text{W x})"),
        (np.exp(symbol("a + b", 3)), "exp(a + b)",
         r"\exp(\text{a + b})"),
        (np.einsum("i,ij->ij", x, A), "x₃ 1₃ᵀ ⊙ A", r"x_{3} \, \mathbf{1}_{3}^{\top} \odot A"),
        (np.einsum("ij,j->i", A, x), "A x₃", r"A \, x_{3}"),
        (np.einsum("i,ij->j", x, A), "Aᵀ x₃", r"A^{\top} \, x_{3}"),
        (np.einsum("ij,ij->i", A, B), "Σ₁(A ⊙ B)", r"\sum_{1}(A \odot B)"),
        (np.einsum("ij,ij->", A, B), "⟨A, B⟩", r"\langle A, B \rangle"),
        (np.einsum("kij,kjl->kil", C, C), "C C", r"C \, C"),
        (np.einsum("kij,kil->kjl", C, C), "Cᵀ C", r"C^{\top} \, C"),
        ((A @ B.T).T, "B Aᵀ", r"B \, A^{\top}"),
        (np.outer(x, y).T, "y x₃ᵀ", r"y \, x_{3}^{\top}"),
        (A @ (2 * B), "2 A B", r"2 \, A \, B"),
        (np.zeros_like(A) @ B + A - np.conj(np.zeros_like(A)), "A", "A"),
        (pairs_weighed(x, n=5, axis=-1, weight=0.5), "(1, 0.5, 0.5) ⊙ x₃",
         r"(1, 0.5, 0.5) \odot x_{3}"),
        (pairs_weighed(A, n=4, axis=0, weight=2.0), "(1, 2, 1)[:, None] ⊙ A",
         r"(1, 2, 1)[:, \mathrm{None}] \odot A"),
        (np.ravel(indexing.scatter(c, (slice(None), None), (3,))), "reshape(c, (3,))",
         r"\mathrm{reshape}(c, (3,))"),
        (np.einsum("ii,i->i", A, np.ones(3)), "einsum(ii,i→i, A, 1₃)",
         r"\mathrm{einsum}({\text{ii,i}\to \mathrm{i}}, A, \mathbf{1}_{3})"),
    ],
)  # fmt: skip
def test_what_is_written(expression, text, tex):
    math = notation.markup(expression)
    assert unicode.write(math) == text
    assert latex.write(math) == tex
    check_latex(tex)
    check_mathml(mathml.write(math))


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_rule_is_written_well_in_all_three(sample):
    xs = [Tensor(a, requires_grad=True) for a in sample.arrays()]
    ys = sample.call(*xs)
    e = contracted(ys if isinstance(ys, (tuple, list)) else [ys])
    for shapes in (False, True):
        check(viz.derivation(e, shapes=shapes))
        for tensor in xs:
            check(viz.formula(e, wrt=tensor, shapes=shapes))


def program(steps):
    rng = np.random.default_rng(0)
    values = [Tensor(rng.standard_normal((3, 3)) / 2, requires_grad=True) for _ in range(2)]
    for step, i, j in steps:
        values.append(STEPS[step](values[-1 - i % len(values)], values[-1 - j % len(values)]))
    return np.sum(values[-1] * values[0]), {f"v{i}": v for i, v in enumerate(values)}


STEP = st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 9), st.integers(0, 9))


@settings(max_examples=60, deadline=None)
@given(st.lists(STEP, min_size=1, max_size=8))
def test_random_programs_are_written_well_and_shapes_only_widen_gaps(steps):
    e, names = program(steps)
    plain, shaped = (viz.formula(e, names["v0"], names, shapes=shapes) for shapes in (False, True))
    check(plain)
    check(shaped)
    factors = shaped.text.splitlines()
    assert [squeezed(line) for line in factors[::2]] == [
        squeezed(s) for s in plain.text.split("\n")
    ]
    for line in factors[1::2]:
        for shape in re.split(" {2,}", line.strip()):
            assert re.fullmatch(r"\((\d+,|\d+(, \d+)+)?\)", shape)


def squeezed(line):
    return line.replace(" ", "")


def test_shapes_stand_under_their_factors():
    names = residual_layer()
    assert str(viz.formula(names["e"], wrt=names["x"], names=names, shapes=True)).splitlines() == [
        "∂e/∂x = ∂e/∂y + Hᵀ   (∂e/∂y ⊙ 1[x₃ > 0])",
        "(3,)    (3,)  (3, 3)  (3,)      (3,)",
        "  where ∂e/∂y = softmax(y) − p*",
        "        (3,)       (3,)     (3,)",
    ]
    lines = viz.derivation(names["e"], names=names, shapes=True)
    assert str(lines["H"]).splitlines() == [
        " ∂e/∂H = ∂e/∂x₂   xᵀ",
        "(3, 3)    (3,)  (1, 3)",
    ]
    assert r"\underset{(3, 3)}{H^{\top}}" in lines["x"].latex
    assert "<munder><msup><mi>H</mi>" in lines["x"].mathml


def test_shapes_line_up_in_a_terminal_whatever_the_name():
    wide = named("日本", np.ones((2, 3)))
    first, second = unicode.write(notation.markup(wide + named("e\u0301", wide.value), shapes=True)
                                  ).splitlines()  # fmt: skip
    assert first == " 日本 +    e\u0301"
    assert second == "(2, 3)  (2, 3)"


def test_the_residual_layer_in_latex():
    names = residual_layer()
    formula = viz.formula(names["e"], wrt=names["x"], names=names)
    gradient = r"\frac{\partial e}{\partial y}"
    assert formula.latex.splitlines() == [
        r"\begin{aligned}",
        rf"\frac{{\partial e}}{{\partial x}} &= {gradient} + H^{{\top}} \, "
        rf"\left( {gradient} \odot \mathbf{{1}}[x_{{3}} > 0] \right) \\",
        rf"\mathrm{{where}}\ {gradient} &= \mathrm{{softmax}}(y) - p^{{*}}",
        r"\end{aligned}",
    ]
    bundle = formula._repr_mimebundle_()
    assert bundle == {"text/plain": str(formula), "text/latex": f"$\\displaystyle {formula.latex}$"}
    lines = viz.derivation(names["e"], names=names)
    assert environments_of(lines.latex) == ["aligned"]
    assert lines.latex.count("&=") == len(lines) == 8
    assert lines["v"].latex == (
        r"\frac{\partial e}{\partial v} = \frac{\partial e}{\partial x_{3}}"
    )
    with pytest.raises(DrawingError, match="x₃, x₂"):
        lines["nothing"]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:20])
def test_no_name_breaks_a_formula(name):
    v = Tensor([1.0, 2.0], requires_grad=True)
    z = (v * v) @ np.array([[1.0, 2.0], [0.0, 1.0]])
    e = np.sum(F.softmax(z) * v * np.array([1.0, 0.5]))
    for shapes in (False, True):
        options = dict(names={name: v, name + "2": z}, loss=name, shapes=shapes)
        check(viz.derivation(e, **options))
        formula = viz.formula(e, wrt=v, **options)
        check(formula)
        np.testing.assert_allclose(formula.evaluate(), ag.gradients(e, [v])[0].data)
    for math in (notation.name(name), notation.text(name), notation.partial(name, name),
                 notation.equation(notation.partial("e", name), notation.name(name))):  # fmt: skip
        check_latex(latex.write(math))
        check_mathml(mathml.write(math))


@settings(max_examples=300, deadline=None)
@given(
    st.text(st.one_of(st.characters(), st.sampled_from("\\{}$%&#^_~<>|`'\"₁*′/∂ ")), max_size=12)
)
def test_no_text_breaks_a_name(text):
    for math in (notation.name(text), notation.partial(text, text), notation.text(text)):
        check_latex(latex.write(math))
        check_mathml(mathml.write(math))
        assert unicode.write(math).isprintable()


def softmax_then_log(shape, reduce):
    rng = np.random.default_rng(0)
    y = Tensor(rng.standard_normal(shape), requires_grad=True)
    t = rng.uniform(0.1, 1.0, shape)
    t /= t.sum(axis=-1, keepdims=True)
    p = F.softmax(y)
    e = reduce(t * np.log(p))
    return dict(y=y, t=t, p=p, e=e)


@pytest.mark.parametrize(
    ("shape", "reduce", "text"),
    [
        ((3,), lambda losses: -np.sum(losses), "∂e/∂y = p − t"),
        ((3,), lambda losses: np.sum(-losses), "∂e/∂y = p − t"),
        ((4, 3), lambda losses: -np.sum(losses), "∂e/∂y = p − t"),
        ((4, 3), lambda losses: -np.mean(np.sum(losses, axis=1)), "∂e/∂y = (p − t) / 4"),
        ((4, 3), lambda losses: -np.sum(losses) / 4, "∂e/∂y = (p − t) / 4"),
    ],
)
def test_softmax_and_a_cross_entropy_written_out_meet_in_a_difference(shape, reduce, text):
    names = softmax_then_log(shape, reduce)
    formula = viz.formula(names["e"], wrt=names["y"], names=names)
    assert str(formula) == text
    (gradient,) = ag.gradients(names["e"], [names["y"]])
    np.testing.assert_allclose(formula.evaluate(), gradient.data)


def test_targets_that_do_not_sum_to_one_keep_their_sum():
    names = softmax_then_log((3,), lambda losses: -np.sum(2 * losses))
    formula = viz.formula(names["e"], wrt=names["y"], names=names)
    (gradient,) = ag.gradients(names["e"], [names["y"]])
    np.testing.assert_allclose(formula.evaluate(), gradient.data)
    y = Tensor([0.1, 0.2, 0.3], requires_grad=True)
    t = np.array([0.2, 0.3, 0.6])
    formula = viz.formula(-np.sum(t * np.log(F.softmax(y))), wrt=y, names=dict(y=y, t=t))
    assert str(formula) == "∂e/∂y = Σ(t) · x₁ − t"


def test_a_rewrite_that_is_wrong_is_not_used(monkeypatch):
    wrong = {np.sin: lambda s: s.args[0], np.cos: lambda s: s.args[0][:1]}
    monkeypatch.setattr(symbols, "REWRITES", symbols.REWRITES | wrong)
    assert unicode.write(notation.markup(np.sin(x))) == "sin(x₃)"
    assert unicode.write(notation.markup(np.cos(x))) == "cos(x₃)"


def test_kept_values_of_the_same_name_are_told_apart_in_python():
    v = Tensor(np.arange(5.0), requires_grad=True)
    a = indexing.put(v * 1, v[:3] * 2, np.array([0, 2, 0]))
    e = np.sum(np.square(indexing.put(a, v[:2] * 3, np.array([4, 4]))))
    (gradient,) = ag.gradients(e, [v])
    np.testing.assert_allclose(viz.formula(e, wrt=v).evaluate(), gradient.data)


def test_a_deep_chain_of_numbers_gives_advice():
    v = Tensor([0.1, 0.2], requires_grad=True)
    e = np.sum(v)
    for _ in range(3000):
        e = -e / 2
    with pytest.raises(DrawingError, match="derivation"):
        viz.formula(e, wrt=v)
    assert len(viz.derivation(e).latex.splitlines()) == 6004


@settings(max_examples=200, deadline=None)
@given(st.lists(STEP, min_size=1, max_size=8))
def test_what_is_printed_means_the_gradient(steps):
    e, names = program(steps)
    (gradient,) = ag.gradients(e, [names["v0"]])
    formula = viz.formula(e, wrt=names["v0"], names=names)
    assume(not formula.missing)
    value = blackboard.read(formula)
    np.testing.assert_allclose(np.reshape(value, (3, 3)), gradient.data, rtol=1e-4, atol=1e-5)


UNREAD = KeyError, AssertionError, SyntaxError, TypeError, ValueError, AttributeError
"""What the reader says to what is not in its language."""


def test_what_is_printed_for_the_rules_means_the_gradient():
    """The reader knows NumPy's functions, and sums, products, indices and conditions."""
    read = 0
    for sample in SAMPLES:
        xs = [Tensor(a, requires_grad=True) for a in sample.arrays()]
        ys = sample.call(*xs)
        ys = list(ys) if isinstance(ys, (tuple, list)) else [ys]
        names = {f"a{i}": v for i, v in enumerate(xs)} | {f"y{i}": v for i, v in enumerate(ys)}
        e = contracted(ys)
        for v in xs:
            formula = viz.formula(e, wrt=v, names=names)
            try:
                value = blackboard.read(formula)
            except UNREAD:
                continue
            (gradient,) = ag.gradients(e, [v])
            value = np.reshape(value, v.shape)
            np.testing.assert_allclose(value, gradient.data, rtol=1e-4, err_msg=str(formula))
            read += 1
    assert read > 670


EINSUMS = st.lists(st.text("ijk", max_size=3).filter(lambda t: len({*t}) == len(t)), min_size=1,
                   max_size=2)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(EINSUMS, st.data())
def test_an_einsum_is_shortened_by_its_indices_and_not_by_its_numbers(terms, data):
    letters = sorted({*"".join(terms)})
    out = "".join(data.draw(st.permutations(letters)))[: data.draw(st.integers(0, len(letters)))]
    sizes = dict(zip("ijk", data.draw(st.sampled_from([(2, 3, 4), (2, 2, 2), (1, 2, 2)])),
                     strict=True))  # fmt: skip
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal([sizes[i] for i in t]) for t in terms]
    text = f"{','.join(terms)}->{out}"
    ones = [named("AB"[k], np.ones_like(x)) for k, x in enumerate(arrays)]  # all orders look alike
    printed = Python().text(np.einsum(text, *ones))
    value = eval(printed, {"np": np, **dict(zip("AB", arrays, strict=False))})
    np.testing.assert_allclose(value, np.einsum(text, *arrays), err_msg=printed, atol=1e-12)
    if len(terms) == 1 or {*terms[0]} == {*terms[1]}:
        assert "einsum" not in printed


def test_a_transpose_is_one_only_where_the_order_of_axes_says_so():
    A = named("A", np.ones((2, 2)))
    for axes, text in (((0, 1), "A"), ([0, 1], "A"), ((-2, 1), "A"), ((1, 0), "A.mT"),
                       ([-1, -2], "A.mT"), (None, "A.mT")):  # fmt: skip
        assert Python().text(np.transpose(A, axes)) == text


MIXED = {
    **{name: STEPS[name] for name in ("add", "multiply", "matmul", "transpose", "tanh", "scale")},
    "power": lambda a, b: a**3,
    "divide": lambda a, b: a / (2 + b * b),
    "row": lambda a, b: np.sum(a, axis=0, keepdims=True),
    "column": lambda a, b: np.mean(a, axis=-1, keepdims=True),
    "rows": lambda a, b: np.sum(a, axis=-1),
    "number": lambda a, b: np.sum(a * b, keepdims=True),
    "centre": lambda a, b: a - np.mean(a, keepdims=True),
    "abs": lambda a, b: np.abs(a) - b,
}


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(MIXED)), st.integers(0, 9), st.integers(0, 9)),
                min_size=1, max_size=6), st.integers(0, 4))  # fmt: skip
def test_what_is_printed_for_rows_columns_vectors_and_numbers_means_the_gradient(steps, wanted):
    rng = np.random.default_rng(1)
    shapes = [(3, 3), (1, 3), (3, 1), (3,), ()]
    values = [Tensor(rng.standard_normal(s) / 2, requires_grad=True) for s in shapes]
    for step, i, j in steps:
        a, b = values[-1 - i % len(values)], values[-1 - j % len(values)]
        try:
            made = MIXED[step](a, b)
        except ValueError:  # shapes that do not fit
            continue
        if made.ndim <= 2:
            values.append(made)
    e = sum(np.sum(v * v) for v in values)
    names = {f"v{i}": v for i, v in enumerate(values)}
    formula = viz.formula(e, wrt=values[wanted], names=names)
    assume(not formula.missing)
    (gradient,) = ag.gradients(e, [values[wanted]])
    np.testing.assert_allclose(formula.evaluate(), gradient.data, rtol=1e-9, atol=1e-9)
    assume("reshape" not in str(formula))  # the reader does not know the order of entries
    value = np.reshape(blackboard.read(formula, columns=True), shapes[wanted])
    np.testing.assert_allclose(value, gradient.data, rtol=1e-4, atol=1e-5, err_msg=str(formula))


def test_one_of_several_outputs_has_its_number_also_where_the_others_are_gone():
    S = Tensor(2 * np.eye(2), requires_grad=True, name="S")
    for y, text in ((np.linalg.slogdet(S)[1], "slogdet(S)₂"), (np.linalg.eigh(S)[1], "eigh(S)₂")):
        program = Program(y)
        assert unicode.write(notation.markup(program.forward(program.roots[0]))) == text


def test_axes_that_turn_matrices_over_are_a_transpose_in_forward_formulas():
    Q = Tensor(np.ones((2, 2, 3)), requires_grad=True, name="Q")

    def forward(function, *args):
        with viz.record():  # a rule need not read all that a call was told
            program = Program(function(Q, *args))
        return unicode.write(notation.markup(program.forward(program.roots[0])))

    assert forward(np.swapaxes, -1, -2) == "Qᵀ"
    assert forward(np.transpose, (0, 2, 1)) == "Qᵀ"
    assert forward(np.swapaxes, 0, 1) == "swapaxes(Q, axis1=0, axis2=1)"
    assert forward(np.transpose) == "transpose(Q)"
    assert forward(np.reshape, -1) == "reshape(Q, shape=−1)"
    assert forward(np.mean) == "mean(Q)"
