"""The backward pass as a table: what each operation sends back, why so, and what it costs."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import Tensor
from viz.formulas import markup, mathml, notation, unicode
from viz.formulas.markup import Math, equation, partial, text
from viz.formulas.symbols import Symbol, named as symbol, one
from viz.html import Markup, element, joined
from viz.jacobians.structure import Structure
from viz.jacobians.work import multiply_adds
from viz.programs.program import Kept, Program
from viz.programs.structures import described, linear_forms

HEADS = ("operation", "gradient", "Jacobian", "keeps from the forward pass", "multiply–adds")
CSS = """\
.backward-pass{border-collapse:collapse;font-size:.92em}
.backward-pass th,.backward-pass td{border:1px solid #8888;padding:.3em .6em;text-align:left;\
vertical-align:top}
.backward-pass .number{text-align:right}
.backward-pass p{margin:.1em 0}"""


class Sent(NamedTuple):
    """What an operation sends to one argument."""

    to: str  # the name of that tensor
    formula: Math
    merges: bool  # whether it is one of several contributions
    structure: Structure | None
    shape: tuple[int, ...]


class Holding(NamedTuple):
    """An array that an operation keeps; see `Explanation` for `note`."""

    name: str
    bytes: int
    note: str


class Row(NamedTuple):
    """One operation of the backward pass, or (without an operation) a merge."""

    operation: str
    result: str
    shapes: str
    sent: list[Sent]
    kept: list[Holding]
    multiply_adds: int


class Explanation:
    """The table that `explain` makes: prints as text, shows as HTML in a notebook.

    Attributes
    ----------
    rows : one `Row` for each operation, in the order of the backward pass, and one for each
        gradient that is a sum. A kept array has as note "no copy" if it is a leaf's or a
        constant's own array, "shared" if a row above has it already, else "".
    kept_bytes : held for the backward pass beyond leaves and constants, shared arrays once.
    multiply_adds : of the whole backward pass.
    """

    def __init__(self, top: str, rows: list[Row]):
        self.top = top
        self.rows = rows
        self.kept_bytes = sum(k.bytes for row in rows for k in row.kept if not k.note)
        self.multiply_adds = sum(row.multiply_adds for row in rows)

    def summary(self) -> str:
        operations = sum(bool(row.operation) for row in self.rows)
        return (
            f"{operations} operation{'s' * (operations != 1)}, {self.multiply_adds:,} "
            f"multiply–adds; {self.kept_bytes:,} bytes kept beside leaves and constants"
        )

    # --- text -------------------------------------------------------------------------------
    def __str__(self):
        table = [[[h] for h in HEADS], *(text_cells(row) for row in self.rows)]
        widths = [max(unicode.columns(line) for row in table for line in row[i])
                  for i in range(len(HEADS))]  # fmt: skip
        rule = "  ".join("─" * w for w in widths)
        lines = [f"The backward pass of {self.top}", ""]
        for i, row in enumerate(table):
            height = max(len(cell) for cell in row)
            for k in range(height):
                parts = (cell[k] if k < len(cell) else "" for cell in row)
                padded = (p + " " * (w - unicode.columns(p))
                          for p, w in zip(parts, widths, strict=True))  # fmt: skip
                lines.append("  ".join(padded).rstrip())
            if i == 0:
                lines.append(rule)
        return "\n".join([*lines, rule, self.summary()])

    __repr__ = __str__

    # --- HTML -------------------------------------------------------------------------------
    @property
    def html(self) -> str:
        """The table as HTML, with MathML formulas; every name is escaped."""
        head = element("tr", *(element("th", h, scope="col") for h in HEADS))
        body = [line for row in self.rows for line in html_lines(row)]
        caption = element("caption", f"The backward pass of {self.top}: {self.summary()}")
        table = element("table", caption, element("thead", head), element("tbody", *body),
                        class_="backward-pass")  # fmt: skip
        return joined(element("style", Markup(CSS)), table)

    def _repr_html_(self):
        return self.html


def explain(
    tensor: Tensor | Sequence[Tensor],
    names: Mapping[str, Any] | None = None,
    *,
    expand: str | Iterable[str] | bool = (),
) -> Explanation:
    """Explain the backward pass operation by operation.

    For each: what is sent to each input, the structure of that Jacobian and the operator that
    follows from it (an elementwise product where it is diagonal, a matrix product where it is
    dense or of blocks, a sum where the forward pass copied), which arrays are kept from the
    forward pass for it, and how many multiply–adds it takes.

    Parameters
    ----------
    tensor : the result, of any shape; or a list of results.
    names : mapping from names to tensors, such as `locals()`.
    expand : names of fused operations to show by their parts; True for all.

    Raises
    ------
    DrawingError : for an untracked tensor, or if the values were freed by `backward()` and not
        recorded.

    >>> import autograd_lite as ag, viz
    >>> x = ag.Tensor([1.0, -2.0], requires_grad=True, name="x")
    >>> y = ag.functional.relu(x)
    >>> table = viz.explain(y.sum(), dict(y=y))
    >>> table.rows[1].sent[0].structure.kind, table.kept_bytes
    ('0/1 diagonal', 2)
    """
    program = Program(tensor, names, expand=expand)
    return Explanation(", ".join(map(program.names.of, program.roots)), rows_of(program))


def rows_of(program: Program) -> list[Row]:
    rows, seen, lent = [], set[int](), borrowed(program)
    # edge index -> its contributions so far; of a result that others use, first its own gradient
    parts: dict[int, list] = {e.index: [given(program, e)] for e in program.roots}
    unknown = set[int]()  # edges with a contribution that is not computed
    uses = Counter(e.index for n in program.nodes for e in n.edges if e is not None)
    uses.update(e.index for e in program.roots)
    for node in reversed(program.nodes):
        for edge in program.outputs(node):
            found = parts.get(edge.index, ())
            if uses[edge.index] > 1 and found and edge.index not in unknown:
                rows.append(merge(program, edge, found))
        if node.op is not None:
            row, contributions = operation(program, node, uses, seen, lent)
            rows.append(row)
            if not program.affordable(node):
                unknown.update(e.index for e in node.edges if e is not None)
            for c in contributions:
                parts.setdefault(c.edge.index, []).append(c.symbol)
    return rows


def given(program: Program, edge) -> Symbol:
    """The gradient that the backward pass starts from."""
    if program.seeded:
        return one(np.ones(edge.shape, edge.dtype))
    return symbol("given", program.some_numbers(edge), known=False)


def operation(program: Program, node, uses, seen, lent) -> tuple[Row, list]:
    """The row of an operation, and what it sends."""
    outputs = program.outputs(node)
    shapes = [
        str(e.shape if e else np.shape(program.constant_value(node, i)))
        for i, e in enumerate(node.edges)
        if e is not None or node.inputs[i] is not None
    ]
    shapes_text = f"{', '.join(shapes)} → {', '.join(str(e.shape) for e in outputs)}"
    result = ", ".join(map(program.names.of, outputs))
    kept = [holding(k, seen, lent) for k in program.kept(node)]
    if not program.affordable(node):  # formulas would be computed with the arrays themselves
        return Row(node.op.name, result, shapes_text, [], kept, 0), []
    contributions = program.pull(node).contributions
    forms = linear_forms(program, node)
    kinds = described(node, *forms)
    sent = []
    for c in contributions:
        merges = uses[c.edge.index] > 1
        name, right = program.names.of(c.edge), notation.markup(c.symbol)
        if merges:  # one equals sign, one truth: the gradient is the sum, in a row of its own
            formula: Math = markup.Row((text("to "), markup.name(name), text(": "), right))
        else:
            formula = equation(partial(program.top, name), right)
        sent.append(Sent(name, formula, merges, kinds.get(c.slot), c.edge.shape))
    work = multiply_adds(forms[1].values())
    return Row(node.op.name, result, shapes_text, sent, kept, work), contributions


def merge(program: Program, edge, contributions) -> Row:
    """The row that adds the contributions to one tensor."""
    name = program.names.of(edge)
    total = notation.markup(program.total(contributions))
    formula = equation(partial(program.top, name), total)
    work = prod(edge.shape) * (len(contributions) - 1)
    sent = [Sent(name, formula, False, None, edge.shape)]
    return Row("", name, f"{len(contributions)} × {edge.shape}", sent, [], work)


def holding(kept: Kept, seen: set[int], lent: set[int]) -> Holding:
    array = owner(kept.array)
    key = id(array)
    name = unicode.write(notation.markup(kept.symbol))
    if kept.borrowed or key in lent:
        return Holding(name, kept.array.nbytes, "no copy")
    if key in seen:
        return Holding(name, kept.array.nbytes, "shared")
    seen.add(key)
    return Holding(name, array.nbytes, "")


def owner(array: np.ndarray) -> np.ndarray:
    """The array whose memory `array` looks at."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def borrowed(program: Program) -> set[int]:
    """Whose memory is not the graph's: the arrays of leaves and constants, by their id."""
    arrays = [program.values.get(n.index) for n in program.nodes if n.op is None]
    arrays += [program.constant_value(n, i) for n in program.nodes for i in range(len(n.inputs))
               if n.edges[i] is None]  # fmt: skip
    return {id(owner(a)) for a in arrays if isinstance(a, np.ndarray)}


# --- the cells of a row ---------------------------------------------------------------------
def what(row: Row) -> list[str]:
    if not row.operation:
        return [f"⊕ {row.result}", row.shapes]
    return [f"{row.operation} → {row.result}", row.shapes]


def reasons(row: Row) -> list[str]:
    """Why each formula is as it is, or why there is none."""
    if not row.operation:
        return ["used more than once, so contributions are added"]
    found = [sent.structure.text for sent in row.sent if sent.structure]
    return found or ["too large to look at, or nothing is sent"]


def kept_lines(row: Row) -> list[str]:
    if not row.operation:
        return [""]
    lines = [f"{k.name}: {k.bytes:,} bytes{f', {k.note}' if k.note else ''}" for k in row.kept]
    return lines or ["nothing"]


def text_cells(row: Row) -> list[list[str]]:
    formulas = [unicode.write(s.formula) for s in row.sent]
    return [what(row), formulas, reasons(row), kept_lines(row),
            [f"{row.multiply_adds:,}".rjust(len(HEADS[-1]))]]  # fmt: skip


def html_lines(row: Row) -> list[Markup]:
    """One table row for each argument; what they have in common spans them."""
    span = len(row.sent) if len(row.sent) > 1 else None
    first, kept = (
        joined(*(element("p", x) for x in part)) for part in (what(row), kept_lines(row))
    )
    formulas = [Markup(mathml.write(s.formula)) for s in row.sent] or [Markup()]
    lines = []
    for i, (formula, reason) in enumerate(zip(formulas, reasons(row), strict=True)):
        cells = [element("td", formula), element("td", reason)]
        if i == 0:
            number = element("td", f"{row.multiply_adds:,}", rowspan=span, class_="number")
            cells = [element("td", first, rowspan=span), *cells,
                     element("td", kept, rowspan=span), number]  # fmt: skip
        lines.append(element("tr", *cells))
    return lines
