"""The draws that a claim is checked on: as given, alike, of other sizes, and less special."""

from dataclasses import dataclass, field

import numpy as np

from autograd_lite.claims.domains import drawn, imposable, wider
from autograd_lite.claims.problem import as_array
from autograd_lite.claims.resizing import of_shapes, resized
from autograd_lite.claims.samples import Sample

TRIES = 4


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
    if verdict := unsmooth(given, rng):
        if verdict == "kink":
            found.notes.append(
                "f has a kink at the given arguments, or overflows: compared at other draws only"
            )
        else:
            found.engine = verdict
    if not verdict or verdict != "kink":
        found.base.append(given)
    make = (
        (lambda: drawn_by(draw, problem, rng))
        if draw
        else (lambda: {n: drawn(rng, a) for n, a in problem.arguments.items()})
    )
    for _ in range(draws):
        add(found.base, problem, rng, make, "like")
    if draw is None:
        add_resized(found, problem, rng)
        add_wider(found, problem, rng)
    if not found.base:
        found.base.append(given)
    return found


def drawn_by(draw, problem, rng):
    """What the caller's `draw` gives, as arguments of the problem."""
    result = draw(rng)
    result = result if isinstance(result, dict) else {problem.name: result}
    return {n: as_array(n, result.get(n, a)) for n, a in problem.arguments.items()}


def add(samples, problem, rng, make, kind, changed=None):
    """One more sample, drawn again where the function is not smooth or not finite."""
    for _ in range(TRIES):
        try:
            with np.errstate(all="ignore"):
                sample = Sample(problem, make(), rng, kind, changed)
        except Exception:  # not every draw is in the domain of f
            continue
        if sample.finite and not sample.flat and not unsmooth(sample, rng):
            samples.append(sample)
            return


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


def imposed(problem, rng, sums):
    """Conditions under which a wrong claim may be right, and which the arguments do not fulfil.

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
        try:
            pair = [
                Sample(problem, args, rng, "imposed") for args in ({**found, name: array}, found)
            ]
        except Exception:
            continue
        if all(s.finite for s in pair):
            return pair
    return ()


def is_special(shape):
    return len(shape) > 1 and (len(set(shape)) < len(shape) or 1 in shape)


def add_wider(found, problem, rng):
    for name, array in problem.arguments.items():
        for narrow, by in wider(array):

            def make(name=name, narrow=narrow, by=by):
                less = drawn(rng, problem.arguments[name], by=by)
                if narrow.holds(less):  # by chance; it would pass for an array without it
                    raise ValueError
                like = {n: drawn(rng, a) for n, a in problem.arguments.items() if n != name}
                return {n: less if n == name else like[n] for n in problem.arguments}

            for _ in range(2):
                add(found.wider, problem, rng, make, "wider", (name, narrow.words))


def unsmooth(sample, rng) -> str:
    """ "kink" where the slopes ahead and behind differ, a sentence where the engine is at odds."""
    for name in sample.problem.wrt:
        v = rng.standard_normal(sample.arguments[name].shape)
        ahead, behind, central = sample.slopes(name, v)
        exact = sample.along(name, v)
        size = 1e-4 * (
            np.abs(exact) + np.abs(central) + np.abs(sample.loss(sample.arguments)) + 1e-2
        )
        if np.all(np.abs(exact - central) <= size):
            continue
        if not (np.all(np.isfinite(ahead)) and np.all(np.isfinite(behind))):
            return "kink"
        if np.any(np.abs(ahead - behind) > size):
            return "kink"
        return (
            f"the engine and finite differences disagree on the derivative by {name}: "
            f"{np.ravel(exact)[0]:.6g} and {np.ravel(central)[0]:.6g} along a random direction"
        )
    return ""
