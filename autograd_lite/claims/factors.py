"""Elementwise factors that a derivative or one of its terms lacks, or has too much."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autograd_lite.claims.cases import Case, Guess
from autograd_lite.claims.forms import Forms
from autograd_lite.claims.parts import size_of
from autograd_lite.claims.samples import Sample, close
from autograd_lite.claims.words import bracketed


class Factor(NamedTuple):
    """An array: how it is written, how it is found, and what it is on the first draw."""

    text: str
    of: Callable[[Sample], np.ndarray]
    first: np.ndarray


def missing_factor(case, part, forms):
    what = "the claim" if part.whole else part.text
    left, right = part.left(case, case.first), part.of(case.first)
    for factor in fitting(case, right.shape, forms):
        if not close(left * factor.first, right, case.rtol):
            continue

        def test(sample, of=factor.of):
            left, right = part.left(case, sample), part.of(sample)
            noise = 1e-6 * size_of(case.truth(sample))
            real = min(np.max(np.abs(a), initial=0.0) for a in (left, right)) > noise
            return bool(real) and close(left * of(sample), right, case.rtol)

        text, fix = f"{what} lacks the factor {factor.text}", f"Multiply {what} by {factor.text}"
        yield Guess("missing factor", text, f"{fix}, entry by entry.", case.truth, test)


def extra_factor(case, part, forms):
    what = "the claim" if part.whole else part.text
    left, right = part.left(case, case.first), part.of(case.first)
    for factor in fitting(case, right.shape, forms):
        if close(right * factor.first, left, case.rtol):
            text = f"{what} has the factor {factor.text} too much"
            new = part.instead(case, lambda s, b, of=factor.of: b * of(s))
            yield Guess("wrong factor", text, f"Leave the factor {factor.text} out.", new)


def fitting(case: Case, shape, forms: Forms) -> list[Factor]:
    """Factors that broadcast to a shape; for a Jacobian also along the axes of the result."""
    key = shape, len(forms)
    if key not in case.factors:
        case.factors[key] = list(found(case, shape, forms))
    return case.factors[key]


def found(case, shape, forms):
    lead = case.first.trace.lead
    ndim = len(shape) - len(lead)
    cotangents = () if lead else case.cotangents
    pairs = [(form, known) for form in forms for known in case.values]
    pairs += [(forms[1], known) for known in cotangents]
    for (text, make), known in pairs:
        value = make(known.of(case.first))
        shown = text.format(v=bracketed(known.text))
        if broadcasts(value.shape, shape) and not (lead and value.shape == ()):
            yield Factor(shown, lambda s, k=known, f=make: f(k.of(s)), value)
        if lead and value.shape == lead:

            def upright(s, k=known, f=make):
                value = f(k.of(s))
                return value.reshape(value.shape + (1,) * ndim)

            yield Factor(shown, upright, upright(case.first))


def broadcasts(small, shape) -> bool:
    pairs = zip(small[::-1], shape[::-1], strict=False)
    return len(small) <= len(shape) and all(m in (1, n) for m, n in pairs)
