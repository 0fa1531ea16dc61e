"""One rule for every einsum: an operand's term and the output's change places."""

import string

import numpy as np

from autograd_lite.errors import ShapeError
from autograd_lite.registry import constant, rule
from autograd_lite.rules.shaping import on_diagonal

LETTERS = string.ascii_uppercase + string.ascii_lowercase  # in NumPy's order of numbered axes


def einsum_args(subscripts, *operands, **options):
    """Subscripts written out: a string, explicit output, letters in place of an ellipsis."""
    if not isinstance(subscripts, str):
        subscripts, *operands = from_lists(subscripts, *operands)
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(operands):
        raise ShapeError(f"einsum: {len(terms)} subscripts for {len(operands)} operands")
    free = [c for c in string.ascii_letters if c not in inputs]
    ranks = [np.ndim(x) - len(t.replace("...", "")) for t, x in zip(terms, operands, strict=True)]
    for term, rank in zip(terms, ranks, strict=True):
        if rank < 0 or (rank and "..." not in term):
            raise ShapeError(f"einsum: {term!r} does not fit an operand of {rank + len(term)} axes")
    longest = max((r for t, r in zip(terms, ranks, strict=True) if "..." in t), default=0)
    dots = "".join(free[:longest])
    terms = [t.replace("...", dots[longest - r :]) for t, r in zip(terms, ranks, strict=True)]
    if not arrow:
        once = sorted(c for c in set(inputs) - set(".,") if inputs.count(c) == 1)
        output = "..." + "".join(once)
    if dots and "..." not in output:
        raise ShapeError(f"einsum: {subscripts!r} has an ellipsis, and none in its output")
    output = output.replace("...", dots)
    return (list(operands),), dict(subscripts=",".join(terms) + "->" + output, **options)


def from_lists(*args):
    """einsum(a, [0, 1], b, [1, 2], [0, 2]) as einsum("AB,BC->AC", a, b)."""
    operands, lists, output = args[: len(args) // 2 * 2 : 2], args[1::2], args[len(args) // 2 * 2 :]
    text = ",".join(map(letters_of, lists)) + "".join("->" + letters_of(x) for x in output)
    return text, *operands


def letters_of(places):
    return "".join("..." if k is Ellipsis else LETTERS[k] for k in places)


def einsum_vjp(g, operands, subscripts, optimize):
    """Operand k's gradient is the einsum that swaps its term with the output's."""
    inputs, output = subscripts.split("->")
    terms = inputs.split(",")
    sizes = {}
    for term, x in zip(terms, operands, strict=True):
        for letter, n in zip(term, np.shape(x), strict=True):
            if n != 1 or letter not in sizes:  # an operand of length one broadcasts
                sizes[letter] = n
    return [einsum_swapped(g, output, k, terms, operands, sizes, optimize)
            for k in range(len(terms))]  # fmt: skip


def einsum_swapped(g, output, k, terms, operands, sizes, optimize):
    factors = [(output, g)]
    given = set(output)
    for i, (term, x) in enumerate(zip(terms, operands, strict=True)):
        if i != k:  # an operand of length one along a letter only broadcasts
            given |= {c for c, n in zip(term, np.shape(x), strict=True) if n == sizes[c]}
            factors.append((term, x))
    letters = list(dict.fromkeys(terms[k]))
    found = [c for c in letters if c in given]
    c = g
    if len(factors) > 1 or list(output) != found:
        text = ",".join(t for t, _ in factors) + "->" + "".join(found)
        options = dict(optimize=True) if optimize else {}
        c = np.einsum(text, *(x for _, x in factors), **options)
    if len(found) < len(letters):  # a letter summed alone: every entry gets the same gradient
        if found:  # a number broadcasts as it is
            c = np.expand_dims(c, tuple(i for i, x in enumerate(letters) if x not in found))
        c = np.broadcast_to(c, tuple(sizes[x] for x in letters))
    return on_diagonals(c, letters, terms[k], sizes)


def on_diagonals(c, letters, term, sizes):
    """Where a term repeats a letter, a diagonal was taken: put the gradient back on it."""
    if len(letters) == len(term):
        return c
    have, rest = list(letters), list(term)
    for letter in letters:
        rest.remove(letter)
    for letter in rest:
        first = have.index(letter)
        c = np.moveaxis(c, first, -1) if first < len(have) - 1 else c
        shape = (*(sizes[x] for x in have), sizes[letter])
        c = on_diagonal(c, shape, axis1=first, axis2=len(have))
        have.append(letter)
    order = []
    for letter in term:  # each axis once, from the left
        order.append(next(i for i, x in enumerate(have) if x == letter and i not in order))
    return c if order == sorted(order) else np.transpose(c, order)


rule(
    np.einsum,
    "*operands",
    static=dict(subscripts="", optimize=False),
    prepare=einsum_args,
    forward=lambda operands, subscripts, optimize: np.einsum(
        subscripts, *operands, optimize=optimize
    ),
    operands=einsum_vjp,
)
constant(np.einsum_path, why="it is a plan, made from shapes")
