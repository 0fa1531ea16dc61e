"""Expressions as Unicode text, in the notation of the blackboard.

Precedence, tightest first: names and calls, ᵀ and powers, matrix product (a space), ⊙ and /,
+ and −, comparisons. Associative operators are written without inner parentheses.
"""

import numpy as np

from autograd_lite.registry import RULES
from autograd_lite.rules import activations, casting, indexing
from viz.names import number, subscript
from viz.symbols import Symbol, is_one, part

ATOM, POSTFIX, FRACTION, MATRIX, ELEMENT, SUM, COMPARE, LOGIC = 100, 90, 85, 80, 70, 60, 40, 30
SUPERSCRIPTS = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")
COMPARISONS = {np.less: "<", np.less_equal: "≤", np.greater: ">", np.greater_equal: "≥",
               np.equal: "=", np.not_equal: "≠"}  # fmt: skip
LOGICAL = {np.bitwise_or: "∨", np.logical_or: "∨", np.bitwise_and: "∧", np.logical_and: "∧"}
RENAMED = {np.maximum: "max", np.minimum: "min", np.divide: "div", np.max: "max", np.min: "min",
           np.remainder: "mod"}  # fmt: skip


class Unicode:
    """Prints symbols. `inlined(alias)` says whether an alias shows as its definition."""

    def __init__(self, inlined=lambda alias: False):
        self.inlined = inlined

    def text(self, x, least=0, factor=False):
        """`x`, in parentheses if it binds less than `least`; a condition as a factor is 1[…]."""
        text, level = self.parts(x)
        if factor and level <= COMPARE:
            return f"1[{text}]"
        return f"({text})" if level < least else text

    def parts(self, x):
        """(text, precedence) of a symbol or of a plain argument."""
        if not isinstance(x, Symbol):
            return self.plain(x)
        if x.definition is not None and self.inlined(x):
            return self.parts(x.definition)
        if x.text is not None:  # (∂e/∂x)ᵀ needs its parentheses, A ∂e/∂x does not
            return x.text, FRACTION if "/" in x.text else ATOM
        writer = WRITERS.get(x.function, Unicode.named_call)
        return writer(self, x)

    def plain(self, x):
        if isinstance(x, (bool, int, float, np.generic)):
            text = number(x)
            return text, SUM if text.startswith("−") else ATOM
        if isinstance(x, np.ndarray):
            return array_text(x), ATOM
        if isinstance(x, slice):
            ends = ["" if v is None else str(v) for v in (x.start, x.stop)]
            return ":".join(ends) + (f":{x.step}" if x.step is not None else ""), ATOM
        if isinstance(x, (tuple, list)):
            inner = ", ".join(self.text(y) for y in x)
            if isinstance(x, list):
                return f"[{inner}]", ATOM
            return f"({inner},)" if len(x) == 1 else f"({inner})", ATOM
        return {None: "None", Ellipsis: "…"}.get(x, str(x)), ATOM

    def named_call(self, s):
        op = RULES.get(s.function)
        name = RENAMED.get(s.function) or (op.name if op else s.function.__name__)
        defaults = op.static if op else {}
        full = s.kwargs.get("axis") is None  # then keepdims changes nothing that broadcasts
        shown = {
            k: v
            for k, v in s.kwargs.items()
            if not (k in defaults and same(defaults[k], v)) and not (k == "keepdims" and full)
        }
        parts = [self.text(a) for a in s.args] + [f"{k}={self.text(v)}" for k, v in shown.items()]
        return f"{name}({', '.join(parts)})", ATOM

    def add(self, s):
        return f"{self.text(s.args[0], SUM, True)} + {self.text(s.args[1], SUM, True)}", SUM

    def subtract(self, s):
        return f"{self.text(s.args[0], SUM, True)} − {self.text(s.args[1], SUM + 1, True)}", SUM

    def negative(self, s):
        return f"−{self.text(s.args[0], ELEMENT, factor=True)}", SUM

    def multiply(self, s):
        a, b = s.args
        if isinstance(a, Symbol) and isinstance(b, Symbol) and a.text and a.text == b.text:
            return f"{self.text(a, ATOM)}²", POSTFIX
        if is_one(a) or is_one(b):  # a 1 that turns a condition into the numbers 0 and 1
            other = b if is_one(a) else a
            if dims(other) == s.ndim:
                return self.text(other, ELEMENT, factor=True), ELEMENT
        if dims(b) == 0 < dims(a):
            a, b = b, a  # the number first
        if dims(a) == 0:
            joint = " · " if isinstance(a, Symbol) or not isinstance(b, Symbol) else " "
            return f"{self.text(a, MATRIX, True)}{joint}{self.text(b, MATRIX, True)}", ELEMENT
        return f"{self.factor(a)} ⊙ {self.factor(b)}", ELEMENT

    def factor(self, x):
        product = self.seen(x, np.multiply) and dims(self.shown(x).args[0]) > 0
        return self.text(x, ELEMENT if product else ELEMENT + 1, factor=True)

    def shown(self, x):
        """The symbol that is printed for `x`: an inlined alias gives way to its definition."""
        while isinstance(x, Symbol) and x.definition is not None and self.inlined(x):
            x = x.definition
        return x

    def seen(self, x, function):
        """Whether `x` will be printed as a call of `function`."""
        x = self.shown(x)
        return isinstance(x, Symbol) and x.text is None and x.function is function

    def divide(self, s):
        top, bottom = s.args
        return f"{self.text(top, ELEMENT, True)} / {self.text(bottom, ELEMENT + 1, True)}", ELEMENT

    def power(self, s):
        base, exponent = self.text(s.args[0], ATOM, True), s.args[1]
        whole = isinstance(exponent, (int, float)) and exponent % 1 == 0
        if whole:
            return base + str(int(exponent)).translate(SUPERSCRIPTS), POSTFIX
        return f"{base}^{self.text(exponent, ATOM)}", POSTFIX

    def square(self, s):
        return f"{self.text(s.args[0], ATOM)}²", POSTFIX

    def sqrt(self, s):
        return f"√{self.text(s.args[0], ATOM)}", POSTFIX

    def absolute(self, s):
        return f"|{self.text(s.args[0])}|", ATOM

    def matmul(self, s):
        return " ".join(self.text(x, MATRIX, True) for x in s.args), MATRIX

    def outer(self, s):
        return f"{self.text(s.args[0], MATRIX, True)} {self.text(s.args[1], ATOM, True)}ᵀ", MATRIX

    def transposed(self, s):
        return f"{self.text(s.args[0], ATOM, True)}ᵀ", POSTFIX

    def transpose(self, s):
        axes = s.args[1] if len(s.args) > 1 else s.kwargs.get("axes")
        if s.ndim == 2 and axes in (None, (1, 0)):
            return self.transposed(s)
        return self.named_call(s)

    def sum(self, s):
        summed, axis = s.args[0], s.kwargs.get("axis", s.args[1] if len(s.args) > 1 else None)
        axes = () if axis is None else axis if isinstance(axis, tuple) else (axis,)
        full = len(axes) == summed.ndim or axis is None
        if full and summed.ndim == 1 and self.seen(summed, np.multiply):
            a, b = self.shown(summed).args
            if dims(a) == dims(b) == 1:
                return f"⟨{self.text(a)}, {self.text(b)}⟩", ATOM
        places = "" if full else "".join(subscript(a % summed.ndim) for a in axes)
        kept = ""
        if s.kwargs.get("keepdims") and not full and {a % summed.ndim for a in axes} != {0}:
            inner = ("None" if i in {a % summed.ndim for a in axes} else ":" for i in range(s.ndim))
            kept = f"[{', '.join(inner)}]"
        return f"Σ{places}{self.argument(summed)}{kept}", ATOM

    def argument(self, x):
        text, level = self.parts(x)
        return f" {text}" if level >= FRACTION and "(" not in text else f"({text})"

    def broadcast(self, s):
        spread, shape = s.args[0], s.shape
        if np.size(getattr(spread, "value", spread)) == 1:
            ones = "1" + "ₓ".join(map(subscript, shape))
            if is_one(spread):
                return ones, ATOM
            return f"{self.text(spread, MATRIX)} · {ones}", ELEMENT
        vector = self.shown(spread).args[0] if self.seen(spread, np.expand_dims) else None
        if s.ndim == 2 and vector is not None and vector.ndim == 1:
            if spread.shape[1] == 1:  # each column is the vector
                return f"{self.text(vector, MATRIX, True)} 1{subscript(shape[1])}ᵀ", MATRIX
            return f"1{subscript(shape[0])} {self.text(vector, ATOM, True)}ᵀ", MATRIX
        return f"broadcast({self.text(spread)}, {shape})", ATOM

    def getitem(self, s):
        index = s.args[1] if len(s.args) > 1 else s.kwargs["index"]
        inner = ", ".join(self.text(i) for i in index) if isinstance(index, tuple) else None
        return f"{self.text(s.args[0], ATOM)}[{inner or self.text(index)}]", ATOM

    def part(self, s):
        several, i = s.args
        return f"{self.text(several, ATOM)}{subscript(i + 1)}", ATOM

    def comparison(self, s):
        sign = f" {COMPARISONS[s.function]} "
        return sign.join(self.text(x, COMPARE + 1) for x in s.args), COMPARE

    def logical(self, s):
        sign = f" {LOGICAL[s.function]} "
        return sign.join(self.text(x, LOGIC + 1) for x in s.args), LOGIC

    def negation(self, s):
        return f"¬({self.text(s.args[0])})", COMPARE

    def one_hot(self, s):
        return f"onehot({self.text(s.args[0])})", ATOM

    def less_one_hot(self, s):
        return f"{self.text(s.args[0], SUM)} − onehot({self.text(s.args[1])})", SUM

    def itself(self, s):
        return self.parts(s.args[0])


def dims(x):
    return np.ndim(x.value if isinstance(x, Symbol) else x)


def same(a, b):
    return type(a) is type(b) and not isinstance(a, np.ndarray) and bool(a == b)


def array_text(a):
    """A small array as a nested list, a large one by its shape."""
    if a.size > 8:
        return f"array{a.shape}"
    return np.array2string(a, separator=", ", precision=3).replace("-", "−").replace("\n", "")


WRITERS = {
    np.add: Unicode.add, np.subtract: Unicode.subtract, np.negative: Unicode.negative,
    np.multiply: Unicode.multiply, np.divide: Unicode.divide, np.power: Unicode.power,
    np.square: Unicode.square, np.sqrt: Unicode.sqrt, np.absolute: Unicode.absolute,
    np.matmul: Unicode.matmul, np.outer: Unicode.outer, np.sum: Unicode.sum,
    np.matrix_transpose: Unicode.transposed, np.transpose: Unicode.transpose,
    np.broadcast_to: Unicode.broadcast, np.logical_not: Unicode.negation,
    np.invert: Unicode.negation, indexing.getitem: Unicode.getitem, part: Unicode.part,
    casting.astype: Unicode.itself, activations.one_hot: Unicode.one_hot,
    activations.less_one_hot: Unicode.less_one_hot,
    **dict.fromkeys(COMPARISONS, Unicode.comparison), **dict.fromkeys(LOGICAL, Unicode.logical),
}  # fmt: skip
