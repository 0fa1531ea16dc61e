"""The numbers of an array as pictures show them: a grid of short texts with tints, or a summary."""

import math
from typing import Any, NamedTuple

import numpy as np

from viz.names import complex_text

COMPLEX = (complex, np.complexfloating)
LIMIT = 6  # rows and columns of a grid
TINTS = 4  # steps of a tint for each sign
NOISE = 1e-12  # of a mean beside a deviation, of Re beside Im, and the other way: rounding errors


class Cell(NamedTuple):
    """One number."""

    text: str
    tint: int  # −4 … 4: its sign, and its size beside the largest of its array


class Grid(NamedTuple):
    """What is shown of one array: `rows`, or else `summary`."""

    rows: list[list[Cell]]  # an empty row stands between two slices of an array of 3 or more axes
    summary: str | None
    tags: tuple[str, ...]  # "NaN" and "∞" if such numbers are in the array


def cells(array, limit: int = LIMIT) -> Grid:
    """The numbers of an array, or one line about them if they are too many to read.

    Parameters
    ----------
    array : numbers or booleans, of any shape; complex ones have no tints.
    limit : shown in full are arrays of up to so many rows and columns, vectors of up to two
        numbers more, and arrays of more axes as a stack of matrices with so many rows in all.

    >>> [cell.text for cell in cells([[0.5, -1.0, -0.0]]).rows[0]]
    ['0.5', '−1', '0']
    >>> cells(range(1, 101)).summary
    '50.5 ± 28.9  [1, 100]'
    """
    array = np.asarray(array)
    tags = tuple(tag for tag, test in (("NaN", np.isnan), ("∞", np.isinf)) if test(array).any())
    if array.size == 0:
        return Grid([], "empty", tags)
    if not fits(array.shape, limit):
        return Grid([], summary(array), tags)
    columns = array.shape[-1] if array.ndim else 1
    height = array.shape[-2] if array.ndim > 1 else 1
    top = largest(array)
    rows: list[list[Cell]] = []
    for i, row in enumerate(array.reshape(-1, columns)):
        if i and i % height == 0:
            rows.append([])
        rows.append([Cell(cell_text(v), tint(v, top)) for v in row.tolist()])
    return Grid(rows, None, tags)


def fits(shape: tuple, limit: int) -> bool:
    """Whether an array of this shape is shown number by number."""
    if len(shape) < 2:
        return math.prod(shape) <= limit + 2
    return shape[-1] <= limit and math.prod(shape[:-1]) <= limit


def cell_text(number) -> str:
    """A number in the width of a cell: three significant digits, a true minus, no minus zero.

    Numbers from 1,000 to 99,999 are shown to the unit, which is shorter than an exponent.

    >>> [cell_text(v) for v in (0.05469, -1.375, 1234.5, 1.5e-7, -0.0, float("-inf"))]
    ['0.0547', '−1.38', '1234', '1.5e−7', '0', '−∞']
    """
    if isinstance(number, COMPLEX):
        return complex_cell(number)
    value = float(number)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value) and np.isinf(number):
        return "∞" if value > 0 else "−∞"
    if number == 0:
        return "0"
    if math.isinf(value) or value == 0:  # a number of more than eight bytes
        return written(np.format_float_scientific(number, precision=2, unique=False))
    if 999.5 <= abs(value) < 99_999.5:
        return f"{value:.0f}".replace("-", "−")
    if abs(value) < 0.001:
        return exponent(value)
    text = f"{value:.3g}"
    return exponent(value) if "e" in text else text.replace("-", "−")


def complex_cell(number: Any) -> str:
    """1+2i, without a part that is rounding noise beside the other."""
    least = NOISE * abs(number)
    real, imaginary = (cell_text(0 if abs(x) < least else x) for x in (number.real, number.imag))
    return complex_text(real, imaginary, "")


def exponent(value: float) -> str:
    return written(f"{value:.2e}")


def written(scientific: str) -> str:
    digits, power = scientific.split("e")
    digits = digits.rstrip("0").rstrip(".")
    return f"{digits}e{int(power)}".replace("-", "−")


def largest(array: np.ndarray) -> np.floating:
    """The largest finite absolute value."""
    own = array.dtype == np.longdouble or array.dtype.kind == "c"
    values = np.abs(array if own else np.asarray(array, float))
    return np.max(values, initial=0.0, where=np.isfinite(values))


def tint(number: Any, top: Any) -> int:
    """The step of a number's tint, where `top` is the largest of its array; 0 for zero and NaN.

    A complex number, which has no sign, has none.
    """
    if isinstance(number, COMPLEX) or np.isnan(number) or number == 0:
        return 0
    part = 1.0 if np.isinf(number) else abs(number) / top
    step = max(1, math.ceil(TINTS * part))
    return step if number > 0 else -step


def summary(array: np.ndarray) -> str:
    """One line about an array: mean ± standard deviation, smallest and largest number.

    Of complex numbers the absolute values are told of, between bars.
    """
    if array.dtype.kind == "c":
        return f"|·| {summary(np.abs(array))}"
    if array.dtype == bool:
        return f"{np.count_nonzero(array)} of {array.size} true"
    finite = array[np.isfinite(array)]
    if finite.size == 0:
        return "no finite number"
    with np.errstate(all="ignore"):  # a sum may overflow
        dtype = np.result_type(finite, float)
        mean, spread = np.mean(finite, dtype=dtype), np.std(finite, dtype=dtype)
    if spread < NOISE * abs(mean):
        spread = 0.0
    if np.isfinite(spread) and abs(mean) < NOISE * spread:
        mean = 0.0
    low, high = cell_text(finite.min()), cell_text(finite.max())
    return f"{cell_text(mean)} ± {cell_text(spread)}  [{low}, {high}]"
