"""One call of a function inside a transform, and pulling cotangents back through it."""

import numpy as np

from autograd_lite.backward import pull_back
from autograd_lite.errors import DTypeError, GraphError
from autograd_lite.graph import counter, leaf
from autograd_lite.higher import LIFT, alias, boundary
from autograd_lite.modes import enable_grad, mode
from autograd_lite.operands import as_data, is_tensor, plain
from autograd_lite.ownership import take_over
from autograd_lite.recording import place
from autograd_lite.tensor import Tensor
from autograd_lite.trees import flatten


class Call:
    """One call of `f` with the leaves of some arguments replaced by fresh tracked Tensors."""

    def __init__(self, f, args, kwargs, argnums, what):
        self.what = what
        self.recording = mode.get().recording
        self.start = next(counter)
        self.variables = []  # fresh Tensors, over all arguments
        self.builds = []  # for each argument: how many leaves, and how to nest them
        args = list(args)
        with enable_grad():
            for n in argnums:
                if n >= len(args):
                    raise TypeError(f"{what}: argnum {n}, but {len(args)} arguments were given")
                leaves, build = flatten(args[n])
                if not leaves and not isinstance(args[n], (dict, list, tuple)):
                    raise DTypeError(
                        f"{what}: argument {n} is a {type(args[n]).__name__}; it must be an array, "
                        "or a dict, list or tuple of arrays"
                    )
                fresh = [self.fresh(x, n) for x in leaves]
                self.variables += fresh
                self.builds.append((len(fresh), build))
                args[n] = build(fresh)
            leaves, self.nest = flatten(f(*args, **kwargs))
        for y in leaves:
            if not is_tensor(y):
                raise GraphError(
                    f"{what}: the function returned {type(y).__name__}, not a Tensor; it left the "
                    "graph on the way (.item(), .data, a math function?)"
                )
        self.outputs = leaves
        self.edges = [v._node for v in self.variables]
        outer = boundary([y for y in leaves if y._node is not None], self.start)
        self.connected = self.recording and bool(outer)

    def fresh(self, x, n):
        if self.recording and is_tensor(x) and x._node is not None:
            data, edge = x._array, x._node  # stays connected to x
        else:
            data = as_data(plain(x), None)
            if data.dtype.kind not in "fc":
                raise DTypeError(
                    f"{self.what}: argument {n} has dtype {data.dtype}; derivatives are with "
                    "respect to floats or complex numbers: write 2.0 for 2"
                )
            edge = leaf(data.shape, data.dtype)
        t = alias(data, edge)  # no leaf, so that `t += 1` and `t[i] = v` give it a new value
        if is_tensor(x) and x.name:
            t.name = x.name
        return t

    def pull(self, cotangents, create, retain):
        """Gradients with respect to the fresh Tensors, one for each, zeros where none arrives."""
        pairs = zip(self.outputs, cotangents, strict=True)
        # an output made before the call does not depend on the fresh Tensors
        seeds = [(y._node, u) for y, u in pairs
                 if y._node is not None and y._node.index > self.start]  # fmt: skip
        return pull_tensors(seeds, self.edges, create, retain)

    def tree(self, grads):
        """Gradients nested like the arguments, a tuple with one entry for each argument."""
        rest = iter(grads)
        return tuple(build([next(rest) for _ in range(n)]) for n, build in self.builds)

    def value(self):
        """The function's own result, detached unless something outside is tracked."""
        ys = [y if self.connected else y.detach() for y in self.outputs]
        return self.nest(ys)


def pull_tensors(seeds, edges, create, retain):
    with enable_grad():
        if create:
            seeds = [(e, u if is_tensor(u) else place(Tensor, u, None)) for e, u in seeds]
        else:
            seeds = [(e, plain(u)) for e, u in seeds]
        found = pull_back(seeds, edges, retain=retain or create, lift=LIFT if create else None)
    if create:
        grads = {key: as_tensor(g) for key, (_, g) in found.items()}
    else:
        grads = {key: place(Tensor, take_over(found, key)[1], None) for key in list(found)}
    indices = [e.index for e in edges]
    return [
        zeros(e) if e.index not in grads
        else grads[e.index] if create or e.index not in indices[:i]
        else np.positive(grads[e.index])  # asked for twice, so an array of its own for each
        for i, e in enumerate(edges)
    ]  # fmt: skip


def as_tensor(g):
    return g if is_tensor(g) else place(Tensor, np.asarray(g), None)


def zeros(edge):
    return place(Tensor, np.zeros(edge.shape, edge.dtype), None)
