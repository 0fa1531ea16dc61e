"""The table of the backward pass: its formulas, structures, bytes and multiply–adds are true."""

from xml.etree import ElementTree

import numpy as np
import pytest
from samples import SAMPLES
from sampling import real

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F
from viz import DrawingError
from viz.explain import owner
from viz.programs.program import LARGEST, Program


def layer():
    x = Tensor([1.0, 0.5, 2.0], requires_grad=True)
    H = Tensor(np.arange(9.0).reshape(3, 3) - 4, requires_grad=True)
    v = Tensor(np.ones(3), requires_grad=True)
    p = Tensor([1.0, 0.0, 0.0], name="p*")
    x2 = H @ x
    x3 = x2 + v
    x4 = F.relu(x3)
    y = x4 + x
    e = F.cross_entropy(y, p)
    return locals()


def test_the_residual_layer_as_a_table():
    names = layer()
    table = viz.explain(names["e"], names)
    found = {(row.operation, s.to): s.structure and s.structure.kind
             for row in table.rows for s in row.sent}  # fmt: skip
    assert found == {
        ("cross_entropy", "y"): "row",
        ("add", "x₄"): "identity",
        ("add", "x"): "identity",
        ("relu", "x₃"): "0/1 diagonal",
        ("add", "x₂"): "identity",
        ("add", "v"): "identity",
        ("matmul", "H"): "block",
        ("matmul", "x"): "dense",
        ("", "x"): None,
    }
    kept = {k.name: (k.bytes, k.note) for row in table.rows for k in row.kept}
    assert kept["x₃ > 0"] == (3, "")
    assert kept["x"] == (24, "no copy")
    assert kept["H"] == (72, "no copy")
    matmul = next(row for row in table.rows if row.operation == "matmul")
    assert matmul.multiply_adds == 9 + 9  # Hᵀ g and g xᵀ
    text = str(table)
    for words in ("to x: Hᵀ ∂e/∂x₂", "∂e/∂x = ∂e/∂y + Hᵀ ∂e/∂x₂", "x₃ > 0: 3 bytes", "nothing"):
        assert words in text


def test_an_array_that_two_operations_keep_is_counted_once():
    x = Tensor(np.ones(4), requires_grad=True, name="x")
    h = np.exp(x)  # keeps its output, which the product keeps too
    table = viz.explain(np.sum(h * h), dict(h=h))
    notes = [k.note for row in table.rows for k in row.kept if k.name == "h"]
    assert sorted(notes) == ["", "shared"]
    assert table.kept_bytes == 32


def test_a_bias_of_a_batch_says_why_its_gradient_is_a_sum():
    b = Tensor(np.ones(3), requires_grad=True, name="b")
    table = viz.explain(np.sum(np.tanh(b + np.ones((4, 3)))))
    (sent,) = (s for row in table.rows for s in row.sent if s.to == "b")
    assert sent.structure.kind == "copy"
    assert "Σ" in sent.structure.text


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_operation_has_its_row_and_its_structure_is_true(sample):
    xs = [Tensor(a, requires_grad=True) for a in sample.arrays()]
    ys = sample.call(*xs)
    ys = list(ys) if isinstance(ys, (tuple, list)) else [ys]
    e = real(sum(np.sum(y * (i + 1.5)) for i, y in enumerate(ys)))
    table = viz.explain(e)
    program = Program(e)
    operations = [n for n in reversed(program.nodes) if n.op is not None]
    rows = [row for row in table.rows if row.operation]
    assert [r.operation for r in rows] == [n.op.name for n in operations]
    for row, node in zip(rows, operations, strict=True):
        assert row.multiply_adds >= 0
        kept = [k.array for k in program.kept(node)]
        assert len(row.kept) == len(kept)
        for told, array in zip(row.kept, kept, strict=True):  # of a view all that it keeps alive
            assert told.bytes in (array.nbytes, owner(array).nbytes)
        if node.outputs is None:
            for c, sent in zip(program.pull(node).contributions, row.sent, strict=True):
                J = program.jacobians(node, node).get(c.slot)
                kinds = {e.dtype.kind for e in (node, *filter(None, node.edges))}
                assert (J is None) == ("c" in kinds)
                assert J is None or sent.structure.satisfied(J), (row.operation, sent.structure, J)
    root = ElementTree.fromstring(f"<div>{table.html}</div>")
    arguments = sum(max(1, len(row.sent)) for row in table.rows)
    assert len(root.findall(".//tbody/tr")) == arguments


def test_names_cannot_break_the_table():
    x = Tensor([1.0, 2.0], requires_grad=True)
    for name in ("<script>alert(1)</script>", '"', "a\nb", "x" * 10_000, "&", "\x00"):
        table = viz.explain(np.sum(x * x), {name: x})
        ElementTree.fromstring(f"<div>{table.html}</div>")
        assert "<script" not in table.html
        assert all("\x00" not in line for line in str(table).splitlines())


def test_fused_operations_are_shown_by_their_parts_on_request():
    names = layer()
    operations = [row.operation for row in viz.explain(names["e"], names, expand=True).rows]
    assert "log_softmax" in operations
    assert "cross_entropy" not in operations


def test_misuse_is_explained():
    x = Tensor([1.0], requires_grad=True)
    with pytest.raises(DrawingError, match="requires_grad"):
        viz.explain(Tensor([1.0]))
    e = np.sum(x * x)
    e.backward()
    with pytest.raises(DrawingError, match=r"record\(\)"):
        viz.explain(e)
    with viz.record():
        e = np.sum(x * x)
    e.backward()
    assert len(viz.explain(e).rows) == 3


def test_second_derivatives_are_explained_too():
    x = Tensor([0.5, -1.0], requires_grad=True, name="x")
    (g,) = ag.gradients(np.sum(np.tanh(x) * x), [x], create_graph=True)
    table = viz.explain(np.sum(g * g), dict(g=g))
    assert {"multiply", "sum", "tanh"} <= {row.operation for row in table.rows}


def test_several_results_start_with_their_given_gradients():
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True, name="x")
    a = np.tanh(x)
    b = np.sum(a * 2)
    table = viz.explain([a, b], dict(a=a, b=b))
    (merge,) = (row for row in table.rows if not row.operation)
    assert (merge.result, merge.shapes) == ("a", "2 × (3,)")
    assert "= given + 2 ∂" in str(table)


def test_bytes_are_those_of_the_memory_that_is_held():
    x = Tensor(np.ones(3), requires_grad=True)
    W = Tensor(np.ones((3, 4)), requires_grad=True)
    c = Tensor(np.ones(3), requires_grad=True)
    view = viz.explain(np.sum(W.T @ c), dict(W=W, c=c))
    assert view.kept_bytes == 0
    spread = viz.explain(np.sum(np.broadcast_to(x, (1000, 3)) * np.ones((1000, 3))), dict(x=x))
    assert spread.kept_bytes == 0  # the constant is not the graph's
    wide = np.broadcast_to(np.exp(x), (1000, 3))
    assert viz.explain(np.sum(wide * wide), dict(x=x)).kept_bytes == 24
    a = np.exp(Tensor(np.ones(100), requires_grad=True))
    halves = viz.explain(np.sum(np.sin(a[:60])) + np.sum(np.sin(a[40:])))
    assert halves.kept_bytes == 800
    index = np.zeros(1000, int)
    assert viz.explain(np.sum(x[index]), dict(x=x)).kept_bytes == 8000  # a copy of the index


def test_a_sum_is_told_only_where_all_its_parts_are():
    big = Tensor(np.ones(LARGEST + 1), requires_grad=True, name="big")
    b = Tensor(2.0, requires_grad=True, name="b")
    table = viz.explain(np.sum(big * b) + np.sum(big) + b * b)
    assert {row.result for row in table.rows if not row.operation} == set()
    assert "too large to look at" in str(table)
    none = ag.fused(lambda a, b: np.sum(b * b) + 0 * np.sum(a), "a b", name="none",
                    vjp=lambda g, a, b: (None, None))  # fmt: skip
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    assert [row.operation for row in viz.explain(none(x, x)).rows] == ["none"]
