"""The notation of what is no symbol in an expression: numbers, arrays of a rule, indices."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from viz import names
from viz.formulas.markup import (
    Atom,
    Fence,
    Fraction,
    Row,
    Sign,
    Sub,
    Super,
    call,
    infix,
    listed,
    ones,
    word,
)
from viz.formulas.writing import ELEMENT, FRACTION, POSTFIX, SUM, Written, enclosed

PI = Atom("name", "π")
CONSTANTS = {
    math.log(2): Written(call(word("log"), Atom("number", "2"))),
    math.log(10): Written(call(word("log"), Atom("number", "10"))),
    math.pi / 180: Written(Fraction(PI, Atom("number", "180")), ELEMENT, FRACTION),
    180 / math.pi: Written(Fraction(Atom("number", "180"), PI), ELEMENT, FRACTION),
}  # numbers that the rules compute once


def plain(n, x) -> Written:
    if isinstance(x, (bool, int, float, np.generic)):
        return number(x)
    if isinstance(x, np.ndarray):
        return array(x) if x.ndim else number(x[()])
    if isinstance(x, slice):
        ends = ["" if v is None else str(v) for v in (x.start, x.stop)]
        text = ":".join(ends) + (f":{x.step}" if x.step is not None else "")
        return Written(Atom("plain", text.replace("-", "−")))
    if isinstance(x, (tuple, list)):
        body = listed(n.math(y) for y in x)
        if isinstance(x, list):
            return Written(Fence("[", body, "]"))
        body = Row((body, Atom("plain", ","))) if len(x) == 1 else body
        return Written(Fence("(", body, ")"))
    return Written(Atom("plain", "…" if x is Ellipsis else names.shown(str(x))))


def number(x) -> Written:
    """A number, with its sign apart; six significant digits."""
    if not isinstance(x, (bool, np.bool_)) and x in CONSTANTS:
        return CONSTANTS[x]
    if isinstance(x, (complex, np.complexfloating)):
        return complex_number(x)
    text = names.number(x)
    minus = text.startswith("−")
    text = text.removeprefix("−")
    if text in ("inf", "nan"):
        return Written(Atom("plain", text.replace("inf", "∞")), minus=minus)
    if text[0].isalpha():  # a boolean
        return Written(Atom("plain", text))
    mantissa, e, exponent = text.partition("e")
    if not e:
        return Written(Atom("number", text), minus=minus)
    exponent = str(int(exponent.replace("−", "-"))).replace("-", "−")
    power = Super(Atom("number", "10"), Atom("number", exponent))
    if mantissa == "1":
        return Written(power, POSTFIX, minus=minus)
    return Written(infix("·", Atom("number", mantissa), power), ELEMENT, minus=minus)


def complex_number(x) -> Written:
    """a + b i, without a part that is zero."""
    if x.imag == 0:
        return number(x.real)
    size = number(x.imag)
    unit = Atom("name", "i")
    some = unit if abs(x.imag) == 1 else Row((enclosed(replace(size, minus=False), ELEMENT), unit))
    if x.real == 0:
        return Written(some, minus=size.minus)
    first = enclosed(number(x.real), SUM)
    return Written(Row((first, Sign("−" if size.minus else "+"), some)), SUM)


def array(a) -> Written:
    """Ones and the identity as such, a small array as a nested list, a large one by its shape."""
    if a.dtype.kind == "f" and a.size and np.all(a == 1):
        return Written(ones(a.shape))
    if a.dtype.kind == "f" and a.ndim == 2 and np.array_equal(a, np.eye(len(a))):
        return Written(Sub(Atom("name", "I"), Atom("number", str(len(a)))))
    if a.size > 8:
        return Written(Atom("plain", f"array{a.shape}"))
    short: Any = {"complexfloat": lambda x: names.number(np.round(x, 3))}
    text = np.array2string(a, separator=", ", precision=3, formatter=short)
    return Written(Atom("plain", " ".join(text.replace("-", "−").replace("[ ", "[").split())))
