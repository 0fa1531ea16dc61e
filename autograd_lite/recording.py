"""Recording: how one operation on Tensors becomes a value and a node of the graph."""

import contextlib
import sys
import weakref
from contextvars import ContextVar
from dataclasses import dataclass, replace

import numpy as np

from autograd_lite.errors import AnomalyError, DTypeError, NoRuleError, ShapeError
from autograd_lite.graph import Node, add_outputs, counter, new_node

NUMBERS = (int, float, complex, np.generic)


@dataclass(frozen=True)
class Mode:
    recording: bool = True
    anomaly: bool = False


NORMAL = Mode()
# a context variable: each thread and each async task has its own
mode: ContextVar[Mode] = ContextVar("autograd_lite.mode", default=NORMAL)


@contextlib.contextmanager
def switched(**changes):
    token = mode.set(replace(mode.get(), **changes))
    if mode.get() == NORMAL:
        mode.set(NORMAL)  # the fast path compares by identity
    try:
        yield
    finally:
        mode.reset(token)


def no_grad():
    """Context manager and decorator: operations inside are not recorded.

    Leaves that require grad may be updated in place inside. Holds for the current thread or
    async task only.

    >>> import autograd_lite as ag
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> with ag.no_grad():
    ...     w -= 0.5
    >>> w
    Tensor([0.5, 1.5], requires_grad=True)
    """
    return switched(recording=False)


def enable_grad():
    """Context manager: record again, inside `no_grad`."""
    return switched(recording=True)


def detect_anomaly():
    """Context manager: stop at the first NaN or infinity, forward or backward.

    The error names the operation, its shapes, and the line of your code that called it. Inputs
    that are not finite already are not reported. Slow: every array is scanned.

    Raises
    ------
    AnomalyError : from the operation, or from the `backward()` call, that made the value.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = ag.Tensor([1.0, 0.0], requires_grad=True)
    >>> with ag.detect_anomaly(), np.errstate(divide="ignore"):
    ...     np.log(x)
    Traceback (most recent call last):
        ...
    autograd_lite.errors.AnomalyError: log: the result of shape (2,) holds -inf ...
    """
    return switched(anomaly=True)


def place(tensor_type, data, node):
    """A Tensor made without the checks of its constructor."""
    t = object.__new__(tensor_type)
    t._data = data
    t._node = node
    return t


def wrap(tensor_type, out):
    """An untracked result: arrays become Tensors, everything else stays as it is."""
    if isinstance(out, (np.ndarray, np.generic)):
        return place(tensor_type, np.asarray(out), None)
    if type(out) in (tuple, list):
        return type(out)(wrap(tensor_type, o) for o in out)
    if isinstance(out, tuple) and hasattr(out, "_fields"):
        return type(out)(*(wrap(tensor_type, o) for o in out))
    return place(tensor_type, out, None) if hasattr(out, "__array_function__") else out


def apply(tensor_type, op, args, kwargs):
    """Call `op` as its function would be called, and record it if an operand is tracked."""
    operands, static = op.bind(args, kwargs)
    raw, edges, tracked = [], [], False
    for x in operands:
        if isinstance(x, tensor_type):
            raw.append(x._data)
            edges.append(x._node)
            tracked = tracked or x._node is not None
        else:
            raw.append(operand(x, op))
            edges.append(None)
    if static:
        static = tuple(static_value(s, op, tensor_type) for s in static)
    try:
        out = op.forward(raw, *static) if op.variadic else op.forward(*raw, *static)
    except Exception as error:
        raise described(error, op.name, raw) from error
    if not tracked:
        return wrap(tensor_type, out)
    return record(tensor_type, op, operands, raw, static, out, tuple(edges))


def record(tensor_type, op, operands, raw, static, out, edges):
    """Make the node of an operation with a tracked operand, and the Tensor of its result."""
    now = mode.get()
    if isinstance(out, np.generic):
        out = np.asarray(out)
    if not now.recording or (hasattr(out, "dtype") and out.dtype.kind not in "fc"):
        return wrap(tensor_type, out)
    check_operands(op, edges, out)
    given = ([raw] if op.variadic else list(raw)) + list(static)
    kept = [keeper(*reads(*given, *[None] * len(op.keep), out)) for reads, keeper in op.keepers]
    given += [*kept, out]
    if op.joint is not None:
        pulls = op.joint_saver(*given, tuple(e is not None for e in edges))
    else:
        pulls = tuple(
            saver(e, vjp, *given)
            for e, vjp, saver in zip(edges, op.vjps, op.savers, strict=True)
            if e is not None
        )
    several = isinstance(out, (tuple, list))
    shape, dtype = (None, None) if several else (out.shape, out.dtype)
    inputs = edges
    if None in edges:
        pairs = zip(operands, edges, strict=True)
        inputs = tuple(constant_of(x) if edge is None else edge for x, edge in pairs)
    node = new_node(op, inputs, pulls, shape, dtype)
    if op.joint is not None:
        node.plain = False
        if op.body is not None:
            node.arguments = (tuple(raw), static)
    if now.anomaly:
        node.line = user_line()
        check_finite(op, raw, out, node.line)
    if several:
        pairs = zip(out, add_outputs(node, out), strict=True)
        return type(out)(place(tensor_type, o, e) for o, e in pairs)
    return place(tensor_type, out, node)


def constant_of(x):
    """What drawings say about an untracked operand; the graph does not keep its array alive."""
    if x is None or isinstance(x, NUMBERS):
        return x
    try:
        ref = weakref.ref(x)
    except TypeError:
        ref = None
    return getattr(x, "name", None), np.shape(x), ref


def operand(x, op):
    """An operand that is no Tensor: numbers stay numbers, sequences become arrays."""
    if x is None or isinstance(x, NUMBERS):
        return x
    if not hasattr(x, "__array_function__"):
        x = np.asarray(x)
    if isinstance(x, np.ma.MaskedArray):
        raise DTypeError(f"{op.name}: masked arrays are not supported; use .filled() and np.where")
    if x.dtype.kind not in "fciub":
        raise DTypeError(f"{op.name}: an operand of dtype {x.dtype} (shape {x.shape}) is not "
                         "numeric; make it with np.asarray(…, dtype=float)")  # fmt: skip
    return x


def static_value(s, op, tensor_type):
    if not isinstance(s, tensor_type):
        return s
    if s._node is not None:
        raise NoRuleError(f"{op.name}: a tracked Tensor was given for an argument without a "
                          "derivative; pass t.detach().numpy() or a number")  # fmt: skip
    return s._data


def check_operands(op, edges, out):
    if op.joint is None:
        for name, edge, vjp in zip(op.arrays, edges, op.vjps, strict=True):
            if edge is not None and vjp is None:
                raise NoRuleError(f"{op.name}: no gradient flows to {name!r}, which is tracked; "
                                  f"pass {name}.detach()")  # fmt: skip
    if getattr(out, "dtype", np.dtype(float)).kind == "c":
        raise DTypeError(f"{op.name}: the result is complex, and complex values cannot be "
                         "tracked; work with real and imaginary parts")  # fmt: skip


def described(error, name, raw):
    """The error of a failed call, with the operation and the shapes it was given."""
    shapes = ", ".join(str(np.shape(x)) for x in raw)
    if isinstance(error, ShapeError):
        return error
    if type(error) is ValueError:
        hint = (
            "; each pair of trailing axes must be equal or 1" if "broadcast" in str(error) else ""
        )
        return ShapeError(f"{name}: shapes {shapes} do not fit{hint} (NumPy: {error})")
    kinds = ", ".join(str(getattr(x, "dtype", type(x).__name__)) for x in raw)
    try:
        return type(error)(f"{name} of shapes {shapes}, dtypes {kinds}: {error}")
    except Exception:  # an exception class that wants other arguments
        return error


def finite(x):
    return (
        getattr(x, "dtype", None) is None or x.dtype.kind not in "fc" or bool(np.isfinite(x).all())
    )


def check_finite(op, inputs, outputs, line):
    for out in outputs if isinstance(outputs, (tuple, list)) else (outputs,):
        if not finite(out) and all(finite(np.asarray(x)) for x in inputs if x is not None):
            bad = out[~np.isfinite(out)].ravel()[0]
            raise AnomalyError(f"{op.name}: the result of shape {out.shape} holds {bad} though its "
                               f"inputs are finite; called at {line}")  # fmt: skip


def check_finite_pull(node, g, sent):
    """Observer of a backward pass under `detect_anomaly`."""
    gs = [x for x in (g if isinstance(g, tuple) else (g,)) if x is not None]
    for edge, c in sent:
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


def unary(op):
    """`op` as a method: what `apply` does, unrolled for one operand and no other argument."""
    forward, rule, save = op.forward, op.vjps[0], op.savers[0]
    new, now, ndarray = object.__new__, mode.get, np.ndarray

    def method(self):
        a, edge = self._data, self._node
        out = forward(a)
        if edge is None or type(out) is not ndarray or now() is not NORMAL:
            return settle(self, op, (self,), (a,), out, (edge,))
        node = new(Node)
        node.op = op
        node.inputs = (edge,)
        node.pulls = (save(edge, rule, a, out),)
        node.index = next(counter)
        node.shape = out.shape
        node.dtype = out.dtype
        t = new(type(self))
        t._data = out
        t._node = node
        return t

    return method


def binary(op):
    """`op` as an operator on a tracked Tensor, likewise; what is rare goes through `apply`."""
    forward, (rule_a, rule_b), (save_a, save_b) = op.forward, op.vjps, op.savers
    new, now, ndarray, ref = object.__new__, mode.get, np.ndarray, weakref.ref

    def method(self, other):
        tensor_type, kind = type(self), type(other)
        a, edge = self._data, self._node
        if kind is tensor_type:
            b, second = other._data, other._node
        elif kind is ndarray and other.dtype.kind == "f":
            b, second = other, (None, other.shape, ref(other))
        elif kind is float or kind is int:
            b = second = other
        else:
            second = None
        if edge is None or second is None:
            return apply(tensor_type, op, (self, other), {})
        try:
            out = forward(a, b)
        except Exception as error:
            raise described(error, op.name, (a, b)) from error
        if type(out) is not ndarray or now() is not NORMAL:
            edge_b = second if kind is tensor_type else None
            return settle(self, op, (self, other), (a, b), out, (edge, edge_b))
        node = new(Node)
        node.inputs = (edge, second)
        if kind is tensor_type:
            node.pulls = (save_a(edge, rule_a, a, b, out), save_b(second, rule_b, a, b, out))
        else:
            node.pulls = (save_a(edge, rule_a, a, b, out),)
        node.op = op
        node.index = next(counter)
        node.shape = out.shape
        node.dtype = out.dtype
        t = new(tensor_type)
        t._data = out
        t._node = node
        return t

    return method


def settle(self, op, operands, raw, out, edges):
    """The rare ends of `unary` and `binary`: untracked, not recording, zero-dimensional."""
    if edges == (None,) * len(edges):
        return wrap(type(self), out)
    return record(type(self), op, operands, raw, (), out, edges)
