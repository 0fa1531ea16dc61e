"""A wrong claim on all draws, and the arrays that hypotheses are made of."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.claims.draws import imposed
from autograd_lite.claims.numbers import sizes
from autograd_lite.claims.samples import Sample, close, is_array
from autograd_lite.claims.words import constant_name, gradient_name, name_of, shown
from autograd_lite.graph import on_path

MOST_VALUES = 60
THROUGH = ("power", "square", "multiply", "absolute", "sum", "sqrt", "mean", "negative")


class Guess(NamedTuple):
    """A statement about a claim: `predict(sample)` is what would be claimed if it is true."""

    kind: str
    text: str
    fix: str
    predict: Callable[[Sample], Any]
    test: Callable[[Sample], bool] | None = None  # of a statement that predicts no numbers


class Known(NamedTuple):
    """An array that every draw has: what to call it, what it is, and that on the first draw."""

    text: str
    of: Callable[[Sample], np.ndarray]
    first: np.ndarray
    argument: str = ""  # its name, if it is one


class Case:
    """The claim for one argument, on the draws where it could be evaluated."""

    def __init__(self, name: str, samples: list[Sample], rtol: float):
        self.name, self.samples, self.rtol = name, samples, rtol
        self.first, self.problem = samples[0], samples[0].problem
        self.d = gradient_name(self.problem, shown(name))
        self.cache: dict[Any, Any] = {}  # of what hypotheses ask for often
        self.parts: list = []  # the terms of the derivative, and the steps back to it
        self.steps: list = []
        self.trace = self.first.apart
        self.edges = {e.index: e for e in (*self.trace.nodes, *(s.edge for s in self.trace.sent))}
        ends = [self.trace.root], [self.trace.targets[name]]
        self.on_path = set() if self.trace.root is None else on_path(*ends)
        steps = [[n.op.name for n in s.apart.nodes] for s in samples]
        self.alike = all(other == steps[0] for other in steps)  # all ran the same operations
        self.values = list(known_values(self))[:MOST_VALUES]
        self.cotangents = list(known_cotangents(self))[:MOST_VALUES]
        self.sizes = list(sizes(self.first.arguments, self.values))

    @cached_property
    def same_shape(self) -> bool:
        return all(self.claim(s).shape == self.truth(s).shape for s in self.samples)

    def truth(self, sample):
        return sample.truth[self.name]

    def claim(self, sample):
        return sample.claims[self.name]

    def label(self, edge) -> str:
        return name_of(self.trace, edge)

    def gradient(self, edge) -> str:
        """What the gradient of a step is called."""
        is_root = edge is self.trace.root and self.problem.mode == "vjp"
        return "g" if is_root else gradient_name(self.problem, self.label(edge))

    def holds(self, guess: Guess) -> bool:
        """Whether a guess is true on every draw."""
        return all(self.predicted(guess, s) for s in self.samples)

    def predicted(self, guess, sample) -> bool:
        try:
            if guess.test is not None:
                return guess.test(sample)
            value = np.asarray(guess.predict(sample))
        except Exception:  # what cannot be computed on a draw is not true of it
            return False
        return is_array(value) and close(self.claim(sample), value, self.rtol)

    def imposed(self, sums: bool):
        """Samples under conditions that the arguments given do not fulfil."""
        if all(s.kind == "resized" for s in self.samples):
            return iter(())  # it is the sizes that make the difference
        return imposed(self.problem, np.random.default_rng(0), sums)

    @cached_property
    def divisors(self) -> set[str]:
        return divided_by(self)

    @cached_property
    def narrower(self) -> "Case | None":
        """The same claim on fewer draws: such as given, then only of the sizes given."""
        for kind in ("wider", "resized"):
            mine = [s for s in self.samples if s.kind != kind]
            if 0 < len(mine) < len(self.samples):
                return Case(self.name, mine, self.rtol)
        return None


def known_values(case):
    """Arguments, intermediate results and constants, the user's own names first."""
    arguments, trace = case.first.arguments, case.trace
    for n, a in arguments.items():
        if a.dtype.kind in "fc":
            yield Known(shown(n), lambda s, n=n: s.arguments[n], a, n)
    if not case.alike:
        return
    named, unnamed, seen = [], [], {shown(n) for n in arguments}
    for i, node in enumerate(trace.nodes):
        if node.outputs is not None:
            continue

        def value(s, i=i):
            return s.apart.values[s.apart.nodes[i].index]

        mine = named if node.index in trace.names else unnamed
        mine.append(Known(case.label(node), value, value(case.first)))
        for slot, edge in enumerate(node.edges):
            array = node.values.operands[slot]
            if edge is None and isinstance(array, np.ndarray) and array.dtype.kind in "fc":

                def constant(s, i=i, slot=slot):
                    return np.asarray(s.apart.nodes[i].values.operands[slot])

                unnamed.append(Known(constant_name(trace, array), constant, array))
    for known in (*named[::-1], *softmaxes(case), *unnamed[::-1]):
        if known.text not in seen:
            seen.add(known.text)
            yield known


def softmaxes(case):
    """Of logits whose softmax is no step of its own."""
    trace = case.first.trace
    for i, node in enumerate(trace.nodes):
        if node.op.name in ("log_softmax", "logsumexp", "cross_entropy") and node.edges[0]:

            def of(s, i=i):
                a = np.asarray(s.trace.nodes[i].values.operands[0])
                e = np.exp(a - np.max(a, axis=-1, keepdims=True))
                return e / np.sum(e, axis=-1, keepdims=True)

            yield Known(f"softmax({name_of(trace, node.edges[0])})", of, of(case.first))


def known_cotangents(case):
    """The gradients of intermediate results, nearest to the end first."""
    trace = case.trace
    for i, node in reversed(list(enumerate(trace.nodes if case.alike else ()))):
        if node.outputs is None and node.index in trace.cotangents:

            def of(s, i=i):
                return s.apart.cotangents[s.apart.nodes[i].index]

            yield Known(case.gradient(node), of, of(case.first))


def divided_by(case) -> set[str]:
    """What f divides by, if only in a derivative: the operand of a logarithm, a square root."""
    trace, found = case.trace, set()
    for node in reversed(trace.nodes):
        at = {"divide": 1, "log": 0, "reciprocal": 0, "prod": 0}.get(node.op.name)
        below = [] if at is None else [node.edges[at]]
        if node.op.name in ("sqrt", "norm", "hypot", "std"):
            found.add(node.index)
        if node.index in found and node.op.name in THROUGH:
            below += node.edges
        found |= {e.index for e in below if e is not None}
    return {case.label(case.edges[i]) for i in found if i in case.edges}
