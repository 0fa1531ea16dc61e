"""Train a convolutional network on handwritten digits, check its gradients, show what it learned.

    python examples/mnist_cnn.py            # about a minute, on 4,000 digits
    python examples/mnist_cnn.py --short    # forty steps

Two 5×5 convolutions, each with relu and 2×2 pooling, make 32 channels of 7×7 of an image of 28×28,
and two dense layers ten classes of those 1,568 numbers. Nobody writes down a gradient. Everything
the program claims it also asserts: it exits with an error if a gradient or the accuracy is off.
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
    from mnist_data import all_shifts, at_random, load_subset
    from tqdm import trange

    import autograd_lite as ag
    from autograd_lite import data, functional as F, nn, optim
except ModuleNotFoundError as error:
    explain(error)

BATCH, EPOCHS, RATE, ACCURACY = 50, 16, 2e-3, 0.975
MEAN, DEVIATION = 0.13, 0.31  # of all pixels
SHORT = 40  # steps


def make_network(rng):
    """From images (n, 1, 28, 28) to logits (n, 10)."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding="same", rng=rng),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (n, 16, 14, 14)
        nn.Conv2d(16, 32, 5, padding="same", rng=rng),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (n, 32, 7, 7)
        nn.Flatten(),  # (n, 1568)
        nn.Linear(7 * 7 * 32, 1024, rng=rng),
        nn.ReLU(),
        nn.Dropout(0.5, rng=rng),  # nearly all weights are in the layer before
        nn.Linear(1024, 10, rng=rng),
    )


def as_input(images):
    """Bytes (n, 28, 28) as float32 (n, 1, 28, 28): one channel, of mean 0 and variance 1."""
    return (images[:, None].astype(np.float32) / 255.0 - MEAN) / DEVIATION


def answers(net, images):
    """The class with the largest logit, for each image, and without dropout."""
    net.eval()
    with ag.no_grad():
        logits = [net(as_input(part)).data for part in data.minibatches(images, 250, shuffle=False)]
    net.train()
    return np.concatenate(logits).argmax(axis=1)


def batches(digits, rng):
    """Images and labels without end, every image shifted by up to two pixels anew each time."""
    shifted, labels = all_shifts(digits[0]), digits[1]
    while True:
        for chosen in data.minibatches(len(labels), BATCH, rng, drop_last=True):
            yield as_input(at_random(shifted, chosen, rng)), labels[chosen]


def train(net, digits, test_digits, steps, rng):
    """Return the loss of each step, and (step, accuracy) after each epoch."""
    optimiser = optim.Adam(net.parameters(), lr=RATE)
    # up in the first tenth of the steps, then half a cosine down to nothing
    schedule = optim.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    losses, accuracies = [], []
    bar = trange(1, steps + 1, desc="training", unit="step")
    for step, (images, labels) in zip(bar, batches(digits, rng), strict=False):
        loss = F.cross_entropy(net(images), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        if step == steps or step % (len(digits[1]) // BATCH) == 0:
            right = np.mean(answers(net, test_digits[0]) == test_digits[1])
            accuracies.append((step, right))
            bar.set_postfix(loss=f"{np.mean(losses[-80:]):.3f}", accuracy=f"{right:.1%}")
    return losses, accuracies


def differences(net, images, labels, rng):
    """Rows of the engine's gradients of one step against finite differences, in float64."""
    net = copy.deepcopy(net).astype(np.float64)
    net.eval()  # dropout would drop others at each call, and compare two different networks
    x = as_input(images).astype(np.float64)

    def loss():
        return F.cross_entropy(net(x), labels)

    loss().backward()
    yield from along_directions(loss, dict(net.named_parameters()), rng)


def saved_and_loaded(net, path):
    """Write the weights, and return a new network that reads them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nn.save(net, path)
    other = make_network(np.random.default_rng())
    nn.load(other, path)
    return other


def draw(losses, accuracies, mistakes, outfile):
    """The learning curve, and the first of the digits it gets wrong: label → answer."""

    def learning(axes):
        axes.plot(*smooth(losses, 8), color=BLUE, alpha=0.25, linewidth=0.6)
        axes.plot(*smooth(losses, 40), color=BLUE)
        axes.set(xlabel="step", yscale="log", xlim=(0, len(losses)))
        axes.set_ylabel("cross entropy of the batch", color=BLUE)
        errors = axes.twinx()
        errors.grid(False)
        steps, shares = np.transpose(accuracies)
        errors.plot(steps, 100 * (1 - shares), "o-", color=ORANGE, markersize=4, clip_on=False)
        errors.set_ylim(bottom=0)
        errors.set_ylabel("errors on digits not seen, %", color=ORANGE)

    def wrong(axes):
        axes.set_axis_off()
        title = f"{len(mistakes)} answers are wrong: what it is → what it said"
        axes.set_title(title, color=GREY, fontsize=10)
        for i, (image, label, answer) in enumerate(mistakes[:24]):
            place = axes.inset_axes([i % 6 / 6, 1 - (i // 6 + 1) / 4, 1 / 6.6, 0.17])
            place.imshow(image, cmap="gray_r", interpolation="nearest")
            place.set_axis_off()
            place.set_title(f"{label} → {answer}", fontsize=8, pad=2)

    def both(figure, left, right):
        learning(left)
        wrong(right)

    picture(outfile, both, size=(9, 3.4), columns=2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "out",
                        help="where mnist_cnn.npz and mnist_cnn.svg go")  # fmt: skip
    parser.add_argument("--short", action="store_true", help=f"{SHORT} steps")
    args = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")  # a pipe on Windows knows no ×

    digits, (images, labels) = load_subset()
    rng = np.random.default_rng(args.seed)
    net = make_network(rng)
    print(net)
    steps = SHORT if args.short else max(args.epochs, 1) * (len(digits[1]) // BATCH)
    start = time.perf_counter()
    losses, accuracies = train(net, digits, (images, labels), steps, rng)
    reached = accuracies[-1][1]
    print(f"{reached:.1%} of {len(labels):,} digits it has not seen, "
          f"after {time.perf_counter() - start:.1f} s")  # fmt: skip

    agreed = print_table(differences(net, images[:20], labels[:20], rng))
    weights, curve = args.out / "mnist_cnn.npz", args.out / "mnist_cnn.svg"
    found, again = answers(net, images), answers(saved_and_loaded(net, weights), images)
    wrong = np.flatnonzero(found != labels)
    draw(losses, accuracies, [(images[i], labels[i], found[i]) for i in wrong], curve)
    print(f"\nWeights: {weights}\nLearning curve: {curve}")

    first, last = np.mean(losses[:10]), np.mean(losses[-10:])
    bar = 0.6 if args.short else ACCURACY
    insist(
        (agreed, "the gradients agree with finite differences"),
        (last < first / 2, f"the loss falls by half: {first:.3f} → {last:.3f}"),
        (reached >= bar, f"accuracy {reached:.1%}, expected {bar:.1%}"),
        ((found == again).all(), "a network with the saved weights answers the same"),
    )


if __name__ == "__main__":
    main()
