"""The graph: nodes, edges, and what lies between. Knows nothing of Tensors or of drawing.

A `Node` is one recorded operation, or a leaf (`op is None`). An *edge* names one output of a node:
for a node with one output that is the node itself, otherwise an `Output`. Both carry
`index, node, shape, dtype`.
"""

import itertools
import weakref
from typing import Any, NamedTuple

counter = itertools.count(1)
UNTRACKED = object()  # stands in `Node.saved` for an argument that gets no gradient


class Values(NamedTuple):
    """What went into a node and came out, as it was then; kept for drawings only."""

    operands: list
    static: tuple
    kept: list
    out: Any


class Edge:
    """What a node with one output and an `Output` have in common, with rarely set defaults."""

    __slots__ = ()
    index: int
    shape: tuple
    dtype: Any
    node: Any
    slot: int | None  # of the output, if there are several
    name: str | None = None
    grad = None  # of a leaf, or of an intermediate after `retain_grad`
    hooks: tuple = ()
    retains = False
    changed = 0  # of a leaf: counter value at its last in-place update
    plain = False  # a node with one output that is no leaf and has no hooks: the fast path


class Node(Edge):
    """One recorded operation.

    Attributes
    ----------
    op : the `Op`; None for a leaf.
    inputs : for each array argument the edge it came from; if it is not tracked, what is known of
        it: a number (or None) itself, of an array `(name, shape, weak reference)`.
    saved : for each array argument what its rule reads: the thing itself if it is one, None if it
        is nothing, else a tuple; UNTRACKED if the argument is not tracked. For a joint rule the
        tuple of what that reads. None once a backward pass has freed it.
    index : creation number. A node's inputs exist before it, so this order is topological.
    shape, dtype : of the output, and so of its gradient.
    """

    __slots__ = ("__dict__", "__weakref__", "dtype", "index", "inputs", "op", "saved", "shape")
    plain = True
    slot = None
    line = None  # where the user called the operation, under `detect_anomaly`
    outputs = None  # weak references to the outputs, if there are several
    arguments = None  # of a fused operation: operands and static arguments, for its body
    scope = None  # the `named_scope` it was made in
    values = None  # a `Values`, if the mode asked for it

    @property
    def node(self):
        return self

    @property
    def edges(self):
        """For each array argument its edge; None if it is not tracked."""
        return tuple(x if isinstance(x, Edge) else None for x in self.inputs)

    def __repr__(self):
        return f"<{self.op.name if self.op else 'leaf'} #{self.index} {self.shape} {self.dtype}>"


class Output(Edge):
    """One of the several outputs of a node."""

    __slots__ = ("__dict__", "__weakref__", "dtype", "index", "node", "shape", "slot")
    op = property(lambda self: self.node.op)

    def __init__(self, node, slot, shape, dtype):
        self.node = node
        self.slot = slot
        self.index = next(counter)
        self.shape = shape
        self.dtype = dtype


def new_node(op, inputs, saved, shape, dtype):
    node = Node()
    node.op = op
    node.inputs = inputs
    node.saved = saved
    node.index = next(counter)
    node.shape = shape
    node.dtype = dtype
    return node


def leaf(shape, dtype):
    node = new_node(None, (), (), shape, dtype)
    node.plain = False
    return node


def add_outputs(node, arrays):
    """Give a node several outputs, one for each array; return their edges."""
    edges = tuple(Output(node, i, a.shape, a.dtype) for i, a in enumerate(arrays))
    node.outputs = tuple(weakref.ref(e) for e in edges)
    node.plain = False
    return edges


def outputs_of(node):
    """The edges that name the outputs of a node; None for one that nothing uses any more."""
    return [node] if node.outputs is None else [ref() for ref in node.outputs]


def revived(node, arrays):
    """The edges of all outputs of a node; one that nothing used any more is made again."""
    pairs = enumerate(zip(outputs_of(node), arrays, strict=True))
    edges = tuple(Output(node, i, a.shape, a.dtype) if e is None else e for i, (e, a) in pairs)
    node.outputs = tuple(weakref.ref(e) for e in edges)
    return edges


def ancestors(edges, oldest=0):
    """All nodes the given edges depend on and not created before `oldest`, oldest first."""
    seen = {}
    stack = [e.node for e in edges]
    while stack:
        node = stack.pop()
        if node.index >= oldest and node.index not in seen:
            seen[node.index] = node
            stack.extend(x.node for x in node.inputs if isinstance(x, Edge))
    return [seen[i] for i in sorted(seen)]


def on_path(edges, targets, since=0):
    """Indices of all edges between `targets` and `edges`: those whose gradients are needed.

    Nodes created before `since` are not looked into.
    """
    wanted = {t.index for t in targets}
    oldest = min((t.node.index for t in targets), default=0)
    for node in ancestors(edges, oldest=max(oldest, since)):
        if any(e is not None and e.index in wanted for e in node.edges):
            wanted.update(e.index for e in (node, *outputs_of(node)) if e is not None)
    return wanted
