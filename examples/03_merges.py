# %% [markdown]
# # Why do gradients add where paths merge, and why must they be cleared?
# In x · x, in a residual layer, in a weight that a network uses twice, one value goes several ways.
# The gradients that come back along these ways are added. So are those of two calls of
# `backward()`, and this is the same fact.

# %%
import numpy as np
from course import claim, plot, save
from curves import BLUE, ORANGE

import viz
from autograd_lite import Tensor

x = Tensor(3.0, requires_grad=True)
y = x * x
print(viz.formula(y, wrt=x, names=locals()))
a, b = (Tensor(3.0, requires_grad=True) for _ in range(2))  # one name for each use
(a * b).backward()
y.backward()
print(f"first factor: {a.grad}, second factor: {b.grad}, both: {x.grad}")
claim("d(x·x)/dx is the sum over the two uses of x", x.grad == a.grad + b.grad == 6.0)

# %% [markdown]
# Why a sum? Let u and v be two copies of x and e a function of both. A step dx moves both copies,
# and to first order their effects add: de = ∂e/∂u dx + ∂e/∂v dx. The engine does not need to know
# that y is a square. The product's rule returns a gradient for each factor, and the walk back adds
# what arrives at the same place. It may use the sum only when *all* ways have come back. What uses
# a value is newer than the value, therefore the walk visits the newest operation first.
#
# In a residual layer y = x + tanh(W x), the two ways are of different length.

# %%
rng = np.random.default_rng(1)
x = Tensor([1.0, 0.5, -2.0], requires_grad=True)
W = Tensor(rng.integers(-4, 5, (3, 3)) / 4, requires_grad=True)
with viz.record():
    h = np.tanh(W @ x)
    y = x + h
    e = np.sum(y**2)
print(viz.derivation(e, names=locals()))
save(viz.draw_backward(e, names=locals(), inputs=[x]), "merges.svg")
save(viz.movie(e, names=locals(), inputs=[x]), "merges.html")
e.backward(retain_graph=True)
by_hand = 2 * y.data + W.data.T @ (2 * y.data * (1 - h.data**2))
claim("∂e/∂x = what comes straight + what comes through the layer", np.allclose(x.grad, by_hand))

# %% [markdown]
# Now the calls. Here is the loss of a batch, and that of its two halves, each with its own
# `backward()`. The loss of the batch is made of the two, so the weights are again a value used
# twice: the gradients must add, and `.grad` does add them. That is how a batch is processed that
# does not fit in memory. Only mind the mean: each half has the weight ½.

# %%
X, w = rng.standard_normal((64, 5)), Tensor(np.zeros(5), requires_grad=True)
target = X @ np.array([1.0, -2.0, 0.5, 0.0, 1.0]) + rng.standard_normal(64)


def loss(w, part=slice(None)):
    return np.mean((X[part] @ w - target[part]) ** 2)


loss(w).backward()
whole = w.grad
w.zero_grad()
for part in (slice(0, 32), slice(32, 64)):
    (loss(w, part) / 2).backward()
claim("two half batches give the gradient of the batch", np.allclose(w.grad, whole))
loss(w).backward()
claim("another call adds another one", np.allclose(w.grad, 2 * whole))

# %% [markdown]
# So the engine cannot know when a new sum begins: you say so, with `zero_grad()`. If you forget it,
# step k goes along g₁ + g₂ + … + gₖ, the sum of all gradients so far. This is momentum with the
# factor 1: v ← 1 · v + g, w ← w − η v. Nothing is ever forgotten, so nothing slows down. The
# weights swing through the minimum and back like a pendulum without friction.


# %%
def train(clear=True, momentum=0.0, steps=200):
    """The losses above the smallest possible one."""
    w, v, losses = Tensor(np.zeros(5), requires_grad=True), np.zeros(5), []
    for _ in range(steps):
        now = loss(w)
        if clear:
            w.zero_grad()
        now.backward()
        v = momentum * v + w.grad
        w.data = w.data - 0.05 * v
        losses.append(now.item())
    return np.array(losses) - loss(np.linalg.lstsq(X, target)[0])


cleared, forgotten = train(), train(clear=False)
print(f"{'step':<10}", *(f"{k:>8}" for k in (0, 50, 100, 199)))
for name, losses in (("cleared", cleared), ("forgotten", forgotten)):
    print(f"{name:<10}", *(f"{losses[k]:8.1e}" for k in (0, 50, 100, 199)))
claim("cleared: the loss reaches its minimum", cleared[-1] < 1e-6 * cleared[0])
claim("forgotten: it never settles", forgotten[100:].max() > 0.3 * cleared[0])
claim("forgetting is momentum with the factor 1", np.allclose(forgotten, train(momentum=1.0)))


def draw(figure, axes):
    axes.plot(forgotten, color=ORANGE, label="zero_grad forgotten")
    axes.plot(cleared, color=BLUE, label="with zero_grad")
    axes.set(xlabel="step", ylabel="loss above its minimum", ylim=0.0)
    axes.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1.0, 1.0))


plot("merges_zero_grad.svg", draw)
