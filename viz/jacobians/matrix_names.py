"""What the parts of a Jacobian are called: its axes, its blocks, the matrix that it is."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from viz.formulas import notation, unicode
from viz.formulas.linalg_notation import transpose_of
from viz.formulas.symbols import Symbol, bare, call, is_call, is_one
from viz.formulas.writing import MATRIX
from viz.jacobians.linear import Factor, Index, Term, flat
from viz.names import number

LONGEST = 24  # characters of a constant that is named


@dataclass(frozen=True)
class Words:
    """What there is to say of a Jacobian: its kind, its terms, and how their indices lie."""

    kind: str
    terms: tuple[Term, ...]
    ties: tuple[tuple[int, int, int], ...]
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]

    @cached_property
    def term(self) -> Term:
        """The only term, of the kinds that have one alone; the most mixing one of the others."""
        return max(self.terms, key=lambda t: len(t.places()))

    @property
    def paired(self) -> bool:
        """Whether numbers act as pairs of their real and imaginary parts."""
        return any(t.paired for t in self.terms)

    @cached_property
    def sides(self) -> tuple[set[Index], set[Index], set[Index]]:
        """Indices of output and input, of the input alone, of the output alone."""
        ours, theirs = {*flat(self.term.axes)}, {*flat(self.term.g)}
        return ours & theirs, ours - theirs, theirs - ours

    def weight(self) -> Factor | None:
        """The only factor of the only term."""
        if self.paired:
            return None
        found = [f for f in self.term.factors if f.over or f.mask]
        return found[0] if len(found) == len(self.terms) == 1 else None

    def axes(self, indices, among) -> str:
        """'axis 0', 'axes 0 and 2': those of `among` that these indices make up; '' if none do."""
        whole = [k for k, axis in enumerate(among) if axis and {*axis} <= indices]
        if {*flat(among[k] for k in whole)} != indices:
            return ""
        return listed(whole, "axis", "axes") if indices else ""

    def each(self) -> str:
        """What a block belongs to: a row, a column, an index of some axes of the output."""
        among = self.term.g
        here = [k for k, axis in enumerate(among) if axis and {*axis} <= self.sides[0]]
        if here == [*range(len(among))]:
            return "output"
        if here == [*range(len(among) - 1)]:
            return "row"
        if len(among) == 2 and here == [1]:
            return "column"
        return f"index of {listed(here, 'axis', 'axes')}" if here else "part"


def listed(numbers, one, many) -> str:
    if len(numbers) == 1:
        return f"{one} {numbers[0]}"
    return f"{many} {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


# --- names of constants -------------------------------------------------------------------------
def name(x, least=0) -> str:
    """A constant as it is printed, '' if that is long; in parentheses if it binds less."""
    text = unicode.write(notation.notation().math(x, least)) if isinstance(x, Symbol) else ""
    return short(text)


def short(text) -> str:
    return text if len(text) <= LONGEST else ""


def matrix(f: Factor | None, rows, columns, least=0) -> str:
    """The name of a factor as the matrix with these indices of rows and columns."""
    if f is None or f.over != rows | columns or not isinstance(f.constant, Symbol):
        return ""
    order, x = [i for i in flat(f.axes)], f.constant
    if not columns:
        return name(x, least)
    if not rows:
        return lifted(x)
    if {*order[: len(rows)]} == rows:
        return name(x, least)
    if is_call(x, np.matrix_transpose):
        return name(bare(x).args[0], least)
    return lifted(x) if x.ndim == 2 else ""


def lifted(x) -> str:
    """The name of a transposed vector or matrix."""
    if not isinstance(x, Symbol):
        return ""
    if x.ndim > 1:
        return name(call(np.matrix_transpose, (x,), {}))
    return short(unicode.write(transpose_of(notation.notation(), x).math))


def repeated(w: Words) -> str:
    """The name of a block that is the same for all shared indices, in its Kronecker product."""
    both, ours, theirs = w.sides
    block = matrix(w.weight(), theirs, ours, MATRIX)
    if not block or not both:
        return ""
    flats = flat(w.term.g), flat(w.term.axes)
    if all({*x[: len(both)]} == both for x in flats):
        return f"I ⊗ {block}"
    return f"{block} ⊗ I" if all({*x[len(x) - len(both) :]} == both for x in flats) else ""


def number_text(t: Term) -> str:
    if t.scale is not None:
        text = number(t.scale)
        text = f"({text})" if " " in text else text
        return "−I" if t.scale == -1 else f"{text} I"
    if len(t.factors) != 1 or t.number != 1:
        return ""
    x = t.factors[0].constant
    if is_call(x, np.matrix_transpose):  # of one number
        x = bare(x).args[0]
    if is_call(x, np.divide) and is_one(bare(x).args[0]):
        text = name(bare(x).args[1], MATRIX + 1)
        return text and f"I / {text}"
    text = name(x, MATRIX)
    return text and f"{text} I"


def rank_one(w: Words) -> str:
    """'Diag(p) − p pᵀ', as far as the parts have names."""
    ours = w.sides[1]
    a, b = sorted(w.terms, key=lambda t: len(t.places()))
    left = [f for f in b.factors if not f.over & ours]
    right = [f for f in b.factors if f.over & ours]
    if b.scale != -1 or a.scale != 1 or len(a.factors) > 1 or len(left) > 1 or len(right) > 1:
        return ""
    names = [[name(f.constant, least) if f.constant is not None else "" for f in part]
             for part, least in ((a.factors, 0), (left, MATRIX), (right, MATRIX))]  # fmt: skip
    if any("" in part for part in names):
        return ""
    diagonal, u = (part[0] if part else "" for part in names[:2])
    row = lifted(right[0].constant) if right else "1ᵀ"
    return f"{f'Diag({diagonal})' if diagonal else 'I'} − {u or '1'} {row}"
