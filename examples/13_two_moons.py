# %% [markdown]
# # What does a small network learn from two moons?
# Two half circles of points reach into each other, and no straight line divides them. A network of
# two hidden layers divides them by a curve. The loss asks for a **margin**: a score s above 1 for
# the points of class +1 and below −1 for those of class −1.

# %%
from itertools import pairwise

import numpy as np
from course import claim, plot
from curves import BLUE, ORANGE

import autograd_lite as ag
import viz
from autograd_lite import functional as F, nn, optim

rng = np.random.default_rng(2)


def moons(n, noise=0.1):
    """n points (n, 2) on two half circles, with noise, and their classes (n,), 1 or −1."""
    angle, t = rng.uniform(0.0, np.pi, n), np.where(np.arange(n) % 2, 1.0, -1.0)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    return np.where(t[:, None] > 0, upper, lower) + noise * rng.standard_normal((n, 2)), t


points, t = moons(100)
fresh, fresh_t = moons(1000)  # never trained on


def network(*widths):
    """Linear layers of these widths with relu between them."""
    layers = [nn.Linear(n, m, rng=rng, dtype=float) for n, m in pairwise(widths)]
    return nn.Sequential(*[part for layer in layers for part in (layer, nn.ReLU())][:-1])


def accuracy(net, points, t):
    with ag.no_grad():
        return np.mean(np.sign(net(points)[:, 0].data) == t)


# %% [markdown]
# The max-margin loss of a point is relu(1 − t s): nothing beyond the margin, and from there it
# grows with the distance. A small multiple of the squared weights keeps the scores from growing
# without need. The learning rate falls to a tenth, so that the last steps settle.


# %%
def objective(net):
    squares = sum(np.sum(w * w) for w in net.parameters())
    return np.mean(F.relu(1.0 - t * net(points)[:, 0])) + 1e-4 * squares


def train(net, steps=100):
    optimiser = optim.SGD(net.parameters(), lr=1.0)
    schedule = optim.LinearLR(optimiser, 1.0, 0.1, steps)
    losses = []
    for _ in range(steps):
        loss = objective(net)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    return losses


net, line = network(2, 16, 16, 1), network(2, 1)
losses, line_losses = train(net), train(line)
print(net)
share = accuracy(net, fresh, fresh_t)
claim("the network has all its 100 points right", accuracy(net, points, t) == 1.0)
claim(f"and {share:.1%} of 1000 points that it has never seen", share > 0.97)
share = accuracy(line, fresh, fresh_t)
claim(f"a straight line, trained alike, has {share:.1%} right", share < 0.93)

# %% [markdown]
# Which points teach? The gradient with respect to the scores is −t / n for a point within the
# margin, and 0 for every other. At the end few points still pull: those near the border, which hold
# the classes apart.

# %%
s = net(points)[:, 0]
m = 1.0 - t * s
L = np.mean(F.relu(m))
print(viz.formula(L, wrt=s, names=locals()))
(pull,) = ag.gradients(L, [s])
inside = m.data > 0.0
claim(f"{inside.sum()} of 100 points still pull", np.array_equal(pull.data != 0.0, inside))
claim("and each with the same force", np.allclose(np.abs(pull.data[inside]), 1 / len(t)))

# %% [markdown]
# And what is the border made of? Relu has two straight branches, so between its kinks the score is
# a linear function of the point: its Hessian is 0 at every point of the data. The curved border is
# a polygon.

# %%
curvature = [ag.hessian(lambda p: net(p)[0])(p).data for p in points]
slopes = np.unique([ag.grad(lambda p: net(p)[0])(p).data.round(9) for p in points], axis=0)
claim("the score has no curvature at any of the points", not np.any(curvature))
claim(f"but {len(slopes)} different slopes at 100 points", len(slopes) > 20)


# %%
def draw(figure, course, plane):
    course.plot(losses, color=BLUE, label="network")
    course.plot(line_losses, color=ORANGE, label="straight line")
    course.set(xlabel="step", ylabel="loss", ylim=0.0)
    course.legend(frameon=False)
    x, y = np.meshgrid(np.linspace(-1.6, 2.6, 100), np.linspace(-1.2, 1.7, 100))
    with ag.no_grad():
        heights = net(np.stack([x, y], axis=-1))[..., 0].data
    plane.contourf(x, y, heights, [-99, 0, 99], colors=[ORANGE, BLUE], alpha=0.15)
    plane.contour(x, y, heights, [-1, 0, 1], colors="k", linewidths=[0.6, 1.5, 0.6])
    plane.scatter(*points.T, s=16, c=np.where(t > 0, BLUE, ORANGE))
    plane.scatter(*points[inside].T, s=70, facecolors="none", edgecolors="k", label="still pull")
    plane.grid(False)
    plane.legend()


plot("two_moons.svg", draw, (9.0, 3.6), 2)
