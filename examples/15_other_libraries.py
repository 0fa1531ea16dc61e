# %% [markdown]
# # Can code that was not written for this engine be differentiated?
# Yes, if it is written for arrays of any kind. The **array API standard** names the functions that
# all array libraries share. Generic code asks its argument for them, `xp =
# x.__array_namespace__()`, and calls `xp.exp(x)`. A Tensor answers with `autograd_lite`, and so the
# gradient runs through the generic code. Much of SciPy is written so, and waits for a switch that
# must be set before SciPy is imported.

# %%
import os

os.environ["SCIPY_ARRAY_API"] = "1"

import numpy as np
from course import claim, plot
from curves import BLUE, GREY, ORANGE
from missing import explain

import autograd_lite as ag
from autograd_lite.errors import GraphError

try:
    import einops
    from einops.array_api import rearrange, reduce
    from scipy import special, stats
    from scipy.integrate import cumulative_simpson
    from scipy.optimize import minimize
    from scipy.signal import fftconvolve
except ModuleNotFoundError as error:
    explain(error)


def agrees(f, x, h=1e-6):
    """Whether the engine's gradient of the number f(x) agrees with f on NumPy's arrays."""
    d = np.random.default_rng(1).standard_normal(x.shape)
    slope = (f(x + h * d) - f(x - h * d)) / (2 * h)
    return np.isclose(np.sum(ag.grad(f)(x).data * d), slope, rtol=1e-6)


# %% [markdown]
# **A mixture of Gaussians.** Each point comes from one of two Gaussians. Its likelihood is a sum of
# exponentials, and the logarithm of that sum needs the maximum taken out of it first, or it
# underflows. `scipy.special.logsumexp` does this with care.

# %%
rng = np.random.default_rng(0)
x = np.concatenate([rng.normal(-1.0, 0.5, 350), rng.normal(1.5, 0.8, 650)])


def log_likelihood(p):
    """Mean over the points; p holds two logits, two means and two logarithms of spreads."""
    logits, means, log_spreads = p[:2], p[2:4], p[4:]
    z = (x[:, None] - means) / np.exp(log_spreads)
    parts = special.log_softmax(logits) - z * z / 2 - log_spreads - np.log(2 * np.pi) / 2
    return np.mean(special.logsumexp(parts, axis=1))


guess = np.array([0.0, 0.0, -0.5, 0.5, 0.0, 0.0])
claim("through SciPy's logsumexp and log_softmax", agrees(log_likelihood, guess))


def objective(p):
    value, gradient = ag.value_and_grad(lambda p: -log_likelihood(p))(p)
    return value.item(), gradient.data


found = minimize(objective, guess, jac=True).x  # by BFGS
share, (left, right), (narrow, wide) = special.softmax(found[:2]), found[2:4], np.exp(found[4:])
print(f"{share[0]:.0%} at {left:.2f} ± {narrow:.2f}, {share[1]:.0%} at {right:.2f} ± {wide:.2f}")
answer = [share[0], left, right, narrow, wide]
claim("the fit finds what was put in", np.allclose(answer, [0.35, -1.0, 1.5, 0.5, 0.8], atol=0.1))

# %% [markdown]
# **More of SciPy** works in the same way: statistics, integrals, convolution by Fourier transforms.

# %%
points = rng.normal(size=(4, 5)) + 3.0
SCIPY = {
    "stats.gmean": stats.gmean,
    "stats.kurtosis": stats.kurtosis,
    "integrate.cumulative_simpson": cumulative_simpson,
    "signal.fftconvolve": lambda a: fftconvolve(a, a),
    "special.xlogy": lambda a: special.xlogy(a, a),
}
for name, f in SCIPY.items():
    claim(name, agrees(lambda a, f=f: np.sum(np.sin(f(a))), points))

# %% [markdown]
# **einops** has a module for arrays of the standard. Here a batch of images is cut into patches of
# 2 × 2 pixels, and each patch is averaged: the gradient spreads evenly over the patch.

# %%
images = rng.normal(size=(3, 4, 6))


def patches(images):
    rows = rearrange(images, "n (h a) (w b) -> n (h w) (a b)", a=2, b=2)
    return reduce(rows**2, "n patch pixel -> n patch", "mean")


claim("einops", agrees(lambda a: np.sum(np.sin(patches(a))), images))

# %% [markdown]
# **What cannot work.** A compiled function takes numbers and gives numbers, and nobody can look
# inside. If a Tensor let itself be turned into plain numbers there, its gradient would be lost
# without a word; so it raises. Libraries with a list of the arrays they know, such as `einops`
# outside `einops.array_api`, refuse too.

# %%
tracked, refused = ag.Tensor(points, requires_grad=True), []
for f in (special.gammaln, lambda a: einops.rearrange(a, "a b -> b a")):
    try:
        f(tracked)
    except (GraphError, RuntimeError) as error:
        print(f"{type(error).__name__}: {error}")
        refused.append(type(error))
claim("both refuse with an error", refused == [GraphError, RuntimeError])

# %% [markdown]
# The remedy is a rule, one line with the derivative. That is often a compiled function as well.

# %%
gammaln = ag.rule(special.gammaln, "a", name="gammaln", a=lambda g, a: g * special.digamma(a))
claim("with a rule of one line it works", agrees(lambda a: np.sum(gammaln(a)), points))


def draw(figure, axes):
    grid = np.linspace(-3.0, 4.5, 200)
    parts = share * stats.norm.pdf(grid[:, None], found[2:4], np.exp(found[4:]))
    axes.hist(x, 50, density=True, color=GREY, alpha=0.3, label="1000 points")
    axes.plot(grid, parts, "--", color=ORANGE, label=["its parts", None])
    axes.plot(grid, parts.sum(axis=1), color=BLUE, label="fitted mixture")
    axes.set(xlabel="x", ylabel="density")
    axes.legend(frameon=False)


plot("other_libraries.svg", draw, (7.0, 3.0))
