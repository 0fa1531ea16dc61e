"""The ways out of a Tensor: as numbers, as an array, as text. None of them is silent."""

from typing import Any

import numpy as np

from autograd_lite.errors import GraphError


class Exits:
    """Conversions of a Tensor. Those that would lose a gradient raise GraphError."""

    __slots__ = ()
    _data: Any
    _node: Any

    def item(self) -> float:
        """The single element as a Python number. Not differentiable."""
        return self._data.item()

    def tolist(self) -> list:
        return self._data.tolist()

    def numpy(self) -> np.ndarray:
        """The array of an untracked tensor (not a copy)."""
        return self.__array__()

    def __array__(self, dtype=None, copy=None):
        self.refuse_exit("np.asarray(t), or storing it in an array")
        return np.array(self._data, dtype=dtype, copy=copy)

    def __float__(self):
        self.refuse_exit("float(t), or a function of the math module")
        return float(self._data)

    def __int__(self):
        self.refuse_exit("int(t)")
        return int(self._data)

    def __index__(self):
        self.refuse_exit("an index")
        return self._data.__index__()

    def refuse_exit(self, what):
        if self._node is not None:
            raise GraphError(
                f"{what} would take a tracked tensor out of the graph and lose its gradient; use "
                "t.item(), t.detach() or t.data to leave on purpose, or the NumPy function "
                "(np.exp(t), np.stack([s, t])) to stay"
            )

    def __bool__(self):
        return bool(self._data)

    def __len__(self):
        return len(self._data)

    def __iter__(self):
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return (self[i] for i in range(len(self._data)))

    def __repr__(self):
        text = np.array2string(np.asarray(self._data), separator=", ", prefix="Tensor(")
        if self._node is None:
            tail = "" if self.dtype.kind in "fbi" and self.dtype.itemsize in (1, 8) else None
            tail = f", dtype={self.dtype}" if tail is None else tail
        else:
            tail = ", requires_grad=True" if self.is_leaf else f", op={self._node.op.name}"
            tail = (f", dtype={self.dtype}" if self.dtype != float else "") + tail
        return f"Tensor({text}{tail}{f', name={self._name!r}' if self._name else ''})"

    def __format__(self, spec):
        if not spec:
            return str(self)
        return format(self._data.item() if self.size == 1 else self._data, spec)
