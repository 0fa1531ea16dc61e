# %% [markdown]
# # A first derivative
# A program computes numbers; the engine keeps what is needed to walk back through it. Each step of
# that walk multiplies what comes in by the derivative of one operation: the chain rule.

# %%
import numpy as np
from course import claim, plot, save
from curves import BLUE

import autograd_lite as ag
import viz

x = ag.Tensor(2.0, requires_grad=True)
with viz.record():  # keeps all values for the drawing
    u = x * x
    y = np.sin(u)
y.backward()
print("y =", y.item(), "  dy/dx =", x.grad)

# %% [markdown]
# By hand: y = sin u with u = x², so dy/dx = cos(u) · 2x. The engine has multiplied the same
# factors, and prints them. The 2 stands in no rule: x is used twice, and two gradients are added.

# %%
print(viz.derivation(y, names=locals()))
by_hand = np.cos(4.0) * 4.0
claim("dy/dx = cos(x²) · 2x", np.isclose(x.grad, by_hand, 1e-15, 0.0))
print(ag.check_formula(lambda x: np.sin(x * x), 2.0, lambda x: np.cos(x**2) * 2 * x))

# %% [markdown]
# The slope is a limit, and can be measured: (y(x + h) − y(x − h)) / 2h. With smaller h this
# quotient gets better (its error falls with h²) until rounding takes over. The chain rule has no h.

# %%
steps = 10.0 ** np.arange(-1, -13, -1)
measured = (np.sin((2 + steps) ** 2) - np.sin((2 - steps) ** 2)) / (2 * steps)
errors = np.abs(measured - by_hand)
best = steps[errors.argmin()]
claim(f"a smaller h is not always better: h = {best:.0e} is best here", 1e-8 < best < 1e-3)
claim("the engine's derivative has 5 digits more", abs(x.grad - by_hand) < 1e-5 * errors.min())


def draw(figure, axes):
    axes.loglog(steps, errors, "o-", color=BLUE)
    axes.set(xlabel="h", ylabel="error of the difference quotient")
    axes.invert_xaxis()


plot("first_derivative_error.svg", draw)
save(viz.draw_backward(y, names=dict(x=x, u=u, y=y)), "first_derivative.svg")
