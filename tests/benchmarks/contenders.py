"""A network in every library: its forward pass alone, its gradients, and the whole job."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import autograd_lite as ag
from autograd_lite import optim

from .names import ENGINE, hips_names, mygrad_names, torch_names
from .networks import RATE


@dataclass(slots=True)
class Contender:
    """Functions without arguments. `job` is `gradients`, or a training step if there is a rate.

    `forwards` compute the loss alone, recorded and not; only of the engine and PyTorch.
    """

    gradients: Callable
    job: Callable
    leaves: list
    forwards: tuple[Callable, ...] = ()


def contenders(network, peers, **sizes):
    """By name, each on data of its own."""
    return {n: contender(n, network, peers, **sizes) for n in ("hand", "engine", *peers)}


def contender(name, network, peers, **sizes):
    """One of them; `peers` are the modules of other libraries by name."""
    known = {"torch": pytorch, "autograd": hips, "mygrad": mygrad}
    given = network, *network.drawn(**sizes)
    if name in known:
        return known[name](peers[name], *given)
    return {"hand": hand, "engine": engine}[name](*given)


def contended(network, gradients, step, leaves, forwards=()):
    return Contender(gradients, step if network.rate else gradients, leaves, forwards)


def descend(arrays, gradients, rate):
    """Gradient descent in place, as one writes it with NumPy."""
    for p, g in zip(arrays, gradients, strict=True):
        g *= rate
        p -= g


def hand(network, constants, leaves):
    def gradients():
        return network.hand(constants, leaves)[1]

    def step():
        descend(leaves, gradients(), network.rate)

    return contended(network, gradients, step, leaves)


def engine(network, constants, leaves):
    leaves = [ag.asarray(a, requires_grad=True) for a in leaves]
    return passes(network, ENGINE, constants, leaves, optim.SGD)


def pytorch(torch, network, constants, leaves):
    leaves = [p.requires_grad_() for p in torch_values(torch, leaves)]
    constants = torch_values(torch, constants)
    return passes(network, torch_names(torch), constants, leaves, torch.optim.SGD)


def torch_values(torch, values):
    return [torch.from_numpy(v) if isinstance(v, np.ndarray) else v for v in values]


def passes(network, lib, constants, leaves, SGD):
    """In the words that the engine and PyTorch have in common."""
    optimiser = SGD(leaves, lr=network.rate or RATE)

    def loss():
        return network.loss(lib, constants, leaves)

    def unrecorded():
        with lib.no_grad():
            return loss()

    def gradients():
        optimiser.zero_grad()
        loss().backward()
        return [p.grad for p in leaves]

    def step():
        gradients()
        optimiser.step()

    return contended(network, gradients, step, leaves, (loss, unrecorded))


def hips(autograd, network, constants, leaves):
    lib = hips_names()
    graded = autograd.value_and_grad(lambda leaves: network.loss(lib, constants, leaves))

    def gradients():
        return graded(leaves)[1]

    def step():
        descend(leaves, gradients(), network.rate)

    return contended(network, gradients, step, leaves)


def mygrad(mg, network, constants, leaves):
    lib, leaves = mygrad_names(mg), [mg.tensor(a, copy=False) for a in leaves]

    def gradients():
        network.loss(lib, constants, leaves).backward()
        return [p.grad for p in leaves]

    def step():
        descend([p.data for p in leaves], gradients(), network.rate)

    return contended(network, gradients, step, leaves)
