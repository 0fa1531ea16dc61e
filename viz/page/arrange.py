"""Where boxes stand and how arrows run between them, from left to right.

No layout program is used, so that a drawing is the same on every machine.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot

from viz.errors import DrawingError
from viz.page.columns import APART, Arrow, Columns, Point, connected, stations
from viz.page.straighten import set_heights, sort_columns

MARGIN = 14.0  # around everything, with room for the arrows of `beside`
GAP, WIDEST_GAP = 36.0, 90.0  # between columns
PORTS = 13.0  # between two arrows at one border, where the box is high enough

Crossed = tuple[float, float, float]  # the two ends of a column, and the height of an item in it
Way = tuple[float, float, int]  # how far down an arrow goes first, and at last; its line


@dataclass(frozen=True)
class Arrangement:
    """A drawing from left to right; y grows downwards.

    places : the top left corner of each box.
    paths : for each arrow the points of its cubic Bézier curves: a start, then two control points
        and an end for each curve. It starts at the right border of its tail and ends at the left
        border of its head.
    size : width and height that enclose all, with a margin.
    """

    places: dict[str, Point]
    paths: list[list[Point]]
    size: Point


def arrange(
    boxes: Mapping[str, Point], arrows: Sequence[Arrow], trunk: Sequence[str] = ()
) -> Arrangement:
    """Place boxes and arrows from left to right, with few crossings.

    boxes : the width and height of each box, by key.
    arrows : tail and head of each; several from one box to another are allowed, circles are not.
    trunk : keys of a chain of boxes that shall stand on one line.

    Raises
    ------
    DrawingError : for a circle, or an arrow to an unknown box.

    >>> drawing = arrange({"x": (60, 40), "y": (80, 40)}, [("x", "y")])
    >>> drawing.places
    {'x': (14.0, 14.0), 'y': (110.0, 14.0)}
    >>> drawing.paths
    [[(74.0, 34.0), (92.0, 34.0), (92.0, 34.0), (110.0, 34.0)]]
    >>> drawing.size
    (204.0, 68.0)
    """
    if unknown := [key for arrow in arrows for key in arrow if key not in boxes]:
        raise DrawingError(f"an arrow names {unknown[0]!r}, which is not one of the boxes")
    places: dict[str, Point] = {}
    routes: list[list[Crossed]] = [[] for _ in arrows]
    top = 0.0
    for keys, numbers in connected(list(boxes), arrows):
        items = stations(keys, boxes, [arrows[i] for i in numbers])
        items.keep_straight(trunk)
        sort_columns(items)
        set_heights(items)
        top -= min(y - h / 2 for y, h in zip(items.y, items.height, strict=True))
        crossed = columns_crossed(items, boxes, top)
        for key, (left, right, middle) in zip(keys, crossed, strict=False):
            width, height = boxes[key]
            places[key] = (left + right - width) / 2, middle - height / 2
        for number, through in zip(numbers, items.routes, strict=True):
            routes[number] = [crossed[item] for item in through]
        top += max(y + h / 2 for y, h in zip(items.y, items.height, strict=True)) + APART
    return framed(boxes, places, curves(boxes, places, arrows, routes))


def columns_crossed(items: Columns, boxes: Mapping[str, Point], top: float) -> list[Crossed]:
    """For each item the left and right end of its column and its height."""
    widths = [0.0] * len(items.order)
    for key, rank in zip(items.keys, items.rank, strict=False):
        widths[rank] = max(widths[rank], boxes[key][0])
    steep = [0.0] * len(items.order)
    for item, heads in enumerate(items.after):
        for head in heads:
            rank = items.rank[head]
            steep[rank] = max(steep[rank], abs(items.y[item] - items.y[head]))
    right, ends = -GAP, []
    for width, rise in zip(widths, steep, strict=True):
        left = right + min(GAP + rise / 8, WIDEST_GAP)
        right = left + width
        ends.append((left, right))
    return [(*ends[rank], y + top) for rank, y in zip(items.rank, items.y, strict=True)]


def curves(
    boxes: Mapping[str, Point],
    places: dict[str, Point],
    arrows: Sequence[Arrow],
    routes: list[list[Crossed]],
) -> list[list[Point]]:
    """Each arrow: level across columns, so that it meets no box, and bent between them."""
    out, into = [], []
    first: dict[tuple[str, Crossed | int], int] = {}  # of the arrows that share a line
    for i, ((tail, _), route) in enumerate(zip(arrows, routes, strict=True)):
        same = first.setdefault((tail, route[1] if len(route) > 2 else i), i)
        out.append((route[1][2] - route[0][2], routes[same][-1][2], same))
        into.append((route[-2][2] - route[-1][2], route[0][2], i))
    starts = ports(boxes, [tail for tail, _ in arrows], out)
    ends = ports(boxes, [head for _, head in arrows], into)
    paths = []
    for (tail, head), route, below, under in zip(arrows, routes, starts, ends, strict=True):
        (_, edge, start), *between, (border, _, end) = route
        start, end = start + below, end + under
        knots = [(places[tail][0] + boxes[tail][0], start), (edge, start)]
        knots += [(x, y) for left, right, y in between for x in (left, right)]
        paths.append(smooth([*knots, (border, end), (places[head][0], end)]))
    return paths


def ports(boxes: Mapping[str, Point], at: list[str], ways: list[Way]) -> list[float]:
    """How far below the middle of its border each arrow is attached; equal ways share a place.

    A single straight arrow keeps the middle, so that chains stay straight.
    """
    there: dict[str, set[Way]] = defaultdict(set)
    for key, way in zip(at, ways, strict=True):
        there[key].add(way)
    shift: dict[tuple[str, Way], float] = {}
    for key, several in there.items():
        lines = sorted(several)
        straight = [i for i, (first, *_) in enumerate(lines) if abs(first) < 1]
        middle = straight[0] if len(straight) == 1 else (len(lines) - 1) / 2
        most = max(middle, len(lines) - 1 - middle)
        reach = boxes[key][1] / 2 - min(8, boxes[key][1] / 4)
        step = min(PORTS, reach / most) if most else 0.0
        shift.update(((key, way), (i - middle) * step) for i, way in enumerate(lines))
    return [shift[key, way] for key, way in zip(at, ways, strict=True)]


def smooth(knots: list[Point]) -> list[Point]:
    """Curves through points, level at each of them."""
    path = [knots[0]]
    for i, (x, y) in enumerate(knots[1:], 1):
        x0, y0 = path[-1]
        goes_on = i + 1 < len(knots) and y0 == y == knots[i + 1][1]
        if x > x0 and not goes_on:
            path += [((x0 + x) / 2, y0), ((x0 + x) / 2, y), (x, y)]
    return path


def framed(
    boxes: Mapping[str, Point], places: dict[str, Point], paths: list[list[Point]]
) -> Arrangement:
    """Moved so that everything, with a margin, begins at (0, 0)."""
    points = [*places.values(), *(point for path in paths for point in path)]
    points += [(places[k][0] + w, places[k][1] + h) for k, (w, h) in boxes.items()]
    (left, right), (top, bottom) = (
        (min(values), max(values)) for values in zip(*points or [(0.0, 0.0)], strict=True)
    )

    def moved(x: float, y: float) -> Point:
        return round(x - left + MARGIN, 2), round(y - top + MARGIN, 2)

    return Arrangement(
        {key: moved(*places[key]) for key in boxes},
        [[moved(*point) for point in path] for path in paths],
        moved(right + MARGIN, bottom + MARGIN),
    )


def beside(path: list[Point], offset: float) -> list[Point]:
    """The way back along a path, `offset` to one side of it: where a gradient runs.

    A positive offset is below an arrow that runs level to the right. The ends move up or down
    only, so they stay on the borders of their boxes.

    >>> beside([(0, 0), (10, 0), (20, 0), (30, 0)], 5)[0]
    (30.0, 5)
    """
    points = list(path)
    if len({y for _, y in path}) > 1:  # a bend is followed closely
        points = halved(halved(points))
    last = len(points) - 1
    moved = []
    for i in range(0, last + 1, 3):
        (x0, y0), (x1, y1) = points[max(i - 1, 0)], points[min(i + 1, last)]
        length = hypot(x1 - x0, y1 - y0)
        right, down = 0.0, offset
        if 0 < i < last and length:
            right, down = (y0 - y1) / length * offset, (x1 - x0) / length * offset
        moved += [(x + right, y + down) for x, y in points[max(i - 1, 0) : i + 2]]
    return moved[::-1]


def halved(path: list[Point]) -> list[Point]:
    """The same path with each Bézier curve cut in two (de Casteljau)."""
    fine = path[:1]
    for i in range(0, len(path) - 1, 3):
        left, right, rest = [], [], path[i : i + 4]
        while rest:
            left.append(rest[0])
            right.append(rest[-1])
            rest = [((a + c) / 2, (b + d) / 2) for (a, b), (c, d) in pairwise(rest)]
        fine += [*left[1:], *right[-2::-1]]
    return fine
