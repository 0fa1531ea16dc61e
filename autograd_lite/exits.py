"""The ways out of a Tensor: as numbers, as an array, as text. None of them is silent."""

from typing import Any

import numpy as np

from autograd_lite.errors import GraphError
from autograd_lite.recording import place


class Exits:
    """Conversions of a Tensor. Those that would lose a gradient raise GraphError."""

    __slots__ = ()
    _array: Any
    _node: Any

    def item(self) -> float:
        """The single element as a Python number. Not differentiable."""
        data = self._array if hasattr(self._array, "item") else np.asarray(self._array)  # Dask's
        return data.item()

    def tolist(self) -> list:
        data = self._array if hasattr(self._array, "tolist") else np.asarray(self._array)
        return data.tolist()

    def numpy(self) -> np.ndarray:
        """The array of an untracked tensor (not a copy)."""
        return self.__array__()

    def __array__(self, dtype=None, copy=None):
        self.refuse_exit("np.asarray(t), or storing it in an array")
        return np.array(self._array, dtype=dtype, copy=copy)

    def __float__(self):
        self.refuse_exit("float(t), or a function of the math module")
        return float(self._array)

    def __complex__(self):
        self.refuse_exit("complex(t)")
        return complex(self._array)

    def __int__(self):
        self.refuse_exit("int(t)")
        return int(self._array)

    def __index__(self):
        self.refuse_exit("an index")
        return self._array.__index__()

    def __dlpack__(self, /, *, stream=None, max_version=None, dl_device=None, copy=None):
        self.refuse_exit("np.from_dlpack(t), or another library's")
        given = dict(stream=stream, max_version=max_version, dl_device=dl_device, copy=copy)
        return self._array.__dlpack__(**{k: v for k, v in given.items() if v is not None})

    def __dlpack_device__(self):
        return self._array.__dlpack_device__()

    @property
    def device(self) -> Any:
        """Where the array is: "cpu" for NumPy's."""
        return getattr(self._array, "device", "cpu")

    def to_device(self, device, /, *, stream=None) -> Any:
        """The tensor itself if it is on `device`; only untracked tensors move."""
        if device == self.device and stream is None:
            return self
        self.refuse_exit("a move to another device")
        return place(type(self), self._array.to_device(device, stream=stream), None)

    def refuse_exit(self, what):
        if self._node is not None:
            raise GraphError(
                f"{what} would take a tracked tensor out of the graph and lose its gradient; use "
                "t.item(), t.detach() or t.data to leave on purpose, or the NumPy function "
                "(np.exp(t), np.stack([s, t])) to stay"
            )

    def __bool__(self):
        return bool(self._array)

    def __len__(self):
        return len(self._array)

    def __iter__(self):
        if self.ndim == 0:
            raise TypeError("iteration over a 0-d tensor")
        return (self[i] for i in range(len(self._array)))

    def __repr__(self):
        if isinstance(self._array, np.ndarray):
            text = np.array2string(self._array, separator=", ", prefix="Tensor(")
        else:
            text = repr(self._array)  # a lazy array is not computed for its text
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
        return format(self.item() if self.size == 1 else self._array, spec)
