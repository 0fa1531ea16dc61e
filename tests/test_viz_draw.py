"""Both drawings as DOT text: golden texts of tiny graphs, structure of random ones."""

import doctest
import re
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F
from autograd_lite.graph import ancestors
from viz import backward, forward, labels, render, scene

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


GOLDEN_FORWARD = """\
digraph {
	graph [bgcolor=white nodesep=.32 pad=.12 rankdir=LR ranksep=.42 splines=spline]
	node [fontcolor="#1A1A1A" fontname=Arial fontsize=12 height=0 margin=".1,.06" penwidth=1.3 width=0]
	edge [arrowsize=.7 fontcolor="#1A1A1A" fontname=Arial fontsize=11 penwidth=1.3]
	leaf1 [label=<<B>x</B><BR/>&#160;<FONT COLOR="#595959" POINT-SIZE="9">(2,)</FONT>&#160;> color="#1A1A1A" fillcolor=white group=trunk margin=".04,.03" shape=ellipse style=filled width=.55]
	fork1 [label="" color="#0072B2" group=trunk height=.09 shape=point width=.09]
	op1 [label=<<B>multiply</B>> color="#0072B2" fillcolor="#EAF3FA" group=trunk shape=box style="rounded,filled"]
	op2 [label=<<B>sum</B>> color="#0072B2" fillcolor="#EAF3FA" group=trunk shape=box style="rounded,filled"]
	root1 [label=<<B>e</B><BR/>&#160;<FONT COLOR="#595959" POINT-SIZE="9">()</FONT>&#160;> color="#1A1A1A" fillcolor=white group=trunk margin=.03 shape=doublecircle style=filled]
	leaf1 -> fork1 [arrowhead=none color="#0072B2" weight=8]
	fork1 -> op1 [color="#0072B2" weight=8]
	fork1 -> op1 [color="#0072B2"]
	op1 -> op2 [label=<&#160;x₁ <FONT COLOR="#595959" POINT-SIZE="9">(2,)</FONT>&#160;> color="#0072B2" weight=8]
	op2 -> root1 [color="#0072B2" weight=8]
}
"""  # noqa: E501

GOLDEN_BACKWARD = """\
digraph {
	graph [bgcolor=white nodesep=.32 pad=.12 rankdir=TB ranksep=.42 splines=spline]
	node [fontcolor="#1A1A1A" fontname=Arial fontsize=12 height=0 margin=".1,.06" penwidth=1.3 width=0]
	edge [arrowsize=.7 fontcolor="#1A1A1A" fontname=Arial fontsize=11 penwidth=1.3]
	seed1 [label=<<B>1</B><BR/>&#160;<FONT COLOR="#595959" POINT-SIZE="9">seed ∂e/∂e</FONT>&#160;> color="#1A1A1A" fillcolor=white group=trunk peripheries=2 shape=box style="rounded,filled"]
	op2 [label=<<B>sum</B><FONT COLOR="#595959" POINT-SIZE="9"> backward</FONT>> color="#B84A00" fillcolor="#FDF0E6" group=trunk shape=box style="rounded,filled"]
	op1 [label=<<B>multiply</B><FONT COLOR="#595959" POINT-SIZE="9"> backward</FONT>> color="#B84A00" fillcolor="#FDF0E6" group=trunk shape=box style="rounded,filled"]
	merge1 [label="⊕" color="#B84A00" fillcolor=white fixedsize=true fontsize=20 group=trunk penwidth=2 shape=circle style=filled width=.40]
	leaf1 [label=<<B>∂e/∂x</B><BR/>&#160;<FONT COLOR="#595959" POINT-SIZE="9">(2,)</FONT>&#160;> color="#1A1A1A" fillcolor=white group=trunk shape=box style=filled]
	seed1 -> op2 [arrowhead=vee color="#B84A00" fontcolor="#B84A00" weight=8]
	op2 -> op1 [label=<&#160;∂e/∂x₁&#160;> arrowhead=vee color="#B84A00" fontcolor="#B84A00" weight=8]
	op1 -> merge1 [label=<&#160;to x as a&#160;> arrowhead=vee color="#B84A00" fontcolor="#B84A00" weight=8]
	op1 -> merge1 [label=<&#160;to x as b&#160;> arrowhead=vee color="#B84A00" fontcolor="#B84A00"]
	merge1 -> leaf1 [arrowhead=vee color="#B84A00" fontcolor="#B84A00" weight=8]
}
"""  # noqa: E501


def test_golden_texts():
    x = Tensor([1.0, 2.0], True, name="x")
    e = (x * x).sum()
    assert viz.draw(e, inputs=x).source == GOLDEN_FORWARD
    assert viz.draw_backward(e, inputs="x").source == GOLDEN_BACKWARD


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


def test_residual_layer_backward():
    e, names = residual()
    boxes, arrows = parsed(viz.draw_backward(e, names=names, inputs=["x"]))
    labels = Counter(" ".join(plain(a)) for _, _, a in arrows)
    assert labels == Counter({"∂e/∂y": 1, "∂e/∂x₃": 1, "∂e/∂x₂": 1, "∂e/∂x₁": 1, "to x": 2, "": 4})
    grads = {plain(a)[0] for a in boxes.values() if "∂" in plain(a)[0]}
    assert grads == {"∂e/∂x", "∂e/∂H", "∂e/∂v"}


def test_the_main_chain_is_straight_and_the_skip_is_not():
    e, names = residual()
    _, arrows = parsed(viz.draw(e, names=names, inputs=["x"]))
    straight = [(t, h) for t, h, a in arrows if "weight=8" in a]
    assert straight == [("leaf1", "fork1"), ("fork1", "op1"), ("op1", "op2"), ("op2", "op3"),
                        ("op3", "op4"), ("op4", "op5"), ("op5", "root1")]  # fmt: skip


def test_drawings_are_the_same_after_backward():
    e, names = residual()
    before = viz.draw(e, names=names).source, viz.draw_backward(e, names=names).source
    e.backward()
    assert (viz.draw(e, names=names).source, viz.draw_backward(e, names=names).source) == before


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
    assert plain(boxes["seed2"]) == ["∂e/∂h", "given", "(2,)"]
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


@pytest.mark.parametrize("module", [labels, scene, forward, backward, render])
def test_examples_in_docstrings(module):
    assert doctest.testmod(module).failed == 0
