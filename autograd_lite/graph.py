"""The graph and its backward pass. Knows nothing of Tensors, of symbols or of drawing.

A `Node` is one recorded operation, or a leaf (`op is None`). An *edge* names one output of a node:
for a node with one output that is the node itself, otherwise an `Output`. Both carry
`index, node, shape, dtype`.
"""

import itertools
import weakref
from heapq import heappop, heappush

import numpy as np

from autograd_lite import updates
from autograd_lite.errors import GraphError, ShapeError
from autograd_lite.rules.casting import astype
from autograd_lite.shapes import unbroadcast

counter = itertools.count(1)


class Edge:
    """What a node with one output and an `Output` have in common, with rarely set defaults."""

    __slots__ = ()
    name = None
    grad = None  # of a leaf, or of an intermediate after `retain_grad`
    hooks: tuple = ()
    retains = False
    plain = False  # a node with one output that is no leaf and has no hooks: the fast path


class Node(Edge):
    """One recorded operation.

    Attributes
    ----------
    op : the `Op`; None for a leaf.
    inputs : for each array argument the edge it came from; if it is not tracked, what is known of
        it: a number (or None) itself, of an array `(name, shape, weak reference)`.
    pulls : for each tracked argument `(edge, rule, what the rule reads…)`, for a joint rule what
        it reads; None once a backward pass has freed it.
    index : creation number. A node's inputs exist before it, so this order is topological.
    shape, dtype : of the output, and so of its gradient.
    """

    __slots__ = ("__dict__", "__weakref__", "dtype", "index", "inputs", "op", "pulls", "shape")
    plain = True
    slot = None
    line = None  # where the user called the operation, under `detect_anomaly`
    outputs = None  # weak references to the outputs, if there are several
    changed = 0  # of a leaf: counter value at its last in-place update
    arguments = None  # of a fused operation: operands and static arguments, for its body

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


def new_node(op, inputs, pulls, shape, dtype):
    node = Node()
    node.op = op
    node.inputs = inputs
    node.pulls = pulls
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


def on_path(edges, targets):
    """Indices of all edges between `targets` and `edges`: those whose gradients are needed."""
    wanted = {t.index for t in targets}
    for node in ancestors(edges, oldest=min((t.node.index for t in targets), default=0)):
        if any(e is not None and e.index in wanted for e in node.edges):
            wanted.update(e.index for e in (node, *outputs_of(node)) if e is not None)
    return wanted


def pull_back(seeds, targets=None, *, retain=False, lift=None, visit=None, observe=None):
    """Walk the graph newest first; return the gradients as `{edge index: (edge, g, owned)}`.

    Parameters
    ----------
    seeds : pairs (edge, gradient) to start from.
    targets : edges whose gradients are wanted; None means all leaves. With targets, only edges
        on a path to one are followed.
    retain : keep the saved values for another pass.
    lift : None to compute with arrays. Otherwise an object whose `value(value, edge, node, name, slot)`
        gives a saved value its place in the graph back, so that rules record or print themselves,
        and whose `joint(node, g)` gives the gradients of a node with a joint rule.
    visit : called as `visit(edge, g)` with each complete gradient; what it returns is used.
    observe : called as `observe(node, g, contributions)` after each node, where contributions
        are pairs (edge, gradient).

    `owned` says that the gradient is a buffer made here, which nothing else refers to.
    """
    wanted = None if targets is None else on_path([e for e, _ in seeds], targets)
    asked = frozenset() if targets is None else {t.index for t in targets}
    inbox: dict = {}  # edge index -> sum of the contributions so far
    owned: set = set()  # indices whose sum is a buffer made here
    parts: dict = {}  # index of a node with several outputs -> their gradients so far
    heap: list = []  # (-index, edge): the newest first
    found: dict = {}

    def special(edge):
        """The gradient of a leaf, an output, or a node with hooks; None if nothing is to pull."""
        g = inbox.pop(edge.index, None)
        if g is not None:
            g = watch(edge, g, visit)
        if edge.op is None or edge.index in asked:
            found[edge.index] = (edge, g, edge.index in owned)
        if edge.slot is not None:
            node = edge.node
            if node.index not in parts:
                parts[node.index] = [None] * len(node.outputs)
                heappush(heap, (-node.index, node))
            parts[node.index][edge.slot] = g
            return None
        return g if edge.outputs is None else tuple(parts.pop(edge.index))

    direct = lift is None and visit is None
    node = g = None
    for edge, g in seeds:
        if edge.index not in inbox:
            heappush(heap, (-edge.index, edge))
        inbox[edge.index] = inbox[edge.index] + g if edge.index in inbox else g
    try:
        while heap:
            key, node = heappop(heap)
            if direct and node.plain:
                g = inbox.pop(-key)
                pulls = node.pulls
                if asked and -key in asked:
                    found[-key] = (node, g, -key in owned)
            else:
                g = special(node)
                if g is None or node.op is None:
                    continue
                pulls = expanded(node, g, lift)
            if pulls is None:
                raise GraphError(FREED.format(node.op.name))
            if -key < updates.latest:
                updates.check(node)
            sent = None if observe is None else []
            for pull in pulls:
                edge = pull[0]
                key = edge.index
                if wanted is not None and key not in wanted:
                    continue
                # unpacked by length: a call with *reads costs a quarter of a small product more
                size = len(pull)
                if size == 3:
                    c = pull[1](g, pull[2])
                elif size == 2:
                    c = pull[1](g)
                else:
                    c = pull[1](g, *pull[2:])
                if c is None:
                    continue
                if c.shape != edge.shape:
                    c = unbroadcast(c, edge.shape)
                if c.dtype is not edge.dtype and c.dtype != edge.dtype:
                    c = cast(c, edge.dtype)
                if sent is not None:
                    sent.append((edge, c))
                if key not in inbox:
                    inbox[key] = c
                    heappush(heap, (-key, edge))
                elif key in owned:
                    inbox[key] += c
                else:
                    # a sum, not an assignment: a value used twice gets one along each path
                    inbox[key] = inbox[key] + c
                    if lift is None:
                        owned.add(key)
            if sent is not None:
                observe(node, g, sent)
            if not retain:
                node.pulls = None
                if node.arguments is not None:
                    node.arguments = None
    except Exception as error:
        explain(error, node, g)
        raise
    return found


FREED = (
    "{}: the saved values of this graph were freed by an earlier backward(); call that one with "
    "retain_graph=True, or run the forward pass again"
)


def watch(edge, g, visit):
    """Show a complete gradient to its hooks and to `visit`; either may replace it."""
    for hook in edge.hooks:
        new = hook(g)
        if new is not None:
            if np.shape(new) != edge.shape:
                raise ShapeError(f"a hook returned shape {np.shape(new)} for a gradient of shape "
                                 f"{edge.shape}")  # fmt: skip
            g = new
    if edge.retains:
        value = getattr(g, "_data", g)
        edge.grad = value if edge.grad is None else edge.grad + value
    return g if visit is None else visit(edge, g)


def expanded(node, g, lift):
    """The pulls of a node, with a joint rule called and with saved values lifted."""
    op = node.op
    if node.pulls is None or (lift is None and op.joint is None):
        return node.pulls
    if op.joint is None:
        slots = [i for i, e in enumerate(node.edges) if e is not None]
        return [
            (pull[0], pull[1], *lifted(node, op.reads[i], pull[2:], lift))
            for i, pull in zip(slots, node.pulls, strict=True)
        ]
    grads = op.joint(g, *node.pulls) if lift is None else lift.joint(node, g)
    pairs = zip(node.edges, grads, strict=True)
    return [(edge, ready, c) for edge, c in pairs if edge is not None]


def ready(_, c):
    return c


def lifted(node, reads, values, lift):
    """What a rule reads, each value given back the place in the graph that it came from."""
    op = node.op
    result = []
    for name, value in zip(reads, values, strict=True):
        if name == "out":
            pairs = zip(value if node.outputs else (value,), outputs_of(node), strict=True)
            outs = [lift.value(v, edge, node, name) for v, edge in pairs]
            result.append(tuple(outs) if node.outputs else outs[0])
        elif op.variadic and name == op.arrays[0]:
            triples = zip(value, node.edges, range(len(value)), strict=True)
            result.append([lift.value(v, edge, node, name, i) for v, edge, i in triples])
        else:
            slot = op.arrays.index(name) if name in op.arrays else None
            edge = None if slot is None else node.edges[slot]
            result.append(lift.value(value, edge, node, name, slot))
    return result


def cast(c, dtype):
    """Bring a contribution to the dtype of its edge; at a real edge that is its real part."""
    if c.dtype.kind == "c" and dtype.kind == "f":
        c = np.real(c)
    return astype(c, dtype)


def explain(error, node, g):
    """Add to an error raised by a rule which operation it was, with shapes (Python 3.11)."""
    if node is not None and node.op is not None and hasattr(error, "add_note"):
        shapes = [None if e is None else e.shape for e in node.edges]
        made = f"; made at {node.line}" if node.line else ""
        error.add_note(f"in the backward pass of {node.op.name}: gradient {np.shape(g)}, tracked "
                       f"inputs {shapes}{made}")  # fmt: skip
