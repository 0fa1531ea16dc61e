"""Products. One rule serves matmul at all ranks, one serves every einsum."""

import math
import string

import numpy as np

from autograd_lite.errors import NoRuleError, ShapeError
from autograd_lite.registry import derived, rule


def transposed(a):
    """Matrices transposed; `.T` of a single one takes a tenth of the time of the function."""
    return a.T if a.ndim == 2 else np.matrix_transpose(a)


def matmul_left(g, a_shape, b):
    """Gradient of the left factor of a @ b, before batch axes are summed."""
    if g.ndim == 0:
        return g * b
    if b.ndim == 1:  # (…, m, k) @ (k,)
        return np.outer(g, b) if g.ndim == 1 else np.expand_dims(g, -1) * b
    if len(a_shape) == 1:  # (k,) @ (…, k, n)
        return np.matmul(b, np.expand_dims(g, -1))[..., 0] if b.ndim > 2 else np.matmul(b, g)
    return np.matmul(g, transposed(b))


def matmul_right(g, a, b_shape):
    """Gradient of the right factor of a @ b, before batch axes are summed."""
    if g.ndim == 0:
        return g * a
    if a.ndim == 1:
        return np.outer(a, g) if g.ndim == 1 else np.expand_dims(a, -1) * np.expand_dims(g, -2)
    if len(b_shape) == 1:
        return rows(a, g)
    if len(b_shape) == 2 and a.ndim > 2:  # one long product instead of a batch of them and a sum
        return np.matmul(transposed(flat(a)), flat(g))
    return np.matmul(transposed(a), g)


def rows(a, g):
    """aᵀ g for a (…, m, k) and g (…, m), summed over the batch."""
    if a.ndim > 2:
        a, g = flat(a), np.reshape(g, (math.prod(g.shape),))
    return np.matmul(transposed(a), g)


def flat(a):
    return np.reshape(a, (math.prod(a.shape[:-1]), a.shape[-1]))


# fmt: off
rule(np.matmul, "a b", a=lambda g, a_shape, b: matmul_left(g, a_shape, b),
                       b=lambda g, a, b_shape: matmul_right(g, a, b_shape))
rule(np.vecdot, "a b", a=lambda g, b: np.expand_dims(g, -1) * b, b=lambda g, a: np.expand_dims(g, -1) * a)
# fmt: on


def einsum_args(subscripts, *operands, **options):
    """Subscripts written out: explicit output, letters in place of an ellipsis."""
    if not isinstance(subscripts, str):
        raise NoRuleError("einsum: give the subscripts as a string, 'ij,jk->ik'")
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != len(operands):
        raise ShapeError(f"einsum: {len(terms)} subscripts for {len(operands)} operands")
    free = [c for c in string.ascii_letters if c not in inputs]
    ranks = [np.ndim(x) - len(t.replace("...", "")) for t, x in zip(terms, operands, strict=True)]
    longest = max((r for t, r in zip(terms, ranks, strict=True) if "..." in t), default=0)
    dots = "".join(free[:longest])
    terms = [t.replace("...", dots[longest - r :]) for t, r in zip(terms, ranks, strict=True)]
    if not arrow:
        once = sorted(c for c in set(inputs) - set(".,") if inputs.count(c) == 1)
        output = "..." + "".join(once)
    output = output.replace("...", dots)
    return (list(operands),), dict(subscripts=",".join(terms) + "->" + output, **options)


def einsum_vjp(g, operands, subscripts):
    """Operand k's gradient is the einsum that swaps its term with the output's."""
    inputs, output = subscripts.split("->")
    terms = inputs.split(",")
    sizes = {}
    for term, x in zip(terms, operands, strict=True):
        for letter, n in zip(term, np.shape(x), strict=True):
            if n != 1 or letter not in sizes:  # an operand of length one broadcasts
                sizes[letter] = n
    return [einsum_swapped(g, output, k, terms, operands, sizes) for k in range(len(terms))]


def einsum_swapped(g, output, k, terms, operands, sizes):
    others = [(t, x) for i, (t, x) in enumerate(zip(terms, operands, strict=True)) if i != k]
    given = set(output)
    for term, x in others:  # an operand of length one along a letter only broadcasts
        given |= {c for c, n in zip(term, np.shape(x), strict=True) if n == sizes[c]}
    free = iter(c for c in string.ascii_letters if c not in sizes)
    wanted, extra = "", []
    for letter in terms[k]:
        if letter in wanted:  # a diagonal was taken: put the gradient back on it
            twin = next(free)
            extra.append((letter + twin, np.eye(sizes[letter], dtype=g.dtype)))
            wanted += twin
        else:
            if letter not in given:  # summed alone: every entry gets the same gradient
                extra.append((letter, np.ones(sizes[letter], g.dtype)))
            wanted += letter
    factors = [(output, g), *others, *extra]
    text = ",".join(t for t, _ in factors) + "->" + wanted
    return np.einsum(text, *(x for _, x in factors))


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


@derived(np.dot)
def dot(a, b):
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    if np.ndim(b) <= 2:
        return np.matmul(a, b)
    return np.tensordot(a, b, axes=(-1, -2))


@derived(np.inner)
def inner(a, b):
    if np.ndim(a) == 0 or np.ndim(b) == 0:
        return np.multiply(a, b)
    return np.tensordot(a, b, axes=(-1, -1))


@derived(np.outer)
def outer(a, b):
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


@derived(np.tensordot)
def tensordot(a, b, axes=2):
    if np.ndim(axes) == 0 and isinstance(axes, (int, np.integer)):
        axes = range(-axes, 0), range(axes)
    left, right = ([x] if isinstance(x, (int, np.integer)) else list(x) for x in axes)
    left, right = [i % np.ndim(a) for i in left], [i % np.ndim(b) for i in right]
    sizes = [np.shape(a)[i] for i in left]
    if sizes != [np.shape(b)[i] for i in right]:
        raise ShapeError(
            f"tensordot: axes {left} of {np.shape(a)} and {right} of {np.shape(b)} differ in length"
        )
    rest_a = [i for i in range(np.ndim(a)) if i not in left]
    rest_b = [i for i in range(np.ndim(b)) if i not in right]
    shape_a = [np.shape(a)[i] for i in rest_a]
    shape_b = [np.shape(b)[i] for i in rest_b]
    inside = int(np.prod(sizes))
    rows = np.reshape(np.transpose(a, (*rest_a, *left)), (int(np.prod(shape_a)), inside))
    columns = np.reshape(np.transpose(b, (*right, *rest_b)), (inside, int(np.prod(shape_b))))
    return np.reshape(np.matmul(rows, columns), (*shape_a, *shape_b))


@derived(np.kron)
def kron(a, b):
    ndim = max(np.ndim(a), np.ndim(b))
    shape_a = (1,) * (ndim - np.ndim(a)) + np.shape(a)
    shape_b = (1,) * (ndim - np.ndim(b)) + np.shape(b)
    a = np.reshape(a, tuple(n for s in shape_a for n in (s, 1)))
    b = np.reshape(b, tuple(n for s in shape_b for n in (1, s)))
    return np.reshape(a * b, tuple(m * n for m, n in zip(shape_a, shape_b, strict=True)))


@derived(np.trace)
def trace(a, offset=0, axis1=0, axis2=1):
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)
