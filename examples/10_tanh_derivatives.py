# %% [markdown]
# # What is the fifth derivative of tanh?
# `ag.grad(f)` is a function like any other, so it can be differentiated again. The engine's rules
# are NumPy themselves: run on Tensors they are recorded, and a second backward pass goes through
# the first one. How far does that go, and is it right?

# %%
import matplotlib
import numpy as np
from course import claim, plot, save

import autograd_lite as ag
import viz
from autograd_lite import Tensor


def derivative(f):
    """f′ for a function of each entry by itself: the sum has the derivative f′(xᵢ) by xᵢ."""
    return ag.grad(lambda x: np.sum(f(x)))


orders, x = [np.tanh], np.linspace(-3.0, 3.0, 600)
for _ in range(5):
    orders.append(derivative(orders[-1]))
curves = [orders[0](x), *(f(x).data for f in orders[1:])]

# %% [markdown]
# By hand: let t = tanh x. Then dt/dx = 1 − t², and the derivative of a polynomial p(t) is again a
# polynomial, p′(t) (1 − t²). Starting with p₀ = t this recurrence gives all orders. The engine
# prints the same step: it differentiates the polynomial of each order as a program.

# %%
Polynomial = np.polynomial.Polynomial
ps = [Polynomial([0.0, 1.0])]
for _ in range(5):
    ps.append(ps[-1].deriv() * Polynomial([1.0, 0.0, -1.0]))
at = Tensor(0.5, requires_grad=True)
t = np.tanh(at)
for k, p in enumerate(ps[:4]):
    d = sum(c * t**i if i else c for i, c in enumerate(p.coef) if c)
    print(viz.formula(d, wrt=at, names={"x": at, "t": t, f"d{k}": d}))
powers = ("", "t", "t²", "t³", "t⁴", "t⁵", "t⁶")


def written(p):
    terms = (f"{c:+.0f}{power}" for c, power in zip(p.coef, powers, strict=False) if c)
    return " ".join(terms).replace("+", "+ ").replace("-", "− ").removeprefix("+ ")


for k, (curve, p) in enumerate(zip(curves, ps, strict=True)):
    error = np.abs(curve - p(np.tanh(x))).max() / np.abs(curve).max()
    claim(f"order {k} is {written(p)}, to 14 digits", error < 1e-14)

# %% [markdown]
# Measuring cannot follow. A difference quotient of order 5 divides the rounding errors of tanh by
# h⁵: a small h drowns in them, and with a large h it is no longer a derivative.

# %%
steps = 10.0 ** np.linspace(-4, 0, 41)
weights, places = np.array([-1, 5, -10, 10, -5, 1]), np.arange(6) - 2.5
measured = np.tanh(steps[:, None] * places) @ weights / steps**5
exact = orders[5](0.0).item()
error = np.abs(measured / exact - 1).min()
print(f"order 5 at 0: {exact:.12f}, best quotient wrong by {error:.0e}")
claim("the engine has 14 digits or more", abs(exact - 16) < 1e-13)
claim("the best of these quotients has less than seven", error > 1e-7)

# %% [markdown]
# The price: each order walks back through the graph of the one before, and every operation in it
# sends gradients to several inputs. So the graph grows by a factor each time, while the recurrence
# by hand only gets one more coefficient. Two or three nestings are what Newton's method or a
# physics-informed loss need; for twenty a recurrence is the better tool. The drawing shows the
# graph of order 2, where c₁ = −1 is the sign of t² in 1 − t².

# %%
sizes, d = [], t
for _ in range(6):
    (d,) = ag.gradients(d, [at], create_graph=True)
    sizes.append(sum(bool(row.operation) for row in viz.explain(d).rows))
    if len(sizes) == 2:
        save(viz.draw(d, names=dict(x=at, t=t, d2=d)), "tanh_derivatives_second.svg")
print("operations in the graph of order 1, 2, …:", *sizes)
growth = np.divide(sizes[1:], sizes[:-1])
claim("from order 2 on the graph grows more than twofold each time", np.all(growth[1:] > 2))

# %% [markdown]
# Why does order n cross zero n − 1 times in the picture? All of them vanish far out on both sides.
# So between two zeros of one order, and beyond the outer ones, the next has a zero (Rolle). More it
# cannot have: its polynomial has the degree n + 1, and two roots are taken by t = ±1, which tanh
# never reaches.

# %%
crossings = [int(np.sum(curve[:-1] * curve[1:] < 0)) for curve in curves]
claim(f"zeros of the orders 0 to 5: {crossings}", crossings[1:] == [n - 1 for n in range(1, 6)])


def draw(figure, axes):
    for n, curve in enumerate(curves):
        colour = matplotlib.colormaps["viridis"](n / 5.5)
        size = np.abs(curve).max()
        axes.plot(x, curve / size, color=colour, label=f"order {n}, largest {size:.2f}")
    axes.set(xlabel="x", ylabel="derivative / its largest value")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))


plot("tanh_derivatives.svg", draw, (8.0, 3.6))
