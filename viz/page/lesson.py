"""The numbers behind one step of the backward pass: Jacobians, their structure, and the shorter way
that the rule takes instead of a product with them."""

from math import prod
from typing import NamedTuple

import numpy as np

from viz.formulas.symbols import Symbol, named
from viz.jacobians.structure import Structure, structure
from viz.names import number
from viz.page.story import Box, Part, Story
from viz.programs.pulls import local

DRAWN = 12  # rows and columns of a Jacobian that is drawn
COUNTED = 48  # outputs of one whose nonzero entries are counted, one pull for each
MOST_ENTRIES = 1 << 17  # of one that is computed
ONE_PLACE = ("identity", "permutation")


class Term(NamedTuple):
    """The way from one output of an operation to one of its arguments.

    jacobian : ∂output/∂argument, flattened to two axes; None if it is too large to compute, or
        complex.
    nonzeros : how many of its entries are not zero, as far as known.
    """

    output: Box
    shape: tuple[int, int]
    jacobian: np.ndarray | None
    nonzeros: int | None
    structure: Structure


class Shortcut(NamedTuple):
    """The rule as one operation on arrays: "⊙", "/", "·", "outer", or "Σ" over `axis`; "" for
    none. minus : its result is negated."""

    sign: str
    factors: tuple[Symbol, ...]
    axis: object = None
    minus: bool = False


class Lesson:
    """What an operation sends back, explained; `of[part]` are the terms and the shortcut."""

    def __init__(self, story: Story, node):
        self.story = story
        self.node = node
        self.outputs = [box for box in story.result(node) if box.gradient is not None]
        self.affordable = story.program.affordable(node)
        self.sent = [self.send(box) for box in self.outputs] if self.affordable else []
        self.jacobians = [self.jacobians_of(box) for box in self.outputs]

    def send(self, box):
        """The gradient of one output as a symbol, and what the rule makes of it."""
        # its numbers are a coincidence, so the rule must not simplify by them: not known
        g = named(self.story.program.gradient(box.edge), box.gradient, known=False)
        return g, local(self.node, [(box.edge, g)], self.story.program.lift)

    def jacobians_of(self, box) -> dict[int, np.ndarray]:
        """∂output/∂argument for each argument, if they are small: one pull for each output."""
        size = prod(box.shape)
        widest = max(prod(edge.shape) for edge in self.node.edges if edge is not None)
        if not 0 < size <= COUNTED or size * widest > MOST_ENTRIES:
            return {}
        return self.story.program.jacobians(self.node, box.edge)

    def terms(self, target: Box, part: Part) -> list[Term]:
        """One for each output that sends something."""
        found = []
        pairs = zip(self.outputs, self.sent, self.jacobians, strict=True)
        for box, (g, sent), jacobians in pairs if self.affordable else ():
            if part.slot in sent and g.size and prod(target.shape):
                kind = structure(sent[part.slot], g, target.shape, box.shape)
                shape = (g.size, prod(target.shape))
                J = jacobians.get(part.slot)
                J = None if J is None else kind.certain(J)
                count = int(np.count_nonzero(J)) if J is not None else None
                if kind.kind in ONE_PLACE:
                    count = g.size
                drawn = J if max(shape) <= DRAWN else None
                found.append(Term(box, shape, drawn, count, kind))
        return found

    def shortcut(self, part: Part) -> Shortcut | None:
        """The rule as one operation on numbers, if it is one, and gives the engine's numbers."""
        if len(self.sent) != 1:
            return None
        g, sent = self.sent[0]
        expression = sent.get(part.slot)
        if not isinstance(expression, Symbol) or not known(expression, g):
            return None
        found = one_operation(expression)
        same = expression.shape == part.array.shape and np.allclose(
            expression.value, part.array, equal_nan=True
        )
        return found if found and same else None


def one_operation(s: Symbol) -> Shortcut | None:
    """An expression as a shortcut, if it is one operation, or minus one."""
    if s.text is not None:
        return None
    if s.function is np.negative:
        found = one_operation(s.args[0]) or Shortcut("", s.args)
        return found._replace(minus=not found.minus)
    sign = {np.multiply: "⊙", np.divide: "/", np.matmul: "·", np.outer: "outer"}.get(s.function)
    if sign is not None:
        return Shortcut(sign, tuple(as_symbol(x) for x in s.args))
    if s.function is np.sum and not s.kwargs.get("keepdims"):
        axis = s.kwargs.get("axis", s.args[1] if len(s.args) > 1 else None)
        return Shortcut("Σ", s.args[:1], axis)
    return None


def as_symbol(x) -> Symbol:
    return x if isinstance(x, Symbol) else named(number(x) if np.ndim(x) == 0 else "array", x)


def known(s, g) -> bool:
    """Whether all numbers in an expression are the program's own; those of g are."""
    stack = [s]
    while stack:
        x = stack.pop()
        if isinstance(x, tuple | list):
            stack.extend(x)
        elif isinstance(x, Symbol) and x is not g:
            if x.text is not None and x.definition is None and not x.known:
                return False
            stack += [*x.args, *x.kwargs.values(), x.definition]
    return True
