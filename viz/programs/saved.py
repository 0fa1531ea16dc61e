"""What each node has kept for its rules, with the place in the graph that it came from."""

import numpy as np

from autograd_lite.backward import unpacked
from autograd_lite.graph import UNTRACKED, outputs_of
from viz.errors import DrawingError

FREED = (
    "the values of this graph were freed by backward(): draw before it, call it with "
    "retain_graph=True, or run the forward pass inside `with viz.record():`"
)


def read_values(node):
    """(argument that reads it, name in the rule, value, place in a variadic list or None)."""
    op = node.op
    if node.saved is None:
        raise DrawingError(FREED)
    if op.joint is not None:
        entries = [(None, op.joint_reads, node.saved)]
    else:
        pairs = enumerate(zip(op.reads, node.saved, strict=True))
        entries = [(i, r, unpacked(r, s)) for i, (r, s) in pairs if s is not UNTRACKED]
    tracked = [i for i, e in enumerate(node.edges) if e is not None]
    for slot, reads, values in entries:
        readers = tracked if slot is None else [slot]
        for name, value in zip(reads, values, strict=True):
            several = node.outputs if name == "out" else op.variadic and name == op.arrays[0]
            place = op.arrays.index(name) if name in op.arrays else None
            found = enumerate(value) if several else [(place, value)]
            yield from ((reader, name, v, i) for i, v in found for reader in readers)


def source_of(node, name, i):
    if name == "out":
        return outputs_of(node)[i] if node.outputs else node
    return node.edges[i] if name in node.op.arrays else None


def saved_by_edge(node):
    if node.op is None or node.saved is None:
        return {}
    found = {}
    for _, name, value, i in read_values(node):
        edge = source_of(node, name, i)
        if edge is not None and isinstance(value, np.ndarray):
            found[edge.index] = value
    return found


def recorded_by_edge(node):
    if node.values is None:
        return {}
    out = node.values.out if node.outputs else [node.values.out]
    pairs = [*zip(node.edges, node.values.operands, strict=True)]
    pairs += zip(outputs_of(node), out, strict=True)
    return {edge.index: x for edge, x in pairs if edge is not None}


def saved_constants(node):
    if node.saved is None:
        return {}
    return {i: v for _, name, v, i in read_values(node) if name in node.op.arrays}


def statics(node):
    """The static arguments of a call, as far as they are known."""
    op = node.op
    for known in (node.values and node.values.static, node.arguments and node.arguments[1]):
        if known:
            return dict(zip(op.static, known, strict=True))
    if node.saved is None:
        return {}
    return {name: v for _, name, v, _ in read_values(node) if name in op.static}


def shapes_of_outputs(node):
    """The shapes of all outputs; None if one that is gone was the last to know its own."""
    edges = outputs_of(node)
    if all(edge is not None for edge in edges):
        return [edge.shape for edge in edges]
    if node.saved is None:
        return None
    return next((v for _, name, v, _ in read_values(node) if name == "out_shape"), None)
