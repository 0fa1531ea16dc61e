"""Train a small residual network on handwritten digits, check its gradients, draw one block.

    python examples/mnist.py            # about ten seconds, on 4,000 digits
    python examples/mnist.py --short    # a second, less accurate
    python examples/mnist.py --full     # all 60,000 digits, downloaded

The network is x ↦ x W + b, then twice x ↦ x + relu(x H + v), then x ↦ x U + c. Everything the
program claims it also asserts: it exits with an error if a difference or the accuracy is off.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from missing import explain

try:
    from checks import along_directions, compared, print_table
    from mnist_data import DataError, all_shifts, at_random, load_full, load_subset
    from threadpoolctl import threadpool_limits
    from tqdm import trange

    import autograd_lite as ag
    import viz
    from autograd_lite import Tensor, functional as F
except ModuleNotFoundError as error:
    explain(error)

WIDTH, BATCH, RATE, MOMENTUM = 128, 100, 0.05, 0.9


def make_parameters(rng):
    """The weights by name, in float32; each unit starts with a variance of about one."""

    def dense(matrix, bias, n_in, n_out):
        w = rng.standard_normal((n_in, n_out), dtype=np.float32) / np.float32(np.sqrt(n_in))
        yield matrix, Tensor(w, requires_grad=True, name=matrix)
        yield bias, Tensor(np.zeros(n_out, np.float32), requires_grad=True, name=bias)

    hidden = (*dense("H1", "v1", WIDTH, WIDTH), *dense("H2", "v2", WIDTH, WIDTH))
    return dict((*dense("W", "b", 28 * 28, WIDTH), *hidden, *dense("U", "c", WIDTH, 10)))


def residual_block(x, H, v):
    return x + F.relu(x @ H + v)


def network(x, p):
    """Logits (n, 10) of images (n, 784)."""
    x = x @ p["W"] + p["b"]
    x = residual_block(x, p["H1"], p["v1"])
    x = residual_block(x, p["H2"], p["v2"])
    return x @ p["U"] + p["c"]


def flat(images):
    """Bytes (n, 28, 28) as float32 (n, 784) between 0 and 1."""
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)


def update(p, velocity, rate):
    """One step of gradient descent with momentum, in place."""
    with ag.no_grad():
        for name, w in p.items():
            velocity[name] *= MOMENTUM
            velocity[name] -= rate * w.grad
            w += velocity[name]
            w.zero_grad()


def accuracy(p, images, labels):
    with ag.no_grad():
        return float(np.mean(network(flat(images), p).data.argmax(axis=1) == labels))


def train(p, digits, test_digits, epochs, rng):
    """Mini-batches in random order, digits shifted by up to two pixels; return the accuracy."""
    shifted, labels = all_shifts(digits[0]), digits[1]
    velocity = {name: np.zeros_like(w.data) for name, w in p.items()}
    batches = len(labels) // BATCH
    bar = trange(epochs, desc="training", unit="epoch")
    for epoch in bar:
        total = 0.0
        order = rng.permutation(len(labels))[: batches * BATCH].reshape(batches, BATCH)
        for i, chosen in enumerate(order):
            images = flat(at_random(shifted, chosen, rng))
            loss = F.cross_entropy(network(images, p), labels[chosen])
            loss.backward()
            update(p, velocity, RATE * (1 - (epoch + i / batches) / epochs))
            total += loss.item()
        reached = accuracy(p, *test_digits)
        bar.set_postfix(loss=f"{total / batches:.3f}", accuracy=f"{reached:.1%}")
    return reached


def differences(p, images, labels, rng):
    """The engine against hand formulas and finite differences, on one batch in float64.

    Yields (what is compared, largest size of it, largest difference, what is allowed).
    """
    images = flat(images).astype(float)
    p = {name: Tensor(w.data, dtype=float, requires_grad=True) for name, w in p.items()}
    h = residual_block(images @ p["W"] + p["b"], p["H1"], p["v1"]).retain_grad()
    y = residual_block(h, p["H2"], p["v2"]).retain_grad()
    logits = (y @ p["U"] + p["c"]).retain_grad()
    F.cross_entropy(logits, labels).backward()

    e = np.exp(logits.data - logits.data.max(axis=1, keepdims=True))
    closed = (e / e.sum(axis=1, keepdims=True) - np.eye(10)[labels]) / len(labels)
    yield "logits: (softmax − p*) / N", *compared(logits.grad, closed), 1e-12

    x, H, v, g = h.data, p["H2"].data, p["v2"].data, y.grad
    through = g * (x @ H + v > 0)
    yield "block, dL/dx: g + (g ⊙ 1[z > 0]) Hᵀ", *compared(h.grad, g + through @ H.T), 1e-12
    yield "block, dL/dH: xᵀ (g ⊙ 1[z > 0])", *compared(p["H2"].grad, x.T @ through), 1e-12
    yield "block, dL/dv: Σ rows of g ⊙ 1[z > 0]", *compared(p["v2"].grad, through.sum(0)), 1e-12

    yield from along_directions(lambda: F.cross_entropy(network(images, p), labels), p, rng)


def draw_block(p, images, outfile):
    """Draw the backward pass of one residual block, where two paths meet in a sum."""
    x = flat(images) @ p["W"].data + p["b"].data
    x, H, v = (Tensor(a, requires_grad=True) for a in (x, p["H1"].data, p["v1"].data))
    y = residual_block(x, H, v)
    outfile.parent.mkdir(parents=True, exist_ok=True)
    names = dict(x=x, H=H, v=v, y=y)
    viz.draw_backward(y, names=names, inputs=[x]).render(outfile=outfile, cleanup=True)
    print(f"\nBackward pass of a residual block: {outfile}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, help="1 or more; default 100, with --full 20")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(), help="where mnist_backward.svg goes")
    parser.add_argument("--short", action="store_true", help="six epochs")
    parser.add_argument("--full", action="store_true", help="the original 60,000 + 10,000 digits")
    parser.add_argument("--folder", type=Path, default=Path("mnist"), help="of the original files")
    args = parser.parse_args()
    usual, bar = (6, 0.90) if args.short else (20, 0.97) if args.full else (100, 0.955)
    epochs = usual if args.epochs is None else max(args.epochs, 1)
    sys.stdout.reconfigure(encoding="utf-8")  # a pipe on Windows knows no ⊙
    try:
        digits, test_digits = load_full(args.folder) if args.full else load_subset()
    except DataError as error:
        sys.exit(str(error))

    rng = np.random.default_rng(args.seed)
    start = time.perf_counter()
    p = make_parameters(rng)
    # products as small as these gain nothing from a second thread, and lose much where it is busy
    with threadpool_limits(1):
        reached = train(p, digits, test_digits, epochs, rng)
    print(f"{reached:.1%} of {len(test_digits[1]):,} digits it has not seen, "
          f"after {time.perf_counter() - start:.1f} s")  # fmt: skip
    agreed = print_table(differences(p, test_digits[0][:BATCH], test_digits[1][:BATCH], rng))
    draw_block(p, test_digits[0][:BATCH], args.out / "mnist_backward.svg")
    if not agreed or reached < bar:
        sys.exit(f"a difference is too large, or {reached:.1%} is below {bar:.1%}")


if __name__ == "__main__":
    main()
