"""Light simplification: what is shorter and equal, function by function.

Importing this module fills `symbols.REWRITES`. A rewrite returns None where it has nothing to say;
what it returns is used only if it has the same shape, dtype and numbers.
"""

import numpy as np

from autograd_lite.rules.casting import astype
from autograd_lite.rules.indexing import getitem, scatter
from viz.formulas.arrangements import (
    picked,
    placed,
    reshaped,
    spread,
    transposed,
    turned,
    undone,
)  # fmt: skip
from viz.formulas.conditions import both_ways, chosen, opposite, without
from viz.formulas.contractions import contraction
from viz.formulas.probabilities import share
from viz.formulas.symbols import (
    REWRITES,
    Symbol,
    alike,
    bare,
    call,
    is_call,
    is_one,
    one,
    valued,
)


def first_of(test):
    """A rewrite to the first argument where `test` holds."""
    return lambda s: s.args[0] if isinstance(s.args[0], Symbol) and test(s) else None


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
        if is_ones(top) or (inner.ndim == 0 and s.ndim > 0):
            return call(np.divide, (call(np.multiply, (top, b), {}), bottom), {})
        return top if alike(bottom, b) else None
    if isinstance(b, Symbol) and b.shape == s.shape and b.dtype != bool and is_ones(a):
        return b
    if is_call(a, np.broadcast_to) and np.shape(valued(b)) == s.shape:  # no need to spread it
        return call(np.multiply, (inner.args[0], b), {})
    if is_call(a, np.add, np.subtract) and any(divided(x, b) for x in inner.args):
        return call(inner.function, [call(np.multiply, (b, x), {}) for x in inner.args], {})
    return None


def is_ones(x) -> bool:
    while is_call(x, np.broadcast_to, astype):
        x = bare(x).args[0]
    return is_one(bare(x))


def is_zero(x) -> bool:
    """Whether all entries are 0 by the form of the expression."""
    if is_call(x, np.matmul, np.multiply, np.conjugate, np.matrix_transpose, np.negative):
        return any(map(is_zero, bare(x).args))
    return is_call(x, np.zeros_like)


def divided(x, by):
    return is_call(x, np.divide) and alike(bare(x).args[1], by)


def plus(s, a, b):
    if is_zero(b):
        return a if isinstance(a, Symbol) else None
    if opened(b, np.negative):
        return call(np.subtract, (a, bare(b).args[0]), {})
    (m, x), (n, y) = multiple(a), multiple(b)
    if alike(x, y):
        return call(np.multiply, (m + n, x), {})
    if isinstance(a, Symbol) and a.text is None and a.function is np.add:  # (p + x) + x
        (m, x) = multiple(a.args[1])
        if alike(x, y):
            return call(np.add, (a.args[0], call(np.multiply, (m + n, x), {})), {})
    return common_divisor(s)


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
    if is_zero(b):
        return a if isinstance(a, Symbol) else None
    if is_zero(a):
        return call(np.negative, (b,), {}) if isinstance(b, Symbol) else None
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


def total(s):
    """Signs go in front of a sum."""
    if opened(s.args[0], np.negative):
        args = (bare(s.args[0]).args[0], *s.args[1:])
        return call(np.negative, (call(np.sum, args, s.kwargs),), {})
    return None


def unsigned(s):
    """The absolute value of one is itself."""
    return s.args[0] if getattr(s.args[0], "function", None) is np.absolute else None


def log_of_number(s):
    x = s.args[0]
    if is_call(x, np.broadcast_to) and not isinstance(bare(x).args[0], Symbol):
        return call(np.broadcast_to, (call(np.log, bare(x).args[:1], {}), s.shape), {})
    return None


def numbers_first(s):
    """A (2 B) is 2 A B: numbers stand in front of a product of matrices."""
    for k, x in enumerate(s.args):
        inner = bare(x) if isinstance(x, Symbol) and brief(x) else x
        n, rest = multiple(inner)
        if n != 1:
            args = [rest if i == k else a for i, a in enumerate(s.args)]
            return call(np.multiply, (n, call(s.function, args, s.kwargs)), {})
    return None


def power(s):
    base, exponent = s.args
    if not isinstance(exponent, (int, float)) or exponent not in (0, 1):
        return None
    return one(s.value) if exponent == 0 else base if isinstance(base, Symbol) else None


def same_shape(s):
    return s.args[0].shape == s.shape


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
    np.matrix_transpose: turned,
    np.einsum: contraction,
    np.ravel: first_of(same_shape),
    np.where: chosen,
    np.log: log_of_number,
    np.matmul: numbers_first,
    np.outer: numbers_first,
}
REWRITES.update(TABLE)
