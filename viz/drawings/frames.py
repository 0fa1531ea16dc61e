"""Modules in a drawing: the words on a closed one, the frame around an open one."""

from viz.drawings.condense import Boxes, Cluster, Item
from viz.drawings.labels import clear, small, title
from viz.drawings.scopes import Group
from viz.names import shorter

LETTER, SMALL_LETTER = 9, 5  # widths in points, for the room beside a name
INDENTED = 20  # levels
UNITS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))


def module_lines(boxes: Boxes, item: Item, addition: str = "") -> list[str]:
    """The lines of a closed module: its name, and what it is and holds."""
    group = item.group
    assert group is not None
    parts = [shorter(group.scope.kind), size_of(group, item.count)]
    operations = group.operations * item.count
    parts += [f"{operations:,} ops"] if operations > 1 else []
    name = title(boxes.title(item)) + (small(addition) if addition else "")
    return [name, clear(small(" · ".join(filter(None, parts))))]


def frame_label(boxes: Boxes, cluster: Cluster) -> str:
    group = cluster.group
    operations = group.operations * cluster.count
    name = boxes.title(cluster)
    parts = [shorter(group.scope.kind), size_of(group, cluster.count)]
    below = [" · ".join(filter(None, parts)), f"{operations:,} operation{'s' * (operations > 1)}"]
    lines = [title(name), *(clear(small(line)) for line in below)]
    text = "".join(f'{line}<BR ALIGN="LEFT"/>' for line in lines if line)
    # as much room on its left, so that the main chain, in the middle, does not cross the text
    room = max(LETTER * len(name), *(SMALL_LETTER * len(line) for line in below))
    return (
        '<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>'
        f'<TD WIDTH="{room}"></TD><TD BALIGN="LEFT">{text}</TD></TR></TABLE>>'
    )


def size_of(group: Group, count: int) -> str:
    """How many numbers the parameters hold: '7.1 M each'."""
    found = group.parameters
    if not found:
        return ""
    return short(found) + (" each" if count > 1 else "")


def short(count: int) -> str:
    """A count to read.

    >>> short(512), short(38_597_376), short(12_000)
    ('512', '38.6 M', '12 k')
    """
    for unit, letter in UNITS:
        if count >= unit * 0.9995:
            return f"{count / unit:.1f}".removesuffix(".0") + f" {letter}"
    return str(count)


class Frames:
    """The boxes of a drawing, and a frame around those of each open module."""

    def __init__(self, drawing, boxes: Boxes):
        self.drawing = drawing
        self.boxes = boxes
        self.members: dict[Cluster, list[str]] = {}

    def put(self, key, kind, text, cluster: Cluster | None, trunk=False) -> None:
        """Add a box; it lies in the frame of `cluster`, if in any."""
        self.drawing.box(key, kind, text, trunk=trunk)
        if cluster is not None:
            self.members.setdefault(cluster, []).append(key)

    def draw(self) -> None:
        """Write the frames, one in another, without a call for each level."""
        inner: dict[Cluster | None, list[Cluster]] = {}
        for cluster in self.boxes.clusters:
            inner.setdefault(cluster.outer, []).append(cluster)
        numbers = {cluster: i for i, cluster in enumerate(self.boxes.clusters, 1)}
        stack: list = inner.get(None, [])
        while stack:
            if isinstance(part := stack.pop(), str):
                self.drawing.body.append(part)
                continue
            keys = self.members.get(part, ())
            text = frame_label(self.boxes, part)
            first, *lines, last = self.drawing.frame(f"cluster{numbers[part]}", text, keys)
            margin = "\t" * min(part.level + 1, INDENTED)
            self.drawing.body += [margin + line for line in (first, *lines)]
            stack += [margin + last, *inner.get(part, ())]
