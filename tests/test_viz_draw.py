"""Both drawings as DOT text: golden texts of tiny graphs, structure of random ones."""

import doctest
import html
import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F
from autograd_lite.graph import ancestors
from viz import grid
from viz.drawings import (
    backward,
    boxlines,
    combined,
    forward,
    frames,
    labels,
    render,
    scene,
    scopes,
)

MODULES = [boxlines, combined, grid, forward, frames, labels, scene, scopes, backward, render]
FOLDER = Path(__file__).parent / "golden"
BODY = re.compile(r"^\t(\w+)(?: -> (\w+))? \[(.*)\]$")


def parsed(drawing):
    """Boxes {id: attributes} and arrows [(tail, head, attributes)] of a drawing."""
    boxes, arrows = {}, []
    for line in drawing.body:
        tail, head, attributes = BODY.match(line.rstrip("\n")).groups()
        if head is None:
            assert tail not in boxes
            boxes[tail] = attributes
        else:
            arrows.append((tail, head, attributes))
    return boxes, arrows


def plain(attributes):
    """The words of a label."""
    text = re.search(r"label=(<.*>|\S+)", attributes)
    return re.sub(r"<[^>]*>", " ", text[1][1:-1]).replace("&#160;", " ").split() if text else []


def residual():
    x = Tensor([1.0, 0.5, 2.0], True, name="x")
    H = Tensor(np.eye(3), True, name="H")
    v = Tensor(np.ones(3), True, name="v")
    target = np.array([1.0, 0.0, 0.0])
    y = F.relu(H @ x + v) + x
    e = F.cross_entropy(y, target)
    return e, {"y": y, "e": e, "p*": target, "x": x, "H": H, "v": v}


def square():
    x = Tensor([1.0, 2.0], True, name="x")
    return (x * x).sum()


def block(x, W):
    with ag.named_scope("mlp", "MLP"):
        h = F.relu(x @ W)
    return h + x


def blocks():
    y = Tensor(np.ones((2, 2)), True, name="x")
    with ag.named_scope("stem", "Linear"):
        y = y @ Tensor(np.ones((2, 2)), True)
    for i in range(3):
        with ag.named_scope(f"blocks.{i}", "Block"):
            y = block(y, Tensor(np.ones((2, 2)), True))
    return y.sum()


def draw_layer(draw=viz.draw, **options):
    e, names = residual()
    return draw(e, names=names, inputs=["x"], **options)


NO_LINES = dict(formula=False, jacobian=False, kept=False)
GOLDEN = {
    "square_forward": lambda: viz.draw(square(), inputs="x"),
    "square_backward": lambda: viz.draw_backward(square(), inputs="x"),
    "square_backward_plain": lambda: viz.draw_backward(square(), inputs="x", **NO_LINES),
    "residual_forward": draw_layer,
    "residual_backward": lambda: draw_layer(viz.draw_backward),
    "residual_combined": lambda: draw_layer(values=True, grads=True),
    "residual_expanded": lambda: draw_layer(viz.draw_backward, expand="cross_entropy"),
    "modules_forward": lambda: viz.draw(blocks(), inputs="x", depth=1),
    "modules_backward": lambda: viz.draw_backward(blocks(), inputs="x", depth=1),
    "modules_open": lambda: viz.draw(blocks(), inputs="x"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_texts(name):
    """Run with GOLDEN=write to write the texts again, after looking at the pictures."""
    path, text = FOLDER / f"{name}.gv", GOLDEN[name]().source
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_residual_layer_forward():
    e, names = residual()
    boxes, arrows = parsed(viz.draw(e, names=names, inputs=["x"]))
    kinds = {plain(a)[0]: a for a in boxes.values() if plain(a)}
    assert "shape=ellipse" in kinds["x"]
    assert "dashed" not in kinds["x"]
    assert "peripheries=2" in kinds["H"]
    assert "peripheries=2" in kinds["v"]
    assert "dashed" in kinds["p*"]
    assert "shape=doublecircle" in kinds["e"]
    assert plain(kinds["H"]) == ["H", "(3,", "3)"]
    labels = [" ".join(plain(a)) for _, _, a in arrows if plain(a)]
    assert labels == ["x₁ (3,)", "x₂ (3,)", "x₃ (3,)", "y (3,)"]
    assert sum("shape=point" in a for a in boxes.values()) == 1


def lines(attributes):
    """The lines of a label."""
    text = re.search(r"label=<(.*)> (arrowhead|color)=", attributes)
    parts = re.split(r"<BR[^>]*>", text[1]) if text else []
    parts = [re.sub(r"<[^>]*>", "", part) for part in parts]
    return [html.unescape(part).replace("\xa0", " ").strip() for part in parts if part]


def test_residual_layer_backward():
    e, names = residual()
    boxes, arrows = parsed(viz.draw_backward(e, names=names, inputs=["x"]))
    text = {name: lines(a) for name, a in boxes.items() if name[:2] in ("op", "le")}
    assert text["op3"] == ["relu backward · J 0/1 diagonal, so a mask",
                           "∂e/∂x₂ = ∂e/∂x₃ ⊙ 1[x₂ > 0]", "reads x₂ > 0"]  # fmt: skip
    assert text["op4"] == ["add backward · J = I", "∂e/∂x₃ = ∂e/∂y", "to x:  ∂e/∂y",
                           "reads nothing"]  # fmt: skip
    assert text["op1"][1:] == ["∂e/∂H = ∂e/∂x₁ xᵀ   J = I ⊗ xᵀ, a block for each output",
                               "to x:  Hᵀ ∂e/∂x₁   J = H", "reads x, H"]  # fmt: skip
    assert ["∂e/∂x = ∂e/∂y + Hᵀ ∂e/∂x₁", "(3,)"] in text.values()
    labels = Counter(" ".join(plain(a)) for _, _, a in arrows)
    assert labels == Counter({"∂e/∂y": 2, "∂e/∂x₃": 1, "∂e/∂x₂": 1, "∂e/∂x₁": 1,
                              "Hᵀ ∂e/∂x₁": 1, "": 4})  # fmt: skip


def test_what_the_boxes_say_is_chosen():
    e, names = residual()
    every = {"formula": "∂e/∂x₃ = ", "jacobian": "J = I", "kept": "reads"}
    for option, sign in every.items():
        assert sign in viz.draw_backward(e, names=names).source
        assert sign not in viz.draw_backward(e, names=names, **{option: False}).source
    plain_boxes = viz.draw_backward(e, names=names, **NO_LINES).source
    assert not any(sign in plain_boxes for sign in every.values())
    assert "to x" in plain_boxes


def test_the_main_chain_is_straight_and_the_skip_is_not():
    e, names = residual()
    _, arrows = parsed(viz.draw(e, names=names, inputs=["x"]))
    straight = [(t, h) for t, h, a in arrows if "weight=8" in a]
    assert straight == [("leaf1", "fork1"), ("fork1", "op1"), ("op1", "op2"), ("op2", "op3"),
                        ("op3", "op4"), ("op4", "op5"), ("op5", "root1")]  # fmt: skip


def test_drawings_after_backward():
    def sources(e, names):
        plain_ones = viz.draw(e, names=names), viz.draw_backward(e, names=names, **NO_LINES)
        return [drawing.source for drawing in plain_ones]

    e, names = residual()
    before = sources(e, names)
    e.backward()
    assert sources(e, names) == before
    for draw in (viz.draw_backward, lambda *a, **k: viz.draw(*a, grads=True, **k)):
        with pytest.raises(viz.DrawingError, match=r"retain_graph=True.*viz\.record\(\)"):
            draw(e, names=names)
    with pytest.raises(viz.DrawingError, match="formula=False, jacobian=False and kept=False"):
        viz.draw_backward(e, names=names)
    with viz.record():
        e, names = residual()
    before = viz.draw_backward(e, names=names).source
    e.backward()
    assert viz.draw_backward(e, names=names).source == before


def test_direction():
    x = Tensor([1.0], True)
    y = x
    for _ in range(6):
        y = F.tanh(y)
    assert "rankdir=LR" in viz.draw(y).source
    assert "rankdir=TB" in viz.draw(F.tanh(y)).source
    assert "rankdir=TB" in viz.draw_backward(x.sum()).source
    assert "rankdir=RL" in viz.draw(y, rankdir="RL").source
    with pytest.raises(viz.DrawingError, match="LR, TB"):
        viz.draw(y, rankdir="up")


def test_constants():
    x = Tensor([1.0, 2.0], True, name="x")
    c = np.array([3.0, 4.0])
    untracked = Tensor([5.0, 6.0], name="u")
    y = np.clip(x * c * c - 2.5, 0.0, None) * untracked + np.ones(2) + 2.5
    boxes, arrows = parsed(viz.draw(y, names={"c": c}))
    dashed = {i: " ".join(plain(a)) for i, a in boxes.items() if "dashed" in a}
    # an array is one box however often it is used, a number one for each use, None none
    assert sorted(dashed.values()) == ["0", "2.5", "2.5", "c (2,)", "c₁ (2,)", "u (2,)"]
    assert not any(head in dashed for _, head, _ in arrows)


def test_one_array_used_twice_is_one_box_also_when_it_is_gone():
    x = Tensor([1.0, 2.0], True, name="x")
    c = np.array([3.0, 4.0])
    y = (x * c + c) / np.array([1.0, 1.0])
    for _ in range(2):
        boxes, arrows = parsed(viz.draw(y))
        assert [plain(a)[0] for a in boxes.values() if "dashed" in a] == ["c₁", "c₂"]
        assert sum(tail == "const1" for tail, _, _ in arrows) == 2
        c = None


def test_several_outputs():
    x = Tensor(np.arange(4.0), True, name="x")
    a, b = np.split(x, 2)
    e = (a * b).sum()
    boxes, arrows = parsed(viz.draw(e, names={"a": a, "b": b}))
    assert [(t, h, plain(s)[0]) for t, h, s in arrows[1:3]] == [
        ("op1", "op2", "a"), ("op1", "op2", "b")]  # fmt: skip
    boxes, arrows = parsed(viz.draw_backward(e, names={"a": a, "b": b}))
    into = {" ".join(plain(s)) for t, h, s in arrows if h == "op1"}
    assert into == {"∂e/∂a", "∂e/∂b"}
    assert "⊕" not in "".join(boxes.values())


def test_an_output_used_twice_and_one_unused():
    x = Tensor(np.arange(6.0), True, name="x")
    a = np.split(x, 3)[1]
    drawing = viz.draw_backward((a * a).sum(), names={"a": a})
    _, arrows = parsed(drawing)
    into = [" ".join(plain(s)) for _, h, s in arrows if h == "merge1"]
    assert into == ["∂e/∂x₁ ⊙ a", "∂e/∂x₁ ⊙ a"]
    assert [" ".join(plain(s)) for t, _, s in arrows if t == "merge1"] == ["∂e/∂a = 2 ∂e/∂x₁ ⊙ a"]
    _, arrows = parsed(viz.draw_backward((a * a).sum(), names={"a": a}, formula=False))
    assert [" ".join(plain(s)) for _, h, s in arrows if h == "merge1"] == ["to a as a", "to a as b"]
    assert [" ".join(plain(s)) for t, _, s in arrows if t == "merge1"] == ["∂e/∂a"]


def test_several_roots():
    x = Tensor([1.0, 2.0], True, name="x")
    h = F.tanh(x)
    loss = h.sum()
    names = {"h": h, "loss": loss}
    boxes, arrows = parsed(viz.draw([loss, h, h], names=names))
    assert "doublecircle" in boxes["root1"]
    assert "root2" in boxes
    assert "root3" not in boxes
    assert ("fork1", "root2") in [a[:2] for a in arrows]
    boxes, arrows = parsed(viz.draw_backward([loss, h], names=names))
    assert plain(boxes["seed1"]) == ["∂e/∂loss", "given", "()"]
    # h is used as well, so what is given is a part of ∂e/∂h
    assert plain(boxes["seed2"]) == ["to", "h", "given", "(2,)"]
    assert {t for t, h, _ in arrows if h == "merge1"} == {"seed2", "op2"}


def test_a_leaf_as_root():
    x = Tensor(1.0, True, name="x")
    assert list(parsed(viz.draw(x))[0]) == ["leaf1"]
    boxes, arrows = parsed(viz.draw_backward(x))
    assert list(boxes) == ["seed1", "leaf1"]
    assert [a[:2] for a in arrows] == [("seed1", "leaf1")]
    both = parsed(viz.draw([x * 2.0, x]))[0]
    assert [i for i in both if i.startswith(("leaf", "fork"))] == ["leaf1"]


def test_not_a_number_as_root():
    x = Tensor([1.0, 2.0], True, name="x")
    boxes, _ = parsed(viz.draw(x * 2.0))
    assert "shape=ellipse" in boxes["root1"]
    assert "peripheries=2" in boxes["root1"]
    boxes, _ = parsed(viz.draw_backward(x * 2.0))
    assert plain(boxes["seed1"]) == ["∂e/∂y", "given", "(2,)"]
    # the scalar behind the given gradient has a name that no tensor has
    e = Tensor([1.0, 2.0], True, name="e")
    boxes, _ = parsed(viz.draw_backward(e * 2.0))
    assert plain(boxes["leaf1"])[0] == "∂e₂/∂e"


def test_name_collisions():
    a, b, c = (Tensor([1.0], True, name="w") for _ in range(3))
    u = Tensor([1.0], True, name="x₁")
    boxes, arrows = parsed(viz.draw(a * b * c * u))
    drawn = [plain(s)[0] for s in boxes.values()]
    drawn += [plain(s)[0] for *_, s in arrows if plain(s)]
    tensors = [n for n in drawn if n != "multiply"]
    assert len(set(tensors)) == len(tensors) == 7


def test_inputs():
    x, w = Tensor([1.0], True, name="x1"), Tensor([1.0], True, name="w")
    target = np.array([2.0])
    e = ((x * w - target) ** 2).sum()
    for inputs in ("x1", "x₁", x, [x], ["x1"], [x, target]):
        boxes, _ = parsed(viz.draw(e, inputs=inputs))
        assert "ellipse" in boxes["leaf1"]
        assert "peripheries=2" in boxes["leaf2"]
    with pytest.raises(viz.DrawingError, match=r"'z' is no leaf.*x₁, w"):
        viz.draw(e, inputs="z")
    with pytest.raises(viz.DrawingError, match="no leaf"):
        viz.draw_backward(e, inputs=[x * w])
    with pytest.raises(viz.DrawingError, match="no leaf"):
        viz.draw(e, inputs=np.ones(3))


@pytest.mark.parametrize("draw", [viz.draw, viz.draw_backward])
def test_refusals(draw):
    with pytest.raises(viz.DrawingError, match="requires_grad=True"):
        draw(Tensor([1.0]))
    with ag.no_grad(), pytest.raises(viz.DrawingError, match="no_grad"):
        draw(Tensor([1.0], True) * 2.0)
    with pytest.raises(viz.DrawingError, match="ndarray has no graph"):
        draw(np.ones(3))
    with pytest.raises(viz.DrawingError, match="empty"):
        draw([])
    with pytest.raises(viz.DrawingError, match="locals"):
        draw(Tensor([1.0], True), names=["x"])
    assert issubclass(viz.DrawingError, ValueError)


# --- structure ------------------------------------------------------------------------------
def random_graph(seed):
    rng = np.random.default_rng(seed)
    pool = [Tensor(rng.normal(size=4), True) for _ in range(rng.integers(1, 4))]
    for _ in range(rng.integers(1, 25)):
        a, b = (pool[i] for i in rng.integers(len(pool), size=2))
        match rng.integers(6):
            case 0:
                pool.append(a * b)
            case 1:
                pool.append(F.tanh(a))
            case 2:
                pool.append(a + np.ones(4))
            case 3:
                pool.append(a * 2.0 - b)
            case 4:
                first, second = np.split(a, 2)
                pool.append(np.concatenate([second, first]))
            case 5:
                pool.append(np.concatenate([a, b, a])[:4])
    return (pool[-1] * pool[rng.integers(len(pool))]).sum()


@pytest.mark.parametrize("seed", range(40))
def test_structure_of_random_graphs(seed):
    e = random_graph(seed)
    nodes = ancestors([e._node])
    ops = [n for n in nodes if n.op is not None]
    uses = Counter(x.index for n in nodes for x in n.edges if x is not None)
    shared = sum(count > 1 for count in uses.values())

    boxes, arrows = parsed(viz.draw(e))
    back_boxes, back_arrows = parsed(viz.draw_backward(e))
    for drawn in (boxes, back_boxes):
        assert sum(i.startswith("op") for i in drawn) == len(ops)
        assert sum(i.startswith("leaf") for i in drawn) == len(nodes) - len(ops)
    assert sum("shape=point" in a for a in boxes.values()) == shared
    assert sum("⊕" in a for a in back_boxes.values()) == shared
    assert {t for t, *_ in arrows} | {h for _, h, _ in arrows} <= set(boxes)
    assert {t for t, *_ in back_arrows} | {h for _, h, _ in back_arrows} == set(back_boxes)

    def skeleton(pairs):
        """Arrows between operations and leaves, forks and merges left out."""
        into = {h: t for t, h in pairs if h.startswith("fork")}
        out = {t: h for t, h in pairs if t.startswith("merge")}
        return Counter(
            (into.get(t, t), out.get(h, h)) for t, h in pairs
            if not h.startswith("fork") and not t.startswith("merge")
        )  # fmt: skip

    there = skeleton([a[:2] for a in arrows if a[0][:5] != "const" and a[1] != "root1"])
    back = skeleton([a[:2] for a in back_arrows if a[0] != "seed1"])
    assert back == Counter({(h, t): n for (t, h), n in there.items()})
    assert sum(there.values()) == sum(uses.values())


def test_large_graphs_are_refused_quickly():
    y = Tensor([1.0], True, name="x")
    for _ in range(100_000):
        y = F.tanh(y)
    for draw in (viz.draw, viz.draw_backward):
        with pytest.raises(viz.DrawingError, match=r"100002 boxes.*max_nodes=None"):
            draw(y)
    small = Tensor([1.0], True) * 2.0 + 1.0
    with pytest.raises(viz.DrawingError, match="6 boxes, more than max_nodes=5"):
        viz.draw(small, max_nodes=5)
    assert viz.draw(small, max_nodes=6).source == viz.draw(small, max_nodes=None).source


def test_diamond_of_doublings():
    y = Tensor([1.0], True, name="x")
    for _ in range(60):
        y = y + y
    for draw, sign in ((viz.draw, "shape=point"), (viz.draw_backward, "⊕")):
        drawing = draw(y)
        assert drawing.source.count(sign) == 60
        assert b"</svg>" in drawing.pipe()


def test_many_tensors_of_one_name():
    y = Tensor([1.0], True, name="h")
    for _ in range(3000):
        y = F.tanh(y)
        y.name = "h"
    boxes, arrows = parsed(viz.draw(y, max_nodes=None))
    shown = {plain(a)[0] for *_, a in arrows if plain(a)} | {plain(boxes["leaf1"])[0]}
    assert len(shown) == 3000


def test_importing_viz_imports_no_renderer():
    code = (
        "import sys, viz; from viz import draw, draw_backward; "
        "print({'graphviz', 'pygraphviz'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("module", MODULES)
def test_examples_in_docstrings(module):
    assert doctest.testmod(module).failed == 0


# --- formulas in boxes --------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(40))
def test_one_truth_for_each_gradient(seed):
    """No gradient is written as two different things, and none that is a sum as a part of it."""
    e = random_graph(seed)
    boxes, arrows = parsed(viz.draw_backward(e))
    said = [line for a in boxes.values() for line in lines(a) if " = " in line and "∂" in line]
    said += [line for *_, a in arrows for line in lines(a) if " = " in line]
    left = Counter(line.split(" = ")[0] for line in said if line.startswith("∂"))
    assert left
    assert max(left.values()) == 1
    merged = {h for t, h, _ in arrows if t.startswith("merge")}
    uses = Counter(h for t, h, _ in arrows if h.startswith("merge"))
    assert len(merged) <= len(uses)
    assert min(uses.values(), default=2) > 1


def test_long_formulas_are_broken_and_shortened():
    assert boxlines.broken("a" * 60) == ["a" * 60]
    for text in ("a" * 61, "x + " * 40, "f(" * 100, "a, " * 30, "word " * 20):
        parts = boxlines.broken(text)
        assert all(len(part) <= 60 for part in parts)
        joined = "".join(parts).replace(" ", "").rstrip("…")
        assert text.replace(" ", "").startswith(joined)
        assert len(joined) > 0.7 * min(len(text.replace(" ", "")), 100)
    assert boxlines.broken("∂e/∂x = f(a + b) ⊙ g(c) + h(d + e)", 28) == [
        "∂e/∂x = f(a + b) ⊙ g(c)",
        "+ h(d + e)",
    ]
    assert boxlines.broken("x₃ = x₂ ⊙ " + "n" * 40, 48) == ["x₃ = x₂", "⊙ " + "n" * 40]
    x = Tensor(np.ones((2, 3, 2)), True, name="a long name of a tensor, and then some")
    text = viz.draw_backward(np.sum(np.prod(x, axis=(0, 2)))).source
    assert "…" in text


def test_large_arrays_are_drawn_without_formulas():
    x = Tensor(np.broadcast_to(np.float32(1), (3000, 1000)), True, name="x")
    text = viz.draw_backward(np.tanh(x).sum(), inputs="x").source
    assert "tanh" in text
    assert "reads" not in text
    assert "1 − " not in text


def test_a_drawing_takes_little_time():
    y = Tensor(np.ones(3), True, name="x")
    for _ in range(20):
        y = F.tanh(y * 1.5 + y)
    for draw in (viz.draw, viz.draw_backward, lambda e: viz.draw(e, values=True, grads=True)):
        seconds = []
        for _ in range(3):
            start = time.process_time()
            draw(y.sum())
            seconds.append(time.process_time() - start)
        assert min(seconds) < 0.3


@pytest.mark.parametrize("draw", [viz.draw, viz.draw_backward])
def test_operations_are_taken_apart(draw):
    e, names = residual()
    whole, apart = draw(e, names=names).source, draw(e, names=names, expand="cross_entropy").source
    assert "cross_entropy" in whole
    assert "cross_entropy" not in apart
    assert "log_softmax" in apart
    assert draw(e, names=names, expand=True).source == apart
    with pytest.raises(viz.DrawingError, match=r"nothing_like_this.*cross_entropy"):
        draw(e, names=names, expand=["nothing_like_this"])


def test_a_rule_may_send_nothing():
    x, w = Tensor([1.0], True, name="x"), Tensor([2.0], True, name="w")
    silent = ag.rule(lambda a, b: a + b, "a b", name="silent", a=lambda g: g, b=lambda g: None)
    boxes, _ = parsed(viz.draw_backward(np.sum(silent(x, w) * w)))
    said = [line for a in boxes.values() for line in lines(a)]
    assert any(line.startswith("∂e/∂w = ∂e/∂x₂ ⊙ x₁") for line in said)
    assert any(line.startswith("∂e/∂x = ∂e/∂x₁") for line in said)
    assert "⊕" not in "".join(boxes.values())
    e = np.sum(silent(silent(x, w), w))
    for options in ({}, NO_LINES):
        boxes, arrows = parsed(viz.draw_backward(e, **options))
        assert ["∂e/∂w", "(1,)"] in map(lines, boxes.values())
        to = Counter(plain(boxes[head])[0] for _, head, _ in arrows)
        assert to["∂e/∂x"] == 1
        assert to["∂e/∂w"] == 0
    _, arrows = parsed(viz.draw(e, grads=True))
    assert Counter(h for _, h, a in arrows if "dashed" in a) == {"leaf1": 1, "op1": 1, "op2": 1}
    with ag.named_scope("part"):
        y = silent(silent(x, w), w)
    _, arrows = parsed(viz.draw_backward(np.sum(y), inputs=[x, w], depth=0))
    assert sum(t == "module1" for t, *_ in arrows) == 1
    e.backward()  # frees what says that nothing is sent
    _, arrows = parsed(viz.draw_backward(np.sum(e * e), **NO_LINES))
    assert "leaf2" in {h for _, h, _ in arrows}


def test_second_derivatives():
    x = Tensor([1.0, 2.0], True, name="x")
    (g,) = ag.gradients(np.sum(np.sin(x) * x), [x], create_graph=True)
    drawing = viz.draw_backward(np.sum(g * g), names={"g": g}, inputs="x")
    said = " ".join(" ".join(lines(a)) for a in parsed(drawing)[0].values())
    total = next(
        line for a in parsed(drawing)[0].values() for line in lines(a) if "∂e/∂x = " in line
    )
    for part in ("∂e/∂x₄ ⊙ sin(x)", "∂e/∂x₂ ⊙ c₁", "∂e/∂x₁ ⊙ cos(x)"):
        assert f"to x:  {part}" in said or f"to x:  −{part}" in said
        assert part in total
    assert b"</svg>" in drawing.pipe()


def test_names_may_hold_anything():
    e, names = residual()
    odd = {"Tensor": Tensor, "np": np, "none": None, "f": residual, "list": [e], "": 1, "_": e}
    for draw in (viz.draw, viz.draw_backward):
        assert (
            draw(e, names=names | odd, inputs="x").source == draw(e, names=names, inputs="x").source
        )


def test_wrong_options():
    e, names = residual()
    with pytest.raises(viz.DrawingError, match="inputs= of type int"):
        viz.draw(e, names=names, inputs=3)
    for inputs in ((n for n in ["x"]), {"x": 1}, {names["x"]}):
        assert "shape=ellipse" in viz.draw(e, names=names, inputs=inputs).source
    for wrong in ("a", -1, 0, 2.5, True, np.float64(3)):
        for draw in (viz.draw, viz.draw_backward):
            with pytest.raises(viz.DrawingError, match=r"max_nodes=.*or None"):
                draw(e, max_nodes=wrong)
    for number in (np.int64(50), np.uint8(50)):
        assert viz.draw(e, max_nodes=number, depth=number).source == viz.draw(e, depth=50).source


# --- hooks --------------------------------------------------------------------------------------
def test_tensors_with_hooks_are_marked():
    x, w = Tensor([1.0, 2.0], True, name="x"), Tensor([1.0, 2.0], True, name="w")
    with ag.named_scope("part"):
        a = np.sin(x)
        b = a * w
    e = np.sum(b * b + w)
    names = {"a": a, "b": b}
    drawings = {
        "backward": lambda: viz.draw_backward(e, names=names),
        "combined": lambda: viz.draw(e, names=names, grads=True),
        "closed": lambda: viz.draw_backward(e, names=names, depth=0, inputs=[x, w]),
        "closed, combined": lambda: viz.draw(e, names=names, depth=0, grads=True, inputs=[x, w]),
        "freed": lambda: viz.draw_backward(e, names=names, **NO_LINES),
    }
    before = {key: draw().source for key, draw in drawings.items()}
    assert "hooks" not in "".join(before.values())
    for tensor in (x, w, a, b, e):
        handle = tensor.register_hook(lambda g: 2 * g)
        for key, draw in drawings.items():
            now = draw().source
            assert now.count("hooks not applied") == 1, (key, tensor)
            assert re.sub("(?: · )?hooks not applied", "", now).count("∂") == before[key].count("∂")
        assert "hooks" not in viz.draw(e, names=names, values=True).source
        handle.remove()
    assert {key: draw().source for key, draw in drawings.items()} == before


def test_the_mark_of_a_hook_stands_where_the_gradient_is():
    x = Tensor([1.0, 2.0], True, name="x")
    a = np.sin(x)
    e = np.sum(a * a)
    x.register_hook(lambda g: None)
    boxes, _ = parsed(viz.draw_backward(e, names={"a": a}))
    assert lines(boxes["leaf1"])[-1] == "hooks not applied"
    a.register_hook(lambda g: None)
    _, arrows = parsed(viz.draw_backward(e, names={"a": a}))
    said = [" ".join(plain(s)) for t, _, s in arrows if "hooks" in s]
    assert said == ["∂e/∂a = 2 ∂e/∂x₁ ⊙ a hooks not applied"]
    with viz.record():
        b = np.sin(x)
        e = np.sum(b)
    b.register_hook(lambda g: None)
    e.backward()
    assert viz.draw_backward(e, names={"b": b}).source.count("hooks not applied") == 2


# --- long names ---------------------------------------------------------------------------------
def test_long_names_are_shortened_and_stay_apart():
    stem, end = "encoder.layers.0." + "very_long_name." * 8, ".projection.weight"
    x, w, v = (Tensor([1.0, 2.0], True, name=stem + n + end) for n in ("x", "w", "v"))
    y = x * w * v
    e = np.sum(y)
    names = {stem + "e" + end: e, stem + "y" + end: y}
    for drawing in (
        viz.draw(e, names=names, inputs=stem + "x" + end),
        viz.draw_backward(e, names=names, inputs=x),
        viz.draw(e, names=names, values=True, grads=True),
    ):
        boxes, arrows = parsed(drawing)
        said = [line for a in [*boxes.values(), *(a for *_, a in arrows)] for line in lines(a)]
        assert max(len(part) for line in said for part in line.split(" = ")) <= 100
        assert "very_long_name.very" not in "".join(said)
        shown = {word for line in said for word in re.findall(r"encoder\S*?weight[₀-₉]*", line)}
        assert len(shown - {"∂"}) >= 4
    text = viz.draw_backward(np.sum(x * w), jacobian=False).source
    right = [line.split(" = ")[1] for line in re.split("<BR[^>]*>", text) if " = " in line]
    assert len(right) == 3
    assert all(r and not r.endswith("…") for r in right)
