"""Linear expressions in index notation: how the entries of an expression depend on those of g.

An expression that is linear in g is a sum of terms. A `Term` names the indices of the axes of the
expression and of g, and the constants that multiply: `g @ W` is E[i, j] = Σₖ g[i, k] · W[k, j]. An
index that both have ties an entry to the entry at the same place; an index of g alone is summed,
and along an index of the expression alone the entries of g repeat. Axes of length one have no
index, axes that were merged by a reshape have several. No value of any array is looked at.

Where numbers are complex, J is the derivative dy = J dz and E is Jᴴ g: a coefficient of J is the
conjugate of what multiplies g. Where there is no such J, as for conjugates and for real results, a
term is `paired`: the real and the imaginary part of an entry act as a pair of numbers.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from viz.formulas.symbols import Symbol, call


@dataclass(frozen=True, eq=False)
class Index:
    size: int


Indices = tuple[Index, ...]


@dataclass(frozen=True, eq=False)
class Factor:
    """A constant coefficient: what it may vary over, and whether all its entries are 0 or 1."""

    over: frozenset[Index]
    mask: bool = False
    constant: Any = None  # if it is known, with the indices of its axes
    axes: tuple[Indices, ...] = ()


@dataclass(frozen=True, eq=False)  # another map of the same indices is not the same map
class Map:
    """The coefficient [entry `old` of g went to entry `new`]: a gather, a scatter, a flip."""

    old: Indices
    new: Indices
    to_one: bool = True  # each old entry goes to at most one new entry
    from_one: bool = True  # each new entry comes from at most one old entry
    bijective: bool = False
    ordered: bool = False  # a reshape: the same entries in the same order


@dataclass(frozen=True, eq=False)
class Term:
    axes: tuple[Indices, ...]
    g: tuple[Indices, ...]
    factors: tuple[Factor, ...] = ()
    maps: tuple[Map, ...] = ()
    number: complex = 1.0  # the product of all literal numbers
    paired: bool = False
    real_part: bool = False  # of something complex

    @property
    def scale(self) -> complex | None:
        """The number that multiplies, if it is known: None if it is an array of one entry."""
        known = all(f.over or f.mask for f in self.factors)
        return self.number if known else None

    def places(self):
        """For each index its size and its strides in the flattened expression and g, or None."""
        ours, theirs = strides(flat(self.axes)), strides(flat(self.g))
        both = dict.fromkeys([*ours, *theirs])
        return {i: (i.size, ours.get(i), theirs.get(i)) for i in both}


@dataclass(eq=False)
class Linear:
    """An argument of a function that depends on g."""

    shape: tuple[int, ...]
    terms: tuple[Term, ...]


Terms = tuple[Term, ...] | None  # None: may be anything


def flat(axes) -> Indices:
    return tuple(i for axis in axes for i in axis)


def size_of(indices) -> int:
    return math.prod(i.size for i in indices)


def strides(indices) -> dict[Index, int]:
    return {i: size_of(indices[k + 1 :]) for k, i in enumerate(indices)}


def fresh(shape) -> tuple[Indices, ...]:
    return tuple((Index(n),) if n != 1 else () for n in shape)


def start(shape) -> Term:
    """g itself."""
    axes = fresh(shape)
    return Term(axes, axes)


def opaque(shape, g_shape) -> Term:
    """Any entry may depend on any entry of g in any way."""
    term = Term(fresh(shape), fresh(g_shape))
    return replace(term, factors=(Factor(frozenset(flat(term.axes) + flat(term.g))),))


# --- coefficients -------------------------------------------------------------------------------
def shape_of(x) -> tuple[int, ...]:
    return x.shape if isinstance(x, Symbol) else np.shape(x)


def is_mask(x) -> bool:
    return (x.dtype if isinstance(x, Symbol) else np.asarray(x).dtype).kind == "b"


def is_number(x) -> bool:
    return isinstance(x, (bool, int, float, complex, np.generic))


def factor(constant, axes) -> Factor:
    """A constant whose axes have these indices; along an axis of length one it does not vary."""
    pairs = zip(axes, shape_of(constant), strict=True)
    axes = tuple(indices if n != 1 else () for indices, n in pairs)
    if isinstance(constant, Symbol) and constant.dtype.kind == "c":
        constant = call(np.conjugate, (constant,), {})
    return Factor(frozenset(flat(axes)), is_mask(constant), constant, axes)


def weighed(t: Term, constant) -> Term:
    """`t` times a constant that broadcasts to it."""
    if is_number(constant):
        return scaled(t, np.conjugate(constant).item())
    found = factor(constant, t.axes[len(t.axes) - len(shape_of(constant)) :])
    return replace(t, factors=(*t.factors, found))


def scaled(t: Term, number: complex) -> Term:
    return replace(t, number=t.number * number)


def stretched(t: Term, shape) -> Term:
    """`t` broadcast to `shape`: the entries repeat along new indices."""
    axes = ((),) * (len(shape) - len(t.axes)) + t.axes
    new = fresh(shape)
    return replace(t, axes=tuple(a or b for a, b in zip(axes, new, strict=True)))


# --- changes of indices -------------------------------------------------------------------------
def without(t: Term, lost) -> Term:
    """`t` summed over the indices `lost`, which are no longer on its axes."""
    theirs = set(flat(t.g))
    factors, maps, number = list(t.factors), [], t.number
    lost = [i for i in lost if i not in theirs]
    for m in t.maps:
        gone = [i for i in m.new if i in lost]
        if not gone:
            maps.append(m)
        elif len(gone) == len(m.new) and m.to_one:  # the sum finds at most one entry
            factors = [moved(f, m.new, m.old) for f in factors]
            if not m.bijective:
                factors.append(Factor(frozenset(m.old), mask=True))
            lost = [i for i in lost if i not in gone]
        else:
            factors.append(Factor(frozenset(m.old + m.new)))
    for i in lost:
        touching = [f for f in factors if i in f.over]
        if touching:
            over = frozenset().union(*(f.over for f in touching)) - {i}
            factors = [f for f in factors if i not in f.over] + [Factor(over)]
        else:
            number *= i.size
    return replace(t, factors=tuple(factors), maps=tuple(maps), number=number)


def moved(f: Factor, old, new) -> Factor:
    """A factor that varied over indices which are a function of `new`."""
    if f.over.isdisjoint(old):
        return f
    return Factor(f.over - {*old} | {*new}, f.mask)


def remapped(t: Term, old, axes, new, to_one=True, from_one=True, ordered=False) -> Term:
    """`t` with axes `axes`, which have indices `new` tied by a `Map` in place of `old`."""
    if not old and not new:
        return replace(t, axes=axes)
    before = [m for m in t.maps if not {*m.new}.isdisjoint(old)]
    tied = {*flat(t.g), *(i for m in before for i in m.new)}
    if any(i not in tied for i in old):
        return mixed(t, old, axes, new)
    inner = {i for m in before for i in m.new}
    source = (*(i for m in before for i in m.old), *(i for i in old if i not in inner))
    target = (*(i for m in before for i in m.new if i not in old), *new)
    all_to_one = all(m.to_one for m in before)
    same = not before or [m.new for m in before] == [old]
    bijective = to_one and from_one and size_of(old) == size_of(new)
    composed = Map(source, target, to_one and all_to_one,
                   from_one and all(m.from_one for m in before),
                   bijective and all(m.bijective for m in before),
                   ordered and same and all(m.ordered for m in before))  # fmt: skip
    left = source if all_to_one else source + target
    factors = [moved(f, inner & {*old}, left) for f in t.factors]
    maps = (*(m for m in t.maps if m not in before), composed)
    return replace(t, axes=axes, factors=tuple(factors), maps=maps)


def mixed(t: Term, old, axes, new) -> Term:
    """`t` with axes `axes`: entries along `new` depend in any way on those along `old`."""
    factors = (*t.factors, Factor(frozenset((*old, *new))))
    return without(replace(t, axes=axes, factors=factors), old)


def reshaped(t: Term, shape) -> Term:
    """`t` in another shape: indices are merged and split where the sizes allow it."""
    items, axes = list(flat(t.axes)), []
    split: dict[Index, Indices] = {}
    for n in shape:
        group: list[Index] = []
        while n > 1:
            first = items.pop(0)
            if n % first.size and first.size % n:
                new = fresh(shape)
                return remapped(t, flat(t.axes), new, flat(new), ordered=True)
            if n % first.size:
                parts = Index(n), Index(first.size // n)
                split[first] = parts
                first, rest = parts
                items.insert(0, rest)
            group.append(first)
            n //= first.size
        axes.append(tuple(group))
    return replace(refined(t, split), axes=tuple(axes))


def refined(t: Term, split: dict[Index, Indices]) -> Term:
    """`t` with some indices split into several of the same joint size."""
    if not split:
        return t

    def parts(indices):
        while any(i in split for i in indices):
            indices = tuple(j for i in indices for j in split.get(i, (i,)))
        return indices

    factors = tuple(replace(f, over=frozenset(parts(tuple(f.over))), axes=tuple(map(parts, f.axes)))
                    for f in t.factors)  # fmt: skip
    maps = tuple(replace(m, old=parts(m.old), new=parts(m.new)) for m in t.maps)
    return replace(t, g=tuple(map(parts, t.g)), factors=factors, maps=maps)


# --- sums of terms ------------------------------------------------------------------------------
def resolved(t: Term) -> Term:
    """`t` seen through its reshapes, as an expression with one axis if there were any."""
    for m in t.maps:
        found, n = flat(t.axes), len(m.new)
        at = next((k for k in range(len(found)) if found[k : k + n] == m.new), None)
        if m.ordered and at is not None:
            axes = ((*found[:at], *m.old, *found[at + n :]),)
            factors = tuple(moved(f, m.new, m.old) for f in t.factors)
            t = replace(t, axes=axes, factors=factors, maps=tuple(x for x in t.maps if x is not m))
    return t


def joined(terms) -> tuple[Term, ...]:
    """The terms, those that tie the same places added up into one."""
    found: dict[Any, Term] = {}
    for t in terms:
        if t.number == 0:
            continue
        key = (t.axes, t.g, t.maps) if t.maps else frozenset(t.places().values())
        if key not in found:
            found[key] = t
        elif (both := added(found[key], t)).number == 0:
            del found[key]
        else:
            found[key] = both
    return tuple(found.values())


def added(a: Term, b: Term) -> Term:
    paired, real_part = a.paired or b.paired, a.real_part or b.real_part
    if not a.factors and not b.factors and not paired:
        return replace(a, number=a.number + b.number)
    twin = {place: i for i, place in a.places().items()}
    theirs = b.places()
    over = {i for f in a.factors for i in f.over}
    over |= {twin[theirs[i]] for f in b.factors for i in f.over}
    return replace(a, factors=(Factor(frozenset(over)),), number=1.0, paired=paired,
                   real_part=real_part)  # fmt: skip
