"""One run of the function: its graph, all values, all cotangents, and what each step sends."""

import inspect
import sys
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.backward import pull_back
from autograd_lite.errors import GraphError
from autograd_lite.graph import ancestors, outputs_of
from autograd_lite.modes import switched
from autograd_lite.operands import is_tensor
from autograd_lite.tensor import Tensor

MANY, LARGEST = 12, 80  # pulls before a Jacobian is made, and entries it may have
BLUR, ROUNDING = 1e-7, 1e-12  # relative, of cotangents: tried, and what is put down to rounding


class Sent(NamedTuple):
    """What a node sends to one of its inputs, in the layout of `Trace.pull`."""

    node: Any
    slot: int
    edge: Any
    array: np.ndarray


class Trace:
    """A run of a problem's function with its backward pass.

    Attributes
    ----------
    out : value of the function; truth : name -> the engine's derivative.
    values, cotangents : edge index -> array. Cotangents have the axes `lead` in front, which are
        those of the result for a Jacobian and none otherwise.
    sent : one `Sent` for each tracked input of each node, oldest node first.
    names : edge index -> what the function calls that tensor, as far as it is known.
    labels : what reports call all of them, once somebody asked; whole : the trace that this one
        is taken apart from.
    """

    def __init__(self, problem, arguments, cotangent=None, run=None, tracked=None, whole=None):
        self.problem, self.arguments, self.cotangent = problem, arguments, cotangent
        self.labels: dict[int, str] = {}
        self.whole = whole
        given = {n: a.copy() for n, a in arguments.items()}
        tensors = {
            n: Tensor(given[n], requires_grad=True, name=n) for n in tracked or problem.tracked
        }
        given |= tensors
        with switched(recording=True, values=True), np.errstate(all="ignore"):
            result, local = run(given) if run else locals_of(problem.f, given, problem.single)
        if not is_tensor(result):
            raise GraphError(
                f"check_formula: f was given Tensors and returned a {type(result).__name__}; it "
                "must return one array, computed by NumPy functions (not by .item(), .data, math)"
            )
        self.result, self.local, self.inputs = result, local, tensors
        named = [*local.items(), *tensors.items()]
        self.names = {t._node.index: n for n, t in named if is_tensor(t) and t._node is not None}
        arrays = {**outside(problem.f), **local, **given}
        self.constants = {n: a for n, a in arrays.items() if isinstance(a, np.ndarray)}
        self.out = np.asarray(result._array)
        self.root = result._node
        self.targets = {n: t._node for n, t in tensors.items()}
        self.nodes = (
            [] if self.root is None else [n for n in ancestors([self.root]) if n.op is not None]
        )
        self.values = {e.index: value for e, value in self.outputs()}
        self.values |= {t._node.index: t._array for t in tensors.values()}
        self.lead = self.out.shape if problem.mode == "jacobian" else ()
        self.seed = cotangent if problem.mode == "vjp" else np.ones(self.out.shape, self.out.dtype)
        if problem.mode == "jacobian":
            self.seed = np.eye(self.out.size).reshape(self.lead + self.out.shape)
        self.cotangents, self.sent = {}, []
        self.walk()
        self.truth = {n: self.arrived(self.cotangents, n) for n in problem.wrt}
        self.pulls: dict = {}  # (edge index, target index) -> times pulled, then the Jacobian

    def arrived(self, cotangents, name):
        """The derivative by an argument, zero if it is not used."""
        zeros = self.lead + self.arguments[name].shape
        return cotangents.get(self.targets[name].index, np.zeros(zeros))

    def outputs(self):
        for node in self.nodes:
            outs = node.values.out
            outs = outs if isinstance(outs, (tuple, list)) else [outs]
            for edge, value in zip(outputs_of(node), outs, strict=True):
                if edge is not None:
                    yield edge, np.asarray(value)

    def walk(self):
        """The whole backward pass, watched."""
        passes = [self.passed(seed) for seed in self.seeds(self.seed, self.out.shape)]
        if self.root is None:
            return
        for index in passes[0][0]:
            self.cotangents[index] = self.stacked([c.get(index) for c, _ in passes])
        for node in self.nodes:
            for slot, edge in enumerate(node.edges):
                found = [s.get((node.index, slot)) for _, s in passes]
                if edge is not None and any(a is not None for a in found):
                    self.sent.append(Sent(node, slot, edge, self.stacked(found)))

    def passed(self, seed, blur=lambda g: g):
        """The cotangents of one backward pass, and what each node sent; each one blurred."""
        cotangents, sent = {}, {}

        def visit(edge, g):
            cotangents[edge.index] = np.asarray(blur(g))
            return cotangents[edge.index]

        def observe(node, g, contributions):
            for slot, _, c in contributions:
                sent[node.index, slot] = np.array(c)

        if self.root is not None:
            with np.errstate(all="ignore"):
                pull_back(
                    [(self.root, seed)], retain=True, aside=True, visit=visit, observe=observe
                )
        return cotangents, sent

    def noise(self, name):
        """How far rounding may move a derivative: that of cotangents, blurred in the last digits.

        Terms that cancel leave their rounding, next to which the derivative may be nothing.
        """
        rng = np.random.default_rng(0)

        def blur(g):
            return g * (1 + BLUR * rng.standard_normal(np.shape(g)))

        passes = [self.passed(seed, blur)[0] for seed in self.seeds(self.seed, self.out.shape)]
        index = self.targets[name].index
        if index not in self.cotangents:
            return 0.0
        moved = self.stacked([c.get(index) for c in passes]) - self.truth[name]
        return ROUNDING / BLUR * float(np.max(np.abs(moved), initial=0.0))

    def seeds(self, cotangent, shape):
        """The arrays that are pulled one after the other."""
        return cotangent.reshape(-1, *shape) if self.problem.mode == "jacobian" else [cotangent]

    def stacked(self, arrays):
        shape = next(a.shape for a in arrays if a is not None)
        arrays = [np.zeros(shape) if a is None else a for a in arrays]
        if self.problem.mode != "jacobian":
            return arrays[0]
        return np.stack(arrays).reshape(self.lead + shape)

    def pull(self, edge, cotangent, name):
        """The part of the derivative by argument `name` that comes of a cotangent of `edge`."""
        return self.between(edge, cotangent, self.targets[name])

    def between(self, edge, cotangent, target):
        """What a cotangent of `edge` is pulled back to at `target`."""
        if edge is target:
            return cotangent
        cotangent = np.broadcast_to(cotangent, self.lead + edge.shape)
        key = edge.index, target.index
        known = self.pulls.get(key, 0)
        if isinstance(known, np.ndarray):
            flat = cotangent.reshape(*self.lead, -1) @ known
            return flat.reshape(self.lead + target.shape)
        self.pulls[key] = known + 1
        if known >= MANY and prod(edge.shape) <= LARGEST:
            self.pulls[key] = self.matrix(edge, target)
        return self.pulled(edge, cotangent, target)

    def matrix(self, edge, target):
        """The Jacobian of the step from `target` to `edge`, for those that are pulled often."""
        units = np.eye(prod(edge.shape)).reshape(-1, *edge.shape)
        rows = []
        with np.errstate(all="ignore"):
            for unit in units:
                found = pull_back([(edge, unit)], [target], retain=True, aside=True)
                row = found[target.index][1] if target.index in found else np.zeros(target.shape)
                rows.append(np.ravel(row))
        return np.array(rows)

    def pulled(self, edge, cotangent, target):
        """The same, by a backward pass."""
        parts = []
        with np.errstate(all="ignore"):
            for seed in self.seeds(np.array(cotangent), edge.shape):
                found = pull_back([(edge, seed)], [target], retain=True, aside=True)
                parts.append(np.asarray(found[target.index][1]) if target.index in found else None)
        if all(p is None for p in parts):
            return np.zeros(self.lead + target.shape)
        return self.stacked(parts)


def outside(f):
    """The variables that a function finds outside of itself."""
    try:
        found = inspect.getclosurevars(f)
    except (TypeError, ValueError):  # no Python function, or a variable without a value yet
        return {}
    return {**found.globals, **found.nonlocals}


def locals_of(f, given, single):
    """The result of a call, and the local variables that the function ended with."""
    code, local = getattr(f, "__code__", None), {}

    def look(frame, event, arg):
        if event == "return" and frame.f_code is code:
            local.update(frame.f_locals)

    watched = code is not None and sys.getprofile() is None
    if watched:
        sys.setprofile(look)
    try:
        result = f(*given.values()) if single else f(**given)
    finally:
        if watched:
            sys.setprofile(None)
    return result, local
