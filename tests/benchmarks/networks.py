"""Networks in float32: forward and backward passes beside those written by hand and PyTorch's."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

import autograd_lite as ag
from autograd_lite import functional as F, optim
from autograd_lite.rules.convolution import conv2d
from autograd_lite.rules.pooling import max_pool2d

from . import convolutional, networks_hand as by_hand, transformer

RATE, DECAY = 1e-6, 1e-4  # so slow a rate that every step costs the same
DEPTH = 50


@dataclass(frozen=True)
class Network:
    """A loss of some leaves, once for all libraries, and its gradients by hand.

    `data(draw)` gives constants and leaves as arrays, `loss(lib, constants, leaves)` the loss.
    With `rate`, the job is a whole training step. `bar` is the largest ratio to the version by
    hand, or None where no tape comes near: there the bar is PyTorch's.
    """

    title: str
    data: Callable
    loss: Callable
    hand: Callable
    bar: float | None = 1.10
    rate: float | None = None


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


def tower_data(draw, n=64, width=256):
    leaves = [draw(n, width)]
    for _ in range(DEPTH):
        leaves += [np.float32(0.1) * scaled(draw, width, width), np.float32(0.1) * draw(width)]
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
    return lib.sum(t * t)


SIGMOID = Network("sigmoid network (256,784)(784,512)(512,10) with the input's gradient",
                  sigmoid_data, sigmoid_loss, by_hand.sigmoid_mlp)  # fmt: skip
NETWORKS = (
    Network("training step of micrograd's two moons, 2-16-16-1, 100 points",
            two_moons_data, two_moons_loss, by_hand.two_moons, None, RATE),
    Network("classifier (128,1568)(1568,1024)(1024,10)",
            classifier_data, classifier_loss, by_hand.classifier),
    SIGMOID,
    Network(f"{DEPTH} residual blocks, width 256, batch 64",
            tower_data, tower_loss, by_hand.residual_tower),
    Network("elementwise x w + b, tanh, square, sum of 1,000,000",
            elementwise_data, elementwise_loss, by_hand.elementwise, None),
    Network("convolutions 1 to 16 to 32, 5 by 5, with pooling, batch 64, 28 by 28",
            convolutional.data, convolutional.loss, convolutional.by_hand),
    Network("transformer block (8,64,128), 4 heads",
            transformer.data, transformer.loss, transformer.by_hand),
)  # fmt: skip


def drawn(network):
    rng = np.random.default_rng(0)
    return network.data(lambda *shape: rng.standard_normal(shape, dtype=np.float32))


ENGINE = SimpleNamespace(
    relu=F.relu, sigmoid=F.sigmoid, tanh=np.tanh, mean=np.mean, sum=np.sum,
    cross_entropy=F.cross_entropy, conv2d=conv2d, max_pool2d=max_pool2d,
    layer_norm=F.layer_norm, attention=F.scaled_dot_product_attention, transpose=np.transpose,
    gelu_tanh=lambda x: F.gelu(x, approximate="tanh"),
)  # fmt: skip


def torch_names(torch):
    their = torch.nn.functional
    return SimpleNamespace(
        relu=torch.relu, sigmoid=torch.sigmoid, tanh=torch.tanh, mean=torch.mean, sum=torch.sum,
        cross_entropy=their.cross_entropy, conv2d=their.conv2d, max_pool2d=their.max_pool2d,
        layer_norm=lambda x, w, b: their.layer_norm(x, x.shape[-1:], w, b),
        attention=their.scaled_dot_product_attention, transpose=torch.permute,
        gelu_tanh=lambda x: their.gelu(x, approximate="tanh"),
    )  # fmt: skip


def torch_values(torch, values):
    return [torch.from_numpy(v) if isinstance(v, np.ndarray) else v for v in values]


def contenders(network, peers):
    """For each contender two functions: one returns the gradients, one is the job."""
    makers = {"hand": hand, "engine": engine}
    made = {name: make(network, *drawn(network)) for name, make in makers.items()}
    if "torch" in peers:
        made["torch"] = pytorch(peers["torch"], network, *drawn(network))
    return {n: m[0] for n, m in made.items()}, {n: m[1] for n, m in made.items()}


def hand(network, constants, leaves):
    def gradients():
        return network.hand(constants, leaves)[1]

    def step():
        for p, g in zip(leaves, gradients(), strict=True):
            g *= network.rate
            p -= g

    return gradients, step if network.rate else gradients


def engine(network, constants, leaves):
    leaves = [ag.asarray(a, requires_grad=True) for a in leaves]
    return passes(network, ENGINE, constants, leaves, optim.SGD)


def pytorch(torch, network, constants, leaves):
    leaves = [p.requires_grad_() for p in torch_values(torch, leaves)]
    return passes(
        network, torch_names(torch), torch_values(torch, constants), leaves, torch.optim.SGD
    )


def passes(network, lib, constants, leaves, SGD):
    """The two functions, in the words that both libraries have."""
    optimiser = SGD(leaves, lr=network.rate or RATE)

    def gradients():
        optimiser.zero_grad()
        network.loss(lib, constants, leaves).backward()
        return [p.grad for p in leaves]

    def step():
        gradients()
        optimiser.step()

    return gradients, step if network.rate else gradients


def hessian_products(peers):
    """Functions that compute a Hessian-vector product of the sigmoid network, and its gradient."""
    constants, leaves = drawn(SIGMOID)
    rng = np.random.default_rng(1)
    directions = [rng.standard_normal(a.shape, dtype=np.float32) for a in leaves]

    def loss(leaves):
        return SIGMOID.loss(ENGINE, constants, leaves)

    products = {
        "hand": lambda: by_hand.sigmoid_mlp_hvp(constants, leaves, directions),
        "engine": lambda: [g.data for g in ag.hvp(loss, leaves, directions)],
    }
    if "torch" in peers:
        products["torch"] = torch_product(peers["torch"], constants, leaves, directions)
    return products, contenders(SIGMOID, peers)[0]


def torch_product(torch, constants, leaves, directions):
    lib, constants = torch_names(torch), torch_values(torch, constants)
    xs = [x.requires_grad_() for x in torch_values(torch, leaves)]
    vs = torch_values(torch, directions)

    def product():
        loss = SIGMOID.loss(lib, constants, xs)
        gradients = torch.autograd.grad(loss, xs, create_graph=True)
        return torch.autograd.grad(gradients, xs, vs)

    return product
