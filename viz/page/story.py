"""The story of a program in steps: the leaves, each operation forward, the seed, each operation
backward in the order of the engine, the end. Data only; how it looks is decided elsewhere."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.graph import Edge, Node, ancestors, outputs_of
from viz.drawings.condense import constant_key
from viz.drawings.scene import Scene
from viz.errors import DrawingError
from viz.formulas.symbols import Symbol
from viz.programs.roots import roots_of

MAX_OPERATIONS = 60


class Part(NamedTuple):
    """What one operation sends to one tensor: one of the contributions to its gradient."""

    node: Node
    slot: int
    array: np.ndarray
    place: int  # counted from 1, in the order in which the engine adds them
    sum: np.ndarray  # of the contributions up to this one


@dataclass
class Box:
    """A tensor, with the operation that made it.

    key : "t1", "t2" … in order of execution, "c1" … for constants; the same on every machine.
    kind : "operation", "input", "parameter" or "constant".
    value, gradient : None where they were not kept, or where no gradient arrives.
    """

    key: str
    name: str
    kind: str
    shape: tuple
    value: np.ndarray | None
    edge: Edge | None = None
    gradient: np.ndarray | None = None
    parts: list[Part] = field(default_factory=list)

    @property
    def op(self):
        return None if self.edge is None else self.edge.op


class Arrow(NamedTuple):
    """A use of a tensor: argument `slot` of the operation that made the head."""

    tail: str
    head: str
    slot: int


class Step(NamedTuple):
    """What happens at once: the state of the page is that of all steps so far together.

    kind : "start", "forward", "seed", "backward" or "end".
    node : the operation at work.
    values : keys of the boxes whose value appears.
    sums : (key, how many contributions its gradient has now).
    arrows : numbers of the arrows in use.
    active, receivers : keys of the boxes of the operation, and of those that get something.
    """

    kind: str
    title: str
    node: Node | None = None
    values: tuple[str, ...] = ()
    sums: tuple[tuple[str, int], ...] = ()
    arrows: tuple[int, ...] = ()
    active: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()


class Story:
    """The boxes, arrows and steps of a program that ends in one number.

    Attributes
    ----------
    boxes : key -> `Box`, in order of execution.
    of : edge index -> `Box`.
    arrows : the forward arrows; a gradient takes the same way back.
    trunk : keys of the longest chain that ends in the root.
    steps : the `Step`s in order.
    has_hooks : whether a tensor has hooks, which the numbers leave out.

    Raises
    ------
    DrawingError : for more than MAX_OPERATIONS operations, freed values, a root that is not one
        number, unknown `inputs`.
    """

    def __init__(self, tensor: Any, names=None, inputs=(), expand=()):
        check_length(ancestors(roots_of(tensor)))
        scene = Scene(tensor, names, inputs, None, expand=expand)
        check_length(scene.nodes)
        self.program, self.given = scene.program, scene.inputs
        self.has_hooks = bool(scene.hooked)
        self.totals, self.sent = self.program.numbers
        self.boxes: dict[str, Box] = {}
        self.of: dict[int, Box] = {}
        self.constants: dict[tuple, Box] = {}
        self.arrows: list[Arrow] = []
        for node in self.program.nodes:
            self.add(node)
        self.root = self.of[self.program.roots[0].index]
        self.forward = [n for n in self.program.nodes if n.op is not None]
        self.backward = [n for n in reversed(self.forward) if self.reached(n)]
        for node in self.backward:
            self.deliver(node)
        self.trunk = self.longest_chain()
        self.steps = self.told()

    # --- boxes and arrows -------------------------------------------------------------------
    def add(self, node):
        """The boxes of an operation's constants and outputs, and the arrows between them."""
        outputs = self.outputs(node)
        tails = [self.operand(node, i) for i in range(len(node.inputs))]
        for edge in outputs:
            box = Box(f"t{len(self.of) + 1}", self.program.names.of(edge), self.kind(edge),
                      edge.shape, self.program.values.get(edge.index), edge,
                      self.totals.get(edge.index))  # fmt: skip
            self.boxes[box.key] = self.of[edge.index] = box
            for i, tail in enumerate(tails):
                if tail is not None:
                    self.arrows.append(Arrow(tail.key, box.key, i))

    def outputs(self, node):
        """The outputs that something uses, or the root."""
        wanted = self.program.receivers
        return [e for e in outputs_of(node) if e is not None and e.index in wanted]

    def kind(self, edge):
        if edge.op is not None:
            return "operation"
        return "input" if edge.index in self.given else "parameter"

    def operand(self, node, i):
        """The box of operand i; None for a number, which stands in the formula alone."""
        if node.edges[i] is not None:
            return self.of[node.edges[i].index]
        if not isinstance(node.inputs[i], tuple):
            return None
        key = constant_key(node, i)
        if key not in self.constants:
            name, value = self.program.names.constant(node, i), self.program.constant_value(node, i)
            value = None if value is None else np.asarray(value)
            shape = node.inputs[i][1]
            box = Box(f"c{len(self.constants) + 1}", name, "constant", shape, value)
            self.constants[key] = self.boxes[box.key] = box
        return self.constants[key]

    def longest_chain(self):
        depth: dict[str, int] = {}
        before: dict[str, str] = {}
        for key in self.boxes:
            tails = [a.tail for a in self.arrows if a.head == key]
            best = max(tails, key=lambda t: (depth[t], self.boxes[t].kind == "input"), default=None)
            depth[key] = 1 + (depth[best] if best else 0)
            if best:
                before[key] = best
        chain = [self.root.key]
        while chain[-1] in before:
            chain.append(before[chain[-1]])
        return chain[::-1]

    # --- gradients --------------------------------------------------------------------------
    def reached(self, node):
        return any(e.index in self.totals for e in self.outputs(node))

    def deliver(self, node):
        """The contributions of an operation, added in the order of the engine."""
        for i, edge in enumerate(node.edges):
            array = self.sent.get((node.index, i))
            if array is not None:
                parts = self.of[edge.index].parts
                total = parts[-1].sum + array if parts else array
                parts.append(Part(node, i, array, len(parts) + 1, np.asarray(total)))

    def received(self, node) -> list[tuple[Box, Part]]:
        """What an operation sends back, argument by argument."""
        boxes = {e.index: self.of[e.index] for e in node.edges if e is not None}
        found = [(box, part) for box in boxes.values() for part in box.parts if part.node is node]
        return sorted(found, key=lambda pair: pair[1].slot)

    def result(self, node) -> list[Box]:
        return [self.of[e.index] for e in self.outputs(node)]

    def formula(self, box: Box) -> Symbol:
        """What computes the tensor of a box."""
        assert box.edge is not None
        return self.program.forward(box.edge)

    # --- steps ------------------------------------------------------------------------------
    def told(self):
        leaves = tuple(box.key for box in self.boxes.values() if box.op is None)
        seed = (self.root.key,)
        steps = [Step("start", "Start: what is given", values=leaves)]
        steps += [self.forward_step(i, node) for i, node in enumerate(self.forward, 1)]
        steps += [Step("seed", "The backward pass begins", sums=((self.root.key, 0),),
                       active=seed, receivers=seed)]  # fmt: skip
        steps += [self.backward_step(i, node) for i, node in enumerate(self.backward, 1)]
        return [*steps, Step("end", "The end: all gradients")]

    def forward_step(self, i, node):
        keys = tuple(box.key for box in self.result(node))
        arrows = tuple(j for j, a in enumerate(self.arrows) if a.head in keys)
        title = f"Forward {i} of {len(self.forward)}: {node.op.name}"
        return Step("forward", title, node, keys, (), arrows, keys, keys)

    def backward_step(self, i, node):
        received = self.received(node)
        counts = {box.key: part.place for box, part in received}
        active = tuple(box.key for box in self.result(node) if box.gradient is not None)
        ways = {(box.key, part.slot) for box, part in received}
        arrows = tuple(
            j for j, a in enumerate(self.arrows) if a.head in active and (a.tail, a.slot) in ways
        )
        title = f"Backward {i} of {len(self.backward)}: {node.op.name}"
        return Step("backward", title, node, (), tuple(counts.items()), arrows, active,
                    tuple(counts))  # fmt: skip


def check_length(nodes):
    count = sum(node.op is not None for node in nodes)
    if count > MAX_OPERATIONS:
        raise DrawingError(
            f"this page would step through {count} operations, more than {MAX_OPERATIONS}; pass a "
            "tensor computed earlier, expand less, or see the whole with viz.draw(…, depth=1)"
        )
