"""From a wrong claim to what is wrong with it: hypotheses in the order of their simplicity."""

from collections.abc import Iterator

import numpy as np

from autograd_lite.claims.axes import other_mean, other_softmax, shapes, wrong_axis, wrong_sum
from autograd_lite.claims.cases import Case, Guess
from autograd_lite.claims.parts import parts
from autograd_lite.claims.problem import parameters
from autograd_lite.claims.report import Diagnosis
from autograd_lite.claims.samples import failed, is_array
from autograd_lite.claims.slips import (
    is_product,
    mask_outside,
    missing_derivative,
    products,
    reordered,
    twice,
    wrong_derivative,
    wrong_operand,
)  # fmt: skip
from autograd_lite.claims.steps import FORMS, SIMPLEST, steps
from autograd_lite.claims.terms import (
    extra_factor,
    extra_term,
    factor,
    lost_constant,
    missing,
    missing_factor,
    missing_pair,
    ones_instead,
    sign,
    transposed,
)  # fmt: skip

UNKNOWN = "no formula with one slip that was tried explains the claim"
SAY_SO = "Say so beside the formula, or derive the general one."


def diagnose(case: Case) -> Diagnosis:
    """The first hypothesis that is true on every draw, or at least on those like the given one."""
    with np.errstate(all="ignore"):
        kind, text, fix = unusable(case) or explained(case) or unexplained(case)
    if where := case.problem.words.where(text + fix):
        text += f" (where {', '.join(where)})"
    return Diagnosis(case.name, kind, text, fix)


def explained(case: Case):
    narrow: Case | None = case
    barren = set()  # families of which nothing is true on the first draw, which all cases have
    while narrow is not None:
        narrow.parts, narrow.steps = parts(narrow), steps(narrow)
        for family in FAMILIES:
            if family in barren or not (narrow.same_shape or family in SHAPELESS):
                continue
            near = False
            for guess in tried(family(narrow)):
                if narrow.predicted(guess, narrow.first):
                    near = True
                    if narrow.holds(guess):
                        return guess[:3]
            if not near and family in STEADY and narrow.same_shape and narrow.alike:
                barren.add(family)
        narrow = narrow.narrower
    return None


def tried(guesses: Iterator[Guess]):
    """Guesses as far as they can be made: one that cannot is no explanation."""
    try:
        yield from guesses
    except Exception:  # an operation may refuse what a hypothesis puts into it
        return


# --- families of hypotheses ---------------------------------------------------------------------
def each(slips, case, places):
    """Every slip in every place; the simplest slip first."""
    for slip in slips:
        for place in places:
            yield from slip(case, place)


def whole_slips(case):
    """Of the claim as a whole."""
    yield from each((sign, factor, transposed), case, case.parts[:1])


def term_slips(case):
    """Of one term of a sum."""
    yield from each((missing, sign, factor, transposed, ones_instead), case, case.parts[1:])
    yield from lost_constant(case)


def step_slips(case):
    """Of one step of the backward pass."""
    yield from each((missing_derivative, products, mask_outside, reordered), case, case.steps)


def axis_slips(case):
    yield from each(
        (lambda case, slips: slips(case),), case, (wrong_axis, other_softmax, other_mean)
    )


def shape_slips(case):
    yield from shapes(case) if not case.same_shape else ()


def conditions(case):
    """What the arguments would have to fulfil."""
    yield from under_condition(case, sums=True)
    if case.narrower is None:
        yield from under_condition(case, sums=False)


def simple_factors(case):
    yield from missing_factor(case, case.parts[0], SIMPLEST)


def other_terms(case):
    yield from missing_pair(case, case.parts[1:])
    yield from extra_term(case)


def other_derivatives(case):
    """Of elementwise steps: another derivative, the simplest first."""
    yield from each((twice,), case, case.steps)
    places = sorted(case.steps, key=is_product(case))
    for form in FORMS:
        for place in places:
            yield from wrong_derivative(case, place, *form)
    yield from each((wrong_operand,), case, case.steps)


def other_factors(case):
    for wrong in (missing_factor, extra_factor):
        for part in case.parts:
            yield from wrong(case, part, FORMS)


FAMILIES = (
    whole_slips, term_slips, wrong_sum, shape_slips, step_slips, axis_slips, conditions,
    simple_factors, other_terms, other_derivatives, other_factors,
)  # fmt: skip
SHAPELESS = {wrong_sum, shape_slips, step_slips, axis_slips, other_derivatives}
# whose guesses do not depend on which draws there are, but for the first
STEADY = {step_slips, axis_slips, simple_factors, other_derivatives, other_factors}


def under_condition(case: Case, sums: bool) -> Iterator[Guess]:
    """Conditions on the arguments under which the claim is right."""
    for words, samples, controls in case.imposed(sums):
        right, without = (
            [s.right(case.name, case.rtol) for s in found] for found in (samples, controls)
        )
        if all(right) and not any(without):
            which, verb = words.split()[:2]
            told = f"the {which} given {'is not' if verb == 'is' else 'does not'}"
            text = f"right only where {words}, which {told}"
            yield Guess("conditional", text, SAY_SO, case.claim)


# --- without hypotheses -------------------------------------------------------------------------
def unusable(case: Case):
    """A claim that raised, is no array of numbers, not finite, random, or zero."""
    for sample in case.samples:
        claim, truth = case.claim(sample), case.truth(sample)
        if failed(claim):
            where = f" at {claim.place}: {claim.line}" if claim.place else ""
            return "error", f"the claim raised {claim.text}{where}", ""
        if not is_array(claim):
            fix = f"Return an array of shape {truth.shape}."
            return "dtype", f"the claim gives {claim.dtype}, no numbers", fix
        if not np.all(np.isfinite(claim)):
            index = tuple(int(i) for i in np.argwhere(~np.isfinite(claim))[0])
            text = f"the claim is {claim[index]} at {index}, where the gradient is finite"
            return "not finite", text, "Rearrange it, or mask before the division or logarithm."
    given = case.first
    again = case.problem.evaluate(given.arguments, given.cotangent, given.trace.out)[case.name]
    if not np.array_equal(again, case.claim(given)):
        text = "the claim gives two results for the same arguments"
        return "error", text, "Leave out random numbers, and what it remembers between calls."
    nothing = all(s.flat(case.name) for s in case.samples)
    if case.same_shape and nothing:
        return "extra term", "the gradient is 0, and the claim is not", "Return zeros."
    if not nothing and not any(np.any(case.claim(s)) for s in case.samples):
        return "missing term", "the claim is 0, and the gradient is not", f"Derive {case.d}."
    return None


def unexplained(case: Case):
    """What is true in any case: the shapes where they differ, or that nothing was found."""
    differ = [s for s in case.samples if case.claim(s).shape != case.truth(s).shape]
    claims = case.problem.claims
    if not differ:
        return "unknown", UNKNOWN, ""
    if case.name in claims and parameters(claims[case.name]) == []:
        return (
            "error",
            "the claim takes no arguments, and gives the same for all",
            "Name what it depends on as its parameters.",
        )
    sample = differ[0]
    text = f"the claim has shape {case.claim(sample).shape}, expected {case.truth(sample).shape}"
    fix = "Check the order of products, transposes, sums, and what is multiplied."
    if case.problem.mode == "jacobian":
        text += f" (f gives shape {sample.trace.out.shape})"
        if case.claim(sample).shape == sample.arguments[case.name].shape:
            fix = (
                "f gives an array, so its whole Jacobian is expected. For a gradient let f return "
                f"one number; for a vector–Jacobian product write lambda g, {case.name}: …"
            )
    if sample.kind == "resized":
        sizes = ", ".join(f"{n} {a.shape}" for n, a in sample.arguments.items() if a.ndim)
        text = f"with other sizes ({sizes}) {text}"
    return "shape", text, fix
