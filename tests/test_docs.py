"""What the README shows is run: its Python, its comments as output, its rule lines."""

import contextlib
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.S)


def statements(block):
    """(code, expected output) pairs: comment lines below a print are what it prints."""
    code, expected, pairs = [], [], []
    for line in block.splitlines():
        if line.startswith("# ") and code:
            expected.append(line[2:])
            continue
        if expected:
            pairs.append(("\n".join(code), expected))
            code, expected = [], []
        code.append(line)
    return [*pairs, ("\n".join(code), expected)]


@pytest.mark.filterwarnings("ignore:no font is installed")
def test_the_python_of_the_readme_runs_and_prints_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks("python"):
        for code, expected in statements(block):
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(code, names)
            if expected:
                assert printed.getvalue().splitlines() == expected
    files = {"forward.svg", "backward.png", "values.pdf", "backward.html"}
    assert {p.name for p in tmp_path.iterdir()} == files


def test_the_rule_lines_of_the_readme_stand_in_the_table():
    table = "\n".join(p.read_text() for p in (ROOT / "autograd_lite" / "rules").glob("*.py"))
    (lines,) = blocks("text")
    for line in lines.splitlines():
        assert line in table, line


@pytest.mark.parametrize("path", re.findall(r"`(\w+\.py|viz/|rules/)`", README))
def test_files_named_in_the_readme_exist(path):
    assert (ROOT / path).exists() or (ROOT / "autograd_lite" / path).exists()
