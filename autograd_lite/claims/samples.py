"""What claim, engine and finite differences say for one choice of the arguments."""

import itertools
from typing import Any

import numpy as np

from autograd_lite.claims.problem import Failure, Problem
from autograd_lite.claims.replay import taken_apart
from autograd_lite.claims.trace import Trace

STEPS = (1e-6, 1e-4, 1e-8, 1e-10)  # of finite differences, in sizes of the argument


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
        self.cotangent: Any = rng.standard_normal(out.shape) if problem.mode == "vjp" else None
        self.trace = Trace(problem, arguments, self.cotangent)
        self.truth = self.trace.truth
        self.claims: dict[str, Any] = problem.evaluate(arguments, self.cotangent, out)
        self._apart: Trace | None = None
        self.noises: dict[str, float] = {}

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

    def noise(self, name) -> float:
        """What is nothing beside the rounding of the derivative by an argument."""
        if name not in self.noises:
            self.noises[name] = self.trace.noise(name)
        return self.noises[name]

    def flat(self, name) -> bool:
        """Whether a derivative is zero throughout, but for rounding."""
        size = np.max(np.abs(self.truth[name]), initial=0.0)
        return bool(size <= self.noise(name))

    def right(self, name, rtol) -> bool:
        claim, truth = self.claims[name], self.truth[name]
        if not is_array(claim) or claim.shape != truth.shape:
            return False
        if agrees(claim, truth, rtol):
            return True
        return bool(np.max(np.abs(claim - truth), initial=0.0) <= self.noise(name))

    # --- finite differences -----------------------------------------------------------------
    def loss(self, arguments):
        """What the derivative is of: f, or ⟨g, f⟩."""
        out = self.problem.call(arguments)
        return out if self.cotangent is None else np.sum(self.cotangent * out)

    def slopes(self, name, v, step):
        """The slopes of the loss along `v`: ahead, behind and central, and their rounding."""
        array = self.arguments[name]
        step *= float(np.max(np.abs(array), initial=0.0)) or 1.0
        ahead, here, behind = (
            self.loss({**self.arguments, name: array + h * v}) for h in (step, 0, -step)
        )
        central = (ahead - behind) / (2 * step)
        return (ahead - here) / step, (here - behind) / step, central, 1e-14 * np.abs(here) / step

    def along(self, name, v):
        """The engine's slope of the loss along `v`."""
        axes = tuple(range(-v.ndim, 0))
        return np.sum(np.real(np.conj(v) * self.truth[name]), axis=axes)

    def measured(self, name, index):
        """One entry of the derivative by central differences."""
        lead = len(self.trace.lead)
        v = np.zeros(self.arguments[name].shape, self.arguments[name].dtype)
        v[index[lead:]] = 1.0
        real = self.slopes(name, v, STEPS[0])[2][index[:lead]]
        return real + 1j * self.slopes(name, 1j * v, STEPS[0])[2] if v.dtype.kind == "c" else real

    def unsmooth(self, rng) -> str:
        """ "kink" where slopes ahead and behind differ, a sentence where the engine is at odds."""
        return next(filter(None, (self.odds(name, rng) for name in self.problem.wrt)), "")

    def odds(self, name, rng):
        v = rng.standard_normal(self.arguments[name].shape)
        exact, found = self.along(name, v), []
        with np.errstate(all="ignore"):
            for step in STEPS:
                ahead, behind, central, noise = self.slopes(name, v, step)
                size = 1e-4 * (np.abs(exact) + np.abs(central)) + noise
                if np.all(np.abs(exact - central) <= size) and np.all(
                    np.abs(ahead - behind) <= 2 * size
                ):
                    return ""
                if np.any(central) and np.all(noise <= 1e-3 * np.abs(central)):
                    found.append((central, np.all(np.abs(ahead - behind) <= 20 * size)))
        for (a, settled), (b, too) in itertools.pairwise(found):
            if settled and too and np.allclose(a, b, 1e-3, 0) and np.all(np.isfinite(a)):
                return (
                    f"the engine and finite differences disagree on the derivative by {name}: "
                    f"{np.ravel(exact)[0]:.6g} and {np.ravel(a)[0]:.6g} along a random direction"
                )
        return "kink"


def is_array(claim) -> bool:
    return isinstance(claim, np.ndarray) and claim.dtype.kind in "fciub"


def close(a, b, rtol) -> bool:
    """Whether arrays have one shape and agree to `rtol` of the largest entry of `b`."""
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and agrees(a, b, rtol)


def agrees(a, b, rtol) -> bool:
    """The same for arrays of the same shape."""
    return a.size == 0 or bool(np.abs(a - b).max() <= rtol * np.abs(b).max() < np.inf)


def failed(claim) -> bool:
    return isinstance(claim, Failure)
