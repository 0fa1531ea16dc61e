# %% [markdown]
# # Why is the gradient of a bias a sum over the batch?
# A layer computes Y = X W + b for a batch of rows. The bias b has one entry for each column, and
# NumPy **broadcasts** it: every row of the sum gets the same b. What does that do to the gradient?

# %%
import numpy as np
from course import claim, save

import autograd_lite as ag
import viz
from autograd_lite import Tensor

rng = np.random.default_rng(3)
X, t = Tensor(rng.integers(-2, 3, (4, 3)) / 1.0), Tensor(rng.integers(-2, 3, (4, 2)) / 1.0)
W = Tensor(rng.integers(-2, 3, (3, 2)) / 1.0, requires_grad=True)
b = Tensor([0.5, -1.0], requires_grad=True)
with viz.record():
    Z = X @ W
    Y = Z + b  # (4, 2) + (2,)
    r = Y - t
    e = np.sum(r**2)
print(viz.formula(e, wrt=b, names=locals()))
save(viz.draw(e, names=locals(), inputs=[X, t], values=True, grads=True), "broadcasting.svg")
save(viz.draw_backward(e, names=locals()), "broadcasting_backward.svg")

# %% [markdown]
# bⱼ appears in Yᵢⱼ = Zᵢⱼ + bⱼ for every row i. If bⱼ grows by a little, so do all entries of column
# j, and the loss changes by the sum of what each of them contributes:
#
# ∂e/∂bⱼ = Σᵢ ∂e/∂Yᵢⱼ · ∂Yᵢⱼ/∂bⱼ = Σᵢ ∂e/∂Yᵢⱼ · 1
#
# The copies can also be written as a matrix product: with the column **1** of n ones, the rows of
# **1** bᵀ are n copies of b. Its gradient follows the rule of matrix products, **1**ᵀ ∂e/∂Y, and a
# product with ones is a sum. Copying is a linear map, and the transpose of copying is adding.

# %%
g_Y, g_b = (d.data for d in ag.gradients(e, [Y, b]))
print("∂e/∂Y =", *g_Y, "∂e/∂b =", g_b, sep="\n")
ones = np.ones((4, 1))
claim("∂e/∂b is the sum of the rows of ∂e/∂Y", np.allclose(g_b, g_Y.sum(axis=0)))
claim("and that is the product 1ᵀ ∂e/∂Y", np.allclose(g_b, (ones.T @ g_Y)[0]))
as_product = Tensor(b.data[None], requires_grad=True)
np.sum((Z.detach() + ones @ as_product - t) ** 2).backward()
claim("broadcasting is the product 1 bᵀ, by its gradient too", np.allclose(as_product.grad, g_b))

# %% [markdown]
# The same sentence answers all other shapes. A column (n, 1) plus a row (m,) makes (n, m): the
# column is copied along axis 1 and its gradient summed there, **keeping** the axis of length 1; the
# row is copied along a new axis 0, which disappears again. A general rule fits in a few lines.


# %%
def sum_to(g, shape):
    """The transpose of broadcasting: `g` summed over every axis along which `shape` was copied."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))  # new axes in front
    copied = tuple(i for i, n in enumerate(shape) if n == 1)
    return g.sum(axis=copied, keepdims=True)


pairs = [((4, 1), (2,)), ((4, 2), ()), ((3, 1, 2), (5, 1)), ((1,), (4, 2)), ((2, 1), (1, 3))]
kept = []
for shapes in pairs:
    c, d = (Tensor(rng.standard_normal(s), requires_grad=True) for s in shapes)
    y = c * d
    g = rng.standard_normal(y.shape)
    y.backward(g)
    kept += [np.allclose(c.grad, sum_to(g * d.data, c.shape)), c.grad.shape == c.shape]
    kept += [np.allclose(d.grad, sum_to(g * c.data, d.shape)), d.grad.shape == d.shape]
    print(*shapes, "make", y.shape)
claim("each gradient is the sum over the copies, in the shape of what was copied", all(kept))

# %% [markdown]
# Two slips are common when this is derived by hand. Forgetting the sum leaves the shape of Y. A sum
# along the wrong axis has even the right shape where n = m, and then only the numbers tell.

# %%
square = dict(X=X.data[:2], W=W.data, b=b.data, t=t.data[:2])  # n = m = 2


def loss(X, W, b, t):
    return np.sum((X @ W + b - t) ** 2)


no_sum = ag.check_formula(loss, square, {"b": lambda X, W, b, t: 2 * (X @ W + b - t)})
wrong = ag.check_formula(loss, square, {"b": lambda X, W, b, t: 2 * (X @ W + b - t).sum(axis=1)})
right = ag.check_formula(loss, square, {"b": lambda X, W, b, t: 2 * (X @ W + b - t).sum(axis=0)})
print(no_sum, wrong, right, sep="\n\n")
claim("without the sum: rejected, for its sum", "is missing" in no_sum.diagnoses[0].text)
claim("the wrong axis: rejected, for its axis", wrong.diagnoses[0].kind == "axis" and not wrong)
claim("summed over the batch: right", bool(right))

# %% [markdown]
# And a trap of which no error message warns. A network returns (n, 1), the targets are (n,): their
# difference is (n, n), every output against every target, and the mean of its squares is a number
# like any other loss. The gradient of an output is now a sum over *all* targets, and it is zero
# where the output is their mean: that is the bottom of this loss. Such a network learns the mean of
# the targets, whatever it is shown.

# %%
targets = np.array([0.0, 1.0, 5.0])
column, mean = targets[:, None], np.full((3, 1), targets.mean())
mixed = ag.grad(lambda y: np.mean((y - targets) ** 2))
meant = ag.grad(lambda y: np.mean((y - column) ** 2))
claim("(n, 1) − (n,): no gradient where all outputs are the mean", np.allclose(mixed(mean).data, 0))
claim("but a gradient at the targets themselves", np.linalg.norm(mixed(column).data) > 1)
claim("(n, 1) − (n, 1): none at the targets", np.allclose(meant(column).data, 0))
