"""The checks of `detect_anomaly`: the first NaN or infinity, and whose it is."""

import sys

import numpy as np

from autograd_lite.errors import AnomalyError


def finite(x):
    return (
        getattr(x, "dtype", None) is None or x.dtype.kind not in "fc" or bool(np.isfinite(x).all())
    )


def check_finite(op, inputs, outputs, line):
    for out in outputs if isinstance(outputs, (tuple, list)) else (outputs,):
        if not finite(out) and all(finite(np.asarray(x)) for x in inputs if x is not None):
            bad = out[~np.isfinite(out)].ravel()[0]
            raise AnomalyError(
                f"{op.name}: the result of shape {out.shape} holds {bad} though its "
                f"inputs are finite; called at {line}"
            )


def check_finite_pull(node, g, sent):
    """Observer of a backward pass under `detect_anomaly`."""
    gs = [x for x in (g if isinstance(g, tuple) else (g,)) if x is not None]
    for _, edge, c in sent:
        value = np.asarray(getattr(c, "_data", c))
        if not finite(value) and all(finite(np.asarray(getattr(x, "_data", x))) for x in gs):
            bad = value[~np.isfinite(value)].ravel()[0]
            raise AnomalyError(
                f"backward of {node.op.name}: the gradient of an input of shape {edge.shape} holds "
                f"{bad} though the incoming gradient is finite; the operation was called at "
                f"{node.line or 'a line recorded outside detect_anomaly'}"
            )


def user_line():
    """File and line of the innermost caller outside this package and NumPy."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").split(".")[0] not in ("autograd_lite", "numpy"):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return "an unknown line"
