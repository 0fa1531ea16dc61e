"""Terms that do not belong into a derivative, or that a step on the way lacks."""

import re
from collections.abc import Callable
from itertools import combinations
from typing import NamedTuple

import numpy as np

from autograd_lite.claims.cases import Guess
from autograd_lite.claims.constants import agree, constants, ratio, useless
from autograd_lite.claims.samples import Sample
from autograd_lite.claims.words import bracketed, gradient_name, name_of

ONCE = re.compile(r"−?(1/\D.*|\D.*)?")  # a term as it is, or times a size or a named number


class Term(NamedTuple):
    text: str
    of: Callable[[Sample], np.ndarray]


def candidates(case, shape):
    """Arrays of a shape, from the arguments, intermediate results and gradients of a program."""
    lead = case.first.trace.lead
    if len(shape) == 2 and shape[0] == shape[1]:
        yield Term("I (the identity)", lambda s: np.eye(len(case.truth(s))))
    same = [
        k
        for k in (*(() if lead else case.cotangents), *case.values)
        if k.of(case.first).shape == shape
    ]
    for known in same:
        yield Term(bracketed(known.text), known.of)
    for known in same:
        for axis in range(len(shape)):
            yield Term(
                f"the sum of {bracketed(known.text)} over axis {axis}",
                lambda s, k=known, i=axis: np.broadcast_to(
                    k.of(s).sum(i, keepdims=True), k.of(s).shape
                ),
            )
    yield Term("1 in every entry", lambda s: np.ones(case.truth(s).shape))


def products(case, shape):
    """v vᵀ and diag(v) of vectors: what a square Jacobian may lack."""
    for known in case.values:
        if len(shape) == 2 and known.of(case.first).shape == shape[:1] == shape[1:]:
            v = bracketed(known.text)
            yield Term(f"{v} {v}ᵀ", lambda s, k=known: np.outer(k.of(s), k.of(s)))
            yield Term(f"diag({v})", lambda s, k=known: np.diag(k.of(s)))
            yield Term(f"diag({v}²)", lambda s, k=known: np.diag(k.of(s) ** 2))


def missing_products(case):
    """A product of a vector with itself that a Jacobian lacks."""
    shape = case.truth(case.first).shape
    for term, text, value in differing(
        case, products(case, shape) if case.first.trace.lead else ()
    ):
        told = negated(text) + term.text
        if "ᵀ" in told:
            yield Guess(
                "missing term",
                f"the term {told} is missing",
                f"Add {told}.",
                added(case, term, value),
            )


def extra_term(case):
    """The claim less the derivative is a multiple of something known."""
    for term, text, value in differing(case, candidates(case, case.truth(case.first).shape)):
        yield Guess(
            "extra term",
            f"the term {text}{term.text} does not belong there",
            "Leave it out.",
            added(case, term, value),
        )


def differing(case, terms):
    """(term, multiple as text, multiple) where claim and derivative differ by that."""
    for term in tried(case, terms):
        found = [ratio(case.claim(s) - case.truth(s), term.of(s), case.rtol) for s in case.samples]
        for text, value in multiple(case, found):
            yield term, text, value


def added(case, term: Term, value):
    return lambda s: case.truth(s) + value(s) * term.of(s)


def tried(case, terms):
    """Those that can be computed on every draw."""
    for term in terms:
        try:
            if all(np.shape(term.of(s)) == case.truth(s).shape for s in case.samples):
                yield term
        except (ValueError, IndexError, np.linalg.LinAlgError):
            continue


def multiple(case, found):
    """(text, value) of a steady multiple, or of one by a size."""
    if useless(found):
        return
    for text, _, value, _ in constants(case, found):
        if agree(case, found, value):
            yield {"1": "", "−1": "−"}.get(text, text.split(" = ")[-1] + " "), value
            return


def negated(text):
    return text[1:] if text.startswith("−") else "−" + text


def lost_constant(case):
    """An argument without a claim that is added or subtracted on the way, as labels are."""
    if case.problem.mode == "jacobian":
        return
    trace = case.first.apart
    labels = [
        k for k in case.values if k.text in case.first.arguments and k.text not in case.problem.wrt
    ]
    for i, node in enumerate(trace.nodes):
        for known in labels:
            if known.of(case.first).shape != node.shape or node.index not in trace.cotangents:
                continue

            def pulled(s, i=i, k=known):
                node = s.apart.nodes[i]
                if k.of(s).shape != node.shape:
                    raise ValueError
                return s.apart.pull(node, k.of(s), case.name)

            try:
                found = [
                    ratio(case.claim(s) - case.truth(s), pulled(s), case.rtol) for s in case.samples
                ]
            except ValueError:
                continue
            for text, value in multiple(case, found):
                if not ONCE.fullmatch(text.strip()):
                    continue
                at = gradient_name(case.problem, name_of(trace, node))
                yield Guess(
                    "missing term",
                    f"the term {negated(text)}{known.text} of {at} is missing",
                    f"Write {at} with it.",
                    lambda s, p=pulled, v=value: case.truth(s) + v(s) * p(s),
                )


def missing_pair(case, terms):
    for one, two in combinations(terms[:14], 2):
        yield Guess(
            "missing term",
            f"{one.text} and {two.text} are missing",
            "Add both terms.",
            lambda s, a=one, b=two: case.truth(s) - a.of(s) - b.of(s),
        )
