"""The order in each column with few crossings, and heights that keep arrows straight."""

from bisect import bisect_left, bisect_right, insort
from itertools import accumulate

from viz.page.columns import Columns

ORDER_SWEEPS, HEIGHT_SWEEPS = 8, 6
PINNED = 1e9  # weight of the trunk against everything else


def sort_columns(items: Columns) -> None:
    """Order each column by where its neighbours are, sweep by sweep, and keep the best."""
    items.order = [[] for _ in range(max(items.rank) + 1)]
    for item in from_the_end(items):
        items.order[items.rank[item]].append(item)
    best, fewest = [list(c) for c in items.order], total_crossings(items)
    for sweep in range(ORDER_SWEEPS):
        if not fewest:
            break
        to_the_right = sweep % 2 == 0
        near = items.before if to_the_right else items.after
        columns = items.order[1:] if to_the_right else items.order[-2::-1]
        place = places(items)
        for column in columns:
            by_neighbours(column, near, place, flip=sweep % 4 > 1)
            place.update((item, i) for i, item in enumerate(column))
        exchange(items, place)
        if (found := total_crossings(items)) < fewest:
            best, fewest = [list(c) for c in items.order], found
    items.order = best


def from_the_end(items: Columns) -> list[int]:
    """All items, each root followed by what it reads, the first operand first."""
    found: dict[int, None] = {}
    for end in (i for i in range(len(items.rank)) if not items.after[i]):
        todo = [end]
        while todo:
            if (item := todo.pop()) not in found:
                found[item] = None
                todo += reversed(items.before[item])
    return list(found)


def places(items: Columns) -> dict[int, int]:
    return {item: i for column in items.order for i, item in enumerate(column)}


def by_neighbours(
    column: list[int], near: list[list[int]], place: dict[int, int], flip: bool
) -> None:
    """Sort by the mean place of the neighbours; items without any keep their place."""
    mean = {i: sum(place[n] for n in near[i]) / len(near[i]) for i in column if near[i]}
    ranked = iter(sorted(reversed(mean) if flip else mean, key=mean.__getitem__))
    column[:] = [next(ranked) if item in mean else item for item in column]


def total_crossings(items: Columns) -> int:
    place, total = places(items), 0
    for column in items.order:
        passed: list[int] = []
        for item in column:
            heads = sorted(place[head] for head in items.after[item])
            total += sum(len(passed) - bisect_right(passed, head) for head in heads)
            for head in heads:
                insort(passed, head)
    return total


def exchange(items: Columns, place: dict[int, int]) -> None:
    """Swap neighbours of a column while that removes crossings."""
    for _ in range(4):
        changed = False
        for column in items.order:
            for i in range(len(column) - 1):
                above, below = column[i], column[i + 1]
                gain = 0
                for near in (items.before, items.after):
                    ours = [place[n] for n in near[above]]
                    theirs = [place[n] for n in near[below]]
                    gain += sum((a > b) - (a < b) for a in ours for b in theirs)
                if gain > 0:
                    column[i], column[i + 1] = below, above
                    place[above], place[below] = i + 1, i
                    changed = True
        if not changed:
            return


def set_heights(items: Columns) -> None:
    """Give each item the height of its middle; the trunk stands at 0."""
    items.y = [0.0] * len(items.rank)
    for column in items.order:
        settle(items, column, dict.fromkeys(column, 0.0), dict.fromkeys(column, 1.0))
    for sweep in range(HEIGHT_SWEEPS):
        for near, columns in (
            ((items.before,), items.order[1:]),
            ((items.after,), items.order[-2::-1]),
            ((items.before, items.after), items.order if sweep % 2 else items.order[::-1]),
        ):
            for column in columns:
                pull(items, column, near)
    line_up(items)


def pull(items: Columns, column: list[int], sides: tuple[list[list[int]], ...]) -> None:
    """Move a column to where its neighbours want it, as far as there is room."""
    wish, force = {}, {}
    for item in column:
        near = [(items.y[n], items.weight(item, n)) for side in sides for n in side[item]]
        force[item] = sum(weight for _, weight in near) or 0.01
        wish[item] = sum(y * w for y, w in near) / force[item] if near else items.y[item]
        if item in items.trunk:
            wish[item], force[item] = 0.0, PINNED
    settle(items, column, wish, force)


def settle(
    items: Columns, column: list[int], wish: dict[int, float], force: dict[int, float]
) -> None:
    """The heights nearest to the wishes (least squares) at which no two items overlap.

    Neighbours whose wishes collide are joined to a block, which moves to the mean of them.
    """
    blocks: list[list[float]] = []  # force, mean, number of items
    offset, offsets, last = 0.0, [], None
    for item in column:
        offset += items.between(last, item) if last is not None else 0.0
        last = item
        offsets.append(offset)
        blocks.append([force[item], wish[item] - offset, 1])
        while len(blocks) > 1 and blocks[-2][1] > blocks[-1][1]:
            weight, mean, count = blocks.pop()
            total = blocks[-1][0] + weight
            blocks[-1][1] += (mean - blocks[-1][1]) * weight / total
            blocks[-1][0], blocks[-1][2] = total, blocks[-1][2] + count
    means = [mean for _, mean, count in blocks for _ in range(int(count))]
    for item, mean, off in zip(column, means, offsets, strict=True):
        items.y[item] = mean + off


def line_up(items: Columns) -> None:
    """Move runs of items to the height of a neighbour where the way is free: fewer small bends."""
    place = places(items)

    def free(item: int) -> tuple[float, float]:
        column, i = items.order[items.rank[item]], place[item]
        low = items.y[column[i - 1]] + items.between(column[i - 1], item) if i else -1e9
        last = i + 1 == len(column)
        high = 1e9 if last else items.y[column[i + 1]] - items.between(item, column[i + 1])
        return low, high

    for _ in range(4):
        for run in runs(items):
            room = [free(item) for item in run]
            low, high = max(a for a, _ in room), min(b for _, b in room)
            ends = [(items.y[n], items.weight(run[0], n)) for n in items.before[run[0]]]
            ends += [(items.y[n], items.weight(run[-1], n)) for n in items.after[run[-1]]]
            if low <= high and ends and not items.trunk.intersection(run):
                height = min(max(weighted_median(ends), low), high)
                for item in run:
                    items.y[item] = height


def runs(items: Columns) -> list[list[int]]:
    """Maximal chains of items, each the only neighbour of the next on either side."""
    found, seen = [], set()
    for start in sorted(range(len(items.rank)), key=items.rank.__getitem__):
        if start in seen:
            continue
        run = [start]
        while len(items.after[run[-1]]) == 1:
            (head,) = items.after[run[-1]]
            if len(items.before[head]) > 1 or (head in items.trunk) != (start in items.trunk):
                break
            run.append(head)
        seen.update(run)
        found.append(run)
    return found


def weighted_median(points: list[tuple[float, float]]) -> float:
    """The least point below or at which half of the weight lies."""
    points = sorted(points)
    passed = [*accumulate(weight for _, weight in points)]
    return points[bisect_left(passed, passed[-1] / 2)][0]
