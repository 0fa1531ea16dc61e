"""The combined drawing: values and gradients of all tensors, both passes."""

import contextlib
import html
import re
from collections import Counter

import numpy as np
import pytest
from samples import SAMPLES
from sampling import real
from test_viz_draw import parsed, random_graph, residual

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F
from autograd_lite.graph import ancestors
from viz.grid import cell_text, cells
from viz.names import Names

ROW = re.compile(
    r'<TR><TD ALIGN="LEFT" CELLPADDING="5">(.*?)</TD><TD ALIGN="LEFT" CELLPADDING="5">'
)


def cards(drawing):
    """Name -> {what a row is: its texts}, of each box."""
    found = {}
    for label in parsed(drawing)[0].values():
        head, *rows = re.split(ROW, label.partition("</TABLE>>")[0])
        rows = dict(zip(map(words, rows[::2]), rows[1::2], strict=True))
        name = words(re.search(r"<B>(.*?)</B>", head)[1]).split(" = ")[0]
        found[name] = {key: numbers(row) for key, row in rows.items()}
    return found


def words(markup):
    return html.unescape(re.sub(r"<[^>]*>", "", markup)).replace("\xa0", " ").strip()


def numbers(row):
    grid = re.findall(r'<TD WIDTH="\d+" HEIGHT="\d+" BGCOLOR="[^"]*">(.*?)</TD>', row)
    return [words(text) for text in grid] or words(row)


def texts(array):
    grid = cells(array)
    return [c.text for row in grid.rows for c in row] or grid.summary


def test_residual_layer():
    e, names = residual()
    drawing = viz.draw(e, names=names, inputs=["x"], values=True, grads=True)
    found = cards(drawing)
    e.backward()
    assert all(names[n].grad is not None for n in "xHv")
    for name in "xHv":
        assert found[name]["value"] == texts(names[name].data)
        assert found[name][f"∂e/∂{name}"] == texts(names[name].grad)
    assert set(found["x"]) == {"value", "⊕ via matmul", "⊕ via add", "∂e/∂x"}
    assert found["p*"] == {"value": ["1", "0", "0"]}
    assert found["e"] == {"value": [cell_text(e.data)], "∂e/∂e": ["1"]}
    assert found["x₃"]["value"] == "not kept: record with viz.record()"
    boxes, arrows = parsed(drawing)
    assert Counter("dashed" in a for *_, a in arrows) == Counter({True: 8, False: 9})
    assert all(
        "constraint=false" in a and "arrowhead=vee" in a for *_, a in arrows if "dashed" in a
    )
    assert {(t, h) for t, h, a in arrows if "dashed" in a} == {
        (h, t) for t, h, a in arrows if "dashed" not in a and t != "const1"
    }
    heads = [re.search(r"<B>(.*?)</B>", boxes[f"op{i}"])[1] for i in range(1, 6)]
    assert heads == ["x₁ = H x", "x₂ = x₁ + v", "x₃ = relu(x₂)", "y = x₃ + x",
                     "e = cross_entropy(y, p*)"]  # fmt: skip


def test_looking_changes_nothing():
    e, names = residual()
    seen = []
    names["y"].retain_grad()
    names["x"].register_hook(seen.append)
    viz.draw(e, names=names, values=True, grads=True)
    viz.draw_backward(e, names=names)
    assert all(names[n].grad is None for n in "xyHv")
    assert not seen
    e.backward()
    assert len(seen) == 1


def test_values_or_gradients_alone():
    e, names = residual()
    values = cards(viz.draw(e, names=names, values=True))
    grads = cards(viz.draw(e, names=names, grads=True))
    assert set(values["x"]) == {"value"}
    assert set(grads["x"]) == {"⊕ via matmul", "⊕ via add", "∂e/∂x"}
    dashed = [a for *_, a in parsed(viz.draw(e, names=names, values=True))[1] if "dashed" in a]
    assert not dashed


def test_gradients_need_a_number():
    x = Tensor([1.0, 2.0], True, name="x")
    with pytest.raises(viz.DrawingError, match="single number"):
        viz.draw(x * 2.0, grads=True)
    assert cards(viz.draw(x * 2.0, names={"x": x}, values=True))["x"]["value"] == ["1", "2"]
    y = x * 2.0
    with pytest.raises(viz.DrawingError, match="single number"):
        viz.draw([y.sum(), y], grads=True)


def test_a_recorded_graph_shows_all_values_also_after_backward():
    with viz.record():
        e, names = residual()
    before = viz.draw(e, names=names, values=True, grads=True).source
    e.backward()
    names["H"].data = np.zeros((3, 3))
    assert viz.draw(e, names=names, values=True, grads=True).source == before
    assert "not kept" not in before


@pytest.mark.parametrize("seed", range(30))
def test_numbers_of_random_graphs(seed):
    with viz.record():
        e = random_graph(seed)
    nodes = ancestors([e._node])
    drawing = viz.draw(e, values=True, grads=True)
    found = cards(drawing)
    leaves = [n for n in nodes if n.op is None]
    shown = [rows for rows in found.values() if any(k.startswith("∂") for k in rows)]
    tensors = {x.index for n in nodes for x in n.edges if x is not None} | {e._node.index}
    assert len(shown) == len(tensors)
    assert all("not kept" not in str(rows["value"]) for rows in shown)
    e.backward()
    program_names = Names([e._node])
    for leaf in leaves:
        name = program_names.of(leaf)
        assert found[name][f"∂e/∂{name}"] == texts(leaf.grad)
    _, arrows = parsed(drawing)
    ahead = Counter((t, h) for t, h, a in arrows if "dashed" not in a and t[:5] != "const")
    assert Counter((h, t) for t, h, a in arrows if "dashed" in a) == ahead


def test_contributions_add_up():
    x = Tensor([1.0, 2.0, 3.0], True, name="x")
    e = (x * x + F.relu(x)).sum()
    rows = cards(viz.draw(e, grads=True))["x"]
    parts = ["⊕ via multiply (a)", "⊕ via multiply (b)", "⊕ via relu"]
    assert set(rows) == {*parts, "∂e/∂x"}
    total = sum(np.array(rows[p], float) for p in parts)
    np.testing.assert_array_equal(total, np.array(rows["∂e/∂x"], float))


def test_what_cannot_be_shown_as_a_grid():
    big = Tensor(np.arange(400.0).reshape(20, 20), True, name="W")
    empty = Tensor(np.zeros((0, 3)), True, name="Z")
    bad = Tensor([np.nan, np.inf, -np.inf, -0.0], True, name="b")
    deep = Tensor(np.ones((2, 3, 3)), True, name="B")
    with viz.record(), np.errstate(all="ignore"):
        e = np.sum(big) + np.sum(empty) + np.sum(bad) + np.sum(deep)
    found = cards(viz.draw(e, values=True, grads=True))
    assert found["W"]["value"] == texts(big.data) == "200 ± 115  [0, 399]"
    assert found["Z"]["value"] == "empty"
    assert found["b"]["value"] == ["NaN", "∞", "−∞", "0"]
    assert len(found["B"]["value"]) == 18
    bad = Tensor(np.r_[np.nan, np.ones(30)], True, name="b")
    assert "NaN" in cards(viz.draw(np.sum(bad), names={"b": bad}, values=True))["b"]["value"]


def test_no_gradient_is_not_zero():
    x = Tensor([1.0], True, name="x")
    silent = ag.rule(lambda a, b: a + b, "a b", name="silent", a=lambda g: g, b=lambda g: None)
    e = np.sum(silent(x, Tensor([2.0], True, name="w")))
    assert cards(viz.draw(e, grads=True))["w"] == {"∂e/∂w": "no gradient arrives"}


def test_several_outputs_have_a_box_each():
    x = Tensor(np.arange(4.0), True, name="x")
    with viz.record():
        a, b = np.split(x, 2)
        e = (a * b).sum()
    drawing = viz.draw(e, names={"a": a, "b": b}, values=True, grads=True)
    found = cards(drawing)
    assert (found["a"]["value"], found["b"]["value"]) == (["0", "1"], ["2", "3"])
    ahead = [(t, h) for t, h, a in parsed(drawing)[1] if "dashed" not in a]
    assert ahead[:4] == [("leaf1", "op1_1"), ("leaf1", "op1_2"), ("op1_1", "op2"), ("op1_2", "op2")]


def test_a_second_derivative():
    x = Tensor([1.0, 2.0], True, name="x")
    with viz.record():
        (g,) = ag.gradients(np.sum(np.sin(x) * x), [x], create_graph=True)
        e = np.sum(g * g)
    found = cards(viz.draw(e, names={"g": g}, values=True, grads=True))
    assert found["g"]["value"] == texts(g.data)
    e.backward()
    assert found["x"]["∂e/∂x"] == texts(x.grad)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_operation_can_be_drawn(sample):
    xs = [Tensor(a, True) for a in sample.arrays()]
    with viz.record():
        ys = sample.call(*xs)
        ys = list(ys) if isinstance(ys, (tuple, list)) else [ys]
        e = real(sum(np.sum(y * y) for y in ys))
    for drawing in (
        viz.draw(e),
        viz.draw_backward(e),
        viz.draw(e, values=True, grads=True),
        viz.draw_backward(e, expand=True),
    ):
        assert len(parsed(drawing)[0]) > 1
        assert "reads" in drawing.source or "backward" not in drawing.source


@pytest.mark.parametrize("used", [(0, 1, 2), (0, 2), (1,)])
@pytest.mark.parametrize("record", [False, True])
def test_pieces_of_a_split_say_which_they_are(used, record):
    x = Tensor(np.arange(6.0), True, name="x")
    with viz.record() if record else contextlib.nullcontext():
        pieces = np.split(x, 3)
        pieces = [pieces[i] for i in used]
        e = sum(np.sum(p * p) for p in pieces)
    pieces = None
    places = ["x[:2]", "x[2:4]", "x[4:]"]
    text = viz.draw(e, values=True).source
    assert [p for p in places if f" = {p}</B>" in text] == [places[i] for i in used]
    e.backward()
    assert viz.draw(e, values=True).source.count("split") >= len(used)


# --- two moments --------------------------------------------------------------------------------
def changed_after(record, between=False):
    x = Tensor([1.0, 2.0], True, name="x")
    w = Tensor([3.0, 4.0], True, name="w")
    with viz.record() if record else contextlib.nullcontext():
        y = np.sin(x) + w
        if between:
            with ag.no_grad():
                x += 10
        e = np.sum(y + x if between else y)
    if not between:
        with ag.no_grad():
            x += 10
    return x, y, e


@pytest.mark.parametrize("expand", [(), True])
def test_a_value_of_another_moment_is_not_shown(expand):
    x, y, e = changed_after(record=False)
    found = cards(viz.draw(e, values=True, names={"x": x, "y": y, "w": 1}, expand=expand))
    assert found["x"]["value"] == "changed in place since"
    assert found["y"]["value"] == texts(y.data)
    # a program that ran after the change shows the new numbers
    assert cards(viz.draw(np.sum(x * 2.0), values=True, names={"x": x}))["x"]["value"] == [
        "11", "12"]  # fmt: skip


def test_recorded_values_are_those_of_the_run():
    x, _, e = changed_after(record=True)
    assert cards(viz.draw(e, values=True, names={"x": x}))["x"]["value"] == ["1", "2"]


@pytest.mark.parametrize("record", [False, True])
def test_a_change_between_two_uses_leaves_no_single_value(record):
    x, _, e = changed_after(record, between=True)
    assert cards(viz.draw(e, values=True, names={"x": x}))["x"]["value"] == "changed in place since"
