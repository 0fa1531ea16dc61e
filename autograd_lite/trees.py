"""Nested dicts, lists and tuples of arrays, as arguments and results of transforms."""

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.operands import is_tensor


def is_leaf(x) -> bool:
    return is_tensor(x) or isinstance(x, (np.ndarray, np.generic, float, int, complex)) or (
        hasattr(x, "__array_function__"))  # fmt: skip


def flatten(tree) -> tuple[list, Callable[[list], Any]]:
    """The leaves of a tree, and a function that builds the same tree from other leaves.

    Dicts, lists, tuples and named tuples are nodes; numbers, arrays and Tensors are leaves;
    everything else (None, strings, functions) belongs to the structure.
    """
    if is_leaf(tree):
        return [tree], lambda leaves: leaves[0]
    if isinstance(tree, dict):
        keys, parts = list(tree), list(tree.values())
    elif isinstance(tree, (list, tuple)):
        keys, parts = None, list(tree)
    else:
        return [], lambda leaves: tree
    flat = [flatten(p) for p in parts]
    sizes = [len(leaves) for leaves, _ in flat]

    def build(leaves):
        rest = iter(leaves)
        made = [
            make([next(rest) for _ in range(n)]) for n, (_, make) in zip(sizes, flat, strict=True)
        ]
        if keys is not None:
            return dict(zip(keys, made, strict=True))
        return type(tree)(*made) if hasattr(tree, "_fields") else type(tree)(made)

    return [x for leaves, _ in flat for x in leaves], build
