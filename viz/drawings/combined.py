"""Both passes in one drawing: a box for each tensor, with its value and its gradient."""

from bisect import bisect_left

import numpy as np

from viz.drawings import tables
from viz.drawings.boxlines import Texts, argument, broken
from viz.drawings.frames import Frames, module_lines
from viz.drawings.labels import HOOKS, clear, small, title
from viz.drawings.style import BACKWARD, BOXES, FORWARD, MUTED
from viz.grid import cells
from viz.names import shorter

UNKNOWN = "not kept: record with viz.record()"
CHANGED = "changed in place since"
UNREACHED = "no gradient arrives"
HEADER = 48  # characters of a line


class Cards:
    """The boxes and arrows of the combined drawing.

    values : show the numbers of the forward pass.
    grads : show those of the backward pass, computed by the engine, and its arrows.
    """

    def __init__(self, scene, drawing, values, grads):
        self.scene = scene
        self.drawing = drawing
        self.values = values
        self.numbers = scene.program.numbers if grads else None
        self.changed = changed_leaves(scene.program) if values else set()
        self.texts = Texts(scene.program)
        self.ids: dict = {}  # item -> the identifiers of its boxes in the DOT text
        self.constants: dict[tuple, str] = {}
        self.frames = Frames(drawing, scene.boxes)

    def draw(self):
        scene = self.scene
        for item in scene.items:
            self.add_constants(item)
            self.add_boxes(item)
        for item in scene.items:
            for wire, key in scene.incoming[item]:
                if wire is None and key in self.constants:
                    for head in self.ids[item]:
                        self.drawing.arrow(self.constants[key], head, "constant")
            for wire in scene.wires[item]:
                self.add_arrows(wire)
        self.frames.draw()

    # --- boxes ------------------------------------------------------------------------------
    def add_boxes(self, item):
        """A box for each tensor that an operation makes; for a closed module one box."""
        scene, name = self.scene, self.scene.ids[item]
        wires = scene.wires[item]
        trunk = item in scene.trunk
        if item.group is not None:
            rows = [row for wire in wires for row in self.rows(wire, named=len(wires) > 1)]
            hooks = max(map(self.hooks, (item, *wires)))
            lines = module_lines(scene.boxes, item, hooks)
            head = tables.header(lines, BOXES["module"]["fillcolor"])
            self.frames.put(name, "tensor", tables.table(head, *rows), item.cluster, trunk)
            self.ids[item] = [name]
            return
        self.ids[item] = [name] if len(wires) == 1 else [
            f"{name}_{i + 1}" for i in range(len(wires))
        ]  # fmt: skip
        for key, wire in zip(self.ids[item], wires, strict=True):
            kind = "parameter tensor" if self.role(wire) == "parameter" else "tensor"
            text = tables.table(self.header(wire), *self.rows(wire))
            self.frames.put(key, kind, text, item.cluster, trunk)

    def role(self, wire):
        if not wire.is_leaf:
            return shorter(wire.edge.op.name)
        return "input" if self.scene.is_input(wire) else "parameter"

    def header(self, wire):
        """The name of a tensor and what computes it; below it the operation and the shape."""
        name, below = self.scene.name(wire), f"{self.role(wire)} {wire.edge.shape}"
        below += self.hooks(wire)
        if wire.is_leaf:
            return tables.header([title(name), clear(small(below))])
        if self.scene.boxes.is_folded(wire.item):
            shape = str(wire.edge.shape) + self.hooks(wire)
            return tables.header([title(self.role(wire)), clear(small(shape))],
                                 BOXES["op"]["fillcolor"])  # fmt: skip
        lines = broken(f"{name} = {self.texts.forward(wire.edge)}", HEADER, 2 * HEADER)
        return tables.header([*map(title, lines), clear(small(below))], BOXES["op"]["fillcolor"])

    def hooks(self, part):
        """The mark of a gradient that hooks might change."""
        marked = self.numbers is not None and part in self.scene.hooked
        return f" · {HOOKS}" if marked else ""

    def rows(self, wire, named=False):
        """The value of a tensor, what is sent to it, and its gradient."""
        if self.scene.boxes.is_folded(wire.item):  # many tensors
            return
        edge = wire.edge
        if self.values:
            shown = self.value(wire)
            yield tables.row(self.scene.name(wire) if named else "value", FORWARD, shown)
        if self.numbers is None:
            return
        for use, part in self.parts(wire):
            yield tables.row(self.way(wire, use), MUTED, tables.numbers(cells(part)))
        g = self.numbers.totals.get(edge.index)
        shown = tables.note(UNREACHED) if g is None else tables.numbers(cells(g))
        yield tables.row(self.texts.gradient(edge), BACKWARD, shown)

    def value(self, wire):
        """The numbers of a tensor, unless they are not those that the program ran with."""
        value = self.scene.program.values.get(wire.edge.index)
        if value is None:
            return tables.note(UNKNOWN)
        if wire.edge.index in self.changed:
            return tables.note(CHANGED)
        return tables.numbers(cells(value))

    def parts(self, wire):
        """What the uses of a tensor send to it, if that is a sum and all of it is in sight."""
        hidden = any(u.node is None or self.scene.boxes.is_folded(u.item) for u in wire.uses)
        if not wire.forks or wire.inside or hidden:
            return []
        sent = [(u, self.numbers.parts.get((u.node.index, u.slot))) for u in wire.uses]
        return [(use, part) for use, part in sent if part is not None]

    def way(self, wire, use):
        """What a contribution comes by: '⊕ via add'."""
        again = sum(e is wire.edge for e in use.node.edges) > 1
        place = f" ({argument(use.node, use.slot)})" if again else ""
        return f"⊕ via {use.node.op.name}{place}"

    def add_constants(self, item):
        """Boxes of constant arrays; a number stands in the formula of its operation."""
        for wire, key in self.scene.incoming[item]:
            if wire is None and key not in self.constants:
                node, i = self.scene.constants[key]
                if isinstance(node.inputs[i], tuple):
                    self.constants[key] = f"const{len(self.constants) + 1}"
                    self.add_constant(self.constants[key], node, i, item)

    def add_constant(self, key, node, i, item):
        name, shape = self.scene.names.constant(node, i), node.inputs[i][1]
        rows = [tables.header([title(name), clear(small(f"constant, no gradient {shape}"))])]
        if self.values and not self.scene.boxes.is_folded(item):
            value = self.scene.program.constant_value(node, i)
            shown = tables.note(UNKNOWN) if value is None else tables.numbers(cells(value))
            rows.append(tables.row("value", FORWARD, shown))
        cluster = None if self.scene.has_name(node, i) else item.cluster
        self.frames.put(key, "constant tensor", tables.table(*rows), cluster, False)

    # --- arrows -----------------------------------------------------------------------------
    def add_arrows(self, wire):
        """From a tensor to all that is computed from it, and back what these send."""
        scene = self.scene
        at = self.ids[wire.item]
        tail = at[scene.wires[wire.item].index(wire)] if len(at) > 1 else at[0]
        for use in wire.uses:
            for head in self.ids[use.item] if use.item else ():
                self.drawing.arrow(tail, head, "forward", trunk=scene.on_trunk(wire, use))
                if self.sends(wire, use):
                    self.drawing.arrow(head, tail, "gradient")

    def sends(self, wire, use):
        """Whether a gradient comes back from a use: a rule may send nothing."""
        sent = self.numbers.parts if self.numbers is not None else {}
        return any((node.index, slot) in sent for node, slot in self.scene.behind[wire, use])


def changed_leaves(program) -> set[int]:
    """Indices of leaves whose known values are not those that all operations ran with."""
    found = set()
    ran = moments(program)
    for node in program.nodes:
        for slot, edge in enumerate(node.edges):
            if edge is None or not edge.changed or edge.index in found:
                continue
            if node.values is None:
                same = ran(node) > edge.changed
            else:
                then, known = node.values.operands[slot], program.values[edge.index]
                same = np.array_equal(then, known, equal_nan=True)
            if not same:
                found.add(edge.index)
    return found


def moments(program):
    """A function that says when the user ran a node, which may have been made again since."""
    again = sorted((edge.index, old) for old, edge in program.moved.items())

    def ran(node):
        place = bisect_left(again, (node.index,))
        return again[place][1] if place < len(again) else node.index

    return ran
