"""The graph of a story as SVG: a box for each tensor with its numbers, arrows for both passes.

Everything is in it at once, which is the complete static picture; a page shows it bit by bit.
"""

from importlib.resources import files
from math import inf

from viz.formulas import notation, unicode
from viz.grid import cells
from viz.html import Markup, element
from viz.page.arrange import arrange, beside
from viz.page.palette import LIGHT, in_colours
from viz.page.panel_parts import partial_text
from viz.page.story import Box, Story
from viz.page.svg_grid import column_width, numbers, size
from viz.page.widths import fitted, width

NAME_SIZE, SMALL_SIZE = 13.5, 11
WIDEST_NAME, WIDEST_LABEL = 270, 96
PAD, HEAD, GAP, MERGE_ROOM = 8, 36, 7, 10
NOT_KEPT, UNREACHED = "not kept", "none arrives"
LIMITS = ((30, 6), (45, 3), (inf, 2))  # up to so many boxes, grids of up to so many rows
BESIDE = 6.5  # from a forward arrow to the gradient that runs back along it


class Picture:
    """The boxes of a story, measured and placed.

    Attributes
    ----------
    size : width and height of the whole.
    places : key of a box -> its top left corner.
    """

    def __init__(self, story: Story):
        self.story = story
        limit = next(rows for most, rows in LIMITS if len(story.boxes) <= most)
        self.drawn = {key: DrawnBox(story, box, limit) for key, box in story.boxes.items()}
        sizes = {key: drawn.size for key, drawn in self.drawn.items()}
        ways = [(a.tail, a.head) for a in story.arrows]
        self.arranged = arrange(sizes, ways, story.trunk)
        self.places, self.size = self.arranged.places, self.arranged.size

    def graph(self, **attributes) -> Markup:
        """The `<svg>` element, without styles."""
        wide, high = (round(x) for x in self.size)
        boxes = [drawn.markup(*self.places[key]) for key, drawn in self.drawn.items()]
        return element(
            "svg", element("title", self.title()), MARKERS, *self.arrows(), *boxes,
            xmlns="http://www.w3.org/2000/svg", viewBox=Markup(f"0 0 {wide} {high}"), width=wide,
            height=high, role="img", **attributes,
        )  # fmt: skip

    def title(self):
        names = ", ".join(box.name for box in self.story.boxes.values() if box.op is None)
        return f"Computation of {self.story.root.name} from {names}, with values and gradients"

    def arrows(self):
        pairs = zip(self.story.arrows, self.arranged.paths, strict=True)
        for i, (arrow, path) in enumerate(pairs):
            kind = "constant" if arrow.tail.startswith("c") else "forward"
            yield element("path", id=f"f{i}", class_=f"arrow {kind}", d=drawn_path(path))
            if any(i in step.arrows for step in self.story.steps if step.kind == "backward"):
                way_back = drawn_path(beside(path, BESIDE))
                yield element("path", id=f"g{i}", class_="arrow back", d=way_back)

    def file(self) -> str:
        """A file of its own, with the colours of the light theme written out."""
        style = in_colours(graph_css(), LIGHT)
        whole = self.graph(class_="graph static")
        head, rest = whole.split(">", 1)
        return f"{head}><style>{style}</style>{rest}\n"


def graph_css() -> str:
    return files("viz").joinpath("page/graph.css").read_text("utf-8")


def tip(name, width, shape) -> Markup:
    return element(
        "marker", element("path", class_=name, d=shape), id=name, viewBox="-1 -1 11 10", refX="8",
        refY="4", markerUnits="userSpaceOnUse", markerWidth=width, markerHeight=width,
        orient="auto",
    )  # fmt: skip


FULL, OPEN = "M0 0L8 4L0 8z", "M0 0L8 4L0 8"
MARKERS = element("defs", tip("forward-tip", 11, FULL), tip("constant-tip", 11, FULL),
                  tip("open-tip", 13, OPEN))  # fmt: skip


class DrawnBox:
    """One box: its texts, its grids, and how large it is."""

    def __init__(self, story: Story, box: Box, limit: int):
        self.story = story
        self.box = box
        self.name = fitted(self.full_name(), NAME_SIZE, WIDEST_NAME, bold=True)
        self.about = fitted(self.description(), SMALL_SIZE, WIDEST_NAME)
        self.partial = partial_text(story.program, box) if box.edge is not None else ""
        short = width(self.partial, SMALL_SIZE, True) <= WIDEST_LABEL
        self.labels = ["value", self.partial if short else "gradient"]
        labels = self.labels if self.partial else self.labels[:1]
        self.left = PAD + max(width(text, SMALL_SIZE, True) for text in labels) + 7
        self.value = None if box.value is None else cells(box.value, limit)
        self.sums = [cells(part.sum, limit) for part in box.parts]
        if not self.sums and box.gradient is not None:  # the seed
            self.sums = [cells(box.gradient, limit)]
        self.column = column_width(self.value, *self.sums)
        rows = [size(self.value, NOT_KEPT, self.column)]
        if self.partial:
            rows.append(size(self.sums[-1] if self.sums else None, UNREACHED, self.column))
        self.heights = [height for _, height in rows]
        several = len(box.parts) > 1
        room = MERGE_ROOM if several else 0
        about = self.about + (f"  {len(box.parts)} of {len(box.parts)}" if several else "")
        texts = width(self.name, NAME_SIZE, True), width(about, SMALL_SIZE)
        self.size = (
            round(max(max(texts) + 2 * PAD, self.left + max(w for w, _ in rows) + PAD + room)),
            round(HEAD + sum(h + GAP for h in self.heights) + 2),
        )

    def full_name(self):
        if self.box.op is None:
            return self.box.name
        left, right = notation.name(self.box.name), notation.markup(self.story.formula(self.box))
        return unicode.write(notation.equation(left, right))

    def description(self):
        op, shape = self.box.op, self.box.shape
        role = {"constant": "constant, no gradient"}.get(self.box.kind, self.box.kind)
        return f"{op.name if op else role} {shape}"

    # --- SVG --------------------------------------------------------------------------------
    def markup(self, x, y) -> Markup:
        box, (wide, high) = self.box, self.size
        parts = [
            element("title", f"{self.full_name()}: {self.description()}"),
            element("rect", class_="frame", width=wide, height=high, rx=6),
            element("path", class_="head", d=head(wide)) if box.op else None,
            inner_frame(wide, high) if box.kind == "parameter" else None,
            element("text", self.name, class_="name", x=PAD, y=16),
            element("text", self.about, class_="about", x=PAD, y=30),
            *self.rows(),
        ]
        return element(
            "g", *parts, class_=f"tensor {box.kind}", id=f"box-{box.key}", data_op=self.op_key(),
            transform=Markup(f"translate({x:g} {y:g})"),
        )  # fmt: skip

    def op_key(self):
        """The key of the first output: what a click on any of them goes to."""
        return self.story.result(self.box.edge.node)[0].key if self.box.op else None

    def rows(self):
        top = HEAD + 2
        yield element(
            "g", self.label(0, top), self.numbers(self.value, NOT_KEPT, top), class_="value",
            data_kind="value", data_edge=self.box.key,
        )  # fmt: skip
        if not self.partial:
            return
        top += self.heights[0] + GAP
        middle = round(top + self.heights[1] / 2, 1)
        yield from self.gradients(top)
        if len(self.box.parts) > 1:
            yield element(
                "g", element("circle", cx=self.size[0], cy=middle, r=9.5),
                element("text", "⊕", x=self.size[0], y=middle + 5.5), class_="mark merge",
            )  # fmt: skip

    def gradients(self, top):
        """The gradient after each contribution; only the last is the gradient."""
        label = self.label(1, top)
        if not self.sums:
            yield element("g", label, self.numbers(None, UNREACHED, top),
                          class_="gradient total")  # fmt: skip
            return
        yield element("g", label, class_="mark")
        last = max(len(self.box.parts), 0)
        first = 1 if self.box.parts else 0
        for count, grid in enumerate(self.sums, first):
            part = count < last
            yield element(
                "g", self.numbers(grid, "", top), self.so_far(count) if part else None,
                class_="gradient" if part else "gradient total",
                data_kind="gradient", data_edge=self.box.key, data_count=count,
            )  # fmt: skip

    def so_far(self, count):
        """How many contributions are in a sum that is not complete."""
        return element("text", f"{count} of {len(self.box.parts)}", class_="so-far",
                       x=self.size[0] - PAD, y=30)  # fmt: skip

    def label(self, row, top):
        y = top + self.heights[row] / 2 + 4
        return element("text", self.labels[row], class_="label", x=PAD, y=f"{y:g}")

    def numbers(self, grid, lacking, top):
        return numbers(grid, lacking, self.column, self.left, top)


def inner_frame(wide, high) -> Markup:
    """The second line of a double border."""
    return element("rect", class_="inner", x=3, y=3, width=wide - 6, height=high - 6, rx=4)


def head(wide) -> Markup:
    """The top of a box, inside of its frame."""
    return Markup(f"M.6 {HEAD - 2}V6q0-5.4 5.4-5.4H{wide - 6}q5.4 0 5.4 5.4V{HEAD - 2}z")


def drawn_path(points) -> Markup:
    """Bézier curves as path data, in whole units; most of a long arrow is one straight line."""
    corners = [(round(x), round(y)) for x, y in points]
    (x, y), straight = corners[0], 0
    d = f"M{x} {y}"
    for i in range(1, len(corners), 3):
        curve = corners[i : i + 3]
        if all(below == y for _, below in curve):
            straight += curve[-1][0] - x
        else:
            d += (f"h{straight}" if straight else "") + "c"
            d += " ".join(f"{across - x} {below - y}" for across, below in curve)
            straight = 0
        x, y = curve[-1]
    return Markup((d + (f"h{straight}" if straight else "")).replace(" -", "-"))
