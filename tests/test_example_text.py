"""The recurrent network that writes definitions runs, and what it is compared with is right."""

import math
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import functional as F, nn

EXAMPLES = Path(__file__).parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))

pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")
import char_rnn  # noqa: E402
import ngrams  # noqa: E402


def test_short_runs_in_another_folder(tmp_path):
    command = [sys.executable, str(EXAMPLES / "char_rnn.py"), "--short", "--out", "made"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("finite differences") == 7
    assert "TOO LARGE" not in done.stdout
    assert done.stdout.count("COMPUTER, n. ") == 3
    picture = ElementTree.parse(tmp_path / "made" / "char_rnn.svg")
    assert "bits for each letter" in "".join(picture.getroot().itertext())
    assert nn.read(tmp_path / "made" / "char_rnn.npz")["memory.weight_hh_l0"].shape == (256, 768)


def test_a_network_that_does_not_learn_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(char_rnn, "RATE", 1e-9)
    monkeypatch.setattr(char_rnn, "SHORT", dict(epochs=2, entries=3))
    monkeypatch.setattr(char_rnn, "differences", lambda *args: [("none", 0.0, 0.0, 1.0)])
    monkeypatch.setattr(char_rnn, "write", lambda *args: "")
    monkeypatch.setattr(sys, "argv", ["char_rnn.py", "--short", "--out", str(tmp_path)])
    with pytest.raises(SystemExit, match="not so: what is held out gets likelier"):
        char_rnn.main()


def test_text_is_as_its_readme_says():
    text = char_rnn.TEXT.read_bytes()
    entries, held_out = char_rnn.load_entries()
    assert len(text) <= 200_000
    assert len(entries) + len(held_out) == 889
    assert not set(entries) & set(held_out)
    for entry in (*entries, *held_out):
        assert entry == " ".join(entry.split())
        assert len(entry) <= 1200
        assert not set("0123456789[]{}") & set(entry)


# --- rows and windows -----------------------------------------------------------------------------
@pytest.fixture
def net():
    entries, held_out = char_rnn.load_entries()
    alphabet = "".join(sorted(set("\n".join(entries + held_out))))
    return char_rnn.Writer(alphabet, np.random.default_rng(0))


def test_dealing_keeps_every_letter(net):
    entries = ["one", "three", "seven", "a", "fifteen letters"]
    letters, following = char_rnn.deal(entries, 2, net.alphabet)
    assert letters.shape == following.shape
    texts = ["".join(net.alphabet[i] for i in row if i >= 0) for row in following]
    assert sorted("".join(texts).split()) == sorted("\n".join(entries).split())
    for x, y in zip(letters, following, strict=True):
        there = y[:-1] >= 0
        np.testing.assert_array_equal(x[1:][there], y[:-1][there])
        assert net.alphabet[x[0]] == "\n"


def test_the_state_carries_a_row_over_its_windows(net, monkeypatch):
    net.eval()
    letters, following = char_rnn.deal(["A small machine.", "An idle letter."], 2, net.alphabet)
    with ag.no_grad():
        whole, last = net(letters)
        monkeypatch.setattr(char_rnn, "WINDOW", 5)
        state, parts = None, []
        for x, y in char_rnn.windows(letters, following):
            assert x.shape == y.shape
            logits, state = net(x, state)
            parts.append(logits.data)
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole.data, atol=1e-5)
    np.testing.assert_allclose(state.data, last.data, atol=1e-6)


def test_bits_are_those_of_each_letter_for_itself(net):
    entries = ["IDIOT, n. A member.", "ZEAL, n."]
    # eight rows, two of them with text: each entry is read on its own
    net.eval()
    total = count = 0
    with ag.no_grad():
        for entry in entries:
            numbers = np.array([[net.alphabet.index(c) for c in f"\n{entry}\n"]])
            log_p = F.log_softmax(net(numbers[:, :-1])[0]).data[0]
            total -= log_p[np.arange(len(entry) + 1), numbers[0, 1:]].sum() / math.log(2)
            count += len(entry) + 1
    assert char_rnn.bits(net, entries) == pytest.approx(total / count, rel=1e-5)
    assert net.training


def test_writing_goes_on_from_the_beginning_and_ends_with_the_line(net):
    rng = np.random.default_rng(0)
    text = char_rnn.write(net, "COMPUTER, n. ", 1.0, rng, most=40)
    assert text.startswith("COMPUTER, n. ")
    assert len(text) <= 40
    with ag.no_grad():
        net.output.bias.data[net.alphabet.index("\n")] += 100
    assert char_rnn.write(net, "COMPUTER", 1.0, rng) == "COMPUTER"


def test_a_cold_writer_says_what_is_likeliest(net):
    texts = {char_rnn.write(net, "A", 1e-4, np.random.default_rng(i), most=20) for i in range(3)}
    assert len(texts) == 1


# --- n-grams --------------------------------------------------------------------------------------
TEXTS = ["the cat sat", "the dog sat", "a cat", "that hat", "the end"]


def models(n):
    counted = [ngrams.counts(TEXTS, k) for k in range(1, n + 1)]
    levels = [ngrams.continuations(longer, k) for k, longer in enumerate(counted[1:])]
    return [(level, ngrams.discount(level)) for level in (*levels, counted[-1])]


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("before", ["", "\n", "t", "th", "the ", "\nthe", "xyz", "hat", "sat"])
def test_probabilities_sum_to_one(n, before):
    before = before[len(before) - min(len(before), n - 1) :]
    letters = sorted(set("\n".join(TEXTS)))
    total = sum(ngrams.probability(models(n), before, c, len(letters)) for c in letters)
    assert total == pytest.approx(1.0, abs=1e-12)


def test_one_gram_is_nearly_the_entropy_of_the_letters():
    texts = ["abab"] * 50
    share = {"a": 0.4, "b": 0.4, "\n": 0.2}
    entropy = -sum(p * math.log2(p) for p in share.values())
    assert ngrams.bits_per_letter(texts, texts, 1)[1] == pytest.approx(entropy, abs=0.01)


def test_two_grams_by_hand():
    # behind each: "\n" a ×2, b; "a" b ×2; "b" "\n" ×3
    model = ngrams.counts(["ab", "ab", "b"], 2)
    assert {k: dict(v) for k, v in model.items()} == {
        "\n": {"a": 2, "b": 1}, "a": {"b": 2}, "b": {"\n": 3}}  # fmt: skip
    assert ngrams.discount(model) == pytest.approx(1 / (1 + 2 * 2))
    shorter = ngrams.continuations(model, 0)
    assert {k: dict(v) for k, v in shorter.items()} == {"": {"a": 1, "b": 2, "\n": 1}}
    off = ngrams.discount(shorter)
    b = (2 - off) / 4 + off * 3 / 4 / 3
    expected = (1 - 0.2) / 3 + 0.2 * 2 / 3 * b
    both = [(shorter, off), (model, 0.2)]
    assert ngrams.probability(both, "\n", "b", 3) == pytest.approx(expected)


def test_a_longer_memory_helps_on_the_text_itself():
    entries, held_out = char_rnn.load_entries()
    found = ngrams.bits_per_letter(entries[:200], held_out[:20], 4)
    assert found[1] > found[2] > found[3] > found[4] > 2.0
