"""The notation of elementwise products, flat however they are nested."""

import math
from dataclasses import replace

import numpy as np

from viz.formulas.array_notation import index, kept_axes, leading, operand
from viz.formulas.literals import CONSTANTS, number
from viz.formulas.markup import Atom, Fence, Math, Row, Sign, Super, condition, infix, listed
from viz.formulas.symbols import Symbol, alike, has_options, is_one
from viz.formulas.writing import (
    ATOM,
    COMPARE,
    ELEMENT,
    MATRIX,
    POSTFIX,
    Written,
    dims,
    enclosed,
    under,
)


def multiply(n, s):
    """Sign, then numbers, then scalars, then arrays with ⊙; a factor that repeats is a power."""
    found = Factors(n, s.shape)
    found.collect(s)
    return found.written()


def exponent(x, above: Math) -> Math:
    """The exponent of each entry of x: beside a matrix, X^⊙2 is no product of matrices."""
    return Row((Sign("⊙", False), above)) if dims(x) > 1 else above


def pairs_weighed(n, s):
    """(1, 0.5, 0.5, 1) ⊙ x: each bin that stands for two has the weight."""
    x, axis = s.args[0], s.kwargs["axis"] % s.ndim
    size = s.shape[axis]
    shape = [size if k == axis else 1 for k in range(s.ndim)]
    weights = np.ravel(s.function(np.ones(shape), **s.kwargs))
    texts = [Atom("number", f"{w:g}") for w in weights]
    if size > 6:
        texts[2:-2] = [Atom("plain", "…")]
    bins = Written(Fence("(", listed(tuple(texts)), ")"))
    if axis < s.ndim - 1:
        bins = index(bins, kept_axes({*range(axis + 1, s.ndim)}, s.ndim - axis))
    return Written(infix("⊙", bins.math, n.math(x, ELEMENT, factor=True)), ELEMENT)


class Factors:
    """The factors of a product of products, sorted."""

    def __init__(self, n, shape):
        self.n = n
        self.shape = shape
        self.minus = False
        self.numbers: list = []
        self.others: list = []  # each as the list of its occurrences

    def collect(self, x):
        x = leading(self.n, x)
        if isinstance(x, np.ndarray) and x.ndim == 0:
            x = x[()]
        if has_options(x):
            self.factor(x)
        elif self.n.seen(x, np.multiply):
            for factor in x.args:
                self.collect(factor)
        elif self.n.seen(x, np.negative):
            self.minus = not self.minus
            self.collect(x.args[0])
        elif isinstance(x, Symbol) or np.ndim(x):
            self.factor(x)
        elif isinstance(x, (complex, np.complexfloating)):
            self.numbers.append(x)
        elif not is_one(x):
            self.minus = self.minus != bool(x < 0)
            self.numbers.append(-x if x < 0 else x)

    def factor(self, x):
        if is_one(x) and not x.shape:
            return
        for uses in self.others:
            if alike(uses[0], x) and (uses[0] is x or np.array_equal(uses[0].value, x.value)):
                uses.append(x)
                return
        self.others.append([x])

    def settle(self):
        """One number for all, if one of them is complex; of i times a number the sign in front."""
        if any(isinstance(x, (complex, np.complexfloating)) for x in self.numbers):
            product = math.prod(self.numbers)
            real = product.imag == 0
            size = product.real if real else product.imag
            if (real or product.real == 0) and size < 0:
                self.minus, product = not self.minus, -product
            self.numbers = [x for x in [product.real if real else product] if x != 1]

    def written(self):
        self.settle()
        written = [self.power(uses) for uses in self.others]
        if len(written) == 1 and not self.numbers:
            (w,) = written
            if w.level <= COMPARE:  # a product with 1 turns a condition into numbers
                return Written(condition(w.math), minus=self.minus)
            return replace(w, minus=self.minus != w.minus, alone=None if self.minus else w.alone)
        minus = self.minus != (sum(w.minus for w in written) % 2 == 1)
        parts = [enclosed(replace(w, minus=False), MATRIX, factor=True) for w in written]
        scalar = [self.scalar(uses[0]) for uses in self.others]
        scalars = [p for p, is_scalar in zip(parts, scalar, strict=True) if is_scalar]
        entries = [p for p, is_scalar in zip(parts, scalar, strict=True) if not is_scalar]
        if entries:
            scalars.append(infix("⊙", *entries))
        rest = [infix("·", *scalars)] if scalars else []
        return Written(infix("", *self.coefficient(), *rest), ELEMENT, minus=minus)

    def scalar(self, x) -> bool:
        """Whether it multiplies all entries: a number, also one with axes beside larger arrays."""
        size = np.size(getattr(x, "value", x))
        return dims(x) == 0 or (size == 1 and math.prod(self.shape) > 1)

    def coefficient(self):
        """The numbers, multiplied except where one has a name of its own."""
        special = [x for x in self.numbers if x in CONSTANTS]
        product = math.prod(x for x in self.numbers if x not in CONSTANTS)
        found = [] if product == 1 and (special or self.others) else [number(product)]
        return [enclosed(w, MATRIX) for w in (*found, *map(number, special))]

    def power(self, uses):
        x, n = uses[0], self.n
        if len(uses) == 1:
            return operand(n, x, self.shape)
        base = n.plain.math(x, ATOM, factor=True)
        w = Written(Super(base, exponent(x, Atom("number", str(len(uses))))), POSTFIX)
        return under(w, x.shape) if n.shapes else w
