"""Recording: how one operation on Tensors becomes a value and a node of the graph."""

import weakref

import numpy as np

from autograd_lite.anomaly import check_finite, user_line
from autograd_lite.errors import DTypeError, NoRuleError, RuleError, ShapeError
from autograd_lite.graph import UNTRACKED, Values, add_outputs, new_node
from autograd_lite.modes import mode
from autograd_lite.operands import is_tensor

NUMBERS = (int, float, complex, np.generic)
HINTS = {  # words of NumPy's message -> what would fit
    "broadcast": "; each pair of trailing axes must be equal or 1",
    "core dimension": "; the last axis of the left factor must be as long as the second to last "
    "(or only) axis of the right one; is a transpose missing, or the order reversed?",
}


def place(tensor_type, data, node):
    """A Tensor made without the checks of its constructor."""
    t = object.__new__(tensor_type)
    t._array = data
    t._node = node
    return t


def wrap(tensor_type, out):
    """An untracked result: arrays become Tensors, everything else stays as it is."""
    if type(out) is np.ndarray:
        return place(tensor_type, out, None)
    if isinstance(out, (np.ndarray, np.generic)):
        return place(tensor_type, np.asarray(out), None)
    if type(out) in (tuple, list) or (isinstance(out, tuple) and hasattr(out, "_fields")):
        return rebuilt(out, (wrap(tensor_type, o) for o in out))
    is_array = hasattr(out, "__array_function__") and not is_tensor(out)
    return place(tensor_type, out, None) if is_array else out


def rebuilt(out, parts):
    """Several results of the same kind as `out`: a list, a tuple or a named one."""
    return type(out)(*parts) if hasattr(out, "_fields") else type(out)(parts)


def call(tensor_type, op, operands, static):
    """Compute an operation whose arguments are sorted, and record it if an operand is tracked."""
    raw, edges, tracked = [], [], False
    for x in operands:
        if is_tensor(x):
            raw.append(x._array)
            edges.append(x._node)
            tracked = tracked or x._node is not None
        else:
            raw.append(operand(x, op))
            edges.append(None)
    if static:
        static = tuple(static_value(s, op, n) for s, n in zip(static, op.static, strict=True))
    kept = None
    try:
        out = op.forward(raw, *static) if op.variadic else op.forward(*raw, *static)
        if op.forward_keeps:
            out, *kept = out
    except Exception as error:
        raise described(error, op.name, raw) from error
    if not tracked:
        return wrap(tensor_type, out)
    return record(tensor_type, op, operands, raw, static, out, tuple(edges), kept)


def record(tensor_type, op, operands, raw, static, out, edges, kept=None):
    """Make the node of an operation with a tracked operand, and the Tensor of its result."""
    now = mode.get()
    if isinstance(out, np.generic):
        out = np.asarray(out)
    elif is_tensor(out):
        raise RuleError(
            f"{op.name}: its function was given arrays and returned a Tensor; inside an operation "
            "of your own call NumPy's functions, np.exp, not ag.exp"
        )
    elif isinstance(out, tuple):  # such as the two numbers of slogdet
        out = rebuilt(out, (np.asarray(o) if isinstance(o, np.generic) else o for o in out))
    if not now.recording or (hasattr(out, "dtype") and out.dtype.kind not in "fc"):
        return wrap(tensor_type, out)
    check_operands(op, edges)
    given = ([raw] if op.variadic else list(raw)) + list(static)
    if kept is None:
        none = [None] * len(op.keep)
        kept = [keeper(*reads(*given, *none, out)) for reads, keeper in op.keepers]
        check_kept(op, kept)
    saved = saved_values(op, edges, [*given, *kept, out])
    several = isinstance(out, (tuple, list))
    shape, dtype = (None, None) if several else (out.shape, out.dtype)
    inputs = edges
    if None in edges:
        pairs = zip(operands, edges, strict=True)
        inputs = tuple(constant_of(x) if edge is None else edge for x, edge in pairs)
    node = new_node(op, inputs, saved, shape, dtype)
    if op.joint is not None:
        node.plain = False
        if op.body is not None:
            node.arguments = (tuple(raw), static)
    if now.scope is not None:
        node.scope = now.scope
    if now.values:
        outs = [unchanging(x) for x in out] if several else unchanging(out)
        node.values = Values([unchanging(*p) for p in zip(raw, edges, strict=True)],
                             static, kept, outs)  # fmt: skip
    if now.anomaly:
        node.line = user_line()
        check_finite(op, raw, out, node.line)
    if several:
        pairs = zip(out, add_outputs(node, out), strict=True)
        return rebuilt(out, (place(tensor_type, o, e) for o, e in pairs))
    return place(tensor_type, out, node)


def saved_values(op, edges, given):
    """What the rules of `op` read, from operands, static arguments, kept values and output."""
    if op.joint is not None:
        return op.joint_saver(*given, tuple(e is not None for e in edges))
    return tuple(
        UNTRACKED if e is None else None if save is None else save(*given)
        for e, save in zip(edges, op.savers, strict=True)
    )


def unchanging(x, edge=UNTRACKED):
    """A value that stays as it is when a leaf or a constant is updated in place.

    edge : of an operand; a leaf, a constant (None) and a view of anything may be updated.
    """
    if not isinstance(x, np.ndarray):
        return x
    mine = edge is UNTRACKED or (edge is not None and edge.op is not None)
    return x if mine and x.base is None else np.array(x)


def constant_of(x):
    """What drawings say about an untracked operand; the graph does not keep its array alive."""
    if type(x) is np.ndarray:
        return None, x.shape, weakref.ref(x)
    if x is None or isinstance(x, NUMBERS):
        return x
    try:
        ref = weakref.ref(x)
    except TypeError:
        ref = None
    return getattr(x, "name", None), np.shape(x), ref


def operand(x, op):
    """An operand that is no Tensor: numbers stay numbers, sequences become arrays."""
    if type(x) is np.ndarray and x.dtype.kind in "fiub":
        return x
    if x is None or isinstance(x, NUMBERS):
        return x
    if isinstance(x, np.ma.MaskedArray):
        raise DTypeError(f"{op.name}: masked arrays are not supported; use .filled() and np.where")
    if isinstance(x, np.ndarray) or not hasattr(x, "__array_function__"):
        x = np.asarray(x)  # also a np.matrix, whose * would mean something else in a rule
    if x.dtype.kind not in "fciub":
        raise DTypeError(
            f"{op.name}: an operand of dtype {x.dtype} (shape {x.shape}) is not "
            "numeric; make it with np.asarray(…, dtype=float)"
        )
    return x


def static_value(s, op, name):
    if not is_tensor(s):
        return s
    if s._node is not None:
        raise NoRuleError(
            f"{op.name}: argument {name!r} got a tracked Tensor, and has no derivative; pass a "
            "number or t.detach()"
        )
    return s._array


def check_kept(op, kept):
    """A kept value has no history, so a float would be a term missing from second derivatives."""
    for name, value in zip(op.keep, kept, strict=True):
        if op.body is None and getattr(value, "dtype", np.dtype(bool)).kind not in "biu":
            raise RuleError(
                f"{op.name}: the kept value {name!r} has dtype {value.dtype}; keep booleans or "
                "integers, and compute the rest in the rule from an argument or from out"
            )


def check_operands(op, edges):
    if op.joint is None:
        for name, edge, vjp in zip(op.arrays, edges, op.vjps, strict=True):
            if edge is not None and vjp is None:
                raise NoRuleError(
                    f"{op.name}: no gradient flows to {name!r}, which is tracked; "
                    f"pass {name}.detach()"
                )


def described(error, name, raw):
    """The error of a failed call, with the operation and the shapes it was given."""
    shapes = ", ".join(str(np.shape(x)) for x in raw)
    if isinstance(error, ShapeError):
        return error
    if type(error) is ValueError:
        hint = next((hint for words, hint in HINTS.items() if words in str(error)), "")
        return ShapeError(f"{name}: shapes {shapes} do not fit{hint} (NumPy: {error})")
    kinds = ", ".join(str(getattr(x, "dtype", type(x).__name__)) for x in raw)
    try:
        return type(error)(f"{name} of shapes {shapes}, dtypes {kinds}: {error}")
    except Exception:  # an exception class that wants other arguments
        return error
