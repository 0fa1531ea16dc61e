"""Targets sum to one, so beside a softmax p the product p Σ t is p: p Σ t − t reads p − t.

A sum that happens to be one elsewhere is no such thing, and stays as it is.
"""

import numpy as np

from autograd_lite.rules.activations import log_softmax, softmax
from autograd_lite.shapes import axes_of
from viz.formulas.symbols import Symbol, bare, call, one, valued


def share(x, p, depth=8):
    """What is left of x, a sum of given probabilities, beside a softmax p: 1, −1, 1 / 4, …

    None if x is no such sum, or p no softmax over the same axis.

    >>> from viz.formulas.symbols import named
    >>> t = named("t", np.array([0.2, 0.8]), constant=True)
    >>> share(-np.sum(t) / 4, call(softmax, (named("y", np.ones(2)),), {})).value.item()
    -0.25
    >>> share(np.sum(t), named("y", np.ones(2)))
    """
    axis = softmax_axis(p)
    if axis is None or depth == 0 or not isinstance(x := bare(x), Symbol) or x.text is not None:
        return None
    if x.function is np.sum:
        return whole(x.args[0], x, axis)
    if x.function is np.broadcast_to:
        return share(x.args[0], p, depth - 1)
    if x.function is np.negative or by_number(x):
        inner = share(x.args[0], p, depth - 1)
        return None if inner is None else call(x.function, (inner, *x.args[1:]), {})
    return None


def by_number(x):
    return x.function is np.divide and np.ndim(valued(x.args[1])) == 0


def whole(x, s, axis, depth=8):
    """The sum s over `axis` of a number times given probabilities x: that number."""
    x = bare(x)
    if depth == 0 or not isinstance(x, Symbol):
        return None
    if x.text is not None:
        over = s.args[1] if len(s.args) > 1 else s.kwargs.get("axis")
        if not (x.constant and x.known and axes_of(over, x.ndim) == axes_of(axis, x.ndim)):
            return None
        sums = np.sum(x.value, axis=over)
        certain = np.all(x.value >= 0) and np.allclose(sums, 1, rtol=1e-6)
        return one(np.ones((), s.dtype)) if certain else None
    if x.function is np.negative or by_number(x):
        inner = whole(x.args[0], s, axis, depth - 1)
        return None if inner is None else call(x.function, (inner, *x.args[1:]), {})
    return None


def softmax_axis(p):
    """The axis that p is a softmax over, if it is one."""
    p = bare(p)
    if not isinstance(p, Symbol):
        return None
    if p.text is None and p.function is np.exp:
        f, axis = origin(bare(p.args[0]))
        return axis if f is log_softmax else None
    f, axis = origin(p)
    return axis if f is softmax else None


def origin(p):
    """The function that computed p, and its axis."""
    if not isinstance(p, Symbol):
        return None, None
    if p.text is not None:
        return p.origin or (None, None)
    return p.function, p.args[1] if len(p.args) > 1 else p.kwargs.get("axis", -1)
