"""Operators and methods of the Tensor, made from the rule table."""

import difflib
import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_lite.direct import apply
from autograd_lite.errors import DTypeError, GraphError, NoRuleError
from autograd_lite.modes import mode
from autograd_lite.op import NUMPY_DEFAULTS
from autograd_lite.operands import is_other_kind, plain, tracked
from autograd_lite.recording import described, wrap
from autograd_lite.registry import CONSTANTS, DERIVED, DISPATCHING, REFUSED, RULES
from autograd_lite.rules import activations, all_rules  # noqa: F401
from autograd_lite.unrolled import LEFT, RIGHT, UNARY, unroll

EXTRA_METHODS = (np.std, np.dot, np.trace, np.diagonal, np.repeat, np.round, np.argmax, np.argmin,
                 np.argsort, np.argpartition, np.any, np.all, np.nonzero, np.searchsorted, np.take,
                 activations.relu, activations.sigmoid,
                 activations.softmax, activations.log_softmax, activations.logsumexp)  # fmt: skip
FAST: dict[Any, Callable] = {}  # function -> the unrolled form of applying it to a Tensor


for _function, _op in RULES.items():
    if _op.joint or _op.static or _op.prepare or None in _op.vjps or len(_op.keep) > 1:
        continue
    if len(_op.arrays) == 1:
        FAST[_function] = _op.fast = unroll(_op, UNARY)
    elif isinstance(_function, np.ufunc) and not _op.keep:
        FAST[_function] = unroll(_op, LEFT)


@functools.cache
def right_of_array(ufunc: np.ufunc) -> Callable[..., Any]:
    """A ufunc of an array on the left and a Tensor on the right; takes the Tensor first."""
    return unroll(RULES[ufunc], RIGHT)


def reflected(ufunc: np.ufunc) -> Callable[..., Any]:
    """The operator of a number on the left and a Tensor on the right."""
    return lambda self, other: right_of_array(ufunc)(self, other)


def compared(ufunc: np.ufunc, swap: bool = False) -> Callable[..., Any]:
    """An operator without a derivative: its result is untracked."""
    if swap:
        return lambda self, other: wrap(type(self), ufunc(plain(other), self._array))
    return lambda self, other: wrap(type(self), ufunc(self._array, plain(other)))


def updating(ufunc: np.ufunc) -> Callable[..., Any]:
    """`t += u`: a new value for the name, except for a leaf inside `no_grad`."""

    def update(self, other):
        if self._node is None or self._node.op is not None:
            return NotImplemented  # Python goes on with t = t + u
        if mode.get().recording:
            raise GraphError(
                "in-place update of a leaf that requires grad: inside no_grad() it updates the "
                "leaf; to compute with the new value, write another name, u = t + …"
            )
        data, other = self._array, plain(other)
        if isinstance(data, np.ndarray) and is_other_kind(other):
            raise DTypeError(
                f"in-place {ufunc.__name__}: a NumPy array cannot take up {type(other).__name__}; "
                "turn that into a NumPy array first (.compute() of a Dask array, .get() of a "
                "CuPy one)"
            )
        try:
            ufunc(data, other, data)
        except Exception as error:
            raise described(error, ufunc.__name__, (data, other)) from error
        self.note_update()
        return self

    return update


def method(function: Callable) -> Callable[..., Any]:
    """`function` as a method: t.sum(0) is np.sum(t, 0)."""
    op = RULES.get(function)

    def call(self, *args, **kwargs):
        if op is None:
            return function(self, *args, **kwargs)
        return apply(type(self), op, (self, *args), kwargs)

    call.__name__ = op.name if op else function.__name__
    call.__doc__ = f"The function {call.__name__} of this tensor: the same arguments follow."
    return call


def install_methods(tensor_type):
    """Give Tensors the ruled functions of NumPy's main namespace as methods."""
    ruled = [f for f, op in RULES.items() if in_main_namespace(f) and not op.variadic]
    for function in (*ruled, *EXTRA_METHODS):
        made = FAST[function] if function in FAST else method(function)
        name = RULES[function].name if function in RULES else function.__name__
        if not hasattr(tensor_type, name):
            setattr(tensor_type, name, made)


def in_main_namespace(function):
    return isinstance(function, DISPATCHING) and getattr(np, function.__name__, None) is function


def fallback(tensor_type, key, function, args, kwargs):
    """A function without a rule: computed if nothing is tracked, or if its derivative is zero.

    key : the function itself, or for a method of a ufunc the pair of ufunc and name.
    """
    is_tracked = tracked(args) or tracked(kwargs)
    if is_tracked and key in DERIVED:
        body = DERIVED[key]
        return wrap(tensor_type, body(*args, **(supported(key, body, kwargs) if kwargs else {})))
    if not is_tracked or key in CONSTANTS:
        return wrap(tensor_type, function(*plain(args), **plain(kwargs)))
    name = full_name(key)
    if key in REFUSED:
        raise NoRuleError(f"{name} does not take tracked Tensors: {REFUSED[key]}")
    raise NoRuleError(
        f"{name} has no derivative rule. Nearest ruled functions: {', '.join(nearest(name))}. "
        "Compose it from those, add a rule with ag.rule, or use t.detach() if no gradient is wanted"
    )


def supported(key, body, kwargs):
    """The keywords without NumPy's own defaults for what the composition does not know."""
    known = parameters(body)
    for name, value in kwargs.items():
        if name not in known and known and value is not NUMPY_DEFAULTS.get(name, key):
            raise NoRuleError(
                f"{full_name(key)}: argument {name!r} is not supported with tracked Tensors; "
                f"supported are {', '.join(known)}"
            )
    return {n: v for n, v in kwargs.items() if n in known or not known}


@functools.cache
def parameters(function):
    """The names of a function's parameters; none if it takes any keyword."""
    found = inspect.signature(function).parameters.values()
    return () if any(p.kind is p.VAR_KEYWORD for p in found) else tuple(p.name for p in found)


def full_name(key):
    """How a user calls a function: np.add.reduce, np.linalg.inv; a ufunc of others is said so."""
    function, *how = key if isinstance(key, tuple) else (key,)
    if isinstance(function, np.ufunc) and getattr(np, function.__name__, None) is not function:
        return ".".join((f"{function.__name__} (a ufunc, not NumPy's)", *how))
    module = getattr(function, "__module__", None) or "numpy"
    inner = module.removeprefix("numpy.") if module in ("numpy.linalg", "numpy.fft") else ""
    return ".".join(filter(None, ("np", inner, function.__name__, *how)))


def nearest(name):
    names = {f.__name__ for f in (*RULES, *DERIVED) if isinstance(f, DISPATCHING)}
    close = difflib.get_close_matches(name.rpartition(".")[2], names, n=3, cutoff=0.4)
    return close or ["sum", "where", "matmul"]
