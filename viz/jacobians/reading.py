"""What each function does to a linear expression: the terms of its result from those of its input.

A function that is not listed here may mix all entries, so nothing is claimed that is not certain.
"""

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from autograd_lite.rules import casting, elementwise, fft, linalg, norms
from autograd_lite.shapes import axes_of
from viz.formulas.symbols import Symbol, call, part, symbols_in
from viz.jacobians import linear, windows
from viz.jacobians.linear import Factor, Linear, Term, Terms, flat, fresh
from viz.jacobians.moves import MOVES

MANY = 16  # terms: more are read as one that may be anything


def read(expression: Symbol, g: Symbol) -> tuple[Term, ...]:
    """The terms of an expression that is linear in g; none if it does not contain g."""
    known: dict[int, tuple[Term, ...]] = {id(g): (linear.start(g.shape),)}
    stack = [expression]
    while stack:
        s = stack[-1]
        inner = inside(s)
        waiting = [x for x in inner if id(x) not in known]
        if id(s) in known or not waiting:
            stack.pop()
        if id(s) not in known:
            stack.extend(waiting)
            if not waiting:
                known[id(s)] = step(s, g, inner, known)
    return known[id(expression)]


def inside(s: Symbol) -> list[Symbol]:
    """The expressions that a symbol is made from; none for a name."""
    if s.definition is not None:
        return [s.definition]
    return [] if s.text is not None else symbols_in([*s.args, *s.kwargs.values()])


def step(s: Symbol, g: Symbol, inner, known) -> tuple[Term, ...]:
    if s.definition is not None:
        return known[id(s.definition)]
    if not any(known[id(x)] for x in inner):
        return ()
    if isinstance(s.value, (tuple, list)):  # its parts are read one by one
        return (linear.opaque((), g.shape),)

    def argument(x):
        if isinstance(x, (tuple, list)):
            return [argument(y) for y in x] if symbols_in(x) else x
        found = known[id(x)] if isinstance(x, Symbol) else ()
        return Linear(x.shape, found) if found else x

    # all parts of a split are read alike: their shapes say what is left of the axis
    call = s.args[0] if s.function is part else s
    reader = READERS.get(call.function)
    args = [argument(x) for x in call.args]
    kwargs = {k: argument(v) for k, v in call.kwargs.items()}
    terms = None
    if reader is not None and fits(reader, s.shape, args, kwargs):
        terms = reader(s.shape, *args, **kwargs)
    terms = None if terms is None else linear.joined(terms)
    return (linear.opaque(s.shape, g.shape),) if terms is None or len(terms) > MANY else terms


def fits(reader, shape, args, kwargs) -> bool:
    """Whether a reader knows all arguments of the call."""
    try:
        inspect.signature(reader).bind(shape, *args, **kwargs)
    except TypeError:
        return False
    return True


# --- elementwise --------------------------------------------------------------------------------
def stretched(x, shape) -> tuple[Term, ...]:
    """The terms of an operand, broadcast; a constant has none."""
    return tuple(linear.stretched(t, shape) for t in x.terms) if isinstance(x, Linear) else ()


def add(shape, a, b) -> Terms:
    return stretched(a, shape) + stretched(b, shape)


def subtract(shape, a, b) -> Terms:
    return stretched(a, shape) + tuple(linear.scaled(t, -1.0) for t in stretched(b, shape))


def negative(shape, a) -> Terms:
    return tuple(linear.scaled(t, -1.0) for t in a.terms)


def multiply(shape, a, b) -> Terms:
    if isinstance(a, Linear) and isinstance(b, Linear):
        return None
    x, constant = (a, b) if isinstance(a, Linear) else (b, a)
    return tuple(linear.weighed(t, constant) for t in stretched(x, shape))


def shifted(shape, a, exponent) -> Terms:
    return multiply(shape, a, np.ldexp(1.0, exponent))


def divide(shape, a, b) -> Terms:
    if isinstance(b, Linear):
        return None
    if linear.is_number(b):
        by = np.reciprocal(np.conjugate(b) * 1.0).item() if b else 0.0
        return tuple(linear.scaled(t, by) for t in stretched(a, shape)) if b else None
    # a quotient by booleans is none of 0 and 1; the coefficient is the reciprocal, also by name
    by = call(np.divide, (1.0, b), {}) if isinstance(b, Symbol) else b
    return tuple(unmasked(linear.weighed(t, by)) for t in stretched(a, shape))


def unmasked(t: Term) -> Term:
    *rest, last = t.factors
    return replace(t, factors=(*rest, replace(last, mask=False)))


def where(shape, condition, a, b) -> Terms:
    if isinstance(condition, Linear):
        return None
    terms = stretched(a, shape) + stretched(b, shape)
    found = (linear.factor(condition, t.axes[len(shape) - len(linear.shape_of(condition)) :])
             for t in terms)  # fmt: skip
    return tuple(replace(t, factors=(*t.factors, Factor(f.over, mask=True)))
                 for t, f in zip(terms, found, strict=True))  # fmt: skip


def same(shape, a, *rest, **more) -> Terms:
    return a.terms


def conjugate(shape, a) -> Terms:
    return tuple(replace(t, paired=True) for t in a.terms)


def real(shape, a) -> Terms:
    return tuple(replace(t, real_part=True) for t in a.terms)


def imag(shape, a) -> Terms:
    """Im(x) is Re(−i x), and J has the conjugate of that number."""
    return tuple(linear.scaled(t, 1j) for t in real(shape, a) or ())


def weigh_pairs(shape, a, n=1, axis=-1, weight=1.0) -> Terms:
    return tuple(replace(t, factors=(*t.factors, Factor(frozenset(t.axes[axis]))))
                 for t in a.terms)  # fmt: skip


def triangle(shape, m, k=0) -> Terms:
    return tuple(replace(t, factors=(*t.factors, Factor(frozenset(flat(t.axes[-2:])), mask=True)))
                 for t in m.terms)  # fmt: skip


# --- sums and products --------------------------------------------------------------------------
def total(shape, a, axis=None, dtype=None, keepdims=False) -> tuple[Term, ...]:
    gone = axes_of(axis, len(a.shape))
    terms = []
    for t in a.terms:
        axes = tuple(() if k in gone else x for k, x in enumerate(t.axes))
        lost = flat(t.axes[k] for k in gone)
        if not keepdims:
            axes = tuple(x for k, x in enumerate(axes) if k not in gone)
        terms.append(linear.without(replace(t, axes=axes), lost))
    return tuple(terms)


def mean(shape, a, axis=None, dtype=None, keepdims=False) -> Terms:
    number = 1.0
    for k in axes_of(axis, len(a.shape)):
        number *= a.shape[k]
    terms = total(shape, a, axis, dtype, keepdims)
    return tuple(linear.scaled(t, 1 / number) for t in terms)


def cumsum(shape, a, axis=None) -> Terms:
    terms = []
    for t in a.terms:
        if axis is None:
            t, k = replace(t, axes=(flat(t.axes),)), 0
        else:
            k = axis % len(a.shape)
        old, new = t.axes[k], fresh(shape)[k]
        axes = (*t.axes[:k], new, *t.axes[k + 1 :])
        t = replace(t, axes=axes, factors=(*t.factors, Factor(frozenset((*old, *new)), mask=True)))
        terms.append(linear.without(t, old))
    return tuple(terms)


def product(operands, letters, out) -> Terms:
    """A sum of products in which one operand is linear; `letters` name the axes of each."""
    places = [k for k, x in enumerate(operands) if isinstance(x, Linear)]
    if len(places) != 1 or len(set(letters[places[0]])) < len(letters[places[0]]):
        return None
    return tuple(contracted(t, places[0], operands, letters, out)
                 for t in operands[places[0]].terms)  # fmt: skip


def contracted(t, place, operands, letters, out) -> Term:
    found = dict(zip(letters[place], t.axes, strict=True))
    factors = list(t.factors)
    for k, constant in enumerate(operands):
        if k == place:
            continue
        for letter, n in zip(letters[k], linear.shape_of(constant), strict=True):
            if not found.get(letter):
                found[letter] = fresh((n,))[0]
        factors.append(linear.factor(constant, [found.get(letter, ()) for letter in letters[k]]))
    axes = tuple(found.get(letter, ()) for letter in out)
    lost = flat(x for letter, x in found.items() if letter not in out)
    return linear.without(replace(t, axes=axes, factors=tuple(factors)), lost)


def matmul(shape, a, b) -> Terms:
    m, n = ranks(a, b)
    batch = [str(k) for k in range(max(m, n, 2) - 2)]
    left = [*batch[len(batch) - m + 2 :], "m", "k"] if m > 1 else ["k"]
    right = [*batch[len(batch) - n + 2 :], "k", "n"] if n > 1 else ["k"]
    return product((a, b), (left, right), [*batch, *["m"] * (m > 1), *["n"] * (n > 1)])


def solve(shape, a, b) -> Terms:
    """A product with A⁻¹; a b with one axis is a vector, also beside a batch of matrices."""
    if isinstance(a, Linear):
        return None
    a = call(np.linalg.inv, (a,), {}) if isinstance(a, Symbol) else np.linalg.inv(a)
    return matmul(shape, a, b)


def within_matrices(shape, a, **options) -> Terms:
    """Each matrix of a batch by itself."""
    new = fresh(shape[-2:])
    return tuple(linear.mixed(t, flat(t.axes[-2:]), (*t.axes[:-2], *new), flat(new))
                 for t in a.terms)  # fmt: skip


def einsum(shape, subscripts, *operands, optimize=False) -> Terms:
    if not isinstance(subscripts, str) or "->" not in subscripts or "." in subscripts:
        return None
    inputs, out = subscripts.replace(" ", "").split("->")
    return product(operands, inputs.split(","), out)


def outer(shape, a, b) -> Terms:
    return product((a, b), ("i", "j"), "ij") if ranks(a, b) == (1, 1) else None


def transform(shape, a, n=None, axis=-1, norm=None) -> Terms:
    """A DFT mixes the entries along its axis."""
    k = axis % len(shape)
    new = fresh(shape)[k]
    return tuple(linear.mixed(t, t.axes[k], (*t.axes[:k], new, *t.axes[k + 1 :]), new)
                 for t in a.terms)  # fmt: skip


def ranks(*operands) -> tuple[int, ...]:
    return tuple(len(x.shape if isinstance(x, Linear) else linear.shape_of(x)) for x in operands)


def vecdot(shape, a, b) -> Terms:
    found = multiply(np.broadcast_shapes(*(getattr(x, "shape", ()) for x in (a, b))), a, b)
    return None if found is None else tuple(
        linear.without(replace(t, axes=t.axes[:-1]), t.axes[-1]) for t in found
    )  # fmt: skip


READERS: dict[Any, Callable] = {
    np.add: add, np.subtract: subtract, np.negative: negative, np.multiply: multiply,
    np.divide: divide, np.where: where, np.positive: same, np.copy: same, casting.astype: same,
    np.triu: triangle, np.tril: triangle, np.sum: total, np.mean: mean, np.cumsum: cumsum,
    elementwise.shifted: shifted, norms.ratio: divide,
    np.conjugate: conjugate, np.real: real, np.imag: imag, fft.pairs_weighed: weigh_pairs,
    np.matmul: matmul, np.einsum: einsum, np.outer: outer, np.vecdot: vecdot, **MOVES,
    np.linalg.solve: solve, linalg.triangle_of: within_matrices,
    linalg.hermitian_of: within_matrices,
    **dict.fromkeys((np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft),
                    transform),
    **windows.READERS,
}  # fmt: skip
