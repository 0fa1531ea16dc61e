"""A formula as a small tree: what stands beside, above and below what, in no output format.

Whatever a user wrote is in an `Atom`, and only there; a `Sign` is one of ours. The writers
(`unicode`, `latex`, `mathml`) turn a tree into text and know no more than these nodes.
"""

import re
import unicodedata
from dataclasses import dataclass

from viz.names import shown

# a name that would fall apart
COMPOUND = re.compile(r"[\s+\-−/⊙@·|‖⟨⟩,;=<>≤≥∂√^⁰¹²³⁴-⁹⁻ᵀ]|\*[^*′₀-₉]")
NUMBERED = re.compile(r"(.+?)([₀-₉]+)")
MARKED = re.compile(r"(.+?)([*′]+)")
INDEXED = re.compile(r"([^\W\d_])_([^\W_]+)")
DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


@dataclass(frozen=True)
class Math:
    """Any part of a formula."""


@dataclass(frozen=True)
class Atom(Math):
    """A text. kind: "name" (one letter), "word", "number", "bold", "plain" (an index, an array)
    or "text" (words between formulas)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Sign(Math):
    """An operator; the empty one stands between the factors of a matrix product."""

    text: str
    spaced: bool = True


@dataclass(frozen=True)
class Row(Math):
    """Parts side by side."""

    items: tuple[Math, ...]


@dataclass(frozen=True)
class Fence(Math):
    """Parentheses, brackets or bars. flat: needed on one line, not where fractions are stacked."""

    left: str
    body: Math
    right: str
    flat: bool = False


@dataclass(frozen=True)
class Super(Math):
    """base with something above its right shoulder."""

    base: Math
    above: Math


@dataclass(frozen=True)
class Sub(Math):
    """base with something below its right foot."""

    base: Math
    below: Math


@dataclass(frozen=True)
class Over(Math):
    """A letter with a bar above it."""

    letter: Atom


@dataclass(frozen=True)
class Fraction(Math):
    """top over bottom. tight: written on a line without spaces, as in ∂e/∂x."""

    top: Math
    bottom: Math
    tight: bool = False


@dataclass(frozen=True)
class Root(Math):
    body: Math


@dataclass(frozen=True)
class Under(Math):
    """body with its shape below it."""

    body: Math
    shape: str


@dataclass(frozen=True)
class Lines(Math):
    """Equations (left side, right side) one below the other."""

    rows: tuple[tuple[Math, Math], ...]


def name(text: str) -> Math:
    """A user's name: one letter, a word, either of them with a subscript or with a star.

    >>> name("x₃")
    Sub(base=Atom(kind='name', text='x'), below=Atom(kind='number', text='3'))
    """
    text = shown(text) or "_"
    if unicodedata.category(text[0])[0] == "M":
        text = "◌" + text  # a mark would combine with what stands before the name
    if found := NUMBERED.fullmatch(text):
        return Sub(name(found[1]), Atom("number", found[2].translate(DIGITS)))
    if found := MARKED.fullmatch(text):
        return Super(name(found[1]), Atom("plain", found[2]))
    if found := INDEXED.fullmatch(text):
        return Sub(Atom("name", found[1]), word(found[2]))
    return word(text)


def word(text: str) -> Atom:
    return Atom("name" if len(text) == 1 and text.isalpha() else "word", text)


def text(words: str) -> Math:
    """Plain words between formulas, such as "to x:"."""
    inner = words.strip(" ")
    before, _, after = words.partition(inner) if inner else ("", "", "")
    return Atom("text", before + shown(inner) + after)


def partial(top: str, name: str) -> Math:
    """∂top/∂name, with parentheses around a name that would fall apart."""
    return Fraction(differential(top), differential(name), tight=True)


def differential(text: str) -> Math:
    return Row((Sign("∂", False), whole_name(text)))


def whole_name(text: str) -> Math:
    """A name, in parentheses if it looks like an expression."""
    return Fence("(", name(text), ")") if COMPOUND.search(text) else name(text)


def equation(left: Math, right: Math) -> Math:
    return Row((left, Sign("="), right))


def infix(sign: str, *items: Math) -> Row:
    """Items with a sign between each two."""
    row = [items[0]]
    for item in items[1:]:
        row += [Sign(sign), item]
    return Row(tuple(row))


def listed(items) -> Math:
    """Items with commas between them; an empty list is an empty row."""
    items = tuple(items)
    return infix(",", *items) if items else Row(())


def is_fenced(math: Math) -> bool:
    """Whether something stands in parentheses already, as a name that would fall apart."""
    return isinstance(math, Fence) and math.left == "(" and not math.flat


def call(function: Math, *arguments: Math) -> Row:
    if len(arguments) == 1 and is_fenced(arguments[0]):
        return Row((function, *arguments))
    return Row((function, Fence("(", listed(arguments), ")")))


def ones(shape, digit="1") -> Math:
    """1₃ or 1₂ₓ₃: an array of ones (or, likewise, of zeros); a number without a shape."""
    bold = Atom("bold", digit)
    return Sub(bold, Atom("plain", "×".join(map(str, shape)))) if shape else Atom("number", digit)


def transposed(base: Math) -> Math:
    return Super(base, Sign("ᵀ", False))


def overlined(math: Math) -> Math | None:
    """z̄ or z̄₂ for a letter, which may have an index; None for anything longer."""
    if isinstance(math, Atom) and math.kind == "name":
        return Over(math)
    if isinstance(math, Sub) and isinstance(math.base, Atom) and math.base.kind == "name":
        return Sub(Over(math.base), math.below)
    return None


def condition(body: Math) -> Math:
    """1[body]: one where it holds, else zero."""
    return Row((Atom("bold", "1"), Fence("[", body, "]")))
