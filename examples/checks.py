"""Gradients against finite differences, and claims that must be kept."""

import sys

import numpy as np

import autograd_lite as ag


def unit(d):
    return d / np.linalg.norm(d)


def slope(loss, w, direction, step=1e-7):
    """Central difference of `loss()`, a number, along a direction in the float64 leaf `w`."""
    # a longer step is rounded less, but sooner or later some relu switches inside it
    start, losses = w.data.copy(), []
    with ag.no_grad():
        for move in (step, -step):
            w.data = start + move * direction
            losses.append(loss().item())
        w.data = start
    return (losses[0] - losses[1]) / (2 * step)


def along_directions(loss, leaves, rng, count=5, allowed=1e-6):
    """For each named leaf, whose gradient is there: a row of the table below."""
    for name, w in leaves.items():
        directions = [unit(rng.standard_normal(w.shape)) for _ in range(count)]
        engine = np.array([np.sum(w.grad * d) for d in directions])
        measured = np.array([slope(loss, w, d) for d in directions])
        yield f"dL/d{name} {w.shape}: finite differences", *compared(engine, measured), allowed


def compared(engine, other):
    """The largest size, and the largest difference."""
    return np.abs(engine).max(), np.abs(engine - other).max()


def print_table(rows):
    """Print (what, largest size, largest difference, allowed); return whether all are allowed."""
    rows = list(rows)
    width = max(len(what) for what, *_ in rows) + 2
    print(f"\n{'engine against …':<{width}}{'largest':>9}{'difference':>12}{'allowed':>9}")
    for what, size, found, allowed in rows:
        mark = "" if found <= allowed else "  TOO LARGE"
        print(f"{what:<{width}}{size:>9.0e}{found:>12.1e}{allowed:>9.0e}{mark}")
    return all(found <= allowed for _, _, found, allowed in rows)


def insist(*claims):
    """End the program with an error at the first (kept, claim) that is not kept."""
    for kept, claim in claims:
        if not kept:
            sys.exit(f"not so: {claim}")
