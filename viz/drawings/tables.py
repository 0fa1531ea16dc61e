"""Graphviz's tables: the box of a tensor with a header and rows of numbers."""

import math

from viz.drawings.labels import span
from viz.drawings.style import (
    CELL_BORDER,
    CELL_HEIGHT,
    CELL_WIDTH,
    MUTED,
    NUMBER_SIZE,
    SMALL_SIZE,
    WARNING,
    tint,
)
from viz.grid import Grid

DIGIT, FRAME, GAP = 5.1, 4, 3  # width of a digit; what borders take; between slices
PLAIN = '<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">'
NUMBERS = f'<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="3" COLOR="{CELL_BORDER}"'


def header(lines: list[str], fill: str = "") -> str:
    """The top of a box: lines of spans over its whole width."""
    color = f' BGCOLOR="{fill}"' if fill else ""
    text = "".join(f'{line}<BR ALIGN="LEFT"/>' for line in lines if line)
    return f'<TR><TD COLSPAN="2" ALIGN="LEFT" BALIGN="LEFT" CELLPADDING="5"{color}>{text}</TD></TR>'


def row(name: str, color: str, content: str) -> str:
    """A line of a box: what it is, and the markup of what it shows."""
    text = span(name, size=SMALL_SIZE, color=color)
    return (
        f'<TR><TD ALIGN="LEFT" CELLPADDING="5">{text or "&#160;"}</TD>'
        f'<TD ALIGN="LEFT" CELLPADDING="5">{content}</TD></TR>'
    )


def table(*rows: str) -> str:
    """The label of a box of these rows."""
    return f"<{PLAIN}{''.join(rows)}</TABLE>>"


def note(text: str) -> str:
    return span(text, size=SMALL_SIZE, color=MUTED)


def numbers(grid: Grid) -> str:
    """A grid of numbers, or one line about them."""
    if grid.summary is not None:
        tags = "".join(" " + span(t, bold=True, size=SMALL_SIZE, color=WARNING) for t in grid.tags)
        return span(grid.summary, size=SMALL_SIZE) + tags
    longest = max(len(cell.text) for row in grid.rows for cell in row)
    width = max(CELL_WIDTH, math.ceil(DIGIT * longest) + 6)
    gaps = sum(not row for row in grid.rows)
    high = (len(grid.rows) - gaps) * CELL_HEIGHT + gaps * GAP + FRAME
    wide = len(grid.rows[0]) * width + FRAME
    rows = "".join(number_row(row, width) for row in grid.rows)
    # of fixed size, as a table of one number would grow to the width of the header
    return f'{NUMBERS} FIXEDSIZE="TRUE" WIDTH="{wide}" HEIGHT="{high}">{rows}</TABLE>'


def number_row(cells, width: int) -> str:
    if not cells:  # between two slices
        return f'<TR><TD BORDER="0" HEIGHT="{GAP}" CELLPADDING="0"></TD></TR>'
    return "<TR>" + "".join(number_cell(cell, width) for cell in cells) + "</TR>"


def number_cell(cell, width: int) -> str:
    finite = cell.text != "NaN" and "∞" not in cell.text
    text = span(cell.text, size=NUMBER_SIZE, color="" if finite else WARNING, bold=not finite)
    return f'<TD WIDTH="{width}" HEIGHT="{CELL_HEIGHT}" BGCOLOR="{tint(cell.tint)}">{text}</TD>'
