"""The structure of an operation's Jacobians, one for each argument that gets a gradient."""

from autograd_lite.graph import Node
from viz.formulas.symbols import Symbol, named
from viz.jacobians.structure import Structure, structure
from viz.programs.program import Program
from viz.programs.pulls import local


def linear_forms(program: Program, node: Node) -> tuple[list[Symbol], dict[int, Symbol]]:
    """The gradients of the outputs, and for each argument what the rule makes of them.

    The gradients are names, also where the seed of the program would be the number 1.
    """
    outputs = program.outputs(node)
    given = [named(program.gradient(e), program.some_numbers(e), known=False) for e in outputs]
    return given, local(node, list(zip(outputs, given, strict=True)), program.lift)


def structures(program: Program, node: Node) -> dict[int, Structure]:
    """Argument -> what is known of the Jacobian of the node's outputs by it.

    Raises
    ------
    DrawingError : if the values of the node were freed.
    """
    return described(node, *linear_forms(program, node))


def described(node: Node, given: list[Symbol], sent: dict[int, Symbol]) -> dict[int, Structure]:
    """The structures of what `linear_forms` found."""
    if node.outputs is None:
        one = given[0]
        return {i: structure(s, one, s.shape, one.shape) for i, s in sent.items()}
    shapes = [g.shape for g in given]
    return {i: structure(s, given, s.shape, shapes) for i, s in sent.items()}
