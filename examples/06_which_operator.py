# %% [markdown]
# # Which operator belongs in the chain rule: ⊙ or the matrix product?
# A student [derives](https://stats.stackexchange.com/questions/194078) the gradient of a small
# network with respect to its input, a row x:
#
#     r = x W₁ + b₁,   h = sigmoid(r),   z = h W₂ + b₂,   p = softmax(z),   e = −Σ t ⊙ log p
#
# where t is one-hot. Each factor is known: p − t, W₂ᵀ, h ⊙ (1 − h) and W₁ᵀ. They are chained as
# ((p − t) W₂ᵀ ⊙ h ⊙ (1 − h)) W₁ᵀ, because the shapes fit in no other way. But what is the
# principle?
#
# There is one operator only. The gradient of an operation's input is **Jᵀ g**, with J the Jacobian
# of the operation and g the gradient of its output. Everything else is a shorter way to write Jᵀ g
# for a J with many zeros.

# %%
import numpy as np
from course import claim, save

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F

rng = np.random.default_rng(1)


def network(n, d, m, k):
    """Random arguments of the error: n rows of d inputs, m hidden units, k classes."""
    shapes = dict(x=(n, d), W1=(d, m), b1=m, W2=(m, k), b2=k)
    arguments = {name: rng.standard_normal(shape).round(1) for name, shape in shapes.items()}
    return arguments | {"t": np.eye(k)[rng.integers(k, size=n)]}


one = network(1, 3, 4, 3)
x, W1, b1, W2, b2 = (Tensor(one[k], requires_grad=True) for k in ("x", "W1", "b1", "W2", "b2"))
t = Tensor(one["t"])
with viz.record():
    r = x @ W1 + b1
    h = F.sigmoid(r)
    z = h @ W2 + b2
    p = F.softmax(z)
    e = -np.sum(t * np.log(p))

# %% [markdown]
# **The sigmoid.** hᵢ depends on rᵢ and on nothing else, so ∂hᵢ/∂rⱼ = 0 for i ≠ j: the Jacobian is
# diagonal. A product with a diagonal matrix multiplies each entry by its own number, and that is
# what ⊙ means.

# %%
g_p, g_z, g_h, g_r = (d.data[0] for d in ag.gradients(e, [p, z, h, r]))
J = ag.jacobian(F.sigmoid)(r.data[0]).data
slopes = (h.data * (1 - h.data))[0]
print(f"J = ∂h/∂r =\n{J.round(3)}\nJᵀ g            = {J.T @ g_h}\nh ⊙ (1 − h) ⊙ g = {slopes * g_h}")
claim("J = Diag(h ⊙ (1 − h))", np.allclose(J, np.diag(slopes)))
claim("so Jᵀ g = h ⊙ (1 − h) ⊙ g, which is ∂e/∂r", np.allclose([J.T @ g_h, slopes * g_h], g_r))

# %% [markdown]
# **The products.** Each entry of z depends on all of h, by zₖ = Σⱼ hⱼ (W₂)ⱼₖ. The Jacobian ∂zₖ/∂hⱼ
# is W₂ᵀ, full of numbers, and Jᵀ g = W₂ g is a matrix product; as a row it is written g W₂ᵀ.
#
# **The softmax** looks like the sigmoid, and its slopes ∂pᵢ/∂zᵢ are pᵢ (1 − pᵢ) too. But its
# entries share a denominator, so J has numbers beside its diagonal, and ⊙ with these slopes is
# wrong.

# %%
J = ag.jacobian(lambda h: h @ W2.data + b2.data)(h.data[0]).data
claim("J = ∂z/∂h = W₂ᵀ, and Jᵀ g is ∂e/∂h", np.all(J == W2.data.T) and np.allclose(J.T @ g_z, g_h))
J, slopes = ag.jacobian(F.softmax)(z.data[0]).data, (p.data * (1 - p.data))[0]
print(f"J = ∂p/∂z =\n{J.round(3)}")
claim("the softmax: Jᵀ g is ∂e/∂z", np.allclose(J.T @ g_p, g_z))
claim("p ⊙ (1 − p) ⊙ g is not", not np.allclose(slopes * g_p, g_z))

# %% [markdown]
# Nobody has to guess: the structure of J can be read from each operation.

# %%
rows = viz.explain(e, names=locals()).rows
ways = [(row.operation, sent) for row in rows for sent in row.sent if sent.to in tuple("pzhrx")]
for operation, way in ways:
    print(f"{operation:>8} to {way.to}: {way.structure.text}")
diagonal = [way.to for _, way in ways if way.structure.kind == "diagonal"]
claim("⊙ alone leads back through the logarithm and the sigmoid", diagonal == ["p", "r"])
print(viz.formula(e, wrt=x, names=locals()))
save(viz.draw_backward(e, names=locals(), inputs=[x]), "which_operator.svg")
save(viz.movie(e, names=locals(), inputs=[x]), "which_operator.html")

# %% [markdown]
# **The slip.** The student's chain is right, but not for the error in the published question,
# which is Σ t ⊙ log p: it lost its minus on the way. (`derived` gives a formula for ∂e/∂x the h
# and p that it speaks of.)


# %%
def error(x, W1, b1, W2, b2, t):
    h = F.sigmoid(x @ W1 + b1)
    p = F.softmax(h @ W2 + b2)
    return -np.sum(t * np.log(p))


def derived(way_back):
    def claimed(x, W1, b1, W2, b2, t):
        h = 1 / (1 + np.exp(-x @ W1 - b1))
        u = np.exp(h @ W2 + b2)
        return way_back(h, u / np.sum(u, -1, keepdims=True), W1, W2, t)

    return {"x": claimed}


chain = derived(lambda h, p, W1, W2, t: ((p - t) @ W2.T * h * (1 - h)) @ W1.T)
report = ag.check_formula(lambda **arguments: -error(**arguments), one, chain)
print(*report.diagnoses, sep="\n")
claim("the chain is wrong for the published error", report.diagnoses[0].kind == "sign")
print(report := ag.check_formula(error, one, chain))
claim("and right with the minus", report.passed)

# %% [markdown]
# **Shapes decide nothing** where all are equal: three rows, three inputs, three hidden units and
# three classes. Each of these slips runs and gives a 3 × 3 matrix. The check compares numbers,
# here and with other sizes, and says which operation is to blame.

# %%
square = network(3, 3, 3, 3)
entry_by_entry = derived(lambda h, p, W1, W2, t: ((p - t) @ W2.T * h * (1 - h)) * W1.T)
too_late = derived(lambda h, p, W1, W2, t: (p - t) @ W2.T @ W1.T * h * (1 - h))
untransposed = derived(lambda h, p, W1, W2, t: ((p - t) @ W2 * h * (1 - h)) @ W1.T)
slips = [("operator", entry_by_entry), ("operator", too_late), ("transposed", untransposed)]
for kind, slip in slips:
    report = ag.check_formula(error, square, slip)
    print(*report.diagnoses, sep="\n")
    claim(f"rejected: {kind}", report.diagnoses[0].kind == kind)
print(report.notes[0])
claim("all have the right shape", {s["x"](**square).shape for _, s in slips} == {(3, 3)})

# %% [markdown]
# Numbers can hide a slip too, if they are special. With a symmetric W₂ the missing transpose does
# not matter, so the claim is right, and the report says how far that goes.

# %%
symmetric = square | {"W2": square["W2"] + square["W2"].T}
print(report := ag.check_formula(error, symmetric, untransposed))
claim("right, under a condition", report.passed and report.diagnoses[0].kind == "conditional")
