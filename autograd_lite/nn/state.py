"""The state of a module as a mapping of paths to arrays, and back."""

from typing import NamedTuple

import numpy as np

from autograd_lite.errors import ShapeError
from autograd_lite.tensor import Tensor


class Unfit(NamedTuple):
    """Paths of the module that a state lacks, and paths of the state that the module lacks."""

    missing: list[str]
    unexpected: list[str]


class Place(NamedTuple):
    tensor: Tensor
    paths: list[str]
    transposed: bool


def places(module, torch_layout):
    """Each parameter and buffer once, with all its paths and whether its array is to be turned."""
    found: dict[int, Place] = {}
    for path, inner in module._walk("", set(), again=True):
        for name, part in inner._parts():
            if isinstance(part, Tensor):
                turned = torch_layout and name.startswith(inner._transposed)
                place = found.setdefault(id(part), Place(part, [], turned))
                place.paths.append(f"{path}.{name}" if path else name)
    return list(found.values())


def state_of(module, torch_layout):
    return {
        p.paths[0]: np.array(outputs_first(p) if p.transposed else p.tensor.data, order="C")
        for p in places(module, torch_layout)
    }


def outputs_first(place):
    """A weight as PyTorch has it: (in, out) becomes (out, in), and (…, out) becomes (out, …)."""
    return np.moveaxis(place.tensor.data, -1, 0)


def outputs_last(value):
    return np.moveaxis(value, 0, -1) if value.ndim else value


def load_places(module, state, strict, torch_layout):
    if not hasattr(state, "keys"):
        raise TypeError(
            f"load_state_dict of {module._label()}: the state is a {type(state).__name__}; "
            "expected a mapping of paths to arrays, as from state_dict()"
        )
    loads, unfit, wrong = [], Unfit([], []), []
    known = set()
    for place in places(module, torch_layout):
        known.update(place.paths)
        given = [path for path in place.paths if path in state]
        if not given:
            unfit.missing.append(place.paths[0])
        for path in given:
            value = as_array(state[path])
            value = outputs_last(value) if place.transposed else value
            if problem := misfit(value, place.tensor):
                wrong.append(f"{path} ({problem})")
            elif path is given[0]:
                first = value
                loads.append((place.tensor, value.astype(place.tensor.dtype, copy=False)))
            elif not np.array_equal(value, first, equal_nan=value.dtype.kind in "fc"):
                wrong.append(f"{path} (shared with {given[0]}, but the arrays differ)")
    unfit.unexpected.extend(str(path) for path in state if path not in known)
    complain(module, unfit if strict else Unfit([], []), wrong)
    for tensor, value in loads:
        tensor.data[...] = value
        tensor.note_update()
    return unfit


def as_array(value):
    """An array of a state, which may also hold Tensors, of PyTorch too."""
    value = value.detach() if hasattr(value, "detach") else value
    return value.data if isinstance(value, Tensor) else np.asarray(value)


def misfit(value, tensor):
    if value.shape != tensor.shape:
        return f"shape {value.shape}, expected {tensor.shape}"
    if not np.can_cast(value.dtype, tensor.dtype, "same_kind"):
        return f"dtype {value.dtype}, expected {tensor.dtype}"
    if not getattr(getattr(tensor.data, "flags", None), "writeable", True):
        return "its own array is read-only"
    return None


def complain(module, unfit, wrong):
    lists = (("missing", unfit.missing), ("unexpected", unfit.unexpected), ("wrong", wrong))
    if text := "; ".join(f"{word}: {', '.join(paths)}" for word, paths in lists if paths):
        raise ShapeError(
            f"load_state_dict of {module._label()}: {text}. Nothing was loaded. strict=False "
            "passes over missing and unexpected ones; torch_layout=True transposes PyTorch's "
            "matrices"
        )
