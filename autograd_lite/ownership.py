"""Whether anything else refers to a gradient, so that it may be overwritten or given away."""

from sys import getrefcount

import numpy as np

from autograd_lite.errors import RuleError
from autograd_lite.operands import is_tensor


def unshared_count():
    x = np.empty(1)
    return getrefcount(x)


def passed_count(x):
    return getrefcount(x)


def unshared_passed_count():
    x = np.empty(1)
    return passed_count(x)


# of the value of one local name, and of one that a caller has passed on; versions of Python differ
ALONE, PASSED = unshared_count(), unshared_passed_count()
IN_TABLE = ALONE + 1  # also in a dict


def own_memory(g):
    """Whether `g` is an array that is no view, so that whoever uses its memory refers to it."""
    return type(g) is np.ndarray and g.base is None and g.flags.writeable


def merge(sums, key, c):
    """Add a contribution to the first one, in memory that nothing else refers to if there is any.

    It is a sum, not an assignment: a value used twice gets a gradient along each path.
    """
    total = sums[key]
    if getrefcount(total) <= IN_TABLE and own_memory(total):
        total += c
    elif getrefcount(c) <= PASSED and own_memory(c):
        c += total
        sums[key] = c
    else:
        sums[key] = total + c


def take_over(found, key):
    """Remove a gradient from what `pull_back` found, as an array that nothing else refers to."""
    edge, g, owned = found.pop(key)
    if is_tensor(g):
        raise RuleError(
            "a rule returned a Tensor where the gradient is an array; inside a rule call NumPy's "
            "functions, np.exp, not ag.exp"
        )
    if not owned and not (getrefcount(g) <= ALONE and own_memory(g)):
        g = np.array(g) if isinstance(g, np.ndarray) else g
    return edge, np.asarray(g) if isinstance(g, np.generic) else g
