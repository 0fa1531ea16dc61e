"""The checks of `detect_anomaly`: the first NaN or infinity, and whose it is."""

import sys

import numpy as np

from autograd_lite.errors import AnomalyError

DISCARDED = (
    ". The incoming gradient is 0 there, as of a value that np.where or a mask discards, and 0 "
    "times an infinite derivative is NaN: keep the bad points out of the function too, "
    "np.where(mask, f(np.where(mask, x, 1.0)), 0.0)"
)


def finite(x):
    """Whether a number or an array of any kind has no NaN and no infinity in it."""
    return getattr(x, "dtype", np.dtype(float)).kind not in "fc" or bool(np.all(np.isfinite(x)))


def check_finite(op, inputs, outputs, line):
    for out in outputs if isinstance(outputs, (tuple, list)) else (outputs,):
        if not finite(out) and all(finite(x) for x in inputs if x is not None):
            raise AnomalyError(
                f"{op.name}: the result of shape {out.shape} holds {first_bad(out)} though its "
                f"inputs are finite; called at {line}"
            )


def first_bad(x):
    return x[~np.isfinite(x)][0] if x.ndim else x


def check_finite_pull(node, g, sent):
    """Observer of a backward pass under `detect_anomaly`."""
    gs = [bare(x) for x in (g if isinstance(g, tuple) else (g,)) if x is not None]
    for _, edge, c in sent:
        c = bare(c)
        if not finite(c) and all(finite(x) for x in gs):
            raise AnomalyError(
                f"backward of {node.op.name}: the gradient of an input of shape {edge.shape} holds "
                f"{first_bad(c)} though the incoming gradient is finite; the operation was called "
                f"at {node.line or 'a line recorded outside detect_anomaly'}"
                + (DISCARDED if discarded(c, gs) else "")
            )


def bare(x):
    return getattr(x, "_array", x)


def discarded(c, gs):
    """Whether every NaN in `c` stands where the gradient that came in is zero."""
    (g, *more) = gs
    return not more and g.shape == c.shape and bool(np.all(g[~np.isfinite(c)] == 0))


def user_line():
    """File and line of the innermost caller outside this package and NumPy."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").split(".")[0] not in ("autograd_lite", "numpy"):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return "an unknown line"
