"""Whether anything else refers to a gradient, so that it may become the user's without a copy."""

from sys import getrefcount

import numpy as np

from autograd_lite.errors import RuleError
from autograd_lite.operands import is_tensor


def unshared_count():
    x = np.empty(1)
    return getrefcount(x)


ALONE = unshared_count()  # differs between versions of Python


def take_over(found, key):
    """Remove a gradient from what `pull_back` found, as an array that nothing else refers to."""
    edge, g, owned = found.pop(key)
    if is_tensor(g):
        raise RuleError(
            "a rule returned a Tensor where the gradient is an array; inside a rule call NumPy's "
            "functions, np.exp, not ag.exp"
        )
    if not owned and not (getrefcount(g) <= ALONE and getattr(g, "base", 1) is None):
        g = np.array(g) if isinstance(g, np.ndarray) else g
    return edge, np.asarray(g) if isinstance(g, np.generic) else g
