"""Small pieces of the panel that several steps use."""

from viz.formulas import mathml, notation, unicode
from viz.formulas.markup import Math
from viz.formulas.symbols import Symbol
from viz.html import Markup, element
from viz.page.story import Box
from viz.programs.program import Program


def as_math(x) -> Math:
    if isinstance(x, Math):
        return x
    return notation.markup(x) if isinstance(x, Symbol) else notation.name(str(x))


def math(*sides) -> Markup:
    """A formula, or an equation of two: names, symbols, or what `notation` made of them."""
    parts = [as_math(side) for side in sides]
    whole = notation.equation(*parts) if len(parts) == 2 else parts[0]
    return element("math", Markup(mathml.element(whole)))  # large fractions: see the style sheet


def plain(symbol: Symbol) -> str:
    return unicode.write(notation.markup(symbol))


def partial(program: Program, box: Box) -> Math:
    """∂e/∂x as part of a formula."""
    return notation.partial(program.top, box.name)


def partial_text(program: Program, box: Box) -> str:
    """∂e/∂x within a line of text, where a fraction would be too high."""
    return unicode.write(partial(program, box))


def heading(*content) -> Markup:
    return element("h3", *content)


def word(name: str) -> Markup:
    """A tensor's name within a sentence."""
    return element("b", name)


def shape(axes: tuple) -> Markup:
    return element("code", axes)


def sign(text: str) -> Markup:
    """What stands between two figures."""
    return element("span", text)


def separated(figures: list[Markup], text: str) -> list[Markup]:
    """Figures with a sign between each two."""
    row = figures[:1]
    for figure in figures[1:]:
        row += [sign(text), figure]
    return row


def counted(value: int) -> str:
    return f"{value:,}"
