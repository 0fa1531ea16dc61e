"""The Tensor: an array and the place in the graph that made it."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_lite import updates
from autograd_lite.anomaly import check_finite_pull
from autograd_lite.backward import pull_back
from autograd_lite.errors import DTypeError, GraphError, ShapeError
from autograd_lite.exits import Exits
from autograd_lite.graph import counter, leaf
from autograd_lite.modes import mode
from autograd_lite.operands import as_data, is_other_kind, plain, real_enough
from autograd_lite.operations import Operations
from autograd_lite.operators import install_methods
from autograd_lite.ownership import take_over
from autograd_lite.recording import place

accumulating = threading.Lock()


class Tensor(Operations, Exits):
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
    DTypeError : for integers that require grad, for objects.

    >>> import autograd_lite as ag
    >>> x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    array([2., 4., 6.])
    """

    # not `_data`, by which np.ma takes masked arrays apart, and tracked Tensors without a word
    __slots__ = ("__dict__", "__weakref__", "_array", "_node")
    _name = None

    def __init__(self, data: Any, requires_grad: bool = False, *, dtype=None, name=None):
        self._array = as_data(data, dtype, copy=True)
        self._node = None
        if name is not None:
            self.name = name
        if requires_grad:
            self.requires_grad = True

    @property
    def data(self) -> Any:
        return self._array

    @data.setter
    def data(self, value):
        value = as_data(value, None)
        if self._node is not None and not self.is_leaf:
            raise GraphError(
                "data of an intermediate result cannot be assigned; write t[...] = v, "
                "or start from t.detach()"
            )
        if value.shape != self.shape or value.dtype != self.dtype:
            raise ShapeError(
                f"data: {value.dtype} {value.shape} cannot replace {self.dtype} "
                f"{self.shape}; make a new Tensor"
            )
        self.note_update()
        self._array = value

    @property
    def requires_grad(self) -> bool:
        return self._node is not None

    @requires_grad.setter
    def requires_grad(self, wanted):
        if not self.is_leaf:
            raise GraphError("requires_grad of an intermediate result cannot be set; use detach()")
        if wanted and self.dtype.kind not in "fc":
            raise DTypeError(
                f"a tensor of dtype {self.dtype} cannot require grad; floats and complex numbers "
                "can: write 2.0 for 2, or pass dtype=float"
            )
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
            value = as_data(real_enough(as_data(value, None), self, "grad"), self.dtype)
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

    shape = property(lambda self: self._array.shape)
    ndim = property(lambda self: self._array.ndim)
    size = property(lambda self: self._array.size)
    dtype = property(lambda self: self._array.dtype)
    T = property(lambda self: np.transpose(self))
    mT = property(lambda self: np.matrix_transpose(self))
    real = property(lambda self: np.real(self))
    imag = property(lambda self: np.imag(self))
    itemsize = property(lambda self: self._array.itemsize)
    nbytes = property(lambda self: self._array.nbytes)

    def backward(self, gradient=None, retain_graph: bool = False) -> None:
        """Add to the `grad` of every leaf the gradient of this tensor.

        Parameters
        ----------
        gradient : the cotangent to start from, of this tensor's shape; 1 for a single real
            number. Of a complex tensor z it is ∂L/∂Re z + i ∂L/∂Im z, like every gradient here.
        retain_graph : keep the saved values, for a second backward pass through this graph.

        Raises
        ------
        GraphError : if nothing was recorded, the saved values were freed, or a leaf's array that
            a rule reads was changed in place since.
        ShapeError : if `gradient` is missing or of another shape.
        DTypeError : if it is missing for a complex number, or complex for a real tensor.
        """
        seed = self.seed(gradient)
        observe = check_finite_pull if mode.get().anomaly else None
        found = pull_back([(self._node, seed)], retain=retain_graph, observe=observe)
        with accumulating:
            for key in list(found):
                edge, g = take_over(found, key)
                if edge.grad is not None:
                    g = edge.grad + g
                    g = np.asarray(g) if isinstance(g, np.generic) else g
                edge.grad = g

    def seed(self, gradient):
        if self._node is None:
            raise GraphError(
                "backward() from a tensor that nothing was recorded for: no input has "
                "requires_grad=True, or it was computed under no_grad() or detached"
            )
        if gradient is None:
            if self.size != 1:
                raise ShapeError(
                    f"backward() of a tensor of shape {self.shape} needs a gradient of shape "
                    f"{self.shape}, got none; reduce first, t.sum().backward(), or pass one, "
                    "t.backward(np.ones(t.shape))"
                )
            if self.dtype.kind == "c":
                raise DTypeError(
                    "backward() of a complex number: a loss is real; take np.abs, np.real or "
                    "np.imag of it, or pass the gradient ∂L/∂Re z + i ∂L/∂Im z to go on from"
                )
            return np.ones_like(self._array)
        gradient = real_enough(as_data(plain(gradient), None), self, "backward()")
        gradient = as_data(gradient, self.dtype)
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
        return place(type(self), self._array, None)

    def retain_grad(self) -> "Tensor":
        """Keep the gradient of this intermediate result in `grad` too; returns the tensor."""
        node = self.tracked_node("retain_grad")
        if node.op is not None:
            node.retains, node.plain = True, False
        return self

    def register_hook(self, fn: Callable) -> "HookHandle":
        """Call `fn(gradient)` in each backward pass with the complete gradient of this tensor.

        What `fn` returns, if not None, replaces the gradient. The gradient is an array for
        reading only, or a Tensor under `create_graph=True`. `remove()` of the returned handle
        removes the hook.
        """
        return HookHandle(self.tracked_node("register_hook"), fn)

    def note_update(self):
        """Note that this array was changed, for graphs that saved it (see `updates`)."""
        now = next(counter)
        updates.note(self._array, now)
        if self._node is not None:
            self._node.changed = now

    def tracked_node(self, what):
        if self._node is None:
            raise GraphError(f"{what}() on an untracked tensor: it will never have a gradient")
        return self._node

    def __reduce__(self):
        if not self.is_leaf:
            raise GraphError("a tensor with a history cannot be copied or pickled; use t.detach()")
        return rebuild, (self._array.copy(), self.requires_grad, self._name)

    if TYPE_CHECKING:  # methods added below, one for each ruled function

        def __getattr__(self, name: str) -> "Callable[..., Tensor]": ...


class HookHandle:
    """One registration of a hook; call it, or its `remove`, to end it."""

    __slots__ = ("hook", "node")

    def __init__(self, node, fn):
        self.node = node
        self.hook = [fn]  # a list of its own: the same function may be registered twice
        node.hooks, node.plain = (*node.hooks, self.hook), False

    def remove(self):
        self.node.hooks = tuple(h for h in self.node.hooks if h is not self.hook)

    __call__ = remove


def rebuild(data, requires_grad, name):
    return asarray(data, requires_grad=requires_grad, name=name)


def asarray(
    data, requires_grad: bool = False, *, dtype=None, device=None, copy=None, name=None
) -> Tensor:
    """A Tensor that shares `data` if it is an array (of this dtype); otherwise as `Tensor`.

    A tracked Tensor stays tracked: its copies and casts are recorded.

    Parameters
    ----------
    requires_grad, dtype, name : as for `Tensor`.
    device : where the array shall be; for NumPy's arrays `"cpu"`.
    copy : True always copies, False never does (ValueError where it must), None if it must.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> a = np.zeros(2)
    >>> ag.asarray(a).data is a
    True
    """
    if copy is False and not is_other_kind(plain(data)):
        np.asarray(plain(data), dtype=dtype, copy=False)  # NumPy's error says what needs a copy
    t: Any
    if isinstance(data, Tensor) and not requires_grad and name is None:
        t = data if dtype is None or data.dtype == dtype else data.astype(dtype)
        t = np.copy(data) if copy and t is data else t
    else:
        t = place(Tensor, as_data(data, dtype, bool(copy)), None)
    if name is not None:
        t.name = name
    if requires_grad:
        t.requires_grad = True
    return t if device is None else t.to_device(device)


install_methods(Tensor)
