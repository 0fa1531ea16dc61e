"""Every lesson runs, keeps its claims, and stays small enough to be one idea."""

import ast
import io
import json
import os
import re
import subprocess
import sys
import tokenize
from pathlib import Path
from xml.etree import ElementTree

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
LESSONS = sorted(EXAMPLES.glob("[0-9][0-9]_*.py"))
LONGEST = 75  # lines of code; the text between them is not counted


def run(lesson, *arguments, folder):
    command = [sys.executable, str(lesson), "--out", str(folder), *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, encoding="utf-8",
        env={**os.environ, "MPLBACKEND": "agg"},
    )  # fmt: skip


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_it_runs_and_keeps_its_claims(lesson, tmp_path):
    done = run(lesson, "--short", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr, done.stderr  # no warning either
    assert done.stdout.count("✓") >= 2
    pictures = re.findall(r"→ (.*)", done.stdout)
    assert pictures
    for path in pictures:
        assert Path(path).name.startswith(lesson.stem[3:])
        if path.endswith(".svg"):
            ElementTree.parse(path)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_it_is_one_idea_in_cells(lesson):
    text = lesson.read_text(encoding="utf-8")
    assert text.startswith("# %% [markdown]\n# # ")
    kinds = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    lines = {t.start[0] for t in tokens if t.type not in kinds}
    assert len(lines) <= LONGEST
    for cell in re.split(r"^# %%.*\n", text, flags=re.M):  # a notebook runs them one by one
        ast.parse(cell)
    assert not re.search(r"^# ([-+*]|\d+[.)]) ", text, flags=re.M)  # a notebook shows a list there


def test_lessons_are_numbered_without_gaps():
    numbers = [int(path.stem[:2]) for path in LESSONS]
    assert numbers == list(range(1, len(LESSONS) + 1))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_every_claim_is_computed(lesson):
    """A claim about a constant could not fail."""
    tree = ast.parse(lesson.read_text(encoding="utf-8"))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    claims = [n for n in calls if isinstance(n.func, ast.Name) and n.func.id == "claim"]
    assert claims
    for call in claims:
        assert any(isinstance(n, ast.Name) for n in ast.walk(call.args[1])), ast.unparse(call)


def test_a_wrong_claim_ends_the_program_with_an_error(tmp_path):
    program = "import sys; sys.path[:0] = [sys.argv[1]]\nfrom course import claim\n"
    program += "claim('so', 1 < 2); claim('two is less than one', 2 < 1)"
    done = subprocess.run([sys.executable, "-c", program, str(EXAMPLES)], capture_output=True,
                          text=True, encoding="utf-8", cwd=tmp_path)  # fmt: skip
    assert done.returncode == 1
    assert "✓ so" in done.stdout
    assert "not so: two is less than one" in done.stderr


def test_a_notebook_shows_every_picture(tmp_path):
    """Also those in the middle of a cell, and figures, which have no picture of their own there."""
    program = f"""
import sys, types
from pathlib import Path
shown = []
sys.path[:0] = [{str(EXAMPLES)!r}]
sys.modules["ipykernel"] = types.ModuleType("ipykernel")
sys.modules["IPython"] = types.ModuleType("IPython")
sys.modules["IPython"].version_info = (9, 0)  # matplotlib asks
sys.modules["IPython.display"] = types.ModuleType("IPython.display")
sys.modules["IPython.display"].display = shown.append
sys.modules["IPython.display"].SVG = lambda path: path.read_text(encoding="utf-8")
from course import plot, save
import autograd_lite as ag, viz
y = ag.Tensor(1.0, requires_grad=True) * 2.0
drawing, page = viz.draw(y), viz.movie(y)
save(drawing, "a.svg"), plot("b.svg", lambda figure, axes: axes.plot([1, 2])), save(page, "c.html")
assert shown[::2] == [drawing, page] and shown[1] == Path("b.svg").read_text(encoding="utf-8")
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)


# --- the homework -------------------------------------------------------------------------------
RIGHT = {
    "    return through_tanh(X, W, b, T)\n": "    return through_tanh(X, W, b, T).sum(axis=0)\n",
    "through_tanh(X, W, b, T) @ W\n": "through_tanh(X, W, b, T) @ W.T\n",
}


def graded(path, *options):
    command = [sys.executable, "-X", "utf8", "-m", "autograd_lite.claims", *options, str(path)]
    return subprocess.run(command, capture_output=True, encoding="utf-8")


@pytest.fixture
def hand_ins(tmp_path):
    """As it is with its slips, mended, and one that stops."""
    slips = (EXAMPLES / "homework.py").read_text(encoding="utf-8")
    mended = slips
    for wrong, right in RIGHT.items():
        assert mended.count(wrong) == 1
        mended = mended.replace(wrong, right)
    paths = []
    for name, text in dict(slips=slips, mended=mended, stops="1 / 0").items():
        paths.append(tmp_path / f"{name}.py")
        paths[-1].write_text(text, encoding="utf-8")
    return paths


def test_the_homework_has_two_slips_and_is_graded_by_exit_status(hand_ins):
    slips, mended, stops = (graded(path, "--json") for path in hand_ins)
    assert (slips.returncode, mended.returncode, stops.returncode) == (1, 0, 2)
    (report,) = json.loads(slips.stdout)["reports"]
    assert {c["argument"]: c["passed"] for c in report["claims"]} == dict(W=True, b=False, X=False)
    assert json.loads(mended.stdout)["passed"]
    assert "ZeroDivisionError" in json.loads(stops.stdout)["error"]
    assert "∂e/∂b" in graded(hand_ins[0]).stdout


def test_the_table_of_many_homeworks(hand_ins):
    missing = hand_ins[0].with_name("missing.py")
    done = subprocess.run([sys.executable, str(EXAMPLES / "grade.py"), *hand_ins, missing],
                          capture_output=True, check=True, encoding="utf-8")  # fmt: skip
    heads = [line for line in done.stdout.splitlines() if not line.startswith(" ")]
    counts = dict(slips="1 of 3", mended="3 of 3", stops="0 of 0", missing="0 of 0")
    assert heads == [f"{name}.py: {count} right" for name, count in counts.items()]
    assert re.search("stops.*ZeroDivision.*missing.*no file", done.stdout, flags=re.S)
    shown = done.stdout[: done.stdout.index("mended")].replace("slips", "homework")
    assert shown in (EXAMPLES.parent / "README.md").read_text(encoding="utf-8")
