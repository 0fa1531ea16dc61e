"""The numbers of a grid as SVG: tinted cells, or one line about an array."""

from viz.grid import Grid
from viz.html import Markup, element
from viz.page.widths import fitted, width

NUMBER_SIZE = 11.5
WIDEST_SUMMARY = 270
NARROWEST, CELL_HEIGHT, BETWEEN_SLICES = 42, 18, 6
BASELINE = 13  # below the top of a cell; the origin of a grid is there, so its first row is at 0
ODD = ("NaN", "∞", "−∞")  # in red, and so without a tint


def column_width(*grids: Grid | None) -> int:
    """Of the cells of all these grids, so that their columns stand below each other."""
    texts = (cell.text for grid in grids if grid for row in grid.rows for cell in row)
    return max([NARROWEST, *(round(width(text, NUMBER_SIZE)) + 6 for text in texts)])


def line_of(grid: Grid | None, lacking: str) -> str:
    """What stands in place of numbers."""
    if grid is None:
        return lacking
    return fitted(" ".join(filter(None, (grid.summary, *grid.tags))), NUMBER_SIZE, WIDEST_SUMMARY)


def size(grid: Grid | None, lacking: str, column: int) -> tuple[float, float]:
    if grid is None or not grid.rows:
        return width(line_of(grid, lacking), NUMBER_SIZE), CELL_HEIGHT
    heights = [CELL_HEIGHT if row else BETWEEN_SLICES for row in grid.rows]
    return max(map(len, grid.rows)) * column, sum(heights)


def numbers(grid: Grid | None, lacking: str, column: int, left: float, top: float) -> Markup:
    """A grid with its corner at (left, top), or the line in its place."""
    if grid is None or not grid.rows:
        kind = "lacking" if grid is None else "summary"
        return element("text", line_of(grid, lacking), class_=kind, x=f"{left:g}",
                       y=f"{top + BASELINE:g}")  # fmt: skip
    return element(
        "g", frames(grid, column), *tints(grid, column), *texts(grid, column), class_="cells",
        transform=Markup(f"translate({left:g} {top + BASELINE:g})"),
    )  # fmt: skip


def lines(grid: Grid):
    """(baseline, number of the row, row) of each row with cells."""
    y, number = 0, 0
    for row in grid.rows:
        if row:
            yield y, number, row
        y += CELL_HEIGHT if row else BETWEEN_SLICES
        number += bool(row)


def frames(grid: Grid, column: int) -> Markup:
    d = ""
    for y, _, row in lines(grid):
        wide = len(row) * column
        d += f"M0 {y - BASELINE}h{wide}v{CELL_HEIGHT}h-{wide}z"
        d += "".join(f"M{j * column} {y - BASELINE}v{CELL_HEIGHT}" for j in range(1, len(row)))
    return element("path", class_="lines", d=Markup(d))


def tints(grid: Grid, column: int):
    """One path for all cells of a tint."""
    found: dict[int, str] = {}
    for y, _, row in lines(grid):
        for j, cell in enumerate(row):
            if cell.tint and cell.text not in ODD:
                square = f"M{j * column} {y - BASELINE}h{column}v{CELL_HEIGHT}h-{column}z"
                found[cell.tint] = found.get(cell.tint, "") + square
    for step in sorted(found):
        name = f"p{step}" if step > 0 else f"n{-step}"
        yield element("path", class_=name, d=Markup(found[step]))


def texts(grid: Grid, column: int):
    for y, i, row in lines(grid):
        for j, cell in enumerate(row):
            odd = "odd" if cell.text in ODD else None
            yield element("text", cell.text, class_=odd, x=f"{(j + 0.5) * column:g}", y=y or None,
                          data_at=f"{i},{j}")  # fmt: skip
