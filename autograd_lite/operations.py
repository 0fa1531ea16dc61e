"""What Python and NumPy do with Tensors: operators, indexing, and NumPy's two protocols."""

from importlib import import_module
from typing import Any

import numpy as np

from autograd_lite.direct import apply
from autograd_lite.errors import DTypeError, GraphError
from autograd_lite.modes import mode
from autograd_lite.operands import frozen, is_tensor, plain, tracked
from autograd_lite.operators import (
    FAST,
    compared,
    fallback,
    method,
    reflected,
    right_of_array,
    updating,
)
from autograd_lite.recording import wrap
from autograd_lite.registry import RULES
from autograd_lite.rules import casting, indexing

WRITERS = (np.copyto, np.fill_diagonal, np.put, np.place, np.putmask, np.put_along_axis)
WRITES = "it would write into the array of a Tensor unnoticed; use t[i] = v"


def write_at(ufunc, target, index, *operands):
    """np.add.at(t, i, v) gives the Tensor t a new value, as t[i] = v does."""
    name = f"np.{ufunc.__name__}.at"
    if not is_tensor(target):
        if tracked(operands):
            raise GraphError(f"{name}: writing a tracked Tensor into an array loses its gradient; "
                             "make the array a Tensor first")  # fmt: skip
        return ufunc.at(target, plain(index), *plain(operands))
    in_place, index = target.written_in_place(name, operands), frozen(index)
    if in_place or not (tracked(target) or tracked(operands)):
        ufunc.at(target._array, index, *plain(operands))
        target.note_update()
    else:
        new = fallback(type(target), (ufunc, "at"), None, (target, index, *operands), {})
        if not np.can_cast(new.dtype, target.dtype, "same_kind"):
            raise DTypeError(f"{name}: a tensor of dtype {target.dtype} cannot take up {new.dtype}")
        target.become(new.astype(target.dtype, copy=False))
    return None


class Operations:
    """Operators and protocols of the Tensor; see `operators` for where they come from."""

    __slots__ = ()
    __array_priority__ = 1000
    __hash__ = object.__hash__  # `==` compares elements; tables are keyed by identity

    def _apply(self, op, args, kwargs):
        return apply(type(self), op, args, kwargs)

    def __array_ufunc__(self, ufunc, how, *inputs, out=None, **kwargs):
        if out is not None:
            return self.into(ufunc, how, inputs, out, kwargs)
        if how == "__call__" and ufunc in RULES and (not kwargs or tracked(inputs)):
            if not kwargs and ufunc in FAST:
                if inputs[0] is self:
                    return FAST[ufunc](*inputs)
                if type(inputs[0]) is np.ndarray:  # so the Tensor is on its right
                    return right_of_array(ufunc)(self, inputs[0])
            return apply(type(self), RULES[ufunc], inputs, kwargs)
        if how == "__call__":
            return fallback(type(self), ufunc, ufunc, inputs, kwargs)
        if how == "at":
            return write_at(ufunc, *inputs)
        return fallback(type(self), (ufunc, how), getattr(ufunc, how), inputs, kwargs)

    def into(self, ufunc, how, inputs, out, kwargs):
        if tracked(inputs) or tracked(out) or any(is_tensor(o) for o in out):
            raise GraphError(
                f"{ufunc.__name__}: writing a Tensor's result into an existing array (out=, or "
                "a += t with an array on the left) would lose its gradient; write a = a + t"
            )
        getattr(ufunc, how)(*plain(inputs), out=out, **plain(kwargs))
        return out[0]

    def __array_function__(self, function, types, args, kwargs):
        op = RULES.get(function)
        if op is not None and (self._node is not None or tracked(args) or tracked(kwargs)):
            return apply(type(self), op, args, kwargs)
        if function in WRITERS:
            raise GraphError(f"np.{function.__name__}: {WRITES}")
        return fallback(type(self), function, function, args, kwargs)

    def __array_namespace__(self, /, *, api_version=None):
        np.empty(0).__array_namespace__(api_version=api_version)  # refuses versions unknown to it
        return import_module("autograd_lite")

    def __getitem__(self, index):
        return apply(type(self), RULES[indexing.getitem], (self, frozen(index)), {})

    def __setitem__(self, index, value):
        if self.written_in_place("t[i] = v", value):
            self._array[frozen(index)] = plain(value)
            self.note_update()
            return
        index = frozen(index)
        shape = np.shape(plain(value))
        if len(shape) > 1:  # NumPy lets a value have more leading axes of length one
            surplus = max(0, len(shape) - self._array[index].ndim)
            value = np.reshape(value, shape[surplus:]) if surplus else value
        self.become(apply(type(self), RULES[indexing.put], (self, value, index), {}))

    def written_in_place(self, what, value):
        """Whether this is a leaf outside of recording, so that writing changes its array."""
        if self._node is not None and self._node.op is None:
            if mode.get().recording:
                raise GraphError(
                    f"{what} on a leaf that requires grad: update it inside no_grad(), or work on "
                    "a copy, t = np.copy(t)"
                )
            return True
        if tracked(value) and self.dtype.kind not in "fc":
            raise DTypeError(
                f"{what}: a tracked value in a tensor of dtype {self.dtype} would lose its "
                "gradient; make t with dtype=float"
            )
        return False

    def become(self, new):
        """Take over another Tensor's value, and keep the name."""
        self._array, self._node = new._array, new._node
        if self._node is not None and self._name is not None:
            self._node.name = self._name

    def astype(self, dtype, copy: bool = True) -> Any:
        """The tensor in another dtype; gradients come back in this one."""
        if not copy and self._array.dtype == dtype:
            return self
        return apply(type(self), RULES[casting.astype], (self, np.dtype(dtype)), {})

    copy = method(np.copy)
    conj = method(np.conjugate)
    flatten = method(np.ravel)

    def __divmod__(self, other):
        return np.divmod(self, other)

    def __rdivmod__(self, other):
        return np.divmod(other, self)

    def __round__(self, digits=0):
        return np.round(self, digits)

    def __invert__(self):
        return wrap(type(self), ~self._array)

    __add__ = FAST[np.add]
    __sub__ = FAST[np.subtract]
    __mul__ = FAST[np.multiply]
    __truediv__ = FAST[np.divide]
    __matmul__ = FAST[np.matmul]
    __pow__ = FAST[np.power]
    __mod__ = FAST[np.remainder]
    __neg__ = FAST[np.negative]
    __pos__ = FAST[np.positive]
    __abs__ = FAST[np.absolute]
    __iadd__ = updating(np.add)
    __isub__ = updating(np.subtract)
    __imul__ = updating(np.multiply)
    __itruediv__ = updating(np.divide)
    __ipow__ = updating(np.power)
    __imod__ = updating(np.remainder)
    __ifloordiv__ = updating(np.floor_divide)
    __imatmul__ = updating(np.matmul)
    __radd__ = reflected(np.add)
    __rsub__ = reflected(np.subtract)
    __rmul__ = reflected(np.multiply)
    __rtruediv__ = reflected(np.divide)
    __rmatmul__ = reflected(np.matmul)
    __rpow__ = reflected(np.power)
    __rmod__ = reflected(np.remainder)
    __floordiv__ = compared(np.floor_divide)
    __rfloordiv__ = compared(np.floor_divide, swap=True)
    __and__ = __rand__ = compared(np.bitwise_and)
    __or__ = __ror__ = compared(np.bitwise_or)
    __xor__ = __rxor__ = compared(np.bitwise_xor)
    __lshift__ = compared(np.left_shift)
    __rlshift__ = compared(np.left_shift, swap=True)
    __rshift__ = compared(np.right_shift)
    __rrshift__ = compared(np.right_shift, swap=True)
    __lt__ = compared(np.less)
    __le__ = compared(np.less_equal)
    __gt__ = compared(np.greater)
    __ge__ = compared(np.greater_equal)
    __eq__ = compared(np.equal)  # type: ignore[assignment]  # elementwise, as in NumPy
    __ne__ = compared(np.not_equal)  # type: ignore[assignment]
