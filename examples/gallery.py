"""Write every picture again: `python examples/gallery.py`, in about ten minutes.

    python examples/gallery.py --only drawings            # those of the README, a few seconds
    python examples/gallery.py --only lessons             # run the course in full, two minutes
    python examples/gallery.py --only training            # the digits, the sums, the text

Every picture is an SVG except where its name says otherwise; a page is one HTML file.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import numpy as np

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"


def residual_layer():
    """The layer y = relu(H x + v) + x with softmax cross entropy, and names for its tensors."""
    x = Tensor([1.0, 0.5, 2.0], requires_grad=True)
    H = Tensor([[0.5, -1.0, 0.25], [-1.0, 0.5, -0.5], [0.0, 0.75, 0.5]], requires_grad=True)
    v = Tensor([0.25, 0.5, -0.25], requires_grad=True)
    p = Tensor([1.0, 0.0, 0.0], name="p*")
    x2 = H @ x
    x3 = x2 + v
    x4 = F.relu(x3)
    y = x4 + x
    e = F.cross_entropy(y, p)
    return locals()


def classifier(rows=4):
    """Two layers on a batch of rows: the gradient of a bias is a sum over the batch."""
    rng = np.random.default_rng(0)
    X = Tensor(rng.standard_normal((rows, 3)).round(1), name="X")
    W1, b1, W2, b2 = (
        Tensor(rng.standard_normal(shape).round(1), requires_grad=True)
        for shape in ((3, 3), (3,), (3, 2), (2,))
    )
    labels = np.arange(rows) % 2
    h = F.relu(X @ W1 + b1)
    z = h @ W2 + b2
    L = F.cross_entropy(z, labels)
    return locals()


class Transformer:
    """A transformer for drawing: `layers` blocks of attention and a two-layer network.

    tokens (batch, length) integers → logits (batch, length, vocabulary).
    """

    def __init__(self, layers=12, width=16, heads=2, vocabulary=32, seed=0):
        self.rng = np.random.default_rng(seed)
        self.layers, self.width, self.heads = layers, width, heads
        self.weights = {"embedding": self.weight("embedding", vocabulary, width)}
        for i in range(layers):
            for name, rows, columns in (("query", 1, 1), ("key", 1, 1), ("value", 1, 1),
                                        ("out", 1, 1), ("up", 1, 4), ("down", 4, 1)):  # fmt: skip
                key = f"blocks.{i}.{name}"
                self.weights[key] = self.weight(key, rows * width, columns * width)
            for name in ("norm1", "norm2"):
                self.weights[f"blocks.{i}.{name}"] = self.scale(f"blocks.{i}.{name}")
        self.weights["norm"] = self.scale("norm")
        self.weights["head"] = self.weight("head", width, vocabulary)

    def weight(self, name, rows, columns):
        array = self.rng.standard_normal((rows, columns)) / np.sqrt(rows)
        return Tensor(array, requires_grad=True, name=name)

    def scale(self, name):
        return Tensor(np.ones(self.width), requires_grad=True, name=name)

    def __call__(self, tokens):
        with ag.named_scope("embedding", "Embedding"):
            x = self.weights["embedding"][tokens]
        for i in range(self.layers):
            with ag.named_scope(f"blocks.{i}", "Block"):
                x = x + self.attention(i, self.norm(f"blocks.{i}.norm1", "norm1", x))
                x = x + self.mlp(i, self.norm(f"blocks.{i}.norm2", "norm2", x))
        x = self.norm("norm", "norm", x)
        with ag.named_scope("head", "Linear"):
            return x @ self.weights["head"]

    def norm(self, key, name, x):
        with ag.named_scope(name, "RMSNorm"):
            return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + 1e-5) * self.weights[key]

    def attention(self, i, x):
        with ag.named_scope("attention", "CausalSelfAttention"):
            q, k, v = (self.split(x @ self.weights[f"blocks.{i}.{n}"])
                       for n in ("query", "key", "value"))  # fmt: skip
            scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
            future = np.triu(np.full(scores.shape[-2:], -1e9), 1)
            mixed = np.swapaxes(F.softmax(scores + future) @ v, 1, 2)
            return np.reshape(mixed, x.shape) @ self.weights[f"blocks.{i}.out"]

    def split(self, x):
        """(batch, length, width) → (batch, heads, length, width / heads)."""
        x = np.reshape(x, (*x.shape[:2], self.heads, -1))
        return np.swapaxes(x, 1, 2)

    def mlp(self, i, x):
        with ag.named_scope("mlp", "MLP"):
            return F.relu(x @ self.weights[f"blocks.{i}.up"]) @ self.weights[f"blocks.{i}.down"]


def transformer(layers=12):
    """A language model's loss on two short lines, and names for its tensors."""
    rng = np.random.default_rng(0)
    tokens, target = rng.integers(0, 32, (2, 2, 8))
    e = F.cross_entropy(Transformer(layers)(tokens), target)
    return dict(e=e, tokens=tokens, target=target)


def pictures():
    """Name and content of each file: a drawing or a page."""
    with viz.record():
        layer, batch = residual_layer(), classifier()
    e, L, model = layer["e"], batch["L"], transformer()
    named, batched = dict(names=layer, inputs=["x"]), dict(names=batch, inputs=["X"])
    yield "residual_forward.svg", viz.draw(e, **named)
    yield "residual_backward.svg", viz.draw_backward(e, **named)
    yield "residual_values.svg", viz.draw(e, values=True, grads=True, **named)
    yield "residual.html", viz.movie(e, **named)
    yield "classifier_backward.svg", viz.draw_backward(L, **batched)
    yield "transformer.svg", viz.draw(model["e"], names=model)


def write_drawings(folder):
    for name, content in pictures():
        path = folder / name
        if path.suffix == ".html":
            content.save(path)
            path.with_name(f"{path.stem}_page.svg").write_text(content.svg, encoding="utf-8")
        else:
            content.render(outfile=path, cleanup=True)
        print(path)


def programs(*patterns):
    """A function that runs examples; it ends with the first one that does not keep its claims."""

    def write(folder):
        for path in sorted(p for pattern in patterns for p in HERE.glob(pattern)):
            print(f"\n== {path.name}", flush=True)
            subprocess.run([sys.executable, path, "--out", folder], check=True)

    return write


KINDS = {
    "drawings": write_drawings,
    "lessons": programs("[0-9][0-9]_*.py"),
    "training": programs("mnist.py", "mnist_cnn.py", "transformer_addition.py", "char_rnn.py"),
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=PICTURES, help="folder to write to")
    parser.add_argument("--only", default=",".join(KINDS), help="kinds, with commas: %(default)s")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for kind in arguments.only.split(","):
        if kind not in KINDS:
            parser.error(f"no kind {kind!r}; there are {', '.join(KINDS)}")
        KINDS[kind](arguments.out)
