# %% [markdown]
# # How does a gradient go back through a softmax?
# Let y = softmax(x) and let ∂L/∂y be known. A lecture lets its students show that ∂L/∂x = s − Σⱼ sⱼ
# with s = y ⊙ ∂L/∂y. One of them arrives at s − (Σⱼ sⱼ) y and asks [what is wrong with that
# y](https://stats.stackexchange.com/questions/389377). Nothing is: it is missing in the lecture.
#
# **The Jacobian.** yᵢ = exp(xᵢ) / Σₖ exp(xₖ), so log yᵢ = xᵢ − log Σₖ exp(xₖ). The derivative of
# that by xⱼ is δᵢⱼ − yⱼ, with δᵢⱼ = 1 for i = j and 0 otherwise. It is also (∂yᵢ/∂xⱼ) / yᵢ. Hence
#
#     ∂yᵢ/∂xⱼ = yᵢ (δᵢⱼ − yⱼ):   yᵢ (1 − yᵢ) where i = j,   −yᵢ yⱼ where i ≠ j
#     J = Diag(y) − y yᵀ
#
# The x below are logarithms of 1, 2 and 5, so that y is 1/8, 2/8 and 5/8, and J in 64ths is whole.

# %%
import numpy as np
from course import claim, save

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F


def softmax(x):
    y = F.softmax(x)
    return y


x0 = np.log([1.0, 2.0, 5.0])
y0, J = softmax(x0), ag.jacobian(softmax)(x0).data
print(f"8 y = {8 * y0}\n64 J =\n{(64 * J).round(9)}")
claim("J = Diag(y) − y yᵀ", np.allclose(J, np.diag(y0) - np.outer(y0, y0)))
by_hand = ag.check_formula(softmax, x0, lambda out: np.diag(out) - np.outer(out, out))
claim("so it is for other x, and for other sizes", by_hand)

# %% [markdown]
# **The product.** What goes back is Jᵀ ∂L/∂y, and this J is its own transpose:
#
#     ∂L/∂x = (Diag(y) − y yᵀ) ∂L/∂y
#           = y ⊙ ∂L/∂y − y (yᵀ ∂L/∂y)
#           = s − (Σⱼ sⱼ) y,              since yᵀ ∂L/∂y = Σⱼ yⱼ ∂L/∂yⱼ = Σⱼ sⱼ
#
# The outer product y yᵀ has two y. One is used up in the number yᵀ ∂L/∂y, the other one stays. A
# check takes functions of g, which is ∂L/∂y, and of the result `out`, which is y:


# %%
def student(g, out):
    s = out * g
    return s - np.sum(s) * out


def lecture(g, out):
    s = out * g
    return s - np.sum(s)


claim("∂L/∂x = s − (Σ s) y", ag.check_formula(softmax, x0, student))
report = ag.check_formula(softmax, x0, lecture)
print(report)
(slip,) = report.diagnoses
claim("what the lecture lacks is the factor y", "factor y" in slip.text and not report)

# %% [markdown]
# Where does that term come from? exp(x) is used twice, as the numerator and in the sum below it.
# The first use gives s. The second one gives −(Σ s) y, and there the y is lost.
#
# **One can see it without any derivative.** Add one number to all x: y stays as it is, for that
# factor of all exp(x) cancels. So J 1 = 0, each row of J sums to 0; and the entries of a gradient
# ∂L/∂x sum to 0, whatever L is. Those of the lecture sum to (1 − n) Σ s. For the cross entropy,
# ∂L/∂y = −t / y, the lecture's formula gives 1 − t: a gradient that does not depend on x at all.
# The right one is y − t. (It is also why a softmax may subtract the largest x before it takes
# exponentials: y stays, and nothing overflows.)

# %%
t = np.array([0.0, 1.0, 0.0])
claim("each row of J sums to 0", np.allclose(J @ np.ones(3), 0.0))
claim("so does the gradient", np.isclose(student(-t / y0, y0).sum(), 0.0))
claim("the lecture's does not: it is 1 − t", np.allclose(lecture(-t / y0, y0), 1 - t))
claim("the cross entropy's gradient is y − t", np.allclose(student(-t / y0, y0), y0 - t))
claim("x + 1000 has the same softmax, without overflow", np.allclose(softmax(x0 + 1e3), y0))

# %% [markdown]
# **What it means.** Let c be what each outcome pays. L = Σ cᵢ yᵢ is the mean payment, and the
# formula becomes ∂L/∂x = y ⊙ (c − L): raising an xᵢ raises the mean if cᵢ is above it, and the more
# the likelier that outcome is. The drawing shows this backward pass; the page goes through it in
# numbers, with J as a matrix.

# %%
x, c = Tensor(x0, requires_grad=True), Tensor([1.0, 0.0, 2.0])
with viz.record():
    y = F.softmax(x)
    L = c @ y
L.backward()
options = dict(names=dict(x=x, c=c, y=y, L=L), inputs=["x"])
print(viz.formula(L, wrt=x, names=locals()), f"  64 ∂L/∂x = {(64 * x.grad).round(9)}")
claim("∂L/∂x = y ⊙ (c − L)", np.allclose(x.grad, y0 * (c.data - L.item())))
save(viz.draw_backward(L, **options), "softmax_jacobian.svg")
save(viz.movie(L, **options), "softmax_jacobian.html")

# %% [markdown]
# **Why nobody builds J.** It has n² entries, but they are made of the n numbers in y. The product
# needs only y and about 4 n operations, for n = 100,000 as well.

# %%
n = 100_000
table = viz.explain(F.softmax(Tensor(np.linspace(0.0, 1.0, n), requires_grad=True)))
print(f"n = {n:,}: {table.rows[0].sent[0].structure.text}")
for what, work, memory in (
    ("the product", table.multiply_adds, table.kept_bytes), ("J as a matrix", n**2, 8 * n**2)
):  # fmt: skip
    print(f"  {what:<13} {work:>14,} multiply–adds {memory:>14,} bytes")
claim("the product is 10,000 times cheaper", 1e4 * table.multiply_adds < n**2)

# %% [markdown]
# **A batch.** Each row has a softmax and a J of its own, and other rows do not touch it. So Σ s is
# a sum for each row. One sum over everything runs too, and is wrong; with one row it would be
# right, therefore the check makes it several.

# %%
X = np.stack([x0, -x0, 2 * x0, 0 * x0])
blocks = ag.jacobian(F.softmax)(X).data  # (4, 3, 4, 3)
claim("another row has no influence", not blocks[0, :, 1:].any() and not blocks[1, :, 0].any())
claim("a row's own block is its J", np.allclose(blocks[0, :, 0], J))
rowwise = ag.check_formula(
    F.softmax, X, lambda g, out: out * g - np.sum(out * g, axis=-1, keepdims=True) * out
)
claim("with a sum for each row", rowwise)
report = ag.check_formula(F.softmax, X[:1], lambda g, out: out * (g - np.sum(out * g)))
print(report)
(slip,) = report.diagnoses
claim("one sum over all rows is rejected", "all entries" in slip.text and not report)
