"""The engine's gradients against finite differences of the recorded program."""

from typing import NamedTuple

import numpy as np

from autograd_lite.graph import outputs_of
from viz.programs.program import Program

STEP = 6e-6  # relative to an entry of size 1: rounding and curvature errors are alike there
MOST_ENTRIES = 200  # measured one by one; a larger leaf is measured in one random direction


class Difference(NamedTuple):
    """One leaf.

    largest : |engine − measured|, the largest over its entries, or along the direction.
    entries : how many were compared; None for a random direction.
    """

    largest: float
    entries: int | None


def recorded(program: Program) -> bool:
    """Whether all operations kept their values, so that they can be computed again."""
    return all(node.values is not None for node in program.nodes if node.op is not None)


def differences(program: Program) -> dict[int, Difference]:
    """For each leaf that got a gradient, by edge index.

    The program, which must be `recorded`, is computed again in float64 with each entry moved a
    little up and down.
    """
    leaves = {n.index: double(program.values[n.index]) for n in program.nodes if n.op is None}
    rng = np.random.default_rng(0)
    found = {}
    for index, at in leaves.items():
        gradient = program.numbers.totals.get(index)
        if gradient is None:
            continue
        with np.errstate(all="ignore"):
            if at.size <= MOST_ENTRIES:
                units = np.eye(at.size).reshape(at.size, *at.shape)
                measured = [slope(program, leaves, index, unit) for unit in units]
                apart, entries = np.abs(np.ravel(gradient) - measured), at.size
            else:
                way = rng.standard_normal(at.shape) / at.size**0.5
                measured = [slope(program, leaves, index, way)]
                apart, entries = np.abs(np.sum(gradient * way) - measured), None
        found[index] = Difference(float(np.max(apart, initial=0.0)), entries)
    return found


def slope(program, leaves, index, way) -> float:
    """The derivative of the root along `way`, a direction of one leaf, by central differences."""
    at = leaves[index]
    step = STEP * max(1.0, float(np.max(np.abs(at[way != 0]), initial=0.0)))
    ahead = computed(program, leaves | {index: at + step * way})
    behind = computed(program, leaves | {index: at - step * way})
    return (ahead - behind) / (2 * step)


def computed(program: Program, leaves: dict[int, np.ndarray]) -> float:
    """The root for other values of the leaves."""
    values = dict(leaves)
    with np.errstate(all="ignore"):
        for node in program.nodes:
            if node.op is None:
                continue
            kept, static = node.values.operands, node.values.static
            raw = [x if e is None else values[e.index]
                   for e, x in zip(node.edges, kept, strict=True)]  # fmt: skip
            op = node.op
            out = op.forward(raw, *static) if op.variadic else op.forward(*raw, *static)
            out = out[0] if op.forward_keeps else out
            outs = out if node.outputs else [out]
            pairs = zip(outputs_of(node), outs, strict=True)
            values.update((e.index, x) for e, x in pairs if e is not None)
    return float(np.reshape(values[program.roots[0].index], ()))


def double(array) -> np.ndarray:
    return np.asarray(array, np.float64)
