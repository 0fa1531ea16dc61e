"""Hessian-vector products of the sigmoid network. MyGrad has no derivatives but the first."""

import numpy as np

import autograd_lite as ag

from . import networks_hand as by_hand
from .contenders import torch_values
from .names import ENGINE, hips_names, torch_names
from .networks import SIGMOID


def products(peers, **sizes):
    """For each contender a function that computes the product with a fixed direction."""
    constants, leaves = SIGMOID.drawn(**sizes)
    rng = np.random.default_rng(1)
    directions = [rng.standard_normal(a.shape, dtype=np.float32) for a in leaves]
    given = (constants, leaves, directions)
    made = {"hand": lambda: by_hand.sigmoid_mlp_hvp(*given), "engine": engine(*given)}
    if "torch" in peers:
        made["torch"] = pytorch(peers["torch"], *given)
    if "autograd" in peers:
        made["autograd"] = hips(peers["autograd"], *given)
    return made


def engine(constants, leaves, directions):
    def loss(leaves):
        return SIGMOID.loss(ENGINE, constants, leaves)

    return lambda: [g.data for g in ag.hvp(loss, leaves, directions)]


def pytorch(torch, constants, leaves, directions):
    lib, constants = torch_names(torch), torch_values(torch, constants)
    xs = [x.requires_grad_() for x in torch_values(torch, leaves)]
    vs = torch_values(torch, directions)

    def product():
        loss = SIGMOID.loss(lib, constants, xs)
        gradients = torch.autograd.grad(loss, xs, create_graph=True)
        return torch.autograd.grad(gradients, xs, vs)

    return product


def hips(autograd, constants, leaves, directions):
    """The gradient of ⟨gradient, v⟩; the library's own helper takes one array, not a list."""
    from autograd import numpy as anp

    lib = hips_names()
    gradient = autograd.grad(lambda leaves: SIGMOID.loss(lib, constants, leaves))

    def along(leaves):
        pairs = zip(gradient(leaves), directions, strict=True)
        return sum(anp.sum(g * v) for g, v in pairs)

    product = autograd.grad(along)
    return lambda: product(leaves)
