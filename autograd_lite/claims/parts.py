"""The terms that a derivative is a sum of."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from autograd_lite.claims.numbers import PLAIN, number_of
from autograd_lite.claims.samples import Sample, close
from autograd_lite.claims.steps import Step, derivative_text, elementwise
from autograd_lite.claims.words import bracketed, gradient_name, name_of, static

SMALLEST = 1e-9  # of a part, beside the whole


@dataclass(frozen=True)
class Part:
    """A term of the derivative (or all of it): `of(sample)` is its value."""

    text: str
    of: Callable[[Sample], np.ndarray]
    whole: bool = False

    @property
    def subject(self):
        return "the claim" if self.whole else self.text

    def without(self, factor):
        """That a factor is missing; the text of a term is the right one, which has it."""
        if self.whole:
            return f"the claim lacks the factor {factor}"
        return f"of {self.text} the factor {factor} is missing"

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
    found = [Part(case.d, case.truth, whole=True)]
    if case.alike:
        of_softmax = [p for p in softmax_terms(case) if counts(case, p)]
        seen = [p.of(case.first) for p in of_softmax]
        others = (p for p in terms(case) if counts(case, p))
        found += of_softmax
        found += [p for p in others if not any(close(p.of(case.first), a, 1e-9) for a in seen)]
    return found


def counts(case, part):
    """Whether a part is not zero, and not all there is."""
    values = [(part.of(s), case.truth(s)) for s in case.samples]
    small = (size_of(p) <= SMALLEST * size_of(t) for p, t in values)
    return not any(small) and not all(close(p, t, case.rtol) for p, t in values)


def size_of(a) -> float:
    return float(np.max(np.abs(a), initial=0.0))


def terms(case) -> Iterator[Part]:
    """What the uses of one value send back to it."""
    trace = case.trace
    uses = Counter(sent.edge.index for sent in trace.sent)
    places: dict[tuple[int, int], list[int]] = {}  # (edge, node) -> positions in `sent`
    for k, sent in enumerate(trace.sent):
        if uses[sent.edge.index] > 1 and sent.edge.index in case.on_path:
            places.setdefault((sent.edge.index, sent.node.index), []).append(k)
    for (edge, _), ks in reversed(places.items()):
        single = [[k] for k in ks]
        if len(ks) == 2 and all(same(s, *ks) for s in case.samples):
            single = [ks]  # v v: two uses that are one
        for group in single if len(ks) in (1, uses[edge]) else [ks, *single]:
            yield term(case, group)


def same(sample, i, j):
    return close(sample.apart.sent[i].array, sample.apart.sent[j].array, 1e-9)


def term(case, positions) -> Part:
    @cache
    def of(sample):
        sents = [sample.apart.sent[k] for k in positions]
        return sample.apart.pull(sents[0].edge, sum(s.array for s in sents), case.name)

    trace = case.trace
    sent = trace.sent[positions[0]]
    made, at = case.label(sent.node), case.label(sent.edge)
    if worth := described(case, of):
        return Part(f"the term {worth} (through {made})", of)
    text = f"the term through {made}"
    if sent.edge is not trace.targets[case.name]:
        return Part(f"{text} (a use of {at})", of)
    step = Step(positions[0], positions[0])
    if elementwise(case, step) and (d := derivative_text(case, step)) and len(d) < 20:
        text += f" (its derivative is {d})"
    return Part(text, of)


def described(case, of) -> str:
    """A number, or a known array that a term is a steady multiple of: "−1/4 t"."""
    if of(case.first).size > 1:
        one = number_of(case, [(of(s), np.ones_like(of(s))) for s in case.samples], plain=True)
        if one is not None:
            return one.text
    for known in (*case.values, *case.cotangents):
        if known.first.shape == of(case.first).shape:
            pairs = [(of(s), known.of(s)) for s in case.samples]
            n = number_of(case, pairs, plain=True)
            if n is not None and (known in case.values or PLAIN.fullmatch(n.text)):
                return n.name + bracketed(known.text)
    return ""


def softmax_terms(case) -> Iterator[Part]:
    """y ⊙ g and −y Σ(g ⊙ y) of a softmax y."""
    trace = case.first.trace
    for k, sent in enumerate(trace.sent):
        node = sent.node
        if node.op.name != "softmax" or sent.edge is None:
            continue
        y, z = name_of(trace, node), name_of(trace, sent.edge)
        g = "g" if node is trace.root else gradient_name(case.problem, y)
        texts = [f"y ⊙ {g}", f"−y Σ({g} ⊙ y)"]
        if case.problem.mode == "jacobian" and node is trace.root and len(node.shape) == 1:
            texts = ["Diag(y)", "−y yᵀ"]
        of = (
            "" if sent.edge is trace.targets[case.name] else f" of {gradient_name(case.problem, z)}"
        )
        for text, summed in zip(texts, (False, True), strict=True):

            @cache
            def value(sample, k=k, summed=summed):
                t = sample.trace
                node = t.sent[k].node
                y, g = np.asarray(node.values.out), t.cotangents[node.index]
                axis = static(node)["axis"]
                axis = axis - y.ndim if isinstance(axis, int) and axis >= 0 else axis
                made = -y * np.sum(g * y, axis=axis, keepdims=True) if summed else y * g
                return t.pull(t.sent[k].edge, made, case.name)

            where = "" if y == "y" else f" (y = {y})"
            yield Part(f"the term {text}{of}{where}", value)
