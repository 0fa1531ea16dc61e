"""Simplification of what only moves, copies and places entries."""

import numpy as np

from autograd_lite.rules.indexing import getitem
from viz.formulas.symbols import Symbol, bare, call, has_options, is_call, valued


def undone(s):
    inner = s.args[0]
    return inner.args[0] if getattr(inner, "function", None) is s.function else None


def reshaped(s):
    x = s.args[0]
    if x.shape == s.shape:
        return x
    if x.text is None and x.function is np.reshape:
        return call(np.reshape, (x.args[0], s.shape), {})
    inner = bare(x)
    if is_call(x, np.sum) and inner.kwargs.get("keepdims") and not has_options(inner):
        dropped = call(np.sum, inner.args, inner.kwargs | {"keepdims": False})
        return call(np.reshape, (dropped, s.shape), {})
    return None


def spread(s):
    """Broadcasting twice is broadcasting once, also with new axes for a number between."""
    x = s.args[0]
    if not isinstance(x, Symbol):
        return None
    if x.shape == s.shape:
        return x
    if is_call(x, np.broadcast_to) and (s.function is np.broadcast_to or not bare(x).args[0].ndim):
        return call(np.broadcast_to, (bare(x).args[0], s.shape), {})
    return None


def transposed(s):
    axes = s.args[1] if len(s.args) > 1 else s.kwargs.get("axes")
    order = range(s.ndim)[::-1] if axes is None else [a % s.ndim for a in axes]
    if [*order] == [*range(s.ndim)]:
        return s.args[0]
    return call(np.matrix_transpose, s.args[:1], {}) if s.ndim == 2 else None


def turned(s):
    """(A B)ᵀ is Bᵀ Aᵀ where that has fewer transposes."""
    if (inner := undone(s)) is not None:
        return inner
    x = bare(s.args[0])
    if is_call(x, np.outer) and all(isinstance(a, Symbol) and a.ndim == 1 for a in x.args):
        return call(np.outer, x.args[::-1], {})
    if not is_call(x, np.matmul) or any(np.ndim(valued(a)) < 2 for a in x.args):
        return None
    if not any(is_call(a, np.matrix_transpose, np.outer) for a in x.args):
        return None
    return call(np.matmul, [call(np.matrix_transpose, (a,), {}) for a in x.args[::-1]], {})


def picked(s):
    """All of an array, or entry i of an axis that was moved to the front."""
    x, index = s.args[0], s.args[1] if len(s.args) > 1 else s.kwargs["index"]
    if everything(index):
        return x
    if x.text is None and x.function is np.moveaxis and isinstance(index, int):
        a, axis, front = x.args
        if front == 0 and isinstance(axis, int):
            return call(getitem, (a, (slice(None),) * (axis % a.ndim) + (index,)), {})
    return None


def placed(s):
    """All of an array at all places."""
    index = s.args[1] if len(s.args) > 1 else s.kwargs["index"]
    parts = index if isinstance(index, tuple) else (index,)
    whole = all(i is None or i is Ellipsis or isinstance(i, slice) for i in parts)
    return call(np.reshape, (s.args[0], s.shape), {}) if whole and full(parts) else None


def full(parts):
    return all(i == slice(None) for i in parts if isinstance(i, slice))


def everything(index):
    return index is Ellipsis or (isinstance(index, tuple) and not index)
