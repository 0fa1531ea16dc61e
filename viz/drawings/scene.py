"""What a drawing shows, read once from the graph: who uses which tensor, and the main chain."""

from typing import Any, NamedTuple

from autograd_lite.graph import Edge, ancestors, outputs_of
from viz.drawings.condense import Boxes, Cluster, Item, common_frame, condensed, constant_key
from viz.drawings.options import (
    check_depth,
    check_limit,
    check_size,
    edge_of,
    listed,
    named_arrays,
)
from viz.errors import DrawingError
from viz.programs.program import Program
from viz.programs.roots import roots_of

SHOWN = 10  # names in an error message


class Use(NamedTuple):
    """One use of a tensor: argument `slot` of `node` in a box, or as a root (`item` is None)."""

    item: Item | None
    node: Any  # None as well if the box is a closed module
    slot: int


class Wire:
    """A tensor as the drawings show it: the box that made it, and its uses in order.

    inside : whether it is used as well inside of the closed module that made it, out of sight.
    repeated : whether it stands for several tensors: one in each of several equal modules.
    """

    def __init__(self, edge: Edge, item: Item):
        self.edge = edge
        self.item = item
        self.uses: list[Use] = []
        self.inside = False
        self.repeated = False

    @property
    def is_leaf(self) -> bool:
        return self.item.is_leaf

    @property
    def forks(self) -> bool:
        """Whether more than one arrow leaves the tensor."""
        return len(self.uses) > 1

    @property
    def is_sum(self) -> bool:
        """Whether its gradient is more than what comes by one arrow."""
        return self.forks or self.inside


class Scene:
    """The graph behind some tensors, as all drawings need it.

    Attributes
    ----------
    program : the `Program`: names, formulas, numbers.
    boxes : operations, leaves and closed modules; `items` lists them, oldest first.
    inputs : indices of the leaves that are inputs, not parameters.
    wires : for each box the tensors made in it that are used outside of it.
    incoming : for each box its operands in order, as (wire, use) or (None, key of a constant).
    behind : for each arrow, as (wire, use), all pairs (node, argument) that it stands for.
    hooked : wires with hooks, and closed modules with hooks on a tensor that stays inside.
    constants : key -> (node, argument) of the first use.
    trunk : the boxes on the main chain, drawn straight; `links` its arrows, as (wire, use).
    ids : for each box its identifier in the DOT text.
    """

    def __init__(self, tensors, names, inputs, max_nodes, depth=None, expand=()):
        depth, max_nodes = check_depth(depth), check_limit(max_nodes)
        check_size(roots_of(tensors), names, inputs := listed(inputs), depth, max_nodes)
        self.program = Program(tensors, names, expand=expand)
        self.roots, self.nodes, self.names = (
            self.program.roots, self.program.nodes, self.program.names)  # fmt: skip
        self.find_named(names or {})
        self.inputs = self.find_inputs(inputs)
        self.boxes: Boxes = condensed(
            self.nodes, self.roots, self.inputs, depth, max_nodes, self.named_arrays
        )
        self.items = self.boxes.items
        self.find_wires()
        self.find_hooks(ancestors(roots_of(tensors)))
        self.name_boxes()
        self.find_trunk()

    # --- who uses what ----------------------------------------------------------------------
    def find_wires(self):
        self.wires: dict[Item, list[Wire]] = {item: [] for item in self.items}
        self.incoming: dict[Item, list[tuple]] = {item: [] for item in self.items}
        self.constants: dict[tuple, tuple] = {}
        self.by_key: dict[tuple, Wire] = {}
        self.behind: dict[tuple[Wire, Use], list[tuple]] = {}
        self.places = places = {node.index: self.boxes.place(node) for node in self.nodes}
        self.used_inside: set[tuple] = set()
        seen: dict[tuple, list] = {}
        for node in self.nodes:
            head = places[node.index]
            for i, edge in enumerate(node.edges):
                if edge is not None:
                    self.add_use(edge, places[edge.node.index], head, node, i, seen)
                elif head.twin is node:
                    self.add_constant(node, i, head.item)
        for i, edge in enumerate(self.roots):
            wire = self.wire(edge, places[edge.node.index], {})
            wire.uses.append(Use(None, None, i))
        for key, wire in self.by_key.items():
            wire.inside = key in self.used_inside

    def add_use(self, edge, tail, head, original, slot, seen):
        """An arrow from box to box, but none inside a closed module, and none from one of several
        equal modules to the next."""
        between = any(head.runs.get(run, k) != k for run, k in tail.runs.items())
        if between:
            return
        if tail.item is head.item:
            self.used_inside.add((tail.twin.index, edge.slot))
            return
        node = head.item.node and head.twin
        # what one operation takes from parallel modules comes by one arrow
        bundle = not self.boxes.parallel.isdisjoint(tail.runs.keys() - head.runs.keys())
        place = 0 if node is None or bundle else slot
        key = (tail.twin.index, edge.slot, head.item, place)
        if key not in seen:
            wire = self.wire(edge, tail, head.runs)
            use = Use(head.item, node, slot)
            wire.uses.append(use)
            self.incoming[head.item].append((wire, use))
            seen[key] = self.behind[wire, use] = []
        seen[key].append((original, slot))

    def wire(self, edge, tail, runs):
        """The wire of a tensor that is used, or given, inside of the runs of equal modules `runs`.

        What leaves a chain of modules is made by the last one, and is one tensor.
        """
        key = tail.twin.index, edge.slot
        if key not in self.by_key:
            self.by_key[key] = wire = Wire(edge, tail.item)
            wire.repeated = bool(tail.runs)
            self.wires[tail.item].append(wire)
        wire = self.by_key[key]
        if tail.runs and tail.runs.keys().isdisjoint((*runs, *self.boxes.parallel)):
            wire.edge, wire.repeated = edge, False
        return wire

    def find_hooks(self, nodes):
        """nodes : those of the user, as nodes made again have no hooks."""
        self.hooked: set[Wire | Item] = set()
        edges = (e for node in nodes for e in outputs_of(node) if e is not None and e.hooks)
        for edge in (self.program.moved.get(e.index, e) for e in edges):
            if place := self.places.get(edge.node.index):  # else it is used no more
                self.hooked.add(self.wire_of(edge) or place.item)

    def add_constant(self, node, i, item):
        """A constant is shown where its operation is; in a closed module only if it has a name."""
        key = constant_key(node, i)
        if key is None or (item.group is not None and not self.has_name(node, i)):
            return
        self.constants.setdefault(key, (node, i))
        if item.node is not None or (None, key) not in self.incoming[item]:
            self.incoming[item].append((None, key))

    def find_named(self, names):
        """What the reader gave a name: indices of tensors, ids of arrays."""
        edges = [edge for t in names.values() if (edge := edge_of(t)) is not None]
        moved = self.program.moved
        self.named_tensors = {moved.get(edge.index, edge).index for edge in edges}
        self.named_arrays = named_arrays(names)

    def has_name(self, node, i):
        """Whether the reader gave a constant its name."""
        known = node.inputs[i]
        if not isinstance(known, tuple):
            return False
        thing = known[2]() if known[2] is not None else None
        return bool(known[0]) or (thing is not None and id(thing) in self.named_arrays)

    def name_boxes(self):
        count = {"op": 0, "leaf": 0, "module": 0}
        self.ids: dict[Item, str] = {}
        for item in self.items:
            kind = "leaf" if item.is_leaf else "op" if item.node is not None else "module"
            count[kind] += 1
            self.ids[item] = f"{kind}{count[kind]}"

    def find_inputs(self, inputs):
        """Indices of the leaves that are inputs, not parameters."""
        leaves = {self.names.of(n): n for n in self.nodes if n.op is None}
        known = {**{n.name: n for n in leaves.values() if n.name}, **leaves}
        found = set()
        for given in inputs:
            node = known.get(given) if isinstance(given, str) else edge_of(given)
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
        thing = getattr(given, "_array", given)
        return given in places if isinstance(given, str) else id(thing) in self.names.by_object

    # --- the main chain ---------------------------------------------------------------------
    def find_trunk(self):
        """The longest chain that ends in the first root; it may start in an input or a fork."""
        depth = {item: 1 for item in self.items if item.is_leaf}
        for item in self.items:
            # a box that is not ranked yet is one that would close a cycle
            before = [depth.get(wire.item, 0) for wire, _ in self.incoming[item] if wire]
            depth[item] = 1 + max(before, default=0)
        ends = [w for ws in self.wires.values() for w in ws if any(u.item is None for u in w.uses)]
        self.ranks = max(depth[w.item] for w in ends) + 1
        self.trunk: set[Item] = set()
        self.links: set[tuple[Wire, Use]] = set()
        wire = next(w for w in ends if any(u == Use(None, None, 0) for u in w.uses))
        use = Use(None, None, 0)
        while wire is not None:
            item = wire.item
            self.trunk.add(item)
            self.links.add((wire, use))
            best, wire = (0, False, False), None
            for w, u in self.incoming[item]:
                if w is not None and depth[w.item] < depth[item]:
                    rank = depth[w.item], self.is_input(w), w.forks
                    if (not w.is_leaf or any(rank[1:])) and rank > best:
                        best, wire, use = rank, w, u

    def is_input(self, wire):
        return wire.edge.index in self.inputs

    def on_trunk(self, wire, use):
        """Whether the way from a tensor to one of its uses is part of the main chain."""
        return (wire, use) in self.links

    # --- names ------------------------------------------------------------------------------
    def is_named(self, wire):
        """Whether the reader gave the tensor its name."""
        return bool(wire.edge.name) or wire.edge.index in self.named_tensors

    def name(self, wire) -> str:
        """The name of a tensor; '' for one of many that the reader has not named.

        A tensor that stands for others too is called "W₀ …".
        """
        name = self.names.of(wire.edge)
        if wire.repeated:
            return f"{name} …" if self.is_named(wire) else ""
        result = any(use.item is None for use in wire.uses)
        known = result or self.is_named(wire) or not self.boxes.is_folded(wire.item)
        return name if known else ""

    def shorten_names(self):
        """Leave out the middle of long names; after this they cannot be asked for any more."""
        self.names.shorten()
        if self.program.seeded:
            root = self.roots[0].index
            self.names.by_edge[root] = self.names.differentiated(self.names.by_edge[root])
            self.program.top = self.names.by_edge[root]

    def wire_of(self, edge) -> Wire | None:
        return self.by_key.get((self.places[edge.node.index].twin.index, edge.slot))

    def frame_of_fork(self, wire) -> Cluster | None:
        """The innermost frame around all boxes that use a tensor: there its dot stands."""
        first, *others = (use.item.cluster if use.item else None for use in wire.uses)
        for other in others:
            first = common_frame(first, other)
        return first


def results(scene):
    """The tensors that the drawing is of, as pairs of a wire and its number."""
    found = [(w, u.slot) for ws in scene.wires.values() for w in ws for u in w.uses if not u.item]
    return sorted(found, key=lambda pair: pair[1])
