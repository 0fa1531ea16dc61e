"""How tight a written expression binds, and when it gets parentheses.

Precedence, tightest first: names and calls, ᵀ and powers, matrix product, ⊙ and /, + and −,
comparisons, ∧ and ∨. Associative operators are written without inner parentheses. A fraction binds
on a line like ⊙; stacked, it needs parentheses only below a power or ᵀ.
"""

from dataclasses import dataclass, replace

import numpy as np

from viz.formulas.markup import Fence, Math, Row, Sign, Under, condition, is_fenced
from viz.formulas.symbols import Symbol, has_options

ATOM, POSTFIX, FRACTION, MATRIX, ELEMENT, SUM, COMPARE, LOGIC = 100, 90, 85, 80, 70, 60, 40, 30


@dataclass(frozen=True)
class Written:
    """Markup and what the parts beside it need to know.

    level : how tight it binds on a line. stacked : likewise where fractions are stacked.
    minus : a minus sign belongs in front, which a sum or a product may make its own.
    alone : how it is written where nothing stands beside it.
    """

    math: Math
    level: int = ATOM
    stacked: int = 0
    minus: bool = False
    alone: Math | None = None


def binding(w: Written) -> int:
    """How tight it binds where fractions are stacked."""
    return max(w.level, w.stacked)


def signed(w: Written) -> Written:
    """With the minus sign written."""
    if not w.minus:
        return w
    return Written(Row((Sign("−", False), w.math)), SUM)


def enclosed(w: Written, least=0, factor=False, flat=False) -> Math:
    """In parentheses if it binds less than `least`.

    factor : a condition becomes 1[…]. flat : on a line only, as above and below a fraction bar.
    """
    if least == 0 and w.alone is not None and not w.minus:
        return w.alone
    w = signed(w)
    if factor and w.level <= COMPARE:
        return condition(w.math)
    if w.level >= least or is_fenced(w.math):
        return w.math
    return Fence("(", w.math, ")", flat or binding(w) >= least)


class Notation:
    """Writes symbols by a table, function -> writer(notation, symbol).

    inlined(alias) : whether an alias shows as its definition.
    shapes : write under each factor its shape. through(symbol) : whether its factors get the
        shapes, and not it itself.
    """

    def __init__(self, table, otherwise, inlined, shapes=False, through=None):
        self.table = table
        self.otherwise = otherwise
        self.inlined = inlined
        self.shapes = shapes
        self.through = through
        self.plain = Notation(table, otherwise, inlined) if shapes else self

    def math(self, x, least=0, factor=False, flat=False) -> Math:
        return enclosed(self.of(x), least, factor, flat)

    def of(self, x) -> Written:
        x = self.shown(x)
        if not self.shapes or not isinstance(x, Symbol) or self.through(self, x):
            writer = self.otherwise if has_options(x) else self.table.get(kind(x), self.otherwise)
            return writer(self, x)
        return under(self.plain.of(x), x.shape)

    def shown(self, x):
        """The symbol that is written for `x`: an inlined alias gives way to its definition."""
        while isinstance(x, Symbol) and x.definition is not None and self.inlined(x):
            x = x.definition
        return x

    def seen(self, x, *functions):
        """Whether `x` will be written as a call of one of these functions."""
        x = self.shown(x)
        return kind(x) in functions and not has_options(x)


def under(w: Written, shape) -> Written:
    """With its shape below it; a condition is one factor with its 1[…]."""
    w = signed(w)
    if w.level <= COMPARE:
        w = Written(condition(w.math))
    return replace(w, math=Under(w.math, str(shape)), alone=None)


def kind(x):
    """What the table is asked for: the function of a call, `Symbol` for a name, else the type."""
    if not isinstance(x, Symbol):
        return object
    return Symbol if x.text is not None else x.function


def dims(x) -> int:
    """How many axes; a list of arrays has none of its own."""
    if isinstance(x, (list, tuple)):
        return 0
    return np.ndim(x.value if isinstance(x, Symbol) else x)
