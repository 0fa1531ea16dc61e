"""What the README shows is run: its Python, its comments as output, its rule lines."""

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
import test_rules
from sampling import S

import autograd_lite as ag

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


RECIPE = "<!-- recipe: run by the tests -->\n"


def blocks(language):
    """The programs of the README; the recipe for a new operation is no program."""
    text = re.sub(rf"{RECIPE}```python.*?```", "", README, flags=re.S)
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.S)


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


def recipe(change=lambda text: text):
    """The row of the recipe, with its rule registered while the caller runs."""
    (text,) = re.findall(rf"{RECIPE}```python\n(.*?)```", README, flags=re.S)
    rule_line, row = change(text).split("\n\n")
    names = dict(np=np, rule=ag.rule, S=S)
    exec(rule_line, names)
    return eval(row, names)


PROPERTIES = [
    test_rules.test_value_is_numpys,
    test_rules.test_first_and_second_derivative_match_finite_differences,
    test_rules.test_complex_derivatives_match_finite_differences,
    test_rules.test_derivative_matches_the_complex_step,
]


def test_the_recipe_for_an_operation_gives_a_right_one():
    sample = recipe()
    for holds in PROPERTIES:
        holds(sample)


def test_the_recipe_is_found_wrong_if_its_rule_is():
    sample = recipe(lambda text: text.replace("g / (1.0", "-g / (1.0"))
    for holds in PROPERTIES[1:]:
        with pytest.raises(AssertionError):
            holds(sample)


def test_the_rule_lines_of_the_readme_stand_in_the_table():
    table = "\n".join(p.read_text() for p in (ROOT / "autograd_lite" / "rules").glob("*.py"))
    (lines,) = blocks("text")
    for line in lines.splitlines():
        assert line in table, line


@pytest.mark.parametrize("path", re.findall(r"`(\w+\.py|viz/|rules/)`", README))
def test_files_named_in_the_readme_exist(path):
    assert (ROOT / path).exists() or (ROOT / "autograd_lite" / path).exists()
