"""The options of drawings: checked, and read before anything is named."""

from collections.abc import Iterable, Mapping
from typing import Any

from autograd_lite import Tensor
from autograd_lite.graph import ancestors
from viz.drawings.condense import condensed
from viz.errors import DrawingError
from viz.names import shown

MAX_NODES = 400
DIRECTIONS = ("LR", "TB", "RL", "BT")


def listed(inputs: Any) -> tuple:
    """`inputs=` as a tuple of Tensors and names."""
    if isinstance(inputs, str) or hasattr(inputs, "shape"):
        return (inputs,)
    if not isinstance(inputs, Iterable):
        raise DrawingError(
            f"inputs= of type {type(inputs).__name__}; pass a leaf, its name, or a list of them"
        )
    return tuple(inputs)


def check_size(roots, names, inputs, depth, max_nodes) -> None:
    """Refuse a graph of 100,000 operations before they are named, which takes a second."""
    nodes = ancestors(roots)
    known = inputs_before_naming(nodes, names, inputs)
    if max_nodes is not None and known is not None:
        condensed(nodes, roots, known, depth, max_nodes)


def inputs_before_naming(nodes, names, inputs) -> set[int] | None:
    """Indices of the inputs; None if one is a name that is still to be given, such as x₁."""
    given = names if isinstance(names, Mapping) else {}
    edges = {str(name): edge_of(t) for name, t in given.items()}
    edges |= {shown(name): edge for name, edge in edges.items()}
    edges |= {name: n for n in nodes if n.name for name in (n.name, shown(n.name))}
    if any(isinstance(x, str) and edges.get(x) is None for x in inputs):
        return None
    found = [edges[x] if isinstance(x, str) else edge_of(x) for x in inputs]
    return {edge.index for edge in found if edge is not None}


def edge_of(x: Any) -> Any:
    """The place of a Tensor in the graph; None for anything else, such as the class Tensor."""
    return x._node if isinstance(x, Tensor) else None


def check_depth(depth: Any) -> None:
    if depth is not None and (not isinstance(depth, int) or isinstance(depth, bool) or depth < 0):
        raise DrawingError(
            f"depth={depth!r}: use a number of levels of scopes to open, 0 or more, or None"
        )


def direction(rankdir: str | None, default: str) -> str:
    if rankdir is None:
        return default
    if rankdir not in DIRECTIONS:
        raise DrawingError(f"rankdir={rankdir!r}: use one of {', '.join(DIRECTIONS)}")
    return rankdir
