"""Steps of the backward pass, and what comes of a slip in one of them at the argument."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.claims.cases import alike
from autograd_lite.claims.samples import Sample

LINEAR = {
    "matmul",
    "transpose",
    "matrix_transpose",
    "reshape",
    "cumsum",
    "flip",
    "roll",
    "dot",
    "sort",
    "softmax",
    "log_softmax",
    "sum",
    "mean",
    "fft",
    "outer",
    "getitem",
    "astype",
    "squeeze",
    "expand_dims",
    "ravel",
    "concatenate",
    "stack",
    "einsum",
    "cumprod",
    "maximum.accumulate",
}


class Step(NamedTuple):
    """A step back: what a node sends to an input, or a chain of such without forks.

    It is known by the positions of its first and last part in `Trace.sent`, on every draw.
    """

    first: int
    last: int

    def node(self, sample):
        return sample.apart.sent[self.first].node

    def slot(self, sample):
        return sample.apart.sent[self.first].slot

    def edge(self, sample):
        return sample.apart.sent[self.last].edge

    def array(self, sample):
        return sample.apart.sent[self.last].array

    def g(self, sample):
        return sample.apart.cotangents[self.node(sample).index]

    def other(self, sample):
        """The other operand of a product."""
        return np.asarray(self.node(sample).values.operands[1 - self.slot(sample)])

    def local(self, sample):
        """The derivative of an elementwise step: what it makes of ones."""
        node = self.node(sample)
        ones = np.ones(sample.trace.lead + node.shape)
        return sample.apart.between(node, ones, self.edge(sample))


def instead(case, step, new: Callable[[Sample], Any]):
    """A prediction: the derivative if this step sent something else."""

    def predict(sample):
        edge, array, trace = step.edge(sample), step.array(sample), sample.apart
        made = new(sample)
        if edge is trace.targets[case.name]:
            return case.truth(sample) - array + made
        if made.shape != array.shape:
            raise ValueError("this slip does not fit the shapes")
        return case.truth(sample) + trace.pull(edge, made - array, case.name)

    return predict


def steps(case) -> list[Step]:
    """Single steps, and chains of elementwise ones, the shortest first."""
    trace = case.first.apart
    if not alike(case.samples):
        return []
    single = [
        Step(k, k)
        for k, s in enumerate(trace.sent)
        if s.node.outputs is None
        and s.node.index in trace.cotangents
        and s.edge.index in case.on_path
    ]
    chains = [c for step in single for c in longer(case, step) if is_worth(trace, c)]
    chains.sort(key=lambda c: c.first - c.last)
    return single[::-1] + chains


def is_worth(trace, chain):
    """Whether a chain has a step with a derivative of its own at both ends."""
    ends = (trace.sent[k].node.op.name for k in (chain.first, chain.last))
    return not any(name in ("add", "subtract") for name in ends)


def longer(case, step):
    """The chains of elementwise steps that start with this one."""
    sent = case.first.apart.sent
    while elementwise(case, step):
        edge = step.edge(case.first)
        below = [k for k, s in enumerate(sent) if s.node is edge.node]
        if edge.op is None or len(below) != 1 or sum(s.edge is edge for s in sent) != 1:
            return
        if not elementwise(case, Step(below[0], below[0])):
            return
        step = Step(step.first, below[0])
        yield step


def elementwise(case, step) -> bool:
    node, last = step.node(case.first), case.first.apart.sent[step.last].node
    return last.op.name not in LINEAR and step.edge(case.first).shape == node.shape
