"""A wrong claim on all draws, and the arrays and numbers that hypotheses are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from autograd_lite.claims.draws import imposed
from autograd_lite.claims.samples import Sample, close, is_array
from autograd_lite.claims.words import constant_name, gradient_name, name_of
from autograd_lite.graph import on_path

MOST_VALUES = 60
MISFITS = (ValueError, IndexError, KeyError, TypeError, ZeroDivisionError)  # shapes do not fit


@dataclass(frozen=True)
class Guess:
    """A statement about a claim: `predict(sample)` is what would be claimed if it is true."""

    kind: str
    text: str
    fix: str
    predict: Callable[[Sample], Any]
    test: Callable[[Sample], bool] | None = None  # a statement that predicts no numbers


class Case:
    """The claim for one argument, on the draws where it could be evaluated."""

    def __init__(self, name: str, samples: list[Sample], rtol: float):
        self.name, self.samples, self.rtol = name, samples, rtol
        self.problem = samples[0].problem
        self.first = samples[0]
        self.d = gradient_name(self.problem, name)
        self.nearby: dict[Any, list] = {}  # values at a step
        self.texts: dict[Any, str] = {}  # derivatives of steps, as they are written
        self.factors: dict[Any, list] = {}  # what may be a factor, by shape
        trace = self.first.apart
        self.edges = {e.index: e for e in (*trace.nodes, *(s.edge for s in trace.sent))}
        self.on_path = set() if trace.root is None else on_path([trace.root], [trace.targets[name]])
        self.parts: list = []  # the terms of the derivative, and the steps back to it
        self.steps: list = []
        self.values = known_values(samples)
        self.cotangents = known_cotangents(samples)

    def imposed(self, sums: bool):
        """Samples under conditions that the arguments given do not fulfil, condition by condition.

        sums : the conditions that something sums to one, or else the others.
        """
        if all(s.kind == "resized" for s in self.samples):
            return iter(())  # it is the sizes that make the difference
        return imposed(self.problem, np.random.default_rng(0), sums)

    @property
    def alike(self) -> bool:
        """Whether all draws ran the same operations."""
        return alike(self.samples)

    @cached_property
    def same_shape(self) -> bool:
        return all(self.claim(s).shape == self.truth(s).shape for s in self.samples)

    def truth(self, sample):
        return sample.truth[self.name]

    def claim(self, sample):
        return sample.claims[self.name]

    def holds(self, guess: Guess) -> bool:
        """Whether a guess is true on every draw."""
        return all(self.predicted(guess, s) for s in self.samples)

    def predicted(self, guess, sample) -> bool:
        try:
            if guess.test is not None:
                return guess.test(sample)
            value = guess.predict(sample)
        except MISFITS:
            return False
        value = np.asarray(value)
        return is_array(value) and close(self.claim(sample), value, self.rtol)

    def narrower(self) -> "Case | None":
        """The same claim on fewer draws: such as given, then only of the sizes given."""
        for kind in ("wider", "resized"):
            mine = [s for s in self.samples if s.kind != kind]
            if 0 < len(mine) < len(self.samples):
                return Case(self.name, mine, self.rtol)
        return None


@dataclass(frozen=True)
class Known:
    """An array that every draw has: `of(sample)` is it, `text` what to call it."""

    text: str
    of: Callable[[Sample], np.ndarray]
    edge: Callable[[Sample], Any] | None = None


def known_values(samples):
    """Arguments, intermediate results and constants, the user's own names first."""
    first = samples[0]
    found = [
        Known(n, lambda s, n=n: s.arguments[n], (lambda s, n=n: s.apart.targets.get(n)))
        for n, a in first.arguments.items()
        if a.dtype.kind in "fcb" or a.ndim
    ]
    found = [k for k in found if k.of(first).dtype.kind in "fc"]
    if not alike(samples):
        return found
    trace = first.apart
    named, unnamed = [], []
    for i, node in enumerate(trace.nodes):
        if node.outputs is not None:
            continue
        known = Known(
            name_of(trace, node),
            lambda s, i=i: s.apart.values[s.apart.nodes[i].index],
            lambda s, i=i: s.apart.nodes[i],
        )
        (named if node.index in trace.names else unnamed).append(known)
        for slot, edge in enumerate(node.edges):
            value = node.values.operands[slot]
            if edge is None and isinstance(value, np.ndarray) and value.dtype.kind in "fc":
                text = constant_name(trace, value)
                if text not in first.arguments:
                    unnamed.append(
                        Known(
                            text,
                            lambda s, i=i, slot=slot: np.asarray(
                                s.apart.nodes[i].values.operands[slot]
                            ),
                        )
                    )
    return [*found, *named[::-1], *softmaxes(samples), *unnamed[::-1]][:MOST_VALUES]


def softmaxes(samples):
    """Of logits whose softmax is no step of its own."""
    trace = samples[0].trace
    for i, node in enumerate(trace.nodes):
        if node.op.name in ("log_softmax", "logsumexp", "cross_entropy") and node.edges[0]:
            yield Known(
                f"softmax({name_of(trace, node.edges[0])})",
                lambda s, i=i: softmax(np.asarray(s.trace.nodes[i].values.operands[0])),
            )


def softmax(a):
    e = np.exp(a - np.max(a, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def known_cotangents(samples):
    """The gradients of intermediate results, nearest to the end first."""
    if not alike(samples):
        return []
    first = samples[0]
    trace, found = first.apart, []
    for i, node in reversed(list(enumerate(trace.nodes))):
        if node.outputs is None and node.index in trace.cotangents:
            is_root = node.index == trace.root.index
            text = (
                "g"
                if is_root and first.problem.mode == "vjp"
                else gradient_name(first.problem, name_of(trace, node))
            )
            found.append(
                Known(
                    text,
                    lambda s, i=i: s.apart.cotangents[s.apart.nodes[i].index],
                    lambda s, i=i: s.apart.nodes[i],
                )
            )
    return found[:MOST_VALUES]


def alike(samples) -> bool:
    """Whether all draws ran the same operations."""
    steps = [[n.op.name for n in s.apart.nodes] for s in samples]
    return all(other == steps[0] for other in steps)


def sizes(case):
    """Lengths of axes and numbers of entries, with what they are called."""
    arguments = case.first.arguments
    for name, array in arguments.items():
        for axis in range(array.ndim):
            if array.ndim == 1:
                yield f"len({name})", lambda s, n=name: s.arguments[n].shape[0]
            else:
                yield f"{name}.shape[{axis}]", lambda s, n=name, i=axis: s.arguments[n].shape[i]
    for name, array in arguments.items():
        if array.ndim > 1:
            yield f"{name}.size", lambda s, n=name: s.arguments[n].size
    for known in case.values:
        if known.text not in arguments:
            for axis in range(known.of(case.first).ndim):
                yield (
                    f"the length of axis {axis} of {known.text}",
                    lambda s, k=known, i=axis: k.of(s).shape[i],
                )
            if known.of(case.first).ndim > 1:
                yield f"the number of entries of {known.text}", lambda s, k=known: k.of(s).size
