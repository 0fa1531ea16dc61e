"""How saved values become symbols, so that the rules of a recorded graph print themselves."""

from collections.abc import Mapping

import numpy as np

from autograd_lite import Tensor
from autograd_lite.backward import lifted, unpacked
from autograd_lite.graph import UNTRACKED
from autograd_lite.higher import CHECKPOINT
from viz.errors import DrawingError
from viz.formulas.symbols import Symbol, named
from viz.names import Names


class SymbolLift:
    """Gives saved values their names, so that the rules print themselves."""

    def __init__(self, names: Names, values: Mapping[int, np.ndarray]):
        self.names = names
        self.values = values  # edge index -> array, for tensors the user still holds

    def value(self, value, edge, node, name, slot=None):
        if edge is not None:
            return named(self.names.of(edge), value)
        if slot is not None:
            return self.constant(value, node, slot)
        if name in node.op.keep:
            return self.kept(value, node, name)
        return value

    def constant(self, value, node, slot):
        if isinstance(value, np.ndarray):
            return named(self.names.constant(node, slot), value, constant=True)
        return value  # a number stays a number, also in print

    def kept(self, value, node, name):
        """A value kept from the forward pass, as the expression it was computed by."""
        op = node.op
        reads = op.keep_reads[list(op.keep).index(name)]
        found = op.keep[name](*(self.argument(node, n) for n in reads))
        if isinstance(found, Symbol):
            found.value = np.asarray(value)
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
            edge = node.edges[slot]
            if edge is not None:
                return self.unsaved(
                    edge, None if node.arguments is None else node.arguments[0][slot]
                )
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

    def unsaved(self, edge, value=None):
        value = self.values.get(edge.index) if value is None else value
        known = value is not None
        stand_in = value if known else np.zeros(edge.shape, edge.dtype)
        return named(self.names.of(edge), stand_in, known)

    def static(self, node, name):
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
