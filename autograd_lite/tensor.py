"""The Tensor: an array and the place in the graph that made it."""

import threading
from collections.abc import Callable
from sys import getrefcount
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import updates
from autograd_lite.errors import DTypeError, GraphError, ShapeError
from autograd_lite.graph import counter, leaf, pull_back
from autograd_lite.operands import as_data, frozen, plain, tracked
from autograd_lite.operators import (
    FAST,
    REDUCTIONS,
    compared,
    fallback,
    install_methods,
    operator,
    reflected,
    updating,
)
from autograd_lite.recording import apply, check_finite_pull, mode, place, wrap
from autograd_lite.registry import RULES
from autograd_lite.rules import casting, indexing

accumulating = threading.Lock()


def unshared_count():
    x = np.empty(1)
    return getrefcount(x)


ALONE = unshared_count()  # differs between versions of Python


class Tensor:
    """An array that records what is computed from it.

    Parameters
    ----------
    data : array-like of floats, integers or booleans; copied. Use `asarray` to share.
    requires_grad : whether gradients with respect to this leaf are wanted. Needs a float dtype.
    dtype : of the array; by default that of `data`, float64 for Python floats.
    name : what drawings and formulas call it.

    Attributes
    ----------
    data : the array. Assigning replaces it and is noticed by an unfinished backward pass.
    grad : the gradient, an array of the same shape and dtype, or None. Accumulates over
        `backward()` calls until `zero_grad()`.

    Raises
    ------
    DTypeError : for integers that require grad, for complex numbers that do, for objects.

    >>> import autograd_lite as ag
    >>> x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4., 6.])
    """

    __slots__ = ("__dict__", "__weakref__", "_data", "_node")
    __array_priority__ = 1000
    _name = None

    def __init__(self, data: Any, requires_grad: bool = False, *, dtype=None, name=None):
        self._data = as_data(data, dtype, copy=True)
        self._node = None
        if name is not None:
            self.name = name
        if requires_grad:
            self.requires_grad = True

    # --- the pair ---------------------------------------------------------------------------
    @property
    def data(self) -> Any:
        return self._data

    @data.setter
    def data(self, value):
        value = as_data(value, None)
        if self._node is not None and not self.is_leaf:
            raise GraphError("data of an intermediate result cannot be assigned; write t[...] = v, "
                             "or start from t.detach()")  # fmt: skip
        if value.shape != self.shape or value.dtype != self.dtype:
            raise ShapeError(f"data: {value.dtype} {value.shape} cannot replace {self.dtype} "
                             f"{self.shape}; make a new Tensor")  # fmt: skip
        self.note_update()
        self._data = value

    @property
    def requires_grad(self) -> bool:
        return self._node is not None

    @requires_grad.setter
    def requires_grad(self, wanted):
        if not self.is_leaf:
            raise GraphError("requires_grad of an intermediate result cannot be set; use detach()")
        if wanted and self.dtype.kind != "f":
            raise DTypeError(f"a tensor of dtype {self.dtype} cannot require grad; only real floats "
                             "can: write 2.0 for 2, or pass dtype=float")  # fmt: skip
        if wanted != self.requires_grad:
            self._node = leaf(self.shape, self.dtype) if wanted else None
            self.name = self._name

    @property
    def grad(self) -> Any:
        return None if self._node is None else self._node.grad

    @grad.setter
    def grad(self, value):
        if self._node is None:
            raise GraphError("an untracked tensor has no grad; make it with requires_grad=True")
        if value is not None:
            value = as_data(value, self.dtype)
            if value.shape != self.shape:
                raise ShapeError(f"grad of shape {value.shape} for a tensor of shape {self.shape}")
        self._node.grad = value

    @property
    def name(self) -> str | None:
        return self._name

    @name.setter
    def name(self, name):
        if name is not None and not isinstance(name, str):
            raise TypeError(f"a name is a string, not {type(name).__name__}")
        self._name = name
        if self._node is not None:
            self._node.name = name

    @property
    def is_leaf(self) -> bool:
        return self._node is None or self._node.op is None

    shape = property(lambda self: self._data.shape)
    ndim = property(lambda self: self._data.ndim)
    size = property(lambda self: self._data.size)
    dtype = property(lambda self: self._data.dtype)
    T = property(lambda self: np.transpose(self))
    mT = property(lambda self: np.matrix_transpose(self))

    # --- gradients --------------------------------------------------------------------------
    def backward(self, gradient=None, retain_graph: bool = False) -> None:
        """Add to the `grad` of every leaf the gradient of this tensor.

        Parameters
        ----------
        gradient : the cotangent to start from, of this tensor's shape; 1 for a single number.
        retain_graph : keep the saved values, for a second backward pass through this graph.

        Raises
        ------
        GraphError : if nothing was recorded, the saved values were freed, or a leaf's array that
            a rule reads was changed in place since.
        ShapeError : if `gradient` is missing or of another shape.
        """
        seed = self.seed(gradient)
        observe = check_finite_pull if mode.get().anomaly else None
        found = pull_back([(self._node, seed)], retain=retain_graph, observe=observe)
        with accumulating:
            while found:
                edge, g, owned = found.popitem()[1]
                if edge.grad is not None:
                    edge.grad = edge.grad + g
                elif owned or (getrefcount(g) <= ALONE and getattr(g, "base", 1) is None):
                    edge.grad = g  # nothing else refers to this buffer
                else:
                    edge.grad = duplicate(g)

    def seed(self, gradient):
        if self._node is None:
            raise GraphError("backward() from a tensor that nothing was recorded for: no input has "
                             "requires_grad=True, or it was computed under no_grad() or detached")  # fmt: skip
        if gradient is None:
            if self.size != 1:
                raise ShapeError(
                    f"backward() of a tensor of shape {self.shape} needs a gradient of shape "
                    f"{self.shape}, got none; reduce first, t.sum().backward(), or pass one, "
                    "t.backward(np.ones(t.shape))"
                )
            return np.ones_like(self._data)
        gradient = as_data(plain(gradient), self.dtype)
        if gradient.shape != self.shape:
            raise ShapeError(
                f"backward() of a tensor of shape {self.shape} got a gradient of shape "
                f"{gradient.shape}; reduce the tensor first, or pass one of shape {self.shape}"
            )
        return gradient

    def zero_grad(self) -> None:
        """Clear `grad` (to None)."""
        if self._node is not None:
            self._node.grad = None

    def detach(self) -> "Tensor":
        """The same array as an untracked Tensor."""
        return place(type(self), self._data, None)

    def retain_grad(self) -> "Tensor":
        """Keep the gradient of this intermediate result in `grad` too; returns the tensor."""
        node = self.tracked_node("retain_grad")
        if node.op is not None:
            node.retains, node.plain = True, False
        return self

    def register_hook(self, fn: Callable) -> Callable[[], None]:
        """Call `fn(gradient)` in each backward pass with the complete gradient of this tensor.

        What `fn` returns, if not None, replaces the gradient. Returns a function that removes
        the hook. The gradient is an array, or a Tensor under `create_graph=True`.
        """
        node = self.tracked_node("register_hook")
        node.hooks, node.plain = (*node.hooks, fn), False

        def remove():
            node.hooks = tuple(h for h in node.hooks if h is not fn)

        return remove

    def note_update(self):
        """Note that this array was changed, for graphs that saved it (see `updates`)."""
        now = next(counter)
        updates.note(self._data, now)
        if self._node is not None:
            self._node.changed = now

    def tracked_node(self, what):
        if self._node is None:
            raise GraphError(f"{what}() on an untracked tensor: it will never have a gradient")
        return self._node

    # --- out of the graph -------------------------------------------------------------------
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

    __hash__ = object.__hash__

    def __reduce__(self):
        if not self.is_leaf:
            raise GraphError("a tensor with a history cannot be copied or pickled; use t.detach()")
        return rebuild, (np.array(self._data), self.requires_grad, self._name)

    def __invert__(self):
        return place(type(self), ~self._data, None)

    # --- operations -------------------------------------------------------------------------
    def _apply(self, op, args, kwargs):
        return apply(type(self), op, args, kwargs)

    def __array_ufunc__(self, ufunc, how, *inputs, out=None, **kwargs):
        if out is not None:
            return self.into(ufunc, how, inputs, out, kwargs)
        if how == "__call__" and ufunc in RULES:
            if not kwargs and ufunc in FAST and type(inputs[0]) is Tensor:
                return FAST[ufunc](*inputs)
            return apply(Tensor, RULES[ufunc], inputs, kwargs)
        if how == "reduce" and ufunc in REDUCTIONS and tracked(inputs):
            return REDUCTIONS[ufunc](*inputs, **{"axis": 0, **kwargs})
        function = ufunc if how == "__call__" else getattr(ufunc, how)
        return fallback(ufunc, function, inputs, kwargs, how)

    def into(self, ufunc, how, inputs, out, kwargs):
        if tracked(inputs) or tracked(out) or any(isinstance(o, Tensor) for o in out):
            raise GraphError(
                f"{ufunc.__name__}: writing a Tensor's result into an existing array (out=, or "
                "a += t with an array on the left) would lose its gradient; write a = a + t"
            )
        getattr(ufunc, how)(*plain(inputs), out=out, **plain(kwargs))
        return out[0]

    def __array_function__(self, function, types, args, kwargs):
        if not tracked(args) and not tracked(tuple(kwargs.values())):
            return wrap(Tensor, function(*plain(args), **plain(kwargs)))
        if function in RULES:
            return apply(Tensor, RULES[function], args, kwargs)
        return fallback(function, function, args, kwargs)

    def __getitem__(self, index):
        return apply(type(self), RULES[indexing.getitem], (self, frozen(index)), {})

    def __setitem__(self, index, value):
        if self._node is not None and self._node.op is None:
            if mode.get().recording:
                raise GraphError("t[i] = v on a leaf that requires grad: update it inside "
                                 "no_grad(), or work on a copy, t = np.copy(t)")  # fmt: skip
            self._data[frozen(index)] = plain(value)
            self.note_update()
            return
        new = apply(type(self), RULES[indexing.put], (self, value, frozen(index)), {})
        self._data, self._node = new._data, new._node
        if self._node is not None and self._name is not None:
            self._node.name = self._name

    def astype(self, dtype) -> "Tensor":
        """The tensor in another dtype; gradients come back in this one."""
        return apply(type(self), RULES[casting.astype], (self, np.dtype(dtype)), {})

    def copy(self) -> "Tensor":
        return np.copy(self)

    def flatten(self) -> "Tensor":
        return np.ravel(self)

    __add__ = operator(np.add)
    __sub__ = operator(np.subtract)
    __mul__ = operator(np.multiply)
    __truediv__ = operator(np.divide)
    __matmul__ = operator(np.matmul)
    __pow__ = operator(np.power)
    __mod__ = operator(np.remainder)
    __neg__ = operator(np.negative)
    __pos__ = operator(np.positive)
    __abs__ = operator(np.absolute)
    __iadd__ = updating(np.add)
    __isub__ = updating(np.subtract)
    __imul__ = updating(np.multiply)
    __itruediv__ = updating(np.divide)
    __ipow__ = updating(np.power)
    __radd__ = reflected(np.add)
    __rsub__ = reflected(np.subtract)
    __rmul__ = reflected(np.multiply)
    __rtruediv__ = reflected(np.divide)
    __rmatmul__ = reflected(np.matmul)
    __rpow__ = reflected(np.power)
    __rmod__ = reflected(np.remainder)
    __floordiv__ = compared(np.floor_divide)
    __and__ = __rand__ = compared(np.bitwise_and)
    __or__ = __ror__ = compared(np.bitwise_or)
    __xor__ = __rxor__ = compared(np.bitwise_xor)
    __lt__ = compared(np.less)
    __le__ = compared(np.less_equal)
    __gt__ = compared(np.greater)
    __ge__ = compared(np.greater_equal)
    __eq__ = compared(np.equal)  # type: ignore[assignment]  # elementwise, as in NumPy
    __ne__ = compared(np.not_equal)  # type: ignore[assignment]

    if TYPE_CHECKING:  # methods added below, one for each ruled function

        def __getattr__(self, name: str) -> "Callable[..., Tensor]": ...


def duplicate(g):
    return np.array(g) if isinstance(g, (np.ndarray, np.generic)) else g


def rebuild(data, requires_grad, name):
    return asarray(data, requires_grad=requires_grad, name=name)


def asarray(data, requires_grad: bool = False, *, dtype=None, name=None) -> Tensor:
    """A Tensor that shares `data` if it is an array (of this dtype); otherwise as `Tensor`.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> a = np.zeros(2)
    >>> ag.asarray(a).data is a
    True
    """
    if isinstance(data, Tensor) and not requires_grad and dtype is None and name is None:
        return data
    t = place(Tensor, as_data(data, dtype), None)
    if name is not None:
        t.name = name
    if requires_grad:
        t.requires_grad = True
    return t


install_methods(Tensor)
