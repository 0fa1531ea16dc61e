"""Networks in float32, each loss written once for all libraries, and what is to be reached."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import convolutional, networks_hand as by_hand, transformer

RATE, DECAY = 1e-6, 1e-4  # so slow a rate that every step costs the same


@dataclass(frozen=True)
class Network:
    """A loss of some leaves, once for all libraries, and its gradients by hand.

    `data(draw, **sizes)` gives constants and leaves as arrays, `loss(lib, constants, leaves)` the
    loss with the names of `names`, `hand(constants, leaves)` the loss and the gradients. With
    `rate`, the job is a whole training step. `bars` are the largest ratios to the version by hand
    and to PyTorch. `tiny` are sizes for tests.
    """

    title: str
    data: Callable
    loss: Callable
    hand: Callable
    bars: dict[str, float]
    tiny: dict[str, Any]
    rate: float | None = None

    def drawn(self, **sizes):
        """Constants and leaves, the same ones at every call."""
        rng = np.random.default_rng(0)
        return self.data(lambda *shape: rng.standard_normal(shape, dtype=np.float32), **sizes)


def scaled(draw, *shape):
    """Weights that keep the size of what goes through."""
    return draw(*shape) / np.float32(np.sqrt(shape[0]))


def two_moons_data(draw, n=100, width=16):
    angle = np.linspace(0, np.pi, n // 2, dtype=np.float32)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x = np.concatenate([upper, np.float32([1, 0.5]) - upper]) + np.float32(0.1) * draw(n, 2)
    signs = np.repeat(np.float32([1, -1]), n // 2)[:, None]
    zeros = [np.zeros(k, np.float32) for k in (width, width, 1)]
    shapes = (2, width), (width, width), (width, 1)
    pairs = zip((scaled(draw, *s) for s in shapes), zeros, strict=True)
    return (x, signs, DECAY), [p for pair in pairs for p in pair]


def two_moons_loss(lib, constants, leaves):
    """Margins and weight decay, as in the example of micrograd."""
    x, signs, decay = constants
    W1, b1, W2, b2, w, c = leaves
    h = lib.relu(x @ W1 + b1)
    scores = lib.relu(h @ W2 + b2) @ w + c
    return lib.mean(lib.relu(1 - signs * scores)) + decay * sum(lib.sum(p * p) for p in leaves)


def labels(n):
    return np.arange(n) % 10


def classifier_data(draw, n=128, inner=1024, inputs=1568):
    W, U = scaled(draw, inputs, inner), scaled(draw, inner, 10)
    return (draw(n, inputs), labels(n)), [W, draw(inner), U, draw(10)]


def classifier_loss(lib, constants, leaves):
    x, target = constants
    W, b, U, c = leaves
    return lib.cross_entropy(lib.relu(x @ W + b) @ U + c, target)


def sigmoid_data(draw, n=256, inputs=784, inner=512):
    W, U = scaled(draw, inputs, inner), scaled(draw, inner, 10)
    return (labels(n),), [draw(n, inputs), W, draw(inner), U, draw(10)]


def sigmoid_loss(lib, constants, leaves):
    x, W, b, U, c = leaves
    return lib.cross_entropy(lib.sigmoid(x @ W + b) @ U + c, *constants)


def tower_data(draw, n=64, width=256, depth=50):
    leaves = [draw(n, width)]
    for _ in range(depth):
        scale = np.float32(0.7 / np.sqrt(depth))  # the sum of the blocks is as large as the input
        leaves += [scale * scaled(draw, width, width), scale * draw(width)]
    return (), leaves


def tower_loss(lib, constants, leaves):
    x, *leaves = leaves
    for H, v in zip(leaves[::2], leaves[1::2], strict=True):
        x = x + lib.relu(x @ H + v)
    return lib.mean(x * x)


def elementwise_data(draw, n=1_000_000):
    return (), [draw(n), draw(n), draw(n)]


def elementwise_loss(lib, constants, leaves):
    x, w, b = leaves
    t = lib.tanh(x * w + b)
    return lib.sum(lib.square(t))


def bars(hand, torch):
    return {"hand": hand, "torch": torch}


TWO_MOONS = Network(
    "training step of micrograd's two moons, 2-16-16-1, 100 points", two_moons_data,
    two_moons_loss, by_hand.two_moons, bars(2.2, 0.6), dict(n=10, width=6), RATE,
)  # fmt: skip
CLASSIFIER = Network(
    "classifier (128,1568)(1568,1024)(1024,10)", classifier_data, classifier_loss,
    by_hand.classifier, bars(1.05, 1.2), dict(n=5, inner=4, inputs=6),
)  # fmt: skip
SIGMOID = Network(
    "sigmoid network (256,784)(784,512)(512,10) with the input's gradient", sigmoid_data,
    sigmoid_loss, by_hand.sigmoid_mlp, bars(1.05, 1.2), dict(n=5, inner=4, inputs=6),
)  # fmt: skip
TOWER = Network(
    "50 residual blocks, width 256, batch 64", tower_data, tower_loss, by_hand.residual_tower,
    bars(1.10, 1.1), dict(n=3, width=4, depth=3),
)  # fmt: skip
ELEMENTWISE = Network(
    "elementwise x w + b, tanh, square, sum of 1,000,000", elementwise_data, elementwise_loss,
    by_hand.elementwise, bars(1.10, 1.1), dict(n=7),
)  # fmt: skip
CONVOLUTIONAL = Network(
    "convolutions 1 to 16 to 32, 5 by 5, with pooling, batch 64, 28 by 28", convolutional.data,
    convolutional.loss, convolutional.by_hand, bars(1.10, 2.4),
    dict(n=2, size=8, channels=(1, 2, 3)),
)  # fmt: skip
TRANSFORMER = Network(
    "transformer block (8,64,128), 4 heads", transformer.data, transformer.loss,
    transformer.by_hand, bars(1.15, 1.5), dict(n=2, length=3, width=8),
)  # fmt: skip
NETWORKS = (TWO_MOONS, CLASSIFIER, SIGMOID, TOWER, ELEMENTWISE, CONVOLUTIONAL, TRANSFORMER)
