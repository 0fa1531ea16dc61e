"""NumPy's functions as functions of a namespace of Tensors."""

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

from autograd_lite.recording import wrap
from autograd_lite.tensor import Tensor

Parameter = inspect.Parameter
KEYWORDS = Parameter("kwargs", Parameter.VAR_KEYWORD)
POSITIONAL = {
    1: [Parameter("x", Parameter.POSITIONAL_ONLY)],
    2: [Parameter(f"x{n}", Parameter.POSITIONAL_ONLY) for n in (1, 2)],
}
UFUNC = {n: inspect.Signature([*given, KEYWORDS]) for n, given in POSITIONAL.items()}


def returned(out: Any) -> Any:
    """The result of a NumPy function with its arrays as Tensors."""
    if type(out) is int:  # np.count_nonzero, which the standard wants as an array
        return wrap(Tensor, np.asarray(out))
    return tensors(out)


def tensors(out):
    if not isinstance(out, (tuple, list)):
        return out if hasattr(out, "_apply") else wrap(Tensor, out)  # a Tensor or a symbol stays
    parts = map(tensors, out)
    return type(out)(*parts) if hasattr(out, "_fields") else type(out)(parts)


def on_tensors(function: Callable[..., Any], name: str, module: str) -> Callable[..., Any]:
    """`function` returning Tensors, whatever it is given: arrays and numbers too.

    It keeps NumPy's signature and documentation. Derivatives are those of `function`: a tracked
    argument makes NumPy hand the call to the rule table.
    """

    def call(*args, **kwargs):
        out = function(*args, **kwargs)
        return out if type(out) is Tensor else returned(out)

    call.__name__ = call.__qualname__ = name
    call.__module__ = module
    numpys = (function.__doc__ or "").split("Examples\n")[0].split(">>>")[0]  # which print arrays
    call.__doc__ = f"NumPy's `{name}`, whose results are Tensors here.\n\n{numpys}"
    call.__dict__["__wrapped__"] = function  # where inspect finds the signature
    if isinstance(function, np.ufunc):
        call.__dict__["__signature__"] = UFUNC[function.nin]
    return call


def namespace(numpy: ModuleType, names: str, module: str) -> Iterator[tuple[str, Any]]:
    """The named members of a module of NumPy, with its functions on Tensors.

    Names that this version of NumPy does not have yet are left out.
    """
    for name in names.split():
        member = getattr(numpy, name, None)
        if isinstance(member, type) or not callable(member):  # a dtype or a constant
            if hasattr(numpy, name):
                yield name, member
        else:
            yield name, on_tensors(member, name, module)
