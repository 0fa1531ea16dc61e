"""Formulas as Unicode text on one line; with shapes, on two."""

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

SUPERSCRIPTS = dict(zip("0123456789-−ᵀᴴ*′", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻ᵀᴴ*′", strict=True))
SUBSCRIPTS = dict(zip("0123456789×", "₀₁₂₃₄₅₆₇₈₉ₓ", strict=True)) | {",": "", " ": ""}
GAP = 2  # columns between two shapes


def write(math: Math) -> str:
    """`math` as text. Shapes, if it has any, stand in a second line under their factors.

    >>> from viz.formulas.markup import equation, name, partial
    >>> write(equation(partial("e", "x₃"), name("y")))
    '∂e/∂x₃ = y'
    """
    if isinstance(math, Lines):
        return "\n".join(write(Row((left, Sign("="), right))) for left, right in math.rows)
    return aligned(pieces(math))


def pieces(math) -> list[tuple[str, str]]:
    """(text, shape under it) pairs whose texts make up the line."""
    if isinstance(math, Under):
        return [(flat(math.body), math.shape)]
    if isinstance(math, Atom):
        return [(math.text, "")]
    if isinstance(math, Sign):
        return [(sign(math), "")]
    if isinstance(math, Row):
        return [piece for item in math.items for piece in pieces(item)]
    if isinstance(math, Fence):
        return [(math.left, ""), *pieces(math.body), (math.right, "")]
    if isinstance(math, Fraction):
        bar = "/" if math.tight else " / "
        return [*pieces(math.top), (bar, ""), *pieces(math.bottom)]
    if isinstance(math, Root):
        return [("√", ""), *pieces(math.body)]
    if isinstance(math, Over):
        return [(math.letter.text + "\N{COMBINING MACRON}", "")]
    if isinstance(math, Super):
        return [*pieces(math.base), (small(flat(math.above), SUPERSCRIPTS, "^"), "")]
    if isinstance(math, Sub):
        return [*pieces(math.base), (small(flat(math.below), SUBSCRIPTS, "_"), "")]
    raise TypeError(f"{type(math).__name__} is no part of a formula")


def flat(math) -> str:
    return "".join(text for text, _ in pieces(math))


def sign(s):
    if s.text in ("", ","):
        return s.text + " "
    return f" {s.text} " if s.spaced else s.text


def small(text, letters, mark):
    """Raised or lowered characters where Unicode has them, else `mark` and the text."""
    if all(c in letters for c in text):
        return "".join(letters[c] for c in text)
    return mark + text


def columns(text) -> int:
    """How many columns of a terminal `text` takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def aligned(parts) -> str:
    """The line, and below it the shapes, each centred under its factor; gaps widen as needed."""
    line, below = "", ""
    for text, shape in parts:
        if shape:
            inset = (columns(text) - columns(shape)) // 2
            lacking = columns(below) + (GAP if below else 0) - columns(line) - inset
            if lacking > 0:
                line = widened(line, lacking)
            below += " " * (columns(line) + inset - columns(below)) + shape
        line += text
    return f"{line}\n{below}" if below else line


def widened(line, n) -> str:
    """`line` with n more spaces at its last gap, which may have a parenthesis behind it."""
    end = len(line.rstrip("([|⟨−√"))
    return line[:end] + " " * n + line[end:]
