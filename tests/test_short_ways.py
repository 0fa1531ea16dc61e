"""Operators and functions recorded by straight code do what the general code does."""

import contextlib
import itertools
import operator
import weakref

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.graph import UNTRACKED, Edge
from autograd_lite.modes import enable_grad, switched
from autograd_lite.operators import FAST
from autograd_lite.recording import call
from autograd_lite.registry import RULES

OPERATORS = {np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul,
             np.divide: operator.truediv, np.power: operator.pow, np.remainder: operator.mod,
             np.matmul: operator.matmul}  # fmt: skip
CONTEXTS = (ag.no_grad, enable_grad, ag.detect_anomaly, lambda: switched(values=True),
            lambda: ag.named_scope("part", "kind"))  # fmt: skip
ARRAY = np.array([0.5, 1.5, 2.5])
OTHERS = [2, 0.5, True, 1j, np.float64(2.0), np.float32(2.0), np.int64(3), np.array(2.0), ARRAY,
          *(ARRAY.astype(c) for c in "efgDil?"), np.ones(4), np.ones((3, 3)), [1.0, 2.0, 3.0],
          Tensor(ARRAY), Tensor([1, 2, 3]), Tensor(2.0, name="c"), object(), None]  # fmt: skip
TENSORS = [Tensor(ARRAY.astype(c), requires_grad=True) for c in "efdgFD"]
TENSORS += [Tensor(1.5, requires_grad=True), Tensor(ARRAY), Tensor([1, 2, 3])]


def written(x):
    """What a node holds, so that two can be compared."""
    if isinstance(x, Edge):
        return "edge", x.index
    if isinstance(x, (tuple, list)):
        return type(x), *(written(y) for y in x)
    if isinstance(x, np.ndarray):
        return x.shape, x.dtype, repr(x.tolist())
    if isinstance(x, weakref.ref):
        return "reference", id(x())
    return "untracked" if x is UNTRACKED else repr(x)


def outcome(make):
    try:
        t = make()
    except Exception as error:
        return type(error), str(error).partition("; called at")[0]
    if isinstance(t, tuple):
        return tuple(outcome(lambda part=part: part) for part in t)
    found = type(t), t.dtype, written(t.data)
    if t._node is None:
        return found
    n = t._node.node  # of several outputs, what they have in common
    held = written((n.inputs, n.saved, n.values))
    return *found, n.op, held, n.shape, n.dtype, n.scope, n.plain, n.line is None


@pytest.mark.parametrize(
    "kinds", [k for n in range(3) for k in itertools.permutations(range(5), n)]
)
def test_straight_code_and_general_code_agree(kinds):
    with contextlib.ExitStack() as stack, np.errstate(all="ignore"):
        for k in kinds:
            stack.enter_context(CONTEXTS[k]())
        for x, y in itertools.product(TENSORS, OTHERS + TENSORS):
            for (ufunc, sign), pair in itertools.product(OPERATORS.items(), ((x, y), (y, x))):
                expected = outcome(lambda p=pair, u=ufunc: call(Tensor, RULES[u], p, ()))
                assert outcome(lambda p=pair, s=sign: s(*p)) == expected
        for function, x in itertools.product(FAST, TENSORS):
            if len(RULES[function].arrays) == 1:
                expected = outcome(lambda f=function, x=x: call(Tensor, RULES[f], (x,), ()))
                found = outcome(lambda f=function, x=x: FAST[f](x))
                assert found == expected or issubclass(expected[0], Exception)
