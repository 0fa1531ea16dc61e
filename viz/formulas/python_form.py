"""Expressions as Python text that NumPy evaluates to the same numbers."""

import keyword
import re
import unicodedata

import numpy as np

from autograd_lite.registry import DISPATCHING, RULES
from autograd_lite.rules import indexing
from viz.formulas.symbols import Symbol, has_options, is_one, part

SIGNS = {np.add: ("+", 60), np.subtract: ("-", 60), np.multiply: ("*", 70), np.divide: ("/", 70),
         np.remainder: ("%", 70), np.matmul: ("@", 70), np.bitwise_and: ("&", 50),
         np.bitwise_or: ("|", 45), np.less: ("<", 40), np.less_equal: ("<=", 40),
         np.greater: (">", 40), np.greater_equal: (">=", 40), np.equal: ("==", 40),
         np.not_equal: ("!=", 40)}  # fmt: skip

RESERVED = {"np", "bool", "int", "float", "complex", "object"}  # names that the text itself uses


def identifier(name: str, taken) -> str:
    """A Python name for a displayed one: ∂e/∂x₃ is de_dx3, p* is p_star; never one in `taken`."""
    text = name.replace("∂", "d").replace("*", "_star").replace("′", "_prime")
    text = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", text)).strip("_") or "value"
    if not text.isidentifier() or keyword.iskeyword(text) or text in RESERVED:
        text = "v_" + text
    chosen, n = text, 2
    while chosen in taken:
        chosen, n = f"{text}_{n}", n + 1
    return chosen


def divides_by_zero(x) -> bool:
    """Whether it is 1 / 0 to Python, which is infinite to NumPy."""
    if x.function is not np.divide:
        return False
    top, bottom = x.args[:2]
    return is_one(top) and isinstance(bottom, (int, float)) and bottom == 0


def computable(x) -> bool:
    """Whether the numbers that an expression is computed from are all known."""
    if not isinstance(x, Symbol) or x.text is not None:
        return getattr(x, "known", True)
    return all(map(computable, [*x.args, *x.kwargs.values()]))


class Python:
    """Prints symbols as Python, and collects in `values` and `functions` what the text names.

    An alias that is used more than once is bound where it is first needed, by `:=`. A kept value
    whose operands are gone is one of the named values.
    """

    def __init__(self, inlined=lambda alias: False):
        self.inlined = inlined
        self.names: dict[tuple, str] = {}  # displayed name and a number -> identifier
        self.values: dict[str, np.ndarray] = {}
        self.functions: dict[str, object] = {}
        self.unknown: set[str] = set()
        self.bound: set[int] = set()  # ids of aliases that have been bound

    def name(self, text, symbol):
        key = self.key(text, symbol)
        if key not in self.names:
            self.names[key] = identifier(text, self.taken())
            if symbol.definition is None:
                if symbol.known:
                    self.values[self.names[key]] = symbol.value
                else:
                    self.unknown.add(self.names[key])
        return self.names[key]

    def key(self, text, symbol):
        """The displayed name; with a number where another value has it, as kept values may."""
        key, n = (text, 1), 1
        while symbol.definition is None and symbol.known and key in self.names:
            value = self.values.get(self.names[key], symbol.value)
            if value is symbol.value or np.array_equal(value, symbol.value, equal_nan=True):
                break
            n += 1
            key = (text, n)
        return key

    def taken(self):
        return {*self.values, *self.functions, *self.unknown, *self.names.values()}

    def text(self, x, least=0):
        text, level = self.parts(x)
        return f"({text})" if level < least else text

    def parts(self, x):
        if not isinstance(x, Symbol):
            text = self.plain(x)
            return text, 75 if text.startswith("-") else 100
        if x.definition is not None:
            return self.alias(x)
        if is_one(x):
            return self.ones(x), 100
        if x.kept and not computable(x):
            return self.name(x.kept, x), 100
        if x.text is not None:
            return self.name(x.text, x), 100
        if has_options(x) or divides_by_zero(x):
            return self.plain_call(x), 100
        if x.function in SIGNS:
            sign, level = SIGNS[x.function]
            strict = level + (level == 40)  # comparisons do not chain
            left, right = x.args
            return f"{self.text(left, strict)} {sign} {self.text(right, level + 1)}", level
        return self.call(x)

    def alias(self, x):
        if self.inlined(x):
            return self.parts(x.definition)
        name = self.name(x.text, x)
        if id(x) in self.bound:
            return name, 100
        self.bound.add(id(x))
        return f"({name} := {self.text(x.definition)})", 100

    def call(self, x):
        f, args = x.function, x.args
        if f is np.negative:
            return f"-{self.text(args[0], 80)}", 75
        if f is np.power:
            return f"{self.text(args[0], 91)} ** {self.text(args[1], 75)}", 85
        if f is np.matrix_transpose:
            return f"{self.text(args[0], 100)}.mT", 100
        if f is part:
            return f"{self.text(args[0], 100)}[{args[1]}]", 100
        if f is indexing.getitem:
            return f"{self.text(args[0], 100)}[{self.plain_index(args[1])}]", 100
        return self.plain_call(x), 100

    def plain_call(self, x):
        parts = [self.text(a) for a in x.args]
        parts += [f"{k}={self.text(v)}" for k, v in x.kwargs.items()]
        return f"{self.function(x.function)}({', '.join(parts)})"

    def ones(self, x):
        if x.shape == ():
            return "1.0"
        dtype = "" if x.dtype == float else f", np.{x.dtype.name}"
        return f"np.ones({x.shape}{dtype})"

    def plain_index(self, index):
        if isinstance(index, tuple) and index:
            return ", ".join(self.plain(i) for i in index) + ("," if len(index) == 1 else "")
        return self.plain(index)

    def function(self, f):
        """How the text refers to a function; one that NumPy does not have goes into the values."""
        if isinstance(f, DISPATCHING):
            module = getattr(f, "__module__", "numpy") or "numpy"
            inner = module.split(".")[1] + "." if module in ("numpy.linalg", "numpy.fft") else ""
            if inner or getattr(np, f.__name__, None) is f:
                return f"np.{inner}{f.__name__}"
        ufunc = getattr(f, "__self__", None)
        if isinstance(ufunc, np.ufunc):
            return f"{self.function(ufunc)}.{f.__name__}"
        for name, known in self.functions.items():
            if known is f:
                return name
        name = identifier(RULES[f].name if f in RULES else f.__name__, self.taken())
        self.functions[name] = f
        return name

    def plain(self, x):
        if isinstance(x, Symbol):
            return self.text(x)
        if isinstance(x, np.ndarray):
            return self.array(x)
        if isinstance(x, np.dtype):
            return f"np.dtype({x.name!r})"
        if isinstance(x, type) and issubclass(x, np.generic):
            return f"np.{x.__name__}"
        if isinstance(x, np.generic):
            return f"np.{type(x).__name__}({self.plain(x.item())})"
        if isinstance(x, (tuple, list)):
            inner = ", ".join(self.plain(y) for y in x)
            if isinstance(x, list):
                return f"[{inner}]"
            return f"({inner},)" if len(x) == 1 else f"({inner})"
        if isinstance(x, type):
            return x.__name__
        if isinstance(x, float) and not np.isfinite(x):
            return f"float('{x!r}')"
        if isinstance(x, complex):
            return self.complex_number(x)
        return repr(x)

    def complex_number(self, x):
        if x.real == 0 and np.isfinite(x):
            return f"{x.imag!r}j"
        return f"complex({self.plain(x.real)}, {self.plain(x.imag)})"

    def array(self, a):
        """A constant array of a rule: written out if small, else one more named value."""
        if a.size <= 8 and a.dtype.kind in "fciub" and np.all(np.isfinite(a)):
            return f"np.array({a.tolist()!r}, np.{a.dtype.name})".replace("np.bool)", "bool)")
        key = identifier("array", self.taken())
        self.values[key] = a
        return key
