"""Pictures from DOT text: formats, failures, hostile names."""

import os
import re
import sys
import threading
import warnings
from collections import Counter
from xml.etree import ElementTree

import graphviz
import numpy as np
import pytest

import autograd_lite as ag
import viz
from autograd_lite import Tensor
from viz.drawings import labels, layout
from viz.drawings.render import Drawing

pytest.importorskip("pygraphviz")
LONG = "long name " * 1000
HOSTILE = [
    "<script>alert(1)</script>", "</svg><script>alert(1)</script>", "<b>", "a&b", "&lt;", '"', "'",
    '" onload="alert(1)', "]]>", "<!--", "\\", "\\N", "\\G \\E", "a\\", "x\ny", "\r\n", "\t",
    "\x00", "a\x00b", "\x07\x1b[31m", "\x7f\x85", "\ud800", "a\udfffb", "\ufffe\uffff", LONG,
    "<" * 5000, "&" * 5000, "אבג", "مرحبا (x)", "\u202egnp.exe", "🙂👩‍👩‍👧", "𝔵", "", "   ", "->",
    "a:b:c", "%s {0} $x", "javascript:alert(1)", "digraph { a -> b }", "x₁", "x1", "é" * 300,
    "\u2028",
]  # fmt: skip


@pytest.fixture
def drawing():
    x = Tensor([1.0, 2.0], True, name="x")
    return viz.draw((x * x).sum())


def texts(svg):
    return ["".join(t.itertext()) for t in svg.iter("{http://www.w3.org/2000/svg}text")]


def harmless(svg):
    """The parsed SVG, after checking that nothing in it can run or load anything."""
    root = ElementTree.fromstring(svg)
    allowed = {"svg", "g", "title", "text", "path", "polygon", "ellipse", "polyline"}
    for element in root.iter():
        assert element.tag.rpartition("}")[2] in allowed
        for key, value in element.attrib.items():
            assert not key.rpartition("}")[2].startswith(("on", "href"))
            assert "script" not in value
    return root


@pytest.mark.parametrize("name", HOSTILE, ids=[ascii(n[:20]) for n in HOSTILE])
def test_hostile_names_of_tensors(name):
    x = Tensor([1.0, 2.0], True, name=name)
    c = np.ones(2)
    y = x * x * c
    e = y.sum()
    for draw in (viz.draw, viz.draw_backward):
        one = draw(e, names={name: y, name + "2": c})
        assert len(one.source) < 20_000
        root = harmless(one.pipe(encoding="utf-8"))
        plain = draw((x * x * c).sum())
        count = sum(e.tag.endswith("}g") for e in root.iter())
        assert count == sum(e.tag.endswith("}g") for e in harmless(plain.pipe()).iter())


def test_hostile_names_of_operations():
    for i, name in enumerate(HOSTILE):
        op = ag.rule(lambda a: a * 1.0, "a", a=lambda g: g, name=name + f" {i}")
        e = op(Tensor([1.0], True)).sum()
        for draw in (viz.draw, viz.draw_backward):
            root = harmless(draw(e).pipe(encoding="utf-8"))
            assert any(f"{i}" in t for t in texts(root)) or len(name) > 200


def tables_and_modules(name):
    x = Tensor([1.0, 2.0], True, name=name)
    c = np.ones(2)
    with viz.record(), ag.named_scope(name, name), ag.named_scope(name + "0", name):
        y = x * x * c
        e = y.sum()
    names = {name: y, name + "2": c}
    yield viz.draw(e, names=names, values=True, grads=True)
    yield viz.draw_backward(e, names=names, depth=2)
    for depth in (0, 1):
        yield viz.draw(e, names=names, depth=depth)
        yield viz.draw(e, names=names, depth=depth, values=True, grads=True)


def groups(drawing):
    """How many boxes, frames and arrows the picture has."""
    root = harmless(drawing.pipe(encoding="utf-8"))
    return Counter(g.get("class") for g in root.iter("{http://www.w3.org/2000/svg}g"))


@pytest.mark.parametrize("name", HOSTILE, ids=[ascii(n[:20]) for n in HOSTILE])
def test_hostile_names_in_tables_and_modules(name):
    for one, plain in zip(tables_and_modules(name), tables_and_modules("plain"), strict=True):
        assert len(one.source) < 30_000
        assert groups(one) == groups(plain)


def test_names_are_shown_as_they_are():
    for name in ("a<b & c>d", '"quoted"', "back\\slash \\N", "אבג", "it's"):
        x = Tensor([1.0], True, name=name)
        assert name in texts(harmless(viz.draw(x * 2.0).pipe()))


def test_labels_are_never_empty_tags():
    assert labels.span("\x00\ud800", bold=True, color="red") == ""
    assert labels.label("", labels.small("")) == ""
    assert labels.beside("") == ""
    assert len(labels.escape("x" * 10_000)) == labels.LONGEST
    assert labels.label("a", "", "b", left=True) == '<a<BR ALIGN="LEFT"/>b<BR ALIGN="LEFT"/>>'


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (dict(format=5), "format 5.*'svg'"),
        (dict(format=b"svg"), "format b'svg'"),
        (dict(engine=5), "engine 5.*'dot'"),
        (dict(engine="circle"), "engine 'circle'.*'dot'"),
    ],
)
def test_wrong_options_of_pictures(drawing, options, words, tmp_path):
    with pytest.raises(viz.RenderError, match=words):
        drawing.pipe(**options)
    with pytest.raises(viz.RenderError, match=words):
        drawing.render(tmp_path / "x", **options)


@pytest.mark.parametrize("option", ["outfile", "filename", "directory"])
def test_what_is_no_path(drawing, option):
    for wrong in (5, b"x.svg", 2.5):
        with pytest.raises(viz.RenderError, match=f"{option}=.*path"):
            drawing.render(**{option: wrong})


# --- formats --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("format", "magic"),
    [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("json", b"{"), ("PNG", b"\x89PNG")],
)
def test_formats(drawing, format, magic):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about fonts, on a machine that has none
        assert drawing.pipe(format=format).startswith(magic)


def test_svg_is_the_default_and_names_fonts_every_viewer_has(drawing):
    svg = drawing.pipe(encoding="utf-8")
    assert 'font-family="Arial,Liberation Sans,Helvetica,DejaVu Sans,sans-serif"' in svg
    assert 'font-family="Arial"' not in svg
    assert drawing._repr_svg_() == svg
    assert drawing._repr_mimebundle_() == {"image/svg+xml": svg}


def test_render(drawing, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert drawing.render(outfile="a.svg") == "a.svg"
    assert (tmp_path / "a.svg").read_bytes() == drawing.pipe()
    assert (tmp_path / "a.gv").read_text(encoding="utf-8") == drawing.source
    assert drawing.render(outfile=tmp_path / "deep" / "b.svg", cleanup=True).endswith("b.svg")
    assert os.listdir(tmp_path / "deep") == ["b.svg"]
    assert drawing.render("c.gv", format="json") == "c.gv.json"
    assert drawing.render("d", directory="sub") == os.path.join("sub", "d.svg")
    assert sorted(os.listdir("sub")) == ["d", "d.svg"]
    assert drawing.save("e.gv") == "e.gv"
    with pytest.raises(viz.RenderError, match="ending"):
        drawing.render(outfile="nothing")
    with pytest.raises(viz.RenderError, match="replace"):
        drawing.render(outfile="x.gv")
    with pytest.raises(graphviz.FileExistsError):
        drawing.render(outfile="a.svg", raise_if_result_exists=True)


def test_it_is_a_digraph(drawing):
    assert isinstance(drawing, graphviz.Digraph)
    drawing.node("mine", "a box of mine")
    drawing.edge("op1", "mine")
    with drawing.subgraph(name="cluster_a") as part:
        part.node("inside")
    assert "a box of mine" in texts(harmless(drawing.pipe()))
    assert drawing.copy().source == drawing.source


def test_fonts_are_warned_about(drawing, monkeypatch):
    monkeypatch.setattr(layout, "has_fonts", lambda: False)
    with pytest.warns(UserWarning, match="no font.*use SVG"):
        drawing.pipe(format="png")
    drawing.pipe(format="svg")


# --- failures -------------------------------------------------------------------------------
def test_failures_are_one_kind_of_error(drawing, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # vrml leaves files behind
    with pytest.raises(viz.RenderError, match=r"unknown format 'bmpp'.*'svg'"):
        drawing.pipe(format="bmpp")
    for format in ("vrml", "tk:x"):  # the first crashes Graphviz 14
        with pytest.raises(viz.RenderError, match=f"as {format}"):
            drawing.pipe(*format.split(":"))
    for label in ("<<B>a</I>>", "<<FONT></FONT>>", "a\x00b", "a\ud800b", "x" * 20_000):
        broken = drawing.copy()
        broken.node("bad", label)
        with pytest.raises(viz.RenderError, match="could not draw"):
            broken.pipe(format="svg")
    broken = drawing.copy()
    broken.body.append("]][[")
    with pytest.raises(viz.RenderError):
        broken.pipe()
    assert capfd.readouterr() == ("", "")
    assert issubclass(viz.RenderError, viz.DrawingError)


def test_warnings_of_graphviz_are_not_shown(drawing, capfd):
    drawing.node("odd", shape="zigzag")
    drawing.pipe()
    assert capfd.readouterr() == ("", "")


def test_without_descriptor_2(drawing):
    saved = os.dup(2)
    os.close(2)
    try:
        svg = drawing.pipe()
    finally:
        os.dup2(saved, 2)
        os.close(saved)
    assert svg == drawing.pipe()


def test_nothing_installed(drawing, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(viz.RenderError, match=r"pip install 'autograd_lite\[viz\]'"):
        drawing.pipe()
    assert "digraph" in drawing.source


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for dot is a shell script")
def test_the_program_dot_is_the_second_choice(drawing, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    dot = tmp_path / "dot"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    dot.write_text('#!/bin/sh\necho "drawn with $1"\ncat > /dev/null\n')
    dot.chmod(0o755)
    assert drawing.pipe() == b"drawn with -Tsvg\n"
    dot.write_text('#!/bin/sh\necho "Error: broken" >&2\nexit 1\n')
    with pytest.raises(viz.RenderError, match="Error: broken"):
        drawing.pipe()
    dot.write_text("#!/bin/sh\necho no such thing >&2\nexit 3\n")
    with pytest.raises(viz.RenderError, match="no such thing"):
        drawing.pipe()


def test_large_drawings_use_a_process_that_can_be_stopped(monkeypatch):
    y = Tensor([1.0], True)
    for _ in range(410):
        y = np.tanh(y)
    large = viz.draw(y, max_nodes=None)
    assert large.is_large()
    monkeypatch.setattr(layout, "in_process", None)
    assert harmless(large.pipe(encoding="utf-8")) is not None
    monkeypatch.setattr(layout, "SECONDS", 0.01)
    with pytest.raises(viz.RenderError, match=r"stopped after 0\.01 seconds"):
        large.pipe()


def test_frames_do_not_make_a_drawing_large():
    y = Tensor([1.0], True)
    for i in range(210):
        with ag.named_scope("ab"[i % 2]):
            y = np.tanh(y)
    assert not viz.draw(y, max_nodes=None).is_large()


def test_threads(drawing):
    expected, seen = drawing.pipe(), []

    def work():
        seen.extend(drawing.pipe() == expected for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert seen == [True] * 80


def test_same_text_every_time():
    def source():
        x = Tensor([1.0, 2.0], True, name="x")
        return viz.draw((x * x + x).sum()).source

    assert source() == source()
    assert not re.search(r"0x|leaf\d{3}", source())


def test_an_empty_drawing():
    assert b"</svg>" in Drawing().pipe()
