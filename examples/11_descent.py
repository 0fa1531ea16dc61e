# %% [markdown]
# # Why does gradient descent need so many steps?
# A straight line a + b t is fitted to points. There are two numbers to find and the loss is a
# parabola, yet gradient descent takes a hundred steps. The reason is the shape of that parabola, a
# long valley. The Hessian tells that shape, and with it the best learning rate.

# %%
import numpy as np
from course import claim, plot
from curves import BLUE, GREY, ORANGE

import autograd_lite as ag
from autograd_lite import Tensor, optim

t = np.linspace(0.0, 4.0, 41)
y = 1.0 + 0.5 * t + 0.3 * np.random.default_rng(0).standard_normal(t.shape)


def loss(w, t=t):
    return np.mean((w[0] + w[1] * t - y) ** 2) / 2


H = ag.hessian(loss)(np.zeros(2)).data
bottom = np.linalg.solve(H, -ag.grad(loss)(np.zeros(2)).data)
low, high = np.linalg.eigvalsh(H)
κ = high / low
print(f"H =\n{H.round(2)}\ncurvatures {low:.3f} and {high:.3f}, condition number κ = {κ:.1f}")
claim("the gradient at the bottom is 0", np.allclose(ag.grad(loss)(bottom).data, 0.0))

# %% [markdown]
# Let d be the way from the bottom to w. The gradient is H d, so a step takes d to (I − η H) d:
# along an eigenvector of H with the curvature λ, d is multiplied by 1 − η λ. A large η overshoots
# the steep direction, and diverges as soon as η λmax > 2. A small η creeps along the flat
# direction. The best compromise makes both factors equal in size: η = 2 / (λmin + λmax). Then each
# step leaves (κ − 1) / (κ + 1) of the distance, whatever the loss: only κ = λmax / λmin counts.


# %%
def path(make, loss=loss, start=(4.0, -1.5), steps=400):
    """The points that an optimiser visits; `make` makes it from a list of parameters."""
    w = Tensor(np.array(start), requires_grad=True)
    optimiser, points = make([w]), [w.data.copy()]
    for _ in range(steps):
        optimiser.zero_grad()
        loss(w).backward()
        optimiser.step()
        points.append(w.data.copy())
    return np.array(points)


def remaining(points):
    """What is left of the first distance after each step."""
    distances = np.linalg.norm(points - bottom, axis=1)
    return distances / distances[0]


def needed(points):
    """Steps until less than a thousandth of the distance is left for good."""
    return int(np.flatnonzero(remaining(points) > 1e-3)[-1]) + 1


η = 2 / (low + high)
plain = path(lambda w: optim.SGD(w, lr=η))
ratio = (remaining(plain)[60] / remaining(plain)[20]) ** (1 / 40)
print(f"η = {η:.3f}: {needed(plain)} steps; each leaves {ratio:.4f} of the distance")
claim("that is (κ − 1) / (κ + 1)", np.isclose(ratio, (κ - 1) / (κ + 1)))
counts = [needed(path(lambda w, s=s: optim.SGD(w, lr=s * η))) for s in (0.25, 0.5, 1.0)]
claim(f"half the rate, twice the steps: {counts}", counts[0] > 1.9 * counts[1] > 3.6 * counts[2])
wild = path(lambda w: optim.SGD(w, lr=2.05 / high))
claim("a rate just above 2 / λmax diverges", remaining(wild)[-1] > 1000)

# %% [markdown]
# **Momentum** steps along a decaying sum of the gradients, v ← μ v + g. Across the valley they
# change sign and cancel; along it they add up. The best values for a parabola,
# √μ = (√κ − 1) / (√κ + 1) and η = (1 + √μ)² / λmax, put √κ in the place of κ. That rate is larger
# than the one above, so the first steps overshoot more; after them it is ahead.
#
# **Adam** divides each coordinate's step by the root mean square of that coordinate's gradients. If
# the valley lies along a coordinate axis, this undoes its curvature altogether: gradients 50 times
# as large are divided by a root 50 times as large. Ours is turned, and no scaling of the
# coordinates makes a turned valley round. So here Adam wins nothing over the best η. It has another
# merit: the size of its steps is `lr` whatever the units of the loss, while the best η must be
# known.

# %%
root = (κ**0.5 - 1) / (κ**0.5 + 1)
heavy = path(lambda w: optim.SGD(w, lr=(1 + root) ** 2 / high, momentum=root**2))
claim(f"momentum needs {needed(heavy)} steps", needed(heavy) < needed(plain) / 3)
adam = path(lambda w: optim.Adam(w, lr=0.2))
claim(f"Adam needs {needed(adam)}, more than plain descent", needed(adam) > needed(plain))

straight = [
    path(lambda w: optim.Adam(w, lr=0.2), lambda w, λ=λ: (w[0] ** 2 + λ * w[1] ** 2) / 2)
    for λ in (1.0, 50.0)
]
claim("but in a straight valley its path does not depend on κ", np.allclose(*straight, atol=1e-6))

# %% [markdown]
# And why is this valley turned? All t are positive, so a steeper line wants a smaller intercept:
# that is the 2 beside the diagonal of H. Measure t from its mean in units of its spread, and H is
# the identity: κ = 1. This is the reason for standardising the inputs of a network, and for its
# normalisation layers.

# %%
z = (t - t.mean()) / t.std()
H_z = ag.hessian(lambda w: loss(w, z))(np.zeros(2)).data
claim("for standardised t, H is the identity", np.allclose(H_z, np.eye(2)))
once = path(lambda w: optim.SGD(w, lr=1.0), lambda w: loss(w, z), steps=1)[-1]
claim("and one step is enough", np.allclose(ag.grad(lambda w: loss(w, z))(once).data, 0.0))


# %%
def draw(figure, valley, course):
    a, b = np.meshgrid(np.linspace(-1.0, 4.8, 50), np.linspace(-2.2, 1.6, 50))
    heights = np.mean((a[..., None] + b[..., None] * t - y) ** 2, axis=-1) / 2
    valley.contour(a, b, heights, np.geomspace(0.06, 12.0, 9), colors=GREY, linewidths=0.6)
    for points, colour, name in (
        (plain, BLUE, "gradient descent"), (heavy, ORANGE, "momentum"), (adam, "#2e7d4f", "Adam")
    ):  # fmt: skip
        valley.plot(*points[:60].T, ".-", color=colour, lw=1.0, ms=4)
        course.semilogy(remaining(points)[:200], color=colour, label=name)
    valley.plot(*bottom, "k+", ms=9)
    valley.set(xlabel="intercept a", ylabel="slope b")
    course.set(xlabel="step", ylabel="distance left", ylim=(1e-6, 3.0))
    course.legend(frameon=False)


plot("descent.svg", draw, (9.0, 3.6), 2)
