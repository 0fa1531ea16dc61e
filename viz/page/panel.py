"""The panel of the page: what a step does, in formulas, numbers and sentences, as HTML."""

from functools import cache, cached_property

import numpy as np

from viz.grid import cell_text
from viz.html import Markup, element, joined
from viz.names import number
from viz.page import differences
from viz.page.figures import Figures
from viz.page.panel_backward import BackwardPanel
from viz.page.panel_parts import (
    counted,
    heading,
    math,
    partial,
    partial_text,
    separated,
    shape,
    sign,
    word,
)
from viz.page.story import Step, Story

INFIX = {np.add: "+", np.subtract: "−", np.multiply: "⊙", np.divide: "/", np.matmul: "·"}
RECORD = joined("Run the forward pass inside ", element("code", "with viz.record():"))

HOOKS = ("A tensor of this program has hooks. They are not called here, so that gradients in .grad "
         "may differ.")  # fmt: skip
COMPLEX = ("The gradient of a complex number z = a + i b is a complex number too: the slope along "
           "a plus i times that along b. So where a derivative is complex, its transpose is also "
           "conjugated; and of what arrives, a real input gets the real part.")  # fmt: skip


class Panel:
    """Writes the panel of each step of a story."""

    def __init__(self, story: Story):
        self.story = story
        self.program = story.program
        self.figures = Figures()
        self.kept = {n.index: self.program.kept(n) for n in story.forward}
        self.pull = cache(self.program.pull)

    def html(self, step: Step) -> Markup:
        return getattr(self, step.kind)(step)

    # --- start, seed, end -------------------------------------------------------------------
    def start(self, step):
        boxes = [self.story.boxes[key] for key in step.values]
        items = [element("li", word(b.name), " ", shape(b.shape), f" {b.kind}") for b in boxes]
        lacking = any(b.value is None for b in self.story.boxes.values())
        note = joined("Some values were not kept, because no rule reads them. ", RECORD,
                      " to see all.")  # fmt: skip
        root = self.story.root
        return joined(
            element("section", heading("What is given"), element("ul", *items)),
            element(
                "section", heading("What will happen"),
                element("p", "Forward, each operation computes a tensor and keeps what its "
                        "derivative will need. Backward, each receives the gradient of its output, "
                        "multiplies it by its transposed Jacobian, and sends a gradient to each "
                        "input: ", partial_text(self.program, root), " comes first."),
                element("p", COMPLEX) if self.has_complex() else None,
                element("p", "Press ", element("kbd", "→"), " for the next step."),
                element("p", note, class_="note") if lacking else None,
            ),
        )  # fmt: skip

    def has_complex(self):
        return any(box.edge.dtype.kind == "c" for box in self.story.of.values())

    def seed(self, step):
        root = self.story.root
        name = partial(self.program, root)
        return element(
            "section", heading("The seed"), element("p", math(name, "1"), class_="formula"),
            element("p", word(root.name), " changes by as much as it is changed: its derivative "
                    "with respect to itself is 1. From here each operation is visited once, the "
                    "newest first, so that every gradient is complete before it is used."),
        )  # fmt: skip

    def end(self, step):
        leaves = [b for b in self.story.boxes.values() if b.edge is not None and b.op is None]
        rows = [self.gradient_row(box) for box in self.story.of.values() if box.op is None]
        other = [b for b in reversed(self.story.of.values()) if b.op is not None]
        lines = [self.line(box) for box in [*other, *leaves] if box.parts]
        lines.insert(0, element("li", math(partial(self.program, self.story.root), "1")))
        return joined(
            element("section", heading("All gradients, in the order of the backward pass"),
                    element("ul", *lines, class_="lines-of-formulas")),
            element("section", heading("Against finite differences"), *self.measured(rows)),
            element("p", HOOKS, class_="note") if self.story.has_hooks else None,
        )  # fmt: skip

    def measured(self, rows):
        if not differences.recorded(self.program):
            yield element("p", "To measure the gradients by moving each input a little, the "
                          "program must be computed again. ", RECORD, ".")  # fmt: skip
            return
        head = element("tr", *(element("th", t, scope="col") for t in
                               ("leaf", "gradient", "largest difference", "entries")))  # fmt: skip
        yield element("p", "The program was computed again with each entry moved a little up and "
                      "down. The engine's gradients differ from what was measured by:")  # fmt: skip
        yield element("table", element("thead", head), element("tbody", *rows), class_="measured")

    def gradient_row(self, box):
        if not differences.recorded(self.program):
            return None
        found = self.measurements.get(box.edge.index)
        if found is None:
            return element("tr", element("th", word(box.name), scope="row"),
                           element("td", "none arrives", colspan=3))  # fmt: skip
        entries = "in a random direction" if found.entries is None else str(found.entries)
        if found.kinks:
            entries += f"; {found.kinks} left out, at a kink without a derivative"
        return element(
            "tr", element("th", word(box.name), scope="row"),
            element("td", partial_text(self.program, box)),
            element("td", cell_text(found.largest), data_kind="difference", data_edge=box.key),
            element("td", entries),
        )  # fmt: skip

    @cached_property
    def measurements(self):
        return differences.differences(self.program)

    def line(self, box):
        """∂e/∂x = Hᵀ ∂e/∂x₂ + ∂e/∂y: the one equation for a gradient. Panels quote it."""
        symbols = self.symbols(box)
        name = partial(self.program, box)
        if symbols is None:
            text = joined(math(name), " (its arrays are too large to print the formula)")
        else:
            text = math(name, self.program.total(symbols))
        return element("li", text, data_line=box.key)

    def symbols(self, box):
        """The contributions to a gradient as expressions, in the order of the engine."""
        found = []
        for part in box.parts:
            if not self.program.affordable(part.node):
                return None
            sent = {c.slot: c.symbol for c in self.pull(part.node).contributions}
            found.append(sent[part.slot])
        return found

    # --- forward ----------------------------------------------------------------------------
    def forward(self, step):
        boxes = self.story.result(step.node)
        formulas = [element("p", math(box.name, self.story.formula(box)), class_="formula")
                    for box in boxes]  # fmt: skip
        return joined(
            element("section", heading("What it computes"), *formulas, self.numbers(step.node)),
            element("section", heading("Kept for the backward pass"), *self.keeping(step.node)),
        )  # fmt: skip

    def operands(self, node):
        found = [self.story.operand(node, i) for i in range(len(node.inputs))]
        return list({box.key: box for box in found if box is not None}.values())

    def shapes(self, node):
        def listed(boxes):
            return joined(*(joined(word(b.name), " ", shape(b.shape)) for b in boxes), by=", ")

        return element("p", listed(self.operands(node)), " → ", listed(self.story.result(node)))

    def numbers(self, node):
        """Operands → results with their shapes, and their numbers if all are known."""
        results = self.story.result(node)
        boxes = [*self.operands(node), *results]
        if any(b.value is None for b in boxes):
            names = joined(*(word(b.name) for b in boxes if b.value is None), by=", ")
            note = element("p", "Not kept, because no rule reads it: ", names, ". ", RECORD,
                           " to see the numbers.", class_="note")  # fmt: skip
            return joined(self.shapes(node), note)
        infix = INFIX.get(node.op.function)
        inputs = range(len(node.inputs)) if infix else ()
        forms = orientation(node.op.function, [len(b.shape) for b in boxes])
        left = [self.input(node, i, forms[i]) for i in inputs]
        left = left or [self.value(box, "column") for box in self.operands(node)]
        right = [self.value(box, forms[-1]) for box in results]
        return element("div", *separated(left, infix or ","), sign("=" if infix else "→"),
                       *separated(right, ","), class_="equation")  # fmt: skip

    def input(self, node, i, form):
        box = self.story.operand(node, i)
        return self.value(box, form) if box else sign(number(node.inputs[i]))

    def value(self, box, form):
        return self.figures.figure(box.value, None, form, "value", box.key)

    def keeping(self, node):
        kept = self.kept[node.index]
        if not kept:
            yield element("p", element("b", "Nothing:"), " the derivative needs no array.")
            return
        yield element("ul", *(self.kept_item(node, k) for k in kept), class_="kept")

    def kept_item(self, node, kept):
        readers = [node.edges[i] for i in dict.fromkeys(kept.readers)]
        boxes = {e.index: self.story.of[e.index] for e in readers}
        gradients = ", ".join(partial_text(self.program, box) for box in boxes.values())
        return element(
            "li", element("b", math(kept.symbol)), f" {counted(kept.array.nbytes)} bytes ",
            element("span", f"for {gradients}", self.remark(node, kept), class_="muted"),
        )  # fmt: skip

    def remark(self, node, kept):
        """Whether memory is used for it, or the array is there anyway."""
        box = None if kept.edge is None else self.story.of.get(kept.edge.index)
        if box is None:
            return " (a constant: no extra copy)" if kept.borrowed else ""
        if box.op is None:
            return f" (a{'n input' if box.kind == 'input' else ' parameter'}: no extra copy)"
        before = (n for n in self.story.forward if n.index < node.index)
        if any(k.edge is kept.edge for n in before for k in self.kept[n.index]):
            return " (kept already, no extra copy)"
        return " (its own result)" if kept.edge.node is node else ""

    # --- backward ---------------------------------------------------------------------------
    def backward(self, step):
        return BackwardPanel(self, step.node).html()


def orientation(function, axes: list[int]) -> tuple[str, str, str]:
    """How vectors are drawn: left and right operand of an infix operation, and the result."""
    if function is np.matmul:
        return "row", "column", "row" if axes[0] == 1 else "column"
    form = "row" if max(axes) > 1 else "column"  # as NumPy broadcasts
    return form, form, form
