"""What optimisers and clipping are given: checked parameters, groups and numbers."""

import math

import numpy as np

from autograd_lite.errors import DTypeError, GraphError
from autograd_lite.tensor import Tensor


def tensors(what, params):
    """The parameters as a list; TypeError or ValueError for anything but different Tensors."""
    if isinstance(params, Tensor):
        raise TypeError(f"{what}: params is one Tensor; put it in a list, [{described(params)}]")
    if isinstance(params, dict):
        raise TypeError(f"{what}: params is a dict; pass list(params.values())")
    if callable(getattr(params, "parameters", None)):
        kind = type(params).__name__
        raise TypeError(f"{what}: params is a {kind}; pass its parameters, module.parameters()")
    params = list(params)
    for i, p in enumerate(params):
        if not isinstance(p, Tensor):
            raise TypeError(f"{what}: parameter {i} is a {type(p).__name__}, not a Tensor")
    return params


def described(p, i=None):
    """How errors call a parameter."""
    place = "" if i is None else f"{i} "
    return f"{place}{p.name or 'unnamed'} {p.dtype} {p.shape}"


def check_leaf(what, i, p):
    """GraphError or TypeError unless the parameter can be updated in place."""
    if not p.is_leaf:
        raise GraphError(
            f"{what}: parameter {described(p, i)} is the result of an operation; pass the leaves "
            "it was computed from, or start from t.detach()"
        )
    if not p.requires_grad:
        raise GraphError(
            f"{what}: parameter {described(p, i)} has no gradient; set requires_grad=True"
        )
    if not isinstance(p.data, np.ndarray):
        raise DTypeError(
            f"{what}: parameter {described(p, i)} is an array of another kind, "
            f"{type(p.data).__name__}; optimisers update NumPy arrays in place"
        )
    if not p.data.flags.writeable:
        raise ValueError(f"{what}: the array of parameter {described(p, i)} is read-only; copy it")


def groups(what, params, defaults):
    """A list of dicts with "params" and every option, from Tensors or from such dicts."""
    if not isinstance(params, (Tensor, dict)) and not hasattr(params, "parameters"):
        params = list(params)
    if isinstance(params, list) and any(isinstance(p, dict) for p in params):
        found = [completed(what, i, group, defaults) for i, group in enumerate(params)]
    else:
        found = [{"params": tensors(what, params), **defaults}]
    everything = [p for group in found for p in group["params"]]
    if not everything:
        raise ValueError(f"{what}: no parameters; was a generator used up before?")
    first: dict[int, int] = {}
    for i, p in enumerate(everything):
        check_leaf(what, i, p)
        if (other := first.setdefault(id(p.data), i)) != i:
            raise ValueError(
                f"{what}: parameter {described(p, i)} is the same array as number {other}; it "
                "would be updated twice in a step"
            )
    return found


def completed(what, i, group, defaults):
    """One group with the options it does not have from the optimiser's."""
    if not isinstance(group, dict) or "params" not in group:
        raise TypeError(f"{what}: group {i} is no dict with params; write dict(params=[…], lr=…)")
    if unknown := group.keys() - defaults.keys() - {"params"}:
        raise TypeError(
            f"{what}: group {i} has no option {', '.join(sorted(unknown))}; there are "
            f"{', '.join(defaults)}"
        )
    params = group["params"]
    listed = [params] if isinstance(params, Tensor) else tensors(what, params)
    return {**defaults, **group, "params": listed}


def number(what, name, value, least=0.0, below=math.inf):
    """`value` as a Python float, which leaves float32 arrays float32; ValueError out of range."""
    try:
        found = float(value)
    except (TypeError, ValueError) as error:
        kind = type(value).__name__
        raise TypeError(f"{what}: {name} is a {kind}; expected a number") from error
    if not least <= found < below:  # NaN is neither
        upper = "finite" if below == math.inf else f"below {below:g}"
        raise ValueError(f"{what}: {name} is {found:g}; expected at least {least:g} and {upper}")
    return found
