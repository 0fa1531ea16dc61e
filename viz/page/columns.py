"""Boxes in columns, arrows from left to right around them: a layout in plain Python.

The steps are the usual ones of layered drawing: a column for each box (its longest path from a
source), stations for arrows where they pass columns, an order in each column with few crossings,
then heights that keep arrows straight.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from viz.errors import DrawingError

Point = tuple[float, float]
Arrow = tuple[str, str]

APART, BESIDE = 20.0, 13.0  # between two boxes; between a station and its neighbour
MOST_LANES = 4  # long arrows of one box that each have a line of their own


@dataclass
class Columns:
    """Items 0 … n-1 are boxes, the others stations; `before` and `after` are their neighbours."""

    keys: list[str]
    rank: list[int]
    height: list[float]
    before: list[list[int]] = field(default_factory=list)
    after: list[list[int]] = field(default_factory=list)
    trunk: set[int] = field(default_factory=set)
    routes: list[list[int]] = field(default_factory=list)  # of each arrow: tail, stations, head
    order: list[list[int]] = field(default_factory=list)
    y: list[float] = field(default_factory=list)  # of the middle

    def box(self, item: int) -> bool:
        return item < len(self.keys)

    def add_station(self, rank: int) -> None:
        self.rank.append(rank)
        self.height.append(0.0)
        self.before.append([])
        self.after.append([])

    def link(self, left: int, right: int) -> None:
        if right not in self.after[left]:
            self.after[left].append(right)
            self.before[right].append(left)

    def keep_straight(self, trunk: Sequence[str]) -> None:
        """Put a chain of boxes, and the arrows along it, on one line."""
        number = {key: i for i, key in enumerate(self.keys)}
        chain = [number[key] for key in trunk if key in number]
        along = set(pairwise(chain))
        self.trunk = {*chain}
        for route in self.routes:
            if (route[0], route[-1]) in along:
                self.trunk |= {*route}

    def weight(self, left: int, right: int) -> float:
        """How much a straight line between two items is worth: most inside long arrows."""
        return (8.0, 2.0, 1.0)[self.box(left) + self.box(right)]

    def between(self, above: int, below: int) -> float:
        """The least distance of the middles of two neighbours of one column."""
        gap = APART if self.box(above) and self.box(below) else BESIDE
        return (self.height[above] + self.height[below]) / 2 + gap


def connected(keys: list[str], arrows: Sequence[Arrow]) -> list[tuple[list[str], list[int]]]:
    """The parts that no arrow joins: the keys and the numbers of the arrows of each."""
    near: dict[str, list[str]] = {key: [] for key in keys}
    for tail, head in arrows:
        near[tail].append(head)
        near[head].append(tail)
    part: dict[str, int] = {}
    for number, start in enumerate(keys):
        todo = [start]
        while todo:
            if (key := todo.pop()) not in part:
                part[key] = number
                todo += near[key]
    parts: dict[int, tuple[list[str], list[int]]] = defaultdict(lambda: ([], []))
    for key in keys:
        parts[part[key]][0].append(key)
    for number, (tail, _) in enumerate(arrows):
        parts[part[tail]][1].append(number)
    return list(parts.values())


def ranks(keys: list[str], arrows: list[Arrow]) -> dict[str, int]:
    """The column of each box: the longest path to it, but what only feeds a box stands near it."""
    after: dict[str, list[str]] = {key: [] for key in keys}
    before: dict[str, list[str]] = {key: [] for key in keys}
    for tail, head in arrows:
        after[tail].append(head)
        before[head].append(tail)
    missing = {key: len(before[key]) for key in keys}
    line = [key for key in keys if not before[key]]
    rank = dict.fromkeys(keys, 0)
    for key in line:
        for head in after[key]:
            rank[head] = max(rank[head], rank[key] + 1)
            missing[head] -= 1
            if not missing[head]:
                line.append(head)
    if len(line) < len(keys):
        raise DrawingError("the arrows form a circle, so no box can stand left of all it feeds")
    alone: dict[str, bool] = {}  # what stands before it feeds nothing else
    for key in line:
        alone[key] = all(alone[t] and set(after[t]) == {key} for t in before[key])
    for key in reversed(line):
        held = {tail for tail in before[key] if not alone[tail] or set(after[tail]) != {key}}
        if after[key] and len(set(after[key])) >= len(held):
            rank[key] = min(rank[head] for head in after[key]) - 1
    lowest = min(rank.values())
    return {key: value - lowest for key, value in rank.items()}


def stations(keys: list[str], boxes: Mapping[str, Point], arrows: list[Arrow]) -> Columns:
    """The items of a drawing: its boxes and, where arrows pass columns, stations.

    Where many long arrows leave one box for different boxes they share stations: else a weight
    used in every step of a long program would fill the drawing with lines.
    """
    column = ranks(keys, arrows)
    number = {key: i for i, key in enumerate(keys)}
    items = Columns(keys, [column[k] for k in keys], [boxes[k][1] for k in keys])
    items.before, items.after = [[] for _ in keys], [[] for _ in keys]
    long = Counter(tail for tail, head in arrows if column[head] - column[tail] > 1)
    seen: Counter[Arrow] = Counter()
    made: dict[tuple[str, int, int], int] = {}
    for i, (tail, head) in enumerate(arrows):
        seen[tail, head] += 1
        lane = i if long[tail] <= MOST_LANES else -seen[tail, head]
        route = [number[tail]]
        for rank in range(column[tail] + 1, column[head]):
            if (tail, lane, rank) not in made:
                made[tail, lane, rank] = len(items.rank)
                items.add_station(rank)
            route.append(made[tail, lane, rank])
        items.routes.append([*route, number[head]])
        for left, right in pairwise(items.routes[-1]):
            items.link(left, right)
    return items
