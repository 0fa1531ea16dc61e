"""The module: what a network is made of, with its parameters, its buffers and their names."""

from typing import Any

import numpy as np

from autograd_lite.arguments import floating as floating, positive as positive
from autograd_lite.modes import mode, named_scope
from autograd_lite.nn.state import Unfit, load_places, state_of
from autograd_lite.tensor import Tensor


class Module:
    """A part of a network: derive from it, set attributes, and write `forward`.

    An attribute that is a Tensor with requires_grad is a parameter, which only another one or None
    may replace; an untracked Tensor is a buffer (running statistics, frozen weights); a Module is a
    child. Attributes whose names begin with "_" are left alone, and so are plain arrays. Lists of
    modules are `ModuleList`. There is no `super().__init__()` to be called.

    Calling a module runs `forward`. The module that is called first is the root: its parameters
    that have no name get their path as `Tensor.name`, so that drawings and formulas show
    `blocks.0.weight`. Under `viz.record()` each call of an inner module is a `named_scope` of its
    path; without, scopes would slow small operations down.

    Attributes
    ----------
    training : what dropout and batch normalisation go by; set by `train()` and `eval()`.

    >>> import numpy as np
    >>> from autograd_lite import Tensor, nn
    >>> class Scale(nn.Module):
    ...     def __init__(self, size):
    ...         self.factor = Tensor(np.ones(size), requires_grad=True)
    ...     def forward(self, x):
    ...         return x * self.factor
    >>> scale = Scale(3)
    >>> scale(np.array([1.0, 2.0, 3.0]))
    Tensor([1., 2., 3.], op=multiply)
    >>> [name for name, _ in scale.named_parameters()]
    ['factor']
    """

    training: bool = True
    _path: str | None = None  # from the root; None before its first call
    _held: Any = ()  # of a container, the names of what it holds
    _transposed: tuple[str, ...] = ()  # how names begin of weights (…, out), in PyTorch (out, …)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; to be written in each class."""
        raise NotImplementedError(f"{self._label()} has no forward(self, …)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._path is None:
            self._take_names("")
        try:
            if mode.get().values and self._path:
                with named_scope(self._path, type(self).__name__):
                    return self.forward(*args, **kwargs)
            return self.forward(*args, **kwargs)
        except Exception as error:
            self._locate(error)
            raise

    def _label(self):
        return type(self).__name__ + (f" {self._path!r}" if self._path else "")

    def _locate(self, error):
        """Put the innermost module's path before the message of an error in `forward`."""
        if hasattr(error, "module"):
            return
        error.module = self._path  # type: ignore[attr-defined]
        if len(error.args) == 1 and isinstance(error.args[0], str):
            error.args = (f"{self._label()}: {error.args[0]}",)
        elif hasattr(error, "add_note"):  # as np.exceptions.AxisError; from Python 3.11 on
            error.add_note(f"in {self._label()}")

    def __setattr__(self, name, value):
        if name in vars(self) and not name.startswith("_"):
            check_replaced(f"{self._label()}.{name}", vars(self)[name], value)
        object.__setattr__(self, name, value)
        if self._path is not None and isinstance(value, (Module, Tensor)):
            self._take_names(self._path)

    def _take_names(self, path):
        for inner, module in self.named_modules(path):
            object.__setattr__(module, "_path", inner)
        for inner, tensor in self._named_tensors(path):
            if tensor.name is None or inner.endswith("." + tensor.name):  # named by an inner root
                tensor.name = inner

    def _parts(self):
        """(name, Tensor or Module) of the attributes; Tensors with a history are no part."""
        for name, value in vars(self).items():
            if name.startswith("_"):
                continue
            if isinstance(value, Module) or (isinstance(value, Tensor) and value.is_leaf):
                yield name, value
            elif isinstance(value, COLLECTIONS):
                refuse_parts_in(value, f"{self._label()}.{name}")

    def _walk(self, path, seen, again=False):
        """(path, module) of this and all inner modules; each once, or on every path to it."""
        if id(self) in seen:
            return
        seen.add(id(self))
        yield path, self
        for name, part in self._parts():
            if isinstance(part, Module):
                yield from part._walk(joined(path, name), seen, again)
        if again:
            seen.discard(id(self))

    def named_modules(self, prefix: str = "") -> list[tuple[str, "Module"]]:
        """(path, module) of this module, whose path is `prefix`, and all inside, outer ones first.

        >>> from autograd_lite import nn
        >>> [path for path, _ in nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh())).named_modules()]
        ['', '0', '1', '1.0']
        """
        return list(self._walk(prefix, set()))

    def modules(self) -> list["Module"]:
        """This module and all inside, each once."""
        return [module for _, module in self.named_modules()]

    def children(self) -> list["Module"]:
        """The modules that are attributes of this one."""
        return [part for _, part in self._parts() if isinstance(part, Module)]

    def _named_tensors(self, prefix="", again=False):
        seen = set()
        for path, module in self._walk(prefix, set(), again):
            for name, part in module._parts():
                if isinstance(part, Tensor) and (again or id(part) not in seen):
                    seen.add(id(part))
                    yield joined(path, name), part

    def named_parameters(self) -> list[tuple[str, Tensor]]:
        """(dotted path, parameter) of this module and all inside; a shared one once."""
        return [(path, t) for path, t in self._named_tensors() if t.requires_grad]

    def parameters(self) -> list[Tensor]:
        """The Tensors to be trained, of this module and all inside; a shared one once."""
        return [t for _, t in self.named_parameters()]

    def named_buffers(self) -> list[tuple[str, Tensor]]:
        """(dotted path, untracked Tensor), such as running statistics; a shared one once."""
        return [(path, t) for path, t in self._named_tensors() if not t.requires_grad]

    def buffers(self) -> list[Tensor]:
        """The untracked Tensors of this module and all inside; a shared one once."""
        return [t for _, t in self.named_buffers()]

    def train(self, training: bool = True) -> "Module":
        """Set `training` here and in all modules inside; returns the module."""
        if not isinstance(training, (bool, np.bool_)):
            raise TypeError(f"{self._label()}.train: True or False, not {training!r}")
        for module in self.modules():
            module.training = bool(training)
        return self

    def eval(self) -> "Module":
        """Set `training` to False here and in all modules inside; returns the module."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Clear the `grad` of every parameter (to None)."""
        for p in self.parameters():
            p.zero_grad()

    def astype(self, dtype) -> "Module":
        """Change all floating parameters and buffers to `dtype`, in place; returns the module.

        The Tensors stay the same objects; gradients they have are dropped.

        Raises
        ------
        DTypeError : for a dtype that is not floating.

        >>> import numpy as np
        >>> from autograd_lite import nn
        >>> nn.Linear(2, 3).astype(np.float64).weight.dtype
        dtype('float64')
        """
        dtype = floating(dtype, f"{self._label()}.astype")
        for _, tensor in self._named_tensors():
            if tensor.dtype.kind == "f":
                tracked = tensor.requires_grad
                tensor.requires_grad = False
                tensor._array = tensor._array.astype(dtype)
                tensor.requires_grad = tracked
        return self

    def state_dict(self, torch_layout: bool = False) -> dict[str, np.ndarray]:
        """Copies of all parameters and buffers by path; a shared one once, by its first path.

        Parameters
        ----------
        torch_layout : transpose the matrices that PyTorch keeps as (out, in), so that the
            module of the same name there loads it. Names are those of PyTorch already.

        >>> from autograd_lite import nn
        >>> {path: a.shape for path, a in nn.Linear(2, 3).state_dict().items()}
        {'weight': (2, 3), 'bias': (3,)}
        >>> nn.Linear(2, 3).state_dict(torch_layout=True)["weight"].shape
        (3, 2)
        """
        return state_of(self, torch_layout)

    def load_state_dict(self, state, strict: bool = True, torch_layout: bool = False) -> Unfit:
        """Copy arrays into the parameters and buffers, by path; all or, after an error, none.

        Parameters
        ----------
        state : mapping of paths to arrays, as from `state_dict`. A shared parameter may stand
            under any of its paths.
        strict : whether missing and unexpected paths are errors.
        torch_layout : whether matrices come as (out, in), from PyTorch.

        Returns
        -------
        A named tuple of the lists `missing` and `unexpected`.

        Raises
        ------
        ShapeError : names all paths that are missing, unexpected, or of a wrong shape or dtype.
        """
        return load_places(self, state, strict, torch_layout)

    def extra_repr(self) -> str:
        """What `repr` shows in the parentheses after the class name."""
        return ""

    def __repr__(self):
        return "\n".join(self._lines("", set()))

    def _lines(self, name, above):
        count = sum(p.size for p in self.parameters())
        title = f"{name}{type(self).__name__}({self.extra_repr()})"
        yield f"{title}  # {count:,} parameters" if count else title
        if id(self) in above:
            return
        for key, part in vars(self).items():
            if isinstance(part, Module) and not key.startswith("_"):
                for line in part._lines(f"{key}: ", above | {id(self)}):
                    yield "    " + line
            elif key in self._held:  # a function in a container
                yield f"    {key}: {getattr(part, '__name__', type(part).__name__)}"


COLLECTIONS = list, tuple, dict, set, frozenset


def joined(path, name):
    return f"{path}.{name}" if path else name


def refuse_parts_in(values, where):
    """Modules and parameters in a plain list would be overlooked without a word."""
    for value in values.values() if isinstance(values, dict) else values:
        if isinstance(value, COLLECTIONS):
            refuse_parts_in(value, where)
        if isinstance(value, Module) or (
            isinstance(value, Tensor) and value.requires_grad and value.is_leaf
        ):
            raise TypeError(
                f"{where}: a {type(values).__name__} holds a {type(value).__name__}, which "
                "would not be trained: use nn.ModuleList or nn.ModuleDict, or an attribute for "
                "each parameter"
            )


def check_replaced(where, old, new):
    """TypeError where a parameter, a buffer or a module would get lost without a word."""
    if isinstance(old, Module) and not (new is None or callable(new)):
        raise TypeError(
            f"{where} is a module, and cannot become a {type(new).__name__}; give a module, a "
            "function or None"
        )
    if not isinstance(old, Tensor) or not old.is_leaf or new is None:
        return
    if not isinstance(new, Tensor):
        raise TypeError(
            f"{where} is a Tensor; a {type(new).__name__} in its place would be neither trained "
            "nor saved: assign to its data, p.data = a, or give a Tensor"
        )
    if old.requires_grad and not (new.is_leaf and new.requires_grad):
        kind = "an untracked Tensor" if new.is_leaf else f"the result of {new._node.op.name}"
        raise TypeError(
            f"{where} is a parameter; {kind} in its place would not be trained: update it in "
            "place, with no_grad(): p *= 0.5, or freeze it, p.requires_grad = False; or delete it "
            "before"
        )
