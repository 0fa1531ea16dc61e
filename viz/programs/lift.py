"""How saved values become symbols, so that the rules of a recorded graph print themselves."""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from autograd_lite import Tensor
from autograd_lite.backward import lifted, unpacked
from autograd_lite.graph import UNTRACKED, outputs_of
from autograd_lite.higher import CHECKPOINT
from viz.errors import DrawingError
from viz.formulas.symbols import Symbol, named
from viz.names import Names, subscript
from viz.programs.saved import read_values, statics


class SymbolLift:
    """Gives saved values their names, so that the rules print themselves."""

    def __init__(self, names: Names, values: Mapping[int, np.ndarray], stale=frozenset()):
        self.names = names
        self.values = values  # edge index -> array, for tensors the user still holds
        self.stale = stale  # leaves that were updated after an operation used them

    def value(self, value, edge, node, name, slot=None):
        if edge is not None:
            return self.tensor(edge, value)
        if name == "out":  # one of several that nothing else uses
            return named(self.names.kept(node, node.op.name + subscript(slot + 1)), value)
        if slot is not None:
            return self.constant(value, node, slot)
        if name in node.op.keep:
            return self.kept(value, node, name)
        return value

    def outputs(self, node, values):
        triples = zip(values, outputs_of(node), range(len(values)), strict=True)
        return tuple(self.value(v, edge, node, "out", i) for v, edge, i in triples)

    def constant(self, value, node, slot):
        if isinstance(value, np.ndarray):
            return named(self.version(self.names.constant(node, slot), value), value, constant=True)
        return value  # a number stays a number, also in print

    def kept(self, value, node, name):
        """A value kept from the forward pass, as the expression it was computed by."""
        op = node.op
        reads = op.keep_reads[list(op.keep).index(name)]
        arguments = [self.argument(node, n) for n in reads]
        try:
            found = op.keep[name](*arguments)
        except Exception:  # it ran on arrays, but branches on numbers, say: its result has a name
            found = None
        if isinstance(found, Symbol):
            found.value = np.asarray(value)
            found.known, found.kept = True, self.names.kept(node, name)
            return found
        if not isinstance(value, np.ndarray):
            return value
        return named(self.names.kept(node, name), value)

    def argument(self, node, name):
        """What the forward pass called `name`: perhaps with a stand-in for its numbers."""
        op = node.op
        if name == "out":
            return self.unsaved(node)
        if name in op.arrays:
            slot = op.arrays.index(name)
            if node.edges[slot] is not None:
                return self.operand(node, slot)
            constant = node.inputs[slot]
            if not isinstance(constant, tuple):
                return constant
            array = constant[2]() if constant[2] is not None else None
            text = self.names.constant(node, slot)
            if array is None:
                return named(text, np.zeros(constant[1]), known=False, constant=True)
            value = array.data if isinstance(array, Tensor) else array
            return named(text, value, constant=True)
        return self.static(node, name)

    def operand(self, node, slot):
        """A tracked operand as it was when the operation was called, as far as that is known."""
        edge = node.edges[slot]
        if node.values is not None:
            return self.unsaved(edge, node.values.operands[slot])
        if edge.index in self.stale:
            text = self.names.of(edge)
            text = self.names.kept(edge, text + "′")  # not what it is called today
            return self.tensor(edge, np.zeros(edge.shape, edge.dtype), False, text)
        return self.unsaved(edge, None if node.arguments is None else node.arguments[0][slot])

    def unsaved(self, edge, value=None):
        value = self.values.get(edge.index) if value is None else value
        known = value is not None
        return self.tensor(edge, value if known else np.zeros(edge.shape, edge.dtype), known)

    def tensor(self, edge, value, known=True, text=None):
        """A tracked tensor: its name, and what computed it."""
        node, origin = edge.node, None
        if node.op is not None and "axis" in node.op.static:
            origin = node.op.function, statics(node).get("axis")
        text = text or self.names.of(edge)
        return named(self.version(text, value) if known else text, value, known, origin=origin)

    def version(self, text, value):
        """The name of a leaf or constant; with a prime for what it held after an update."""
        for version, array in self.versions.get(text, ()):
            if same(array, value):
                return version
        return text

    @cached_property
    def versions(self) -> dict[str, list]:
        """Name of a leaf or constant -> (name, array) of all it held, oldest first."""
        found: dict[str, list] = {}
        for node in self.names.nodes:
            for text, value in self.given(node) if node.op is not None else ():
                held = found.setdefault(text, [])
                if not any(same(array, value) for _, array in held):
                    held.append((self.names.free(text + "′") if held else text, value))
        return found

    def given(self, node):
        """(name, array) of the leaves and constants that an operation used, as they were."""
        if node.values is not None:
            arrays = list(enumerate(node.values.operands))
        elif node.saved is not None:
            read = read_values(node)
            arrays = [(i, value) for _, name, value, i in read if name in node.op.arrays]
        else:
            arrays = []
        for i, value in arrays:
            edge = node.edges[i]
            if isinstance(value, np.ndarray) and (edge is None or edge.op is None):
                is_leaf = edge is not None
                yield self.names.of(edge) if is_leaf else self.names.constant(node, i), value

    def static(self, node, name):
        if node.arguments is not None:  # of a fused operation, which keeps them for its body
            return node.arguments[1][list(node.op.static).index(name)]
        for reads, saved in zip(node.op.reads, node.saved, strict=True):
            if saved is not UNTRACKED and name in reads:
                return unpacked(reads, saved)[reads.index(name)]
        raise DrawingError(f"{node.op.name}: the value of {name!r} was not kept for printing")

    def joint(self, node, g):
        if node.op is CHECKPOINT:
            raise DrawingError(
                "checkpoint keeps no formula of what it computes; run the forward pass inside "
                "`with viz.record():`, where it keeps everything"
            )
        return node.op.joint(g, *lifted(node, node.op.joint_reads, node.saved, self))


def same(a, b) -> bool:
    """Whether two arrays of a leaf hold the same numbers."""
    return a is b or (a.shape == b.shape and np.array_equal(a, b, equal_nan=True))
