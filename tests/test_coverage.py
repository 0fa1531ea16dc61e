"""Every public function of NumPy is ruled, derived, constant or refused: nothing is forgotten."""

import numpy as np
import pytest

from autograd_lite import Tensor
from autograd_lite.errors import GraphError, NoRuleError
from autograd_lite.operations import WRITERS
from autograd_lite.registry import CONSTANTS, DERIVED, DISPATCHING, REFUSED, RULES

NAMESPACES = (np, np.linalg, np.fft, np.emath, np.lib.stride_tricks)
LISTS = dict(ruled=RULES, derived=DERIVED, constant=CONSTANTS, refused=REFUSED,
             writer=dict.fromkeys(WRITERS))  # fmt: skip


def public():
    """Functions that Tensors can be given to; NumPy hands them on to the engine."""
    found = {}
    for space in NAMESPACES:
        for name in dir(space):
            function = getattr(space, name)
            if not name.startswith("_") and isinstance(function, DISPATCHING):
                found.setdefault(function, f"{space.__name__}.{name}")
    return found


FUNCTIONS = public()


def lists_of(function):
    return [name for name, table in LISTS.items() if function in table]


@pytest.mark.filterwarnings("ignore")  # for looking at deprecated names
def test_every_function_is_in_exactly_one_list():
    wrong = {name: lists_of(f) for f, name in FUNCTIONS.items() if len(lists_of(f)) != 1}
    assert wrong == {}


def test_functions_that_do_not_dispatch_take_no_tensors_or_stop_them():
    """What NumPy does not hand on goes through `__array__`, which a tracked Tensor refuses."""
    x = Tensor([1.0, 2.0], requires_grad=True)
    for function in (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray):
        with pytest.raises(GraphError, match="detach"):
            function(x)


@pytest.mark.parametrize("function", list(REFUSED), ids=lambda f: f.__name__)
def test_a_refusal_says_what_to_use(function):
    x = Tensor([1.0, 2.0], requires_grad=True)
    advice = f"{function.__name__} does not take .*: .*(use|pass|write)"
    with pytest.raises(NoRuleError, match=advice):
        x.__array_function__(function, (Tensor,), (x,), {})
