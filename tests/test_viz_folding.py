"""Runs of equal modules drawn once: what is equal, and that nothing false is said about them."""

import html
import re

import numpy as np
import pytest
from blackboard import Reader
from test_viz_modules import parsed, titles

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F
from autograd_lite.graph import ancestors
from viz.drawings.scene import Scene
from viz.programs.program import Program

ROWS = re.compile(r"<BR[^>]*>")
MARGIN = "\xa0" * 4


# --- programs -----------------------------------------------------------------------------------
def random_run(rng, pool, shared):
    """A few scopes of one body; their operands and the uses of what they make are random."""
    pattern = rng.choice(["chain", "parallel", "any"], p=[0.5, 0.3, 0.2])
    body = [int(k) for k in rng.integers(6, size=rng.integers(1, 4))]
    nested, own = rng.random() < 0.3, rng.random() < 0.4
    h = start = pool[rng.integers(len(pool))]
    results, inner = [], []
    for i in range(rng.integers(2, 5)):
        x = {"chain": h, "parallel": start, "any": pool[rng.integers(len(pool))]}[pattern]
        weight = Tensor(rng.uniform(0.5, 1.5, 3), True) if own else shared
        with ag.named_scope(f"b.{i}"):
            h = x
            for kind in body:
                inner.append(h)
                if nested:
                    with ag.named_scope("in"):
                        h = step(kind, h, x, weight)
                else:
                    h = step(kind, h, x, weight)
        results.append(h)
        pool.append(h)
    if rng.random() < 0.3:
        pool.append(inner[rng.integers(len(inner))])
    if rng.random() < 0.4:
        total = results[0] * 1.5
        for r in results[1:]:
            total = total + r
        pool.append(total)
    return h


def inputs_of(e):
    return [n.name for n in ancestors([e._node]) if n.name in ("v0", "v1")]


def step(kind, h, x, weight):
    return [
        lambda: np.sin(h), lambda: h * weight, lambda: h + x, lambda: np.sin(h * 2.0) - h,
        lambda: h * h, lambda: F.relu(h) + weight,
    ][kind]()  # fmt: skip


def random_program(seed):
    """A number, and names for some of its tensors."""
    rng = np.random.default_rng(seed)
    pool = [Tensor(rng.uniform(0.5, 1.5, 3), True, name=f"v{i}") for i in range(2)]
    shared = Tensor(rng.uniform(0.5, 1.5, 3), True, name="w")
    with viz.record():
        ends = [random_run(rng, pool, shared) for _ in range(rng.integers(1, 3))]
        picked = [pool[i] for i in rng.integers(len(pool), size=rng.integers(1, 4))]
        total = ends[-1]
        for t in picked:
            total = total * t if rng.random() < 0.5 else total + t
        e = np.sum(total)
    some = [t for t in pool if rng.random() < 0.6]
    return e, {f"h{i}": t for i, t in enumerate(some) if t.name is None}


# --- what is said -------------------------------------------------------------------------------
def sentences(drawing):
    """All lines of all labels, those that were broken put together."""
    for line in drawing.body:
        found = re.search(r"label=<(.*)> (arrowhead|color)=", line)
        parts = ROWS.split(found[1]) if found else []
        rows = [html.unescape(re.sub(r"<[^>]*>", "", part)) for part in parts]
        whole = []
        for row in rows:
            if row.startswith(MARGIN):
                whole[-1] += " " + row.strip("\xa0 ")
            else:
                whole.append(row.strip("\xa0 "))
        yield from whole


def check_sentences(drawing, program):
    """Compare each equation, and each "to x: …", with the numbers of the engine."""
    totals, parts = program.numbers
    names = program.names
    edges = {names.of(x): x for n in program.nodes for x in (n, *n.edges) if x is not None}
    values = {name: program.values[edge.index] for name, edge in edges.items()}
    values |= {f"∂e/∂{name}": totals[e.index] for name, e in edges.items() if e.index in totals}
    sent = {}
    for (index, slot), part in parts.items():
        node = next(n for n in program.nodes if n.index == index)
        sent.setdefault(node.edges[slot].index, []).append(part)
    count = 0
    for text in sentences(drawing):
        if text.endswith("…"):
            continue
        if text.startswith("∂") and " = " in text:
            left, right = text.split(" = ", 1)
            np.testing.assert_allclose(number(right, values), values[left], err_msg=text)
            count += 1
        elif said := re.fullmatch(r"to (\S+)( as \S+)?:  (.*)", text):
            found = number(said[3], values)
            assert any(np.allclose(found, p) for p in sent[edges[said[1]].index]), text
            count += 1
    return count


def number(text, values):
    return np.broadcast_to(Reader(text, values, columns=False).all(), (3,))


def check_sums(e, names, inputs, depth):
    """Each ⊕ is of one tensor, and gets all that is sent to that one, or is inside a module."""
    scene = Scene(e, names, inputs, None, depth)
    for item, wires in scene.wires.items():
        for wire in wires:
            places = {
                (node.index, slot) for node in scene.nodes for slot, x in enumerate(node.edges)
                if x is wire.edge
            }  # fmt: skip
            drawn = [{(n.index, s) for n, s in scene.behind.get((wire, u), ())} for u in wire.uses]
            if any(use.item is None for use in wire.uses):
                drawn = [d for d, use in zip(drawn, wire.uses, strict=True) if use.item]
            assert all(d & places for d in drawn), "an arrow of another tensor"
            if not wire.repeated:
                inside = {p for p in places if is_inside(scene, item, p)}
                assert places - inside == set().union(*drawn) & places
                assert not inside or wire.inside


def is_inside(scene, item, place):
    node = next(n for n in scene.nodes if n.index == place[0])
    return scene.places[node.index].item is item


@pytest.mark.parametrize("seed", range(120))
def test_what_drawings_of_random_programs_say_is_true(seed):
    e, names = random_program(seed)
    program = Program(e, names)
    inputs = inputs_of(e)
    count = 0
    for depth in (0, 1, 2, None):
        drawing = viz.draw_backward(
            e, names=names, inputs=inputs, depth=depth, jacobian=False, kept=False
        )
        count += check_sentences(drawing, program)
        check_sums(e, names, inputs, depth)
    assert count


def test_many_random_programs_are_folded():
    """So that the test above says something about folded drawings."""
    programs = [random_program(seed)[0] for seed in range(120)]
    drawn = [viz.draw(e, inputs=inputs_of(e), depth=0).source for e in programs]
    assert sum("× " in text for text in drawn) > 20


def test_members_used_elsewhere_too_are_not_folded():
    x = Tensor([1.0, 2.0], True, name="x")
    h, hs = x, []
    for i in range(3):
        with ag.named_scope(f"b.{i}"):
            h = np.sin(h * 2.0)
        hs.append(h)
    names = dict(h0=hs[0], h1=hs[1], h2=hs[2])
    apart = np.sum(hs[0] * hs[1] + hs[2])
    assert "×" not in viz.draw_backward(apart, depth=0, inputs=[x], names=names).source
    assert "to h₁:  ∂e/∂x₄ ⊙ h₀" in viz.draw_backward(apart, depth=0, names=names).source
    assert titles(np.sum(hs[2] * hs[2])) == ["b × 3 6 ops"]
    # the last one may be used as often as one likes: it is one tensor
    text = viz.draw_backward(np.sum(hs[2] * hs[2]), depth=0, names=names).source
    assert "∂e/∂h₂ = 2 ∂e/∂x₄ ⊙ h₂" in text.replace("x₃", "x₄")


def test_several_results_are_not_folded():
    x = Tensor([1.0, 2.0], True, name="x")
    hs = []
    for i in range(3):
        with ag.named_scope(f"b.{i}"):
            hs.append(np.sin(x))
    boxes = parsed(viz.draw_backward(hs, depth=1))[0]
    assert sum(b.startswith("sin") for b in boxes.values()) == 3
    assert len({b for b in boxes.values() if b.startswith("∂e/∂") and "given" in b}) == 3


# --- what is equal ------------------------------------------------------------------------------
def chain(*bodies):
    x = Tensor(np.arange(4.0).reshape(2, 2), True, name="x")
    h = x
    for i, body in enumerate(bodies):
        with ag.named_scope(f"b.{i}"):
            h = body(h)
    return h.sum()


def rule_of(function):
    return ag.rule(function, "a", name="same", a=lambda g: g)


ONE, OTHER = rule_of(lambda a: a + 0.0), rule_of(lambda a: a - 0.0)
NAMED, NAMED_TOO = (Tensor(np.full((2, 2), v), name=f"c{v}") for v in (1.0, 2.0))
PLAIN, PLAIN_TOO = np.ones((2, 2)), np.full((2, 2), 2.0)
EQUAL = [
    (lambda h: np.roll(h, 1, axis=0), lambda h: np.roll(h, 1, axis=0)),
    (lambda h: h[np.array([1, 0])], lambda h: h[np.array([1, 0])]),
    (lambda h: h * NAMED, lambda h: h * NAMED),
    (lambda h: h * PLAIN, lambda h: h * PLAIN_TOO),
    (lambda h: h * 2.0, lambda h: h * 2.0),
    (ONE, ONE),
]
DIFFERENT = [
    (lambda h: np.roll(h, 1, axis=0), lambda h: np.roll(h, 1, axis=1)),
    (lambda h: np.roll(h, 1, axis=0), lambda h: np.roll(h, 2, axis=0)),
    (lambda h: h[np.array([1, 0])], lambda h: h[np.array([0, 1])]),
    (lambda h: h[::-1], lambda h: h[::1]),
    (lambda h: h * NAMED, lambda h: h * NAMED_TOO),
    (lambda h: h * NAMED, lambda h: h * PLAIN),
    (lambda h: h * 2.0, lambda h: h * 2.5),
    (lambda h: h * PLAIN, lambda h: h * PLAIN[0]),
    (ONE, OTHER),
]


@pytest.mark.parametrize("record", [False, True])
def test_equal_is_equal(record):
    for pairs, count in ((EQUAL, 1), (DIFFERENT, 2)):
        for i, pair in enumerate(pairs):
            with viz.record() if record else ag.named_scope("all"):
                e = chain(*pair)
            text = viz.draw(e, inputs="x", depth=0 if record else 1).source
            assert ("b × 2" in text) == (count == 1), (i, count)


def test_arrays_that_the_reader_named_are_different():
    e = chain(lambda h: h * PLAIN, lambda h: h * PLAIN_TOO)
    assert "b × 2" in viz.draw(e, inputs="x", depth=0).source
    names = {"one": PLAIN, "two": PLAIN_TOO}
    assert "b × 2" not in viz.draw(e, inputs="x", depth=0, names=names).source
    e = chain(lambda h: h * PLAIN, lambda h: h * PLAIN)
    assert "b × 2" in viz.draw(e, inputs="x", depth=0, names={"one": PLAIN}).source


def test_a_mix_of_chain_and_parallel_is_no_run():
    x = Tensor(np.ones(2), True, name="x")

    def part(i, h):
        with ag.named_scope(f"b.{i}"):
            return np.sin(h)

    a, b = part(0, x), part(1, x)
    assert titles((a + b).sum()) == ["b × 2 2 ops"]
    c = part(2, b)
    assert titles((a + c).sum()) == ["b.0", "b × 2 2 ops"]
    d = part(3, c)
    assert titles((a + d).sum()) == ["b.0", "b × 3 3 ops"]
    y, z = x * 1.0, x * 2.0
    assert len(titles((part(0, y) + part(1, z)).sum())) == 2


def test_order_of_two_states_counts():
    def cells(swap):
        h, c = (Tensor(np.ones(2), True, name=n) for n in "hc")
        for i in range(3):
            with ag.named_scope(f"cell.{i}"):
                h, c = np.sin(h * c), np.cos(c + h)
            if swap and i == 0:
                h, c = c, h
        return (h * c).sum()

    whole = viz.draw(cells(False), inputs=[*"hc"], depth=0).source
    assert "cell × 3" in whole
    assert "cell × 3" not in viz.draw(cells(True), inputs=[*"hc"], depth=0).source


# --- names in a folded module -------------------------------------------------------------------
@pytest.mark.parametrize("names", [True, False])
def test_a_leaf_that_stands_for_several_says_so(names):
    h = Tensor(np.ones((2, 2)), True, name="x")
    for i in range(3):
        with ag.named_scope(f"block.{i}"):
            h = np.sin(h @ Tensor(np.ones((2, 2)), True, name=f"W{i}" if names else None))
    e = h.sum()
    boxes = parsed(viz.draw(e, inputs="x", depth=1))[0]
    assert boxes["leaf2"] == ("W₀ … (2, 2)" if names else "(2, 2)")
    boxes = parsed(viz.draw_backward(e, inputs="x", depth=1))[0]
    assert boxes["leaf2"] == ("∂e/∂W₀ … (2, 2)" if names else "∂ (2, 2)")
    text = viz.draw(e, inputs="x", depth=1, values=True, grads=True).source
    assert ("<B>W₀ …</B>" in text) == names
    assert "W₀" not in viz.draw(e, inputs="x", depth=0).source
