"""A recorded graph made again: with its saved values back, or with operations taken apart."""

from collections.abc import Iterable

import numpy as np

from autograd_lite import Tensor, updates
from autograd_lite.graph import Edge, Output, add_outputs, ancestors, new_node, outputs_of
from autograd_lite.higher import CHECKPOINT
from autograd_lite.modes import Mode, mode
from autograd_lite.recording import place, saved_values
from autograd_lite.registry import DISPATCHING
from viz.errors import DrawingError
from viz.programs.pulls import readable

DEEPEST = 20  # fused operations inside the bodies of fused operations


def replayed(roots, expand: str | Iterable[str] | bool = ()):
    """The graph behind `roots` with new nodes, oldest first; leaves stay as they are.

    expand : names of operations to replace by what their plain body records; True for all that
        are fused, also inside such a body.

    Returns the new edge for the index of each old one.

    Raises
    ------
    DrawingError : if an operation named in `expand` is not in the graph, or its operands were not
        kept.
    """
    names = wanted(ancestors(roots), expand)
    new = once(roots, names)
    for _ in range(DEEPEST):
        edges = [new[e.index] for e in roots]
        if expand is not True or not (names := wanted(ancestors(edges), expand)):
            break
        again = once(edges, names)
        new = {old: again.get(e.index, e) for old, e in new.items()}
    return new


def once(roots, names: set[str]) -> dict[int, Edge]:
    new: dict[int, Edge] = {}
    nodes = ancestors(roots)
    for node in nodes:
        if node.op is None:
            new[node.index] = node
            continue
        inputs = tuple(new[x.index] if isinstance(x, Edge) else x for x in node.inputs)
        made = taken_apart(node, inputs) if node.op.name in names else copied(node, inputs)
        for old, edge in zip([node, *outputs_of(node)], made, strict=True):
            if old is not None and edge is not None:
                new[old.index] = edge
                if old.name and not edge.name and edge.node.index > nodes[-1].index:
                    edge.name = old.name
    return new


def wanted(nodes, expand) -> set[str]:
    """The names of the operations to take apart."""
    ops = {n.op.name: n.op for n in nodes if n.op is not None}
    if expand is True:
        return {name for name, op in ops.items() if op.body is not None}
    names = {expand} if isinstance(expand, str) else expand or ()
    if not isinstance(names, Iterable) or not all(isinstance(n, str) for n in names):
        raise DrawingError(
            f"expand={expand!r}: give names of operations, or True for all fused ones"
        )
    can = {name for name, op in ops.items() if body_of(op) is not None}
    if not set(names) <= can:
        wrong, right = ", ".join(sorted(set(names) - can)), ", ".join(sorted(can)) or "none"
        raise DrawingError(
            f"expand: no operation {wrong} that can be taken apart is in this graph; these are: "
            f"{right}"
        )
    return set(names)


def body_of(op):
    """What an operation is defined by, if that is a composition of others."""
    if op.body is not None:
        return op.body
    body = getattr(op.function, "__wrapped__", None)
    ours = op is not CHECKPOINT and not isinstance(op.function, DISPATCHING)
    return body if ours and getattr(body, "__name__", "<lambda>") != "<lambda>" else None


def copied(node, inputs) -> list:
    """A node like `node`, and its outputs; freed values come back if they were recorded."""
    saved = node.saved
    if node.values is not None:
        operands, static, kept, out = node.values
        given = [operands] if node.op.variadic else operands
        saved = saved_values(node.op, node.edges, [*given, *static, *kept, out])
    twin = new_node(node.op, inputs, saved, node.shape, node.dtype)
    twin.plain = node.plain
    for key in ("scope", "values", "arguments", "line"):
        if getattr(node, key) is not None:
            setattr(twin, key, getattr(node, key))
    if node.outputs is None:
        return [twin, twin]
    if node.values is not None:
        return [twin, *add_outputs(twin, node.values.out)]
    made = [e and Output(twin, e.slot, e.shape, e.dtype) for e in outputs_of(node)]
    twin.outputs = tuple(lambda e=e: e for e in made)
    return [twin, *made]


def taken_apart(node, inputs) -> list:
    """The edges of the results when the operation's body runs on Tensors at the same places."""
    op, recorded = node.op, node.values is not None
    if not recorded and node.arguments is None:
        raise DrawingError(
            f"expand: the operands of {op.name} were not kept; run the forward pass inside "
            "`with viz.record():`"
        )
    if not recorded:
        with readable():
            updates.check(node)
    raw, static = node.values[:2] if recorded else node.arguments
    operands = [
        place(Tensor, x, e) if isinstance(e, Edge) else constant(e, x)
        for x, e in zip(raw, inputs, strict=True)
    ]
    given = [operands] if op.variadic else operands
    token = mode.set(Mode(values=recorded, scope=node.scope))
    try:
        result = body_of(op)(*given, **dict(zip(op.static, static, strict=True)))
    except Exception as error:
        raise DrawingError(f"expand: {op.name} cannot be taken apart: {error}") from error
    finally:
        mode.reset(token)
    results = result if isinstance(result, (tuple, list)) else [result]
    edges = [t._node for t in results]
    if any(e is None or (e.op is op and e.index > node.index) for e in edges):
        raise DrawingError(f"expand: {op.name} is not made of other operations with a derivative")
    return [edges[0].node if node.outputs else edges[0], *edges]


def constant(known, x):
    """The object that was an untracked operand, which may carry a name, or else its array."""
    thing = known[2]() if isinstance(known, tuple) and known[2] is not None else None
    same = thing is not None and np.array_equal(getattr(thing, "_array", thing), x, equal_nan=True)
    return thing if same else x


def needs_replay(nodes) -> bool:
    """Whether recorded values stand for saved ones, which may be gone or overwritten."""
    return any(n.values is not None for n in nodes)


def updated_since(nodes) -> frozenset[int]:
    """Indices of the leaves that were updated in place after one of the nodes used them."""
    pairs = ((node, edge) for node in nodes for edge in node.edges if edge is not None)
    return frozenset(e.index for n, e in pairs if e.op is None and e.changed > n.index)
