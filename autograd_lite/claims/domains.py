"""Random arrays like a given one, and arrays that leave one of its special properties."""

import itertools
from collections.abc import Callable
from typing import NamedTuple

import numpy as np


class Property(NamedTuple):
    """Something special about an array.

    words : what to say of it, after its name: "p's rows sum to one" is "has rows that sum to one".
    holds : whether an array has it; draw : a random array with it, of a shape and scale.
    """

    words: str
    holds: Callable
    draw: Callable


def sums_to_one(axis):
    def holds(a):
        return a.size > 0 and a.ndim > 0 and np.min(a) >= 0 and np.allclose(a.sum(axis), 1)

    def draw(rng, shape, scale):
        e = np.exp(rng.standard_normal(shape))
        return e / e.sum(axis, keepdims=True)

    return holds, draw


def shifted_to_one(axis):
    """Sums to one, and nothing else: with both signs."""

    def draw(rng, shape, scale):
        a = rng.standard_normal(shape)
        return a + (1 - a.sum(axis, keepdims=True)) / (a.size if axis is None else a.shape[axis])

    return draw


def one_hot(rng, shape, scale):
    return np.eye(shape[-1])[rng.integers(shape[-1], size=shape[:-1])]


def is_one_hot(a):
    zeros_and_ones = a.ndim > 0 and a.shape[-1] > 1 and np.all((a == 0) | (a == 1))
    return bool(zeros_and_ones and np.all(a.sum(-1) == 1))


def is_symmetric(a):
    return a.ndim == 2 and a.shape[0] == a.shape[1] > 1 and bool(np.allclose(a, a.T))


def is_definite(a):
    return is_symmetric(a) and np.linalg.eigvalsh(a).min() > 0


def symmetric(rng, shape, scale):
    a = rng.standard_normal(shape)
    return scale * (a + a.T) / 2


def definite(rng, shape, scale):
    a = rng.standard_normal(shape)
    return scale * (a @ a.T / shape[0] + 0.5 * np.eye(shape[0]))


def tilted(rng, shape, scale):
    """Not symmetric, with a positive determinant: a definite matrix and a skew one."""
    a = rng.standard_normal(shape)
    return definite(rng, shape, scale) + 0.5 * scale * (a - a.T)


def is_triangular(a):
    square = a.ndim == 2 and a.shape[0] == a.shape[1] > 1
    return square and bool(np.all(a == np.tril(a)) or np.all(a == np.triu(a)))


def triangular(rng, shape, scale):
    return np.tril(scale * rng.standard_normal(shape)) + scale * np.eye(*shape)


def values_of(*values):
    return (
        lambda a: set(np.unique(a)) == set(values),
        lambda rng, shape, scale: rng.choice(np.array(values, float), shape),
    )


def general(rng, shape, scale):
    return scale * rng.standard_normal(shape)


def positive(rng, shape, scale):
    return scale * (0.1 + np.abs(rng.standard_normal(shape)))


# fmt: off
PROPERTIES = (  # the first that holds says how to draw; those behind it are wider
    Property("is one-hot (one 1 in each row)", is_one_hot, one_hot),
    Property("sums to one along its last axis", *sums_to_one(-1)),
    Property("sums to one along its first axis", *sums_to_one(0)),
    Property("sums to one", *sums_to_one(None)),
    Property("holds only 0 and 1", *values_of(0, 1)),
    Property("holds only −1 and 1", *values_of(-1, 1)),
    Property("is symmetric", is_definite, definite),
    Property("is symmetric", is_symmetric, symmetric),
    Property("is triangular", is_triangular, triangular),
    Property("lies between 0 and 1", lambda a: a.size > 1 and 0 < np.min(a) <= np.max(a) < 1,
             lambda rng, shape, scale: rng.uniform(0.05, 0.95, shape)),
    Property("is positive", lambda a: a.size > 0 and bool(np.all(a > 0)), positive),
    Property("is negative", lambda a: a.size > 0 and bool(np.all(a < 0)),
             lambda *how: -positive(*how)),
)
ANYTHING = Property("", lambda a: True, general)
TILTED = Property("", lambda a: False, tilted)
LARGER = Property("", lambda a: False, lambda rng, shape, scale: 4 * general(rng, shape, scale))
DISTINCT = Property("has no entry twice", lambda a: len(np.unique(a)) == a.size > 1,
                    lambda rng, a, shape:
                    rng.choice(np.arange(a.min(), a.max() + 1), shape, replace=False))
REPEATING = Property("", lambda a: False, lambda rng, a, shape: rng.choice(a.ravel()[:-1], shape))
SUMS = tuple(p._replace(draw=shifted_to_one(axis))
             for p, axis in zip(PROPERTIES[1:4], (-1, 0, None), strict=True))
SYMMETRIC = PROPERTIES[7]
# fmt: on


def properties(a) -> list[Property]:
    """What is special about a float array, the narrowest first; ends with no property."""
    if a.dtype.kind in "iu" and a.ndim and DISTINCT.holds(a):
        return [DISTINCT, REPEATING]
    if a.dtype.kind != "f":
        return [ANYTHING]
    return [p for p in PROPERTIES if p.holds(a)] + [ANYTHING]


def wider(a) -> list[tuple[Property, Property]]:
    """Pairs (a property of `a`, one to draw by that need not have it)."""
    found = properties(a)
    if a.dtype.kind == "f" and len(found) == 1 and a.ndim and a.size:
        words = f"is no larger than given (|…| ≤ {np.max(np.abs(a)):.3g})"
        return [(LARGER._replace(words=words), LARGER)]
    pairs = list(itertools.pairwise(found))
    return [(p, TILTED if p.words == "is symmetric" else q) for p, q in pairs]


def imposable(a) -> list[Property]:
    """Conditions that formulas often forget, and that an array does not fulfil."""
    if a.dtype.kind in "iu" and a.ndim:
        can = int(a.max()) - int(a.min()) + 1 >= a.size
        return [DISTINCT] if can and not DISTINCT.holds(a) else []
    if a.dtype.kind != "f" or a.ndim == 0:
        return []
    lengths = (a.shape[-1], a.shape[0], a.size)[: a.ndim]
    found = [p for p, n in zip(SUMS, lengths, strict=False) if n > 1]
    if a.ndim == 2 and a.shape[0] == a.shape[1]:
        found.append(SYMMETRIC)
    return [p for p in found if not p.holds(a)]


def scale_of(a):
    size = float(np.sqrt(np.mean(np.abs(a) ** 2))) if a.size else 1.0
    return min(max(size, 0.3), 2.0) if np.isfinite(size) and size > 0 else 1.0


def drawn(rng, a, shape=None, by: Property | None = None):
    """A random array like `a`, perhaps of another shape or by another property."""
    shape = a.shape if shape is None else shape
    if a.dtype.kind in "iub":
        if a.ndim == 0:
            return a.copy()
        if by is not None and by is not ANYTHING:
            return by.draw(rng, a, shape).astype(a.dtype)
        if shape == a.shape:
            return rng.permuted(a.ravel()).reshape(shape)
        if DISTINCT.holds(a):
            return DISTINCT.draw(rng, a, shape).astype(a.dtype)
        return rng.choice(a.ravel(), shape) if a.size else np.zeros(shape, a.dtype)
    by = by or properties(a)[0]
    draw = np.asarray(by.draw(rng, shape, scale_of(a)), float)
    largest = np.max(np.abs(a), initial=0.0)
    if by is ANYTHING and a.size > 1 and largest > 0:  # no larger than given
        draw = np.where(np.abs(draw) > largest, largest * rng.uniform(-1, 1, shape), draw)
    return draw + 1j * general(rng, shape, scale_of(a)) if a.dtype.kind == "c" else draw
