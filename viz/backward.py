"""The backward pass of a recorded program: arrows carry gradients and point backward."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograd_lite import Tensor
from viz.labels import beside, label, named, partial, small, span, title
from viz.scene import MAX_NODES, Scene, direction

if TYPE_CHECKING:
    from viz.render import Drawing


def draw_backward(
    tensor: Tensor | Sequence[Tensor],
    *,
    names: Mapping[str, Any] | None = None,
    inputs: Tensor | str | Iterable[Tensor | str] = (),
    rankdir: str | None = None,
    max_nodes: int | None = MAX_NODES,
) -> "Drawing":
    """Draw how gradients flow from a tensor back to the leaves.

    A value that was used more than once gets a contribution along each way; they meet in a ⊕.

    Parameters
    ----------
    tensor : a single number, whose seed is 1; or a tensor of another shape, or a list: their
        gradients, of their shapes, are then given.
    names, inputs, max_nodes : as in `draw`.
    rankdir : "TB" (top to bottom, the default), "LR", "RL" or "BT".

    Returns
    -------
    A `graphviz.Digraph` that renders without the program `dot`: see `Drawing`.

    Raises
    ------
    DrawingError : for a tensor nothing was recorded for, unknown `inputs`, too many boxes.

    >>> import autograd_lite as ag
    >>> import viz
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> drawing = viz.draw_backward((x * x).sum())
    >>> "merge1 -> leaf1" in drawing.source
    True
    """
    from viz.render import Drawing

    scene = Scene(tensor, names, inputs, max_nodes)
    drawing = Drawing.in_style(direction(rankdir, "TB"))
    Pulls(scene, drawing).draw()
    return drawing


class Pulls:
    """The boxes and arrows of the backward drawing."""

    def __init__(self, scene, drawing):
        self.scene = scene
        self.drawing = drawing
        self.merges: dict[int, str] = {}  # edge index -> identifier in the DOT text

    def draw(self):
        for i, edge in enumerate(self.scene.roots):
            self.drawing.box(f"seed{i + 1}", "seed", self.seed_label(edge), trunk=i == 0)
        for node in reversed(self.scene.nodes):
            self.add_box(node)
        for node in reversed(self.scene.nodes):
            for edge in self.scene.tensors[node.index]:
                self.add_contributions(edge)

    # --- boxes ------------------------------------------------------------------------------
    def add_box(self, node):
        """The box of an operation's rule or a leaf's gradient, and a ⊕ for each sum it wants."""
        trunk = node.index in self.scene.trunk
        for edge in self.scene.tensors[node.index]:
            if self.scene.forks(edge):
                self.merges[edge.index] = merge = f"merge{len(self.merges) + 1}"
                self.drawing.box(merge, "merge", "⊕", trunk=trunk)
        if node.op is None:
            kind = "input gradient" if self.scene.is_input(node) else "parameter gradient"
            text = self.leaf_label(node)
        else:
            kind, text = "op backward", label(*self.op_lines(node), left=True)
        self.drawing.box(self.scene.ids[node.index], kind, text, trunk=trunk)

    def seed_label(self, edge):
        if self.scene.seeded:
            return named("1", f"seed {self.gradient(edge)}")
        return named(self.gradient(edge), f"given {edge.shape}")

    def op_lines(self, node):
        """The lines of the box of one operation's rule."""
        return [title(node.op.name) + small(" backward")]

    def leaf_label(self, leaf):
        return named(self.gradient(leaf), str(leaf.shape))

    def gradient(self, edge):
        return partial(self.scene.top, self.scene.names.of(edge))

    # --- arrows -----------------------------------------------------------------------------
    def add_contributions(self, edge):
        """The arrows that bring the gradient of a tensor to the box that made the tensor."""
        scene = self.scene
        home = scene.ids[edge.node.index]
        # the box of a leaf's gradient says itself what arrives there
        complete = "" if edge.op is None else beside(span(self.gradient(edge)))
        merge = self.merges.get(edge.index)
        uses = scene.uses[edge.index]
        times = Counter(use.node.index for use in uses if use.node is not None)
        for use in uses:
            if use.node is None:
                tail, text = f"seed{use.slot + 1}", ""
            else:
                tail = scene.ids[use.node.index]
                again = times[use.node.index] > 1
                text = complete if merge is None else self.contribution(edge, use, again)
            self.drawing.arrow(tail, merge or home, "backward", text,
                               trunk=scene.on_trunk(edge, use))  # fmt: skip
        if merge is not None:
            straight = any(scene.on_trunk(edge, use) for use in uses)
            self.drawing.arrow(merge, home, "backward", complete, trunk=straight)

    def contribution(self, edge, use, again):
        """The label of an arrow into a ⊕: it says where it goes, never ∂e/∂x, which is the sum.

        again : whether the same operation used the tensor more than once.
        """
        where = f"to {self.scene.names.of(edge)}"
        return beside(span(f"{where} as {argument(use)}" if again else where))


def argument(use):
    """What the rules call an argument, to tell two uses by one operation apart."""
    op = use.node.op
    return f"{op.arrays[0]}[{use.slot}]" if op.variadic else op.arrays[use.slot]
