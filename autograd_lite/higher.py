"""The second reading of a rule: run on Tensors, so that gradients can be differentiated."""

import numpy as np

from autograd_lite.backward import conjugated, lifted, pull_back
from autograd_lite.errors import GraphError
from autograd_lite.graph import add_outputs, ancestors, counter, new_node, revived
from autograd_lite.modes import enable_grad, mode, replaying
from autograd_lite.operands import is_tensor
from autograd_lite.recording import place
from autograd_lite.registry import RULES, rule
from autograd_lite.tensor import Tensor
from autograd_lite.trees import flatten


class TensorLift:
    """Gives saved arrays their place in the graph back, so that rules record themselves."""

    @staticmethod
    def value(value, edge, node, name, slot=None):
        return value if edge is None else place(Tensor, value, edge)

    @staticmethod
    def outputs(node, values):
        pairs = zip(values, revived(node, values), strict=True)
        return tuple(place(Tensor, v, edge) for v, edge in pairs)

    def joint(self, node, g):
        """A fused operation's gradients come from its body; another joint rule runs as it is."""
        op = node.op
        if op.body is None:
            return op.joint(g, *lifted(node, op.joint_reads, node.saved, self))
        raw, static = node.arguments
        # a node of its own for each argument, even if the same tensor came twice
        pairs = zip(raw, node.edges, strict=True)
        operands = [x if e is None else alias(x, e) for x, e in pairs]
        result = op.body(*operands, **dict(zip(op.static, static, strict=True)))
        targets = [x._node for x, e in zip(operands, node.edges, strict=True) if e is not None]
        found = {}
        if result._node is not None:
            seed = conjugated(result._node, g)
            found = pull_back([(result._node, seed)], targets, retain=True, lift=self)
        grads = iter(cotangents(found, targets))
        return [None if e is None else next(grads) for e in node.edges]


def cotangents(found, edges):
    """What `pull_back` found for the edges, as rules have it; None where nothing arrived."""
    return [conjugated(e, found[e.index][1]) if e.index in found else None for e in edges]


LIFT = TensorLift()


def alias(data, edge):
    """A Tensor of the same array with a node of its own, which passes gradients on to `edge`."""
    op = RULES[np.positive]
    node = new_node(op, (edge,), (None,), data.shape, data.dtype)
    return place(Tensor, data, node)


def checkpoint_inputs(*inputs):
    raise NotImplementedError("stands for the operation in the rule table; never called")


def replay_vjp(g, replay):
    return replay(g)


CHECKPOINT = RULES[
    rule(checkpoint_inputs, "*inputs", name="checkpoint", static=dict(replay=None),
         inputs=replay_vjp)
]  # fmt: skip


def checkpoint(f, *xs):
    """Compute `f(*xs)` and forget its intermediates; the backward pass computes them again.

    Memory for time: between forward and backward only the arguments are kept. Tensors that `f`
    takes from outside (weights) get their gradients as usual.

    Parameters
    ----------
    f : function of Tensors that returns a Tensor, or nested containers of them. It is called
        twice and must do the same both times: give it the random numbers, not the generator.
        Batch normalisation moves its running statistics the first time only.
    *xs : its arguments, also nested.

    Raises
    ------
    GraphError : in the backward pass, if a leaf that `f` depends on was changed meanwhile, or the
        second call gives other results or uses other tensors than the first.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = ag.Tensor([0.5, 1.0], requires_grad=True)
    >>> ag.checkpoint(lambda x: np.exp(np.sin(x)), x).sum().backward()
    >>> bool(np.allclose(x.grad, np.exp(np.sin(x.data)) * np.cos(x.data)))
    True
    """
    now = mode.get()
    if now.values:  # everything is kept anyway, and a drawing shows what is inside
        return f(*xs)
    start = next(counter)
    # the arguments as they are now: what `f` or others assign to them must not reach the replay
    arguments, rebuild = flatten(xs)
    arguments = [snapshot(x) for x in arguments]
    result = f(*xs)
    leaves, build = flatten(result)
    tensors = [t for t in leaves if is_tensor(t) and t._node is not None]
    outer = boundary(tensors, start)
    if not outer:
        return result
    sums = [checksum(t) for t in tensors]
    several = len(tensors) != 1
    shape, dtype = (None, None) if several else (tensors[0].shape, tensors[0].dtype)
    born = next(counter)

    def replay(g):
        check_unchanged(outer, born)
        gs = g if isinstance(g, tuple) else (g,)
        lift = LIFT if any(is_tensor(x) for x in gs) else None
        since = next(counter)
        token = replaying.set(True)
        try:
            with enable_grad():
                again, _ = flatten(f(*rebuild([snapshot(x) for x in arguments])))
        finally:
            replaying.reset(token)
        again = [t for t in again if is_tensor(t) and t._node is not None]
        check_same(again, sums, boundary(again, since), outer)
        pairs = [(t._node, x) for t, x in zip(again, gs, strict=True) if x is not None]
        seeds = [(edge, conjugated(edge, x)) for edge, x in pairs]
        found = pull_back(seeds, outer, since=since, lift=lift, retain=lift is not None)
        return cotangents(found, outer)

    node = new_node(CHECKPOINT, tuple(outer), (replay,), shape, dtype)
    node.plain = False
    if now.scope is not None:
        node.scope = now.scope
    edges = iter(add_outputs(node, tensors) if several else (node,))
    return build([
        place(Tensor, t._array, next(edges)) if is_tensor(t) and t._node is not None else t
        for t in leaves
    ])  # fmt: skip


def snapshot(x):
    """Another Tensor of the same array and place; item assignment to the first leaves it alone."""
    return place(Tensor, x._array, x._node) if is_tensor(x) else x


def checksum(t):
    """A number that tells whether a replay computed something else; None for a lazy array."""
    return complex(np.sum(t._array)) if isinstance(t._array, np.ndarray) else None


def check_same(again, sums, edges, outer):
    """Refuse a replay that was no repetition: its gradient would be that of something else."""
    same = len(again) == len(sums) and [e.index for e in edges] == [e.index for e in outer]
    for t, old in zip(again, sums, strict=False):
        if old is not None and same:
            same = bool(np.isclose(checksum(t), old, rtol=1e-5, atol=1e-8, equal_nan=True))
    if not same:
        raise GraphError(
            "checkpoint: the function did something else when it was called again for the backward "
            "pass. It must not draw random numbers, nor use a name that was given another value "
            "meanwhile (pass such tensors as arguments), nor arrays changed in place"
        )


def boundary(tensors, start):
    """The edges made before `start` that the tensors depend on, oldest first."""
    outer = {t._node.index: t._node for t in tensors if t._node.index < start}
    for node in ancestors([t._node for t in tensors], oldest=start):
        outer.update((e.index, e) for e in node.edges if e is not None and e.index < start)
    return [outer[i] for i in sorted(outer)]


def check_unchanged(edges, born):
    for edge in edges:
        if edge.changed > born:
            raise GraphError(
                f"checkpoint: a leaf of shape {edge.shape} was changed between the "
                "forward and the backward pass; call backward() before the update"
            )
