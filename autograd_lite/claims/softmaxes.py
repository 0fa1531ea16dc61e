"""Formulas that are right but for a softmax or a sum in them along another axis."""

import numpy as np

from autograd_lite.claims.axes import axis_of, same_axis
from autograd_lite.claims.cases import Guess
from autograd_lite.claims.replay import replayed, summed_up
from autograd_lite.claims.words import name_of


def other_values(case):
    """A formula that is right but for a sum or a softmax in it, which runs along another axis."""
    if case.problem.mode == "jacobian":
        return
    for i, node in enumerate(case.first.apart.nodes):
        if node.op.name in ("sum", "mean") and np.ndim(node.values.operands[0]) > 1:
            what = name_of(case.first.apart, node)
            yield Guess(
                "axis",
                f"in the claim {what} is taken over all entries",
                f"Take it along axis {axis_of(node)}.",
                substituted(case, i),
            )
    for k, sent in enumerate(case.first.trace.sent):
        if sent.node.op.name in ("softmax", "log_softmax", "cross_entropy"):
            ndim = len(sent.edge.shape)
            old = axis_of(sent.node) if sent.node.op.name != "cross_entropy" else -1
            for new in (None, *range(ndim)):
                if ndim > 1 and not same_axis(old, new, ndim):
                    told = "over all entries at once" if new is None else f"along axis {new}"
                    yield Guess(
                        "axis",
                        f"in the claim softmax runs {told}; here it runs along axis {old}",
                        f"Take softmax along axis {old}: of each row by itself.",
                        resoftmaxed(case, k, new),
                    )
                    yield Guess(
                        "axis",
                        f"the sum in the product with softmax's Jacobian runs {told}",
                        f"Sum along axis {old}: of each row by itself.",
                        resummed(case, k, new),
                    )


def substituted(case, i):
    def predict(sample):
        trace = sample.apart
        return replayed(trace, summed_up({trace.nodes[i].index})).truth[case.name]

    return predict


def resoftmaxed(case, k, axis):
    """The derivative with another softmax in the rule of one step."""

    def predict(sample):
        trace = sample.trace
        sent = trace.sent[k]
        node, logits = sent.node, np.asarray(sent.node.values.operands[0])
        e = np.exp(logits - np.max(logits))
        p = e / np.sum(e, axis=axis, keepdims=True)
        g = trace.cotangents[node.index]
        if node.op.name == "softmax":
            made = p * (g - np.sum(g * p, axis=axis_of(node), keepdims=True))
        elif node.op.name == "log_softmax":
            made = g - p * np.sum(g, axis=axis_of(node), keepdims=True)
        else:
            rows = 1 if node.values.static[0] == "sum" else max(1, logits[..., 0].size)
            right = e / np.sum(e, axis=-1, keepdims=True)
            made = sent.array + (p - right) * g / rows
        return case.truth(sample) + trace.pull(sent.edge, made - sent.array, case.name)

    return predict


def resummed(case, k, axis):
    """The derivative with softmax's y ⊙ (g − Σ g y) summed along another axis."""

    def predict(sample):
        sent = sample.trace.sent[k]
        if sent.node.op.name != "softmax":
            raise ValueError("no softmax")
        g, p = sample.trace.cotangents[sent.node.index], np.asarray(sent.node.values.out)
        made = p * (g - np.sum(g * p, axis=axis, keepdims=True))
        return case.truth(sample) + sample.trace.pull(sent.edge, made - sent.array, case.name)

    return predict
