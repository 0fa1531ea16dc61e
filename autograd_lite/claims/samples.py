"""What claim, engine and finite differences say for one choice of the arguments."""

from typing import Any

import numpy as np

from autograd_lite.claims.problem import Failure, Problem
from autograd_lite.claims.replay import taken_apart
from autograd_lite.claims.trace import Trace

STEP = 1e-6


class Sample:
    """One choice of arguments.

    Attributes
    ----------
    kind : "given", "like" it, "resized", or "wider": a special property of `changed` is left.
    trace : of the function; truth, claims : name -> array (a claim may be a `Failure`).
    """

    def __init__(self, problem: Problem, arguments, rng, kind, changed=None):
        self.problem, self.arguments, self.kind, self.changed = problem, arguments, kind, changed
        out = problem.call(arguments)
        self.cotangent = rng.standard_normal(out.shape) if problem.mode == "vjp" else None
        self.trace = Trace(problem, arguments, self.cotangent)
        self.truth = self.trace.truth
        self.claims: dict[str, Any] = problem.evaluate(arguments, self.cotangent, out)
        self._apart: Trace | None = None

    @property
    def apart(self) -> Trace:
        """The trace with compositions such as softmax taken apart."""
        if self._apart is None:
            self._apart = taken_apart(self.trace)
        return self._apart

    @property
    def finite(self) -> bool:
        arrays = [self.trace.out, *self.truth.values()]
        return all(bool(np.all(np.isfinite(a))) for a in arrays)

    @property
    def flat(self) -> bool:
        """Whether a derivative is zero throughout, which tells nothing about a formula."""
        return any(not np.any(g) for g in self.truth.values())

    def right(self, name, rtol) -> bool:
        claim = self.claims.get(name)
        return is_array(claim) and close(claim, self.truth[name], rtol)

    # --- finite differences -----------------------------------------------------------------
    def loss(self, arguments):
        """What the derivative is of: f, or ⟨g, f⟩."""
        with np.errstate(all="ignore"):
            out = self.problem.call(arguments)
        return out if self.cotangent is None else np.sum(self.cotangent * out)

    def moved(self, name, v):
        return self.loss({**self.arguments, name: self.arguments[name] + v})

    def slopes(self, name, v, step=STEP):
        """The slopes of the loss along `v`: ahead, behind and central."""
        here = self.loss(self.arguments)
        ahead, behind = self.moved(name, step * v), self.moved(name, -step * v)
        return (ahead - here) / step, (here - behind) / step, (ahead - behind) / (2 * step)

    def along(self, name, v):
        """The engine's slope of the loss along `v`."""
        axes = tuple(range(-v.ndim, 0))
        return np.sum(np.real(np.conj(v) * self.truth[name]), axis=axes)

    def measured(self, name, index):
        """One entry of the derivative by central differences."""
        lead = len(self.trace.lead)
        v = np.zeros(self.arguments[name].shape)
        v[index[lead:]] = 1.0
        return np.asarray(self.slopes(name, v)[2])[index[:lead]]


def is_array(claim) -> bool:
    return isinstance(claim, np.ndarray) and claim.dtype.kind in "fciub"


def close(a, b, rtol) -> bool:
    """Whether arrays have one shape and agree to `rtol` of the largest entry of `b`."""
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and agrees(a, b, rtol)


def agrees(a, b, rtol) -> bool:
    """The same for arrays of the same shape."""
    if a.size == 0:
        return True
    return bool(np.abs(a - b).max() <= rtol * (np.abs(b).max() + 1e-6) < np.inf)


def failed(claim) -> bool:
    return isinstance(claim, Failure)
