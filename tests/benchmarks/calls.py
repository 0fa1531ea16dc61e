"""What NumPy alone takes for a program's operations one by one: the floor of any tape.

The calls of one step are noted (each operation's own computation, its rules, the sums where paths
merge), and then made again with nothing between them: no Tensors, no graph, no checks.
"""

from functools import partial

from autograd_lite.backward import pull_back
from autograd_lite.graph import UNTRACKED, ancestors
from autograd_lite.modes import switched
from autograd_lite.shapes import unbroadcast


def of(loss):
    """A function that makes all NumPy calls of `loss()` and of its backward pass once more."""
    calls = noted(loss)

    def run():
        for call in calls:
            call()

    return run


def noted(loss):
    """These calls, each a function without arguments."""
    with switched(values=True):
        value = loss()
    nodes = [n for n in ancestors([value._node]) if n.op is not None]
    calls = [call for node in nodes for call in forward(node)]
    merged = set()

    def observe(node, g, sent):
        calls.extend(backward(node, g))
        for _, edge, c in sent:
            if edge.index in merged:
                calls.append(partial(c.__add__, c))
            merged.add(edge.index)

    pull_back([(value._node, value.seed(None))], retain=True, observe=observe)
    return calls


def forward(node):
    op, (operands, static, _, out) = node.op, node.values
    yield partial(op.forward, *([operands] if op.variadic else operands), *static)
    if not op.forward_keeps:
        given = ([operands] if op.variadic else list(operands)) + list(static)
        none = [None] * len(op.keep)
        for reads, keeper in op.keepers:
            yield partial(keeper, *reads(*given, *none, out))


def backward(node, g):
    op = node.op
    if op.joint is not None:
        yield partial(op.joint, g, *node.saved)
        return
    for (rule, count), reads, edge in zip(op.rules, node.saved, node.edges, strict=True):
        if reads is UNTRACKED:
            continue
        given = () if count == 0 else (reads,) if count == 1 else reads
        yield partial(rule, g, *given)
        c = rule(g, *given)
        if c.shape != edge.shape:
            yield partial(unbroadcast, c, edge.shape)
