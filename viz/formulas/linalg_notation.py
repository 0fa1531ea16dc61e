"""The notation of linear algebra: products of matrices, ᵀ, and ⁻¹ also where a system is solved."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.rules import linalg, norms
from viz.formulas import array_notation as arrays
from viz.formulas.markup import (
    Atom,
    Fence,
    Fraction,
    Math,
    Row,
    Sign,
    Super,
    infix,
    listed,
    transposed,
)  # fmt: skip
from viz.formulas.writing import (
    ATOM,
    ELEMENT,
    FRACTION,
    MATRIX,
    POSTFIX,
    Written,
    dims,
    enclosed,
    under,
)  # fmt: skip

INVERSES = (np.linalg.inv, linalg.inverse)


# --- products and transposes -------------------------------------------------------------------
def matmul(n, s):
    a, b = s.args
    if dims(a) == dims(b) == 1 and s.dtype.kind != "c":  # ⟨a, b⟩ would conjugate one of them
        return Written(Fence("⟨", listed((n.math(a), n.math(b))), "⟩"))
    if dims(a) == 1:  # vectors are columns
        b = n.shown(b)
        undone = n.seen(b, np.matrix_transpose)
        left = matrix(n, b.args[0]) if undone else transpose_of(n, b).math
        return Written(infix("", left, n.math(a, MATRIX, True)), MATRIX)
    return Written(infix("", matrix(n, a), matrix(n, b)), MATRIX)


def matrix(n, x) -> Math:
    """`x` as a factor of a matrix product: a sum that keeps axis 0 is written as a row."""
    if not arrays.row(n, x):
        return n.math(x, MATRIX, True)
    return transposed(n.math(x, ATOM, factor=True))


def outer(n, s):
    a, b = s.args
    return Written(infix("", n.math(a, MATRIX, True), enclosed(transpose_of(n, b), MATRIX)), MATRIX)


def transpose_of(n, x):
    """xᵀ; with shapes, one factor and below it the shape of the transposed, if x is one factor."""
    if arrays.row(n, x):  # written as a vector, which is a column
        return n.of(x)
    if n.shapes and not n.through(n, n.shown(x)):
        shape = x.shape[:-2] + x.shape[::-1][:2] if x.ndim > 1 else (1, *x.shape)
        return under(transpose_of(n.plain, x), shape)
    if n.seen(x, *INVERSES):
        return Written(raised(n, n.shown(x).args[0], True), POSTFIX)
    if n.seen(x, np.conjugate):
        return Written(Super(n.math(n.shown(x).args[0], ATOM), Sign("ᴴ", False)), POSTFIX)
    return Written(transposed(n.math(x, ATOM, factor=True)), POSTFIX)


def matrix_transpose(n, s):
    return transpose_of(n, s.args[0])


def axes_moved(n, s):
    """A transpose or swapaxes that turns matrices over is ᵀ; any other stays a call."""
    order = np.arange(s.ndim)
    given = [*s.args[1:], *s.kwargs.values()]
    turned = [*order[:-2], *order[:-3:-1]]
    if s.ndim > 1 and list(s.function(np.empty(range(s.ndim)), *given).shape) == turned:
        return transpose_of(n, s.args[0])
    return n.otherwise(n, s)


# --- inverses ----------------------------------------------------------------------------------
def raised(n, x, turned=False) -> Math:
    """A⁻¹; turned, or if `x` is written as a transpose, A⁻ᵀ."""
    x = n.shown(x)
    if n.seen(x, np.matrix_transpose):
        x, turned = x.args[0], not turned
    above = Sign("ᵀ", False) if turned else Atom("number", "1")
    return Super(n.plain.math(x, ATOM, factor=True), Row((Sign("−", False), above)))


def inverse(n, s):
    return Written(raised(n, s.args[0]), POSTFIX)


def solve(n, s):
    """The solution of A x = b is A⁻¹ b; nobody computes the inverse for it."""
    matrix, right = s.args
    return Written(infix("", raised(n, matrix), n.plain.math(right, MATRIX, True)), MATRIX)


def ratio(n, s):
    """A quotient; what is said of 0 / 0 in the program is not said here."""
    top, bottom = (arrays.operand(n, x, s.shape) for x in s.args)
    above = enclosed(top, ELEMENT, factor=True, flat=True)
    below = enclosed(bottom, MATRIX + 1, factor=True, flat=True)
    return Written(Fraction(above, below), ELEMENT, FRACTION)


TABLE: dict[Any, Callable] = {
    np.matmul: matmul, np.outer: outer, np.matrix_transpose: matrix_transpose,
    np.transpose: axes_moved, np.swapaxes: axes_moved, np.linalg.solve: solve,
    norms.ratio: ratio, **dict.fromkeys(INVERSES, inverse),
}  # fmt: skip
