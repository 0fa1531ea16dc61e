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
    """

    def __init__(self, problem, arguments, cotangent=None, run=None, tracked=None):
        self.problem, self.arguments, self.cotangent = problem, arguments, cotangent
        self.inputs = {}
        given = {n: a.copy() for n, a in arguments.items()}
        for n in tracked or problem.tracked:
            given[n] = self.inputs[n] = Tensor(given[n], requires_grad=True, name=n)
        with switched(recording=True, values=True), np.errstate(all="ignore"):
            result, local = run(given) if run else locals_of(problem.f, given, problem.single)
        if not is_tensor(result):
            raise GraphError(
                f"check_formula: f was given Tensors and returned a {type(result).__name__}; it "
                "left the graph on the way (.item(), .data, a math function?)"
            )
        self.result, self.local = result, local
        self.names = {
            t._node.index: n for n, t in local.items() if is_tensor(t) and t._node is not None
        }
        self.names |= {t._node.index: n for n, t in self.inputs.items()}
        arrays = {**outside(problem.f), **local, **given}
        self.constants = {n: a for n, a in arrays.items() if isinstance(a, np.ndarray)}
        self.out = np.asarray(result._data)
        self.root = result._node
        self.targets = {n: t._node for n, t in self.inputs.items()}
        self.nodes = (
            [] if self.root is None else [n for n in ancestors([self.root]) if n.op is not None]
        )
        self.values = {e.index: value for e, value in self.outputs()}
        self.values |= {t._node.index: t._data for t in self.inputs.values()}
        self.lead = self.out.shape if problem.mode == "jacobian" else ()
        seed = cotangent if problem.mode == "vjp" else np.ones(self.out.shape, self.out.dtype)
        if problem.mode == "jacobian":
            seed = np.eye(self.out.size).reshape(self.lead + self.out.shape)
        self.seed = seed
        self.cotangents, self.sent = {}, []
        self.walk()
        self.truth = {
            n: self.cotangents.get(self.targets[n].index, self.zeros(n)) for n in problem.wrt
        }
        self.pulls: dict = {}  # (edge index, target index) -> times pulled, then the Jacobian

    def outputs(self):
        for node in self.nodes:
            outs = node.values.out
            outs = outs if isinstance(outs, (tuple, list)) else [outs]
            for edge, value in zip(outputs_of(node), outs, strict=True):
                if edge is not None:
                    yield edge, np.asarray(value)

    def zeros(self, name):
        return np.zeros(self.lead + self.arguments[name].shape)

    def walk(self):
        """The whole backward pass, watched."""
        if self.root is None:
            return
        passes = []
        for seed in self.seeds(self.seed, self.out.shape):
            cotangents, sent = {}, {}

            def visit(edge, g, cotangents=cotangents):
                cotangents[edge.index] = np.asarray(g)
                return g

            def observe(node, g, contributions, sent=sent):
                for slot, _, c in contributions:
                    sent[node.index, slot] = np.array(c)

            with np.errstate(all="ignore"):
                pull_back(
                    [(self.root, seed)], retain=True, aside=True, visit=visit, observe=observe
                )
            passes.append((cotangents, sent))
        for index in passes[0][0]:
            found = [c.get(index) for c, _ in passes]
            self.cotangents[index] = self.stacked(found)
        for node in self.nodes:
            for slot, edge in enumerate(node.edges):
                found = [s.get((node.index, slot)) for _, s in passes]
                if edge is not None and any(a is not None for a in found):
                    self.sent.append(Sent(node, slot, edge, self.stacked(found)))

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
            for seed in self.seeds(np.ascontiguousarray(cotangent), edge.shape):
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
