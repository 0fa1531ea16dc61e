"""Chains of small operations, where all of the time is the engine's own."""

import functools

import numpy as np

import autograd_lite as ag

SIZE = 4


# Each kind of chain: one step forward, and one step back by hand. `w` and `b` are tracked,
# `c` is a constant.
def mixed(y, w, b, c):
    return y * w + b


def multiply(y, w, b, c):
    return y * w


def add(y, w, b, c):
    return y + b


def constant(y, w, b, c):
    return y * c


def tanh(y, w, b, c):
    return np.tanh(y)


KINDS = {"y * w + b": mixed, "y * w": multiply, "y + b": add, "y * constant": constant,
         "tanh(y)": tanh}  # fmt: skip


def contenders(kind, steps, peers):
    """Functions that record the chain, differentiate it and return the three gradients."""
    given = (kind, steps, *data())
    runs = {"hand": functools.partial(hand, *given), "engine": functools.partial(engine, *given)}
    known = {"torch": pytorch, "autograd": hips, "mygrad": mygrad}
    return runs | {n: functools.partial(known[n], module, *given) for n, module in peers.items()}


def forwards(kind, steps, peers):
    """For the engine and PyTorch: functions that compute the chain alone, recorded and not."""
    given = (kind, steps, *data())
    found = {"engine": either(ag, functools.partial(engine_value, *given))}
    if torch := peers.get("torch"):
        found["torch"] = either(torch, functools.partial(pytorch_value, torch, *given))
    return found


def either(library, run):
    def unrecorded():
        with library.no_grad():
            return run()

    return run, unrecorded


def data(seed=0):
    rng = np.random.default_rng(seed)
    x, b = rng.standard_normal((2, SIZE))
    w, c = 1 + 1e-3 * rng.standard_normal((2, SIZE))
    return x, w, b, c


def hand(kind, steps, x, w, b, c):
    """The gradients of the sum of the last value, with respect to x, w and b."""
    forward, backward = HAND[kind]
    kept = forward(steps, x, w, b, c)
    gw, gb = np.zeros_like(w), np.zeros_like(b)
    g = np.ones_like(x)
    return backward(g, gw, gb, kept, steps, w, c), gw, gb


def mixed_forward(steps, y, w, b, c):
    kept = []
    for _ in range(steps):
        kept.append(y)
        y = y * w
        y += b
    return kept


def mixed_backward(g, gw, gb, kept, steps, w, c):
    for y in reversed(kept):
        gb += g
        gw += g * y
        g *= w
    return g


def multiply_forward(steps, y, w, b, c):
    kept = []
    for _ in range(steps):
        kept.append(y)
        y = y * w
    return kept


def multiply_backward(g, gw, gb, kept, steps, w, c):
    for y in reversed(kept):
        gw += g * y
        g *= w
    return g


def add_forward(steps, y, w, b, c):
    y = y + b
    for _ in range(steps - 1):
        y += b


def add_backward(g, gw, gb, kept, steps, w, c):
    for _ in range(steps):
        gb += g
    return g


def constant_forward(steps, y, w, b, c):
    y = y * c
    for _ in range(steps - 1):
        y *= c


def constant_backward(g, gw, gb, kept, steps, w, c):
    for _ in range(steps):
        g *= c
    return g


def tanh_forward(steps, y, w, b, c):
    kept = []
    for _ in range(steps):
        y = np.tanh(y)
        kept.append(y)
    return kept


def tanh_backward(g, gw, gb, kept, steps, w, c):
    for y in reversed(kept):
        g *= 1.0 - y * y
    return g


HAND = {
    mixed: (mixed_forward, mixed_backward),
    multiply: (multiply_forward, multiply_backward),
    add: (add_forward, add_backward),
    constant: (constant_forward, constant_backward),
    tanh: (tanh_forward, tanh_backward),
}


def engine(kind, steps, x, w, b, c):
    y, leaves = engine_value(kind, steps, x, w, b, c)
    y.backward(np.ones(SIZE))
    return grads_or_zeros(*leaves)


def engine_value(kind, steps, x, w, b, c):
    x, w, b = (ag.asarray(a, requires_grad=True) for a in (x, w, b))
    y = x
    for _ in range(steps):
        y = kind(y, w, b, c)
    return y, (x, w, b)


def grads_or_zeros(*leaves):
    return [np.zeros(SIZE) if a.grad is None else a.grad for a in leaves]


def pytorch(torch, kind, steps, x, w, b, c):
    y, leaves = pytorch_value(torch, kind, steps, x, w, b, c)
    y.backward(torch.ones(SIZE, dtype=torch.float64))
    return grads_or_zeros(*leaves)


def pytorch_value(torch, kind, steps, x, w, b, c):
    step = torch.tanh if kind is tanh else kind
    x, w, b = (torch.tensor(a, requires_grad=True) for a in (x, w, b))
    c = torch.tensor(c)
    y = x
    for _ in range(steps):
        y = step(y) if step is torch.tanh else step(y, w, b, c)
    return y, (x, w, b)


def hips(autograd, kind, steps, x, w, b, c):
    from autograd import numpy as anp

    def f(x, w, b):
        y = x
        for _ in range(steps):
            y = anp.tanh(y) if kind is tanh else kind(y, w, b, c)
        return anp.sum(y)

    return autograd.grad(f, (0, 1, 2))(x, w, b)


def mygrad(mg, kind, steps, x, w, b, c):
    x, w, b = (mg.tensor(a) for a in (x, w, b))
    y = x
    for _ in range(steps):
        y = mg.tanh(y) if kind is tanh else kind(y, w, b, c)
    y.backward(np.ones(SIZE))
    return grads_or_zeros(x, w, b)
