"""Slips in the whole derivative or in one of the terms it is a sum of."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_lite.claims.cases import Guess, alike
from autograd_lite.claims.constants import agree, constants, ratio, useless
from autograd_lite.claims.derivatives import derivative_of
from autograd_lite.claims.samples import Sample, close
from autograd_lite.claims.words import bracketed, name_of


@dataclass(frozen=True)
class Part:
    """A term of the derivative (or all of it): `of(sample)` is its value."""

    text: str
    of: Callable[[Sample], np.ndarray]
    whole: bool = False

    def instead(self, case, new: Callable[[Sample, np.ndarray], Any]):
        """A prediction: the derivative with something else in the place of this part."""

        def predict(sample):
            part = self.of(sample)
            return case.truth(sample) - part + new(sample, part)

        return predict

    def left(self, case, sample) -> np.ndarray:
        """What the claim has in the place of this part."""
        return case.claim(sample) - case.truth(sample) + self.of(sample)


def parts(case) -> list[Part]:
    """The whole derivative, then the terms that add up where values are used more than once."""
    whole = Part(case.d, case.truth, whole=True)
    return [whole, *(p for p in terms(case) if not vanishes(case, p))]


def vanishes(case, part):
    """Whether a part is zero, or all there is."""
    values = [(part.of(s), case.truth(s)) for s in case.samples]
    return any(np.max(np.abs(p), initial=0.0) <= 1e-9 * size_of(t) for p, t in values) or all(
        close(p, t, case.rtol) for p, t in values
    )


def size_of(a) -> float:
    return float(np.max(np.abs(a), initial=0.0)) + 1e-6


def terms(case) -> Iterator[Part]:
    trace, on_path = case.first.apart, case.on_path
    if not alike(case.samples):
        return
    uses = Counter(sent.edge.index for sent in trace.sent)
    places: dict[tuple[int, int], list[int]] = {}  # (edge, node) -> positions in `sent`
    for k, sent in enumerate(trace.sent):
        if uses[sent.edge.index] > 1 and sent.edge.index in on_path:
            places.setdefault((sent.edge.index, sent.node.index), []).append(k)
    for (edge, _), ks in reversed(places.items()):
        merged = [ks] if len(ks) == 1 or uses[edge] == len(ks) else [ks, *([k] for k in ks)]
        merged = [[k] for k in ks] if uses[edge] == len(ks) else merged
        for group in merged:
            sent = trace.sent[group[0]]
            made, at = name_of(trace, sent.node), name_of(trace, sent.edge)
            of = term(case, group)
            text = f"the term that comes through {made}"
            if at != case.name:
                text += f" (a use of {at})"
            if derivative := derivative_of(case, group[0]):
                text += f" (whose derivative is {derivative})"
            if worth := described(case, of):
                text = f"the term {worth} (it comes through {made})"
            yield Part(text, of)


def described(case, of) -> str:
    """A known array that a term is a steady multiple of: "−1/4 t"."""
    shape = of(case.first).shape
    for known in (*case.values, *case.cotangents):
        if known.of(case.first).shape != shape:
            continue
        found = [ratio(of(s), known.of(s), case.rtol) for s in case.samples]
        if not useless(found):
            for text, _, value, _ in constants(case, found):
                if agree(case, found, value):
                    lead = {"1": "", "−1": "−"}.get(text, text.split(" = ")[-1] + " ")
                    return lead + bracketed(known.text)
    return ""


def term(case, positions):
    cache: dict[int, np.ndarray] = {}

    def of(sample):
        if id(sample) not in cache:
            sents = [sample.apart.sent[k] for k in positions]
            total = sum(s.array for s in sents)
            cache[id(sample)] = sample.apart.pull(sents[0].edge, total, case.name)
        return cache[id(sample)]

    return of


# --- the hypotheses -------------------------------------------------------------------------
def missing(case, part):
    if not part.whole:
        yield Guess(
            "missing term",
            f"{part.text} is missing",
            f"Add {part.text} to {case.d}.",
            part.instead(case, lambda s, b: 0 * b),
        )


def ones_instead(case, part):
    """1, or the identity, where a whole term belongs: its factor ∂e/∂y was forgotten."""
    for text, make in (("1", np.ones_like), ("the identity I", lambda b: np.eye(*b.shape))):
        yield Guess(
            "missing factor",
            f"the claim has {text} where {part.text} belongs",
            f"Write {part.text} for it.",
            part.instead(case, lambda s, b, f=make: f(b)),
        )


def sign(case, part):
    text = "the claim is −1 times the gradient" if part.whole else f"{part.text} has the wrong sign"
    yield Guess(
        "sign",
        text,
        "Change the sign." if part.whole else f"Change the sign of {part.text}.",
        part.instead(case, lambda s, b: -b),
    )


def transposed(case, part):
    lead, ndim = len(case.first.trace.lead), part.of(case.first).ndim
    for i in range(0 if part.whole else lead, ndim):
        for j in range(i + 1, ndim):
            what = "the claim" if part.whole else part.text
            how = "" if ndim == 2 else f" in axes {i} and {j}"
            yield Guess(
                "transposed",
                f"{what} is transposed{how}",
                f"Transpose {what}{how}.",
                part.instead(case, lambda s, b, i=i, j=j: np.swapaxes(b, i, j)),
            )


def factor(case, part):
    """A number: the same on all draws, a size or a quotient of such, or a number of the program."""
    found = [ratio(part.left(case, s), part.of(s), case.rtol) for s in case.samples]
    if useless(found):
        return
    what = "the claim" if part.whole else part.text
    for text, inverse, value, kind in constants(case, found):
        if agree(case, found, value):
            told = f"{what} is {text} times what it must be"
            if kind == "missing factor":
                told = f"{what} lacks the factor {inverse}"
            yield Guess(
                kind,
                told,
                f"Multiply {what} by {inverse}.",
                part.instead(case, lambda s, b, v=value: v(s) * b),
            )
            return
