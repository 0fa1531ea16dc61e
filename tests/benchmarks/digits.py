"""One training step of the network of examples/mnist.py: forward, backward, momentum update."""

import numpy as np

import autograd_lite as ag
from autograd_lite import functional as F

BATCH, WIDTH, CLASSES, PIXELS = 100, 128, 10, 784
RATE, MOMENTUM = np.float32(1e-6), np.float32(0.9)  # so slow that every step costs the same
SHAPES = [(PIXELS, WIDTH), (WIDTH,), (WIDTH, WIDTH), (WIDTH,), (WIDTH, WIDTH), (WIDTH,),
          (WIDTH, CLASSES), (CLASSES,)]  # fmt: skip


def data(seed=0):
    """Images, labels and the eight parameters, as arrays."""
    rng = np.random.default_rng(seed)
    images = rng.random((BATCH, PIXELS), dtype=np.float32)
    labels = rng.integers(0, CLASSES, BATCH)
    return images, labels, [
        (rng.standard_normal(s) / np.sqrt(s[0] if len(s) > 1 else WIDTH)).astype(np.float32)
        for s in SHAPES
    ]  # fmt: skip


def contenders(peers):
    """For each contender two functions: one returns the gradients, one makes a whole step."""
    makers = {"torch": pytorch, "autograd": hips, "mygrad": mygrad}
    images, labels, parameters = data()

    def fresh():
        return images, labels, [p.copy() for p in parameters]

    made = {"hand": hand(*fresh()), "engine": engine(*fresh())}
    made |= {name: makers[name](module, *fresh()) for name, module in peers.items()}
    return {n: m[0] for n, m in made.items()}, {n: m[1] for n, m in made.items()}


def network(x, W, b, H1, v1, H2, v2, U, c, relu):
    """The logits, in any library whose arrays know + and @."""
    x = x @ W + b
    x = x + relu(x @ H1 + v1)
    x = x + relu(x @ H2 + v2)
    return x @ U + c


def momentum(parameters, velocities, gradients):
    for p, v, g in zip(parameters, velocities, gradients, strict=True):
        v *= MOMENTUM
        g *= RATE
        v -= g
        p += v


def hand_gradients(images, labels, parameters):
    """The gradients as one writes them by hand: in place where an array is not needed again."""
    W, b, H1, v1, H2, v2, U, c = parameters
    ones = np.ones(len(images), images.dtype)
    x0 = images @ W
    x0 += b
    x1, active1 = block(x0, H1, v1)
    x2, active2 = block(x1, H2, v2)
    g = x2 @ U
    g += c
    g -= g.max(axis=1, keepdims=True)
    np.exp(g, out=g)
    g /= g.sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    loss = -np.log(g[rows, labels]).mean()
    g[rows, labels] -= 1
    g /= len(labels)
    gU, gc = x2.T @ g, ones @ g
    g = g @ U.T
    gH2, gv2 = block_back(g, x1, H2, active2, ones)
    gH1, gv1 = block_back(g, x0, H1, active1, ones)
    return loss, [images.T @ g, ones @ g, gH1, gv1, gH2, gv2, gU, gc]


def block(x, H, v):
    z = x @ H
    z += v
    active = z > 0
    z *= active
    z += x
    return z, active


def block_back(g, x, H, active, ones):
    """The gradients of H and v; `g` becomes the gradient of x."""
    r = g * active
    gH, gv = x.T @ r, ones @ r
    g += r @ H.T
    return gH, gv


def hand(images, labels, parameters):
    velocities = [np.zeros_like(p) for p in parameters]

    def gradients():
        return hand_gradients(images, labels, parameters)[1]

    return gradients, lambda: momentum(parameters, velocities, gradients())


def engine(images, labels, parameters):
    parameters = [ag.asarray(p, requires_grad=True) for p in parameters]
    velocities = [np.zeros_like(p.data) for p in parameters]

    def gradients():
        for p in parameters:
            p.zero_grad()
        F.cross_entropy(network(images, *parameters, F.relu), labels).backward()
        return [p.grad for p in parameters]

    def step():
        gs = gradients()
        with ag.no_grad():
            momentum(parameters, velocities, gs)

    return gradients, step


def pytorch(torch, images, labels, parameters):
    x, t = torch.from_numpy(images), torch.from_numpy(labels)
    parameters = [torch.from_numpy(p).requires_grad_() for p in parameters]
    velocities = [torch.zeros_like(p) for p in parameters]

    def gradients():
        for p in parameters:
            p.grad = None
        logits = network(x, *parameters, torch.relu)
        torch.nn.functional.cross_entropy(logits, t).backward()
        return [p.grad for p in parameters]

    @torch.no_grad()
    def update(gs):
        for p, v, g in zip(parameters, velocities, gs, strict=True):
            v.mul_(float(MOMENTUM)).sub_(g, alpha=float(RATE))
            p.add_(v)

    return gradients, lambda: update(gradients())


def hips(autograd, images, labels, parameters):
    from autograd import numpy as anp
    from autograd.scipy.special import logsumexp

    rows = np.arange(len(labels))
    velocities = [np.zeros_like(p) for p in parameters]

    def loss(parameters):
        z = network(images, *parameters, lambda a: anp.maximum(a, 0))
        return anp.mean(logsumexp(z, axis=1) - z[rows, labels])

    def gradients():
        return autograd.grad(loss)(parameters)

    return gradients, lambda: momentum(parameters, velocities, gradients())


def mygrad(mg, images, labels, parameters):
    from mygrad.nnet.activations import relu
    from mygrad.nnet.losses import softmax_crossentropy

    parameters = [mg.tensor(p, copy=False) for p in parameters]
    velocities = [np.zeros_like(p.data) for p in parameters]

    def gradients():
        softmax_crossentropy(network(images, *parameters, relu), labels).backward()
        return [p.grad for p in parameters]

    def step():
        gs = gradients()
        momentum([p.data for p in parameters], velocities, gs)

    return gradients, step
