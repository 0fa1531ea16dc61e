# %% [markdown]
# # Why do the first layers of a deep chain learn nothing?
# A gradient reaches the first layer through all the others, and each of them multiplies it by the
# transpose of its Jacobian. A product of forty numbers is hardly ever near 1: it vanishes or
# explodes. For matrices that is true of their singular values. A residual connection changes the
# factors.

# %%
import numpy as np
from course import claim, plot, save
from curves import BLUE, GREY, ORANGE

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F

DEPTH, WIDTH = 40, 32
rng = np.random.default_rng(0)
weights = rng.standard_normal((DEPTH, WIDTH, WIDTH)) / WIDTH**0.5  # W x is about as long as x
start = rng.standard_normal(WIDTH)
LAYERS = {
    "sigmoid(W x)": lambda W, x: F.sigmoid(W @ x),
    "tanh(W x)": lambda W, x: np.tanh(W @ x),
    "x + tanh(W x)": lambda W, x: x + np.tanh(W @ x),
}
SIGMOID, TANH, RESIDUAL = LAYERS


def states(layer, x):
    """What enters each layer, and what leaves the last one."""
    found = [x]
    for W in weights:
        found.append(layer(W, found[-1]))
    return found


# %% [markdown]
# Let e be a loss with a gradient of length 1 with respect to x₄₀, the result. How long is it at the
# other states x₀, x₁, …?

# %%
g = rng.standard_normal(WIDTH)
g /= np.linalg.norm(g)
runs = {name: states(layer, Tensor(start, requires_grad=True)) for name, layer in LAYERS.items()}
lengths = {}
for name, x in runs.items():
    lengths[name] = np.array([np.linalg.norm(d.data) for d in ag.gradients(x[-1] @ g, x)])
    print(f"{name:<13}  |∂e/∂x₀| / |∂e/∂x₄₀| = {lengths[name][0]:.1e}")
claim("sigmoids: less than 10⁻²⁰ of it arrives", lengths[SIGMOID][0] < 1e-20)
claim("tanh: less than a tenth", lengths[TANH][0] < 0.1)
claim("residual layers: no state gets less", lengths[RESIDUAL].min() > 0.99)

# %% [markdown]
# A sigmoid has a slope of at most ¼, so forty of them leave at most (|W|/4)⁴⁰, with |W| the largest
# singular value. A tanh has the slope 1 at 0 and less elsewhere. In a residual layer ∂e/∂x is ∂e/∂y
# **plus** what comes through the layer: the Jacobian is I + Diag(1 − h²) W, and the way through I
# is open at any depth. Now the sum grows. Deep networks therefore keep W small at the start, or
# normalise.

# %%
bound = np.prod([np.linalg.norm(W, 2) / 4 for W in weights])
claim(f"sigmoids cannot leave more than {bound:.0e}", lengths[SIGMOID][0] <= bound)
W, x = Tensor(weights[0, :4, :4]), Tensor(start[:4], requires_grad=True)
with viz.record():
    h = np.tanh(W @ x)
    y = x + h
print(viz.formula(y, wrt=x, names=locals()))
save(viz.draw_backward(y, names=locals()), "vanishing_gradients_residual.svg")

# %% [markdown]
# The length is not all. The Jacobian of the chain is the product of the layers' Jacobians, and as
# it gets longer its singular values drift apart: the gradient keeps a few directions and forgets
# the rest. The chain of tanh layers looks harmless by the length of the gradient, but most of what
# the loss says about x₄₀ is not heard at x₀.


# %%
def singular_values(name):
    """Of the Jacobian ∂x₄₀/∂xₖ, for all k from the last to the first."""
    J, found = np.eye(WIDTH), [np.ones(WIDTH)]
    for W, x in zip(weights[::-1], runs[name][-2::-1], strict=True):
        J = J @ ag.jacobian(lambda x, W=W: LAYERS[name](W, x))(x.data).data
        found.append(np.linalg.svd(J, compute_uv=False))
    return J, np.array(found[::-1])


spectra = {}
for name in (TANH, RESIDUAL):
    J, spectra[name] = singular_values(name)
    whole = ag.jacobian(lambda x, name=name: states(LAYERS[name], x)[-1])(start).data
    claim(f"{name}: the chain's Jacobian is the product", np.allclose(J, whole))
    values = spectra[name][0]
    print(f"  largest singular value {values[0]:.1e}, median {np.median(values):.1e}")
halves = {name: np.median(values[0]) for name, values in spectra.items()}
claim("tanh: half of all directions lose a factor of a million", halves[TANH] < 1e-6)
claim("residual layers: half of them lose less than a third", halves[RESIDUAL] > 2 / 3)


# %%
def draw(figure, by_length, by_direction):
    for name, colour in zip(LAYERS, (GREY, ORANGE, BLUE), strict=True):
        by_length.semilogy(lengths[name], color=colour, label=name)
        if name in spectra:
            values, ks = spectra[name], np.arange(DEPTH + 1)
            middle = np.median(values, axis=1)
            by_direction.semilogy(ks, middle, color=colour)
            by_direction.fill_between(ks, values[:, 0], middle, color=colour, alpha=0.2, lw=0)
    by_length.legend(frameon=False)
    by_length.set(xlabel="layer k", ylabel="|∂e/∂xₖ|", ylim=(1e-27, 1e4))
    by_direction.set(xlabel="layer k", ylabel="∂x₄₀/∂xₖ: largest … median\nsingular value")


plot("vanishing_gradients.svg", draw, (9.0, 3.4), 2)
