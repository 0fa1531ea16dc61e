# %% [markdown]
# # What is the gradient of a CNN's error, worked out by hand?
# A student [asked this](https://math.stackexchange.com/questions/1762720) with these sizes. The
# convolutions of a network turn each of n images into 1568 numbers, the rows of C. Two matrices
# and a softmax make ten probabilities of them. The targets a say what the images show, with one 1
# in each row:
#
#     y = softmax(C B A),   e = −Σ a ⊙ log y        C (n, 1568), B (1568, 1024), A (1024, 10)
#
# Wanted are ∂e/∂C, which goes on into the convolutions, ∂e/∂B and ∂e/∂A. Which products, in which
# order, and what is transposed? First with small sizes.

# %%
from itertools import pairwise

import numpy as np
from course import SHORT, claim, save

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F

rng = np.random.default_rng(0)


def layers(n, *widths):
    """Random C, B and A between these widths, and one-hot targets a for n images."""
    C, B, A = (rng.standard_normal(s) / s[1] ** 0.5 for s in pairwise((n, *widths)))
    return dict(C=C, B=B, A=A, a=np.eye(widths[-1])[rng.integers(widths[-1], size=n)])


def error(C, B, A, a):
    y = F.softmax(C @ B @ A)
    return -np.sum(a * np.log(y))


# %% [markdown]
# **By hand**, with differentials. The scores are z = C B A. For one image, log yⱼ = zⱼ − log Σₖ
# exp zₖ, so d log yⱼ = dzⱼ − Σₖ yₖ dzₖ, and its error changes by
#
#     de = −Σⱼ aⱼ dzⱼ + (Σⱼ aⱼ) Σₖ yₖ dzₖ = Σⱼ (yⱼ − aⱼ) dzⱼ        since its targets sum to 1.
#
# Hence ∂e/∂z = y − a, for all images at once. And dz = dC B A + C dB A + C B dA, where each term
# has the form P dX Q. Its part of de is Σ (y − a) ⊙ (P dX Q) = Σ (Pᵀ (y − a) Qᵀ) ⊙ dX, so the
# gradient is Pᵀ (y − a) Qᵀ: what stands left of X comes back on the left, what stands right of it
# on the right, both transposed.


# %%
def softmax(z, axis=-1):
    u = np.exp(z - np.max(z, axis, keepdims=True))
    return u / np.sum(u, axis, keepdims=True)


by_hand = {
    "C": lambda C, B, A, a: (softmax(C @ B @ A) - a) @ A.T @ B.T,
    "B": lambda C, B, A, a: C.T @ (softmax(C @ B @ A) - a) @ A.T,
    "A": lambda C, B, A, a: (C @ B).T @ (softmax(C @ B @ A) - a),
}
small = layers(4, 6, 5, 3)
print(report := ag.check_formula(error, small, by_hand))
claim("all three are right for one-hot targets", report.passed)

# %% [markdown]
# **The slip.** The published question defines the softmax of a vector and then applies it to a
# matrix. Read as written, its denominator is a sum over all images and classes. But then the
# entries of y sum to 1 and those of a to n: y − a could never vanish, however well the network
# does. It takes a softmax for each image.


# %%
def over_everything(C, B, A, a):
    return (softmax(C @ B @ A, axis=None) - a) @ A.T @ B.T


print(report := ag.check_formula(error, small, {"C": over_everything}))
claim("one softmax over everything: wrong axis", report.diagnoses[0].kind == "axis")

# %% [markdown]
# **The condition.** The derivation used that targets sum to 1, and the first report says so. An
# image with two labels, so with two ones in its row of a, breaks it. Without the condition ∂e/∂z
# is s ⊙ y − a, where s holds the sum of each row of a.

# %%
two_labels = small | {"a": np.array([[1.0, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]])}
print(report := ag.check_formula(error, two_labels, {"C": by_hand["C"]}))
claim("y − a is wrong for two labels", report.diagnoses[0].kind == "conditional")


def general(C, B, A, a):
    return (np.sum(a, -1, keepdims=True) * softmax(C @ B @ A) - a) @ A.T @ B.T


print(report := ag.check_formula(error, two_labels, {"C": general}))
claim("s ⊙ y − a is right, and under no condition", not report.diagnoses)

# %% [markdown]
# **With vectors.** An answer stacks the columns of each matrix. vec(P X Q) = (Qᵀ ⊗ P) vec(X), so
#
#     vec(z) = M vec(C) with M = (B A)ᵀ ⊗ I.
#
# With J for the Jacobian of the softmax, and y, a for vec(y), vec(a), the gradient with respect to
# vec(C) is
#
#     −Mᵀ Jᵀ (a / y),   and for targets that sum to 1   Mᵀ (y − a).
#
# For one image J = Diag y − y yᵀ, and the first is Mᵀ (y yᵀ − Diag y) (a / y). For n images J has
# such a block for each of them: a softmax per image, once more. (The drawings below stack rows, as
# NumPy stores them, and so write I ⊗ Bᵀ where columns give Bᵀ ⊗ I.)


# %%
def vec(X):
    return X.ravel(order="F")


def with_vectors(C, B, A, a):
    n, k = a.shape
    y, M = softmax(C @ B @ A), np.kron((B @ A).T, np.eye(n))
    J = np.diag(vec(y)) - np.outer(vec(y), vec(y)) * np.kron(np.ones((k, k)), np.eye(n))
    return M, -M.T @ J.T @ vec(a / y), M.T @ vec(y - a)


M, first, second = with_vectors(**two_labels)
truth = vec(general(**two_labels))
claim("two labels: −Mᵀ Jᵀ (a / y) is the gradient", np.allclose(first, truth))
claim("and Mᵀ (y − a) is not", not np.allclose(second, truth))
M, first, second = with_vectors(**small)
claim("one-hot targets: the two agree", np.allclose(first, second))
claim("and are (y − a) Aᵀ Bᵀ", np.allclose(second, vec(by_hand["C"](**small))))
claim("of 4 entries of M, for 4 images, 3 are zero", np.mean(M == 0) == 3 / 4)

# %% [markdown]
# Both say the same, but M is for proofs. It has a row for each score and a column for each entry
# of C, and holds the numbers of B A n times over, between zeros. For B it would be Aᵀ ⊗ C: every
# product of an entry of A and one of C. At the true sizes nobody builds that. The gradients need
# C, B and A, which are there anyway, and of what is computed on the way y and C B.


# %%
def recorded(C, B, A, a):
    """The same step by step on Tensors, with names for its drawing."""
    C, B, A = (Tensor(x, requires_grad=True) for x in (C, B, A))
    with viz.record():
        H = C @ B
        z = H @ A
        y = F.softmax(z)
        e = -np.sum(a * np.log(y))
    return locals()


true = layers(16 if SHORT else 64, 1568, 1024, 10)
large, page = recorded(**true), recorded(**layers(2, 4, 5, 3))
gradients = ag.gradients(large["e"], [large[name] for name in by_hand])
for (name, formula), G in zip(by_hand.items(), gradients, strict=True):
    print(viz.formula(large["e"], wrt=name, names=large), G.shape)
    claim("the same by hand", np.allclose(G.data, formula(**true), atol=1e-12))
for name in "CB":
    x, bytes_of_M = large[name], large["z"].size * large[name].nbytes
    print(f"M for {name}: {bytes_of_M / 1e9:.1f} GB; the gradient: {x.nbytes / 1e6:.1f} MB")
kept = viz.explain(large["e"], names=large).kept_bytes
claim(f"the engine keeps {kept / 1e6:.1f} MB for all three", 1000 * kept < bytes_of_M)
save(viz.draw(large["e"], values=True, grads=True, names=large), "cnn_error_by_hand.svg")
save(viz.draw_backward(page["e"], names=page), "cnn_error_by_hand_backward.svg")
save(viz.movie(page["e"], names=page), "cnn_error_by_hand.html")
