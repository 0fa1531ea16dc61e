"""Light simplification: what is shorter and equal, function by function.

Importing this module fills `symbols.REWRITES`. A rewrite returns None where it has nothing to say;
what it returns is used only if it has the same shape, dtype and numbers.
"""

import numpy as np

from autograd_lite.rules.casting import astype
from autograd_lite.rules.indexing import getitem, scatter
from viz.formulas.probabilities import share
from viz.formulas.symbols import REWRITES, Symbol, alike, bare, call, is_call, is_one, one, valued


def first_of(test):
    """A rewrite to the first argument where `test` holds."""
    return lambda s: s.args[0] if isinstance(s.args[0], Symbol) and test(s) else None


def both_ways(rewrite):
    """A rewrite(s, a, b) of a commutative call, tried on (a, b) and on (b, a)."""

    def either(s):
        found = rewrite(s, *s.args)
        return rewrite(s, *s.args[::-1]) if found is None else found

    return either


def times(s, a, b):
    inner = bare(a)
    if is_one(inner) or inner is True:
        return b if isinstance(b, Symbol) else None
    known = share(a, b)
    if known is not None:
        return call(np.multiply, (known, b), {})
    if opened(a, np.negative):
        return call(np.negative, (call(np.multiply, (inner.args[0], b), {}),), {})
    if is_call(a, np.divide):
        top, bottom = inner.args
        if is_one(top) or (inner.ndim == 0 and s.ndim > 0):
            return call(np.divide, (call(np.multiply, (top, b), {}), bottom), {})
        return top if alike(bottom, b) else None
    if is_call(a, np.broadcast_to) and np.shape(valued(b)) == s.shape:  # no need to spread it
        return call(np.multiply, (inner.args[0], b), {})
    if is_call(a, np.add, np.subtract) and any(divided(x, b) for x in inner.args):
        return call(inner.function, [call(np.multiply, (b, x), {}) for x in inner.args], {})
    return None


def divided(x, by):
    return is_call(x, np.divide) and alike(bare(x).args[1], by)


def plus(s, a, b):
    if opened(b, np.negative):
        return call(np.subtract, (a, bare(b).args[0]), {})
    (m, x), (n, y) = multiple(a), multiple(b)
    return call(np.multiply, (m + n, x), {}) if alike(x, y) else common_divisor(s)


def opened(x, function):
    """Whether `x` is a call of `function`, and no name stands for it that is worth keeping."""
    if not is_call(x, function):
        return False
    return x.text is None or brief(x)


def brief(x, calls=3) -> bool:
    """Whether an expression is no longer than a few signs."""
    if not isinstance(x := bare(x), Symbol) or x.text is not None:
        return True
    return calls > 1 and all(brief(y, calls - 1) for y in x.args)


def common_divisor(s):
    """a / n ± b / n is (a ± b) / n for a number n."""
    if not all(opened(x, np.divide) for x in s.args):
        return None
    (a, m), (b, n) = (bare(x).args for x in s.args)
    if isinstance(m, Symbol) or not alike(m, n):
        return None
    return call(np.divide, (call(s.function, (a, b), {}), m), {})


def over(s):
    """Without a number that is above and below the bar."""
    (m, x), (n, y) = multiple(s.args[0]), multiple(s.args[1])
    if is_one(s.args[1]):
        return s.args[0]
    if m != 1 and type(y) in (int, float) and m == y:
        return x
    return call(np.divide, (x, y), {}) if m == n != 1 else None


def multiple(x):
    """(n, y) with x = n y for a number n that is written there."""
    if isinstance(x, Symbol) and x.text is None and x.function is np.multiply:
        for n, y in (x.args, x.args[::-1]):
            if type(n) in (int, float) and isinstance(y, Symbol):
                return n, y
    return 1, x


def minus(s):
    a, b = s.args
    if opened(b, np.negative):
        return call(np.add, (a, bare(b).args[0]), {})
    return common_divisor(s)


def negated(s):
    inner = s.args[0]
    if opened(inner, np.subtract):
        return call(np.subtract, bare(inner).args[::-1], {})
    if opened(inner, np.broadcast_to):
        return call(np.broadcast_to, (call(np.negative, bare(inner).args[:1], {}), s.shape), {})
    return undone(s)


def undone(s):
    inner = s.args[0]
    return inner.args[0] if getattr(inner, "function", None) is s.function else None


def total(s):
    """Signs go in front of a sum."""
    if opened(s.args[0], np.negative):
        args = (bare(s.args[0]).args[0], *s.args[1:])
        return call(np.negative, (call(np.sum, args, s.kwargs),), {})
    return None


def unsigned(s):
    """The absolute value of one is itself."""
    return s.args[0] if getattr(s.args[0], "function", None) is np.absolute else None


def reshaped(s):
    x = s.args[0]
    if x.shape == s.shape:
        return x
    if x.text is None and x.function is np.reshape:
        return call(np.reshape, (x.args[0], s.shape), {})
    if x.text is None and x.function is np.sum and x.kwargs.get("keepdims"):
        return call(np.reshape, (call(np.sum, x.args, x.kwargs | {"keepdims": False}), s.shape), {})
    return None


def spread(s):
    """Broadcasting twice is broadcasting once, also with new axes for a number between."""
    x = s.args[0]
    if x.shape == s.shape:
        return x
    if is_call(x, np.broadcast_to) and (s.function is np.broadcast_to or not bare(x).args[0].ndim):
        return call(np.broadcast_to, (bare(x).args[0], s.shape), {})
    return None


def transposed(s):
    axes = s.args[1] if len(s.args) > 1 else s.kwargs.get("axes")
    if axes == tuple(range(s.ndim)) or s.ndim < 2:
        return s.args[0]
    return call(np.matrix_transpose, s.args[:1], {}) if s.ndim == 2 else None


def picked(s):
    """All of an array, or entry i of an axis that was moved to the front."""
    x, index = s.args[0], s.args[1] if len(s.args) > 1 else s.kwargs["index"]
    if everything(index):
        return x
    if x.text is None and x.function is np.moveaxis and isinstance(index, int):
        a, axis, front = x.args
        if front == 0 and isinstance(axis, int):
            return call(getitem, (a, (slice(None),) * (axis % a.ndim) + (index,)), {})
    return None


def placed(s):
    """All of an array at all places."""
    index = s.args[1] if len(s.args) > 1 else s.kwargs["index"]
    return s.args[0] if everything(index) else None


def everything(index):
    return index is Ellipsis or (isinstance(index, tuple) and not index)


def without(neutral):
    """A rewrite of a logical operation to the operand that is not `neutral`."""
    return both_ways(lambda s, a, b: b if a is neutral and isinstance(b, Symbol) else None)


def opposite(s):
    """not (a < b) is a ≥ b, not (p or q) is (not p) and (not q)."""
    x = s.args[0]
    if getattr(x, "function", None) in OPPOSITES and x.text is None:
        return call(OPPOSITES[x.function], x.args, {})
    if getattr(x, "function", None) is np.bitwise_or and x.text is None:
        return call(np.bitwise_and, [call(np.logical_not, (y,), {}) for y in x.args], {})
    return None


def matrix_product(s):
    """The einsum of two matrices with one letter in common is a product."""
    inputs, _, out = s.args[0].partition("->")
    terms = inputs.split(",")
    if sorted(map(len, [*terms, out])) != [2, 2, 2] or len({*inputs, *out} - {","}) != 3:
        return None
    (summed,) = {*inputs} - {*out, ","} or {""}
    if not all(summed in t and len(set(t)) == 2 for t in terms):
        return None
    a, b = (x if summed == t[end] else call(np.matrix_transpose, (x,), {})
            for x, t, end in zip(s.args[1:], terms, (1, 0), strict=True))  # fmt: skip
    if out[0] in terms[0]:
        return call(np.matmul, (a, b), {})
    return call(np.matmul, [call(np.matrix_transpose, (x,), {}) for x in (b, a)], {})


def power(s):
    base, exponent = s.args
    if not isinstance(exponent, (int, float)) or exponent not in (0, 1):
        return None
    return one(s.value) if exponent == 0 else base if isinstance(base, Symbol) else None


def same_shape(s):
    return s.args[0].shape == s.shape


OPPOSITES = {np.less: np.greater_equal, np.greater: np.less_equal,
             np.less_equal: np.greater, np.greater_equal: np.less}  # fmt: skip
TABLE = {
    np.multiply: both_ways(times),
    np.add: both_ways(plus),
    np.subtract: minus,
    np.divide: over,
    np.power: power,
    np.sum: total,
    np.reshape: reshaped,
    np.broadcast_to: spread,
    np.expand_dims: spread,
    np.transpose: transposed,
    np.moveaxis: first_of(lambda s: np.array_equal(*(np.mod(a, s.ndim) for a in s.args[1:3]))),
    getitem: picked,
    scatter: placed,
    np.absolute: unsigned,
    np.bitwise_or: without(False),
    np.bitwise_and: without(True),
    np.logical_not: opposite,
    np.positive: first_of(same_shape),
    np.copy: first_of(same_shape),
    astype: first_of(same_shape),
    np.negative: negated,
    np.matrix_transpose: undone,
    np.einsum: matrix_product,
}
REWRITES.update(TABLE)
