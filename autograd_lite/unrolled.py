"""Recording, unrolled: what `recording.apply` does, as straight code for one or two operands.

A chain of small operations spends most of its time in recording. The texts below are filled in
with the names of an operation's operands and with what its rules read, and compiled, once for
all operations that read alike. They serve operations without static arguments; whatever is rare
(untracked operands, other types, modes) goes on to the general functions.
"""

import functools
import weakref

import numpy as np

from autograd_lite.direct import apply, packed
from autograd_lite.graph import UNTRACKED, Node, counter
from autograd_lite.modes import NORMAL, mode
from autograd_lite.op import shape_of, source
from autograd_lite.recording import described, record, wrap

NODE = """
        node.op = op
        node.index = next(counter)
        shape = out.shape
        node.shape = edge.shape if shape == edge.shape else shape  # one tuple less to collect
        node.dtype = out.dtype
        if m is not NORMAL:
            node.scope = m.scope
        t = new(type(self))
        t._array = out
        t._node = node
        return t

    return method
"""
UNARY = (
    """
def make(op, forward, keep):
    def method(self):
        {a}, edge = self._array, self._node
        out = forward({a})
        m = now()
        if edge is None or type(out) is not ndarray or (m is not NORMAL and not m.is_plain):
            if edge is None or type(out) not in scalars or not m.is_plain:
                return settle(self, op, (self,), ({a},), out, (edge,))
            out = asarray(out)
        node = Node()
        node.inputs = (edge,)
        {keep}
        node.saved = ({saved_a},)
"""
    + NODE
)
LEFT = (
    """
def make(op, forward, keep):
    def method(self, other):
        kind = type(other)
        {a}, edge = self._array, self._node
        if kind is type(self):
            {b}, second = other._array, other._node
        elif kind is ndarray and other.dtype.kind == "f":
            {b}, second = other, (None, other.shape, ref(other))
        elif kind is float or kind is int:
            {b} = second = other
        else:
            second = None
        if edge is None or second is None:
            return seldom(self, op, self, other)
        try:
            out = forward({a}, {b})
        except Exception as error:
            raise described(error, op.name, ({a}, {b})) from error
        m = now()
        if type(out) is not ndarray or (m is not NORMAL and not m.is_plain):
            if type(out) not in scalars or not m.is_plain:
                edges = (edge, second if kind is type(self) else None)
                return settle(self, op, (self, other), ({a}, {b}), out, edges)
            out = asarray(out)
        node = Node()
        node.inputs = (edge, second)
        node.saved = ({saved_a}, {saved_b} if kind is type(self) else UNTRACKED)
"""
    + NODE
)
RIGHT = (
    """
def make(op, forward, keep):
    def method(self, other):
        {b}, edge = self._array, self._node
        kind = type(other)
        if kind is ndarray and other.dtype.kind == "f":
            first = (None, other.shape, ref(other))
        elif kind is float or kind is int:
            first = other
        else:
            first = None
        if edge is None or first is None:
            return seldom(self, op, other, self)
        {a} = other
        try:
            out = forward({a}, {b})
        except Exception as error:
            raise described(error, op.name, ({a}, {b})) from error
        m = now()
        if type(out) is not ndarray or (m is not NORMAL and not m.is_plain):
            if type(out) not in scalars or not m.is_plain:
                return settle(self, op, (other, self), ({a}, {b}), out, (None, edge))
            out = asarray(out)
        node = Node()
        node.inputs = (first, edge)
        node.saved = (UNTRACKED, {saved_b})
"""
    + NODE
)


def unroll(op, text):
    """`op` as a method of a Tensor: `UNARY`, or with the Tensor on the LEFT or RIGHT of another."""
    a, *b = op.arrays
    saved = [packed([source(op, n) for n in reads]) for reads in op.reads]
    keep = ""
    if op.keep:
        ((name, read),) = zip(op.keep, op.keep_reads, strict=True)
        keep = f"{name} = keep({', '.join(read)})"
    text = text.format(a=a, b=b[0] if b else "", saved_a=saved[0], saved_b=saved[-1], keep=keep)
    return compiled(text)(op, op.forward, *op.keep.values() or (None,))


def seldom(self, op, *operands):
    """An operand is untracked or of another type; if nothing is to be recorded, only compute."""
    raw, recording = [], mode.get().recording
    for x in operands:
        kind = type(x)
        if kind is type(self) and (x._node is None or not recording):
            raw.append(x._array)
        elif kind is float or kind is int or (kind is np.ndarray and x.dtype.kind == "f"):
            raw.append(x)
        else:
            return apply(type(self), op, operands, {})
    try:
        out = op.forward(*raw)
    except Exception as error:
        raise described(error, op.name, raw) from error
    return wrap(type(self), out)


def settle(self, op, operands, raw, out, edges):
    """The rare ends of a method: untracked, not recording, arrays of other kinds."""
    if edges == (None,) * len(edges) or not mode.get().recording:
        return wrap(type(self), out)
    return record(type(self), op, operands, raw, (), out, edges)


SCALARS = {np.dtype(c).type for c in "efdgFDG"}  # what NumPy gives for results without axes
NAMES = dict(
    Node=Node, UNTRACKED=UNTRACKED, NORMAL=NORMAL, counter=counter, ndarray=np.ndarray,
    scalars=SCALARS, asarray=np.asarray, new=object.__new__, now=mode.get, ref=weakref.ref,
    settle=settle, seldom=seldom, described=described, _shape_of=shape_of, __name__=__name__,
)  # fmt: skip


@functools.cache
def compiled(text):
    names = dict(NAMES)
    exec(text, names)
    return names["make"]
