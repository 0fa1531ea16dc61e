"""What panels repeat, arrays and phrases: written once in the page, and shown by number."""

import numpy as np

from viz.grid import TINTS, Cell, Grid, cells
from viz.html import Markup, element

LIMIT = 12  # rows and columns
ODD = ("NaN", "∞", "−∞")  # in red, and so without a tint


ABOUT = {  # kind of a figure -> what its `data-of` names after the number of the grid and the kind
    "value": ("edge",),
    "gradient": ("edge",),
    "part": ("edge", "place", "slot"),
    "jacobian": ("edge", "output", "slot"),
    "factor": ("edge", "place", "factor"),
}


class Figures:
    """The grids and phrases of a page, each with its number; equal ones are one."""

    def __init__(self):
        self.grids: dict[tuple, int] = {}
        self.phrases: dict[tuple[str, str], int] = {}

    def figure(self, array, caption, form: str, kind: str, *of, title=None) -> Markup:
        """A figure of an array.

        caption : None for the name of the tensor, or of its gradient; the page knows it.
        form : "column" or "row" for a vector (an array of more axes stays as it is), "vec" for a
            column of all entries, "" for no change.
        kind, of : what the numbers are, see `ABOUT`.
        """
        number = self.number(cells(shaped(array, form), LIMIT))
        assert len(of) == len(ABOUT[kind])
        told = None if caption is None else element("figcaption", caption)
        return element("figure", told, title=title,
                       data_of=" ".join(map(str, (number, kind, *of))))  # fmt: skip

    def phrase(self, title: str, text: str) -> int:
        """The number of a phrase, for an element with `data_phrase`."""
        return self.phrases.setdefault((title, text), len(self.phrases))

    def number(self, grid: Grid) -> int:
        """Texts with | between rows, and tints as digits; or else a summary and its tags."""
        texts = "|".join(" ".join(cell.text for cell in row) for row in grid.rows)
        tints = "".join(digit(cell) for row in grid.rows for cell in row)
        written = (texts, tints) if texts else ("", grid.summary, *grid.tags)
        return self.grids.setdefault(written, len(self.grids))


def digit(cell: Cell) -> str:
    """A tint as a digit, from −4 as "0" to 4 as "8"."""
    return str(TINTS + (0 if cell.text in ODD else cell.tint))


def shaped(array, form: str) -> np.ndarray:
    array = np.asarray(array)
    if array.size == 0 or not form or (form != "vec" and array.ndim > 1):
        return array
    return array.reshape(1, -1) if form == "row" else array.reshape(-1, 1)


def columns(array, form: str) -> int:
    """How many columns the figure of an array has."""
    shape = shaped(array, form).shape
    return shape[-1] if shape else 1


def drawable(*arrays) -> bool:
    """Whether the numbers of all arrays are shown, vectors as columns."""
    return all(cells(shaped(array, "column"), LIMIT).rows for array in arrays)
