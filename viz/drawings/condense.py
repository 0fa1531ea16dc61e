"""From nodes to boxes: modules closed into one box, runs of equal modules shown once."""

from typing import Any, NamedTuple

from viz.drawings.folding import Folding
from viz.drawings.scopes import Group, common_name, tree
from viz.errors import DrawingError
from viz.names import shorter

READABLE = 60  # boxes; above, modules are closed if the caller does not say how far


class Cluster:
    """An open module: a frame around boxes, which stands for `count` equal modules.

    folded : whether it is, or lies in, one of several that are drawn once.
    """

    def __init__(self, group: Group, count: int, outer: "Cluster | None"):
        self.group = group
        self.count = count
        self.outer = outer
        self.level: int = 0 if outer is None else outer.level + 1
        self.folded: bool = count > 1 or (outer is not None and outer.folded)


def common_frame(a: Cluster | None, b: Cluster | None) -> Cluster | None:
    """The innermost frame around both."""
    while a is not b:
        if a is None or b is None:
            return None
        a, b = (a.outer, b) if a.level > b.level else (a, b.outer)
    return a


class Item:
    """What a drawing shows as one box.

    Attributes
    ----------
    index : of its first operation; a tensor exists before what uses it, so this order is
        topological.
    node : the operation or leaf; None for a closed module.
    group : the closed module, or None; then the box stands for `count` equal ones.
    cluster : the frame it is in, or None.
    """

    def __init__(self, node: Any, cluster: Cluster | None, group: Group | None = None, count=1):
        self.node = node
        self.group = group
        self.count = count
        self.cluster = cluster
        self.index: int = node.index if group is None else next(
            n.index for n in group.order if n.op is not None
        )  # fmt: skip

    @property
    def is_leaf(self) -> bool:
        return self.node is not None and self.node.op is None


class Place(NamedTuple):
    """Where a node is drawn."""

    item: Item
    twin: Any  # the node that is drawn in its place, in the first of several equal modules
    runs: dict[int, int]  # for each run of equal modules around it: which one it is in


class Boxes:
    """The boxes of one drawing.

    Attributes
    ----------
    items : oldest first.
    clusters : outer ones first.
    parallel : the runs whose modules do not form a chain, by their numbers in `Place.runs`.
    condensed : whether a box stands for more than one node.
    """

    def __init__(self, whole: Group, depth: int, folding: Folding | None):
        self.items: list[Item] = []
        self.clusters: list[Cluster] = []
        self.depth = depth
        self.folding = folding
        self.deepest = max(g.level for g in whole.inside()) + 1
        self.folds = 0
        self.parallel: set[int] = set()
        self.twins: dict[int, Any] = {}
        self.runs: dict[int, dict[int, int]] = {}
        self.home: dict[int, Item] = {}
        stack: list[tuple[Group, Cluster | None]] = [(whole, None)]
        while stack:
            group, cluster = stack.pop()
            stack += self.open(group, cluster)
        self.items.sort(key=lambda item: item.index)
        self.condensed = self.folds > 0 or any(item.group for item in self.items)

    def open(self, group, cluster):
        """Make the boxes of a group; return the groups in it that are open too."""
        for leaf in group.leaves:
            self.add(Item(leaf, cluster), [leaf])
        inner = []
        for run in self.folding.runs(group) if self.folding else ([p] for p in group.parts):
            part = run[0]
            if len(run) > 1:
                self.add_run(run)
            if not isinstance(part, Group):
                self.add(Item(part, cluster), [part])
            elif self.is_closed(part):
                self.add(Item(None, cluster, part, len(run)), part.order)
            else:
                self.clusters.append(Cluster(part, len(run), cluster))
                inner.append((part, self.clusters[-1]))
        return inner

    def is_closed(self, group):
        """Modules at the depth asked for; and innermost ones, as long as any other is closed."""
        return group.level >= self.depth or (self.depth < self.deepest and not group.groups)

    def add(self, item, nodes):
        self.items.append(item)
        self.home.update((n.index, item) for n in nodes)

    def add_run(self, run):
        self.folds += 1
        if not self.folding.is_chain(run):
            self.parallel.add(self.folds)
        for k, group in enumerate(run):
            for node, twin in zip(group.order, run[0].order, strict=True):
                self.runs.setdefault(node.index, {})[self.folds] = k
                if k:
                    self.twins[node.index] = twin

    def place(self, node) -> Place:
        found: dict[int, int] = {}
        while True:
            found = {**self.runs.get(node.index, {}), **found}
            if node.index not in self.twins:
                return Place(self.home[node.index], node, found)
            node = self.twins[node.index]

    def is_folded(self, item: Item) -> bool:
        """Whether a box is one of several that are drawn once."""
        return item.count > 1 or (item.cluster is not None and item.cluster.folded)

    def title(self, part: "Item | Cluster") -> str:
        """The name of a module, and how many there are of it."""
        assert part.group is not None
        name = part.group.scope.name
        if part.count > 1:
            return f"{shorter(common_name(name))} × {part.count}"
        return shorter(name)


def condensed(
    nodes, roots, inputs=(), depth: int | None = None, limit: int | None = None,
    named: frozenset[int] = frozenset(),
) -> Boxes:  # fmt: skip
    """The boxes of a drawing that is to have no more than `limit`.

    named : ids of arrays that the reader gave a name.
    depth : how many levels of scopes are open; None opens as many as can be read.

    Raises
    ------
    DrawingError : if the boxes are more than `limit`.
    """
    whole = tree(nodes, frozenset((*inputs, *(e.index for e in roots))))
    folding = Folding(nodes, roots, named)
    if depth is not None:
        boxes = Boxes(whole, depth, folding)
    else:
        boxes = readable(whole, folding, nodes, roots, limit)
    count = count_boxes(boxes, nodes, roots)
    if limit is not None and count > limit:
        raise DrawingError(
            f"this drawing would have {count} boxes, more than max_nodes={limit}, and nobody "
            f"could read it; {remedy(whole, boxes)}, draw a tensor computed earlier, or pass "
            "max_nodes=None to draw it all the same"
        )
    return boxes


def readable(whole, folding, nodes, roots, limit):
    """All boxes if they can be read, else the deepest level of modules that can."""
    deepest = max(g.level for g in whole.inside()) + 1
    boxes = Boxes(whole, deepest, None)
    if limit is None or not deepest:
        return boxes
    bound = min(limit, READABLE)
    if count_boxes(boxes, nodes, roots) <= bound:
        return boxes
    best, low, high = Boxes(whole, 0, folding), 1, deepest
    while low <= high:  # bisection, as scopes may be nested deeply
        depth = (low + high) // 2
        boxes = Boxes(whole, depth, folding)
        if count_boxes(boxes, nodes, roots) <= bound:
            best, low = boxes, depth + 1
        else:
            high = depth - 1
    return best


def count_boxes(boxes, nodes, roots):
    """How many boxes a drawing has, with those of constants and of results."""
    keys = set()
    for node in nodes:
        item = boxes.home.get(node.index)
        if item is not None and item.node is node:
            keys |= {constant_key(node, i) for i, e in enumerate(node.edges) if e is None}
    return len(boxes.items) + len(keys - {None}) + len(roots)


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


def remedy(whole, boxes):
    groups = [g for g in whole.inside() if g.scope is not None]
    if not groups:
        return "name the parts of the program with autograd_lite.named_scope, so that each is a box"
    largest = max(groups, key=lambda g: (g.operations, -g.level))
    what = f"its largest module is {largest.scope.name!r} of {largest.operations} operations; "
    if boxes.depth > 0:
        return what + f"close modules with depth={boxes.depth - 1}"
    return what + "put operations that are in no module into an autograd_lite.named_scope"
