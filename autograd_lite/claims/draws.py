"""The draws that a claim is checked on: as given, alike, of other sizes, and less special."""

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from autograd_lite.claims.domains import drawn, imposable, wider
from autograd_lite.claims.problem import as_array
from autograd_lite.claims.samples import Sample

TRIES, MOST_TRIALS = 4, 200  # of a draw, and of sizes
UNSMOOTH = (
    "finite differences do not settle at the given arguments (a kink, a jump, an overflow, or "
    "not finite): compared at other draws only"
)


@dataclass
class Draws:
    """The samples of a check by kind, and what is to be said about them."""

    base: list[Sample] = field(default_factory=list)  # as given, and alike
    resized: list[Sample] = field(default_factory=list)
    wider: list[Sample] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    engine: str = ""  # where the engine and finite differences disagree


def all_draws(problem, rng, draws, draw) -> Draws:
    found = Draws()
    try:
        given = Sample(problem, problem.arguments, rng, "given")
    except Exception:  # what f takes as a constant need not have a rule
        problem.tracked = problem.wrt
        given = Sample(problem, problem.arguments, rng, "given")
    verdict = given.unsmooth(rng) if given.finite else "kink"
    if verdict != "kink":
        found.base.append(given)
        found.engine = verdict

    def make():
        if draw is None:
            return {n: drawn(rng, a) for n, a in problem.arguments.items()}
        result = draw(rng)
        result = result if isinstance(result, dict) else {problem.name: result}
        return {n: as_array(n, result.get(n, a)) for n, a in problem.arguments.items()}

    for _ in range(draws):
        add(found.base, problem, rng, make, "like")
    if draw is None:
        add_resized(found, problem, rng)
        add_wider(found, problem, rng)
    if verdict == "kink" and found.base:
        found.notes.append(UNSMOOTH)
    return found if found.base else Draws([given], found.resized, found.wider, found.notes)


def add(samples, problem, rng, make, kind, changed=None):
    """One more sample, drawn again where the function is not smooth or not finite."""
    for _ in range(TRIES):
        try:
            sample = Sample(problem, make(), rng, kind, changed)
            told = sample.finite and not any(map(sample.flat, problem.wrt))
            if told and not sample.unsmooth(rng):
                samples.append(sample)
                return
        except Exception:  # not every draw is in the domain of f
            continue


def add_resized(found, problem, rng):
    shapes = resized(problem, rng)
    if shapes is None:
        square = [n for n in problem.wrt if is_special(problem.arguments[n].shape)]
        if square:
            found.notes.append(
                f"{', '.join(square)}: square or of one row, and f runs with these sizes only: a "
                "transpose or a missing sum could hide"
            )
        return
    for _ in range(2):
        add(found.resized, problem, rng, lambda: of_shapes(problem, rng, shapes), "resized")


def is_special(shape):
    return len(shape) > 1 and (len(set(shape)) < len(shape) or 1 in shape)


def add_wider(found, problem, rng):
    for name, array in problem.arguments.items():
        for narrow, by in wider(array):

            def make(name=name, array=array, narrow=narrow, by=by):
                less = drawn(rng, array, by=by)
                if narrow.holds(less):  # by chance; it would pass for an array without it
                    raise ValueError
                return {n: drawn(rng, a) for n, a in problem.arguments.items()} | {name: less}

            for _ in range(2):
                add(found.wider, problem, rng, make, "wider", (name, narrow.words))


def imposed(problem, rng, sums):
    """Conditions under which a wrong claim may be right, and which the arguments do not fulfil.

    sums : the conditions that something sums to one, or else the others.
    Gives for each (condition in words, samples that fulfil it, the same without it).
    """
    for name, array in problem.arguments.items():
        labels = name not in problem.wrt and np.min(array, initial=0.0) >= 0
        for by in imposable(array):
            if ("sums" in by.words) != sums or (sums and not labels):
                continue
            pairs = [one_with(problem, rng, name, by) for _ in range(3)]
            if all(pairs):
                yield f"{name} {by.words}", *zip(*pairs, strict=True)


def one_with(problem, rng, name, by):
    """A sample with a condition, and one of the same arguments without it; () if there is none."""
    for _ in range(TRIES):
        found = {n: drawn(rng, a) for n, a in problem.arguments.items()}
        array = drawn(rng, problem.arguments[name], by=by)
        both = ({**found, name: array}, found)
        try:
            pair = [Sample(problem, args, rng, "imposed") for args in both]
        except Exception:
            continue
        if all(s.finite for s in pair):
            return pair
    return ()


# --- other sizes, so that a square matrix hides no transpose ------------------------------------
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
