"""Which groups of a program are equal, so that a run of them can be drawn once."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.graph import Edge
from viz.drawings.scopes import Group, general
from viz.programs.saved import statics


class Link(NamedTuple):
    """How a group gets an operand from the equal group before it: its output at this place."""

    place: int  # of the operation in `Group.order`
    slot: int | None  # of the output, if it has several


class Structure(NamedTuple):
    """Where the operations of a group are, and what is equal in two groups of one structure."""

    lines: tuple
    places: dict[int, int]  # node index -> place in `Group.order`
    outside: list[Edge]  # operands from outside, in order of their first use


class Exit(NamedTuple):
    """A use of a tensor outside of the group that made it; by nobody (None) for a result."""

    at: Link
    user: int | None  # node index


class Folding:
    """Finds the runs of equal groups in a program.

    Equal means: the same operations with the same static arguments, shapes, names up to numbers,
    and edges inside. In a *chain* each takes what the one before it made, and nothing else leaves
    it: so a tensor inside stands for the same thing in each. *Parallel* ones take the same and
    are used alike, by one operation.

    nodes, roots : the program.
    named : ids of arrays that the reader gave a name; those differ.
    """

    def __init__(self, nodes, roots, named: frozenset[int] = frozenset()):
        self.named = named
        self.users: dict[tuple, list[int | None]] = {}
        for node in nodes:
            for edge in node.edges:
                if edge is not None:
                    self.users.setdefault((edge.node.index, edge.slot), []).append(node.index)
        for edge in roots:
            self.users.setdefault((edge.node.index, edge.slot), []).append(None)
        self.slots: dict[int, list] = {}
        for index, slot in self.users:
            self.slots.setdefault(index, []).append(slot)
        self.structures: dict[Group, Structure] = {}

    def runs(self, group: Group) -> Iterator[list]:
        """The parts of a group, those that can be drawn as one in one list."""
        run: list = []
        for part in group.parts:
            if run and self.continues(run, part):
                run.append(part)
                continue
            if run:
                yield run
            run = [part]
        if run:
            yield run

    def continues(self, run: list, part: Any) -> bool:
        """Whether a part does with the last one of a run what that does with the one before."""
        last = run[-1]
        if not (isinstance(part, Group) and isinstance(last, Group) and self.equal(last, part)):
            return False
        links = self.links(last, part)
        if links is None or (len(run) > 1 and links != self.links(run[-2], last)):
            return False
        before, after = self.exits(last), self.exits(part)
        if not any(links):
            once = len({x.at for x in before}) == len(before)
            return once and before == after and all(x.user is not None for x in before)
        inside = self.structure(part).places
        return all(x.user in inside for x in before) and {x.at for x in after} <= {*links}

    def is_chain(self, run: list) -> bool:
        return any(self.links(run[0], run[1]) or ())

    def equal(self, a: Group, b: Group) -> bool:
        """Whether two groups have the same structure."""
        if len(a.parts) != len(b.parts) or general(a.scope.name) != general(b.scope.name):
            return False  # without the work of a comparison
        return self.structure(a).lines == self.structure(b).lines

    def links(self, a: Group, b: Group) -> list[Link | None] | None:
        """For each outside operand of b: where a made it, None if both take the same tensor.

        None instead of a list if neither holds for one of them.
        """
        found: list[Link | None] = []
        places = self.structure(a).places
        for x, y in zip(self.structure(a).outside, self.structure(b).outside, strict=True):
            if x is y:
                found.append(None)
            elif y.node.index in places:
                found.append(Link(places[y.node.index], y.slot))
            else:
                return None
        return found

    def exits(self, group: Group) -> list[Exit]:
        places = self.structure(group).places
        return [
            Exit(Link(place, slot), user)
            for index, place in places.items()
            for slot in self.slots.get(index, ())
            for user in self.users[index, slot]
            if user not in places
        ]

    # --- structure --------------------------------------------------------------------------
    def structure(self, group: Group) -> Structure:
        if group not in self.structures:
            self.structures[group] = self.compared(group)
        return self.structures[group]

    def compared(self, group: Group) -> Structure:
        order = group.order
        places = {node.index: i for i, node in enumerate(order)}
        numbers: dict[Any, int] = {inner: i for i, inner in enumerate(group.inside())}
        of_scope = {inner.scope: i for inner, i in numbers.items()}
        lines: list[tuple] = [
            (general(g.scope.name), g.scope.kind, i and numbers[g.outer])
            for g, i in numbers.items()
        ]  # fmt: skip
        outside: dict[tuple, tuple[int, Edge]] = {}
        for node in order:
            if node.op is None:
                lines.append((general(node.name or ""), node.shape, node.dtype))
                continue
            inputs = tuple(self.source(x, places, outside) for x in node.inputs)
            options = value_of(statics(node)) if node.op.static else ()
            lines.append(
                (node.op, node.shape, node.dtype, of_scope[node.scope], inputs, options)
            )  # fmt: skip
        return Structure(tuple(lines), places, [edge for _, edge in outside.values()])

    def source(self, x: Any, places: dict, outside: dict) -> Any:
        """Where an operand comes from, for a comparison of structures."""
        if isinstance(x, Edge):
            if x.node.index in places:
                return places[x.node.index], x.slot
            number, _ = outside.setdefault((x.node.index, x.slot), (len(outside), x))
            return "outside", number, x.shape, x.dtype
        if not isinstance(x, tuple):
            return "number", repr(x)
        name, shape, ref = x
        thing = ref() if ref is not None else None
        if name or (thing is not None and id(thing) in self.named):
            return "array", id(ref)  # an object has one weak reference
        return "array", shape


def value_of(x: Any) -> Any:
    """A static argument as something that equals another exactly if the arguments do.

    >>> value_of({"axis": (0, 1)}) == value_of({"axis": (0, 1)})
    True
    >>> value_of(np.arange(3)) == value_of(np.array([0, 1, 3]))
    False
    """
    if isinstance(x, np.ndarray) and x.dtype != object:
        return x.shape, x.dtype.str, x.tobytes()
    if isinstance(x, (tuple, list)):
        return type(x), tuple(map(value_of, x))
    if isinstance(x, dict):
        return tuple((key, value_of(v)) for key, v in x.items())
    if isinstance(x, slice):
        return slice, value_of([x.start, x.stop, x.step])
    return type(x), repr(x)
