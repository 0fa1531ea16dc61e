"""What a drawing shows, read once from the graph: who uses which tensor, and the main chain."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from autograd_lite import Tensor
from autograd_lite.graph import Edge, Node, ancestors
from viz.errors import DrawingError
from viz.names import Names

MAX_NODES = 400
SHOWN = 10  # names in an error message
DIRECTIONS = ("LR", "TB", "RL", "BT")


class Use(NamedTuple):
    """One use of a tensor: argument `slot` of `node`, or as a root (`node` is None)."""

    node: Node | None
    slot: int


class Scene:
    """The graph behind some tensors, as both drawings need it.

    Attributes
    ----------
    roots : the edges drawn from.
    nodes : all nodes they depend on, oldest first.
    uses : for each edge index the uses of that tensor, in order.
    tensors : for each node index the edges of its outputs that are used.
    names : the `Names` of all tensors.
    trunk : indices of the nodes on the main chain, drawn straight.
    links : its arrows, as pairs (edge index, use).
    ids : for each node index its identifier in the DOT text.
    top : the name of the scalar whose gradient the backward pass computes.
    seeded : whether that scalar is the only root, so that its seed is 1.
    """

    def __init__(self, tensors, names, inputs, max_nodes):
        self.roots = roots_of(tensors)
        self.nodes = ancestors(self.roots)
        # before anything is named, so that a graph of 100,000 operations is refused at once
        check_size(self.nodes, len(self.roots), max_nodes)
        if not isinstance(names, Mapping | None):
            raise DrawingError(
                f"names= of type {type(names).__name__}; pass a mapping from "
                "names to tensors, such as names=locals()"
            )
        self.names = Names(self.roots, names)
        self.find_uses()
        self.inputs = self.find_inputs(inputs)
        self.find_trunk()
        self.seeded = len(self.roots) == 1 and single(self.roots[0])
        self.top = self.names.of(self.roots[0]) if self.seeded else self.names.free("e")

    def find_uses(self):
        self.uses: dict[int, list[Use]] = {}
        self.tensors: dict[int, list[Edge]] = {}
        self.ids: dict[int, str] = {}
        found = []
        count = {"op": 0, "leaf": 0}
        for node in self.nodes:
            kind = "op" if node.op else "leaf"
            count[kind] += 1
            self.ids[node.index] = f"{kind}{count[kind]}"
            found += [(e, Use(node, i)) for i, e in enumerate(node.edges) if e is not None]
        found += [(e, Use(None, i)) for i, e in enumerate(self.roots)]
        for edge, use in found:
            if edge.index not in self.uses:
                self.uses[edge.index] = []
                self.tensors.setdefault(edge.node.index, []).append(edge)
            self.uses[edge.index].append(use)

    def find_inputs(self, inputs):
        """Indices of the leaves that are inputs, not parameters."""
        if isinstance(inputs, str) or hasattr(inputs, "shape"):
            inputs = (inputs,)
        leaves = {self.names.of(n): n for n in self.nodes if n.op is None}
        known = {**{n.name: n for n in leaves.values() if n.name}, **leaves}
        found = set()
        for given in inputs:
            node = known.get(given) if isinstance(given, str) else getattr(given, "_node", None)
            if node is not None and node.op is None and node in self.nodes:
                found.add(node.index)
            elif not self.is_constant(given):
                what = repr(given) if isinstance(given, str) else "a tensor given"
                some = ", ".join([*leaves][:SHOWN]) + (", …" if len(leaves) > SHOWN else "")
                raise DrawingError(
                    f"inputs: {what} is no leaf of this drawing; its leaves are {some}"
                )
        return found

    def is_constant(self, given):
        """Whether `given` is an untracked operand: drawn dashed, as no gradient flows to it."""
        places = self.names.by_place.values()
        thing = getattr(given, "_data", given)
        return given in places if isinstance(given, str) else id(thing) in self.names.by_object

    def find_trunk(self):
        """The longest chain that ends in the first root; it may start in an input or a fork."""
        depth: dict[int, int] = {}
        for node in self.nodes:
            before = [depth[e.node.index] for e in node.edges if e is not None]
            depth[node.index] = 1 + max(before, default=0)
        self.ranks = max(depth[e.node.index] for e in self.roots) + 1
        self.trunk: set[int] = set()
        edge, use = self.roots[0], Use(None, 0)
        self.links: set[tuple[int, Use]] = set()
        while edge is not None:
            node = edge.node
            self.trunk.add(node.index)
            self.links.add((edge.index, use))
            best, edge = (0, False, False), None
            for i, e in enumerate(node.edges):
                if e is not None:
                    rank = depth[e.node.index], self.is_input(e), self.forks(e)
                    if (e.op is not None or any(rank[1:])) and rank > best:
                        best, edge, use = rank, e, Use(node, i)

    def is_input(self, edge):
        return edge.index in self.inputs

    def forks(self, edge):
        """Whether a tensor is used more than once; then its gradient is a sum."""
        return len(self.uses[edge.index]) > 1

    def on_trunk(self, edge, use):
        """Whether the way from a tensor to one of its uses is part of the main chain."""
        return (edge.index, use) in self.links


def single(edge: Any) -> bool:
    """Whether a tensor is one number, the only thing that has a gradient."""
    return prod(edge.shape) == 1


def roots_of(tensors: Any) -> list:
    given = tensors if isinstance(tensors, list | tuple) else [tensors]
    if not given:
        raise DrawingError("nothing to draw: the list of tensors is empty")
    for t in given:
        if not isinstance(t, Tensor):
            raise DrawingError(
                f"an object of type {type(t).__name__} has no graph; pass the "
                "Tensor that was computed, or a list of Tensors"
            )
        if t._node is None:
            raise DrawingError(
                "nothing was recorded for this tensor: make an input with requires_grad=True, and "
                "compute the tensor outside no_grad() and without detach()"
            )
    return list({t._node.index: t._node for t in given}.values())


def constant_key(node: Any, i: int) -> tuple | None:
    """Equal for two places exactly if they hold the same array; a number is never shared.

    None for a place that is not drawn: the argument was left out.
    """
    constant = node.inputs[i]
    if constant is None:
        return None
    if not isinstance(constant, tuple) or constant[2] is None:
        return node.index, i
    # an object has one weak reference however often it is asked for, also once it is gone
    return (id(constant[2]),)


def check_size(nodes: Sequence, roots: int, max_nodes: int | None) -> None:
    if max_nodes is None:
        return
    keys = {constant_key(n, i) for n in nodes for i, e in enumerate(n.edges) if e is None}
    count = len(nodes) + len(keys - {None}) + roots
    if count > max_nodes:
        raise DrawingError(
            f"this drawing would have {count} boxes, more than max_nodes={max_nodes}, and nobody "
            "could read it; draw a tensor computed earlier or a smaller model, or pass "
            "max_nodes=None to draw it all the same"
        )


def direction(rankdir: str | None, default: str) -> str:
    if rankdir is None:
        return default
    if rankdir not in DIRECTIONS:
        raise DrawingError(f"rankdir={rankdir!r}: use one of {', '.join(DIRECTIONS)}")
    return rankdir
