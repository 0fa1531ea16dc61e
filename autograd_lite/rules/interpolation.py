"""np.interp and np.piecewise: functions that are given piece by piece.

Between two points np.interp is a line; at a point it has the slope of the piece to its right. All of
x, xp and fp may be tracked, and the values beyond the ends.
"""

import numpy as np

from autograd_lite.operands import plain
from autograd_lite.registry import derived
from autograd_lite.rules.casting import astype
from autograd_lite.rules.elementwise import nonzero
from autograd_lite.rules.indexing import getitem, put


@derived(np.interp)
def interp(x, xp, fp, left=None, right=None, period=None):
    x, xp, fp = (v if hasattr(v, "dtype") else np.asarray(v) for v in (x, xp, fp))
    if "c" in (x.dtype.kind, xp.dtype.kind):
        raise TypeError("interp: complex numbers have no order; x and xp are real")
    if np.ndim(xp) != 1 or np.shape(xp) != np.shape(fp) or np.shape(xp) == (0,):
        raise ValueError(
            f"interp: xp {np.shape(xp)} and fp {np.shape(fp)} must be equally long rows"
        )
    x, xp = (astype(v, np.dtype(float)) for v in (x, xp))
    fp = astype(fp, np.result_type(fp.dtype, float))
    if period is not None:
        x, xp, fp = periodic(x, xp, fp, period)
    n = np.shape(xp)[0]
    i = np.clip(np.searchsorted(plain(xp), plain(x), side="right") - 1, 0, max(n - 2, 0))
    j = np.minimum(i + 1, n - 1)
    x0, x1, y0, y1 = (getitem(v, k) for v in (xp, fp) for k in (i, j))
    inside = y0 + (y1 - y0) * ((x - x0) / nonzero(x1 - x0))
    left = getitem(fp, 0) if left is None or period is not None else left
    right = getitem(fp, -1) if right is None or period is not None else right
    first, last = plain(xp)[0], plain(xp)[-1]
    inside = np.where(plain(x) == last, getitem(fp, -1), inside) if n == 1 else inside
    return np.where(x < first, left, np.where(x > last, right, inside))


def periodic(x, xp, fp, period):
    """One period of the points in order, with a point of the neighbouring ones at each end."""
    if period == 0:
        raise ValueError("interp: the period is zero")
    period = abs(period)
    x, xp = x % period, xp % period
    order = np.argsort(plain(xp))
    xp, fp = getitem(xp, order), getitem(fp, order)
    ends = slice(-1, None), slice(0, 1)
    before, after = (getitem(xp, k) for k in ends)
    first, last = (getitem(fp, k) for k in ends)
    xp = np.concatenate([before - period, xp, after + period])
    return x, xp, np.concatenate([first, fp, last])


@derived(np.piecewise)
def piecewise(x, condlist, funclist, *args, **kw):
    """Each function is called with the entries of x that are its own, as in NumPy."""
    conditions = np.asarray(plain(condlist), dtype=bool)
    if (conditions.ndim == np.ndim(x) and np.ndim(x) > 0) or np.shape(condlist) == ():
        conditions = conditions[None]
    n = len(conditions)
    if len(funclist) == n + 1:
        conditions = np.concatenate([conditions, np.logical_not(conditions.any(0, keepdims=True))])
    elif len(funclist) != n:
        raise ValueError(f"piecewise: {n} conditions need {n} or {n + 1} functions")
    result = np.zeros_like(x)
    for condition, function in zip(conditions, funclist, strict=True):
        if callable(function):
            value = function(getitem(x, condition), *args, **kw) if condition.any() else 0
        else:
            value = function
        result = put(result, value, condition)
    return result
