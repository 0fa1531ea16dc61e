# %% [markdown]
# # How do you teach the engine an operation of your own?
# Events come at the rate λ. The probability of at least one in the time t is 1 − exp(−λ t), and a
# likelihood needs its logarithm, log(1 − exp(−a)) with a = λ t. Written like that, it loses digits.

# %%
import numpy as np
from course import claim, plot, save
from curves import BLUE, ORANGE

import autograd_lite as ag
import viz
from autograd_lite import Tensor


def naive(a):
    return np.log(1 - np.exp(-a))


at = np.array([1e-17, 1e-9, 1.0, 40.0])
with np.errstate(divide="ignore"):
    print("value     ", naive(at), "\nderivative", ag.grad(lambda a: np.sum(naive(a)))(at).data)

# %% [markdown]
# The difference 1 − exp(−a) cancels for small a, and rounds to 1 for large a. NumPy has what helps:
# expm1(a) = exp(a) − 1 and log1p(a) = log(1 + a) are accurate near 0. The function below chooses
# between two forms. Its derivative is 1 / (exp(a) − 1), and one line says so: the first parameter g
# is the gradient of the result, the others are what the rule needs from the forward pass.


# %%
def accurate(a):
    large = np.log1p(-np.exp(-np.maximum(a, 0.7)))
    return np.where(a < 0.7, np.log(-np.expm1(-a)), large)


log1mexp = ag.rule(accurate, "a", name="log1mexp", a=lambda g, a: g / np.expm1(a))
small = np.allclose(log1mexp(at[:2]), np.log(at[:2]) - at[:2] / 2, 1e-14, 0.0)
claim("accurate for small a", small)
claim("and for large a", np.isclose(log1mexp(40.0), -np.exp(-40.0), 1e-14, 0.0))

# %% [markdown]
# **The line is read three ways.** On arrays it computes gradients. On Tensors it records itself, so
# the second derivative needs no other line: the rule is NumPy, and the engine knows how to
# differentiate that. On symbols it prints itself.

# %%
a = Tensor(1.0, requires_grad=True)
y = log1mexp(a)
print(viz.formula(y, wrt=a, names=locals()))
first, second = ag.grad(log1mexp), ag.grad(ag.grad(log1mexp))
claim("numbers: 1 / (exp(a) − 1)", np.isclose(first(1.0).data, 1 / (np.e - 1)))
claim("again: −exp(a) / (exp(a) − 1)²", np.isclose(second(1.0).data, -np.e / (np.e - 1) ** 2))

# %% [markdown]
# The second derivative has a use. Of five samples of 10 mL, five of 1 mL and five of 0.1 mL water,
# 5, 3 and 0 contain bacteria. How many are there in a mL? A sample of t mL is free of them with
# probability exp(−λ t). Newton's method finds the λ that makes the observation most probable, and
# the curvature there tells its standard error. The printed tables of this test say 0.79.

# %%
t, positive, free = np.array([10.0, 1.0, 0.1]), np.array([5, 3, 0]), np.array([0, 2, 5])


def loss(λ):
    return np.sum(free * λ * t - positive * log1mexp(λ * t))


λ = 0.1
for _ in range(8):
    λ -= (ag.grad(loss)(λ) / ag.grad(ag.grad(loss))(λ)).item()
print(f"λ = {λ:.4f} ± {ag.grad(ag.grad(loss))(λ).item() ** -0.5:.2f}")
claim("as in the tables", round(λ, 2) == 0.79)

# %% [markdown]
# **The parameter names say what is kept** until the backward pass: `a` the argument, `out` the
# result, `a_shape` no array but a shape. Here exp(−out) = 1 / (1 − exp(−a)), so expm1(−out) is the
# derivative too. That rule keeps the result in place of the argument, and it has nothing that
# overflows: exp(a) does so at 710.

# %%
from_out = ag.rule(accurate, "a", name="log1mexp", a=lambda g, out: g * np.expm1(-out))
rate = Tensor(2.0, requires_grad=True)
for operation in (log1mexp, from_out):
    λt = rate * t
    y = operation(λt)
    kept = viz.explain(y, names=locals()).rows[0].kept
    print("keeps", *(f"{holding.name} ({holding.bytes} bytes)" for holding in kept))
claim("the second rule keeps the result alone", [holding.name for holding in kept] == ["y"])
save(viz.draw_backward(y, names=locals()), "own_operation.svg")

# %% [markdown]
# **A rule is a claim, and can be wrong.** `check_grads` compares it with finite differences, to the
# second order. `check_formula` takes a derivation of the operation's product with the incoming g,
# and names the slip. This one forgot to divide by what is inside the logarithm.

# %%
wrong = ag.rule(accurate, "a", name="wrong", a=lambda g, a: g * np.exp(-a))
ag.check_grads(from_out, t)
try:
    ag.check_grads(wrong, t)
except AssertionError as error:
    print(found := str(error))
slip = ag.check_formula(from_out, t, lambda g, a: g * np.exp(-a))
right = ag.check_formula(from_out, t, lambda g, a: g / np.expm1(a))
print(slip, right, sep="\n")
claim("measuring finds the wrong rule", "finite differences" in found)
claim("the slip is named", slip.diagnoses[0].kind == "wrong factor")
claim("the right derivation passes", bool(right))

# %% [markdown]
# Sometimes the derivative is not what is wanted. Rounding is a staircase, with slope 0 everywhere:
# nothing can be learnt through weights that are rounded to whole numbers. A "straight-through"
# rule pretends that the rounding was not there. Here that is no mistake but a decision, and
# `check_grads` rightly calls it wrong.

# %%
rounded = ag.rule(lambda a: np.rint(a), "a", name="rounded", a=lambda g: g)
w = np.array([0.4, 1.7])
claim(
    "through np.rint no gradient passes", not np.any(ag.grad(lambda w: np.sum(np.rint(w)))(w).data)
)
slopes = ag.grad(lambda w: np.sum(rounded(w) ** 2))(w).data
claim("here all of it, at the rounded weights", np.allclose(slopes, 2 * np.rint(w)))


# %%
def draw(figure, axes):
    a = np.geomspace(1e-16, 1.0, 150)
    for f, colour, name in ((naive, ORANGE, "log(1 − exp(−a))"), (from_out, BLUE, "log1mexp")):
        errors = np.abs(ag.grad(lambda a, f=f: np.sum(f(a)))(a).data * np.expm1(a) - 1)
        axes.loglog(a, np.maximum(errors, 1e-17), ".", color=colour, label=name, ms=3)
    axes.set(xlabel="a", ylabel="relative error of the derivative")
    axes.legend(frameon=False)


plot("own_operation_error.svg", draw)
