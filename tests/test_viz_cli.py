"""`python -m viz`: a file and a name in, a picture, page or text out."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import product
from pathlib import Path

import pytest

from viz.__main__ import main, parser
from viz.loading import called
from viz.showing import APPLIES, DRAWINGS, ENDINGS, KINDS

ROOT = Path(__file__).parent.parent
MODEL = """
import asyncio
import functools
import sys
import numpy as np
import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F

x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
w = Tensor([0.5, -1.0, 2.0], requires_grad=True)
loss = np.sum((w * x - 1) ** 2)
number = 3


def step():
    hidden = np.tanh(w * x)
    error = np.sum(hidden * hidden)
    return error


def batch():
    logits = x * np.ones((2, 3))
    e = F.cross_entropy(logits, [0, 1])
    return locals()


def needs(argument):
    return argument


def again(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper


@ag.named_scope("layer")
@again
def decorated():
    return step()


@again
@ag.named_scope("layer")
def local():
    hidden = np.tanh(w * x)
    error = np.sum(hidden * hidden)
    return error


@ag.named_scope("layer")
def decorated_needs(argument):
    return argument


class Layer:
    @ag.named_scope("layer")
    def __call__(self, scale):
        hidden = np.tanh(scale * w * x)
        error = np.sum(hidden)
        return error


class Model:
    def __init__(self, width):
        self.width = width


thing = functools.partial(Layer(), 2.0)
method = functools.partial(Layer().__call__, scale=2.0)


def wrong_type():
    return len(3)


def wrong_call():
    return needs()


def wrong_drawing():
    return viz.draw(number)


def nothing():
    step()


async def later():
    return step()


def ends():
    sys.exit(3)
"""


@pytest.fixture
def model(tmp_path, monkeypatch):
    path = tmp_path / "some_model.py"
    path.write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    yield path
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


def tree(files):
    for name, text in files.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def shell(command, **environment):
    python = f"{sys.executable} -m viz"
    return subprocess.run(command.replace("VIZ", python), shell=True, capture_output=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
                          encoding="utf-8")  # fmt: skip


# --- formats --------------------------------------------------------------------------------
BEGINNINGS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF", ".eps": b"%!PS",
              ".jpg": b"\xff\xd8\xff", ".jpeg": b"\xff\xd8\xff", ".gv": b"digraph",
              ".dot": b"digraph", ".html": b"<!doctype html",
              ".htm": b"<!doctype html"}  # fmt: skip


@pytest.mark.parametrize(("what", "upper"), list(product(KINDS, (False, True))))
def test_each_thing_is_written_in_the_format_of_the_ending(model, what, upper, capsys):
    for ending in ENDINGS[what]:
        out = f"new/folder/{what}{ending.upper() if upper else ending}"
        inputs = ["--inputs", "x"] if what in APPLIES["inputs"] else []
        assert main(["some_model.py:step", "--what", what, "-o", out, *inputs]) == 0
        assert capsys.readouterr().out.strip() == out
        data = Path(out).read_bytes()
        if ending in BEGINNINGS and (what, ending) != ("movie", ".svg"):
            assert data.startswith(BEGINNINGS[ending])
        if ending == ".svg":
            assert "svg" in ET.fromstring(data).tag
        if ending in (".svg", ".gv", ".html"):
            assert b"hidden" in data  # the function's own names


def test_text_is_unicode_latex_or_a_page(model, capsys):
    for what in ("formula", "derivation"):
        command = ["some_model.py:step", "--what", what]
        for ending in (".txt", ".tex", ".html"):
            assert main([*command, "-o", f"f{ending}"]) == 0
        text, tex, page = (Path(f"f{e}").read_text("utf-8") for e in (".txt", ".tex", ".html"))
        assert "∂error/∂x = " in text
        displays = 2 if what == "formula" else 1  # one for each leaf, or one of many lines
        assert tex.count(r"\[") == tex.count(r"\]") == displays
        assert r"\frac{\partial" in tex
        assert "<math" in page
        ET.fromstring(page.removeprefix("<!doctype html>"))
        capsys.readouterr()
        assert main(command) == 0
        assert capsys.readouterr().out == text
        assert main([*command, "--latex"]) == 0
        assert capsys.readouterr().out == tex
    assert main(["some_model:step", "--what", "explain"]) == 0
    assert "tanh" in capsys.readouterr().out


def test_without_a_file_a_drawing_or_page_is_named_after_what_it_is(model, capsys):
    for what, out in (("forward", "forward.svg"), ("movie", "movie.html")):
        assert main(["some_model.py:loss", "--what", what]) == 0
        assert Path(out).read_bytes().startswith(BEGINNINGS[Path(out).suffix])
        assert capsys.readouterr().out.strip() == out
    assert main(["some_model.py:loss", "-o", "page.HTML"]) == 0
    assert "slider" in Path("page.HTML").read_text("utf-8")


def test_inputs_of_a_movie_are_drawn_as_inputs(model):
    for inputs in ("x", "w", "x,w"):
        main(["some_model.py:loss", "--what", "movie", "-o", f"{inputs}.svg", "--inputs", inputs])
    assert len({Path(f"{i}.svg").read_bytes() for i in ("x", "w", "x,w")}) == 3


FORBIDDEN = [(what, ending) for what in KINDS
             for ending in sorted({*sum(ENDINGS.values(), ()), ".py", ".PY", ".xyz", ""})
             if ending not in ENDINGS[what]]  # fmt: skip


@pytest.mark.parametrize(("what", "ending"), FORBIDDEN)
def test_other_endings_are_refused_before_the_program_runs(model, what, ending, capsys):
    model.write_text("raise SystemExit(3)")
    Path(f"precious{ending}").write_text("work of years")
    if what != "backward" or ending not in (".html", ".htm"):
        asked = [] if what == "backward" else ["--what", what]
        assert main([f"{model}:loss", "-o", f"precious{ending}", *asked]) == 1
        error = capsys.readouterr().err
        assert f"precious{ending}: " in error
        assert all(known in error for known in ENDINGS[what])
    assert Path(f"precious{ending}").read_text() == "work of years"


OPTIONS = {"inputs": "--inputs=x", "depth": "--depth=1", "rankdir": "--rankdir=TB",
           "max_nodes": "--max-nodes=50", "latex": "--latex"}  # fmt: skip


@pytest.mark.parametrize(("what", "option"), list(product(KINDS, APPLIES)))
def test_options_that_do_nothing_are_refused(model, what, option, capsys):
    code = main(["some_model.py:loss", "--what", what, OPTIONS[option]])
    error = capsys.readouterr().err
    if what in APPLIES[option]:
        assert (code, error) == (0, "")
    else:
        assert code == 1
        assert f"{OPTIONS[option].partition('=')[0]} does not apply to {what}" in error


def test_latex_in_a_file_is_tex(model, capsys):
    command = ["some_model.py:loss", "--what", "formula", "--latex", "-o"]
    assert main([*command, "f.txt"]) == 1
    assert ".tex" in capsys.readouterr().err
    assert main([*command, "f.tex"]) == 0


@pytest.mark.parametrize("out", ["a_file/new.svg", "folder.svg", "a_file/new.html", "folder.html",
                                 "a_file/new.gv", "folder.gv"])  # fmt: skip
def test_what_cannot_be_written_is_said(model, out, capsys):
    Path("a_file").touch()
    Path(out if out.startswith("folder") else "other").mkdir()
    assert main(["some_model.py:loss", "-o", out]) == 1
    error = capsys.readouterr().err
    assert f"viz: {out}: cannot be written (" in error


# --- the program ----------------------------------------------------------------------------
ARGPARSE = """
import argparse, sys
import numpy as np
from autograd_lite import Tensor
parser = argparse.ArgumentParser()
parser.add_argument("--width", type=int, default=2)
args = parser.parse_args()
x = Tensor(np.ones(args.width), requires_grad=True)
loss = np.sum(x * x)
arguments = [*sys.argv]
def step():
    assert sys.argv == arguments
    return loss
"""


def test_the_program_has_its_own_arguments(model, capsys):
    tree({"trainer.py": ARGPARSE, "parts/__init__.py": "", "parts/trainer.py": ARGPARSE})
    argv = [*sys.argv]
    for place in ("trainer.py", "trainer", "parts.trainer", "parts/trainer.py"):
        for name, (given, shape) in product(("loss", "step"), (((), 2), (("--width", "5"), 5))):
            sys.modules.pop("trainer", None)
            sys.modules.pop("parts.trainer", None)
            end = ["--", *given] if given else []
            assert main([f"{place}:{name}", "--what", "explain", *end]) == 0
            assert f"({shape},)" in capsys.readouterr().out
            assert sys.argv == argv
    assert main(["trainer.py:arguments", "--", "--width", "-7"]) == 1
    assert main(["trainer.py:loss", "--", "--help"]) == 1
    said = capsys.readouterr()
    assert "--width WIDTH" in said.out
    assert "trainer.py ended itself" in said.err.replace("\n", " ")


def test_the_surroundings_are_put_back(model):
    path, folder = [*sys.path], os.getcwd()
    Path("elsewhere").mkdir()
    model.write_text("import sys, os\nsys.path.insert(0, 'new')\nos.chdir('elsewhere')\n" + MODEL)
    assert main(["some_model.py:loss", "-o", "here.svg"]) == 0
    assert sys.path == path
    assert os.getcwd() == folder
    assert Path("here.svg").is_file()


def test_a_file_of_a_package_is_loaded_as_its_module(model, capsys):
    tree({
        "src/package/__init__.py": "scale = 3.0",
        "src/package/data.py": "from autograd_lite import Tensor\nfrom . import scale\n"
                               "x = Tensor([scale], requires_grad=True)",
        "src/package/deep/__init__.py": "from .net import loss as result",
        "src/package/deep/net.py": "import numpy as np\nfrom ..data import x\nfrom .. import data\n"
                                   "import package.data as same\nassert same is data\n"
                                   "loss = np.sum(x * x)\nprint('loaded', __name__)",
    })  # fmt: skip
    assert main(["src/package/deep/net.py:loss", "--what", "formula"]) == 0
    said = capsys.readouterr().out
    assert said.count("loaded package.deep.net") == 1
    assert "∂loss/∂x = 2 x" in said
    assert main(["src/package/deep/__init__.py:result", "--what", "formula"]) == 0
    assert "/∂x₁ = 2 x₁" in capsys.readouterr().out


def test_a_package_whose_name_is_taken_is_named(model, capsys):
    tree({"src/numpy/__init__.py": "", "src/numpy/net.py": MODEL})
    assert main(["src/numpy/net.py:loss"]) == 1
    assert "is numpy.net by its folders" in capsys.readouterr().err.replace("\n", " ")


@pytest.mark.parametrize("name", ["tempfile", "random", "graphviz", "queue", "viz", "numpy"])
def test_a_file_replaces_no_module_of_its_name(model, name, capsys):
    before = sys.modules.get(name)
    tree({f"own/{name}.py": MODEL, "own/helper.py": "value = 3"})
    source = f"{MODEL}\nimport helper\nassert sys.modules[__name__].step is step"
    Path(f"own/{name}.py").write_text(source)
    for out in ("a.svg", "b.html"):
        assert main([f"own/{name}.py:step", "-o", out]) == 0
    assert sys.modules.get(name) is before


@pytest.mark.parametrize("run", ["VIZ graphviz.py:loss", "VIZ uses.py:loss",
                                 "cd .. && VIZ {folder}/uses.py:loss"])  # fmt: skip
def test_a_file_called_graphviz_does_not_stop_the_drawing(model, run, tmp_path):
    tree({"graphviz.py": MODEL, "pygraphviz.py": "", "layout.py": "raise ValueError",
          "uses.py": "import graphviz\n" + MODEL})  # fmt: skip
    done = shell(run.format(folder=tmp_path.name) + " -o picture.svg")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["my-model.py", "my.model.py", "parts/my-model.py"])
def test_the_name_of_a_file_need_not_be_an_identifier(model, name, capsys):
    tree({name: MODEL, "parts/__init__.py": ""})
    assert main([f"{name}:loss", "--what", "formula"]) == 0
    assert "∂loss/∂w = " in capsys.readouterr().out


def test_a_function_may_return_its_variables(model, capsys):
    assert main(["some_model.py:batch", "--what", "derivation"]) == 0
    assert "∂e/∂logits = (softmax(logits)" in capsys.readouterr().out
    arguments = ["some_model.py:batch", "--what", "derivation", "--expand", "cross_entropy"]
    assert main(arguments) == 0
    apart = capsys.readouterr().out
    assert len(apart.splitlines()) > 4
    assert "∂e/∂x = Σ₀" in apart  # a variable of the file


@pytest.mark.parametrize(("name", "known"), [
    ("decorated", "e/∂w"), ("local", "error/∂hidden"), ("thing", "error/∂hidden"),
    ("method", "error/∂hidden"), ("thing", "error/∂w"),
])  # fmt: skip
def test_decorated_functions_and_objects_keep_their_names(model, name, known, capsys):
    assert main([f"some_model.py:{name}", "--what", "derivation"]) == 0
    assert f"∂{known} = " in capsys.readouterr().out


def test_an_object_of_another_file_gets_the_names_of_this_one(model, capsys):
    tree({"layers.py": "import numpy as np\nclass Square:\n    def __call__(self):\n"
                       "        return np.sum(self.x * self.x)",
          "main_program.py": "from layers import Square\nfrom autograd_lite import Tensor\n"
                             "net = Square()\nweight = net.x = Tensor([2.0], requires_grad=True)",
          })  # fmt: skip
    assert main(["main_program.py:net", "--what", "formula"]) == 0
    assert "∂e/∂weight = 2 weight" in capsys.readouterr().out


# --- mistakes -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("some_model.py", "say which tensor"),
        ("some_model.py:", "say which tensor"),
        ("some_model.py:lost", "has no 'lost'; there are x, w, loss, step"),
        ("some_model.py:number", "no graph"),
        ("some_model.py:needs", "needs needs arguments"),
        ("some_model.py:decorated_needs", "needs arguments"),
        ("some_model.py:Layer", "Layer() gave an object of type Layer"),
        ("some_model.py:Model", "Model needs arguments"),
        ("some_model.py:nothing", "nothing() gave None"),
        ("some_model.py:later", "coroutine function"),
        ("some_model.py:ends", "ends ended itself, by sys.exit(3)"),
        ("nothing.py:loss", "no such file"),
        ("no_such_module:loss", "no such module"),
        ("no_such_package.module:loss", "no such module"),
        ("good.missing:loss", "no such module"),
        ("some_model.inner:loss", "no such module"),
        (":loss", "as in model.py:loss"),
        (".:loss", "neither"),
        ("..x:loss", "neither"),
        (".x:loss", "neither"),
        ("folder/some_model:loss", "neither"),
    ],
)
def test_mistakes_are_explained_without_a_traceback(model, where, says, capsys):
    tree({"good/__init__.py": ""})
    assert main([where]) == 1
    error = capsys.readouterr().err
    assert says in error.replace("\n", " ")
    assert error.startswith("viz: ")
    assert "Traceback" not in error


@pytest.mark.parametrize(("name", "kind", "line"), [
    ("wrong_type", "TypeError", "return len(3)"),
    ("wrong_call", "TypeError", "return needs()"),
    ("wrong_drawing", "DrawingError", "return viz.draw(number)"),
])  # fmt: skip
def test_errors_of_the_program_keep_their_traceback(model, name, kind, line, capsys):
    assert main([f"some_model.py:{name}"]) == 1
    error = capsys.readouterr().err.splitlines()
    assert error[0].startswith("Traceback")
    assert "some_model.py" in error[1]  # none of our own lines stand before theirs
    assert line in error[2]
    assert kind in error[-1]


@pytest.mark.parametrize("place", ["broken", "bad.inner", "bad.inner.deep", "broken.py",
                                   "bad/inner.py"])  # fmt: skip
def test_a_broken_import_is_shown_where_it_is(model, place, capsys):
    tree({"broken.py": "import no_such_thing", "bad/__init__.py": "",
          "bad/inner.py": "import bad.no_such_thing"})  # fmt: skip
    assert main([f"{place}:loss"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("Traceback")
    assert "no_such_thing'" in error.splitlines()[-1]
    assert "importlib" not in error


def test_a_file_that_is_no_python_is_shown_where_it_is(model, capsys):
    model.write_text("x = = 3")
    assert main(["some_model.py:x"]) == 1
    error = capsys.readouterr().err
    assert "x = = 3" in error
    assert error.splitlines()[-1].startswith("SyntaxError")
    assert "some_model" not in sys.modules


# --- the command ----------------------------------------------------------------------------
def test_the_command_runs_as_a_module_and_its_help_teaches(model):
    done = shell("VIZ --help")
    for word in (*KINDS, "python -m viz", "model.py", "-- ARGUMENTS"):
        assert word in done.stdout
    for what in KINDS:  # the table of formats is that of the code
        lines = [x for x in done.stdout.splitlines() if " .svg" in x or " .txt" in x]
        line = next(x for x in lines if what in x.split())
        words = line.replace(",", " ").split()
        assert {w for w in words if w[0] == "."} == set(ENDINGS[what])
        assert words[-1] == ("WHAT.svg" if what in DRAWINGS
                             else "movie.html" if what == "movie" else "screen")  # fmt: skip
    assert shell("VIZ some_model.py:lost").returncode == 1
    assert shell("VIZ some_model.py:wrong_type").returncode == 1
    assert shell("VIZ some_model.py:loss --what nothing").returncode == 2


def test_a_terminal_without_our_signs_gets_the_rest(model):
    done = shell("VIZ some_model.py:loss --what formula", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "?loss/?x = " in done.stdout
    assert "-o PATH" in done.stderr
    assert shell("VIZ --help", PYTHONIOENCODING="ascii").returncode == 0
    done = shell("VIZ some_model.py:loss --what formula --latex", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    done = shell("VIZ some_model.py:loss --what formula", PYTHONIOENCODING="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    assert "∂loss/∂x = " in done.stdout


@pytest.mark.parametrize("command", [
    "VIZ --help", "VIZ some_model.py:loss --what explain", "VIZ epochs.py:loss",
    "VIZ epochs_inside.py:talk",
])  # fmt: skip
def test_a_closed_pipe_is_no_error(model, command):
    talk = "for i in range(100_000): print('epoch', i)\n"
    tree({"epochs.py": f"{MODEL}\n{talk}",
          "epochs_inside.py": f"{MODEL}\ndef talk():\n    {talk}    return loss"})  # fmt: skip
    done = shell(f"{command} | true")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_pipe_of_the_program_is_its_error(model):
    tree({"network.py": "print('connecting')\nraise BrokenPipeError('the server')"})
    done = shell("VIZ network.py:loss")
    assert done.returncode == 1
    assert done.stdout.startswith("connecting")
    assert "BrokenPipeError: the server" in done.stderr


def test_the_file_that_the_help_shows_works(model, capsys):
    text = parser().epilog.split("# model.py\n")[1]
    Path("model.py").write_text("\n".join(line[2:] for line in text.splitlines()))
    assert main(["model.py:loss", "--what", "formula"]) == 0
    assert "∂loss/∂w" in capsys.readouterr().out


def test_an_earlier_profiler_is_put_back(model):
    before = sys.getprofile()
    _, names = called(lambda: [], "nothing")
    assert names["pytest"] is pytest
    assert sys.getprofile() is before
    with pytest.raises(ValueError, match="arguments"):
        called(lambda x: x, "one")
    assert sys.getprofile() is before
