"""Symbols in the notation of the blackboard, as markup; what it looks like is up to the writers.

Vectors are columns: `a @ B` with a vector a is aᵀ B, and a vector repeated over the rows or columns
of a matrix is a product with ones. What NumPy broadcasts silently is left unsaid.
"""

from dataclasses import replace

import numpy as np

from autograd_lite.rules import activations, casting, elementwise, fft, indexing
from viz.formulas import array_notation as arrays, linalg_notation
from viz.formulas.conjugates import opposite
from viz.formulas.literals import number
from viz.formulas.markup import (
    Atom,
    Fence,
    Fraction,
    Math,
    Root,
    Row,
    Sign,
    Super,
    call,
    condition,
    equation as equation,
    infix,
    name,
    ones,
    overlined,
    partial as partial,
    text as text,
    whole_name,
    word,
)  # fmt: skip
from viz.formulas.products import exponent as raised, multiply, pairs_weighed
from viz.formulas.symbols import Symbol, alike, is_one, part
from viz.formulas.writing import (
    ATOM,
    COMPARE,
    ELEMENT,
    FRACTION,
    LOGIC,
    MATRIX,
    POSTFIX,
    SUM,
    Notation,
    Written,
    enclosed,
    signed,
)  # fmt: skip

COMPARISONS = {np.less: "<", np.less_equal: "≤", np.greater: ">", np.greater_equal: "≥",
               np.equal: "=", np.not_equal: "≠"}  # fmt: skip
LOGICAL = {np.bitwise_or: "∨", np.logical_or: "∨", np.bitwise_and: "∧", np.logical_and: "∧"}


def markup(symbol, inlined=lambda alias: False, shapes=False) -> Math:
    """The expression of a symbol. inlined(alias) : whether an alias shows as its definition."""
    return notation(inlined, shapes).math(symbol)


def notation(inlined=lambda alias: False, shapes=False) -> Notation:
    return Notation(TABLE, arrays.named_call, inlined, shapes, made_of_factors)


def gradient_or_name(text: str) -> Written:
    """A name as the symbols have it: that of a gradient, ∂e/∂x, is a fraction."""
    top, slash, bottom = text.partition("/∂")
    if text.startswith("∂") and slash:
        return Written(partial(unfenced(top[1:]), unfenced(bottom)), FRACTION)
    return Written(whole_name(text), alone=name(text) if "," not in text else None)


def unfenced(text):
    return text[1:-1] if text.startswith("(") and text.endswith(")") else text


def named(n, s):
    if is_one(s):
        return Written(ones(s.shape))
    return gradient_or_name(s.text)


# --- sums -----------------------------------------------------------------------------------
def add(n, s):
    """Terms with their signs, flat however the sums are nested."""
    first, *rest = terms(n, s, s.shape)
    row = [enclosed(first, SUM, factor=True)]
    for w in rest:
        body = enclosed(replace(w, minus=False), SUM + w.minus, factor=True)
        row += [Sign("−" if w.minus else "+"), body]
    return Written(Row(tuple(row)), SUM)


def terms(n, x, shape) -> list[Written]:
    x = n.shown(x)
    if n.seen(x, np.add):
        return [w for part in x.args for w in terms(n, part, shape)]
    if n.seen(x, np.subtract):
        last = arrays.operand(n, x.args[1], shape)
        return [*terms(n, x.args[0], shape), replace(last, minus=not last.minus)]
    return [arrays.operand(n, x, shape)]


# --- products and powers -------------------------------------------------------------------
def negative(n, s):
    w = n.of(s.args[0])
    if w.level <= COMPARE:
        w = Written(condition(w.math))
    return replace(w, math=enclosed(replace(w, minus=False), ELEMENT),
                   level=max(w.level, ELEMENT) if w.level >= ELEMENT else ATOM,
                   minus=not w.minus, alone=None)  # fmt: skip


def divide(n, s):
    top, bottom = (arrays.operand(n, x, s.shape) for x in s.args)
    above = enclosed(replace(top, minus=False), ELEMENT, factor=True, flat=True)
    below = enclosed(replace(bottom, minus=False), MATRIX + 1, factor=True, flat=True)
    return Written(Fraction(above, below), ELEMENT, FRACTION, top.minus != bottom.minus)


def power(n, s):
    exponent = s.args[1]
    if isinstance(exponent, (int, float)) and exponent == 0.5:
        return root(n, s)
    base = n.math(s.args[0], ATOM, factor=True)
    whole = isinstance(exponent, (int, float)) and exponent % 1 == 0
    above = signed(number(exponent)).math if whole else n.plain.math(exponent, ATOM, flat=True)
    return Written(Super(base, raised(s.args[0], above)), POSTFIX)


def square(n, s):
    above = raised(s.args[0], Atom("number", "2"))
    return Written(Super(n.math(s.args[0], ATOM, factor=True), above), POSTFIX)


def power_of_two(n, s):
    two = Atom("number", "2")
    return Written(Super(two, n.plain.math(s.args[0], ATOM, flat=True)), POSTFIX)


def exp_less_one(n, s):
    exp = call(word("exp"), n.math(s.args[0]))
    return Written(infix("−", exp, Atom("number", "1")), SUM)


def root(n, s):
    length = arrays.norm(n, s.args[0])
    if length is not None:
        return Written(length)
    return Written(Root(n.math(s.args[0], ATOM, factor=True, flat=True)), POSTFIX)


def absolute(n, s):
    inner = n.math(s.args[0])
    return Written(call(word("abs"), inner) if barred(inner) else Fence("|", inner, "|"))


def conjugate(n, s):
    """z̄ for a letter, conj(…) for anything longer; of a definition what it is shortened to."""
    inner = n.shown(s.args[0])
    if inner is not s.args[0] and (found := opposite(inner)).function is not np.conjugate:
        return n.of(found)
    short = overlined(n.math(s.args[0], ATOM))
    return Written(short or call(word("conj"), n.math(s.args[0])))


def real_part(n, s):
    return Written(call(word("Re"), n.math(s.args[0])))


def imaginary_part(n, s):
    return Written(call(word("Im"), n.math(s.args[0])))


def barred(math) -> bool:
    """Whether bars inside would pair up with bars around."""
    if isinstance(math, tuple):
        return any(map(barred, math))
    if not isinstance(math, Math):
        return False
    return getattr(math, "left", "") == "|" or any(map(barred, vars(math).values()))


# --- conditions -----------------------------------------------------------------------------
def comparison(n, s):
    parts = (enclosed(arrays.operand(n, x, s.shape), COMPARE + 1) for x in s.args)
    return Written(infix(COMPARISONS[s.function], *parts), COMPARE)


def logical(n, s):
    """∧ and ∨; two bounds of one thing are a chain."""
    a, b = (n.shown(x) for x in s.args)
    if n.seen(a, np.greater_equal) and n.seen(b, np.less_equal) and alike(a.args[0], b.args[0]):
        three = (n.math(x, COMPARE + 1) for x in (a.args[1], a.args[0], b.args[1]))
        if LOGICAL[s.function] == "∧":
            return Written(infix("≤", *three), COMPARE)
    level = LOGIC if s.function in (np.bitwise_or, np.logical_or) else LOGIC + 1
    parts = (n.math(x, level) for x in s.args)
    return Written(infix(LOGICAL[s.function], *parts), level)


def negation(n, s):
    return Written(Row((Sign("¬", False), Fence("(", n.math(s.args[0]), ")"))), COMPARE)


def one_hot(n, s):
    return Written(call(word("onehot"), n.math(s.args[0])))


def less_one_hot(n, s):
    hot = call(word("onehot"), n.math(s.args[1]))
    return Written(infix("−", n.math(s.args[0], SUM), hot), SUM)


def exp_difference(n, s):
    a, b = s.args
    return Written(call(word("exp"), infix("−", n.math(a, SUM), n.math(b, SUM + 1))))


def itself(n, s):
    return n.of(s.args[0])


# --- shapes ---------------------------------------------------------------------------------
SPLIT = (np.add, np.subtract, np.negative, np.multiply, np.divide, np.matmul, np.outer, np.sum,
         activations.less_one_hot)  # fmt: skip
RAISED = (np.matrix_transpose, np.power, np.square, np.sqrt, casting.astype)


def made_of_factors(n, x):
    """Whether shapes stand below the factors of `x`, and not below `x` itself."""
    if is_one(x) and x.shape == ():
        return True
    if n.seen(x, *RAISED):
        return made_of_factors(n, n.shown(x.args[0]))
    return n.seen(x, *SPLIT)


TABLE = {
    **linalg_notation.TABLE, Symbol: named, np.add: add, np.subtract: add, np.negative: negative,
    np.multiply: multiply, np.divide: divide, np.power: power, np.float_power: power,
    np.square: square, np.exp2: power_of_two, np.expm1: exp_less_one, np.sqrt: root,
    np.absolute: absolute, np.conjugate: conjugate, np.real: real_part, np.imag: imaginary_part,
    np.sum: arrays.summation, np.broadcast_to: arrays.broadcast,
    np.expand_dims: arrays.expand_dims, np.logical_not: negation, np.invert: negation,
    np.where: arrays.where, np.einsum: arrays.einsum, indexing.getitem: arrays.getitem,
    indexing.scatter: arrays.scatter, indexing.put: arrays.put, part: arrays.output,
    casting.astype: itself, fft.pairs_weighed: pairs_weighed, activations.one_hot: one_hot,
    activations.less_one_hot: less_one_hot, elementwise.exp_difference: exp_difference,
    **dict.fromkeys(COMPARISONS, comparison), **dict.fromkeys(LOGICAL, logical),
}  # fmt: skip
