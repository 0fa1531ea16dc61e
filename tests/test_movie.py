"""The step-by-step page as data: its steps, its numbers, its safety. No browser is needed here."""

import base64
import gzip
import hashlib
import html
import json
import re
import sys
import time
from math import prod
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, strategies as st
from samples import SAMPLES
from sampling import real

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F
from viz.grid import cells
from viz.html import Markup, element, escape
from viz.page.differences import differences
from viz.page.lesson import Lesson
from viz.page.palette import DARK, LIGHT
from viz.page.story import MAX_OPERATIONS
from viz.page.widths import fitted, width

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))
import gallery

SVG = "{http://www.w3.org/2000/svg}"


def residual():
    with viz.record():
        names = gallery.residual_layer()
    return names, viz.movie(names["e"], names, inputs=["x"])


def panels_of(movie):
    """The text of the panels that come compressed: all but the last."""
    packed = re.search(r'<template id="panels">(.*?)</template>', movie.html, re.S)[1]
    return json.loads(gzip.decompress(base64.b64decode(packed)))["panels"]


def templates(movie):
    """The panels as elements, the last one too."""
    panels = panels_of(movie)
    found = re.findall(r"<template.*?</template>", panels, re.S)
    assert "".join(found) == panels
    before = movie.html.split("<noscript>")[0]
    found.append(re.search(r'<section id="panel".*</section>', before, re.S)[0])
    return [ElementTree.fromstring(text) for text in found]


def shown(picture, kind, key):
    """The texts of all grids of an array in the graph, by the count of contributions."""
    found = {}
    for group in picture.iter(f"{SVG}g"):
        if (group.get("data-kind"), group.get("data-edge")) == (kind, key):
            found[group.get("data-count")] = texts(group)
    return found


def texts(group):
    numbers = [(t.get("data-at"), t.text) for t in group.iter(f"{SVG}text") if t.get("data-at")]
    line = [t.text for t in group.iter(f"{SVG}text") if t.get("class") == "summary"]
    return dict(numbers) or line[0]


def expected(array):
    grid = cells(array)
    if grid.rows:
        rows = [row for row in grid.rows if row]
        return {f"{i},{j}": cell.text for i, row in enumerate(rows) for j, cell in enumerate(row)}
    return fitted(" ".join([grid.summary, *grid.tags]), 11.5, 270)


# --- the story ----------------------------------------------------------------------------------
def test_the_steps_of_the_residual_layer():
    _, movie = residual()
    boxes = {key: box.name for key, box in movie.story.boxes.items()}
    assert boxes == {"t1": "x", "t2": "H", "t3": "v", "t4": "x₂", "t5": "x₃", "t6": "x₄",
                     "t7": "y", "c1": "p*", "t8": "e"}  # fmt: skip
    told_of = ("title", "values", "sums", "arrows", "active")
    steps = [{name: getattr(step, name) for name in told_of} for step in movie.story.steps]
    golden = Path(__file__).parent / "golden" / "movie_residual.json"
    told = json.loads(json.dumps({"steps": steps, "formulas": formulas(movie)}))
    assert told == json.loads(golden.read_text("utf-8"))


def formulas(movie):
    """The headers of the boxes."""
    picture = ElementTree.fromstring(movie.svg)
    return [t.text for t in picture.iter(f"{SVG}text") if t.get("class") == "name"]


def test_the_order_is_that_of_the_engine():
    names, movie = residual()
    visited = []
    e = names["e"]
    for name in ("e", "y", "x4", "x3", "x2"):
        names[name].register_hook(lambda g, name=name: visited.append(name))
    e.backward(retain_graph=True)
    told = [step.active[0] for step in movie.story.steps if step.kind == "backward"]
    moved = movie.story.program.moved
    given = {movie.story.of[moved[names[n]._node.index].index].key: n for n in visited}
    assert [given[key] for key in told] == visited


def test_the_same_page_wherever_and_whenever_it_is_made():
    pages = {residual()[1].html for _ in range(2)}
    assert len(pages) == 1


def test_running_sums_are_those_of_the_engine():
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    with viz.record():
        e = np.sum(x * x + np.sin(x) * x)
    movie = viz.movie(e)
    box = movie.story.boxes["t1"]
    assert len(box.parts) == 4
    picture = ElementTree.fromstring(movie.svg)
    grids = shown(picture, "gradient", "t1")
    total = np.zeros(2)
    for part in box.parts:
        total = total + part.array
        assert grids[str(part.place)] == expected(total)
    e.backward()
    assert grids["4"] == expected(x.grad)
    assert np.array_equal(box.parts[-1].sum, x.grad)


def weighted(outputs):
    """One number of all outputs, in which each entry has a weight of its own."""
    outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
    terms = [np.sum(o * np.cos(k + np.arange(o.size)).reshape(o.shape))
             for k, o in enumerate(outputs)]  # fmt: skip
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return real(total)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_operation_makes_a_page_with_the_engines_numbers(sample):
    leaves = [Tensor(a, requires_grad=True) for a in sample.arrays()]
    with viz.record():
        loss = weighted(sample.call(*leaves))
    movie = viz.movie(loss)
    picture = ElementTree.fromstring(movie.svg)
    loss.backward(retain_graph=True)
    for t in leaves:
        if t.grad is not None:
            box = movie.story.of[t._node.index]
            assert shown(picture, "gradient", box.key)[str(len(box.parts))] == expected(t.grad)
            assert shown(picture, "value", box.key)[None] == expected(t.data)
    assert len(templates(movie)) == len(movie.story.steps)
    check_lessons(movie.story)
    assert all(d.largest < 1e-6 for d in differences(movie.story.program).values())


def check_lessons(story):
    """Jacobians, their structures and the shortcuts say what the engine does."""
    for node in story.backward:
        lesson = Lesson(story, node)
        for box, part in story.received(node):
            terms = lesson.terms(box, part)
            assert terms or not prod(box.shape)
            if all(term.jacobian is not None for term in terms):
                products = [t.jacobian.T @ t.output.gradient.ravel() for t in terms]
                np.testing.assert_allclose(sum(products), part.array.ravel(), atol=1e-12)
                for term in terms:
                    assert term.structure.satisfied(term.jacobian)
                    assert term.nonzeros == np.count_nonzero(term.jacobian)
            if found := lesson.shortcut(part):
                np.testing.assert_allclose(applied(found), part.array, atol=1e-12)


def applied(found):
    """A shortcut, computed."""
    values = [factor.value for factor in found.factors]
    functions = {"⊙": np.multiply, "/": np.divide, "·": np.matmul, "outer": np.outer, "": np.copy,
                 "Σ": lambda x: np.sum(x, axis=found.axis)}  # fmt: skip
    result = functions[found.sign](*values)
    return -result if found.minus else result


def test_shortcuts_are_found():
    _, movie = residual()
    found = {}
    for node in movie.story.backward:
        lesson = Lesson(movie.story, node)
        for box, part in movie.story.received(node):
            found[node.op.name, box.name] = lesson.shortcut(part)
    assert found["relu", "x₃"].sign == "⊙"
    assert found["matmul", "H"].sign == "outer"
    assert found["matmul", "x"].sign == "·"
    assert found["add", "x₂"] is None


def test_a_jacobian_too_large_to_draw_is_described():
    rng = np.random.default_rng(0)
    X, W = (Tensor(rng.standard_normal(s), requires_grad=True) for s in ((5, 4), (4, 5)))
    with viz.record():
        e = np.sum(X @ W)
    movie = viz.movie(e, dict(X=X, W=W))
    assert "(25, 20): 100 of 500 entries are not zero; too large to draw." in panels_of(movie)


def test_finite_differences_of_large_leaves_and_float32():
    rng = np.random.default_rng(0)
    x = Tensor(rng.standard_normal(1000), requires_grad=True)
    w = Tensor(rng.standard_normal(3).astype(np.float32), requires_grad=True)
    with viz.record():
        e = np.sum(np.sin(x)) * np.sum(w * w)
    found = differences(viz.movie(e).story.program)
    assert found[x._node.index].entries is None
    assert found[w._node.index].entries == 3
    assert found[x._node.index].largest < 1e-6
    assert 0 < found[w._node.index].largest < 1e-3


def test_finite_differences_find_a_wrong_rule():
    wrong = ag.rule(lambda a: a * a, "a", name="wrong", a=lambda g, a: g * a)
    x = Tensor([1.0, 2.0], requires_grad=True)
    with viz.record():
        e = np.sum(wrong(x))
    (found,) = differences(viz.movie(e).story.program).values()
    assert found.largest == pytest.approx(2, rel=1e-4)


# --- what a page may meet -----------------------------------------------------------------------
def test_without_record_the_page_says_how_to_see_more():
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    e = np.sum((x + 1) * 3.0)
    movie = viz.movie(e)
    assert (movie.html + panels_of(movie)).count("with viz.record():") >= 3
    assert "not kept" in movie.svg
    x.grad = None
    e.backward()
    assert shown(ElementTree.fromstring(movie.svg), "gradient", "t1")["1"] == expected(x.grad)


def test_after_backward_and_updates_a_recorded_program_shows_what_it_was():
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    with viz.record():
        e = np.sum(x * x)
    before = viz.movie(e).html
    e.backward()
    with ag.no_grad():
        x -= 0.5
    assert viz.movie(e).html == before


def second_order():
    x = Tensor([0.5, 1.0], requires_grad=True, name="x")
    with viz.record():
        (g,) = ag.gradients(np.sum(np.sin(x) * x), [x], create_graph=True)
        return np.sum(g * g)


def split():
    x = Tensor(np.arange(6.0), requires_grad=True, name="x")
    with viz.record():
        a, b, _ = np.split(x, 3)
        return np.sum(a * b + a)


def empty():
    x = Tensor(np.zeros((0, 3)), requires_grad=True, name="x")
    with viz.record():
        return np.sum(x * 2.0) + np.sum(x)


def not_finite():
    x = Tensor([1.0, np.nan, -np.inf], requires_grad=True, name="x")
    with viz.record(), np.errstate(all="ignore"):
        return np.sum(x * x)


def a_leaf():
    return Tensor(2.0, requires_grad=True, name="x")


def unused_gradient():
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    with viz.record():
        return np.sum(np.stack([x, x, x * x], axis=1)[:, 2])


def expanded():
    y = Tensor([1.0, 2.0, -1.0], requires_grad=True, name="y")
    with viz.record():
        return F.cross_entropy(y, np.array([1.0, 0.0, 0.0]))


@pytest.mark.parametrize(
    "program", [second_order, split, empty, not_finite, a_leaf, unused_gradient, expanded]
)
def test_odd_programs(program):
    e = program()
    movie = viz.movie(e, expand=program is expanded)
    picture = ElementTree.fromstring(movie.svg)
    for box in movie.story.of.values():
        if box.gradient is not None:
            grids = shown(picture, "gradient", box.key)
            assert grids[str(len(box.parts))] == expected(box.gradient)
    assert len(templates(movie)) == len(movie.story.steps)
    if np.isfinite(e.data):
        check_lessons(movie.story)


def test_outputs_that_nothing_uses_have_no_box():
    movie = viz.movie(split())
    assert [box.op.name for box in movie.story.of.values() if box.op].count("split") == 2


def test_expand_takes_fused_operations_apart():
    e = expanded()
    assert len(viz.movie(e).story.forward) == 1
    assert len(viz.movie(e, expand="cross_entropy").story.forward) > 1


@given(st.data())
def test_random_programs_tell_their_whole_story(data):
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    tensors = [Tensor(rng.standard_normal((2, 3)), requires_grad=True) for _ in range(2)]
    tensors.append(Tensor(rng.standard_normal(3), requires_grad=True))
    with viz.record():
        for _ in range(data.draw(st.integers(1, 8))):
            a, b = (tensors[data.draw(st.integers(0, len(tensors) - 1))] for _ in range(2))
            how = data.draw(st.sampled_from([np.add, np.multiply, np.subtract, np.maximum]))
            tensors.append(np.tanh(how(a, b)))
        e = np.sum(tensors[-1])
    story = viz.movie(e).story
    sums = [pair for step in story.steps for pair in step.sums]
    for box in story.of.values():
        last = max((count for key, count in sums if key == box.key), default=None)
        assert last == len(box.parts) if box.gradient is not None else last is None
        if box.parts:
            assert np.array_equal(box.parts[-1].sum, box.gradient)
    used = [j for step in story.steps if step.kind == "backward" for j in step.arrows]
    assert len(used) == len(set(used)) == sum(len(box.parts) for box in story.of.values())
    leaves = [t for t in tensors[:3] if t._node.index in story.of]
    found = ag.gradients(e, leaves)
    for t, g in zip(leaves, found, strict=True):
        assert np.array_equal(story.of[t._node.index].gradient, g.data)


# --- what is refused ----------------------------------------------------------------------------
def chain(length):
    with viz.record():
        y = Tensor([0.5, 1.0], requires_grad=True, name="x")
        for _ in range(length - 1):
            y = np.sin(y)
        return np.sum(y)


def freed():
    x = Tensor([1.0], requires_grad=True)
    e = np.sum(x * x)
    e.backward()
    return e


@pytest.mark.parametrize(
    ("tensor", "options", "message"),
    [
        (lambda: chain(MAX_OPERATIONS + 1), {}, "61 operations.*earlier.*expand less.*viz.draw"),
        (lambda: chain(20_000), {}, "20000 operations"),
        (lambda: Tensor([1.0]), {}, "nothing was recorded"),
        (lambda: 3, {}, "no graph"),
        (lambda: chain(2) * Tensor([1.0, 2.0]), {}, "single number"),
        (freed, {}, "retain_graph=True.*viz.record"),
        (lambda: chain(2), dict(inputs=["w"]), "leaves are x"),
        (lambda: chain(2), dict(names=3), "names="),
        (lambda: chain(2), dict(expand="relu"), "expand"),
    ],
)
def test_refusals_name_the_remedy(tensor, options, message):
    with pytest.raises(viz.DrawingError, match=message):
        viz.movie(tensor(), **options)


def layers(number):
    """A residual network of small matrices: three operations a layer, and two at its end."""
    rng = np.random.default_rng(0)
    h = Tensor(rng.standard_normal((3, 3)), requires_grad=True, name="x")
    for i in range(number):
        W = Tensor(rng.standard_normal((3, 3)), requires_grad=True, name=f"W{i}")
        b = Tensor(rng.standard_normal(3), requires_grad=True, name=f"b{i}")
        h = np.tanh(h @ W + b) + h
    return np.sum(h * h)


@pytest.mark.parametrize("make", [lambda: chain(MAX_OPERATIONS), lambda: layers(14)])
def test_the_largest_page_is_small_and_soon_there(make):
    with viz.record():
        e = make()
    spent = []
    for _ in range(3):
        start = time.process_time()
        movie = viz.movie(e)
        spent.append(time.process_time() - start)
    assert len(movie.html.encode()) < 300_000
    assert min(spent) < 1


# --- safety -------------------------------------------------------------------------------------
HOSTILE = [
    "<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "\"'&\\\n",
    "</template><b>", "\N{RIGHT-TO-LEFT OVERRIDE}abc", "e\u0301 \N{WOMAN}\u200d\N{ROCKET}", "]]>",
    "a" * 10_000, "\x00\ud800x", " ",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_are_text_everywhere(name, tmp_path):
    x = Tensor([1.0, 2.0], requires_grad=True, name=name)
    with viz.record():
        e = np.sum(x * Tensor([3.0, 4.0], name=name) * np.array([1.0, 2.0]))
    movie = viz.movie(e, {name: e})
    viz.movie(e, {name: e}).save(tmp_path / "page.html")
    picture = ElementTree.fromstring(movie.svg)
    assert not list(picture.iter("img"))
    for panel in templates(movie):
        assert {part.tag for part in panel.iter()} <= TAGS
    assert movie.html.count("<script") == 2
    assert movie.html.count("</script>") == 2
    assert "a" * 300 not in movie.html + panels_of(movie)
    assert "<" not in re.search(r'id="data">(.*?)</script>', movie.html, re.S)[1]


TAGS = set(
    """template section div h2 h3 p a b ul li table thead tbody tr th td figure figcaption span code
    kbd math mrow mi mn mo mtext mspace msub msup msubsup munder mfrac msqrt""".split()  # noqa: SIM905
)


def test_operations_may_be_called_anything():
    name = "<img src=x>\ud800</script>"
    odd = ag.rule(lambda a: a * 1, "a", name=name, a=lambda g: g)
    x = Tensor([1.0], requires_grad=True)
    with viz.record():
        e = np.sum(odd(x))
    page = viz.movie(e).html
    assert "<img" not in page + panels_of(viz.movie(e))
    assert page.count("</script>") == 2
    page.encode()


def test_html_is_escaped_unless_it_is_markup():
    assert element("p", "<b>", title='"') == '<p title="&quot;">&lt;b&gt;</p>'
    assert element("p", Markup("<b/>")) == "<p><b/></p>"
    assert escape("\x00\ud800<") == "&lt;"


def test_the_page_loads_nothing_and_only_its_own_script_may_run():
    _, movie = residual()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="(.*?)"', movie.html)[1]
    script = re.search(r"<script>(.*?)</script>", movie.html, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src &#39;sha256-{digest}&#39;" in policy
    assert policy.startswith("default-src &#39;none&#39;")
    everything = movie.html + panels_of(movie)
    links = re.findall(r"\b(?:src|href|url)\s*=[^ >]*", everything)
    assert links == ['href="#12"']
    assert set(re.findall(r"https?://[^\"' ]*", everything)) <= {"http://www.w3.org/2000/svg"}


# --- files and notebooks ------------------------------------------------------------------------
def test_saving(tmp_path):
    _, movie = residual()
    assert movie.save(tmp_path / "page.html").read_text("utf-8") == movie.html
    assert movie.save(str(tmp_path / "picture.svg")).read_text("utf-8") == movie.svg
    with pytest.raises(viz.DrawingError, match=r"\.html"):
        movie.save(tmp_path / "page.png")


def test_in_a_notebook():
    _, movie = residual()
    bundle = movie._repr_mimebundle_()
    frame = bundle["text/html"]
    assert html.unescape(re.search(r'srcdoc="(.*?)"', frame, re.S)[1]) == movie.html
    assert 'sandbox="allow-scripts"' in frame
    assert bundle["image/svg+xml"] == movie.svg
    assert bundle["text/html"] == movie._repr_html_()


def test_the_picture_is_complete_and_needs_nothing():
    _, movie = residual()
    assert "var(" not in movie.svg
    picture = ElementTree.fromstring(movie.svg)
    defined = {x.get("id") for x in picture.iter() if x.get("id")}
    assert set(re.findall(r"url\(#(.*?)\)", movie.svg)) <= defined
    hidden = [g for g in picture.iter(f"{SVG}g") if g.get("class") == "gradient"]
    assert [g.get("data-edge") for g in hidden] == ["t1"]  # a sum that is not complete
    assert sum("back" in (p.get("class") or "") for p in picture.iter(f"{SVG}path")) == 8


# --- how it looks -------------------------------------------------------------------------------
def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return np.dot([0.2126, 0.7152, 0.0722], linear)


def contrast(a, b):
    low, high = sorted([luminance(a), luminance(b)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_legible(colours):
    grounds = {
        "paper": ["ink", "muted", "forward", "backward", "parameter", "kept", "wrong"],
        "panel": ["ink", "muted", "forward", "backward", "kept", "wrong"],
        "forward-fill": ["ink", "muted"],
        "parameter-fill": ["ink", "muted", "forward", "backward"],
        "constant-fill": ["ink", "muted", "forward"],
        "backward-fill": ["backward"],
        "forward": ["paper"], "backward": ["paper"],
        **{f"{sign}{step}": ["number"] for sign in "pn" for step in range(1, 5)},
    }  # fmt: skip
    for ground, texts_on_it in grounds.items():
        for text in texts_on_it:
            ratio = contrast(colours[ground], colours[text])
            assert ratio >= 4.5, f"{text} on {ground}: {ratio:.2f}"


@pytest.mark.parametrize("text", ["x₃", "−0.0547", "cross_entropy(y, p*)", "名前", "é"])
def test_widths_are_generous_and_texts_are_fitted(text):
    assert width(text, 10, bold=True) > width(text, 10) > 0
    cut = fitted(text * 40, 10, 100)
    assert width(cut, 10) <= 100
    assert cut.endswith("…")


def test_all_texts_of_a_box_are_inside_it():
    _, movie = residual()
    picture = ElementTree.fromstring(movie.svg)
    sizes = {"name": 13.5, "about": 11, "label": 11, "summary": 11.5, "lacking": 11.5}
    for box in picture.iter(f"{SVG}g"):
        if "tensor" in (box.get("class") or "").split():
            frame = float(box.find(f"{SVG}rect").get("width"))
            for text in box.iter(f"{SVG}text"):
                kind = text.get("class")
                if kind in sizes:
                    end = float(text.get("x")) + width(text.text, sizes[kind], kind == "name")
                    assert end <= frame


def test_hooks_are_not_called_and_the_page_says_so():
    names, movie = residual()
    assert "hooks" not in movie.html
    called = []
    names["x3"].register_hook(called.append)
    movie = viz.movie(names["e"], names=names)
    assert not called
    assert "has hooks" in movie.html


# --- what was once wrong ------------------------------------------------------------------------
def differences_of(movie):
    return list(differences(movie.story.program).values())


def test_a_leaf_updated_while_the_program_ran_is_measured_as_it_was_used():
    x = Tensor([1.0, 2.0], requires_grad=True, name="x")
    with viz.record():
        e = np.sum(np.sin(x))
        with ag.no_grad():
            x += 1.0
        e = e + np.sum(np.sin(x))
    (difference,) = differences_of(viz.movie(e))
    assert difference.largest < 1e-8


def test_kinks_are_left_out_and_counted():
    x = Tensor([0.0, 1.0, -1.0], requires_grad=True, name="x")
    with viz.record():
        e = np.sum(F.relu(x))
    movie = viz.movie(e)
    (difference,) = differences_of(movie)
    assert (difference.entries, difference.kinks) == (2, 1)
    assert difference.largest < 1e-8
    assert "1 left out, at a kink" in movie.html


def test_infinite_entries_leave_a_diagonal_jacobian_diagonal():
    x = Tensor([1.0, np.inf, 2.0], requires_grad=True, name="x")
    with viz.record():
        y = x * x
        e = np.sum(y)
    story = viz.movie(e).story
    node = next(n for n in story.forward if n.op.name == "multiply")
    box, part = story.received(node)[0]
    with np.errstate(all="ignore"):  # as when a page is made
        (term,) = Lesson(story, node).terms(box, part)
    np.testing.assert_array_equal(term.jacobian, np.diag([1.0, np.inf, 2.0]))


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_every_operation_has_a_page_also_unrecorded(sample):
    xs = [Tensor(a, requires_grad=True) for a in sample.arrays()]
    ys = sample.call(*xs)
    ys = list(ys) if isinstance(ys, (tuple, list)) else [ys]
    movie = viz.movie(real(sum(np.sum(y * 1.5) for y in ys)))
    assert "viz.record()" in movie.html
