"""Whether anything else refers to a gradient, so that it may be overwritten or given away."""

from sys import getprofile, getrefcount, gettrace

import numpy as np

from autograd_lite.errors import RuleError
from autograd_lite.operands import is_other_kind, is_tensor


def unshared_count():
    x = np.empty(1)
    return getrefcount(x)


def passed_count(x):
    return getrefcount(x)


def unshared_passed_count():
    x = np.empty(1)
    return passed_count(x)


def measured():
    """Counts of the value of one local name, and of one that a caller has passed on.

    Versions of Python differ. In some, tracers refer to locals as well; counts taken under one
    would be too high without it, so then nothing is taken for unshared.
    """
    if gettrace() is not None or getprofile() is not None:
        return 0, 0
    return unshared_count(), unshared_passed_count()


ALONE, PASSED = measured()
IN_TABLE = ALONE + 1  # also in a dict


def own_memory(g):
    """Whether `g` is an array that is no view, so that whoever uses its memory refers to it."""
    return type(g) is np.ndarray and g.flags.owndata and g.flags.writeable


def merge(sums, key, c):
    """Add a contribution to the sum so far, in memory that nothing else refers to if there is any.

    It is a sum, not an assignment: a value used twice gets a gradient along each path.
    """
    total = sums[key]
    if type(total) is not type(c):  # an array of another kind cannot be added to NumPy's in place
        sums[key] = total + c
    elif getrefcount(total) <= IN_TABLE and own_memory(total):
        total += c
    elif getrefcount(c) <= PASSED and own_memory(c):
        c += total
        sums[key] = c
    else:
        sums[key] = total + c


def take_over(found, key):
    """Remove a gradient from what `pull_back` found, as an array that nothing else refers to."""
    edge, g = found.pop(key)
    if is_tensor(g):
        raise RuleError(
            "a rule returned a Tensor where the gradient is an array; inside a rule call NumPy's "
            "functions, np.exp, not ag.exp"
        )
    if is_other_kind(g):
        return edge, np.positive(g)
    return edge, g if getrefcount(g) <= ALONE and own_memory(g) else np.array(g)
