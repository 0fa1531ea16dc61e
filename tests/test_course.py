"""Every lesson runs, keeps its claims, and stays small enough to be one idea."""

import ast
import io
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
