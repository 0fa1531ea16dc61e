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


# NumPy does not hand these on: they make arrays from numbers, take an array out of the graph (which
# a tracked Tensor refuses), or are about something else
MAKE = """
arange array asanyarray asarray asarray_chkfinite ascontiguousarray asfortranarray asmatrix bartlett
blackman bmat diag_indices empty eye fftfreq from_dlpack frombuffer fromfile fromfunction fromiter
fromregex fromstring full genfromtxt hamming hanning identity indices kaiser load loadtxt
mask_indices ones require rfftfreq tri tril_indices triu_indices zeros as_strided row_stack trapz
"""
OTHER = """
base_repr binary_repr broadcast_shapes datetime_data format_float_positional
format_float_scientific frompyfunc get_include get_printoptions getbufsize geterr geterrcall info
isdtype isfortran isscalar issubdtype iterable mintypecode nested_iters printoptions promote_types
set_printoptions setbufsize seterr seterrcall show_config show_runtime test typename
"""


def public(wanted):
    """Public functions of NumPy for which `wanted` holds, with their names."""
    found = {}
    for space in NAMESPACES:
        for name in dir(space):
            function = getattr(space, name)
            plain = callable(function) and not isinstance(function, type)
            if not name.startswith("_") and plain and wanted(function):
                found.setdefault(function, f"{space.__name__}.{name}")
    return found


def handed_on(function):
    return isinstance(function, DISPATCHING)


FUNCTIONS = public(handed_on)


def lists_of(function):
    return [name for name, table in LISTS.items() if function in table]


@pytest.mark.filterwarnings("ignore")  # for looking at deprecated names
def test_every_function_is_in_exactly_one_list():
    wrong = {name: lists_of(f) for f, name in FUNCTIONS.items() if len(lists_of(f)) != 1}
    assert wrong == {}


@pytest.mark.filterwarnings("ignore")
def test_every_other_function_is_known_to_take_no_tensors():
    others = public(lambda f: not handed_on(f))
    names = {name.rpartition(".")[2] for name in others.values()}
    assert names - {*MAKE.split(), *OTHER.split()} == set()


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
