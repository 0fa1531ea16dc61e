"""The third reading of a rule: a small duck array that carries an expression and its value.

A `Symbol` is a name, the number one (the seed), a call of a function on other symbols, or an
alias: a gradient that has a name of its own and a definition. Every symbol has a value, so that
rules which branch on shapes take the branch they take on arrays, and so that each simplification
is checked by numbers when it is made.
"""

from operator import index as operator_index

import numpy as np

from autograd_lite.rules.casting import astype
from autograd_lite.rules.indexing import getitem
from viz.errors import DrawingError

REWRITES: dict = {}  # function -> rewrite(symbol), filled by `viz.rewrites`
READERS = (np.shape, np.ndim, np.size, np.result_type)  # answered from the value, not recorded
WRITING = {np.copyto, np.fill_diagonal, np.place, np.put, np.put_along_axis, np.putmask}
HOW = "write it with NumPy functions and operators"
METHODS = {
    f.__name__: f
    for f in (np.all, np.any, np.argmax, np.argmin, np.argsort, np.clip, np.conjugate, np.copy,
              np.cumprod, np.cumsum, np.diagonal, np.dot, np.max, np.mean, np.min, np.prod,
              np.ravel, np.repeat, np.round, np.squeeze, np.std, np.sum, np.swapaxes, np.take,
              np.trace, np.var)
} | {"astype": astype, "conj": np.conjugate, "flatten": np.ravel}  # fmt: skip
"""Methods of arrays that NumPy has as functions."""


class Symbol:
    """An expression with a value; see the module's docstring for the kinds."""

    __slots__ = (
        "args", "constant", "definition", "function", "kept", "known", "kwargs", "origin", "text",
        "used", "value",
    )  # fmt: skip
    __array_priority__ = 2000

    def __init__(self, value, *, text=None, function=None, args=(), kwargs=None, definition=None,
                 known=True, constant=False, origin=None):  # fmt: skip
        self.value = value
        self.text = text
        self.function = function
        self.args = args
        self.kwargs = kwargs or {}
        self.definition = definition
        self.known = known  # the value is the program's own, no stand-in
        self.constant = constant  # an untracked operand of the program
        self.origin = origin  # of a name: the function that computed it, and its axis
        self.used = False  # in another expression
        self.kept = ""  # the name that a value of the forward pass has where it is no expression

    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)
    dtype = property(lambda self: self.value.dtype)
    itemsize = property(lambda self: self.value.itemsize)
    nbytes = property(lambda self: self.value.nbytes)
    mT = property(lambda self: call(np.matrix_transpose, (self,), {}))
    real = property(lambda self: call(np.real, (self,), {}))
    imag = property(lambda self: call(np.imag, (self,), {}))

    @property
    def T(self):
        return self.mT if self.ndim == 2 else call(np.transpose, (self,), {})

    def _apply(self, op, args, kwargs):
        return call(op.function, args, kwargs)

    def __array_ufunc__(self, ufunc, how, *inputs, **kwargs):
        if how == "at":
            raise in_place(f"np.{ufunc.__name__}.at")
        out = kwargs.pop("out", ())
        function = ufunc if how == "__call__" else getattr(ufunc, how)
        if len(out) > 1:
            raise in_place(f"np.{ufunc.__name__} with out=")
        return written(out[0], function, inputs, kwargs) if out else call(function, inputs, kwargs)

    def __array_function__(self, function, types, args, kwargs):
        if function in WRITING:
            raise in_place(f"np.{function.__name__}")
        out = kwargs.pop("out", None)
        return call(function, args, kwargs) if out is None else written(out, function, args, kwargs)

    def __array__(self, dtype=None, copy=None):
        raise DrawingError(f"a rule turns a symbol into an array, which cannot be printed; {HOW}")

    def __getitem__(self, index):
        return call(getitem, (self, index), {})

    def __setitem__(self, index, value):
        raise in_place("a[…] = …")

    def __getattr__(self, name):
        if name.startswith("_"):  # NumPy asks for protocols that are not spoken here
            raise AttributeError(name)
        if name not in METHODS:
            raise DrawingError(f"a rule uses .{name} of an array, which cannot be printed; {HOW}")
        return lambda *args, **kwargs: call(METHODS[name], (self, *args), kwargs)

    def reshape(self, *shape, **options):
        return call(np.reshape, (self, shape[0] if len(shape) == 1 else shape), options)

    def transpose(self, *axes):
        axes = axes[0] if len(axes) == 1 else axes or None
        return call(np.transpose, (self,) if axes is None else (self, axes), {})

    def item(self, *index):
        """The number itself, for a rule that branches on it."""
        if not self.known:
            raise DrawingError("a rule looks at a number that is not known: run the forward pass "
                               "inside `with viz.record():`, or use np.where")  # fmt: skip
        return self.value.item(*index)

    def __bool__(self):
        if self.size != 1:
            raise DrawingError(f"a rule asks whether an array of shape {self.shape} is true; use "
                               "np.where, np.any or np.all")  # fmt: skip
        return bool(self.item())

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    def __index__(self):
        return operator_index(self.item())

    def __len__(self):
        return len(self.value)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __hash__(self):
        return id(self)


def in_place(what):
    return DrawingError(f"a rule changes an array in place by {what}, which cannot be printed; "
                        f"{HOW}, such as np.where and np.concatenate")  # fmt: skip


def written(out, function, args, kwargs):
    """A call with out=: after it `out` holds the result, be it a symbol or an array of the rule."""
    if not isinstance(out, Symbol):
        made = call(function, args, kwargs | {"out": np.array(out)})
        out[...] = made.value
        return made
    if out.text is not None or out.used:
        raise in_place(f"{function.__name__} with out=")
    before = become(Symbol(None), out)
    args = [before if x is out else x for x in args]
    return become(out, call(function, args, kwargs | {"out": before}))


def become(symbol, other):
    for name in Symbol.__slots__:
        setattr(symbol, name, getattr(other, name))
    return symbol


def operator(ufunc, swap=False):
    return lambda a, b: call(ufunc, (b, a) if swap else (a, b), {})


OPERATORS = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide,
             "pow": np.power, "matmul": np.matmul, "mod": np.remainder,
             "floordiv": np.floor_divide, "and": np.bitwise_and, "or": np.bitwise_or,
             "xor": np.bitwise_xor}  # fmt: skip
COMPARISONS = {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal,
               "eq": np.equal, "ne": np.not_equal}  # fmt: skip
for _name, _ufunc in (OPERATORS | COMPARISONS).items():
    setattr(Symbol, f"__{_name}__", operator(_ufunc))
for _name, _ufunc in OPERATORS.items():
    setattr(Symbol, f"__r{_name}__", operator(_ufunc, swap=True))
for _name, _ufunc in {"neg": np.negative, "pos": np.positive, "invert": np.invert,
                       "abs": np.absolute}.items():  # fmt: skip
    setattr(Symbol, f"__{_name}__", lambda a, f=_ufunc: call(f, (a,), {}))


def named(text, value, known=True, constant=False, origin=None):
    return Symbol(np.asarray(value), text=text, known=known, constant=constant, origin=origin)


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


def valued_options(kwargs):
    return {k: np.array(valued(v)) if k == "out" else valued(v) for k, v in kwargs.items()}


def symbols_in(x):
    if isinstance(x, Symbol):
        return [x]
    return [s for y in x for s in symbols_in(y)] if isinstance(x, (tuple, list)) else []


def call(function, args, kwargs):
    """A call on symbols: its value now, and the expression for later."""
    with np.errstate(all="ignore"):
        value = function(*valued(args), **valued_options(kwargs))
    if function in READERS:
        return value
    inner = symbols_in([*args, *kwargs.values()])
    for s in inner:
        s.used = True
    known = all(s.known for s in inner)
    made = Symbol(value, function=function, args=tuple(args), kwargs=dict(kwargs), known=known)
    if isinstance(value, (tuple, list)):
        return [Symbol(v, function=part, args=(made, i), known=known) for i, v in enumerate(value)]
    made.value = np.asarray(value)
    return simplified(made)


def simplified(s):
    """`s`, or something shorter that has the same shape and the same numbers."""
    rewrite = None if has_options(s) else REWRITES.get(s.function)
    with np.errstate(all="ignore"):
        short = rewrite(s) if rewrite else None
        if short is None:
            return s
        if s.function is np.multiply and short.dtype.kind == "f" and s.dtype.kind == "c":
            short = call(astype, (short, s.dtype), {})
        same = short.shape == s.shape and short.dtype == s.dtype  # 1 ⊙ mask is not yet the mask
        same = same and np.allclose(short.value, s.value, equal_nan=True)
    return short if same else s


def has_options(s) -> bool:
    """Whether a call says more than its operands and axes: where=, out=, initial= and the like."""
    if not isinstance(s, Symbol) or s.text is not None:
        return False
    if isinstance(s.function, np.ufunc):
        return bool(s.kwargs) or len(s.args) > s.function.nin
    if s.function is not np.sum:
        return False
    return len(s.args) > 2 or not s.kwargs.keys() <= {"axis", "dtype", "keepdims"}


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
    if type(a) is not type(b):
        return False
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(alike(x, y, depth) for x, y in zip(a, b, strict=True))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if not isinstance(a, Symbol):
        return isinstance(a, (int, float, str, slice, np.generic, np.dtype)) and bool(a == b)
    if a.text is not None or b.text is not None:
        return a.text == b.text and a.function is b.function and a.shape == b.shape
    if a.function != b.function or a.kwargs.keys() != b.kwargs.keys():
        return False
    pairs = [(list(a.args), list(b.args)), *((a.kwargs[k], b.kwargs[k]) for k in a.kwargs)]
    return all(alike(x, y, depth - 1) for x, y in pairs)


def part(several, i):
    """Output `i` of a function with several."""
    return several[i]
