r"""Formulas as LaTeX, for math mode: no $ around, no package but amsmath.

A name cannot be a command: of its characters only letters, digits and harmless punctuation are
written as they are, inside \mathrm{} or \text{}; each other one becomes a symbol of math mode.
Names in scripts other than Latin and Greek show in a browser, and in XeLaTeX and LuaLaTeX.
"""

import re
import unicodedata

from viz.formulas.markup import (
    Atom,
    Fence,
    Fraction,
    Lines,
    Math,
    Over,
    Root,
    Row,
    Sign,
    Sub,
    Super,
    Under,
)

SIGNS = {
    "": r"\,", "−": "-", "⊙": r"\odot", "·": r"\cdot", "∂": r"\partial ", "Σ": r"\sum",
    "ᵀ": r"\top", "ᴴ": r"\mathsf{H}",
    "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "∨": r"\lor", "∧": r"\land",
    "¬": r"\lnot ", "↦": r"\mapsto", "+=": r"\mathrel{+}=",
}  # fmt: skip
FENCES = {"⟨": r"\langle", "⟩": r"\rangle", "|": r"\vert", "‖": r"\Vert"}
GREEK = """
α alpha β beta γ gamma δ delta ε varepsilon ϵ epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda
μ mu ν nu ξ xi π pi ρ rho σ sigma τ tau υ upsilon φ varphi ϕ phi χ chi ψ psi ω omega
Γ Gamma Δ Delta Θ Theta Λ Lambda Ξ Xi Π Pi Σ Sigma Υ Upsilon Φ Phi Ψ Psi Ω Omega
""".split()  # noqa: SIM905
CHARACTERS = {
    "\\": r"\backslash", "^": r"\wedge", "~": r"\sim", "$": r"\$", "%": r"\%", "_": r"\_",
    "{": r"\{", "}": r"\}", "#": r"\#", "&": r"\&", "<": "<", ">": ">", "|": r"\vert",
    "*": "*", "′": r"\prime", "−": "-", "×": r"\times", "…": r"\ldots", "∞": r"\infty",
    "→": r"\to", "∂": r"\partial",
} | {c: rf"\{word}" for c, word in zip(GREEK[::2], GREEK[1::2], strict=True)}  # fmt: skip
COMMAND = re.compile(r"\\[A-Za-z]+$")
FUNCTIONS = {"exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min"}
RUNS = re.compile("[" + re.escape("".join(CHARACTERS)) + "]|[^" + re.escape("".join(CHARACTERS))
                  + "]+")  # fmt: skip


def write(math: Math) -> str:
    r"""`math` as LaTeX for math mode; several lines as an aligned block.

    >>> from viz.formulas.markup import equation, name, partial
    >>> write(equation(partial("e", "x₃"), name("loss_100%")))
    '\\frac{\\partial e}{\\partial x_{3}} = {\\mathrm{loss}\\_\\mathrm{100}\\%}'
    """
    return WRITERS[type(math)](math)


def atom(a):
    if a.kind == "text":
        return f"{spelled(a.text.strip())}\\ "
    if a.kind == "bold":
        return rf"\mathbf{{{a.text}}}"
    if a.kind == "number":
        return a.text.replace("−", "-")
    if a.kind == "plain":
        return plain(a.text)
    if a.text in FUNCTIONS:
        return "\\" + a.text
    if a.kind == "name" and a.text.isascii():
        return a.text
    return spelled(a.text)


def spelled(text):
    r"""A name character by character: runs of letters upright, special ones as symbols."""
    parts = [CHARACTERS.get(run) or upright(run) for run in RUNS.findall(text)]
    if len(parts) == 1:
        return parts[0]
    return "{" + "".join(p + " " if p[-1].isalpha() else p for p in parts) + "}"


def upright(run):
    if unicodedata.category(run[0])[0] == "M":
        run = "◌" + run  # a mark needs something to stand on
    return rf"\mathrm{{{run}}}" if run.isascii() and run.isalnum() else rf"\text{{{run}}}"


def plain(text):
    """An index, an array, a shape: digits and punctuation as they are, words upright."""
    words = re.split(r"([^\W\d_]{2,}|[^\d\[\](),.:+=\- ])", text)
    return "".join(spelled(w) + " " if i % 2 else w for i, w in enumerate(words)).strip()


def sign(s):
    if s.text == ",":
        return ", "
    text = SIGNS.get(s.text, s.text)
    return f" {text} " if s.spaced else text


def row(r):
    text = ""
    for part in map(write, r.items):
        ends = COMMAND.search(text) and part[:1].isalpha()
        text += f" {part}" if ends else part
    return re.sub(" {2,}", " ", text)


def fence(f):
    if f.flat:
        return write(f.body)
    left, right = (FENCES.get(c, c) for c in (f.left, f.right))
    if tall(f.body):
        return rf"\left{left} {write(f.body)} \right{right}"
    return f"{left} {write(f.body)} {right}" if f.left in FENCES else left + write(f.body) + right


def tall(math) -> bool:
    """Whether parentheses around `math` should grow."""
    if isinstance(math, (Fraction, Under)):
        return True
    if isinstance(math, Row):
        return any(map(tall, math.items))
    if isinstance(math, (Sub, Super)):
        return tall(math.base)
    return isinstance(math, (Fence, Root)) and tall(math.body)


def base(math, mark):
    """What gets an index or a power; in braces if it has one of that kind already."""
    text, inner = write(math).strip(), math
    while isinstance(inner, (Sub, Super)) and not isinstance(inner, mark):
        inner = inner.base
    return f"{{{text}}}" if isinstance(inner, (mark, Under)) else text


def lines(block):
    rows = (rf"{write(left)} &= {write(right)}" for left, right in block.rows)
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


WRITERS = {
    Atom: atom, Sign: sign, Row: row, Fence: fence, Lines: lines,
    Super: lambda m: rf"{base(m.base, Super)}^{{{write(m.above)}}}",
    Sub: lambda m: rf"{base(m.base, Sub)}_{{{write(m.below)}}}",
    Fraction: lambda m: rf"\frac{{{write(m.top)}}}{{{write(m.bottom)}}}",
    Over: lambda m: rf"\bar{{{write(m.letter)}}}",
    Root: lambda m: rf"\sqrt{{{write(m.body)}}}",
    Under: lambda m: rf"\underset{{{plain(m.shape)}}}{{{write(m.body)}}}",
}  # fmt: skip
