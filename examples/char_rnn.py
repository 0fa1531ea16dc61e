"""Train a recurrent network to write definitions, letter by letter, after The Devil's Dictionary.

    python examples/char_rnn.py            # about three minutes, on 800 definitions
    python examples/char_rnn.py --short    # a few seconds, and it only babbles

The network reads one letter after the other, keeps what it needs in 256 numbers, and says how
likely each letter is to come next. How good that is, in bits for each letter of definitions that
it has not seen, is compared with n-grams, which count what follows the last n − 1 letters. The
program exits with an error if a gradient is off or if the network does not beat them.
"""

import argparse
import copy
import math
import sys
import time
from itertools import islice
from pathlib import Path

import numpy as np
from missing import explain

try:
    from checks import along_directions, insist, print_table
    from curves import BLUE, GREY, ORANGE, picture, smooth
    from ngrams import bits_per_letter
    from tqdm import tqdm

    import autograd_lite as ag
    from autograd_lite import functional as F, nn, optim
    from autograd_lite.nn.initialisation import orthogonal
except ModuleNotFoundError as error:
    explain(error)

TEXT = Path(__file__).parent / "data" / "devils_dictionary.txt"
EMBEDDED, MEMORY, DROPOUT = 48, 256, 0.4
EPOCHS, ROWS, WINDOW, RATE, NORM = 15, 16, 64, 4e-3, 1.0
BETAS = 0.9, 0.99  # of few steps it forgets the first ones sooner than by default
SHORT = dict(epochs=4, entries=60)
NGRAMS, BEATEN = 6, 4  # longest n-gram to compare with, and the longest that is to be beaten
TEMPERATURES, BEGINNINGS = (0.4, 0.7, 1.0), ("", "", "COMPUTER, n. ")
NOTHING = -100  # the label of a place behind the end of a row


class Writer(nn.Module):
    """From letters (batch, length), as numbers, to logits (batch, length, alphabet) of the next.

    Also returns the state after the last letter: with it the text can go on in another call.
    """

    def __init__(self, alphabet, rng):
        self.alphabet = alphabet
        self.embedding = nn.Embedding(len(alphabet), EMBEDDED, rng=rng)
        self.memory = nn.GRU(EMBEDDED, MEMORY, rng=rng)
        for gate in np.split(self.memory.weight_hh_l0.data, 3, axis=1):
            gate[:] = orthogonal(gate.shape, rng)  # what it remembers neither grows nor fades
        self.dropout = nn.Dropout(DROPOUT, rng=rng)  # 170,000 letters are soon known by heart
        self.output = nn.Linear(MEMORY, len(alphabet), rng=rng)

    def forward(self, letters, state=None):
        x, state = self.memory(self.embedding(letters), state)
        return self.output(self.dropout(x)), state


def load_entries():
    """Lists of definitions to learn from and to be judged by: every tenth is held out."""
    entries = TEXT.read_text(encoding="ascii").splitlines()
    return [e for i, e in enumerate(entries) if i % 10 != 9], entries[9::10]


def deal(entries, count, alphabet):
    """Put the entries behind each other in `count` rows that are about equally long.

    Returns letters and the letters that follow them, as numbers (count, length).
    """
    rows = ["\n"] * count
    for entry in entries:
        shortest = min(range(count), key=lambda i: len(rows[i]))
        rows[shortest] += entry + "\n"
    numbers = np.full((count, max(map(len, rows))), NOTHING)
    for i, row in enumerate(rows):
        numbers[i, : len(row)] = [alphabet.index(letter) for letter in row]
    return np.maximum(numbers[:, :-1], 0), numbers[:, 1:]


def windows(letters, following):
    """The rows in pieces, one after the other: each begins where the last one ended."""
    for i in range(0, letters.shape[1], WINDOW):
        yield letters[:, i : i + WINDOW], following[:, i : i + WINDOW]


def bits(net, entries):
    """Cross entropy in bits for each letter, without dropout."""
    letters, following = deal(entries, 8, net.alphabet)
    state, total = None, 0.0
    net.eval()
    with ag.no_grad():
        for x, y in windows(letters, following):
            logits, state = net(x, state)
            total += F.cross_entropy(logits, y, "sum", ignore_index=NOTHING).item()
    net.train()
    return total / np.sum(following != NOTHING) / math.log(2)


def train(net, entries, held_out, epochs, rng):
    """Return the bits of each step, and (step, bits on what is held out) after each epoch."""
    optimiser = optim.Adam(net.parameters(), lr=RATE, betas=BETAS)
    # as many windows as are full on the average: what is behind has few rows left
    windows_each = max(1, sum(len(e) + 1 for e in entries) // (ROWS * WINDOW))
    schedule = optim.OneCycleLR(optimiser, RATE, epochs * windows_each, pct_start=0.1)
    learning, judged = [], []
    with tqdm(total=epochs, desc="training", unit="epoch") as bar:
        for _ in range(epochs):
            order = rng.permutation(len(entries))
            rows = deal([entries[i] for i in order], ROWS, net.alphabet)
            state = None
            for x, y in islice(windows(*rows), windows_each):
                # the state goes on in the next window, its history does not: the graph of an
                # epoch would be a hundred times as long, and there would be one step in it
                logits, state = net(x, None if state is None else state.detach())
                loss = F.cross_entropy(logits, y, ignore_index=NOTHING)
                optimiser.zero_grad()
                loss.backward()
                # a rare step through a steep place would throw the weights far away
                optim.clip_grad_norm(net.parameters(), NORM)
                optimiser.step()
                schedule.step()
                learning.append(loss.item() / math.log(2))
            judged.append((len(learning), bits(net, held_out)))
            bar.update()
            mean = np.mean(learning[-windows_each:])
            bar.set_postfix(bits=f"{mean:.3f}", held_out=f"{judged[-1][1]:.3f}")
    return learning, judged


def differences(net, entries, rng):
    """Rows of the gradients through forty steps of time against finite differences, in float64."""
    net = copy.deepcopy(net).astype(np.float64)
    net.eval()
    letters, following = deal(entries, 4, net.alphabet)

    def loss():
        return F.cross_entropy(net(letters[:, :40])[0], following[:, :40])

    loss().backward()
    yield from along_directions(loss, dict(net.named_parameters()), rng)


def write(net, beginning, temperature, rng, most=300):
    """Go on from a beginning to the end of the line: each letter drawn, then read.

    The logits are divided by the temperature: below 1 the network says what it is surest of.
    """
    text, state = beginning, None
    unread = "\n" + beginning
    net.eval()
    with ag.no_grad():
        while len(text) < most and not text.endswith("\n"):
            numbers = np.array([[net.alphabet.index(letter) for letter in unread]])
            logits, state = net(numbers, state)
            p = F.softmax(logits.data[0, -1].astype(float) / temperature)
            unread = net.alphabet[rng.choice(len(p), p=p)]
            text += unread
    net.train()
    return text.strip()


def draw(learning, judged, counted, outfile):
    """Bits for each letter while learning, and those of the n-grams as lines."""

    def curves(_, axes):
        places, values = smooth(learning, 40)
        axes.plot(places, values, color=BLUE, alpha=0.5, linewidth=1, label="while learning")
        axes.plot(*np.transpose(judged), "o-", color=ORANGE, markersize=4, label="held out")
        lowest = min(*counted.values(), *values, judged[-1][1]) - 0.1
        highest = max(counted[2], judged[-1][1]) + 0.1
        axes.set(xlabel="step", ylabel="bits for each letter",
                 xlim=(0, len(learning)), ylim=(lowest, highest))  # fmt: skip
        place = lowest
        for n, level in sorted(counted.items(), key=lambda pair: pair[1]):
            place = max(level, place + 0.04 * (highest - lowest))  # words stay apart
            if level < highest:
                axes.axhline(level, color=GREY, linewidth=0.8, linestyle="--")
                axes.text(1.01, place, f"{n}-gram {level:.2f}", color=GREY, fontsize=8, va="center",
                          transform=axes.get_yaxis_transform())  # fmt: skip
        axes.legend(framealpha=1, edgecolor="white", loc="upper right", bbox_to_anchor=(1, 0.9))

    picture(outfile, curves, size=(7, 4), columns=1)


def say(net, reached, counted, rng):
    """Print how good the network is beside the n-grams, and what it writes."""
    for n, level in counted.items():
        print(f"    {n}-gram   {level:.3f}")
    print(f"    network  {reached:.3f}")
    for temperature in TEMPERATURES:
        print(f"\ntemperature {temperature}")
        for beginning in BEGINNINGS:
            print("   ", write(net, beginning, temperature, rng))


def options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, help=f"1 or more; default {EPOCHS}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "out",
                        help="where char_rnn.npz and char_rnn.svg go")  # fmt: skip
    parser.add_argument("--short", action="store_true", help="a few steps on a few definitions")
    return parser.parse_args()


def main():
    args = options()
    sys.stdout.reconfigure(encoding="utf-8")  # a pipe on Windows knows no →
    entries, held_out = load_entries()
    alphabet = "".join(sorted(set("\n".join(entries + held_out))))
    epochs = EPOCHS
    if args.short:
        epochs, entries, held_out = SHORT["epochs"], entries[: SHORT["entries"]], held_out[:9]
    epochs = epochs if args.epochs is None else max(args.epochs, 1)
    rng = np.random.default_rng(args.seed)
    net = Writer(alphabet, rng)
    print(net)
    agreed = print_table(differences(net, entries[:8], rng))
    counted = bits_per_letter(entries, held_out, NGRAMS)
    start = time.perf_counter()
    learning, judged = train(net, entries, held_out, epochs, rng)
    reached = judged[-1][1]
    print(f"\nbits for each letter of {len(held_out)} definitions not seen, "
          f"after {time.perf_counter() - start:.0f} s")  # fmt: skip
    say(net, reached, counted, rng)

    args.out.mkdir(parents=True, exist_ok=True)
    weights, curve = args.out / "char_rnn.npz", args.out / "char_rnn.svg"
    nn.save(net, weights)
    draw(learning, judged, counted, curve)
    print(f"\nWeights: {weights}\nLearning curve: {curve}")
    best = min(level for n, level in counted.items() if n <= BEATEN)
    claim = f"{reached:.3f} bits are fewer than those of every {BEATEN}-gram, {best:.3f}"
    if args.short:
        best, claim = judged[0][1] - 0.2, "what is held out gets likelier"
    insist((agreed, "the gradients agree with finite differences"), (reached < best, claim))


if __name__ == "__main__":
    main()
