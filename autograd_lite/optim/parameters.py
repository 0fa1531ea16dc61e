"""What optimisers and clipping are given: checked parameters, groups and numbers."""

from itertools import pairwise

import numpy as np
from numpy.lib.array_utils import byte_bounds

from autograd_lite.arguments import number as number, switch as switch
from autograd_lite.errors import DTypeError, GraphError
from autograd_lite.tensor import Tensor
from autograd_lite.updates import may_share


def tensors(what, params):
    """The parameters as a list; TypeError or ValueError for anything but different Tensors."""
    if isinstance(params, Tensor):
        raise TypeError(f"{what}: params is one Tensor; put it in a list, [{described(params)}]")
    if isinstance(params, dict):
        raise TypeError(f"{what}: params is a dict; pass list(params.values())")
    if callable(getattr(params, "parameters", None)):
        kind = type(params).__name__
        raise TypeError(f"{what}: params is a {kind}; pass its parameters, module.parameters()")
    params = listed(what, params)
    for i, p in enumerate(params):
        if not isinstance(p, Tensor):
            pairs = "; of named_parameters() pass the second of each pair" * isinstance(p, tuple)
            raise TypeError(f"{what}: parameter {i} is a {type(p).__name__}, not a Tensor{pairs}")
    return params


def some(what, params):
    if not params:
        raise ValueError(f"{what}: no parameters; was a generator used up before?")
    return params


def listed(what, params):
    try:
        return list(params)
    except TypeError as error:
        call = "; call it" if callable(params) else ""
        raise TypeError(
            f"{what}: params is a {type(params).__name__}; expected a list of Tensors{call}"
        ) from error


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
        params = listed(what, params)
    if isinstance(params, list) and any(isinstance(p, dict) for p in params):
        found = [completed(what, i, group, defaults) for i, group in enumerate(params)]
    else:
        found = [{"params": tensors(what, params), **defaults}]
    everything = some(what, [p for group in found for p in group["params"]])
    first: dict[int, int] = {}
    for i, p in enumerate(everything):
        check_leaf(what, i, p)
        if (other := first.setdefault(id(p.data), i)) != i:
            raise ValueError(
                f"{what}: parameter {described(p, i)} is the same array as number {other}; it "
                "would be updated twice in a step"
            )
    check_apart(what, everything)
    return found


def check_apart(what, params):
    """ValueError if arrays overlap, as a matrix and its transpose do."""
    spans = sorted((*byte_bounds(p.data), i) for i, p in enumerate(params))
    for (_, end, i), (start, _, j) in pairwise(spans):
        if start < end and may_share(params[i].data, params[j].data):
            i, j = sorted((i, j))
            raise ValueError(
                f"{what}: parameter {described(params[j], j)} shares memory with number {i}; it "
                "would be updated twice in a step"
            )


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
    params = [params] if isinstance(params, Tensor) else tensors(what, params)
    return {**defaults, **group, "params": params}
