"""Other sizes that a function still runs with, so that a square matrix hides no transpose."""

from itertools import combinations

import numpy as np

from autograd_lite.claims.domains import drawn

MOST_TRIALS = 200


def resized(problem, rng) -> dict | None:
    """Shapes of all arguments where axes that need not be equally long are not.

    Returns name -> shape, or None where the function only runs with the sizes given.
    """
    shapes = {n: a.shape for n, a in problem.arguments.items()}
    groups = free_axes(problem, rng, shapes)
    if not groups:
        return None
    taken = {n for shape in shapes.values() for n in shape}
    new, size = shapes, max(taken, default=1) if max(taken, default=1) < 8 else 2
    for group in groups:
        size += 1
        while size in taken:
            size += 1
        new = changed(new, group, size)
    return new if runs(problem, rng, new) else None


def free_axes(problem, rng, shapes):
    """Groups of axes (name, axis) that can be made longer together, as small as possible."""
    axes = [(name, i) for name, shape in shapes.items() for i in range(len(shape))]
    left, groups, trials = list(axes), [], 0
    while left:
        first = left[0]
        rows = [a for a in left if length(shapes, a) == 1]  # one row is broadcast, so tie them
        same = [a for a in left[1:] if length(shapes, a) == length(shapes, first)]
        groups_of = [(first, *more) for k in range(len(same) + 1) for more in combinations(same, k)]
        for group in [tuple(rows)] * (first in rows) + groups_of[:MOST_TRIALS]:
            trials += 1
            if trials > MOST_TRIALS:
                return groups
            if runs(problem, rng, changed(shapes, group, length(shapes, first) + 7)):
                groups.append(group)
                break
        else:
            group = (first,)
        left = [a for a in left if a not in group]
    return groups


def length(shapes, axis):
    name, i = axis
    return shapes[name][i]


def changed(shapes, axes, size):
    """`shapes` with other lengths of some axes."""
    new = {name: list(shape) for name, shape in shapes.items()}
    for name, i in axes:
        new[name][i] = size
    return {name: tuple(shape) for name, shape in new.items()}


def runs(problem, rng, shapes) -> bool:
    """Whether the function gives finite numbers (of as many axes) for arrays of these shapes."""
    try:
        with np.errstate(all="ignore"):
            out = problem.call(of_shapes(problem, rng, shapes))
    except Exception:
        return False
    return bool(np.all(np.isfinite(out))) and (problem.mode != "gradient" or np.ndim(out) == 0)


def of_shapes(problem, rng, shapes):
    return {n: drawn(rng, a, shapes[n]) for n, a in problem.arguments.items()}
