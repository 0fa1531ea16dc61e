"""The block diagram of a recorded program: a box for each operation, tensors on the arrows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograd_lite import Tensor
from viz.drawings.combined import Cards
from viz.drawings.condense import Item
from viz.drawings.frames import Frames, module_lines
from viz.drawings.labels import beside, label, named, small, span, title
from viz.drawings.options import MAX_NODES, direction
from viz.drawings.scene import Scene, Wire, results
from viz.names import shorter
from viz.programs.roots import single

if TYPE_CHECKING:
    from viz.drawings.render import Drawing

WIDEST = 8  # ranks beside each other that still fit a page


def draw(
    tensor: Tensor | Sequence[Tensor],
    *,
    names: Mapping[str, Any] | None = None,
    inputs: Tensor | str | Iterable[Tensor | str] = (),
    rankdir: str | None = None,
    max_nodes: int | None = MAX_NODES,
    values: bool = False,
    grads: bool = False,
    depth: int | None = None,
    expand: str | Iterable[str] | bool = (),
) -> "Drawing":
    """Draw the program that computed a tensor.

    Parameters
    ----------
    tensor : the result, or a list of results; any shape.
    names : mapping from names to tensors or arrays, such as `locals()`; a name that a tensor
        carries itself goes before it. What has none is called x₁, x₂ … in order of execution.
    inputs : leaves (Tensors or names) to draw as inputs; other leaves that require grad are
        drawn as parameters, with a double border.
    rankdir : "LR" (left to right), "TB" (top to bottom), "RL" or "BT"; by default "LR" as long
        as it fits a page.
    max_nodes : refuse to draw more boxes than this; None draws all there is.
    values, grads : draw a box for each tensor instead, with what computes it and with its numbers:
        its value, as far as it was kept (`viz.record` keeps all) and not changed since, and its
        gradient, computed for the drawing, with arrows both ways. Arrays of many numbers are
        summarized in one line. Hooks are not called: tensors that have some are marked.
    depth : how many levels of `autograd_lite.named_scope` to open. Scopes deeper inside are one
        box each, and so are innermost scopes unless `depth` opens all; 0 makes each outermost
        scope one box. Runs of equal scopes are drawn once, as "blocks × 12". By default all
        operations are drawn up to 60 boxes; above, scopes are closed until the drawing has no more.
        Scopes are equal if operations, arguments, numbers and shapes are; each takes what the one
        before it made and nothing else does, or all take the same and one operation uses them.
    expand : names of fused operations, such as "cross_entropy", to draw as what they are made
        of; True for all. Their operands must be known: see `viz.record`.

    Returns
    -------
    A `graphviz.Digraph` that renders without the program `dot`: see `Drawing`.

    Raises
    ------
    DrawingError : for a tensor nothing was recorded for, unknown `inputs`, too many boxes, an
        unknown operation in `expand`; with `grads` if the tensor is not a single number, or its
        graph was freed by `backward()`.

    >>> import autograd_lite as ag
    >>> import viz
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> drawing = viz.draw((x * x).sum(), inputs=["x"])
    >>> "fork1 -> op1" in drawing.source
    True
    >>> drawing.pipe(format="svg", encoding="utf-8")[:5]
    '<?xml'
    """
    from viz.drawings.render import Drawing

    scene = Scene(tensor, names, inputs, max_nodes, depth, expand)
    scene.shorten_names()
    default = "LR" if scene.ranks <= WIDEST else "TB"
    drawing = Drawing.in_style(direction(rankdir, default))
    if values or grads:
        Cards(scene, drawing, values, grads).draw()
    else:
        Blocks(scene, drawing).draw()
    return drawing


class Blocks:
    """The boxes and arrows of the forward drawing."""

    def __init__(self, scene, drawing):
        self.scene = scene
        self.drawing = drawing
        self.constants: dict[tuple, str] = {}  # key -> identifier in the DOT text
        self.forks: dict[Wire, str] = {}  # the same
        self.leaves: set[Item] = set()
        self.frames = Frames(drawing, scene.boxes)

    def draw(self):
        scene = self.scene
        for item in scene.items:
            self.add_box(item)
        for wire, i in results(scene):
            self.add_leaf(wire)
            if not wire.is_leaf:
                kind = "loss" if single(wire.edge) else "output"
                self.drawing.box(f"root{i + 1}", kind, self.tensor_label(wire), trunk=i == 0)
        for item in scene.items:
            self.add_constant_arrows(item)
            for wire in scene.wires[item]:
                self.add_uses(wire)
        self.frames.draw()

    # --- boxes ------------------------------------------------------------------------------
    def add_box(self, item):
        """The boxes of an operation or module and of its operands, in the order of the layout."""
        places = list(self.scene.incoming[item])
        # what is on the main chain first, so that the skips pass it on one side and the other
        # operands come in on the other
        places.sort(key=lambda place: not self.scene.on_trunk(*place))
        for wire, use in places:
            if wire is None:
                self.add_constant(use, item)
            else:
                self.add_leaf(wire)
        if not item.is_leaf:
            self.add_producer(item, *self.kind_and_label(item))

    def kind_and_label(self, item):
        boxes = self.scene.boxes
        if item.group is not None:
            return "module", label(*module_lines(boxes, item))
        if boxes.condensed and item.node.op.name == "add" and all(item.node.edges):
            return "sum", "+"
        return "op", label(title(shorter(item.node.op.name)))

    def add_leaf(self, wire):
        if wire.is_leaf and wire.item not in self.leaves:
            self.leaves.add(wire.item)
            kind = "input" if self.scene.is_input(wire) else "parameter"
            self.add_producer(wire.item, kind, self.tensor_label(wire))

    def add_producer(self, item, kind, text):
        """The box of an operation or leaf, and a dot for each of its outputs that forks."""
        trunk = item in self.scene.trunk
        self.frames.put(self.scene.ids[item], kind, text, item.cluster, trunk)
        for wire in self.scene.wires[item]:
            if len(arrow_uses(wire)) > 1:
                self.forks[wire] = fork = f"fork{len(self.forks) + 1}"
                self.frames.put(fork, "fork", "", self.scene.frame_of_fork(wire), trunk)

    def add_constant(self, key, item):
        if key not in self.constants:
            self.constants[key] = name = f"const{len(self.constants) + 1}"
            place = self.scene.constants[key]
            # what the reader named comes from outside of the modules
            cluster = None if self.scene.has_name(*place) else item.cluster
            self.frames.put(name, "constant", constant_label(self.scene, *place), cluster, False)

    def tensor_label(self, wire):
        return named(self.scene.name(wire), str(wire.edge.shape))

    # --- arrows -----------------------------------------------------------------------------
    def add_constant_arrows(self, item):
        for wire, key in self.scene.incoming[item]:
            if wire is None:
                self.drawing.arrow(self.constants[key], self.scene.ids[item], "constant")

    def add_uses(self, wire):
        """The arrows from the box that made a tensor to the boxes that use it."""
        scene, uses = self.scene, arrow_uses(wire)
        tail = scene.ids[wire.item]
        kind = "parameter" if wire.is_leaf and not scene.is_input(wire) else "forward"
        text = self.arrow_label(wire)
        if wire in self.forks:
            fork = self.forks[wire]
            straight = any(scene.on_trunk(wire, u) for u in uses)
            self.drawing.arrow(tail, fork, kind, text, trunk=straight, arrowhead="none")
            tail, text = fork, ""
        for use in uses:
            head = f"root{use.slot + 1}" if use.item is None else scene.ids[use.item]
            shown = "" if use.item is None else text
            self.drawing.arrow(tail, head, kind, shown, trunk=scene.on_trunk(wire, use))

    def arrow_label(self, wire):
        """Name and shape; x₃₇₂ says nothing in a drawing that does not show all operations."""
        if wire.is_leaf:  # its box carries its name, and so does the box of a result
            return ""
        shown = self.scene.is_named(wire) or not self.scene.boxes.condensed
        name = self.scene.names.of(wire.edge) + " …" * wire.repeated if shown else ""
        return beside(span(name), small(str(wire.edge.shape)))


def arrow_uses(wire):
    """The uses of a tensor that an arrow goes to: a leaf that is a root has none for that."""
    return [u for u in wire.uses if u.item is not None or not wire.is_leaf]


def constant_label(scene, node, i):
    constant = node.inputs[i]
    shape = str(constant[1]) if isinstance(constant, tuple) else ""
    return named(scene.names.constant(node, i), shape)
