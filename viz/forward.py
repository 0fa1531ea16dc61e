"""The block diagram of a recorded program: a box for each operation, tensors on the arrows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograd_lite import Tensor
from viz.labels import beside, label, named, small, span, title
from viz.scene import MAX_NODES, Scene, Use, constant_key, direction, single

if TYPE_CHECKING:
    from viz.render import Drawing

WIDEST = 8  # ranks beside each other that still fit a page


def draw(
    tensor: Tensor | Sequence[Tensor],
    *,
    names: Mapping[str, Any] | None = None,
    inputs: Tensor | str | Iterable[Tensor | str] = (),
    rankdir: str | None = None,
    max_nodes: int | None = MAX_NODES,
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
    max_nodes : refuse to draw more boxes than this; None draws any number.

    Returns
    -------
    A `graphviz.Digraph` that renders without the program `dot`: see `Drawing`.

    Raises
    ------
    DrawingError : for a tensor nothing was recorded for, unknown `inputs`, too many boxes.

    >>> import autograd_lite as ag
    >>> import viz
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> drawing = viz.draw((x * x).sum(), inputs=["x"])
    >>> "fork1 -> op1" in drawing.source
    True
    >>> drawing.pipe(format="svg", encoding="utf-8")[:5]
    '<?xml'
    """
    from viz.render import Drawing

    scene = Scene(tensor, names, inputs, max_nodes)
    default = "LR" if scene.ranks <= WIDEST else "TB"
    drawing = Drawing.in_style(direction(rankdir, default))
    Blocks(scene, drawing).draw()
    return drawing


class Blocks:
    """The boxes and arrows of the forward drawing."""

    def __init__(self, scene, drawing):
        self.scene = scene
        self.drawing = drawing
        self.constants: dict[tuple, str] = {}  # key -> identifier in the DOT text
        self.forks: dict[int, str] = {}  # edge index -> the same
        self.leaves: set[int] = set()

    def draw(self):
        for node in self.scene.nodes:
            self.add_operation(node)
        for i, edge in enumerate(self.scene.roots):
            self.add_leaf(edge)
            if edge.op is not None:
                kind = "loss" if single(edge) else "output"
                self.drawing.box(f"root{i + 1}", kind, self.tensor_label(edge), trunk=i == 0)
        for node in self.scene.nodes:
            self.add_constant_arrows(node)
            for edge in self.scene.tensors[node.index]:
                self.add_uses(edge)

    # --- boxes ------------------------------------------------------------------------------
    def add_operation(self, node):
        """The boxes of an operation or leaf and of its operands, in the order of the layout."""
        places = list(enumerate(node.edges))
        # what is on the main chain first, so that the skips pass it on one side and the other
        # operands come in on the other
        places.sort(key=lambda place: not self.on_trunk(node, *place))
        for i, edge in places:
            self.add_constant(node, i) if edge is None else self.add_leaf(edge)
        if node.op is not None:
            self.add_producer(node, "op", label(*self.op_lines(node)))

    def on_trunk(self, node, i, edge):
        return edge is not None and self.scene.on_trunk(edge, Use(node, i))

    def add_leaf(self, edge):
        if edge.op is None and edge.index not in self.leaves:
            self.leaves.add(edge.index)
            kind = "input" if self.scene.is_input(edge) else "parameter"
            self.add_producer(edge.node, kind, self.tensor_label(edge))

    def add_producer(self, node, kind, text):
        """The box of an operation or leaf, and a dot for each of its outputs that forks."""
        trunk = node.index in self.scene.trunk
        self.drawing.box(self.scene.ids[node.index], kind, text, trunk=trunk)
        for edge in self.scene.tensors[node.index]:
            if len(self.arrow_uses(edge)) > 1:
                self.forks[edge.index] = fork = f"fork{len(self.forks) + 1}"
                self.drawing.box(fork, "fork", trunk=trunk)

    def add_constant(self, node, i):
        key = constant_key(node, i)
        if key is not None and key not in self.constants:
            self.constants[key] = name = f"const{len(self.constants) + 1}"
            constant = node.inputs[i]
            shape = str(constant[1]) if isinstance(constant, tuple) else ""
            self.drawing.box(name, "constant", named(self.scene.names.constant(node, i), shape))

    def op_lines(self, node):
        """The lines of an operation's box."""
        return [title(node.op.name)]

    def tensor_label(self, edge):
        return named(self.scene.names.of(edge), str(edge.shape))

    # --- arrows -----------------------------------------------------------------------------
    def arrow_uses(self, edge):
        """The uses of a tensor that an arrow goes to: a leaf that is a root has none for that."""
        return [u for u in self.scene.uses[edge.index] if u.node is not None or edge.op is not None]

    def add_constant_arrows(self, node):
        for i, edge in enumerate(node.edges):
            key = constant_key(node, i) if edge is None else None
            if key is not None:
                self.drawing.arrow(self.constants[key], self.scene.ids[node.index], "constant")

    def add_uses(self, edge):
        """The arrows from the box that made a tensor to the boxes that use it."""
        scene, uses = self.scene, self.arrow_uses(edge)
        tail = scene.ids[edge.node.index]
        leaf = edge.op is None
        kind = "parameter" if leaf and not scene.is_input(edge) else "forward"
        # the box of a leaf carries its name, and so does the box of a result
        text = "" if leaf else beside(span(scene.names.of(edge)), small(str(edge.shape)))
        if edge.index in self.forks:
            fork = self.forks[edge.index]
            straight = any(scene.on_trunk(edge, u) for u in uses)
            self.drawing.arrow(tail, fork, kind, text, trunk=straight, arrowhead="none")
            tail, text = fork, ""
        for use in uses:
            head = f"root{use.slot + 1}" if use.node is None else scene.ids[use.node.index]
            shown = "" if use.node is None else text
            self.drawing.arrow(tail, head, kind, shown, trunk=scene.on_trunk(edge, use))
