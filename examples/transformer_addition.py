"""Train a small transformer to add numbers of three digits, and show where it looks.

    python examples/transformer_addition.py            # less than a minute
    python examples/transformer_addition.py --short    # a few steps

It reads a sum as text, digit after digit, and writes the answer as text. Nobody tells it what a
digit is worth, or what a carry is. Of the million sums 5,000 are set apart and never trained on;
the program exits with an error unless 99 % of them come out right, all four digits.
"""

import argparse
import copy
import sys
import time
from pathlib import Path

import numpy as np
from missing import explain

try:
    from checks import along_directions, insist, print_table
    from curves import BLUE, GREY, ORANGE, picture, smooth
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Patch, Rectangle
    from sums import ANSWER, PLACES, QUESTION, TOKENS, carries, question_digits, spelled
    from tqdm import trange

    import autograd_lite as ag
    from autograd_lite import functional as F, nn, optim
except ModuleNotFoundError as error:
    explain(error)

WIDTH, HEADS = 64, 4
STEPS, BATCH, WARM_UP = 1500, 128, 0.1
RATE = 1.5e-3  # at 3e-3 the heads settle too soon: with some seeds none is left for a carry
HELD_OUT, ACCURACY = 5000, 0.99
SHORT = dict(steps=60, held_out=200)
EVERY = 50  # steps between two looks at sums that are held out


class Adder(nn.Module):
    """From tokens (batch, length) to logits (batch, digits, 10) of the digits of the answer.

    The one at "=" and those behind it: each says which digit comes next.
    """

    def __init__(self, rng):
        self.token = nn.Embedding(len(TOKENS), WIDTH, rng=rng)
        # for attention the tokens before "=" are a heap: 123+4 and 321+4 would look the same. So
        # each place in the text adds a vector of its own
        self.place = nn.Embedding(QUESTION + ANSWER - 1, WIDTH, rng=rng)
        for table in (self.token, self.place):
            table.weight.data[...] *= 0.3  # what the block adds weighs more from the start
        self.block = nn.TransformerBlock(WIDTH, HEADS, rng=rng)
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, 10, rng=rng)

    def forward(self, tokens):
        return self.head(self.norm(self.mixed(tokens)[:, QUESTION - 1 :]))

    def mixed(self, tokens, need_weights=False):
        """What the block makes of the tokens, (batch, length, WIDTH), and where it looks."""
        x = self.token(tokens) + self.place(np.arange(tokens.shape[1]))
        # the causal mask: no token sees a later one. In training all four digits are asked at
        # once of a text with the answer in it, which could otherwise be copied
        return self.block(x, is_causal=True, need_weights=need_weights)


def answered(net, pairs):
    """The answers (n, 4) as the network writes them, each digit read again before the next."""
    text = spelled(pairs)[:, :QUESTION]
    with ag.no_grad():
        for _ in range(ANSWER):
            likeliest = net(text).data[:, -1].argmax(axis=-1)
            text = np.column_stack([text, likeliest])
    return text[:, QUESTION:]


def right(net, pairs):
    """Which sums (n,) are right in all digits."""
    return (answered(net, pairs) == spelled(pairs)[:, QUESTION:]).all(axis=1)


def train(net, pairs, held_out, steps, rng):
    """Return the loss of each step, and (step, share of held-out sums that are right)."""
    optimiser = optim.AdamW(net.parameters(), lr=RATE)
    # Adam's first steps rest on few gradients, so they are short; the last ones are, to settle
    warm_up = max(1, round(WARM_UP * steps))
    schedule = optim.SequentialLR(
        optimiser,
        [optim.LinearLR(optimiser, 0.1, total_iters=warm_up),
         optim.CosineAnnealingLR(optimiser, T_max=steps - warm_up)],
        milestones=[warm_up],
    )  # fmt: skip
    losses, judged = [], []
    bar = trange(steps, desc="training", unit="step")
    for step in bar:
        text = spelled(rng.choice(pairs, BATCH))
        # read all but the last digit; asked is what follows "=" and each digit after it
        loss = F.cross_entropy(net(text[:, :-1]), text[:, QUESTION:])
        optimiser.zero_grad()
        loss.backward()
        optim.clip_grad_norm(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        if (step + 1) % EVERY == 0:
            judged.append((step + 1, np.mean(right(net, held_out[:500]))))
            bar.set_postfix(loss=f"{loss.item():.3f}", right=f"{judged[-1][1]:.1%}")
    return losses, judged


def differences(net, pairs, rng):
    """Rows of the gradients against finite differences, in float64."""
    net = copy.deepcopy(net).astype(np.float64)
    text = spelled(pairs)

    def loss():
        return F.cross_entropy(net(text[:, :-1]), text[:, QUESTION:])

    loss().backward()
    yield from along_directions(loss, dict(net.named_parameters()), rng)


def looks(net, pairs):
    """Mean weight (heads, digits, tokens) with which each digit of the answer looks at a token.

    After training, most heads look at the two digits to be added, and at least one at those of the
    place before too, which say if there is a carry. A head without a task rests on a sign.
    """
    with ag.no_grad():
        _, weights = net.mixed(spelled(pairs)[:, :-1], need_weights=True)
    return weights.data[:, :, QUESTION - 1 :].mean(axis=0)


# --- what is shown --------------------------------------------------------------------------------
def tell(net, pairs, most=6):
    """Print some sums, then the wrong ones, and how many are right by the number of carries."""
    found, good = answered(net, pairs), right(net, pairs)

    def line(i):
        answer = int("".join(map(str, found[i][::-1])))
        a, b = divmod(int(pairs[i]), 1000)
        return f"    {a:>3} + {b:>3} = {answer:>4}" + ("" if good[i] else f"   wrong, {a + b}")

    print("\n".join(map(line, range(most))))
    wrong = np.flatnonzero(~good)
    print(f"\n{len(wrong)} of {len(pairs):,} wrong" + (", among them" if len(wrong) > most else ""))
    for i in wrong[:most]:
        print(line(i))
    print("\ncarries   sums   right")
    for count in range(4):
        chosen = good[carries(pairs) == count]
        if len(chosen):
            print(f"{count:>7}{len(chosen):>7,}{chosen.mean():>8.1%}")


def draw_curve(losses, judged, outfile):
    """The loss, and how many held-out sums are right."""

    def curves(_, left, other):
        left.plot(*smooth(losses, 10), color=BLUE, linewidth=1)
        left.set(xlabel="step", ylabel="cross entropy of a digit", yscale="log")
        other.plot(*np.transpose(judged), "o-", color=ORANGE, markersize=3, linewidth=1)
        other.set(xlabel="step", ylabel="sums right that it never saw", ylim=(-0.03, 1.03))
        other.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")

    picture(outfile, curves, size=(8, 3), columns=2)


def tell_looks(weights):
    """Print how much of its weight each head gives to the place being written and to the other."""
    rows = 1, 2  # tens and hundreds, which have both places
    print("\nhead   own place   place before, for the carry")
    for head, table in enumerate(weights):
        own, before = (
            sum(table[row, question_digits(row - back)].sum() for row in rows) / len(rows)
            for back in (0, 1)
        )
        print(f"{head + 1:>4}{own:>12.0%}{before:>15.0%}")


def draw_attention(weights, pair, outfile):
    """A table for each head: digits of the answer down, the tokens they look at across."""
    text = [TOKENS[i] for i in spelled(np.array([pair]))[0]]
    rows = [f"{text[QUESTION + i]} {name}" for i, name in enumerate(PLACES)]

    def tables(figure, *axes):
        for head, (one, table) in enumerate(zip(axes, weights, strict=True)):
            one.set_title(f"head {head + 1}", fontsize=10)
            one.set_xticks(np.arange(table.shape[1]) + 0.5, text[:-1])
            one.set_yticks(np.arange(ANSWER) + 0.5, rows)
            draw_table(one, table)
            outline(one)
        frames = [Patch(fill=False, edgecolor=ORANGE, label="digits of its own place"),
                  Patch(fill=False, edgecolor=GREY, linestyle=":",
                        label="of the place before, for the carry")]  # fmt: skip
        figure.suptitle("Where each digit of the answer looks: weights in %, mean of many sums",
                        fontsize=11)  # fmt: skip
        figure.legend(handles=frames, loc="outside lower center", ncols=2, frameon=False)

    picture(outfile, tables, size=(10, 5), rows=2, columns=2)


def draw_table(axes, table):
    """Weights as cells, the first row on top, with numbers in those that are not pale."""
    colours = LinearSegmentedColormap.from_list("weights", ["white", BLUE])
    axes.pcolormesh(table, cmap=colours, vmin=0, vmax=1, edgecolor="#e5e7eb", linewidth=0.5)
    for (row, column), weight in np.ndenumerate(table):
        if weight >= 0.05:
            axes.text(column + 0.5, row + 0.5, f"{100 * weight:.0f}", fontsize=8, ha="center",
                      va="center_baseline", color="white" if weight > 0.7 else "black")  # fmt: skip
    axes.invert_yaxis()
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.set_aspect("equal")
    axes.grid(False)
    axes.spines[:].set_visible(False)


def outline(axes):
    """Frame the digits of the question that count: of the answer's place, and of the one before."""
    for row in range(ANSWER):
        for place, colour, line in ((row, ORANGE, "-"), (row - 1, GREY, ":")):
            for x in question_digits(place):
                corner, frame = (x + 0.06, row + 0.06), dict(edgecolor=colour, linestyle=line)
                axes.add_patch(Rectangle(corner, 0.88, 0.88, fill=False, linewidth=1.5, **frame))


def options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, help=f"10 or more; default {STEPS}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "out",
                        help="where the weights and the pictures go")  # fmt: skip
    parser.add_argument("--short", action="store_true", help="a few steps")
    return parser.parse_args()


def main():
    args = options()
    sys.stdout.reconfigure(encoding="utf-8")  # a pipe on Windows knows no →
    steps, count = STEPS, HELD_OUT
    if args.short:
        steps, count = SHORT["steps"], SHORT["held_out"]
    steps = steps if args.steps is None else max(args.steps, 10)
    rng = np.random.default_rng(args.seed)
    held_out, pairs = np.split(rng.permutation(1_000_000), [count])
    net = Adder(rng)
    print(net)
    agreed = print_table(differences(net, held_out[:50], rng))

    start = time.perf_counter()
    losses, judged = train(net, pairs, held_out, steps, rng)
    reached = np.mean(right(net, held_out))  # the network has no dropout: no eval() is needed
    print(f"\n{reached:.2%} of {count:,} sums that it never saw, "
          f"after {time.perf_counter() - start:.0f} s")  # fmt: skip
    tell(net, held_out)

    stem = args.out / "transformer_addition"
    args.out.mkdir(parents=True, exist_ok=True)
    nn.save(net, stem.with_suffix(".npz"))
    draw_curve(losses, judged, stem.with_suffix(".svg"))
    weights = looks(net, held_out)
    tell_looks(weights)
    draw_attention(weights, 457_386, args.out / "transformer_attention.svg")
    print(f"\nWeights, learning curve, attention: {args.out}")
    first, last = np.mean(losses[:5]), np.mean(losses[-5:])
    bar = 0.0 if args.short else ACCURACY
    insist(
        (agreed, "the gradients agree with finite differences"),
        (last < 0.9 * first, f"the loss falls: {first:.3f} → {last:.3f}"),
        (reached >= bar, f"{reached:.2%} of the sums are right, expected {bar:.0%}"),
    )


if __name__ == "__main__":
    main()
