"""The transformer that adds runs and keeps its claims."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import nn

EXAMPLES = Path(__file__).parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))

pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")
import transformer_addition as addition  # noqa: E402


@pytest.fixture
def net():
    return addition.Adder(np.random.default_rng(0))


def test_short_runs_in_another_folder(tmp_path):
    command = [
        sys.executable,
        str(EXAMPLES / "transformer_addition.py"),
        "--short",
        "--out",
        "made",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("finite differences") == 18
    assert "TOO LARGE" not in done.stdout
    assert "of 200 sums that it never saw" in done.stdout
    words = {"addition": "sums right that it never saw", "attention": "of its own place"}
    for name, expected in words.items():
        picture = ElementTree.parse(tmp_path / "made" / f"transformer_{name}.svg")
        assert expected in "".join(picture.getroot().itertext())
    weights = nn.read(tmp_path / "made" / "transformer_addition.npz")
    assert weights["block.self_attn.in_proj_weight"].shape == (64, 192)


@pytest.mark.parametrize("short", [True, False])
def test_a_network_that_does_not_learn_is_an_error(tmp_path, monkeypatch, short):
    monkeypatch.setattr(addition, "RATE", 1e-9 if short else addition.RATE)
    monkeypatch.setattr(addition, "HELD_OUT", 50)
    monkeypatch.setattr(addition, "SHORT", dict(steps=10, held_out=50))
    monkeypatch.setattr(addition, "differences", lambda *args: [("none", 0.0, 0.0, 1.0)])
    args = ["--short"] if short else ["--steps", "120"]
    monkeypatch.setattr(sys, "argv", ["transformer_addition.py", *args, "--out", str(tmp_path)])
    claim = "the loss falls" if short else "of the sums are right, expected 99%"
    with pytest.raises(SystemExit, match=f"not so: .*{claim}"):
        addition.main()


def test_sums_are_spelled_with_the_answer_from_its_ones():
    def text(pairs):
        return ["".join(addition.TOKENS[i] for i in row) for row in addition.spelled(pairs)]

    assert text(np.array([457_386, 1, 999_999])) == ["457+386=3480", "000+001=1000", "999+999=8991"]
    pairs = np.random.default_rng(0).integers(0, 1_000_000, 500)
    for pair, line in zip(pairs, text(pairs), strict=True):
        question, answer = line.split("=")
        a, b = map(int, question.split("+"))
        assert 1000 * a + b == pair
        assert int(answer[::-1]) == a + b


def test_carries_are_counted_as_on_paper():
    assert list(addition.carries(np.array([0, 457_386, 999_001, 500_500, 123_456, 5_005]))) == [
        0, 2, 3, 1, 0, 1]  # fmt: skip


def test_no_digit_depends_on_those_that_come_after_it(net):
    text = addition.spelled(np.array([457_386, 12_999]))[:, :-1]
    other = text.copy()
    other[:, addition.QUESTION + 1 :] = 9
    with ag.no_grad():
        first, second = net(text).data, net(other).data
    assert first.shape == (2, 4, 10)
    np.testing.assert_array_equal(first[:, :2], second[:, :2])
    assert not np.allclose(first[:, 2:], second[:, 2:])


def test_what_it_writes_is_what_it_reads_next(net):
    pairs = np.arange(0, 1_000_000, 99_991)
    written = addition.answered(net, pairs)
    read = np.hstack([addition.spelled(pairs)[:, : addition.QUESTION], written])
    with ag.no_grad():
        np.testing.assert_array_equal(net(read[:, :-1]).data.argmax(-1), written)


def test_a_sum_is_right_only_with_all_its_digits(net, monkeypatch, capsys):
    pairs = np.array([457_386, 12_999, 1_001])
    answers = addition.spelled(pairs)[:, addition.QUESTION :]
    answers[1, 3] = 7
    monkeypatch.setattr(addition, "answered", lambda net, pairs: answers)
    assert list(addition.right(net, pairs)) == [True, False, True]
    addition.tell(net, pairs, most=3)
    said = capsys.readouterr().out
    assert "457 + 386 =  843\n" in said
    assert said.count("12 + 999 = 7011   wrong, 1011") == 2  # in order, and among the wrong ones
    assert "1 of 3 wrong" in said
    assert [line.split() for line in said.splitlines()[-3:]] == [
        ["0", "1", "100.0%"], ["2", "1", "100.0%"], ["3", "1", "0.0%"]]  # fmt: skip


def test_places_in_the_text_and_what_a_head_looks_at(net, capsys):
    pairs = np.arange(100)
    weights = addition.looks(net, pairs)
    assert weights.shape == (addition.HEADS, 4, 11)
    np.testing.assert_allclose(weights.sum(axis=-1), 1.0, atol=1e-5)
    assert all(weights[:, row, addition.QUESTION + row :].max() == 0 for row in range(3))
    text = "457+386="
    assert [[text[i] for i in addition.question_digits(p)] for p in range(-1, 4)] == [
        [], ["7", "6"], ["5", "8"], ["4", "3"], []]  # fmt: skip
    carried = np.zeros((1, 4, 11))
    carried[0, 1, addition.question_digits(0)] = 0.5
    carried[0, 2, addition.question_digits(2)] = 0.25
    addition.tell_looks(carried)
    assert capsys.readouterr().out.split()[-3:] == ["1", "25%", "50%"]
