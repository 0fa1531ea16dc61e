# %% [markdown]
# # Does the gradient of a residual layer end in "+ I"?
# A homework: a residual layer, a softmax and the cross entropy to a target p* with Σ p*ᵢ = 1.
#
#     x₂ = H x,   x₃ = x₂ + v,   x₄ = relu(x₃),   y = x₄ + x,   p = softmax(y),   e = −Σᵢ p*ᵢ log pᵢ
#
# Draw the blocks, derive the gradients by x, H and v, write down the updates, and say what the
# forward pass must store. A solution in print ends ∂e/∂x with "+ Iₙ", and updates v with an H.

# %%
import numpy as np
from course import claim, save

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F

x = Tensor([1.0, 0.5, 2.0], requires_grad=True)
H = Tensor([[0.5, -1.0, 0.25], [-1.0, 0.5, -0.5], [0.0, 0.75, 0.5]], requires_grad=True)
v = Tensor([0.25, 0.5, -0.25], requires_grad=True)
target = Tensor([1.0, 0.0, 0.0], name="p*")
with viz.record():
    x2 = H @ x
    x3 = x2 + v
    x4 = F.relu(x3)
    y = x4 + x
    e = F.cross_entropy(y, target)  # softmax and cross entropy in one block
e.backward()
options = dict(names=locals(), inputs=["x"])
save(viz.draw(e, **options), "residual_layer_forward.svg")

# %% [markdown]
# **The error.** ∂e/∂pᵢ = −p*ᵢ / pᵢ, and the Jacobian of the softmax has two cases, ∂pᵢ/∂yⱼ =
# pᵢ (1 − pᵢ) where i = j and −pᵢ pⱼ where i ≠ j. The chain rule sums over i, one term of the first
# case and n − 1 of the second:
#
#     ∂e/∂yⱼ = −p*ⱼ (1 − pⱼ) + Σᵢ≠ⱼ p*ᵢ pⱼ = pⱼ Σᵢ p*ᵢ − p*ⱼ = pⱼ − p*ⱼ
#
# The divisions have cancelled. The last step needs Σ p*ᵢ = 1; the report below finds that too.

# %%
logits, t = y.data, target.data
p, J = F.softmax(logits), ag.jacobian(F.softmax)(logits).data
print(f"p = {p.round(3)},  ∂p/∂y =\n{J.round(3)}")
two_cases = np.where(np.eye(3) > 0, p * (1 - p), -np.outer(p, p))
claim("the two cases are all of ∂p/∂y", np.allclose(J, two_cases))
claim("(∂p/∂y)ᵀ ∂e/∂p = p − p*", np.allclose(J.T @ (-t / p), p - t))

# %% [markdown]
# **The layer, block by block, from the end.**
#
#     y = x₄ + x       a sum hands ∂e/∂y on to both:  ∂e/∂x₄ = ∂e/∂y, and ∂e/∂y to x
#     x₄ = relu(x₃)    its Jacobian is diagonal:      ∂e/∂x₃ = 1[x₃ > 0] ⊙ ∂e/∂x₄
#     x₃ = x₂ + v      a sum again:                   ∂e/∂v = ∂e/∂x₂ = ∂e/∂x₃
#     x₂ = H x         its Jacobian by x is H:        ∂e/∂H = ∂e/∂x₂ xᵀ, and Hᵀ ∂e/∂x₂ to x
#
# x is used twice, so two contributions arrive and are added; in the drawing at the ⊕.

# %%
print(viz.derivation(e, names=locals()))
print(viz.formula(e, wrt=x, names=locals()))
save(viz.draw_backward(e, **options), "residual_layer_backward.svg")
save(viz.movie(e, **options), "residual_layer.html")


def error(H, x, v, target):
    x3 = H @ x + v
    y = F.relu(x3) + x
    return F.cross_entropy(y, target)


def by_hand(H, x, v, target):
    x3 = H @ x + v
    dy = F.softmax(np.maximum(x3, 0) + x) - target
    dx3 = (x3 > 0) * dy
    return {"x": H.T @ dx3 + dy, "H": np.outer(dx3, x), "v": dx3}


given = dict(H=H, x=x, v=v, target=target)
report = ag.check_formula(error, given, by_hand)
print(report)
claim("all are right, if Σ p* = 1", report and "target sums to one" in str(report))

# %% [markdown]
# **The first slip**, ∂e/∂x = Hᵀ (1[x₃ > 0] ⊙ ∂e/∂y) + Iₙ. NumPy does not object: (n,) + (n, n) is a
# broadcast. The shape of the result tells. The I is right in the *Jacobian* of the layer,
# ∂y/∂x = Diag(1[x₃ > 0]) H + I. Its transpose is multiplied by ∂e/∂y, and I ∂e/∂y is ∂e/∂y.

# %%
published = {"x": lambda H, x, v, target: H.T @ by_hand(H, x, v, target)["v"] + np.eye(len(x))}
report = ag.check_formula(error, given, published)
print(report)
claim("a gradient with + I is rejected", not report and "term I lacks" in report.diagnoses[0].text)
jacobian = {"x": lambda H, x, v: np.diag(1.0 * (H @ x + v > 0)) @ H + np.eye(len(x))}
layer = ag.check_formula(lambda H, x, v, target: F.relu(H @ x + v) + x, given, jacobian)
claim("the Jacobian with + I is right", layer)

# %% [markdown]
# **The second slip.** The updates of gradient descent are H ← H − η ∂e/∂H and v ← v − η ∂e/∂v.
# With H for v the second one is again a broadcast, to a matrix, and the layer would even run with
# that matrix in the place of v. An update in place refuses it.

# %%
η = 0.1
instead = H.data - η * v.grad
claim("the layer runs with H − η ∂e/∂v, to a matrix", (F.relu(x2 + instead) + x).shape == (3, 3))
with ag.no_grad():
    H -= η * H.grad
    v -= η * v.grad
after = error(**given).item()
claim(f"a step of both lowers e from {e.item():.3f} to {after:.3f}", after < e.item())

# %% [markdown]
# **What must be stored?** The lines of the layer read H, which is there anyway, x, and of x₃ only
# its signs. None reads a value of x₂, x₃, x₄ or y. The engine concludes the same from its rules,
# with a byte for each sign. A bit is enough: 4 n + n / 8 bytes in single precision instead of 16 n.

# %%
n, rng = 1024, np.random.default_rng(0)


def leaf(*shape):
    return Tensor(rng.standard_normal(shape, dtype=np.float32), requires_grad=True)


H, x, v = leaf(n, n), leaf(n), leaf(n)
x3 = H @ x + v
y = F.relu(x3) + x
table = viz.explain(y, locals())
for row in table.rows:
    for kept in row.kept:
        note = kept.note or "stored for it"
        print(f"{row.operation:<6} reads {kept.name:<6} {kept.bytes:>9,} bytes, {note}")
claim("beside H and x, that is a byte for each sign", table.kept_bytes == n)
bits = np.packbits(x3.data > 0)  # eight signs to a byte
print(f"x and bits: {x.nbytes + bits.nbytes:,} bytes; x, x₂, x₃, x₄: {4 * x.nbytes:,} bytes")
g = rng.standard_normal(n, dtype=np.float32)
y.backward(g)
dx3 = np.unpackbits(bits) * g
claim("∂e/∂x from H, x and bits", np.allclose(x.grad, H.data.T @ dx3 + g, atol=1e-3))
claim("and ∂e/∂H", np.allclose(H.grad, np.outer(dx3, x.data)))
