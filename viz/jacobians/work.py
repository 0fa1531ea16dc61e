"""The multiply–adds of an expression: what evaluating it costs, arrays moved not counted."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograd_lite.rules import casting, indexing
from viz.formulas.symbols import Symbol, one, part
from viz.jacobians.linear import shape_of
from viz.jacobians.reading import inside

FREE = {np.reshape, np.ravel, np.expand_dims, np.squeeze, np.transpose, np.matrix_transpose,
        np.swapaxes, np.moveaxis, np.broadcast_to, np.copy, np.positive, np.flip, np.roll, np.split,
        np.array_split, np.concatenate, np.stack, np.where, np.triu, np.tril, np.zeros_like,
        np.ones_like, np.conjugate, np.real, np.imag, indexing.getitem, indexing.put,
        casting.astype, one, part}  # fmt: skip
REDUCING = {np.sum, np.mean, np.prod, np.max, np.min, np.cumsum, np.any, np.all,
            np.var, np.std, np.linalg.norm}  # fmt: skip
CONTRACTING = {np.dot, np.inner, np.tensordot, np.outer}


def multiply_adds(expressions: Iterable[Symbol]) -> int:
    """Multiply–adds that evaluate the expressions together, shared parts once.

    A product of matrices takes m · k · n (for each matrix of a batch), an einsum the product of the
    lengths of all its letters, a sum the size of what is summed, elementwise arithmetic its size.
    A solution, an inverse or a decomposition of matrices of order n takes n³ each, a Fourier
    transform of n numbers n log₂ n; complex numbers count like others. Views, conjugates, copies,
    comparisons and other conditions take none, nor does what the forward pass kept.

    >>> from viz.formulas.symbols import named
    >>> g, W = named("g", np.ones((5, 4))), named("W", np.ones((3, 4)))
    >>> multiply_adds([g @ W.T, g * 2])
    80
    """
    seen: set[int] = set()
    stack, total = list(expressions), 0
    while stack:
        s = stack.pop()
        if id(s) not in seen and not s.kept:
            seen.add(id(s))
            inner = inside(s)
            stack += inner
            total += cost(s) if s.definition is None and s.text is None else 0
    return total


def factorization(shape) -> int:
    """n³ for each matrix of a batch."""
    return math.prod(shape[:-2]) * max(shape[-2:], default=0) ** 3


def transform(s: Symbol, shape) -> int:
    """n log₂ n for each transform of n entries."""
    options = dict(zip(("n", "axis"), s.args[1:], strict=False)) | s.kwargs
    axis = options.get("axis", -1)
    n = max(s.shape[axis], shape[axis])
    return s.size // max(s.shape[axis], 1) * n * max(n - 1, 0).bit_length()


def cost(s: Symbol) -> int:
    """The multiply–adds of one call, its arguments given."""
    f = s.function
    first: Any = s.args[0] if s.args else None
    if getattr(f, "__module__", "") == "numpy.fft":
        return transform(s, shape_of(first))
    if getattr(f, "__module__", "") == "numpy.linalg":
        if f is not np.linalg.norm and not hasattr(np, f.__name__):
            return factorization(shape_of(first))
        f = getattr(np, f.__name__, f)  # np.linalg.matmul and the like
    if f in FREE or isinstance(s.value, (tuple, list)):
        return 0
    if f is indexing.scatter:  # adds where an entry may be picked twice
        once = indexing.is_basic(s.args[1]) or indexing.is_mask(s.args[1])
        return 0 if once else math.prod(shape_of(first))
    if f in (np.matmul, np.vecdot):
        return s.size * shape_of(first)[-1]
    if f is np.einsum:
        terms = first.split("->")[0].split(",")
        pairs = zip(terms, map(shape_of, s.args[1:]), strict=True)
        sizes: dict[str, int] = {}
        for letter, n in (both for term, shape in pairs for both in zip(term, shape, strict=True)):
            sizes[letter] = n if n != 1 else sizes.get(letter, 1)  # a length of one broadcasts
        return math.prod(sizes.values())
    if f in CONTRACTING:
        sizes_of_two = [math.prod(shape_of(x)) for x in s.args[:2]]
        # (m k) (k n) (m n) is the square of m k n
        return math.isqrt(math.prod(sizes_of_two) * s.size) if s.size else 0
    if f in REDUCING:
        return math.prod(shape_of(first))
    return 0 if s.dtype.kind == "b" else s.size
