"""Layouts: whatever the graph, nothing overlaps and every arrow runs where it should."""

import math
import time
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from viz.errors import DrawingError
from viz.page.arrange import arrange, beside
from viz.page.columns import connected, ranks, stations
from viz.page.straighten import exchange, places, set_heights, sort_columns, total_crossings

NEAR = 0.02  # places are rounded to hundredths


@st.composite
def graphs(draw, most=24):
    """Boxes, arrows from earlier to later ones in a shuffled order of keys, and a trunk."""
    number = draw(st.integers(1, most))
    keys = [f"b{i}" for i in range(number)]
    sizes = st.tuples(st.integers(4, 300), st.integers(4, 200))
    boxes = {key: draw(sizes) for key in draw(st.permutations(keys))}
    end = st.integers(0, number - 1)
    pairs = draw(st.lists(st.tuples(end, end), max_size=3 * number))
    arrows = [(keys[min(pair)], keys[max(pair)]) for pair in pairs if pair[0] != pair[1]]
    arrows += draw(st.lists(st.sampled_from(arrows), max_size=3)) if arrows else []
    return boxes, arrows, chain(arrows, draw(st.sampled_from(keys)))


def chain(arrows, start):
    """A path through the graph, by always the first arrow."""
    found = [start]
    while step := [head for tail, head in arrows if tail == found[-1]]:
        found.append(step[0])
    return found


def along(path, steps=24):
    """Points of the curves of a path."""
    a, b, c, d = (np.array(path)[i::3][: len(path) // 3, None] for i in range(4))
    t = np.linspace(0, 1, steps + 1)[:, None]
    points = a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t * t * (1 - t) + d * t**3
    return points.reshape(-1, 2)


def distances(points, others):
    """From each point to the nearest of the others."""
    return np.min(np.linalg.norm(points[:, None] - others, axis=-1), axis=1)


def frame(drawing, boxes, key):
    (x, y), (width, height) = drawing.places[key], boxes[key]
    return x, y, x + width, y + height


@given(graphs())
def test_boxes_do_not_overlap(graph):
    boxes, arrows, trunk = graph
    drawing = arrange(boxes, arrows, trunk)
    assert list(drawing.places) == list(boxes)
    frames = [frame(drawing, boxes, key) for key in boxes]
    for (l0, t0, r0, b0), (l1, t1, r1, b1) in combinations(frames, 2):
        apart = max(l1 - r0, l0 - r1, t1 - b0, t0 - b1)
        assert apart >= 19  # and there is air between them


@given(graphs())
def test_arrows_run_from_border_to_border_and_around_all_boxes(graph):
    boxes, arrows, trunk = graph
    drawing = arrange(boxes, arrows, trunk)
    assert len(drawing.paths) == len(arrows)
    for (tail, head), path in zip(arrows, drawing.paths, strict=True):
        _, top, right, bottom = frame(drawing, boxes, tail)
        assert math.isclose(path[0][0], right, abs_tol=NEAR)
        assert top < path[0][1] < bottom
        left, top, _, bottom = frame(drawing, boxes, head)
        assert math.isclose(path[-1][0], left, abs_tol=NEAR)
        assert top < path[-1][1] < bottom
        assert len(path) % 3 == 1
        x, y = along(path).T
        assert np.all(np.diff(x) > -NEAR), "it turns back"
        for key in boxes:
            left, top, right, bottom = frame(drawing, boxes, key)
            assert not np.any((left + NEAR < x) & (x < right - NEAR) & (top < y) & (y < bottom))


@given(graphs(), st.sampled_from([-6, 5]))
def test_gradients_run_back_beside_their_arrows(graph, offset):
    boxes, arrows, trunk = graph
    drawing = arrange(boxes, arrows, trunk)
    for path in drawing.paths:
        back = beside(path, offset)
        assert back[0] == (path[-1][0], path[-1][1] + offset)
        assert back[-1] == (path[0][0], path[0][1] + offset)
        apart = distances(along(back), along(path, 200))
        assert np.all(apart < 1.3 * abs(offset))
        assert np.all(apart > 0.3 * abs(offset))  # nearer where it turns sharply


@given(graphs())
def test_the_size_encloses_all(graph):
    boxes, arrows, trunk = graph
    drawing = arrange(boxes, arrows, trunk)
    width, height = drawing.size
    points = [p for path in drawing.paths for p in [*path, *beside(path, 6)]]
    for key in boxes:
        left, top, right, bottom = frame(drawing, boxes, key)
        points += [(left, top), (right, bottom)]
    assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
    assert min(x for x, _ in points) <= 14 + NEAR, "no more margin than needed"
    assert arrange(dict(boxes), list(arrows), list(trunk)) == drawing, "deterministic"


@given(graphs())
def test_the_trunk_is_a_straight_line(graph):
    boxes, arrows, _ = graph
    trunk = next((chain(arrows, key) for key in boxes if chain(arrows, key)[1:]), [])
    drawing = arrange(boxes, arrows, trunk)
    middles = [drawing.places[key][1] + boxes[key][1] / 2 for key in trunk]
    assert all(abs(middle - middles[0]) < 0.05 for middle in middles)


@given(graphs())
def test_sweeps_and_exchanges_count_and_only_remove_crossings(graph):
    boxes, arrows, _ = graph
    for keys, numbers in connected(list(boxes), arrows):
        items = stations(keys, boxes, [arrows[i] for i in numbers])
        items.order = [[] for _ in range(max(items.rank) + 1)]
        for item, rank in enumerate(items.rank):
            items.order[rank].append(item)
        place, edges = places(items), []
        for tail, heads in enumerate(items.after):
            edges += [(items.rank[tail], place[tail], place[head]) for head in heads]
        slow = sum(
            r0 == r1 and (t0 - t1) * (h0 - h1) < 0
            for (r0, t0, h0), (r1, t1, h1) in combinations(edges, 2)
        )
        assert total_crossings(items) == slow
        exchange(items, place)
        assert place == places(items)
        assert total_crossings(items) <= slow
        sort_columns(items)
        set_heights(items)
        for column in items.order:
            for above, below in pairwise(column):
                assert items.y[below] - items.y[above] > items.between(above, below) - NEAR


@given(graphs())
def test_ranks_go_up_along_arrows_and_none_is_left_out(graph):
    boxes, arrows, _ = graph
    rank = ranks(list(boxes), arrows)
    assert all(rank[tail] < rank[head] for tail, head in arrows)
    assert min(rank.values()) == 0
    for key in boxes:  # what feeds one box alone stands next to it
        heads = {head for tail, head in arrows if tail == key}
        if len(heads) == 1 and all(head != key for _, head in arrows):
            assert rank[key] == rank[heads.pop()] - 1


def test_trees_have_no_crossings():
    """Every binary tree, and every fan, can be drawn without any."""
    sizes = {f"t{i}": (50, 30) for i in range(1, 64)}
    tree = [(f"t{i}", f"t{i // 2}") for i in range(63, 1, -1)]
    for arrows in (tree, [(b, a) for a, b in tree], tree[::3] + tree[1::3] + tree[2::3]):
        items = stations(list(sizes), sizes, arrows)
        sort_columns(items)
        assert total_crossings(items) == 0


def test_a_skip_goes_around_the_chain_it_skips():
    names = ["x", "a", "b", "c", "y"]
    boxes = dict.fromkeys(names, (80, 60))
    drawing = arrange(boxes, [*pairwise(names), ("x", "y")], names)
    assert all(path[0][1] == path[-1][1] for path in drawing.paths[:-1]), "the chain is straight"
    turn = max(drawing.paths[-1], key=lambda p: abs(p[1] - drawing.paths[0][0][1]))
    assert abs(turn[1] - drawing.paths[0][0][1]) > 30


def test_parts_that_no_arrow_joins_stand_below_each_other():
    boxes = dict.fromkeys("abcd", (50, 20))
    drawing = arrange(boxes, [("a", "c")])
    assert drawing.places == {"a": (14, 14), "c": (100, 14), "b": (14, 54), "d": (14, 94)}


def test_an_operand_used_twice_has_two_arrows():
    (first, second) = arrange(dict.fromkeys("ab", (50, 40)), [("a", "b")] * 2).paths
    assert first[0][1] < second[0][1]
    assert first[-1][1] < second[-1][1]


def test_many_uses_share_a_line():
    """A weight of 30 steps does not need 30 lines."""
    boxes = {"W": (50, 40), **{f"h{i}": (50, 40) for i in range(31)}}
    steps = [(f"h{i}", f"h{i + 1}") for i in range(30)]
    drawing = arrange(boxes, steps + [("W", f"h{i}") for i in range(1, 31)], list(boxes)[1:])
    assert drawing.size[1] < 200


def test_nothing_to_place():
    drawing = arrange({}, [])
    assert drawing.places == {}
    assert drawing.paths == []
    assert drawing.size == (28, 28)


def test_wrong_graphs_are_named():
    boxes = dict.fromkeys("ab", (50, 40))
    with pytest.raises(DrawingError, match="circle"):
        arrange(boxes, [("a", "b"), ("b", "a")])
    with pytest.raises(DrawingError, match="'c'"):
        arrange(boxes, [("a", "c")])


@settings(max_examples=5)
@given(st.randoms(use_true_random=False))
def test_hundreds_of_boxes_take_little_time(random):
    boxes = {f"b{i}": (random.randint(60, 160), random.randint(30, 90)) for i in range(300)}
    arrows = [
        (f"b{random.randrange(max(0, i - 9), i)}", f"b{i}")
        for i in range(1, 300)
        for _ in range(random.choice([1, 1, 2]))
    ]
    arrows += [("b0", f"b{i}") for i in range(5, 300, 5)]
    spent = []
    for _ in range(3):
        start = time.process_time()
        arrange(boxes, arrows)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.6  # it is 0.2 s
