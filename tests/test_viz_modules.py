"""Modules in drawings: scopes closed into boxes, frames around open ones, equal ones drawn once."""

import contextlib
import html
import re
import sys
import time

import numpy as np
import pytest

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F
from autograd_lite.graph import ancestors
from viz.drawings.condense import condensed
from viz.drawings.scene import Scene
from viz.drawings.scopes import common_name, tree

STATEMENT = re.compile(r"^\t+(\w+)(?: -> (\w+))?(?: \[(.*)\])?$")
BOTH = pytest.mark.parametrize("draw", [viz.draw, viz.draw_backward])


def parsed(drawing):
    """Boxes {id: label}, arrows [(tail, head, label)] and frames {words: ids inside}."""
    boxes, arrows, frames, stack = {}, [], {}, []
    for line in "".join(drawing.body).splitlines():
        if "subgraph" in line:
            stack.append([])
        elif line.strip() == "}":
            inside = stack.pop()
            frames[words(inside[0])] = inside[1:]
            if stack:
                stack[-1] += inside[1:]
        elif line.strip().startswith("graph ["):
            stack[-1].append(line)
        else:
            tail, head, attributes = STATEMENT.match(line).groups()
            if head:
                arrows.append((tail, head, words(attributes)))
            elif stack:
                assert tail in boxes
                stack[-1].append(tail)
            else:
                assert tail not in boxes
                boxes[tail] = words(attributes)
    return boxes, arrows, frames


def words(attributes):
    text = re.search(r'label=(?:<(.*)>|"(.*?)"|(\S+))', attributes)
    plain = re.sub(r"<[^>]*>", " ", next(filter(None, text.groups()), "")) if text else ""
    return " ".join(html.unescape(plain).replace("\xa0", " ").split())


# --- a transformer, written with plain operations -----------------------------------------------
SIZE, HEADS, LENGTH, WORDS = 8, 2, 5, 11


def norm(x, gain, shift):
    m = x - np.mean(x, axis=-1, keepdims=True)
    return m / np.sqrt(np.mean(m * m, axis=-1, keepdims=True) + 1e-5) * gain + shift


def attention(x, weights, mask):
    def heads(w):
        return np.transpose(np.reshape(x @ w, (LENGTH, HEADS, SIZE // HEADS)), (1, 0, 2))

    q, k, v = (heads(w) for w in weights[:3])
    scores = q @ np.matrix_transpose(k) / np.sqrt(SIZE // HEADS) + mask
    mixed = np.transpose(F.softmax(scores) @ v, (1, 0, 2))
    return np.reshape(mixed, (LENGTH, SIZE)) @ weights[3]


def mlp(x, w1, b1, w2, b2):
    return F.relu(x @ w1 + b1) @ w2 + b2


def transformer(layers=12):
    """A loss, and names for its data."""
    rng = np.random.default_rng(0)

    def new(*shape):
        return Tensor(rng.normal(size=shape) * 0.1, requires_grad=True)

    def layer(x):
        with ag.named_scope("norm1", "LayerNorm"):
            h = norm(x, new(SIZE), new(SIZE))
        with ag.named_scope("attention", "CausalSelfAttention"):
            h = attention(h, [new(SIZE, SIZE) for _ in range(4)], mask)
        x = x + h
        with ag.named_scope("norm2", "LayerNorm"):
            h = norm(x, new(SIZE), new(SIZE))
        with ag.named_scope("mlp", "MLP"):
            h = mlp(h, new(SIZE, 4 * SIZE), new(4 * SIZE), new(4 * SIZE, SIZE), new(SIZE))
        return x + h

    mask = np.triu(np.full((LENGTH, LENGTH), -1e9), 1)
    target = rng.integers(WORDS, size=LENGTH)
    with ag.named_scope("embedding", "Embedding"):
        x = new(WORDS, SIZE)[rng.integers(WORDS, size=LENGTH)]
    for i in range(layers):
        with ag.named_scope(f"blocks.{i}", "Block"):
            x = layer(x)
    with ag.named_scope("norm", "LayerNorm"):
        x = norm(x, new(SIZE), new(SIZE))
    with ag.named_scope("head", "Linear"):
        x = x @ new(SIZE, WORDS)
    return F.cross_entropy(x, target), {"mask": mask, "target": target}


def test_a_transformer():
    e, names = transformer()
    start = time.process_time()
    drawing = viz.draw(e, names=names)
    assert time.process_time() - start < 1
    boxes, arrows, frames = parsed(drawing)
    assert len(boxes) <= 20
    assert [b for i, b in boxes.items() if i[:4] != "fork"] == [
        "embedding Embedding · 88", "norm1 LayerNorm · 16 · 9 ops", "mask (5, 5)",
        "attention CausalSelfAttention · 256 · 18 ops", "+", "norm2 LayerNorm · 16 · 9 ops",
        "mlp MLP · 552 · 5 ops", "+", "norm LayerNorm · 16 · 9 ops", "head Linear · 88",
        "target (5,)", "cross_entropy", "e ()",
    ]  # fmt: skip
    assert list(frames) == ["blocks × 12 Block · 840 each 516 operations"]
    (inside,) = frames.values()
    assert len(inside) == 8  # four modules, two sums, and the two forks where the skips begin
    assert [a[2] for a in arrows if a[2]] == ["(5, 8)"] * 8 + ["(5, 11)"]


def test_a_transformer_backward():
    e, names = transformer()
    boxes, _, frames = parsed(viz.draw_backward(e, names=names))
    assert len(boxes) <= 20
    (inside,) = frames.values()
    assert sum(boxes[i] == "⊕" for i in inside) == 2
    said = " ".join(boxes.values())
    assert "∂e/∂x₆₇₅ = (softmax(x₆₇₅) − onehot(target)) / 5" in said


@BOTH
def test_depth(draw):
    e, names = transformer(3)
    closed = parsed(draw(e, names=names, depth=0))
    assert not closed[2]
    assert any(b.startswith("blocks × 3") for b in closed[0].values())
    middle = parsed(draw(e, names=names, depth=1))
    assert len(middle[2]) == 1
    opened = parsed(draw(e, names=names, depth=2))
    # the first layer, and what is around
    titles = ["embedding", "blocks × 3", "norm1", "attention", "norm2", "mlp", "norm", "head"]
    assert len(opened[2]) == len(titles)
    assert all(any(f.startswith(t) for f in opened[2]) for t in titles)
    assert parsed(draw(e, names=names, depth=7)) == opened
    assert parsed(draw(e, names=names)) == middle
    for wrong in (-1, 1.5, "all", True):
        with pytest.raises(viz.DrawingError, match="depth="):
            draw(e, depth=wrong)


@BOTH
@pytest.mark.parametrize("depth", [0, 1, 2])
def test_the_number_of_layers_changes_a_number_only(draw, depth):
    def source(layers):
        e, names = transformer(layers)
        text = draw(e, names=names, depth=depth, **options).source
        text = re.sub("x[₀-₉]+", "x", text).replace(f"{43 * layers} op", "n op")
        return re.sub(r'WIDTH="\d+"', "", text.replace(f"× {layers}", "× n"))

    options = {} if draw is viz.draw else dict(formula=False, kept=False)
    assert source(2) == source(5) == source(12)


def test_small_drawings_show_everything():
    x = Tensor([1.0], True, name="x")
    h = x
    for i in range(5):
        with ag.named_scope(f"a.{i}", "A"):
            h = F.tanh(h) * 2.0
    boxes, _, frames = parsed(viz.draw(h.sum(), inputs=x))
    assert sum(i.startswith("op") for i in boxes) == 11
    assert [ids[0] for ids in reversed(frames.values())] == ["op1", "op3", "op5", "op7", "op9"]
    with ag.named_scope("b"):
        for _ in range(60):
            h = F.tanh(h)
    boxes, _, frames = parsed(viz.draw(h.sum(), inputs=x))
    assert "b 60 ops" in boxes.values()


def test_closing_can_be_forced_or_forbidden():
    e, names = transformer(3)
    drawing = viz.draw(e, names=names, max_nodes=None)
    boxes = parsed(drawing)[0]
    assert sum(i.startswith("op") for i in boxes) == sum(
        n.op is not None for n in ancestors([e._node])
    )
    assert drawing.source.count("subgraph") == 3 * 5 + 3
    with pytest.raises(
        viz.DrawingError, match=r"12 boxes, more than max_nodes=5.*'blocks\.0' of 43"
    ):
        viz.draw(e, names=names, max_nodes=5, depth=1)


def test_too_many_boxes_name_the_remedies():
    x = Tensor([1.0], True, name="x")
    with ag.named_scope("part", "P"):
        y = x
        for _ in range(500):
            y = F.tanh(y)
    for _ in range(450):
        y = F.tanh(y)
    with pytest.raises(viz.DrawingError, match=r"452 boxes.*'part' of 500.*max_nodes=None"):
        viz.draw(y)
    with pytest.raises(viz.DrawingError, match=r"952 boxes.*'part' of 500 op.*depth=0"):
        viz.draw(y, depth=1)
    y = x
    for _ in range(450):
        y = F.tanh(y)
    with pytest.raises(viz.DrawingError, match="named_scope"):
        viz.draw(y)


# --- what is folded -----------------------------------------------------------------------------
def run(*parts, width=2):
    """A chain of scopes; each part is (name, kind, function of x and a parameter)."""
    x = Tensor(np.ones((width, width)), True, name="x")
    y = x
    for name, kind, function in parts:
        with ag.named_scope(name, kind):
            y = function(y, Tensor(np.ones((width, width)), True))
    return y.sum()


def layer(x, w):
    return F.relu(x @ w)


def titles(e, depth=0):
    boxes = parsed(viz.draw(e, inputs="x", depth=depth))[0]
    return [b for i, b in boxes.items() if i.startswith("module")]


def test_runs_of_equal_modules_are_one():
    equal = [(f"layers.{i}", "Layer", layer) for i in range(4)]
    assert titles(run(*equal)) == ["layers × 4 Layer · 4 each · 8 ops"]
    assert titles(run(*[("layer", "L", layer)] * 3)) == ["layer × 3 L · 4 each · 6 ops"]


@pytest.mark.parametrize(
    "other",
    [
        ("layers.9", "Other", layer),
        ("blocks.9", "Layer", layer),
        ("layers.9", "Layer", lambda x, w: F.tanh(x @ w)),
        ("layers.9", "Layer", lambda x, w: F.relu(w @ x)),
        ("layers.9", "Layer", lambda x, w: F.relu(x @ x)),
        ("layers.9", "Layer", lambda x, w: F.relu(x @ w) * 2.0),
        ("layers.9", "Layer", lambda x, w: F.relu(x @ (w * w))),
    ],
)
def test_what_differs_is_not_folded(other):
    one = ("layers.0", "Layer", layer)
    assert len(titles(run(one, other))) == 2
    assert len(titles(run(one, one, other, one))) == 3


def test_shapes_numbers_and_names_of_parameters_count():
    def scaled(factor):
        return lambda x, w: x * factor + w

    same = [("a.0", "", scaled(2.0)), ("a.1", "", scaled(2.0))]
    assert titles(run(*same)) == ["a × 2 4 each · 4 ops"]
    assert len(titles(run(same[0], ("a.1", "", scaled(3.0))))) == 2
    wide = ("a.1", "", lambda x, w: np.concatenate([x + w, x]))
    assert len(titles(run(("a.0", "", lambda x, w: np.concatenate([x + w])), wide))) == 2

    def named(name):
        return lambda x, w: x + Tensor(np.ones((2, 2)), True, name=name)

    assert len(titles(run(("a.0", "", named("a.0.W")), ("a.1", "", named("a.1.W"))))) == 1
    assert len(titles(run(("a.0", "", named("a.0.W")), ("a.1", "", named("a.1.V"))))) == 2


def test_operations_between_break_a_run():
    x = Tensor(np.ones(2), True, name="x")
    y = x
    for i in range(3):
        with ag.named_scope(f"a.{i}"):
            y = F.tanh(y) * 2.0
        y = np.exp(y)
    assert titles(y) == ["a.0 2 ops", "a.1 2 ops", "a.2 2 ops"]


def test_parallel_modules():
    x = Tensor(np.ones(2), True, name="x")
    heads = []
    for i in range(4):
        with ag.named_scope(f"head.{i}", "Head"):
            heads.append(F.tanh(x * Tensor(np.ones(2), True)))
    e = np.concatenate(heads).sum()
    boxes, arrows, _ = parsed(viz.draw(e, inputs="x", depth=0))
    assert [b for i, b in boxes.items() if i.startswith("module")] == [
        "head × 4 Head · 2 each · 8 ops"
    ]
    assert [a[:2] for a in arrows] == [
        ("leaf1", "module1"), ("module1", "op1"), ("op1", "op2"), ("op2", "root1")]  # fmt: skip


def test_nested_runs():
    x = Tensor(np.ones(2), True, name="x")
    y = x
    for i in range(3):
        with ag.named_scope(f"stage.{i}", "Stage"):
            for j in range(2):
                with ag.named_scope(f"block.{j}", "Block"):
                    y = F.tanh(y) * Tensor(np.ones(2), True)
            y = np.exp(y)
    boxes, arrows, frames = parsed(viz.draw(y, inputs="x", depth=1))
    assert list(frames) == ["stage × 3 Stage · 4 each 15 operations"]
    assert "block × 2 Block · 2 each · 4 ops" in boxes.values()
    assert [a[:2] for a in arrows] == [("leaf1", "module1"), ("module1", "op1"), ("op1", "root1")]
    boxes, _, frames = parsed(viz.draw(y, inputs="x", depth=2))
    assert sorted(frames) == [
        "block × 2 Block · 2 each 4 operations", 
        "stage × 3 Stage · 4 each 15 operations",
    ]  # fmt: skip
    assert sum(i.startswith("op") for i in boxes) == 3
    # what arrives at the end is the last tensor, which has a name
    assert boxes["root1"] == "y (2,)"


# --- contents of modules ------------------------------------------------------------------------
def test_parameters_are_inside_the_module_that_alone_uses_them():
    x, w, shared = (Tensor(np.ones(2), True, name=n) for n in ("x", "w", "shared"))
    with ag.named_scope("a"):
        y = x * w * shared
    with ag.named_scope("b"):
        y = y * shared + 1.0
    boxes, _, _ = parsed(viz.draw(y, inputs="x", depth=0))
    assert [b.split()[0] for i, b in boxes.items() if i.startswith("leaf")] == ["x", "shared"]
    assert [b for i, b in boxes.items() if i.startswith("module")] == [
        "a 2 · 2 ops", "b 2 ops"]  # fmt: skip
    boxes, _, frames = parsed(viz.draw(y, inputs="x", depth=1))
    inside = {
        f.split()[0]: [boxes[i].split()[0] for i in ids if i[:4] == "leaf"]
        for f, ids in frames.items()
    }
    assert inside == {"a": ["w"], "b": []}


def test_a_tensor_that_leaves_a_module_and_is_used_inside_too():
    x = Tensor(np.ones(2), True, name="x")
    with ag.named_scope("a"):
        h = F.tanh(x)
        y = h * 2.0
    e = (F.sigmoid(h) + y).sum()
    _, arrows, _ = parsed(viz.draw_backward(e, names={"h": h, "y": y}, inputs="x", depth=0))
    said = {(t, h): w for t, h, w in arrows}
    # ∂e/∂h is a sum of what sigmoid sends and of what is added inside, so this is no ∂e/∂h
    assert sorted(said[k] for k in said if k[1] == "module1") == ["∂e/∂x₁ ⊙ x₁ ⊙ (1 − x₁)", "∂e/∂y"]
    text = viz.draw_backward(e, names={"h": h, "y": y}, inputs="x", depth=0).source
    assert "to h:  ∂e/∂x₁ ⊙ x₁ ⊙ (1 − x₁)" in text
    assert "∂e/∂h" not in text


def test_named_arrays_are_shown_others_are_not():
    x, mask = Tensor(np.ones(2), True, name="x"), np.ones(2)
    with ag.named_scope("a"):
        y = x * mask * np.array([3.0, 4.0]) + 2.5
    boxes, _, _ = parsed(viz.draw(y, names={"mask": mask}, inputs="x", depth=0))
    assert [b.split()[0] for i, b in boxes.items() if i.startswith("const")] == ["mask"]
    boxes, _, frames = parsed(viz.draw(y, names={"mask": mask}, inputs="x", depth=1))
    (inside,) = frames.values()
    assert sorted(boxes[i].split()[0] for i in boxes if i[:5] == "const") == ["2.5", "c₁", "mask"]
    assert sorted(boxes[i].split()[0] for i in inside if i[:5] == "const") == ["2.5", "c₁"]


def test_after_replay_the_modules_are_the_same():
    def made():
        with viz.record():
            return transformer(3)[0]

    e = made()
    before = viz.draw(e, depth=1).source
    e.backward()
    assert viz.draw(e, depth=1).source == before
    expanded = parsed(viz.draw(e, depth=1, expand="cross_entropy"))[0]
    assert "logsumexp" in expanded.values()


def test_values_of_modules():
    e, names = transformer(2)
    boxes, arrows, _ = parsed(viz.draw(e, names=names, depth=0, values=True, grads=True))
    assert "blocks × 2" in boxes["module2"]
    assert "value" not in boxes["module2"]  # of two modules
    assert "∂e/∂" in boxes["module1"]
    opened = parsed(viz.draw(e, names=names, depth=1, values=True, grads=True))[0]
    assert sorted(b for b in opened.values() if b.startswith("add")) == ["add (5, 8)"] * 2
    assert ("module1", "module2") in [a[:2] for a in arrows]
    assert ("module2", "module1") in [a[:2] for a in arrows]


def random_program(seed):
    """Operations in random scopes whose names differ, so that nothing is folded."""
    rng = np.random.default_rng(seed)
    pool = [Tensor(rng.normal(size=3), True, name=f"w{i}") for i in range(3)]

    def work(level):
        for _ in range(rng.integers(1, 4)):
            if rng.random() < 0.4 and level < 4:
                with ag.named_scope("".join(rng.choice([*"abcdefgh"], 8))):
                    work(level + 1)
            else:
                a, b = (pool[i] for i in rng.integers(len(pool), size=2))
                pool.append(
                    [a * b, F.tanh(a), a + np.ones(3), np.split(a, 3)[0] * b][rng.integers(4)]
                )

    for _ in range(4):
        work(0)
    return (pool[-1] * pool[rng.integers(len(pool))]).sum()


@pytest.mark.parametrize("seed", range(40))
def test_boxes_of_random_programs(seed):
    e = random_program(seed)
    nodes = ancestors([e._node])
    whole = tree(nodes, frozenset())
    for depth in range(6):
        boxes = condensed(nodes, [e._node], (), depth)
        inside = {}
        for node in nodes:
            inside.setdefault(boxes.place(node).item, []).append(node)
        assert set(inside) == set(boxes.items)
        for item, members in inside.items():
            if item.group is None:
                assert members == [item.node]
            else:
                assert len({id(m) for m in members}) == len(item.group.order)
        quotient = {
            (boxes.place(x.node).item, boxes.place(n).item)
            for n in nodes for x in n.edges if x is not None
        }  # fmt: skip
        arrows = Scene(e, None, (), None, depth)
        drawn = {
            (w.item.index, u.item.index) for ws in arrows.wires.values() for w in ws
            for u in w.uses if u.item is not None
        }  # fmt: skip
        assert drawn == {(a.index, b.index) for a, b in quotient if a is not b}
        ops = [i for i in boxes.items if not i.is_leaf]
        assert all(a.index < b.index for a, b in quotient if a in ops and b in ops and a is not b)
    assert sum(g.operations for g in whole.groups) <= whole.operations
    assert viz.draw(e, depth=9, max_nodes=None).source == viz.draw(e, max_nodes=None).source


# --- large and deep -----------------------------------------------------------------------------
def test_a_hundred_thousand_operations():
    y = Tensor([1.0], True, name="x")
    for i in range(100):
        with ag.named_scope(f"part.{i}"):
            for _ in range(1000):
                y = F.tanh(y)
    boxes = parsed(viz.draw(y, inputs="x"))[0]
    assert list(boxes) == ["leaf1", "module1", "root1"]
    assert boxes["module1"] == "part × 100 100,000 ops"
    with pytest.raises(viz.DrawingError, match=r"1002 boxes.*'part\.0' of 1000.*depth=0"):
        viz.draw(y, inputs="x", depth=1)


def test_scopes_may_be_nested_deeply():
    y = Tensor([1.0], True, name="x")
    with contextlib.ExitStack() as stack:
        for i in range(2 * sys.getrecursionlimit()):
            stack.enter_context(ag.named_scope("ab"[i % 2]))
            y = F.tanh(y)
    for depth in (0, 5, None):
        boxes, _, frames = parsed(viz.draw(y, inputs="x", depth=depth))
        assert len(boxes) <= 60
        assert len(frames) == depth or depth is None


def test_deep_scopes_are_drawn_in_little_time():
    seconds = []
    for levels in (250, 1000):
        y = Tensor([1.0], True, name="x")
        with contextlib.ExitStack() as stack:
            for i in range(levels):
                stack.enter_context(ag.named_scope("ab"[i % 2]))
                y = F.tanh(y)
        start = time.process_time()
        text = viz.draw(y, inputs="x", depth=5000, max_nodes=None).source
        seconds.append(time.process_time() - start)
        assert text.count("subgraph") == levels
        assert text.count("{") == text.count("}")
    assert seconds[1] < 10 * seconds[0] + 0.2  # four times the work


def test_a_long_name_keeps_clear_of_the_middle():
    """The frame is as wide as twice its text, so that the main chain passes on the left."""
    long = "a_long_name_of_a_module_" * 5
    e = run(*[(f"{long}.{i}", "Layer", layer) for i in range(2)])
    text = viz.draw(e, inputs="x", depth=1, rankdir="TB").source
    room, name = re.search(r'WIDTH="(\d+)"></TD><TD BALIGN="LEFT"><B>(.*?)</B>', text).groups()
    assert len(name) <= 45
    assert int(room) >= 8 * len(name)


def test_names_of_runs():
    names = ["blocks.0", "layer_3", "h[2]", "x12", "7", "a1.b", "encoder.2.mlp", "plain", "a.0.b.1"]
    expected = ["blocks", "layer", "h]", "x", "7", "a.b", "encoder.mlp", "plain", "a.0.b"]
    assert [common_name(n) for n in names] == expected
