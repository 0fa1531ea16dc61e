"""The backward pass. Knows nothing of Tensors, of symbols or of drawing."""

from heapq import heappop, heappush

import numpy as np

from autograd_lite import updates
from autograd_lite.errors import GraphError, RuleError, ShapeError
from autograd_lite.graph import UNTRACKED, on_path, outputs_of
from autograd_lite.operands import as_data, plain, real_enough
from autograd_lite.ownership import merge
from autograd_lite.rules.casting import astype
from autograd_lite.shapes import unbroadcast

FREED = (
    "{}: the saved values of this graph were freed by an earlier backward(), even if that one "
    "failed; call it with retain_graph=True, or run the forward pass again"
)


def conjugated(edge, g):
    """From the cotangent that rules compute with to the gradient that people read, or back.

    Seeds, hooks, observers and leaves have g = ∂L/∂Re z + i ∂L/∂Im z, so that z − η g descends.
    Rules have c = conj(g), for which dL = Re(c dz). From dw = f′(z) dz follows dL = Re(c f′ dz):
    a holomorphic function has the rule c · f′, as for real numbers, and people see Jᴴ g. Any other
    has dL written as Re(… dz). A real value gets the real part, as its dz is real.
    """
    if edge.dtype is None:  # a node with several outputs: one for each of them that is used
        pairs = zip(outputs_of(edge), g, strict=True)
        return tuple(None if part is None else conjugated(e, part) for e, part in pairs)
    return np.conjugate(g) if edge.dtype.kind == "c" else g


class Inbox:
    """Gradients on their way: the sums so far, and the queue of edges that have one."""

    def __init__(self, seeds, targets, since, visit, aside):
        self.sums: dict = {}  # edge index -> sum of the contributions so far
        self.owned: set = set()  # indices whose sum was made here: nothing else refers to it
        self.heap: list = []  # (-index, edge): the newest first
        self.found: dict = {}  # edge index -> (edge, gradient)
        self.parts: dict = {}  # index of a node with several outputs -> their gradients so far
        self.since = since
        self.visit = visit
        self.aside = aside
        self.asked = frozenset(t.index for t in targets or ())
        self.wanted = None if targets is None else on_path([e for e, _ in seeds], targets, since)
        for edge, g in seeds:
            g = conjugated(edge, g)
            if edge.index in self.sums:
                self.sums[edge.index] = self.sums[edge.index] + g
            else:
                self.sums[edge.index] = g
                heappush(self.heap, (-edge.index, edge))

    def is_end(self, edge):
        """Whether nothing further back is wanted."""
        if edge.op is None:
            return True
        if edge.index not in self.asked and (edge.outputs is None or self.wanted is None):
            return False
        edges = edge.node.edges if edge.index >= self.since else ()
        return not any(e is not None and e.index in self.wanted for e in edges)

    def end(self, leaf):
        return leaf, conjugated(leaf, self.sums[leaf.index])

    def take(self, edge):
        """The gradient of a leaf, an output or a watched node; None if nothing is to pull."""
        g = self.sums.pop(edge.index, None)
        if g is not None:
            g = conjugated(edge, g)
            if not self.aside:
                g = watch(edge, g)
            if self.visit is not None:
                g = self.visit(edge, g)
        if edge.op is None or edge.index in self.asked:
            self.found[edge.index] = (edge, g)
        if g is not None:
            g = conjugated(edge, g)
        if edge.slot is None:
            g = g if edge.outputs is None else tuple(self.parts.pop(edge.index))
            return None if self.is_end(edge) else g
        node = edge.node
        if node.index not in self.parts:
            self.parts[node.index] = [None] * len(node.outputs)
            heappush(self.heap, (-node.index, node))
        self.parts[node.index][edge.slot] = g
        return None


def pull_back(seeds, targets=None, *, since=0, retain=False, lift=None, visit=None, observe=None,
              aside=False):  # fmt: skip
    """Walk the graph newest first; return the gradients as `{edge index: (edge, g)}`.

    Parameters
    ----------
    seeds : pairs (edge, gradient) to start from; a complex one is ∂L/∂Re z + i ∂L/∂Im z.
    targets : edges whose gradients are wanted; None means all leaves. With targets, only edges
        on a path to one are followed, and none into nodes created before `since`.
    retain : keep the saved values for another pass.
    lift : None to compute with arrays. Otherwise an object whose method `value(value, edge, node,
        name, slot)` gives a saved value its place in the graph back, so that rules record or print
        themselves; `outputs(node, values)` does so for several outputs, and `joint(node, g)` gives
        the gradients of a node with a joint rule.
    visit : called as `visit(edge, g)` with each complete gradient; what it returns is used.
    observe : called as `observe(node, g, contributions)` after each node, where contributions
        are triples (argument, edge, gradient).
    aside : only look: hooks are not called, and no intermediate gets its `.grad`.
    """
    inbox = Inbox(seeds, targets, since, visit, aside)
    sums, owned, heap, wanted = inbox.sums, inbox.owned, inbox.heap, inbox.wanted
    direct, asked, ndarray = lift is None and visit is None, inbox.asked, np.ndarray
    leaves = []  # edges of leaves without hooks: nothing to do for them before the end
    latest = updates.latest
    node = g = c = None
    try:
        while heap:
            key, node = heappop(heap)
            if direct and node.plain and (wanted is None or -key not in asked):
                g = sums.pop(-key)
                op, saved = node.op, node.saved
                if saved is None:
                    raise GraphError(FREED.format(op.name))
                inputs, rules = node.inputs, op.rules
            else:
                g = inbox.take(node)
                latest = updates.latest  # a hook may have updated something
                if g is None:
                    continue
                inputs, rules, saved = expanded(node, g, lift)
                if not retain and node.arguments is not None:
                    node.arguments = None
            if -key < latest:
                updates.check(node)
            sent = None if observe is None else []
            i = -1  # counted by hand: on one or two inputs a zip costs more than the rest of this
            for reads in saved:
                i += 1
                if reads is UNTRACKED:
                    continue
                edge = inputs[i]
                key = edge.index
                if wanted is not None and key not in wanted:
                    continue
                rule, count = rules[i]
                # a call with *reads costs a quarter of a small product more
                if count == 1:
                    c = rule(g, reads)
                elif count == 0:
                    c = rule(g)
                else:
                    c = rule(g, *reads)
                if c is None:
                    continue
                if c.shape != edge.shape:
                    c = unbroadcast(c, edge.shape)
                if c.dtype is not edge.dtype and c.dtype != edge.dtype:
                    c = cast(c, edge.dtype)
                if sent is not None:
                    sent.append((i, edge, conjugated(edge, c)))
                if key not in sums:
                    sums[key] = c
                    if edge.op is None and direct and not edge.hooks:
                        leaves.append(edge)
                    else:
                        heappush(heap, (-key, edge))
                elif key in owned and type(c) is ndarray:
                    sums[key] += c
                elif lift is not None:
                    sums[key] = sums[key] + c
                else:
                    merge(sums, key, c)
                    owned.add(key)
            if sent is not None:
                observe(node, conjugated(node, g), sent)
            saved = reads = None  # would keep arrays while the next node is visited
            if not retain:
                node.saved = None
    except Exception as error:
        explain(error, node, g, c)
        raise
    return inbox.found | {e.index: inbox.end(e) for e in leaves}


def watch(edge, g):
    """Show a complete gradient to its hooks, which may replace it, and keep it if asked for."""
    for (hook,) in edge.hooks:
        new = hook(protected(g))
        if new is not None:
            value = real_enough(as_data(plain(new), None), edge, "a hook")
            if value.shape != edge.shape:
                raise ShapeError(
                    f"a hook returned shape {value.shape} for a gradient of shape {edge.shape}"
                )
            g = new if hasattr(g, "_apply") else as_data(value, edge.dtype)
    if edge.retains:
        value = np.positive(getattr(g, "_array", g))  # a copy, of arrays of every kind
        value = np.asarray(value) if isinstance(value, np.generic) else value
        edge.grad = value if edge.grad is None else edge.grad + value
    return g


def protected(g):
    """A gradient that may be shared with others, for reading only."""
    if isinstance(g, np.ndarray):
        g = g.view()
        g.flags.writeable = False
    return g


def expanded(node, g, lift):
    """Inputs, rules and what they read, with a joint rule called and saved values lifted."""
    op = node.op
    if node.saved is None:
        raise GraphError(FREED.format(op.name))
    if op.joint is not None:
        grads = op.joint(g, *node.saved) if lift is None else lift.joint(node, g)
        pairs = zip(node.edges, grads, strict=True)
        ready = [UNTRACKED if edge is None else c for edge, c in pairs]
        return node.inputs, [(made, 1)] * len(ready), ready
    if lift is None:
        return node.inputs, op.rules, node.saved
    saved = [
        UNTRACKED if x is UNTRACKED else lifted(node, reads, unpacked(reads, x), lift)
        for reads, x in zip(op.reads, node.saved, strict=True)
    ]
    return node.inputs, [(rule, 2) for rule in op.vjps], saved


def unpacked(reads, saved):
    """What a rule reads as a tuple, from its entry in `Node.saved`."""
    return (saved,) if len(reads) == 1 else saved or ()


def made(_, c):
    return c


def lifted(node, reads, values, lift):
    """What a rule reads, each value given back the place in the graph that it came from."""
    op = node.op
    result = []
    for name, value in zip(reads, values, strict=True):
        if name == "out":
            if node.outputs is None:
                result.append(lift.value(value, node, node, name))
            else:
                result.append(lift.outputs(node, value))
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


def explain(error, node, g, c):
    """Say which operation an error belongs to, with shapes (as a note, so from Python 3.11)."""
    if c is not None and not hasattr(c, "shape"):
        raise RuleError(
            f"{node.op.name}: a rule returned a {type(c).__name__}, not an array; write it with "
            "NumPy functions and operators on g"
        ) from error
    if node is not None and node.op is not None and hasattr(error, "add_note"):
        shapes = [None if e is None else e.shape for e in node.edges]
        made = f"; made at {node.line}" if node.line else ""
        error.add_note(
            f"in the backward pass of {node.op.name}: gradient {shapes_of(g)}, tracked "
            f"inputs {shapes}{made}"
        )


def shapes_of(g):
    return [None if x is None else x.shape for x in g] if isinstance(g, tuple) else np.shape(g)
