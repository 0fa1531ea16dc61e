"""The backward pass of a recorded program: arrows carry gradients and point backward."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd_lite import Tensor
from viz.drawings.boxlines import LONGEST, Texts, argument, broken, explained, shortened
from viz.drawings.frames import Frames, module_lines
from viz.drawings.labels import (
    HOOKS,
    beside,
    clear,
    indented,
    kept,
    label,
    named,
    small,
    span,
    title,
)
from viz.drawings.options import MAX_NODES, direction
from viz.drawings.scene import Scene, Wire, results
from viz.names import shorter

if TYPE_CHECKING:
    from viz.drawings.render import Drawing

SHORT = 40  # characters of a formula on an arrow


def draw_backward(
    tensor: Tensor | Sequence[Tensor],
    *,
    names: Mapping[str, Any] | None = None,
    inputs: Tensor | str | Iterable[Tensor | str] = (),
    rankdir: str | None = None,
    max_nodes: int | None = MAX_NODES,
    formula: bool = True,
    jacobian: bool = True,
    kept: bool = True,
    depth: int | None = None,
    expand: str | Iterable[str] | bool = (),
) -> "Drawing":
    """Draw how gradients flow from a tensor back to the leaves.

    A value that was used more than once gets a contribution along each way; they meet in a ⊕.
    Hooks are not called: a tensor that has some is marked, as its gradient, and those after it,
    may be others in a real backward pass.

    Parameters
    ----------
    tensor : a single number, whose seed is 1; or a tensor of another shape, or a list: their
        gradients, of their shapes, are then given.
    names, inputs, max_nodes, depth, expand : as in `draw`.
    rankdir : "TB" (top to bottom, the default), "LR", "RL" or "BT".
    formula : write what each operation sends back, as its rule prints it.
    jacobian : write the structure of the Jacobian, and what follows from it.
    kept : write what the operation reads from the forward pass.
        With all three False no values are needed, and a graph that `backward()` has freed can be
        drawn. Operations on more than two million numbers are drawn without these lines.

    Returns
    -------
    A `graphviz.Digraph` that renders without the program `dot`: see `Drawing`.

    Raises
    ------
    DrawingError : for a tensor nothing was recorded for, unknown `inputs`, too many boxes, or
        values that were freed by `backward()`.

    >>> import autograd_lite as ag
    >>> import viz
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> drawing = viz.draw_backward((x * x).sum())
    >>> "merge1 -> leaf1" in drawing.source
    True
    """
    from viz.drawings.render import Drawing

    scene = Scene(tensor, names, inputs, max_nodes, depth, expand)
    scene.shorten_names()
    drawing = Drawing.in_style(direction(rankdir, "TB"))
    with explained():
        Pulls(scene, drawing, Shown(formula, jacobian, kept)).draw()
    return drawing


class Shown(NamedTuple):
    """Which lines the boxes have."""

    formula: bool
    jacobian: bool
    kept: bool


class Pulls:
    """The boxes and arrows of the backward drawing."""

    def __init__(self, scene, drawing, shown):
        self.scene = scene
        self.drawing = drawing
        self.shown = shown
        self.texts = Texts(scene.program)
        self.merges: dict[Wire, str] = {}  # identifiers in the DOT text
        self.frames = Frames(drawing, scene.boxes)

    def draw(self):
        scene = self.scene
        self.leave_out_silent()
        for wire, i in results(scene):
            self.drawing.box(f"seed{i + 1}", "seed", self.seed_label(wire), trunk=i == 0)
        for item in reversed(scene.items):
            self.add_box(item)
        for item in reversed(scene.items):
            for wire in scene.wires[item]:
                self.add_contributions(wire)
        self.frames.draw()

    def leave_out_silent(self):
        """A rule may send nothing to an argument: no arrow, and no part of a sum."""
        for wire, use in self.scene.behind:
            if not any(self.texts.sends(*place) for place in self.scene.behind[wire, use]):
                wire.uses.remove(use)

    # --- boxes ------------------------------------------------------------------------------
    def add_box(self, item):
        """The box of an operation's rule or a leaf's gradient, and a ⊕ for each sum it wants."""
        trunk = item in self.scene.trunk
        for wire in self.scene.wires[item]:
            if wire.forks:
                self.merges[wire] = merge = f"merge{len(self.merges) + 1}"
                self.frames.put(merge, "merge", "⊕", self.scene.frame_of_fork(wire), trunk)
        self.frames.put(self.scene.ids[item], *self.kind_and_label(item), item.cluster, trunk)

    def kind_and_label(self, item):
        if item.is_leaf:
            wire = self.scene.wires[item][0]
            kind = "input gradient" if self.scene.is_input(wire) else "parameter gradient"
            return kind, self.leaf_label(wire)
        if item.group is not None:
            addition = " backward" + (f" · {HOOKS}" if item in self.scene.hooked else "")
            return "module backward", label(*module_lines(self.scene.boxes, item, addition))
        return "op backward", label(*self.op_lines(item), left=True)

    def seed_label(self, wire):
        gradient = self.texts.gradient(wire.edge)
        if self.scene.program.seeded:
            return named("1", f"seed {gradient}")
        if wire.is_sum:  # what is given is one part of ∂e/∂h, not all of it
            return named(f"to {self.scene.names.of(wire.edge)}", f"given {wire.edge.shape}")
        return named(gradient, f"given {wire.edge.shape}")

    def op_lines(self, item):
        """The lines of the box of one operation's rule."""
        node, name = item.node, shorter(item.node.op.name)
        if not any(self.shown) or not self.explains(item):
            return [title(name) + small(" backward")]
        structures = self.texts.structures(node) if self.shown.jacobian else {}
        alike = len(set(structures.values())) == 1
        common = " · " + next(iter(structures.values())) if alike else ""
        lines = [clear(small(name, bold=True) + small(" backward" + common))]
        for slot, c in self.texts.contributions(node).items():
            structure = "" if alike else structures.get(slot, "")
            lines += self.formula_lines(node, slot, c.edge, structure)
        return lines + ([clear(kept(self.texts.kept(node)))] if self.shown.kept else [])

    def explains(self, item):
        """Whether formulas are shown: not of one of several modules, whose names are others."""
        folded = self.scene.boxes.is_folded(item)
        return not folded and self.scene.program.affordable(item.node)

    def formula_lines(self, node, slot, edge, structure):
        """What is sent to one argument, and the structure of that Jacobian."""
        if not self.shown.formula:
            name = self.scene.names.of(edge)
            return [small(f"for {name}: {structure}")] if structure else []
        first, *rest = broken(self.left_side(node, slot, edge) + self.texts.sent(node, slot))
        lines = [span(first), *map(indented, rest)]
        # the formula itself says what follows from it
        short = structure.partition(", so ")[0]
        lines[-1] += small(f"   {short}") if short else ""
        return lines

    def left_side(self, node, slot, edge):
        """One truth for one sign: only the gradient of a tensor used once equals what it gets."""
        wire = self.scene.wire_of(edge)
        if wire is not None and wire.is_sum:
            return self.receiver(edge, node, slot) + ":  "
        return self.texts.gradient(edge) + " = "

    def receiver(self, edge, node, slot):
        again = node is not None and sum(e is edge for e in node.edges) > 1
        where = f"to {self.scene.names.of(edge)}"
        return f"{where} as {argument(node, slot)}" if again else where

    def leaf_label(self, wire):
        name, shape = self.scene.name(wire), f"&#160;{clear(small(str(wire.edge.shape)))}"
        hooks = self.hooks(wire)
        gradient = self.texts.gradient(wire.edge) + " …" * wire.repeated if name else "∂"
        total = self.total(wire)
        if not total or len(gradient) > 2 * SHORT:
            return label(title(gradient), shape, hooks)
        first, *rest = broken(f"{gradient} = {total}")
        bold = title(gradient) + span(first.removeprefix(gradient))
        return label(bold, *map(indented, rest), shape, hooks)

    def hooks(self, wire):
        """The mark of a gradient that hooks might change."""
        return small(HOOKS) if wire in self.scene.hooked else ""

    def total(self, wire):
        """The sum that a merged gradient is; '' if that is not shown or not known."""
        known = all(use.node is not None and self.explains(use.item) for use in wire.uses)
        if not self.shown.formula or not wire.forks or wire.inside or not known:
            return ""
        return self.texts.total([(use.node, use.slot) for use in wire.uses])

    # --- arrows -----------------------------------------------------------------------------
    def add_contributions(self, wire):
        """The arrows that bring the gradient of a tensor to the box that made the tensor."""
        scene = self.scene
        home = scene.ids[wire.item]
        merge = self.merges.get(wire)
        for use in wire.uses:
            tail = f"seed{use.slot + 1}" if use.item is None else scene.ids[use.item]
            known = use.item is None  # the seed says what it is
            parts = self.contribution(wire, use) if wire.is_sum else self.complete(wire)
            text = self.text_beside(wire, [] if known else parts, last=merge is None)
            self.drawing.arrow(tail, merge or home, "backward", text,
                               trunk=scene.on_trunk(wire, use))  # fmt: skip
        if merge is not None:
            straight = any(scene.on_trunk(wire, use) for use in wire.uses)
            # what else the module sends to it, is added inside
            parts = [] if wire.inside else self.complete(wire, self.total(wire))
            text = self.text_beside(wire, parts, last=True)
            self.drawing.arrow(merge, home, "backward", text, trunk=straight)

    def text_beside(self, wire, parts, last):
        """The label of an arrow; the last one to a tensor says whether that has hooks."""
        return beside(*parts, self.hooks(wire) if last and not wire.is_leaf else "")

    def complete(self, wire, total=""):
        """The words on an arrow with the whole gradient of a tensor."""
        if wire.is_leaf:  # the box of a leaf's gradient says itself what arrives there
            return []
        if wire.repeated:
            return [span("∂"), small(str(wire.edge.shape))]
        text = self.texts.gradient(wire.edge)
        if total and len(total) <= SHORT:
            text += f" = {total}"
        return [span(shortened(text, LONGEST))]

    def contribution(self, wire, use):
        """The words on an arrow into a ⊕: a part of ∂e/∂x, never ∂e/∂x, which is the sum."""
        if use.node is not None and self.shown.formula and self.explains(use.item):
            text = self.texts.sent(use.node, use.slot)
            if text and len(text) <= SHORT:
                return [span(text)]
        if use.item is not None and self.scene.boxes.is_folded(use.item):
            return []  # of several equal modules, each sends to a tensor of its own
        return [span(self.receiver(wire.edge, use.node, use.slot))]
