"""The third reading of a rule: a small duck array that carries an expression and its value.

A `Symbol` is a name, the number one (the seed), a call of a function on other symbols, or an
alias: a gradient that has a name of its own and a definition. Every symbol has a value, so that
rules which branch on shapes take the branch they take on arrays, and so that each simplification
is checked by numbers when it is made.
"""

import numpy as np

from autograd_lite.rules.indexing import getitem

REWRITES: dict = {}  # function -> rewrite(symbol), filled by `viz.rewrites`
READERS = (np.shape, np.ndim, np.size, np.result_type)  # answered from the value, not recorded


class Symbol:
    """An expression with a value; see the module's docstring for the kinds."""

    __slots__ = (
        "args", "constant", "definition", "function", "known", "kwargs", "text", "value",
    )  # fmt: skip
    __array_priority__ = 2000

    def __init__(self, value, *, text=None, function=None, args=(), kwargs=None, definition=None,
                 known=True, constant=False):  # fmt: skip
        self.value = value
        self.text = text
        self.function = function
        self.args = args
        self.kwargs = kwargs or {}
        self.definition = definition
        self.known = known  # the value is the program's own, no stand-in
        self.constant = constant  # an untracked operand of the program

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


def named(text, value, known=True, constant=False):
    return Symbol(np.asarray(value), text=text, known=known, constant=constant)


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


def simplified(s):
    """`s`, or something shorter that has the same shape and the same numbers."""
    rewrite = REWRITES.get(s.function)
    with np.errstate(all="ignore"):
        short = rewrite(s) if rewrite else None
        if short is None:
            return s
        same = short.shape == s.shape and short.dtype == s.dtype  # 1 ⊙ mask is not yet the mask
        same = same and np.allclose(short.value, s.value, equal_nan=True)
    return short if same else s


def bare(x):
    """A symbol itself, or what an alias stands for."""
    while isinstance(x, Symbol) and x.definition is not None:
        x = x.definition
    return x


def is_call(x, *functions):
    """Whether `x`, or what it stands for, is a call of one of these functions."""
    return isinstance(x := bare(x), Symbol) and x.text is None and x.function in functions


def alike(a, b, depth=8) -> bool:
    """Whether two expressions read the same, looked at to a limited depth."""
    if a is b or depth == 0:
        return a is b
    if not (isinstance(a, Symbol) and isinstance(b, Symbol)):
        return type(a) is type(b) and isinstance(a, (int, float, str)) and a == b
    if a.text is not None or b.text is not None:
        return a.text == b.text and a.function is b.function and a.shape == b.shape
    parts = [*a.args, *a.kwargs.items()], [*b.args, *b.kwargs.items()]
    return a.function is b.function and len(parts[0]) == len(parts[1]) and all(
        x == y if isinstance(x, tuple) and not symbols_in(x) else alike(x, y, depth - 1)
        for x, y in zip(*parts, strict=True))  # fmt: skip


def part(several, i):
    """Output `i` of a function with several."""
    return several[i]
