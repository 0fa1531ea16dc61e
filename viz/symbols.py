"""The third reading of a rule: a small duck array that carries an expression and its value.

A `Symbol` is a name, the number one (the seed), a call of a function on other symbols, or an
alias: a gradient that has a name of its own and a definition. Every symbol has a value, so that
rules which branch on shapes take the branch they take on arrays, and so that each simplification
is checked by numbers when it is made.
"""

import numpy as np

from autograd_lite.rules.casting import astype
from autograd_lite.rules.indexing import getitem

READERS = (np.shape, np.ndim, np.size, np.result_type)  # answered from the value, not recorded


class Symbol:
    """An expression with a value; see the module's docstring for the kinds."""

    __slots__ = ("args", "definition", "function", "known", "kwargs", "text", "value")
    __array_priority__ = 2000

    def __init__(self, value, *, text=None, function=None, args=(), kwargs=None, definition=None,
                 known=True):  # fmt: skip
        self.value = value
        self.text = text
        self.function = function
        self.args = args
        self.kwargs = kwargs or {}
        self.definition = definition
        self.known = known

    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)
    dtype = property(lambda self: self.value.dtype)
    T = property(lambda self: call(np.matrix_transpose, (self,), {}))  # rules use it on matrices

    def _apply(self, op, args, kwargs):
        return call(op.function, args, kwargs)

    def __array_ufunc__(self, ufunc, how, *inputs, **kwargs):
        return call(ufunc if how == "__call__" else getattr(ufunc, how), inputs, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        return call(function, args, kwargs)

    def __getitem__(self, index):
        return call(getitem, (self, index), {})

    def __hash__(self):
        return id(self)


def operator(ufunc, swap=False):
    return lambda a, b: call(ufunc, (b, a) if swap else (a, b), {})


OPERATORS = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide,
             "pow": np.power, "matmul": np.matmul, "mod": np.remainder, "and": np.bitwise_and,
             "or": np.bitwise_or, "xor": np.bitwise_xor}  # fmt: skip
COMPARISONS = {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
               "eq": np.equal, "ne": np.not_equal}  # fmt: skip
for _name, _ufunc in (OPERATORS | COMPARISONS).items():
    setattr(Symbol, f"__{_name}__", operator(_ufunc))
for _name, _ufunc in OPERATORS.items():
    setattr(Symbol, f"__r{_name}__", operator(_ufunc, swap=True))
for _name, _ufunc in {"neg": np.negative, "pos": np.positive, "invert": np.invert}.items():
    setattr(Symbol, f"__{_name}__", lambda a, f=_ufunc: call(f, (a,), {}))


def named(text, value, known=True):
    return Symbol(np.asarray(value), text=text, known=known)


def one(like):
    """The seed of a backward pass."""
    return Symbol(np.ones_like(like), text="1", function=one)


def alias(text, definition):
    return Symbol(definition.value, text=text, definition=definition, known=definition.known)


def is_one(x):
    if isinstance(x, Symbol):
        return x.function is one
    return isinstance(x, (int, float)) and x == 1


def valued(x):
    """Nested arguments with every symbol replaced by its value."""
    if isinstance(x, Symbol):
        return x.value
    if isinstance(x, (tuple, list)):
        return type(x)(valued(y) for y in x)
    return x


def symbols_in(x):
    if isinstance(x, Symbol):
        return [x]
    return [s for y in x for s in symbols_in(y)] if isinstance(x, (tuple, list)) else []


def call(function, args, kwargs):
    """A call on symbols: its value now, and the expression for later."""
    with np.errstate(all="ignore"):
        value = function(*valued(args), **{k: valued(v) for k, v in kwargs.items()})
    if function in READERS:
        return value
    known = all(s.known for s in symbols_in([*args, *kwargs.values()]))
    made = Symbol(value, function=function, args=tuple(args), kwargs=dict(kwargs), known=known)
    if isinstance(value, (tuple, list)):
        return [Symbol(v, function=part, args=(made, i), known=known) for i, v in enumerate(value)]
    made.value = np.asarray(value)
    return simplified(made)


def part(several, i):
    """Output `i` of a function with several."""
    return several[i]


def simplified(s):
    """`s`, or something shorter that has the same shape and the same numbers."""
    rewrite = REWRITES.get(s.function)
    short = rewrite(s) if rewrite else None
    if short is None:
        return s
    same = short.shape == s.shape and short.dtype == s.dtype  # 1 ⊙ mask is not yet the mask
    same = same and np.allclose(short.value, s.value, equal_nan=True)
    return short if same else s


def first_of(test):
    """A rewrite to the first argument where `test` holds."""
    return lambda s: s.args[0] if isinstance(s.args[0], Symbol) and test(s) else None


def bare(x):
    """A symbol itself, or what an alias stands for."""
    while isinstance(x, Symbol) and x.definition is not None:
        x = x.definition
    return x


def times(s):
    a, b = s.args
    for one_side, other in ((bare(a), b), (bare(b), a)):
        if is_one(one_side) or one_side is True:
            return other if isinstance(other, Symbol) else None
        if getattr(one_side, "function", None) is np.divide and is_one(one_side.args[0]):
            return call(np.divide, (other, one_side.args[1]), {})
    return None


def times_number(s):
    """A number that was spread over an array before the product: no need to spread it."""
    for spread, other in ((bare(a), b) for a, b in (s.args, s.args[::-1])):
        if getattr(spread, "function", None) is np.broadcast_to and spread.text is None:
            scalar = spread.args[0]
            if np.shape(valued(scalar)) == () and getattr(other, "shape", None) == s.shape:
                return call(np.multiply, (scalar, other), {})
    return times(s)


def plus(s):
    a, b = s.args
    if getattr(b, "function", None) is np.negative:
        return call(np.subtract, (a, b.args[0]), {})
    return None


def undone(s):
    inner = s.args[0]
    return inner.args[0] if getattr(inner, "function", None) is s.function else None


def sums_to_one(s):
    """The sum of given probabilities: a constant, and its numbers say so."""
    constant = s.args[0].text is not None and s.args[0].known
    ones = np.ones_like(s.value)
    return one(ones) if constant and np.allclose(s.value, ones, rtol=1e-6) else None


def same_shape(s):
    return s.args[0].shape == s.shape


REWRITES = {
    np.multiply: times_number,
    np.add: plus,
    np.divide: first_of(lambda s: is_one(s.args[1])),
    np.power: first_of(lambda s: is_one(s.args[1])),
    np.sum: sums_to_one,
    np.reshape: first_of(same_shape),
    np.broadcast_to: first_of(same_shape),
    np.positive: first_of(same_shape),
    np.copy: first_of(same_shape),
    astype: first_of(same_shape),
    np.negative: undone,
    np.matrix_transpose: undone,
}
