"""The notation of what NumPy does to arrays: sums over axes, broadcasting, indices, calls."""

import inspect
from dataclasses import replace

import numpy as np

from autograd_lite.registry import DISPATCHING, RULES
from autograd_lite.rules import casting
from autograd_lite.rules.indexing import is_basic, is_mask
from viz import names
from viz.formulas.literals import plain
from viz.formulas.markup import (
    Atom,
    Fence,
    Row,
    Sign,
    Sub,
    Super,
    call,
    condition,
    infix,
    listed,
    ones,
    transposed,
    word,
)  # fmt: skip
from viz.formulas.symbols import Symbol, alike, is_one
from viz.formulas.writing import (
    ATOM,
    COMPARE,
    ELEMENT,
    FRACTION,
    MATRIX,
    POSTFIX,
    Written,
    dims,
    enclosed,
)  # fmt: skip

RENAMED = {np.maximum: "max", np.minimum: "min", np.divide: "div", np.max: "max", np.min: "min",
           np.remainder: "mod"}  # fmt: skip
SUMMATION = Sign("Σ", False)
SPLITTING = (np.split, np.array_split)


# --- sums over axes, broadcasting -----------------------------------------------------------
def axes_in(s) -> set[int]:
    """The axes that a call of np.sum sums over."""
    axis = s.kwargs.get("axis", s.args[1] if len(s.args) > 1 else None)
    ndim = dims(s.args[0])
    if axis is None:
        return set(range(ndim))
    return {a % ndim for a in (axis if isinstance(axis, tuple) else (axis,))}


def norm(n, s):
    """‖x‖ for the sum of the squares of all entries of x, else None."""
    if not n.seen(s, np.sum):
        return None
    s = n.shown(s)
    x = base_of_square(n, s.args[0])
    full = x is not None and x.dtype.kind != "c" and dims(x) > 0 and len(axes_in(s)) == dims(x)
    return Fence("‖", n.math(x), "‖") if full else None


def base_of_square(n, x):
    """y if x is written as y², else None."""
    x = n.shown(x)
    squared = n.seen(x, np.power) and type(x.args[1]) in (int, float) and x.args[1] == 2
    if squared or n.seen(x, np.square) or (n.seen(x, np.multiply) and alike(*x.args)):
        return x.args[0]
    return None


def summation(n, s):
    if (length := norm(n, s)) is not None:
        return Written(Super(length, Atom("number", "2")), POSTFIX)
    summed, axes = n.shown(s.args[0]), axes_in(s)
    if np.size(getattr(summed, "value", summed)) == 1:  # nothing to add up
        return n.of(summed)
    full = len(axes) == dims(summed)
    if full and dims(summed) and n.seen(summed, np.multiply) and s.dtype.kind != "c":
        a, b = summed.args
        if np.shape(getattr(a, "value", a)) == np.shape(getattr(b, "value", b)):
            pair = listed(n.math(x, factor=True) for x in (a, b))
            return Written(Fence("⟨", pair, "⟩"))
    sign = SUMMATION
    if not full:
        sign = Sub(SUMMATION, listed(Atom("number", str(a)) for a in sorted(axes)))
    w = n.of(summed)
    math = Row((sign, Fence("(", enclosed(w, factor=True), ")")))
    if s.kwargs.get("keepdims") and s.ndim > 2 and axes != set(range(len(axes))):
        return Written(Row((math, kept_axes(axes, s.ndim))))
    single = w.level >= FRACTION and not w.minus and not isinstance(w.math, (Row, Fence))
    return Written(math, alone=Row((sign, Sign(""), w.math)) if single else None)


def kept_axes(axes, ndim):
    """[:, None]: where axes of length one stand."""
    return Fence("[", listed(Atom("plain", "None" if i in axes else ":") for i in range(ndim)), "]")


def row(n, x) -> bool:
    """Whether x, of shape (1, n), is written as a vector because no kept axis is said."""
    x = n.shown(x)
    if not isinstance(x, Symbol) or x.shape[:1] != (1,) or x.ndim != 2 or x.text is not None:
        return False
    if x.kwargs.get("keepdims"):
        axis = x.kwargs.get("axis", x.args[1] if len(x.args) > 1 else None)
        return axis in (0, -2, (0,), (-2,))
    if x.function is casting.astype:
        return row(n, x.args[0])
    if not isinstance(x.function, np.ufunc) or x.function.signature is not None:
        return False
    parts = [y for y in x.args if dims(y) == 2]
    return bool(parts) and all(row(n, y) for y in parts)


def new_axes(s) -> set[int]:
    """The axes that a call of np.expand_dims adds."""
    axis = s.args[1] if len(s.args) > 1 else s.kwargs.get("axis")
    if axis is None:  # not kept: any axes of length one that fit
        rest, added = list(s.args[0].shape), set()
        for i, size in enumerate(s.shape):
            if rest[:1] == [size]:
                rest.pop(0)
            else:
                added.add(i)
        return added
    return {a % s.ndim for a in (axis if isinstance(axis, tuple) else (axis,))}


def expand_dims(n, s):
    return index(n.of(s.args[0]), kept_axes(new_axes(s), s.ndim))


def index(w: Written, brackets) -> Written:
    return Written(Row((enclosed(w, ATOM), brackets)))


def leading(n, x):
    """`x` without new axes in front, which NumPy puts there by itself, and any of one number."""
    x = n.shown(x)
    while (n.seen(x, np.expand_dims) and new_axes(x) == set(range(len(new_axes(x))))) or (
        n.seen(x, np.reshape) and x.size == 1 and x.args[0].ndim <= x.ndim
    ):
        x = n.shown(x.args[0])
    return x


def operand(n, x, shape) -> Written:
    """`x` as part of an elementwise expression of `shape`: a column stands for all columns."""
    x = leading(n, x)
    if not isinstance(x, Symbol) or x.size == 1 or x.ndim != 2 or x.shape[1] > 1 or len(shape) < 2:
        return n.of(x)
    new = n.seen(x, np.expand_dims) and new_axes(x) == {1}
    vector = n.of(x.args[0] if new else x)
    if len(shape) > 2:  # there a vector is no column
        return vector if x.text is not None else index(vector, kept_axes({1}, 2))
    return columns(vector, shape[1]) if shape[1] > 1 else vector


def columns(vector: Written, count) -> Written:
    """A matrix whose columns are all the same vector."""
    left = enclosed(vector, MATRIX, factor=True)
    return Written(Row((left, Sign(""), transposed(ones((count,))))), MATRIX)


def broadcast(n, s):
    spread, shape = n.shown(s.args[0]), s.shape
    if np.size(getattr(spread, "value", spread)) == 1:
        minus = n.seen(spread, np.negative) and is_one(n.shown(spread.args[0]))
        if is_one(spread) or minus:
            return Written(ones(shape), minus=minus)
        w = n.of(spread)
        math = infix("·", enclosed(Written(w.math, w.level, w.stacked), MATRIX, True), ones(shape))
        return Written(math, ELEMENT, minus=w.minus)
    vector = spread.args[0] if n.seen(spread, np.expand_dims) else spread
    if len(shape) == 2 and spread.shape[1:] == (1,) and dims(vector) in (1, 2):
        return columns(n.of(vector), shape[1])
    if len(shape) == 2 and (dims(vector) == 1 or row(n, vector)):
        w = n.of(vector)
        right = transposed(enclosed(replace(w, minus=False), ATOM, factor=True))
        return Written(Row((ones(shape[:1]), Sign(""), right)), MATRIX, minus=w.minus)
    entries = enclosed(operand(n, spread, shape), ELEMENT + 1, factor=True)
    return Written(infix("⊙", entries, ones(shape)), ELEMENT)


# --- indices --------------------------------------------------------------------------------
def inside(n, place):
    """What stands between the brackets."""
    return listed(n.math(i) for i in place) if isinstance(place, tuple) else n.math(place)


def argument(s, place, name):
    return s.args[place] if len(s.args) > place else s.kwargs[name]


def getitem(n, s):
    return index(n.of(s.args[0]), Fence("[", inside(n.plain, argument(s, 1, "index")), "]"))


def scatter(n, s):
    """Zeros with entries set; += where an entry may be picked twice, and collects both."""
    place = argument(s, 1, "index")
    sign = "↦" if is_basic(place) or is_mask(place) else "+="
    body = infix(sign, inside(n.plain, place), n.math(s.args[0]))
    return Written(Row((ones(s.shape, "0"), Fence("[", body, "]"))))


def put(n, s):
    body = infix("↦", inside(n.plain, argument(s, 2, "index")), n.math(argument(s, 1, "value")))
    return index(n.of(s.args[0]), Fence("[", body, "]"))


def output(n, s):
    """One of several outputs: a piece of a split array is that array with an index."""
    several, i = s.args
    if several.function not in SPLITTING:
        return Written(Sub(n.math(several, ATOM), Atom("number", str(i + 1))))
    axis = several.kwargs.get("axis", several.args[2] if len(several.args) > 2 else 0) % s.ndim
    sizes = [piece.shape[axis] for piece in several.value]
    start, stop = sum(sizes[:i]), sum(sizes[: i + 1])
    piece = slice(start if i else None, stop if i + 1 < len(sizes) else None)
    body = inside(n.plain, (slice(None),) * axis + (piece,))
    return index(n.of(several.args[0]), Fence("[", body, "]"))


# --- calls ----------------------------------------------------------------------------------
def where(n, s):
    """A choice between something and zero is a product with a condition."""
    test, a, b = s.args
    for chosen, other, holds in ((a, b, True), (b, a, False)):
        if not isinstance(other, Symbol) and np.ndim(other) == 0 and other == 0:
            body = n.math(test, 0 if holds else COMPARE + 1)
            body = body if holds else Row((Sign("¬", False), body))
            left = enclosed(operand(n, chosen, s.shape), ELEMENT + 1, factor=True)
            return Written(infix("⊙", left, condition(body)), ELEMENT)
    return named_call(n, s)


def named_call(n, s):
    """name(operands, options), without the options that say nothing."""
    if not isinstance(s, Symbol):
        return plain(n, s)
    op = RULES.get(s.function)
    name = RENAMED.get(s.function) or (op.name if op else function_name(s.function))
    args, options = list(s.args), dict(s.kwargs)
    if op is not None and not op.variadic and "axis" in op.static:
        place = len(op.arrays) + list(op.static).index("axis")
        if len(args) == place + 1:
            options = {"axis": args.pop()} | options
    while len(args) > 1 and args[-1] is None:
        args.pop()
    parts = [n.math(a) for a in args]
    for key, value in options.items():
        if not idle(key, value, usual_options(op), options, s):
            parts.append(Row((word(key), Sign("=", False), n.math(value))))
    return Written(call(word(names.shown(name)), *parts))


def usual_options(op) -> dict:
    """The static arguments that a call may leave out, with the values they then have."""
    if op is None:
        return {}
    if not isinstance(op.function, DISPATCHING) or isinstance(op.function, np.ufunc):
        return op.static
    try:
        own = inspect.signature(op.function).parameters
    except ValueError:  # older versions of NumPy do not tell of all
        return op.static
    needed = {name for name, p in own.items() if p.default is p.empty}
    return {name: value for name, value in op.static.items() if name not in needed}


def function_name(f) -> str:
    """add.outer for a method of a ufunc."""
    ufunc = getattr(f, "__self__", None)
    return f"{ufunc.__name__}.{f.__name__}" if isinstance(ufunc, np.ufunc) else f.__name__


def idle(key, value, defaults, options, s):
    """Whether an option need not be said."""
    default = defaults.get(key)
    first = s.args[0] if s.args else None
    if key == "keepdims":  # over all axes it changes nothing that broadcasts; a vector is a column
        axis = options.get("axis")
        column = s.ndim == 2 and axis in (1, -1, (1,), (-1,))
        return not value or axis in (None, 0, (0,)) or column
    if key == "axis" and isinstance(value, int) and isinstance(default, int) and dims(first):
        return value % dims(first) == default % dims(first)
    return type(value) is type(default) and bool(np.all(value == default))


def einsum(n, s):
    text, *operands = s.args
    pattern = word(names.shown(text.replace("->", "→")))
    return Written(call(word("einsum"), pattern, *(n.math(x) for x in operands)))
