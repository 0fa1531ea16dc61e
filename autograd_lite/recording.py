"""Recording: how one operation on Tensors becomes a value and a node of the graph."""

import weakref

import numpy as np

from autograd_lite.anomaly import check_finite, user_line
from autograd_lite.errors import DTypeError, NoRuleError, ShapeError
from autograd_lite.graph import UNTRACKED, Node, add_outputs, counter, new_node
from autograd_lite.modes import NORMAL, mode
from autograd_lite.operands import is_tensor

NUMBERS = (int, float, complex, np.generic)


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
        if is_tensor(x):
            raw.append(x._data)
            edges.append(x._node)
            tracked = tracked or x._node is not None
        else:
            raw.append(operand(x, op))
            edges.append(None)
    if static:
        static = tuple(static_value(s, op) for s in static)
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
    if not now.recording or (hasattr(out, "dtype") and out.dtype.kind not in "fc"):
        return wrap(tensor_type, out)
    check_operands(op, edges, out)
    given = ([raw] if op.variadic else list(raw)) + list(static)
    if kept is None:
        none = [None] * len(op.keep)
        kept = [keeper(*reads(*given, *none, out)) for reads, keeper in op.keepers]
    given += [*kept, out]
    if op.joint is not None:
        saved = op.joint_saver(*given, tuple(e is not None for e in edges))
    else:
        saved = tuple(
            UNTRACKED if e is None else None if save is None else save(*given)
            for e, save in zip(edges, op.savers, strict=True)
        )
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
    if now.anomaly:
        node.line = user_line()
        check_finite(op, raw, out, node.line)
    if several:
        pairs = zip(out, add_outputs(node, out), strict=True)
        return type(out)(place(tensor_type, o, e) for o, e in pairs)
    return place(tensor_type, out, node)


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


def static_value(s, op):
    if not is_tensor(s):
        return s
    if s._node is not None:
        raise NoRuleError(
            f"{op.name}: a tracked Tensor was given for an argument without a "
            "derivative; pass t.detach().numpy() or a number"
        )
    return s._data


def check_operands(op, edges, out):
    if op.joint is None:
        for name, edge, vjp in zip(op.arrays, edges, op.vjps, strict=True):
            if edge is not None and vjp is None:
                raise NoRuleError(
                    f"{op.name}: no gradient flows to {name!r}, which is tracked; "
                    f"pass {name}.detach()"
                )
    if getattr(out, "dtype", np.dtype(float)).kind == "c":
        raise DTypeError(
            f"{op.name}: the result is complex, and complex values cannot be "
            "tracked; work with real and imaginary parts"
        )


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


def unary(op):
    """`op` as a method: what `apply` does, unrolled for one operand and at most one kept value."""
    forward, save = op.forward, op.savers[0]
    read, keep = op.keepers[0] if op.keepers else (None, None)
    new, now, ndarray = object.__new__, mode.get, np.ndarray

    def method(self):
        a, edge = self._data, self._node
        out = forward(a)
        if edge is None or type(out) is not ndarray or now() is not NORMAL:
            return settle(self, op, (self,), (a,), out, (edge,))
        node = Node()
        node.inputs = (edge,)
        if keep is not None:
            node.saved = (save(a, keep(*read(a, None, out)), out),)
        else:
            node.saved = (None if save is None else save(a, out),)
        node.op = op
        node.index = next(counter)
        node.shape = out.shape
        node.dtype = out.dtype
        t = new(type(self))
        t._data = out
        t._node = node
        return t

    return method


def binary(op, swap=False):
    """`op` as an operator on a tracked Tensor, likewise; what is rare goes through `apply`.

    With `swap` the Tensor is the right operand, of an array or a number on the left.
    """
    forward, (save_a, save_b) = op.forward, op.savers
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
            return apply(tensor_type, op, (other, self) if swap else (self, other), {})
        try:
            out = forward(b, a) if swap else forward(a, b)
        except Exception as error:
            raise described(error, op.name, (b, a) if swap else (a, b)) from error
        if type(out) is not ndarray or now() is not NORMAL:
            edge_b = second if kind is tensor_type else None
            triples = (self, a, edge), (other, b, edge_b)
            operands, raw, edges = zip(*(triples[::-1] if swap else triples), strict=True)
            return settle(self, op, operands, raw, out, edges)
        node = Node()
        saved_a = saved_b = None
        if swap:
            node.inputs, saved_a = (second, edge), UNTRACKED
            if save_b is not None:
                saved_b = save_b(b, a, out)
        else:
            node.inputs = (edge, second)
            if save_a is not None:
                saved_a = save_a(a, b, out)
            if kind is not tensor_type:
                saved_b = UNTRACKED
            elif save_b is not None:
                saved_b = save_b(a, b, out)
        node.saved = (saved_a, saved_b)
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
