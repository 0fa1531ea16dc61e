"""The parts of a program: the tree of its named scopes, and the leaves that belong to one alone."""

import re
from collections.abc import Iterator
from math import prod
from typing import Any

INDEX = re.compile(r"\d+")
LONGEST = 200
LAST_INDEX = re.compile(r"[\W_]*\d+(?!.*\d)")


class Group:
    """What ran inside one scope; the whole program has none.

    Attributes
    ----------
    scope : a `Scope` of the engine, or None.
    outer : the group around this one.
    level : 0 for an outermost scope, −1 for the whole program.
    parts : operations and groups, in order of execution.
    leaves : leaves that are used in this group alone, and not in one of its groups alone.
    """

    def __init__(self, scope: Any, outer: "Group | None"):
        self.scope = scope
        self.outer = outer
        self.level: int = -1 if outer is None else outer.level + 1
        self.parts: list[Any] = []
        self.leaves: list[Any] = []
        self._order: list | None = None
        self._signature: tuple | None = None

    @property
    def groups(self) -> list["Group"]:
        return [p for p in self.parts if isinstance(p, Group)]

    def inside(self) -> Iterator["Group"]:
        """This group and all groups in it, outer ones first."""
        stack = [self]
        while stack:
            group = stack.pop()
            yield group
            stack.extend(reversed(group.groups))

    @property
    def order(self) -> list:
        """All operations inside, oldest first, each after the leaves that it is the first to use.

        Two groups of one structure have corresponding nodes at the same places.
        """
        if self._order is None:
            self._order = []
            own = {leaf.index for group in self.inside() for leaf in group.leaves}
            members = (p for g in self.inside() for p in g.parts if not isinstance(p, Group))
            for node in sorted(members, key=lambda n: n.index):
                for edge in node.edges:
                    if edge is not None and edge.index in own:
                        own.discard(edge.index)
                        self._order.append(edge)
                self._order.append(node)
        return self._order

    @property
    def operations(self) -> int:
        return sum(node.op is not None for node in self.order)

    @property
    def parameters(self) -> int:
        """How many numbers its own leaves hold."""
        return sum(prod(node.shape) for node in self.order if node.op is None)

    @property
    def signature(self) -> tuple:
        """Equal for two groups of one structure: operations, shapes, edges inside, and names."""
        if self._signature is None:
            places = {node.index: i for i, node in enumerate(self.order)}
            outside: dict[tuple, int] = {}
            lines: list[tuple] = [(general(self.scope.name), self.scope.kind)]
            for node in self.order:
                names = tuple(general(s.name) for s in path(node.scope, self.scope))
                inputs = tuple(source(x, places, outside) for x in node.inputs)
                what = general(node.name or "") if node.op is None else node.op.name
                lines.append((what, node.shape, node.dtype, names, inputs))
            self._signature = tuple(lines)
        return self._signature


def general(name: str) -> str:
    """A name without its numbers, so that "blocks.0.mlp" and "blocks.1.mlp" are equal."""
    return INDEX.sub("#", name)


def common_name(name: str) -> str:
    """What a run of equal parts is called, after its first one.

    >>> common_name("encoder.blocks.0"), common_name("layer_3"), common_name("blocks.2.mlp")
    ('encoder.blocks', 'layer', 'blocks.mlp')
    """
    return LAST_INDEX.sub("", name[:LONGEST]) or name


def path(scope: Any, upto: Any) -> Iterator[Any]:
    """The scopes around a node, the innermost first, as far as one of them."""
    while scope is not None and scope is not upto:
        yield scope
        scope = scope.outer


def source(x: Any, places: dict, outside: dict) -> Any:
    """Where an operand comes from, for a comparison of structures."""
    node = getattr(x, "node", None)
    if node is None:  # a constant: of an array the shape, of a number itself
        return ("constant", x[1]) if isinstance(x, tuple) else ("constant", repr(x))
    if node.index in places:
        return places[node.index], x.slot
    return "outside", outside.setdefault((node.index, x.slot), len(outside)), x.shape


def tree(nodes, outermost: frozenset[int]) -> Group:
    """The group of the whole program.

    outermost : indices of leaves that belong to no part: inputs, and what is drawn from.
    """
    whole = Group(None, None)
    groups: dict[Any, Group] = {None: whole}
    homes: dict[int, Group] = {leaf: whole for leaf in outermost}
    leaves = {}
    for node in nodes:
        if node.op is None:
            leaves[node.index] = node
            continue
        group = group_of(node.scope, groups)
        group.parts.append(node)
        for edge in node.edges:
            if edge is not None and edge.op is None:
                homes[edge.index] = common(homes.get(edge.index, group), group)
    for index, leaf in leaves.items():
        homes.get(index, whole).leaves.append(leaf)
    return whole


def group_of(scope: Any, groups: dict) -> Group:
    new = []
    while scope not in groups:
        new.append(scope)
        scope = scope.outer
    group = groups[scope]
    for scope in reversed(new):
        groups[scope] = inner = Group(scope, group)
        group.parts.append(inner)
        group = inner
    return group


def common(a: Group, b: Group) -> Group:
    """The innermost group around both."""
    while a is not b:
        if a.level >= b.level and a.outer is not None:
            a = a.outer
        elif b.outer is not None:
            b = b.outer
    return a


def equal(a: Group, b: Group) -> bool:
    """Whether two groups have the same structure."""
    if len(a.parts) != len(b.parts) or general(a.scope.name) != general(b.scope.name):
        return False  # without the work of a signature
    return a.signature == b.signature


def runs(group: Group) -> Iterator[list]:
    """The parts of a group, those of one structure that follow each other in one list."""
    run: list = []
    for part in group.parts:
        same = run and isinstance(part, Group) and isinstance(run[0], Group)
        if same and equal(run[0], part):
            run.append(part)
            continue
        if run:
            yield run
        run = [part]
    if run:
        yield run
