"""An einsum as what it is: a product of matrices, a product entry by entry, a sum."""

import numpy as np

from viz.formulas.symbols import Symbol, call, valued


def contraction(s):
    """What is equal to a call of np.einsum and shorter, or None.

    Each index is written out, and no operand has one twice.
    """
    text, *operands = s.args
    if not isinstance(text, str) or "->" not in text or "." in text:
        return None
    if s.kwargs.keys() - {"optimize"}:
        return None
    inputs, out = text.replace(" ", "").split("->")
    terms = inputs.split(",")
    if any(len({*t}) < len(t) for t in (*terms, out)) or not one_size_each(terms, operands):
        return None
    if len(terms) == 1:
        return summed(operands[0], terms[0], out)
    return paired(*operands, *terms, out) if len(terms) == 2 else None


def one_size_each(terms, operands) -> bool:
    """Whether no axis of length one is stretched."""
    sizes = {(i, n) for t, x in zip(terms, operands, strict=True)
             for i, n in zip(t, np.shape(valued(x)), strict=True)}  # fmt: skip
    return len(sizes) == len({i for i, _ in sizes})


def paired(a, b, left, right, out):
    for number, x, letters in ((a, b, right), (b, a, left)):
        if np.ndim(valued(number)) == 0:
            return call(np.multiply, (number, summed(x, letters, out)), {})
    summed_over = [i for i in left if i not in out]
    if {*summed_over} != {i for i in right if i not in out}:  # also one that a alone has
        return None
    if not summed_over:
        return by_entries(a, b, left, right, out)
    if {*left} == {*right}:
        rest = "".join(i for i in left if i in out)
        order = left if rest == out else out + "".join(summed_over)
        both = call(np.multiply, (aligned(a, left, order), aligned(b, right, order)), {})
        return summed(both, order, out)
    return matrices(a, b, left, right, out) if len(summed_over) == 1 else None


def summed(x, letters, out):
    """The sum over all other axes than `out`, in that order."""
    axes = tuple(k for k, i in enumerate(letters) if i not in out)
    if axes:
        x = call(np.sum, (x,), {"axis": axes[0] if len(axes) == 1 else axes})
    return aligned(x, "".join(i for i in letters if i in out), out)


def by_entries(a, b, left, right, out):
    if len(left) == len(right) == 1 and len(out) == 2:
        return call(np.outer, (a, b) if out == left + right else (b, a), {})
    if {*out} not in ({*left}, {*right}):
        return None
    return call(np.multiply, (aligned(a, left, out), aligned(b, right, out)), {})


def aligned(x, letters, out):
    """`x` with its axes in the order of `out`, and axes of length one where NumPy needs them."""
    order = sorted(range(len(letters)), key=lambda k: out.index(letters[k]))
    if order != [*range(len(order))]:
        x = call(np.transpose, (x, tuple(order)), {})
    places = [out.index(letters[k]) for k in order]
    first = min(places, default=len(out))  # NumPy adds axes in front by itself
    new = tuple(k - first for k in range(first, len(out)) if k not in places)
    return call(np.expand_dims, (x, new[0] if len(new) == 1 else new), {}) if new else x


def matrices(a, b, left, right, out):
    """A product with one index that is summed, for each index of the axes in front."""
    (k,) = (i for i in left if i not in out)
    batch = "".join(i for i in out if i in left and i in right)
    rows = "".join(i for i in left if i not in right)
    columns = "".join(i for i in right if i not in left)
    if out == batch + columns + rows and rows and columns:
        a, b, left, right, rows, columns = b, a, right, left, columns, rows
    if out != batch + rows + columns or max(len(rows), len(columns)) > 1:
        return None
    if not rows and columns:  # a vector is a column
        a, b, left, right, rows, columns = b, a, right, left, columns, rows
    if batch and not columns:
        return None
    first, second = facing(a, left, batch + rows + k), facing(b, right, batch + k + columns)
    return None if first is None or second is None else call(np.matmul, (first, second), {})


def facing(x, letters, wanted) -> Symbol | None:
    """`x` or its transpose, as the product needs it."""
    if letters == wanted:
        return x
    if letters == wanted[:-2] + wanted[:-3:-1] and len(letters) > 1:
        return call(np.matrix_transpose, (x,), {})
    return None
