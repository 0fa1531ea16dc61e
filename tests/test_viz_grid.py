"""Numbers as pictures show them: short texts, tints, summaries."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

from viz.grid import LIMIT, TINTS, cell_text, cells


def read(text):
    return float(text.replace("−", "-").replace("∞", "inf").replace("NaN", "nan"))


@given(st.floats(-1e307, 1e307) | st.sampled_from([np.nan, np.inf, -np.inf, -0.0]))
def test_a_number_is_short_and_true_to_three_digits(x):
    text = cell_text(x)
    assert len(text) <= 10
    assert "-" not in text
    assert "+" not in text
    np.testing.assert_allclose(read(text), x, rtol=0.00501, equal_nan=True)
    assert text != "−0"


@given(st.floats(1e-6, 1e6))
def test_opposite_numbers_differ_by_the_sign(x):
    assert cell_text(-x) == "−" + cell_text(x)


def test_texts():
    given_numbers = [0.05469, -1.375, 1234.5, 99999.4, 99999.6, 999.5, 0.001, 0.00099, 1e300, True]
    expected = ["0.0547", "−1.38", "1234", "99999", "1e5", "1000", "0.001", "9.9e−4", "1e300", "1"]
    assert [cell_text(x) for x in given_numbers] == expected


SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=9)
ARRAYS = st.one_of(
    hnp.arrays(dtype, SHAPES)
    for dtype in (np.float64, np.float32, np.float16, np.int64, np.uint8, bool)
)


@given(ARRAYS)
def test_every_array_is_a_grid_or_a_summary(array):
    grid = cells(array)
    assert (grid.summary is None) == bool(grid.rows)
    assert ("NaN" in grid.tags) == bool(np.isnan(array).any())
    assert ("∞" in grid.tags) == bool(np.isinf(array).any())
    shown = [cell for row in grid.rows for cell in row]
    if grid.rows:
        assert [c.text for c in shown] == [cell_text(x) for x in array.ravel()]
        assert max(map(len, grid.rows)) <= LIMIT + 2 * (array.ndim < 2)
        assert len([row for row in grid.rows if row]) <= LIMIT
        assert sum(not row for row in grid.rows) == max(0, int(np.prod(array.shape[:-2])) - 1)
    else:
        assert array.size == 0 or array.size > LIMIT
    for cell, x in zip(shown, array.ravel(), strict=False):
        assert abs(cell.tint) <= TINTS
        assert np.sign(cell.tint) == (0 if np.isnan(x) else np.sign(float(x)))


def test_tints_are_steps_of_the_largest_number():
    grid = cells([[8.0, 6.0, 4.0, 2.0, 1e-9, -8.0], [-0.0, 0.0, np.nan, np.inf, -np.inf, 1.9]])
    assert [c.tint for c in grid.rows[0]] == [4, 3, 2, 1, 1, -4]
    assert [c.tint for c in grid.rows[1]] == [0, 0, 0, 4, -4, 1]


@pytest.mark.parametrize(
    ("array", "summary"),
    [
        (np.arange(1, 101), "50.5 ± 28.9  [1, 100]"),
        (np.r_[np.nan, np.inf, np.arange(1, 101)], "50.5 ± 28.9  [1, 100]"),
        (np.full((3, 7), np.nan), "no finite number"),
        (np.zeros((0, 3)), "empty"),
        (np.arange(20) > 14, "5 of 20 true"),
        (np.full(9, 1e308), "∞ ± ∞  [1e308, 1e308]"),
    ],
)
def test_summaries(array, summary):
    assert cells(array).summary == summary


def test_slices_are_apart():
    grid = cells(np.arange(12.0).reshape(2, 2, 3))
    assert [[c.text for c in row] for row in grid.rows] == [
        ["0", "1", "2"], ["3", "4", "5"], [], ["6", "7", "8"], ["9", "10", "11"],
    ]  # fmt: skip
    assert cells(np.zeros((4, 2, 2))).summary == "0 ± 0  [0, 0]"
    assert len(cells(np.zeros((9, 9)), limit=9).rows) == 9


LONG = np.finfo(np.longdouble)


@pytest.mark.skipif(LONG.max == np.finfo(float).max, reason="no longer numbers on this machine")
def test_numbers_of_more_than_eight_bytes():
    array = np.array(["1e4000", "-2.5e4000", "3.14159e-4500", "1", "inf", "nan"], np.longdouble)
    (row,) = cells(array).rows
    assert [c.text for c in row] == ["1e4000", "−2.5e4000", "3.14e−4500", "1", "∞", "NaN"]
    assert [c.tint for c in row] == [2, -4, 1, 1, 4, 0]
    assert cells(np.full(20, array[0])).summary.endswith("[1e4000, 1e4000]")
    assert cells(np.full(20, array[0])).summary.startswith("1e4000 ± ")
    assert cells(array[3:4]).rows == cells([1.0]).rows


def test_complex_numbers():
    grid = cells(np.array([1 + 2j, -0.5 - 1j, 3, 1j, complex(np.nan, 1e-9)]))
    assert [c.text for c in grid.rows[0]] == ["1+2i", "−0.5−i", "3", "i", "NaN+1e−9i"]
    assert {c.tint for c in grid.rows[0]} == {0}
    assert grid.tags == ("NaN",)
    assert cells(np.full(20, 3 + 4j)).summary == "|·| 5 ± 0  [5, 5]"
