"""Modules that hold modules."""

from autograd_lite.nn.module import Module
from autograd_lite.tensor import Tensor


class Container(Module):
    """Modules by name, in order; each is an attribute."""

    def __init__(self):
        self._held: list[str] = []

    def _add(self, key, module):
        if not isinstance(module, Module) and (isinstance(module, Tensor) or not callable(module)):
            raise TypeError(
                f"{type(self).__name__}: {key!r} is a {type(module).__name__}; expected a module"
                " (did you pass a list? unpack it with *)"
            )
        if key not in self._held:
            self._held.append(key)
        setattr(self, key, module)

    def __len__(self):
        return len(self._held)

    def __iter__(self):
        return (getattr(self, key) for key in self._held)


class Listed(Container):
    """Modules by number."""

    def _key(self, index):
        size = len(self._held)
        if not -size <= index < size:
            raise IndexError(f"{self._label()}: no module {index} among {size}")
        return self._held[index]

    def __getitem__(self, index):
        if isinstance(index, slice):
            made = type(self)()
            for module in list(self)[index]:
                made.append(module)
            return made
        return getattr(self, self._key(index))

    def __setitem__(self, index, module):
        self._add(self._key(index), module)

    def append(self, module):
        """Add a module at the end; returns the container."""
        self._add(str(len(self._held)), module)
        return self

    def extend(self, modules):
        """Add modules at the end; returns the container."""
        for module in modules:
            self.append(module)
        return self


class Sequential(Listed):
    """Modules run one after the other.

    Parameters
    ----------
    *modules : modules, or functions of one Tensor such as `functional.relu`; or one dict of them,
        whose keys take the place of the numbers in paths.

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> rng = np.random.default_rng(0)
    >>> net = nn.Sequential(nn.Linear(4, 16, rng=rng), nn.ReLU(), nn.Linear(16, 2, rng=rng))
    >>> net
    Sequential()  # 114 parameters
        0: Linear(4, 16)  # 80 parameters
        1: ReLU()
        2: Linear(16, 2)  # 34 parameters
    >>> net(np.ones((5, 4), np.float32)).shape
    (5, 2)
    """

    def __init__(self, *modules):
        super().__init__()
        if len(modules) == 1 and isinstance(modules[0], dict):
            for key, module in modules[0].items():
                self._add(checked_key(self, key), module)
        else:
            self.extend(modules)

    def forward(self, x):
        for key in self._held:
            x = self.__dict__[key](x)
        return x


class ModuleList(Listed):
    """A list of modules, which a plain list would hide; write `forward` around it yourself.

    >>> from autograd_lite import nn
    >>> layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
    >>> len(layers), [name for name, _ in layers.named_parameters()][:2]
    (3, ['0.weight', '0.bias'])
    """

    def __init__(self, modules=()):
        super().__init__()
        self.extend(modules)


class ModuleDict(Container):
    """Modules by name, which a plain dict would hide.

    >>> from autograd_lite import nn
    >>> heads = nn.ModuleDict({"value": nn.Linear(8, 1), "policy": nn.Linear(8, 4)})
    >>> heads["policy"]
    Linear(8, 4)  # 36 parameters
    """

    def __init__(self, modules=None):
        super().__init__()
        for key, module in dict(modules or {}).items():
            self[key] = module

    def __getitem__(self, key):
        if key not in self._held:
            raise KeyError(f"{self._label()}: {key!r}; there are {', '.join(self._held)}")
        return getattr(self, key)

    def __setitem__(self, key, module):
        self._add(checked_key(self, key), module)

    def __contains__(self, key):
        return key in self._held

    def keys(self):
        """The names, in order."""
        return list(self._held)

    def values(self):
        """The modules, in order."""
        return list(self)

    def items(self):
        """(name, module), in order."""
        return [(key, getattr(self, key)) for key in self._held]


def checked_key(container, key):
    if not isinstance(key, str) or not key or key.startswith("_") or "." in key:
        raise ValueError(
            f"{type(container).__name__}: {key!r} as a name; it is a string without a dot that "
            "does not begin with _"
        )
    if hasattr(type(container), key):
        raise ValueError(
            f"{type(container).__name__}: {key!r} is the name of a method; take another"
        )
    return key
