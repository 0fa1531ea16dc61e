"""Slips in the whole derivative or in one of its terms: sign, number, factor, missing, extra."""

import re
from collections.abc import Callable
from itertools import combinations
from typing import NamedTuple

import numpy as np

from autograd_lite.claims.cases import Guess
from autograd_lite.claims.numbers import number_of
from autograd_lite.claims.parts import SMALLEST, size_of
from autograd_lite.claims.samples import Sample, close
from autograd_lite.claims.steps import FORMS, RECIPROCALS
from autograd_lite.claims.words import bracketed, form

ONCE = re.compile(r"−?(1/\D.*|\D.*)?")  # as it is, or times a size or a named number
MOST_TERMS = 14  # of which pairs are tried


def sign(case, part):
    text = "the claim is −1 times the gradient" if part.whole else f"{part.text} has the wrong sign"
    yield Guess("sign", text, "Change the sign.", part.instead(case, lambda s, b: -b))
    if part.whole and np.iscomplexobj(case.truth(case.first)):
        text = "the claim is the complex conjugate of the gradient"
        yield Guess("sign", text, "Conjugate it.", lambda s: np.conj(case.truth(s)))


def factor(case, part):
    """A number: the same on all draws, a size or a quotient of such, or a number of the program."""
    n = number_of(case, [(part.left(case, s), part.of(s)) for s in case.samples])
    if n is None:
        return
    text = f"{part.subject} is {n.text} times what it must be"
    fix = f"Multiply {'the claim' if part.whole else 'it'} by {n.inverse}."
    if n.kind == "missing factor":
        text = part.without(n.inverse)
    elif n.kind == "wrong factor":
        text, fix = f"{part.subject} has the factor {n.text} too much", "Leave it out."
    yield Guess(n.kind, text, fix, part.instead(case, lambda s, b: n.value(s) * b))


def transposed(case, part):
    lead, ndim = len(case.first.trace.lead), part.of(case.first).ndim
    for i, j in combinations(range(0 if part.whole else lead, ndim), 2):
        how = "" if ndim == 2 else f" in axes {i} and {j}"
        yield Guess(
            "transposed",
            f"{part.subject} is transposed{how}",
            f"Transpose it{how}.",
            part.instead(case, lambda s, b, i=i, j=j: np.swapaxes(b, i, j)),
        )


def missing(case, part):
    if not part.whole:
        fix = f"Add it to {case.d}."
        yield Guess(
            "missing term", f"{part.text} is missing", fix, lambda s: case.truth(s) - part.of(s)
        )


def missing_pair(case, terms):
    for one, two in combinations(terms[:MOST_TERMS], 2):
        text = f"{one.text} and {two.text} are missing"

        def without(s, one=one, two=two):
            return case.truth(s) - one.of(s) - two.of(s)

        yield Guess("missing term", text, f"Add both to {case.d}.", without)


def ones_instead(case, part):
    """1, or the identity, where a whole term belongs: its factor ∂e/∂y was forgotten."""
    for text, make in (("1", np.ones_like), ("the identity I", lambda b: np.eye(*b.shape))):
        text = f"the claim has {text} where {part.text} belongs"
        fix = "Write the term for it."
        yield Guess("missing factor", text, fix, part.instead(case, lambda s, b, f=make: f(b)))


# --- factors ------------------------------------------------------------------------------------
class Factor(NamedTuple):
    """An array: how it is written, how it is found, and what it is on the first draw."""

    text: str
    of: Callable[[Sample], np.ndarray]
    first: np.ndarray


def missing_factor(case, part, forms):
    left, right = part.left(case, case.first), part.of(case.first)
    for factor in fitting(case, right.shape, forms):
        if not close(left * factor.first, right, case.rtol):
            continue

        def test(sample, of=factor.of):
            left, right = part.left(case, sample), part.of(sample)
            nothing = 1e3 * SMALLEST * size_of(case.truth(sample))
            real = min(size_of(left), size_of(right)) > nothing
            return real and close(left * of(sample), right, case.rtol)

        text = part.without(factor.text)
        fix = f"Multiply {'the claim' if part.whole else 'it'} by {factor.text}"
        fix += "." if factor.first.size == 1 else ", entry by entry."
        yield Guess("missing factor", text, fix, case.truth, test)


def extra_factor(case, part, forms):
    left, right = part.left(case, case.first), part.of(case.first)
    for factor in fitting(case, right.shape, forms):
        if close(right * factor.first, left, case.rtol):
            text = f"{part.subject} has the factor {factor.text} too much"
            new = part.instead(case, lambda s, b, of=factor.of: b * of(s))
            yield Guess("wrong factor", text, f"Leave the factor {factor.text} out.", new)


def fitting(case, shape, forms) -> list[Factor]:
    """Factors that broadcast to a shape; for a Jacobian also along the axes of the result."""
    key = shape, len(forms)
    if key not in case.cache:
        case.cache[key] = list(factors(case, shape, forms))
    return case.cache[key]


def factors(case, shape, forms):
    lead = case.first.trace.lead
    pairs = [(f, known) for f in forms for known in case.values]
    pairs += [(FORMS[1], known) for known in (() if lead else case.cotangents)]
    for (template, make), known in pairs:
        value = make(known.first)
        steady = np.ptp(value) == 0 and (value.size > 1 or "[" in template)
        if steady or (template in RECIPROCALS and known.text not in case.divisors):
            continue  # without 1 / v, v is too much, unless f divides by v
        text, of = form(template, known.text), lambda s, k=known, f=make: f(k.of(s))
        if broadcasts(value.shape, shape) and not (lead and value.shape == ()):
            yield Factor(text, of, value)
        if lead and value.shape == lead:

            def upright(s, of=of):
                return np.expand_dims(of(s), tuple(range(len(lead), len(shape))))

            yield Factor(text, upright, upright(case.first))


def broadcasts(small, shape) -> bool:
    pairs = zip(small[::-1], shape[::-1], strict=False)
    return len(small) <= len(shape) and all(m in (1, n) for m, n in pairs)


# --- terms that do not belong there, or were lost on the way ------------------------------------
def extra_term(case):
    """The claim less the derivative is a multiple of something known."""
    shape, lead = case.truth(case.first).shape, case.first.trace.lead
    terms = [("1 in every entry", lambda s: np.ones(case.truth(s).shape))]
    if len(shape) == 2 and shape[0] == shape[1]:
        terms.insert(0, ("I (the identity)", lambda s: np.eye(len(case.truth(s)))))
    for known in (*(() if lead else case.cotangents), *case.values):
        if known.first.shape == shape and (known.first.size == 1 or np.ptp(known.first) > 0):
            terms.append((bracketed(known.text), known.of))
    for text, of in terms:
        try:
            pairs = [(case.claim(s) - case.truth(s), of(s)) for s in case.samples]
        except ValueError:
            continue
        if (n := number_of(case, pairs, plain=True)) is not None:
            told = text.replace("1", n.text, 1) if text[0] == "1" else n.name + text
            text = f"the term {told} does not belong there"
            new = plus(case, of, n.value)
            yield Guess("extra term", text, "Leave it out.", new)


def lost_constant(case):
    """An argument without a claim that is added or subtracted on the way, as labels are."""
    used = {s.edge.index for s in case.trace.sent}
    unused = [n for n, e in case.trace.targets.items() if e.index not in used]
    without = (*case.problem.wrt, *unused)
    labels = [k for k in case.values if k.argument and k.argument not in without]
    for i, node in enumerate(() if case.problem.mode == "jacobian" else case.trace.nodes):
        for known in labels:
            if known.first.shape != node.shape or node.index not in case.trace.cotangents:
                continue

            def pulled(s, i=i, known=known):
                return s.apart.pull(s.apart.nodes[i], known.of(s), case.name)

            try:
                pairs = [(case.truth(s) - case.claim(s), pulled(s)) for s in case.samples]
            except ValueError:
                continue
            n = number_of(case, pairs, plain=True)
            if n is not None and ONCE.fullmatch(n.name):
                at, name = case.gradient(node), n.name + known.text
                text = f"the term {name} of {at} is missing"
                new = plus(case, pulled, lambda s, v=n.value: -v(s))
                yield Guess("missing term", text, f"Write {at} with {name} in it.", new)


def plus(case, of, value):
    """A prediction: a multiple of something is added."""
    return lambda s: case.truth(s) + value(s) * of(s)
