# %% [markdown]
# # How well do noisy data determine the parameters of a differential equation?
# A damped oscillator, x″ = −c x′ − k x, is observed sixty times with noise. Wanted are the damping
# c, the stiffness k (both per mass) and the state x₀, v₀ at the start, with error bars. The
# solution comes from a numerical integrator. An integrator is a program, and can be differentiated
# like any other.

# %%
import numpy as np
from course import claim, plot
from curves import BLUE, GREY, ORANGE

import autograd_lite as ag

NAMES = ("c", "k", "x₀", "v₀")
TRUTH = np.array([0.25, 4.0, 1.0, -0.5])
NOISE = 0.12  # standard deviation
times = np.linspace(0.0, 8.0, 61)[1:]


def rates(state, c, k):
    """The time derivatives of (x, v). For another force change this line."""
    x, v = state
    return np.stack([v, -c * v - k * x])


def positions(parameters, steps=1):
    """x at the times, by the Runge–Kutta method of order 4 with `steps` steps between them."""
    c, k, x, v = parameters
    h, state, found = times[0] / steps, np.stack([x, v]), []
    for _ in times:
        for _ in range(steps):
            k1 = rates(state, c, k)
            k2 = rates(state + h / 2 * k1, c, k)
            k3 = rates(state + h / 2 * k2, c, k)
            k4 = rates(state + h * k3, c, k)
            state = state + h / 6 * (k1 + 2 * (k2 + k3) + k4)
        found.append(state[0])
    return np.stack(found)


data = positions(TRUTH, 4) + NOISE * np.random.default_rng(0).standard_normal(times.shape)


def misfit(parameters, steps=1):
    """−log likelihood of the data, but for a constant."""
    return np.sum((positions(parameters, steps) - data) ** 2) / (2 * NOISE**2)


# %% [markdown]
# Is the derivative of the integrator the derivative of the solution? It is the exact derivative of
# what the program computes: finite differences agree to their own precision. And that converges to
# the derivative of the true solution as fast as the integrator itself: half the step, 1/16 of the
# error. For this force the true solution is known, so both can be measured.


# %%
def exact(parameters):
    c, k, x, v = parameters
    ω = np.sqrt(k - c * c / 4)
    swing = x * np.cos(ω * times) + (v + c / 2 * x) / ω * np.sin(ω * times)
    return np.exp(-c / 2 * times) * swing


gradient = ag.grad(misfit)(TRUTH).data
h = 1e-5
slopes = [(misfit(TRUTH + h * e) - misfit(TRUTH - h * e)) / (2 * h) for e in np.eye(4)]
claim("the gradient agrees with finite differences", np.allclose(gradient, slopes, rtol=1e-6))
g = ag.grad(lambda p: np.sum((exact(p) - data) ** 2) / (2 * NOISE**2))(TRUTH).data
errors = [np.linalg.norm(ag.grad(misfit)(TRUTH, n).data - g) for n in (1, 2, 4)]
ratios = np.divide(errors[:-1], errors[1:])
claim(f"half the step divides its error by {ratios.round(1)}", np.all(np.abs(ratios - 16) < 2))

# %% [markdown]
# **The fit.** The Jacobian J of the sixty positions has four columns. Backward passes give rows,
# one for each position; `jvp` gives columns, one for each parameter, and here these are fewer.
# Gauss–Newton takes the positions as linear in the parameters and solves that problem: a step δ
# with JᵀJ δ = Jᵀ (data − positions). (For parameters by the thousand, give
# `ag.value_and_grad(misfit)` to an optimiser instead.)


# %%
def jacobian(p):
    """Positions (60,) and their derivatives (60, 4)."""
    pairs = [ag.jvp(positions, p, e) for e in np.eye(4)]
    return pairs[0][0].data, np.stack([column.data for _, column in pairs], axis=1)


fit = np.array([0.1, 3.5, 1.0, 0.0])  # a guess from looking at the data
for _ in range(5):
    x, J = jacobian(fit)
    δ = np.linalg.solve(J.T @ J, J.T @ (data - x))
    fit = fit + δ
    print(*(f"{name} = {value:.5f}" for name, value in zip(NAMES, fit, strict=True)), sep="  ")
claim("it ends where the gradient is 0", np.allclose(J.T @ (data - x) / gradient, 0.0, atol=1e-3))

# %% [markdown]
# **The error bars.** Near its minimum the misfit is a parabola, and its Hessian is the inverse of
# the parameters' covariance. JᵀJ / σ² is that Hessian without the term in which the second
# derivatives of the positions are weighted by the residuals. With a good fit the residuals are
# noise, of either sign, and that term is small: here we can look.

# %%
covariance = np.linalg.inv(J.T @ J / NOISE**2)
bars = np.sqrt(np.diag(covariance))
full = np.sqrt(np.diag(np.linalg.inv(ag.hessian(misfit)(fit).data)))
for name, value, bar, true in zip(NAMES, fit, bars, TRUTH, strict=True):
    print(f"{name} = {value:7.4f} ± {bar:.4f}   truth {true}")
claim("the Hessian gives the same error bars within 5 %", np.allclose(bars, full, rtol=0.05))
claim("the truth lies within three standard errors", np.all(np.abs(fit - TRUTH) < 3 * bars))
χ2, free = 2 * misfit(fit), len(data) - len(fit)
claim(f"χ² = {χ2:.1f} for {free} degrees of freedom", abs(χ2 - free) < 3 * (2 * free) ** 0.5)

# %% [markdown]
# The parameters are not independent: the covariance has elements beside the diagonal. So the curve
# is known better than the four error bars suggest. Its variance at each time is a row of J times
# the covariance times that row.

# %%
band = np.sqrt(np.einsum("ti,ij,tj->t", J, covariance, J))
careless = np.sqrt(J**2 @ bars**2)
claim("with the covariances the band is narrower", band.mean() < careless.mean())
claim(f"the curve is known to {band.mean():.3f}, one point to {NOISE}", band.max() < NOISE)


def draw(figure, axes):
    axes.plot(times, data, ".", color=GREY, label="data")
    axes.plot(times, exact(TRUTH), "--", color=ORANGE, label="truth")
    axes.plot(times, positions(fit), color=BLUE, label="fit")
    edges = [positions(fit) + sign * 2 * band for sign in (-1, 1)]
    axes.fill_between(times, *edges, color=BLUE, alpha=0.2, lw=0, label="± 2 standard errors")
    axes.set(xlabel="time", ylabel="position")
    figure.legend(frameon=False, ncols=4, loc="outside upper center")


plot("oscillator.svg", draw, (7.0, 3.2))
