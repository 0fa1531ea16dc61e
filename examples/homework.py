"""A homework with a student's answers, which says what is right and what is wrong with the rest.

    python -m autograd_lite.claims examples/homework.py
    python -m autograd_lite.claims --json examples/homework.py    # the same for a program
    python examples/grade.py examples/homework.py                 # a table, for many such files

The first two end with the status 0 if all answers are right, 1 if one is wrong, and 2 if the file
cannot be run. The reports say what to mend; with `import viz` here they print the formula too.

The task: n rows X go through a layer with tanh, and the error is measured against T:

    Z = X W + b,   H = tanh(Z),   e = ½ Σ (H − T)²

Derive the gradients of e with respect to W, b and X.
"""

import numpy as np

import autograd_lite as ag


def error(X, W, b, T):
    H = np.tanh(X @ W + b)
    return np.sum((H - T) ** 2) / 2


# --- the answers: each a function of the same arrays --------------------------------------------
def through_tanh(X, W, b, T):
    """∂e/∂Z."""
    H = np.tanh(X @ W + b)
    return (H - T) * (1 - H**2)


def by_W(X, W, b, T):
    return X.T @ through_tanh(X, W, b, T)


def by_b(X, W, b, T):
    return through_tanh(X, W, b, T)


def by_X(X, W, b, T):
    return through_tanh(X, W, b, T) @ W


# --- the check, on such arrays and on others that it draws itself -------------------------------
rng = np.random.default_rng(0)
given = {name: rng.standard_normal(shape)
         for name, shape in dict(X=(5, 3), W=(3, 3), b=3, T=(5, 3)).items()}  # fmt: skip
ag.check_formula(error, given, {"W": by_W, "b": by_b, "X": by_X})
