"""A recorded program as tables, drawings and pages see it: who is called what, what each
operation computes, keeps, and sends back."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd_lite import Tensor
from autograd_lite.backward import pull_back
from autograd_lite.graph import Edge, Node, ancestors, outputs_of
from viz.errors import DrawingError
from viz.formulas import conjugates as conjugates, unicode  # fills the table of simplifications
from viz.formulas.array_notation import SPLITTING, usual_options
from viz.formulas.markup import partial
from viz.formulas.symbols import Symbol, call, named, one, part
from viz.names import Names, shown
from viz.programs.lift import SymbolLift
from viz.programs.pulls import by_argument, local, readable
from viz.programs.replay import needs_replay, replayed, updated_since
from viz.programs.roots import roots_of, single
from viz.programs.saved import (
    read_values,
    recorded_by_edge,
    saved_by_edge,
    saved_constants,
    shapes_of_outputs,
    source_of,
    statics,
)  # fmt: skip

LARGEST = 1 << 21  # elements of an array that formulas are still computed with


class Contribution(NamedTuple):
    """What one operation sends to one of its inputs."""

    slot: int  # of the argument
    edge: Edge
    symbol: Symbol  # in the names of the program


class Kept(NamedTuple):
    """A value that an operation keeps for its backward pass."""

    symbol: Symbol  # printed as x₃ > 0, H, …
    array: np.ndarray
    readers: list[int]  # the arguments whose gradient needs it
    edge: Edge | None  # where it comes from; None for a constant or a value made for the rule
    borrowed: bool  # a leaf's or a constant's own array: no copy is kept


class Pull(NamedTuple):
    """One operation of the backward pass."""

    node: Node
    incoming: list[tuple[Edge, Symbol]]  # an output and its gradient
    contributions: list[Contribution]


class Numbers(NamedTuple):
    """The engine's own numbers of one backward pass, in which no hook is called."""

    totals: dict[int, np.ndarray]  # edge index -> gradient
    parts: dict[tuple[int, int], np.ndarray]  # (node index, argument) -> contribution


class Program:
    """A graph with names.

    Attributes
    ----------
    roots : the edges it is read from.
    nodes : all nodes they depend on, oldest first; the backward pass visits them in reverse.
    names : the `Names` of all tensors.
    top : the name of the scalar that is differentiated, "e" in ∂e/∂x.
    seeded : whether that scalar is the only root, so that its seed is 1.
    values : edge index -> array, as far as known.
    """

    def __init__(
        self,
        tensors: Tensor | Sequence[Tensor],
        names: Mapping[str, Any] | None = None,
        *,
        expand: str | Iterable[str] | bool = (),
        loss: str | None = None,
    ):
        if not isinstance(names, Mapping | None):
            raise DrawingError(
                f"names= of type {type(names).__name__}; pass a mapping from "
                "names to tensors, such as names=locals()"
            )
        old = roots_of(tensors)
        self.roots, self.nodes = old, ancestors(old)
        self.stale = updated_since(self.nodes)
        self.moved: dict[int, Edge] = {}
        if expand or needs_replay(self.nodes):
            self.moved = replayed(old, expand)
            self.roots = [self.moved[e.index] for e in old]
            self.nodes = ancestors(self.roots)
        self.names = Names(self.roots, names, self.moved)
        self.seeded = len(self.roots) == 1 and single(self.roots[0])
        self.top = self.name_of_top(loss)
        self.held = self.held_values(tensors, names)

    def name_of_top(self, loss) -> str:
        if loss is not None and not isinstance(loss, str):
            raise DrawingError(f"loss={loss!r}; give a name, such as loss='L'")
        if not self.seeded:
            return self.names.differentiated(self.names.free(shown(loss or "e")))
        root = self.roots[0].index
        self.names.by_edge[root] = self.names.differentiated(self.names.by_edge[root])
        return self.names.by_edge[root]

    @cached_property
    def lift(self) -> SymbolLift:
        return SymbolLift(self.names, self.values, self.stale)

    # --- values -----------------------------------------------------------------------------
    def held_values(self, tensors, names):
        given = [*(tensors if isinstance(tensors, list | tuple) else [tensors])]
        given += [t for t in (names or {}).values() if isinstance(t, Tensor)]
        pairs = [(t._node, t.data) for t in given if t._node is not None]
        return {self.moved.get(e.index, e).index: data for e, data in pairs}

    @cached_property
    def values(self) -> dict[int, np.ndarray]:
        """Edge index -> array: recorded, saved by a rule, or held by the user."""
        found = {index: x for index, x in self.held.items() if index not in self.stale}
        for node in self.nodes:
            found.update(saved_by_edge(node))
        for node in self.nodes:
            found.update(recorded_by_edge(node))
        return found

    def constant_value(self, node, slot):
        """An untracked operand: a number, an array, or None if it is gone."""
        known = node.inputs[slot]
        if not isinstance(known, tuple):
            return known
        if node.values is not None:
            return node.values.operands[slot]
        thing = known[2]() if known[2] is not None else None
        if thing is None:
            return saved_constants(node).get(slot)
        return getattr(thing, "_array", thing)

    # --- the forward pass -------------------------------------------------------------------
    def operand(self, node, slot):
        """An operand of `node` as a symbol, or the number that it is."""
        known = node.inputs[slot]
        if node.edges[slot] is not None:
            return self.lift.operand(node, slot)
        if not isinstance(known, tuple):
            return known
        value = self.constant_value(node, slot)
        stand_in = np.zeros(known[1]) if value is None else value
        return named(self.names.constant(node, slot), stand_in, value is not None, constant=True)

    def forward(self, edge: Edge) -> Symbol:
        """What computes a tensor, in the names of its operands: x₂ + v."""
        node: Any = edge.node
        operands = [self.operand(node, i) for i in range(len(node.inputs))]
        while operands and operands[-1] is None:
            operands.pop()
        args = (operands,) if node.op.variadic else tuple(operands)
        usual, given = usual_options(node.op), statics(node).items()
        kwargs = {n: v for n, v in given if v is not usual.get(n, usual) and not callable(v)}
        if node.op.function is np.einsum:  # which takes its subscripts first
            args = (kwargs.pop("subscripts", "…"), *operands)
        value = np.broadcast_to(np.zeros((), edge.dtype), edge.shape)
        made = Symbol(value, function=node.op.function, args=args, kwargs=kwargs)
        if edge.slot is None:
            return made
        shapes = shapes_of_outputs(node)
        if shapes is None and node.op.function in SPLITTING:  # where is not known
            return named(f"{node.op.name}(…)", value, known=False)
        made.value = [np.broadcast_to(np.zeros((), edge.dtype), x) for x in shapes or [edge.shape]]
        return Symbol(value, function=part, args=(made, edge.slot))

    # --- the backward pass ------------------------------------------------------------------
    def incoming(self, edge: Edge) -> Symbol:
        """The gradient of a tensor by its name; the seed is the number 1."""
        if self.seeded and edge is self.roots[0] and not self.used(edge):
            return one(np.ones(edge.shape, edge.dtype))
        return named(self.gradient(edge), self.some_numbers(edge), known=False)

    def some_numbers(self, edge: Edge) -> np.ndarray:
        """Stand for a gradient whose numbers do not matter; simplifications are checked by them."""
        rng = np.random.default_rng(0)
        numbers = rng.standard_normal(edge.shape)
        if edge.dtype.kind == "c":
            numbers = numbers + 1j * rng.standard_normal(edge.shape)
        return np.asarray(numbers, edge.dtype)

    def outputs(self, node: Node) -> list[Edge]:
        """The outputs of a node that get a gradient."""
        return [e for e in outputs_of(node) if e is not None and e.index in self.receivers]

    def used(self, edge):
        return any(e is edge for node in self.nodes for e in node.edges)

    def gradient(self, edge: Edge) -> str:
        return unicode.write(partial(self.top, self.names.of(edge)))

    def pull(self, node: Node) -> Pull:
        """What one operation sends back, as expressions of the gradients of its outputs.

        Raises
        ------
        DrawingError : if its saved values were freed.
        """
        incoming = [(e, self.incoming(e)) for e in self.outputs(node)]
        sent = local(node, incoming, self.lift)
        edges = node.edges
        return Pull(node, incoming, [Contribution(i, edges[i], c) for i, c in sent.items()])

    @cached_property
    def receivers(self) -> set[int]:
        """Indices of the edges that get a gradient."""
        used = {e.index for node in self.nodes for e in node.edges if e is not None}
        return used | {e.index for e in self.roots}

    def affordable(self, node: Node) -> bool:
        """Whether the arrays at a node are small enough to compute formulas with."""
        edges = [e for e in (*node.edges, *outputs_of(node)) if e is not None]
        return all(prod(e.shape) <= LARGEST for e in edges)

    def total(self, contributions: list[Symbol]) -> Symbol:
        """Where paths merge, contributions are added in the order of the engine."""
        result, *rest = contributions
        for symbol in rest:
            result = call(np.add, (result, symbol), {})
        return result

    def kept(self, node: Any) -> list[Kept]:
        """What the operation keeps; a rule that reads a shape or an axis keeps no array."""
        found: dict[Any, Kept] = {}
        for slot, name, value, i in read_values(node):
            if not isinstance(value, np.ndarray):
                continue
            edge: Any = source_of(node, name, i)
            key = id(value) if edge is None else edge  # a recorded operand may be a copy
            if key in found:
                found[key].readers.append(slot)
                continue
            symbol = self.lift.value(value, edge, node, name, i)
            if not isinstance(symbol, Symbol):  # an index array, say
                symbol = named(name, value)
            own = name == "out" or name in node.op.keep or name in node.op.static
            made = own if edge is None else edge.op is not None
            found[key] = Kept(symbol, value, [slot], edge, not made)
        return list(found.values())

    # --- numbers ----------------------------------------------------------------------------
    def seeds(self):
        if self.seeded:
            return [(e, np.ones(e.shape, e.dtype)) for e in self.roots]
        raise DrawingError(
            "numbers of a backward pass need a single number to start from, and a real one; draw a "
            "loss of shape ()"
        )

    @cached_property
    def numbers(self) -> Numbers:
        """The gradients as the engine computes them.

        Raises
        ------
        DrawingError : if the values were freed, or the program does not end in one number.
        """
        numbers = Numbers({}, {})

        def visit(edge, g):
            numbers.totals[edge.index] = np.asarray(g)
            return g

        def observe(node, g, sent):
            parts = by_argument(sent).items()
            numbers.parts.update({(node.index, i): np.asarray(c) for i, c in parts})

        with readable():
            pull_back(self.seeds(), retain=True, visit=visit, observe=observe, aside=True)
        return numbers

    def jacobians(self, node: Node, output: Edge) -> dict[int, np.ndarray]:
        """Argument -> ∂output/∂argument, of shape (size of the output, size of the argument).

        For real numbers only: complex ones have Jacobians of pairs of numbers.
        """
        if any(e is not None and e.dtype.kind == "c" for e in (output, *node.edges)):
            return {}
        rows: dict[int, list] = {}
        for unit in np.eye(prod(output.shape), dtype=output.dtype):
            for slot, row in local(node, [(output, unit.reshape(output.shape))]).items():
                rows.setdefault(slot, []).append(np.ravel(row))
        return {slot: np.array(found) for slot, found in rows.items()}
