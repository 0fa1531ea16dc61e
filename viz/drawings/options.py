"""The options of drawings: checked, and read before anything is named."""

import operator
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

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
        named = named_arrays(names if isinstance(names, Mapping) else {})
        condensed(nodes, roots, known, depth, max_nodes, named)


def named_arrays(names: Mapping) -> frozenset[int]:
    """Ids of the arrays, and of the Tensors around them, that the reader gave a name."""
    return frozenset(id(x) for v in names.values() for x in (v, getattr(v, "_array", v)))


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


def check_depth(depth: Any) -> int | None:
    wanted = "a number of levels of scopes to open, 0 or more, or None"
    return depth if depth is None else whole_number("depth", depth, 0, wanted)


def check_limit(max_nodes: Any) -> int | None:
    wanted = "a number of boxes, 1 or more, or None to draw them all"
    return max_nodes if max_nodes is None else whole_number("max_nodes", max_nodes, 1, wanted)


def whole_number(option: str, value: Any, least: int, wanted: str) -> int:
    try:
        number = -1 if isinstance(value, (bool, np.bool_)) else operator.index(value)
    except TypeError:
        number = -1
    if number < least:
        raise DrawingError(f"{option}={value!r}: use {wanted}")
    return number


def direction(rankdir: str | None, default: str) -> str:
    if rankdir is None:
        return default
    if rankdir not in DIRECTIONS:
        raise DrawingError(f"rankdir={rankdir!r}: use one of {', '.join(DIRECTIONS)}")
    return rankdir
