"""`python -m viz`: a file and a name in, a picture, page or text out."""

import subprocess
import sys
from pathlib import Path

import pytest

from viz.__main__ import called, main, parser

MODEL = """
import numpy as np
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
"""


@pytest.fixture
def model(tmp_path, monkeypatch):
    path = tmp_path / "some_model.py"
    path.write_text(MODEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield path
    sys.modules.pop("some_model", None)


BEGINNINGS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF", ".gv": b"digraph",
              ".html": b"<!doctype html"}  # fmt: skip


@pytest.mark.parametrize("what", ["backward", "forward", "values"])
@pytest.mark.parametrize("ending", [".svg", ".png", ".pdf", ".gv"])
def test_drawings_are_written_in_the_format_of_their_ending(model, what, ending, capsys):
    out = f"picture{ending}"
    assert main([f"{model}:loss", "--what", what, "-o", out, "--inputs", "x"]) == 0
    assert Path(out).read_bytes().startswith(BEGINNINGS[ending])
    assert capsys.readouterr().out.strip() == out


def test_a_page_is_written_for_html(model):
    assert main(["some_model.py:step", "-o", "page.html"]) == 0
    page = Path("page.html").read_text()
    assert page.lower().startswith("<!doctype html")
    assert "hidden" in page  # the function's own names


def test_texts_go_to_the_screen_or_a_file(model, capsys):
    assert main(["some_model.py:loss", "--what", "formula"]) == 0
    said = capsys.readouterr().out
    assert "∂loss/∂x = " in said
    assert "∂loss/∂w = " in said
    assert main(["some_model.py:loss", "--what", "formula", "--latex", "-o", "f.tex"]) == 0
    assert r"\partial" in Path("f.tex").read_text()
    assert main(["some_model.py:step", "--what", "derivation"]) == 0
    assert "∂error/∂hidden" in capsys.readouterr().out
    assert main(["some_model:step", "--what", "explain"]) == 0
    assert "tanh" in capsys.readouterr().out
    assert main(["some_model:step", "--what", "explain", "-o", "table.html"]) == 0
    assert "<table" in Path("table.html").read_text()


def test_a_function_may_return_its_variables(model, capsys):
    assert main(["some_model.py:batch", "--what", "derivation"]) == 0
    assert "∂e/∂logits = (softmax(logits)" in capsys.readouterr().out
    arguments = ["some_model.py:batch", "--what", "derivation", "--expand", "cross_entropy"]
    assert main(arguments) == 0
    apart = capsys.readouterr().out
    assert len(apart.splitlines()) > 4
    assert "∂e/∂x = Σ₀" in apart  # a variable of the file


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("some_model.py", "say which tensor"),
        ("some_model.py:lost", "loss"),
        ("some_model.py:number", "no graph"),
        ("some_model.py:needs", "needs arguments"),
        ("nothing.py:loss", "no such file"),
        ("no_such_module:loss", "no such module"),
    ],
)
def test_mistakes_are_explained_without_a_traceback(model, where, says, capsys):
    assert main([where]) == 1
    error = capsys.readouterr().err
    assert says in error
    assert "Traceback" not in error


def test_the_command_runs_as_a_module_and_its_help_teaches(model):
    command = [sys.executable, "-m", "viz"]
    done = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True)
    for word in ("backward", "movie", "explain", "python -m viz", "model.py"):
        assert word in done.stdout
    done = subprocess.run([*command, "some_model.py:lost"], capture_output=True, text=True)
    assert done.returncode == 1


def test_the_file_that_the_help_shows_works(tmp_path, monkeypatch, capsys):
    text = parser().epilog.split("# model.py\n")[1]
    (tmp_path / "model.py").write_text("\n".join(line[2:] for line in text.splitlines()))
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert main([f"{tmp_path}/model.py:loss", "--what", "formula"]) == 0
    assert "∂loss/∂w" in capsys.readouterr().out
    sys.modules.pop("model", None)


def test_an_earlier_profiler_is_put_back():
    before = sys.getprofile()
    result, names = called(lambda: 3, "three")
    assert result == 3
    assert names["pytest"] is pytest
    assert sys.getprofile() is before
