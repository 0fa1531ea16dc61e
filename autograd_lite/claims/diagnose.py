"""From a wrong claim to what is wrong with it: hypotheses in the order of their simplicity."""

from collections.abc import Iterator

import numpy as np

from autograd_lite.claims.axes import other_mean, wrong_axis, wrong_sum, wrong_total
from autograd_lite.claims.cases import Case, Guess
from autograd_lite.claims.elementwise import is_product, missing_derivative, twice, wrong_derivative
from autograd_lite.claims.factors import extra_factor, missing_factor
from autograd_lite.claims.forms import FORMS, SIMPLEST
from autograd_lite.claims.parts import factor, missing, ones_instead, parts, sign, transposed
from autograd_lite.claims.products import mask_outside, products, reordered, wrong_operand
from autograd_lite.claims.report import Diagnosis
from autograd_lite.claims.samples import failed, is_array
from autograd_lite.claims.shaping import shapes
from autograd_lite.claims.softmaxes import other_values
from autograd_lite.claims.steps import steps
from autograd_lite.claims.terms import (
    extra_term,
    lost_constant,
    missing_pair,
    missing_products,
)

UNKNOWN = "the claim is not close to any formula with one slip that was tried"


def diagnose(case: Case) -> Diagnosis:
    """The first hypothesis that is true on every draw, or at least on those like the given one."""
    if found := unusable(case):
        return found
    with np.errstate(all="ignore"):
        guess = explained(case)
    if guess is not None:
        return Diagnosis(case.name, guess.kind, guess.text, guess.fix)
    if not case.same_shape:
        return wrong_shape(case)
    return Diagnosis(case.name, "unknown", UNKNOWN, "")


def explained(case: Case) -> Guess | None:
    narrow: Case | None = case
    barren = set()  # families of which nothing is true on the first draw, which all cases have
    while narrow is not None:
        narrow.parts, narrow.steps = parts(narrow), steps(narrow)
        for family in FAMILIES:
            if family in barren:
                continue
            near = False
            for guess in family(narrow):
                if narrow.predicted(guess, narrow.first):
                    near = True
                    if narrow.holds(guess):
                        return guess
            if not near and family in STEADY and narrow.same_shape and narrow.alike:
                barren.add(family)
        narrow = narrow.narrower()
    return None


# --- families of hypotheses ---------------------------------------------------------------------
def whole_slips(case):
    """Of the claim as a whole."""
    if case.same_shape:
        yield from each((sign, factor, transposed), case, case.parts[:1])
        yield from missing_products(case)


def term_slips(case):
    """Of one term of a sum."""
    if case.same_shape:
        slips = (missing, sign, factor, transposed, ones_instead)
        yield from each(slips, case, case.parts[1:])
        yield from lost_constant(case)


def shape_slips(case):
    yield from wrong_sum(case)
    if not case.same_shape:
        yield from shapes(case)


def step_slips(case):
    """Of one step of the backward pass."""
    slips = (missing_derivative, products, mask_outside, reordered)
    yield from each(slips, case, case.steps)


def axis_slips(case):
    for slips in (wrong_axis, other_values, wrong_total, other_mean):
        yield from slips(case)


def conditions(case):
    """What the arguments would have to fulfil."""
    if case.same_shape:
        yield from under_condition(case, sums=True)
        if case.narrower() is None:
            yield from under_condition(case, sums=False)


def simple_factors(case):
    if case.same_shape:
        yield from missing_factor(case, case.parts[0], SIMPLEST)


def other_terms(case):
    if case.same_shape:
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
    if case.same_shape:
        for wrong in (missing_factor, extra_factor):
            for part in case.parts:
                yield from wrong(case, part, FORMS)


FAMILIES = (
    whole_slips, term_slips, shape_slips, step_slips, axis_slips, conditions, simple_factors,
    other_terms, other_derivatives, other_factors,
)  # fmt: skip
# whose guesses do not depend on which draws there are, but for the first
STEADY = {step_slips, axis_slips, simple_factors, other_derivatives, other_factors}


def each(slips, case, places):
    """Every slip in every place; the simplest slip first."""
    for slip in slips:
        for place in places:
            yield from slip(case, place)


def under_condition(case: Case, sums: bool) -> Iterator[Guess]:
    """Conditions on the arguments under which the claim is right."""
    for words, samples, controls in case.imposed(sums):
        right, without = (
            [s.right(case.name, case.rtol) for s in found] for found in (samples, controls)
        )
        if all(right) and not any(without):
            which, verb = words.split()[:2]
            told = f"the {which} given {'is not' if verb == 'is' else 'does not'}"
            yield Guess(
                "conditional",
                f"right only where {words}, which {told}",
                "Say so beside the formula, or derive the general one.",
                case.claim,
            )


def unusable(case: Case) -> Diagnosis | None:
    """A claim that raised, that is no array of numbers, or that is not finite."""
    for sample in case.samples:
        claim = case.claim(sample)
        if failed(claim):
            where = f" at {claim.place}: {claim.line}" if claim.place else ""
            return Diagnosis(case.name, "error", f"the claim raised {claim.text}{where}", "")
        if not is_array(claim):
            return Diagnosis(
                case.name,
                "dtype",
                f"the claim gives {claim.dtype}, no numbers",
                f"Return an array of shape {case.truth(sample).shape}.",
            )
        if not np.all(np.isfinite(claim)):
            index = tuple(int(i) for i in np.argwhere(~np.isfinite(claim))[0])
            return Diagnosis(
                case.name,
                "not finite",
                f"the claim is {claim[index]} at {index}, where the gradient is finite",
                "Rearrange it, or mask before the division or logarithm.",
            )
    return None


def wrong_shape(case: Case) -> Diagnosis:
    """The shapes of claim and derivative on the first draw where they differ."""
    differ = (s for s in case.samples if case.claim(s).shape != case.truth(s).shape)
    sample = next(differ)
    told = f"the claim has shape {case.claim(sample).shape}, the derivative "
    told += str(case.truth(sample).shape)
    if sample.kind == "resized":
        sizes = ", ".join(f"{n} {a.shape}" for n, a in sample.arguments.items() if a.ndim)
        told = f"with other sizes ({sizes}) {told}"
    return Diagnosis(
        case.name,
        "shape",
        told,
        "Check the order of products, transposes, sums, and what is multiplied.",
    )
