"""Steps of the backward pass, and what comes of a slip in one of them at the argument."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.claims.samples import Sample
from autograd_lite.claims.words import form, number, operand, times

LINEAR = set(
    """matmul dot outer einsum transpose matrix_transpose reshape ravel squeeze expand_dims getitem
    concatenate stack flip roll sort astype sum mean cumsum cumprod maximum.accumulate fft softmax
    log_softmax""".split()  # noqa: SIM905
)  # that are not elementwise, though shapes may be alike
# fmt: off
DERIVATIVES = {  # of elementwise functions: v is the operand a, or the result o
    "tanh": ("1 − {v}²", "o"), "sigmoid": ("{v} ⊙ (1 − {v})", "o"), "relu": ("1[{v} > 0]", "a"),
    "exp": ("{v}", "o"), "log": ("1 / {v}", "a"), "square": ("2 {v}", "a"),
    "sqrt": ("1 / (2 {v})", "o"), "sin": ("cos({v})", "a"), "cos": ("−sin({v})", "a"),
    "absolute": ("sign({v})", "a"), "reciprocal": ("−1 / {v}²", "a"), "tan": ("1 + {v}²", "o"),
    "arctan": ("1 / (1 + {v}²)", "a"), "log1p": ("1 / (1 + {v})", "a"), "cosh": ("sinh({v})", "a"),
    "sinh": ("cosh({v})", "a"), "arcsin": ("1 / √(1 − {v}²)", "a"),
}
# fmt: on
# what is made of a value to try it as a factor: how that is written, and computed
Forms = tuple[tuple[str, Callable], ...]
FORMS: Forms = (
    ("1[{v} > 0]", lambda v: (v > 0) * 1.0),
    ("{v}", lambda v: v),
    ("1 − {v}", lambda v: 1 - v),
    ("{v} ⊙ (1 − {v})", lambda v: v * (1 - v)),
    ("1 − {v}²", lambda v: 1 - v * v),
    ("2 {v}", lambda v: 2 * v),
    ("1 + {v}", lambda v: 1 + v),
    ("{v} ⊙ (1 + {v})", lambda v: v * (1 + v)),
    ("{v}²", lambda v: v * v),
    ("1 + {v}²", lambda v: 1 + v * v),
    ("sign({v})", np.sign),
    ("1[{v} < 0]", lambda v: (v < 0) * 1.0),
    ("1 / {v}", lambda v: 1 / v),
    ("1 / {v}²", lambda v: 1 / (v * v)),
    ("1 / √{v}", lambda v: 1 / np.sqrt(v)),
    ("√{v}", np.sqrt),
    ("|{v}|", np.abs),
    ("exp({v})", np.exp),
    ("cos({v})", np.cos),
    ("sin({v})", np.sin),
    ("1 / (1 + {v}²)", lambda v: 1 / (1 + v * v)),
    ("1 − tanh({v})²", lambda v: 1 - np.tanh(v) ** 2),
)
SIMPLEST = FORMS[:5]
RECIPROCALS = {text for text, _ in FORMS if text.startswith("1 / {") or text.startswith("1 / √")}


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
    sent = case.trace.sent if case.alike else []
    single = [
        Step(k, k)
        for k, s in enumerate(sent)
        if s.node.outputs is None
        and s.node.index in case.trace.cotangents
        and s.edge.index in case.on_path
    ]
    chains = [c for step in single for c in longer(case, step) if is_worth(case, c)]
    return single[::-1] + sorted(chains, key=lambda c: c.first - c.last)


def is_worth(case, chain):
    """Whether a chain has a step with a derivative of its own at both ends."""
    ends = (case.trace.sent[k].node.op.name for k in (chain.first, chain.last))
    return not any(name in ("add", "subtract") for name in ends)


def longer(case, step):
    """The chains of elementwise steps that start with this one."""
    sent = case.trace.sent
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
    node, last = step.node(case.first), case.trace.sent[step.last].node
    return last.op.name not in LINEAR and step.edge(case.first).shape == node.shape


# --- words --------------------------------------------------------------------------------------
def whose(case, step) -> str:
    there, here = (case.label(e) for e in (step.node(case.first), step.edge(case.first)))
    return f"the step from {there} back to {here}"


def derivative_text(case, step) -> str:
    """How the derivative of an elementwise step is written."""
    if step not in case.cache:
        case.cache[step] = made_text(case, step)
    return case.cache[step]


def made_text(case, step):
    node, slot = step.node(case.first), step.slot(case.first)
    texts = {"o": case.label(node), "a": case.label(step.edge(case.first))}
    o, a = (form("{v}", texts[k]) for k in "oa")
    if step.first == step.last:
        if node.op.name in ("multiply", "divide") and len(node.inputs) == 2:
            m = form("{v}", operand(case.trace, node, 1 - slot))
            return m if node.op.name == "multiply" else f"1 / {m}" if slot == 0 else f"−{m} / {a}²"
        if node.op.name == "power" and slot == 0:
            n = operand(case.trace, node, 1)
            return f"2 {a}" if n == "2" else f"3 {a}²" if n == "3" else f"{n} {a}^({n} − 1)"
        if node.op.name in DERIVATIVES:
            template, which = DERIVATIVES[node.op.name]
            return form(template, texts[which])
    return recognised(case, step) or f"∂{o}/∂{a}"


def recognised(case, step) -> str:
    """The derivative of a step written with known values, by its numbers."""
    local = step.local(case.first)
    if local.size == 0 or np.ptp(local) == 0:
        return number(local.flat[0]) if local.size else ""
    near = [step.edge(case.first).index, step.node(case.first).index]
    places = [i for i in (*near, *case.trace.names) if i in case.edges]
    values = [(i, v) for i in places if (v := case.trace.values[i]).shape == local.shape]
    for template, make in FORMS:
        for i, value in values:
            made = make(value)
            size = np.sum(made * made)
            c = np.round(2 * np.sum(made * local) / size) / 2 if np.isfinite(size) and size else 0
            if c and abs(c) <= 2 and np.max(np.abs(local - c * made)) < 1e-9:
                return times(c, form(template, case.label(case.edges[i])))
    return ""
