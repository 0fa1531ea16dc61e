"""A recorded graph made again: with its saved values back, or with operations taken apart."""

from collections.abc import Iterable

from autograd_lite import Tensor, updates
from autograd_lite.graph import Edge, Output, add_outputs, ancestors, new_node, outputs_of
from autograd_lite.modes import NORMAL, mode, switched
from autograd_lite.recording import place, saved_values
from viz.errors import DrawingError


def replayed(roots, expand: str | Iterable[str] | bool = ()):
    """The graph behind `roots` with new nodes, oldest first; leaves stay as they are.

    expand : names of operations to replace by what their plain body records; True for all that
        are fused.

    Returns the new edge for the index of each old one.

    Raises
    ------
    DrawingError : if an operation named in `expand` is not in the graph, or its operands were not
        kept.
    """
    nodes = ancestors(roots)
    wanted = expandable(nodes, expand)
    new: dict[int, Edge] = {}
    for node in nodes:
        if node.op is None:
            new[node.index] = node
            continue
        inputs = tuple(new[x.index] if isinstance(x, Edge) else x for x in node.inputs)
        made = taken_apart(node, inputs) if node.op.name in wanted else copied(node, inputs)
        for old, edge in zip(outputs_of(node), made, strict=True):
            if old is not None:
                new[old.index] = edge
                if old.name and not edge.name:
                    edge.name = old.name
        new.setdefault(node.index, made[0].node)
    return new


def expandable(nodes, expand) -> set[str]:
    ops = {n.op.name: n.op for n in nodes if n.op is not None}
    if expand is True:
        return {name for name, op in ops.items() if op.body is not None}
    names = {expand} if isinstance(expand, str) else set(expand or ())
    can = {name for name, op in ops.items() if op.body or hasattr(op.function, "__code__")}
    if names - can:
        wrong, right = ", ".join(sorted(names - can)), ", ".join(sorted(can)) or "none"
        raise DrawingError(
            f"expand: no operation {wrong} that can be taken apart is in this graph; these are: "
            f"{right}"
        )
    return names


def copied(node, inputs):
    """A node like `node`; values that were freed come back if they were recorded."""
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
        return [twin]
    if node.values is not None:
        return list(add_outputs(twin, node.values.out))
    old = outputs_of(node)
    made = [e and Output(twin, e.slot, e.shape, e.dtype) for e in old]
    twin.outputs = tuple(lambda e=e: e for e in made)
    return made


def taken_apart(node, inputs):
    """The edge of the result when the operation's body runs on Tensors at the same places."""
    op = node.op
    if node.values is None and node.arguments is None:
        raise DrawingError(
            f"expand: the operands of {op.name} were not kept; run the forward pass inside "
            "`with viz.record():`"
        )
    raw, static = node.arguments or (node.values.operands, node.values.static)
    operands = [
        place(Tensor, x, e) if isinstance(e, Edge) else constant(e, x)
        for x, e in zip(raw, inputs, strict=True)
    ]
    given = [operands] if op.variadic else operands
    outside = mode.get()
    mode.set(NORMAL)
    try:
        with switched(values=node.values is not None, scope=node.scope):
            result = (op.body or op.function)(*given, **dict(zip(op.static, static, strict=True)))
    finally:
        mode.set(outside)
    results = result if isinstance(result, (tuple, list)) else [result]
    return [t._node for t in results]


def constant(known, x):
    """The object that was an untracked operand, which may carry a name, or else its array."""
    thing = known[2]() if isinstance(known, tuple) and known[2] is not None else None
    return x if thing is None else thing


def needs_replay(nodes) -> bool:
    """Whether recorded values stand for saved ones that are gone or were overwritten."""
    recorded = [n for n in nodes if n.values is not None]
    stale = bool(recorded) and updates.latest > recorded[0].index
    return stale or any(n.saved is None for n in recorded)
