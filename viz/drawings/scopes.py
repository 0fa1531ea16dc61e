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
    operations : how many run inside, also in its groups.
    parameters : how many numbers the leaves inside hold.
    """

    def __init__(self, scope: Any, outer: "Group | None"):
        self.scope = scope
        self.outer = outer
        self.level: int = -1 if outer is None else outer.level + 1
        self.parts: list[Any] = []
        self.leaves: list[Any] = []
        self.operations = 0
        self.parameters = 0
        self._order: list | None = None

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


def general(name: str) -> str:
    """A name without its numbers, so that "blocks.0.mlp" and "blocks.1.mlp" are equal."""
    return INDEX.sub("#", name)


def common_name(name: str) -> str:
    """What a run of equal parts is called, after its first one.

    >>> common_name("encoder.blocks.0"), common_name("layer_3"), common_name("blocks.2.mlp")
    ('encoder.blocks', 'layer', 'blocks.mlp')
    """
    return LAST_INDEX.sub("", name[:LONGEST]) or name


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
    for group in reversed([*whole.inside()]):  # inner ones first
        count(group)
    return whole


def count(group: Group) -> None:
    """Add up what a group holds, after its groups."""
    inner = group.groups
    group.operations = len(group.parts) - len(inner) + sum(g.operations for g in inner)
    own = sum(prod(leaf.shape) for leaf in group.leaves)
    group.parameters = own + sum(g.parameters for g in inner)


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
