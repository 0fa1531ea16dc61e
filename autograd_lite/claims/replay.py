"""A recorded program run again: with fused operations taken apart, or along other axes."""

import numpy as np

from autograd_lite.claims.trace import Trace
from autograd_lite.claims.words import static
from autograd_lite.graph import outputs_of
from autograd_lite.recording import call, place
from autograd_lite.tensor import Tensor

DEEPEST = 4  # compositions inside compositions
LARGEST = 300.0  # of numbers that exp is taken of


def exp_of(a):
    if np.max(np.abs(a), initial=0.0) > LARGEST:
        raise OverflowError
    return np.exp(a)


def softmax(a, axis=-1):
    e = exp_of(a)
    return e / np.sum(e, axis=axis, keepdims=True)


def logsumexp(a, axis=None, keepdims=False):
    return np.log(np.sum(exp_of(a), axis=axis, keepdims=keepdims))


def log_softmax(a, axis=-1):
    return a - logsumexp(a, axis, keepdims=True)


# as they stand in books: without the largest entry, which changes no number
COMPOSED = {"softmax": softmax, "log_softmax": log_softmax, "logsumexp": logsumexp}


def replayed(trace: Trace, again) -> Trace:
    """The trace of the same program where `again` makes each result.

    again : function of a node, its operands, and the values of its other arguments.
    """

    def run(given):
        made = {e.index: given[n] for n, e in trace.targets.items()}
        names = {}
        for node in trace.nodes:
            pairs = zip(node.edges, node.values.operands, strict=True)
            operands = [raw if edge is None else made[edge.index] for edge, raw in pairs]
            result = again(node, operands, node.values.static)
            results = result if isinstance(result, (tuple, list)) else [result]
            for edge, tensor in zip(outputs_of(node), results, strict=True):
                if edge is not None:
                    made[edge.index] = tensor
                    if edge.index in trace.names:
                        names[trace.names[edge.index]] = tensor
        return made[trace.root.index], names

    return Trace(trace.problem, trace.arguments, trace.cotangent, run, whole=trace.whole or trace)


def same(node, operands, values):
    return call(Tensor, node.op, operands, values)


def body_of(op):
    return COMPOSED.get(op.name) or op.body


def apart(node, operands, values):
    """The operation by its body, if it is a composition."""
    body = body_of(node.op)
    if body is None:
        return same(node, operands, values)
    return body(*([operands] if node.op.variadic else operands), **static(node))


def unshifted(node, operands, values):
    """Without gradients through a largest entry, which softmax and its like subtract."""
    result = same(node, operands, values)
    shift = node.op.name in ("max", "amax") and static(node).get("keepdims")
    return result.detach() if shift else result


def taken_apart(trace: Trace) -> Trace:
    """The trace with every composition replaced by its steps; itself where numbers would differ."""
    original = trace
    try:
        for _ in range(DEEPEST):
            if not any(body_of(n.op) for n in trace.nodes):
                break
            trace = replayed(trace, apart)
        if not agree(trace, original):
            trace = original
        if any(n.op.name in ("max", "amax") for n in trace.nodes):
            simpler = replayed(trace, unshifted)
            trace = simpler if agree(simpler, original) else trace
    except OverflowError:
        return original
    return trace


def agree(trace, other) -> bool:
    return all(np.allclose(trace.truth[n], g, 1e-7, 1e-10) for n, g in other.truth.items())


def summed_up(place_of):
    """For `replayed`: later steps see the result of this sum over all entries."""

    def again(node, operands, values):
        result = same(node, operands, values)
        if node.index != place_of:
            return result
        whole = np.asarray(node.op.function(operands[0].data))
        return place(Tensor, np.broadcast_to(whole, result.shape).copy(), result._node)

    return again


def along(axes: dict):
    """For `replayed`: the nodes with these indices work along other axes."""

    def again(node, operands, values):
        new = {"axis": axes[node.index]} if node.index in axes else {}
        return same(node, operands, tuple((static(node) | new).values()))

    return again
