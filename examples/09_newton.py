# %% [markdown]
# # How many steps does Newton's method need?
# To solve f(x) = 0, replace f by its tangent at x and solve that: J(x) d = −f(x), x ← x + d. The
# tangent misses f by a term of second order, so the error of a step is about the square of the
# error before: near the solution the number of right digits **doubles**. It needs the Jacobian,
# which nobody likes to derive by hand for a large f.

# %%
import numpy as np
from course import SHORT, claim, plot
from curves import BLUE, ORANGE

import autograd_lite as ag


def newton(step, x, steps):
    """The points that it visits; `step(x)` solves for d."""
    points = [x]
    for _ in range(steps):
        points.append(points[-1] + step(points[-1]))
    return np.array(points)


# %% [markdown]
# **A system.** A robot's arm has two parts of length 1 and 0.8. Which angles of its two joints put
# its hand at a given place? There are two equations, and two unknowns.

# %%
parts, angles = np.array([1.0, 0.8]), np.array([0.6, 1.1])  # the angles to be found


def hand(q):
    directions = np.cumsum(q)  # each joint turns what is behind it
    return np.stack([np.sum(parts * np.cos(directions)), np.sum(parts * np.sin(directions))])


place, J = hand(angles), ag.jacobian(hand)
q = newton(lambda q: np.linalg.solve(J(q).data, place - hand(q)), np.array([0.3, 0.8]), 5)
errors = np.linalg.norm(q - angles, axis=1)
print("errors:", *(f"{error:.0e}" for error in errors))
claim("each error is below the square of the one before", np.all(errors[2:] < errors[1:-1] ** 2))
claim("five steps, twelve digits", errors[5] < 1e-12)

# %% [markdown]
# **A minimum** is a zero of the gradient, and the Jacobian of the gradient is the Hessian: the same
# method with other names. Rosenbrock's function is a bent valley, 2500 times as curved across as
# along, so gradient descent must take tiny steps. Newton's steps are made for each direction. They
# are not made to go down, though: far from the minimum one of them may climb, as the second does
# here, or end at a saddle. A program for general use shortens such steps.


# %%
def valley(w):
    return 100 * (w[1] - w[0] ** 2) ** 2 + (1 - w[0]) ** 2


start, slope, H = np.array([-1.2, 1.0]), ag.grad(valley), ag.hessian(valley)
fast = newton(lambda w: -np.linalg.solve(H(w).data, slope(w).data), start, 6)
slow = newton(lambda w: -0.0015 * slope(w).data, start, 4000)
gone, going = (np.linalg.norm(path - 1.0, axis=1) for path in (fast, slow))
print("errors:", *(f"{error:.0e}" for error in gone))
κ = np.linalg.cond(H(np.ones(2)).data)
claim(f"the curvature across is {κ:.0f} times that along", 2500 < κ < 2520)
claim("six steps: ten digits", gone[6] < 1e-10)
claim("4000 steps of gradient descent: not two", going[-1] > 0.01)
claim("the second step climbs", valley(fast[2]) > valley(fast[1]))

# %% [markdown]
# **Many unknowns.** A soap film hangs in a bent wire frame and makes its area as small as it can.
# Build it of flat triangles over a grid of 63 × 63 points. The heights there are the unknowns, and
# the Hessian has 3969² entries, 126 MB. Nobody needs them. The method of conjugate gradients solves
# H d = −g from products H v alone, and such a product is a derivative again, that of ⟨g, v⟩ with v
# held fixed: it costs two or three gradients.


# %%
def film(n):
    """The area as a function of the heights (n, n) within the frame, and Scherk's surface there."""
    s, h = np.linspace(-1.2, 1.2, n + 2, retstep=True)
    exact = np.log(np.cos(s)[:, None] / np.cos(s))
    frame = exact - np.pad(exact[1:-1, 1:-1], 1)  # zero inside

    def area(u):
        z = np.pad(u, 1) + frame
        x, y = np.diff(z, axis=0) / h, np.diff(z, axis=1) / h
        steep = np.stack([x[:, 1:] ** 2 + y[1:] ** 2, x[:, :-1] ** 2 + y[:-1] ** 2])
        return h * h / 2 * np.sum(np.sqrt(1 + steep))

    return area, exact[1:-1, 1:-1]


def conjugate_gradients(product, b):
    """x with product(x) = b."""
    x, r, p = np.zeros_like(b), b, b
    while np.linalg.norm(r) > 1e-8 * np.linalg.norm(b):
        q = product(p)
        size = np.sum(r * r) / np.sum(p * q)
        x, old, r = x + size * p, r, r - size * q
        p = r + np.sum(r * r) / np.sum(old * old) * p
    return x


def film_step(area):
    return lambda u: conjugate_gradients(lambda v: ag.hvp(area, u, v).data, -ag.grad(area)(u).data)


area, _ = film(5)
u, v = np.random.default_rng(0).standard_normal((2, 5, 5))
full = np.tensordot(ag.hessian(area)(u).data, v, 2)
claim("ag.hvp is the Hessian times v, without the Hessian", np.allclose(ag.hvp(area, u, v), full))

# %% [markdown]
# Scherk found in 1834 that z = log(cos x / cos y) is such a surface. The film of triangles differs
# from it by an error that falls with the square of the spacing.

# %%
errors = []
for n in (15, 31) if SHORT else (31, 63):
    area, exact = film(n)
    heights = newton(film_step(area), np.zeros((n, n)), 6)
    slopes = [np.linalg.norm(ag.grad(area)(u).data) for u in heights]
    errors.append(np.abs(heights[-1] - exact).max())
    print(f"{n} × {n}: gradients", *(f"{g:.0e}" for g in slopes), f" error {errors[-1]:.1e}")
    claim(f"six steps for {n * n} unknowns", slopes[6] < 1e-10)
claim("half the spacing, a quarter of the error", 3.5 < errors[0] / errors[1] < 4.5)


# %%
def draw(figure, course, surface):
    course.loglog(np.arange(1, 4002, 20), going[::20], color=ORANGE, label="gradient descent")
    course.loglog(np.arange(1, 8), gone, ".-", color=BLUE, label="Newton")
    course.set(xlabel="points visited", ylabel="distance from the minimum")
    course.legend(frameon=False)
    image = surface.contourf(heights[-1].T, 12, extent=(-1.2, 1.2) * 2, cmap="PuOr")
    figure.colorbar(image, ax=surface, label="height of the film", ticks=[-0.8, 0, 0.8])


plot("newton.svg", draw, (8.0, 3.2), 2)
