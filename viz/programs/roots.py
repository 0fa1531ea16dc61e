"""The tensors that a program is read from."""

from math import prod
from typing import Any

from autograd_lite import Tensor
from viz.errors import DrawingError


def single(edge: Any) -> bool:
    """Whether a tensor is one real number, the only thing that has a gradient."""
    return prod(edge.shape) == 1 and edge.dtype.kind != "c"


def roots_of(tensors: Any) -> list:
    given = tensors if isinstance(tensors, list | tuple) else [tensors]
    if not given:
        raise DrawingError("nothing to draw: the list of tensors is empty")
    for t in given:
        if not isinstance(t, Tensor):
            raise DrawingError(
                f"an object of type {type(t).__name__} has no graph; pass the "
                "Tensor that was computed, or a list of Tensors"
            )
        if t._node is None:
            raise DrawingError(
                "nothing was recorded for this tensor: make an input with requires_grad=True, and "
                "compute the tensor outside no_grad() and without detach()"
            )
    return list({t._node.index: t._node for t in given}.values())
