"""The structure of a Jacobian, read from the expression of its vector–Jacobian product.

A rule says what it does to the incoming gradient g, not what its Jacobian looks like. But the
expression is linear in g, so the indices that it shares with g are those that the Jacobian ties.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from viz.errors import DrawingError
from viz.formulas.symbols import Symbol
from viz.jacobians import linear
from viz.jacobians.linear import Term, flat
from viz.jacobians.matrix_names import Words
from viz.jacobians.reading import read
from viz.jacobians.wording import sentence_of, text_of

Tie = tuple[int, int, int]  # of an index of both: its size, its strides in output and input


@dataclass(frozen=True)
class Structure:
    """What is known of a Jacobian J of shape (output size, input size), axes flattened.

    Attributes
    ----------
    kind : one of `KINDS`.
    text : a short line for a drawing, "J diagonal, so ⊙".
    sentence : why, for a lesson; plain text.
    ties : for each index that output and input share its size and its strides in both: entries
        of J outside of the blocks where these indices agree are zero.
    """

    kind: str
    text: str = ""
    sentence: str = ""
    ties: tuple[Tie, ...] = field(default=())

    def certain(self, J: np.ndarray) -> np.ndarray:
        """J with zeros wherever its structure has them, also where 0 · ∞ made it NaN."""
        rows, columns = np.indices(J.shape)
        tied = [rows // r % n == columns // c % n for n, r, c in self.ties]
        return np.where(np.logical_and.reduce(tied), J, 0) if tied else J

    def satisfied(self, J: np.ndarray) -> bool:
        """Whether a Jacobian, a dense matrix, has this structure."""
        J = np.asarray(J)
        rows, columns = np.nonzero(J)
        aligned = all(np.array_equal(rows // r % n, columns // c % n) for n, r, c in self.ties)
        parts = blocks(J, self.ties) if self.kind == "diagonal − rank one" else [J]
        return aligned and all(map(KINDS[self.kind], parts))


# --- what the kinds say of numbers --------------------------------------------------------------
def zero_or_one(J):
    return bool(np.all((J == 0) | (J == 1)))


def close(J):
    """How much rounding may change a number that was computed in the precision of J."""
    return 1e4 * np.finfo(np.result_type(J, np.float16)).eps


def one_number(J):
    """Whether all entries but the zeros are equal."""
    values = J[J != 0]
    return not values.size or bool(np.allclose(values, values.flat[0], rtol=close(J), atol=0))


def square(J):
    return J.shape[0] == J.shape[1]


def diagonal(J):
    return square(J) and not np.any(J[~np.eye(len(J), dtype=bool)])


def each_row_has_one(J):
    """Whether each row has one nonzero entry, and each column equally many."""
    columns = np.count_nonzero(J, axis=0)
    return bool(np.all(np.count_nonzero(J, axis=1) == 1) and len({*columns.tolist()}) <= 1)


def at_most_one(J):
    """Whether each row has at most one nonzero entry."""
    return bool(np.all(np.count_nonzero(J, axis=1) <= 1))


def diagonal_and_rank_one(A):
    """Whether a square matrix is a diagonal one plus an outer product u vᵀ.

    Row p and column q of the largest entry beside the diagonal give u and v but for u[q] and v[p],
    which stand on the diagonal there; other columns and rows give those, if any are not zero.
    """
    beside = A - np.diag(np.diag(A))
    p, q = np.unravel_index(np.argmax(np.abs(beside)), A.shape)
    if beside[p, q] == 0:
        return True
    u, v = beside[:, q] / beside[p, q], beside[p].copy()
    others = [k for k in range(len(A)) if k not in (p, q)]
    j, i = (max(others, key=lambda k: abs(x[k]), default=q) for x in (v, u))
    by_column, by_row = j != q and v[j] != 0, i != q and u[i] != 0
    u[q] = beside[q, j] / v[j] if by_column else 1.0
    v[p] = beside[i, p] / u[i] if by_row else beside[q, p] / u[q] if u[q] else 0.0
    if by_row and not by_column:
        u[q] = beside[q, p] / v[p] if v[p] else 0.0
    found = np.outer(u, v)
    np.fill_diagonal(found, 0)
    return bool(np.all(np.abs(found - beside) <= close(A) * np.abs(beside[p, q])))


def blocks(J, ties):
    """The blocks of J in which the tied indices agree, each as a matrix."""
    if not ties:
        return [J]
    shape = tuple(n for n, _, _ in ties)
    rows, columns = np.arange(J.shape[0]), np.arange(J.shape[1])
    at_row = np.ravel_multi_index([rows // r % n for n, r, _ in ties], shape)
    at_column = np.ravel_multi_index([columns // c % n for n, _, c in ties], shape)
    return [J[np.ix_(at_row == b, at_column == b)] for b in range(int(np.prod(shape)))]


KINDS: dict[str, Callable[[Any], bool]] = {  # the finest first
    "zero": lambda J: not np.any(J),
    "identity": lambda J: diagonal(J) and np.array_equal(J, np.eye(len(J))),
    "permutation": lambda J: square(J) and zero_or_one(J) and each_row_has_one(J),
    "0/1 diagonal": lambda J: diagonal(J) and zero_or_one(J),
    "diagonal": diagonal,
    "copy": lambda J: one_number(J) and (not np.any(J) or each_row_has_one(J)),  # zero times a copy
    "selection": lambda J: zero_or_one(J) and at_most_one(J),
    "sum": lambda J: one_number(J) and at_most_one(J.T),
    "row": lambda J: J.shape[0] == 1,
    "column": lambda J: J.shape[1] == 1,
    "diagonal − rank one": lambda J: square(J) and diagonal_and_rank_one(J),
    "block": lambda J: True,  # the ties say all
    "dense": lambda J: True,
}
"""The kinds, and what each says of the numbers of a Jacobian beside the ties."""


# --- what the indices say of the kind -----------------------------------------------------------
def structure(expression: Symbol, g: Symbol | Sequence[Symbol], input_shape,
              output_shape) -> Structure:  # fmt: skip
    """The structure of a Jacobian from the expression of its vector–Jacobian product.

    Never more is claimed than is certain: "dense" is what is left.

    Parameters
    ----------
    expression : linear in g, of the shape of the input.
    g : the gradient of the output, as the rule was given it; of an operation with several
        outputs a sequence of those, and the Jacobian is that of all outputs, one below the other.
    input_shape, output_shape : of the operation; of several outputs a sequence of shapes.

    Raises
    ------
    DrawingError : if the shapes are not those of `expression` and g.

    >>> import numpy as np
    >>> from viz.formulas.symbols import named
    >>> g, x = named("g", np.ones(3)), named("x", np.array([1.0, -1.0, 2.0]))
    >>> structure(g * (x > 0), g, (3,), (3,)).text
    'J 0/1 diagonal, so a mask'
    >>> structure(np.outer(g, x), g, (3, 3), (3,)).kind
    'block'
    """
    if not isinstance(g, Symbol):
        pairs = zip(g, output_shape, strict=True)
        return several([structure(expression, each, input_shape, s) for each, s in pairs])
    for x, shape, what in (expression, input_shape, "input"), (g, output_shape, "output"):
        if x.shape != tuple(shape):
            raise DrawingError(
                f"a vector–Jacobian product of shape {expression.shape} from a gradient of shape "
                f"{g.shape} does not fit the {what} shape {tuple(shape)}"
            )
    if expression.size == 0 or g.size == 0:
        return Structure("zero", "J is empty", "There are no entries, so nothing flows.")
    terms = linear.joined(paired(expression, g, map(linear.resolved, read(expression, g))))
    kind, ties = classified(terms, expression.size, g.size)
    words = Words(kind, terms, ties, tuple(input_shape), tuple(output_shape))
    return Structure(kind, text_of(words), sentence_of(words), ties)


def paired(expression: Symbol, g: Symbol, terms) -> list[Term]:
    """Terms that say whether there is a J with dy = J dz, or each number acts as a pair."""
    to_complex, to_real = expression.dtype.kind == "c", g.dtype.kind != "c"
    return [replace(t, paired=t.paired or (to_complex and (to_real or t.real_part)))
            for t in terms]  # fmt: skip


def several(found: list[Structure]) -> Structure:
    """The structure of Jacobians one below the other."""
    if len(found) == 1:
        return found[0]
    picking = {"zero", "identity", "permutation", "0/1 diagonal", "selection"}
    if all(s.kind in picking for s in found):
        return Structure(
            "selection", "J picks entries for each output, so the gradients are put together",
            "Each output holds some of the input's entries, so the gradient of the input is "
            "put together from the gradients of the outputs.",
        )  # fmt: skip
    return Structure("dense", "J has a block of rows for each output, so their gradients add up",
                     "Each output contributes to the gradient of the input.")  # fmt: skip


def classified(terms: tuple[Term, ...], inputs: int, outputs: int) -> tuple[str, tuple[Tie, ...]]:
    """The kind of J, and what output and input share."""
    if not terms:
        return "zero", ()
    ties = shared(terms)
    kind = kind_of(terms[0]) if len(terms) == 1 else None
    if kind is None and is_diagonal_and_rank_one(terms):
        kind = "diagonal − rank one"
    if kind is None:
        kind = "row" if outputs == 1 else "column" if inputs == 1 else "block" if ties else "dense"
    return kind, ties


def shared(terms) -> tuple[Tie, ...]:
    """The ties that all terms have."""
    found = [{(n, theirs, ours) for n, ours, theirs in t.places().values()
              if ours is not None and theirs is not None} for t in terms]  # fmt: skip
    return tuple(sorted(set.intersection(*found), key=lambda tie: -tie[2]))


def kind_of(t: Term) -> str | None:
    """The kind of one term if every entry has one counterpart on one side."""
    theirs, ours = set(flat(t.g)), set(flat(t.axes))
    inside = {i for m in t.maps for i in (*m.old, *m.new)}
    repeated, summed = ours - theirs - inside, theirs - ours - inside
    weights = [f for f in t.factors if f.over or f.mask]
    masks = all(f.mask for f in weights) and t.scale == 1 and not t.paired
    bijective = all(m.bijective for m in t.maps)
    if not repeated and not summed and bijective:
        there = all(a == b for _, a, b in t.places().values())
        if there:
            plain = "0/1 diagonal" if weights else "identity"
            return plain if masks else "diagonal"
        if masks and not weights:
            return "permutation"
    if t.paired:
        return None
    if bijective and not weights and not repeated:
        return "copy"
    if masks and not repeated and all(m.to_one for m in t.maps):
        return "selection"
    if (masks or not weights) and not summed and all(m.from_one for m in t.maps):
        return "sum"
    return None


def is_diagonal_and_rank_one(terms) -> bool:
    if len(terms) != 2 or any(t.maps or t.paired for t in terms):
        return False
    a, b = sorted(terms, key=lambda t: len(t.places()))
    there, places = a.places().values(), b.places().items()
    if not all(x == y for _, x, y in there):
        return False
    ours = {i: (n, x) for i, (n, x, y) in places if y is None}
    theirs = {i: (n, y) for i, (n, x, y) in places if x is None}
    both = {(n, x) for _, (n, x, y) in places if x == y}
    if {*ours.values()} != {*theirs.values()} or len(ours) + len(both) != len(there):
        return False
    if {*ours.values()} | both != {(n, x) for n, x, _ in there}:
        return False
    return not any(f.over & ours.keys() and f.over & theirs.keys() for f in b.factors)
