"""The engine's gradients against finite differences of the recorded program."""

from typing import NamedTuple

import numpy as np

from autograd_lite.graph import outputs_of
from viz.programs.program import Program

STEP = 6e-6  # relative to an entry of size 1: rounding and curvature errors are alike there
KINK = 1e-3  # of slopes ahead and behind, apart by more than curvature makes of them
MOST_ENTRIES = 200  # measured one by one; a larger leaf is measured in one random direction
BUDGET = 30_000  # operations computed again, so that a page is made in a second


class Difference(NamedTuple):
    """One leaf.

    largest : |engine − measured|, the largest over its entries, or along the direction.
    entries : how many were compared, of complex numbers both parts; None for a random direction.
    kinks : how many were left out, as the slopes ahead and behind of them differ.
    """

    largest: float
    entries: int | None
    kinks: int


def recorded(program: Program) -> bool:
    """Whether all operations kept their values, so that they can be computed again."""
    return all(node.values is not None for node in program.nodes if node.op is not None)


def differences(program: Program) -> dict[int, Difference]:
    """For each leaf that got a gradient, by edge index.

    The program, which must be `recorded`, is computed again in float64 with each entry moved a
    little up and down, a complex one along its real and its imaginary part.
    """
    leaves = [n for n in program.nodes if n.op is None]
    most = min(MOST_ENTRIES, BUDGET // (len(program.nodes) * len(leaves)))
    rng = np.random.default_rng(0)
    found = {}
    for leaf in leaves:
        gradient, at = program.numbers.totals.get(leaf.index), double(program.values[leaf.index])
        if gradient is None:
            continue
        few = at.size <= max(most, 1)
        units = (1, 1j) if at.dtype.kind == "c" else (1,)
        way = sum(u * rng.standard_normal(at.shape) for u in units) / max(at.size, 1) ** 0.5
        each = np.eye(at.size).reshape(at.size, *at.shape)
        ways = [u * entry for u in units for entry in each] if few else [way]
        with np.errstate(all="ignore"):
            slopes = [slope(program, leaf, at, way) for way in ways]
            apart = [abs(np.real(np.vdot(gradient, w)) - s)
                     for w, s in zip(ways, slopes, strict=True) if s is not None]  # fmt: skip
        largest, kinks = float(np.max(apart, initial=0.0)), len(slopes) - len(apart)
        found[leaf.index] = Difference(largest, len(apart) if few else None, kinks)
    return found


def slope(program, leaf, at, way) -> float | None:
    """The derivative of the root along `way`, a direction of one leaf; None at a kink."""
    step = STEP * max(1.0, float(np.max(np.abs(at[way != 0]), initial=0.0)))
    ahead, here, behind = (computed(program, leaf, k * step * way) for k in (1, 0, -1))
    before, after = (here - behind) / step, (ahead - here) / step
    if abs(after - before) > KINK * (1 + abs(after) + abs(before)):
        return None
    return (ahead - behind) / (2 * step)


def computed(program: Program, leaf, shift) -> float:
    """The root with one leaf moved wherever it was used; each use has the leaf as it was then."""
    values = {leaf.index: double(program.values[leaf.index]) + shift}  # it may be the root itself
    with np.errstate(all="ignore"):
        for node in program.nodes:
            if node.op is None:
                continue
            raw = []
            for edge, x in zip(node.edges, node.values.operands, strict=True):
                if edge is not None:
                    x = values[edge.index] if edge.op is not None else double(x)
                    x = x + shift if edge is leaf else x
                raw.append(x)
            op, static = node.op, node.values.static
            out = op.forward(raw, *static) if op.variadic else op.forward(*raw, *static)
            out = out[0] if op.forward_keeps else out
            outs = out if node.outputs else [out]
            pairs = zip(outputs_of(node), outs, strict=True)
            values.update((e.index, x) for e, x in pairs if e is not None)
    return float(np.reshape(values[program.roots[0].index], ()))


def double(array) -> np.ndarray:
    array = np.asarray(array)
    return np.asarray(array, np.complex128 if array.dtype.kind == "c" else np.float64)
