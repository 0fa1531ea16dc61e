"""Derivatives of functions: grad, vjp, jvp, jacobian, hessian, hvp and what they nest with.

Each transform calls the function with fresh Tensors. If the function also depends on tensors
tracked outside (an outer transform's arguments, weights), results stay connected to them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_lite.call import Call, pull_tensors
from autograd_lite.errors import DTypeError, GraphError, ShapeError
from autograd_lite.graph import leaf
from autograd_lite.modes import enable_grad, mode
from autograd_lite.operands import as_data, is_tensor, plain, real_enough
from autograd_lite.recording import place
from autograd_lite.tensor import Tensor
from autograd_lite.trees import flatten


def positions(argnum) -> tuple[int, ...]:
    return argnum if isinstance(argnum, tuple) else (argnum,)


def unpacked(argnum, results):
    return results if isinstance(argnum, tuple) else results[0]


def grad(f: Callable, argnum: int | tuple[int, ...] = 0) -> Callable:
    """The function that computes the gradient of the scalar function `f`.

    Parameters
    ----------
    f : function that returns a Tensor of one element.
    argnum : which argument to differentiate, or a tuple of them. Each may be a float, an array, a
        Tensor, or nested dicts, lists and tuples of these.

    Returns
    -------
    A function of the same arguments; its result is a Tensor of the argument's shape and dtype,
    nested like the argument (a tuple of these for a tuple of argnums).

    Raises
    ------
    DTypeError : for integer arguments. ShapeError : if the result is not a single number.
    GraphError : if `f` does not return a Tensor.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.grad(np.sin)(0.0)
    Tensor(1.)
    >>> ag.grad(ag.grad(lambda x: x**3))(2.0)
    Tensor(12.)
    """
    both = scalar_call(f, argnum, "grad")
    return lambda *args, **kwargs: both(*args, **kwargs)[1]


def value_and_grad(f: Callable, argnum: int | tuple[int, ...] = 0) -> Callable:
    """The function that computes `(f(…), gradient)`; see `grad`.

    >>> import autograd_lite as ag
    >>> ag.value_and_grad(lambda x: x * x)(3.0)
    (Tensor(9.), Tensor(6.))
    """
    return scalar_call(f, argnum, "value_and_grad")


def scalar_call(f, argnum, what):
    """The function that computes value and gradient; `what` is what errors call it."""

    def call(*args, **kwargs):
        made = Call(f, args, kwargs, positions(argnum), what)
        if len(made.outputs) != 1 or made.outputs[0].size != 1:
            shapes = [y.shape for y in made.outputs]
            raise ShapeError(
                f"{what} needs a function that returns one number, got shapes "
                f"{shapes}; sum it, or use jacobian or vjp"
            )
        if made.outputs[0].dtype.kind == "c":
            raise DTypeError(
                f"{what} needs a function that returns a real number, got a complex one; take "
                "np.abs, np.real or np.imag of it, or use jacobian or vjp"
            )
        seed = np.ones_like(made.outputs[0]._array)
        grads = made.pull([seed], create=made.connected, retain=False)
        return made.value(), unpacked(argnum, made.tree(grads))

    return call


def vjp(f: Callable, *xs) -> tuple[Any, Callable]:
    """`f(*xs)` and the function that pulls a cotangent of it back to the arguments.

    Returns
    -------
    y : the result, a Tensor or nested containers of Tensors.
    pull : pull(u) with u like y gives a tuple with uᵀ ∂y/∂x for each argument; may be called
        any number of times.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> y, pull = ag.vjp(np.multiply, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    >>> pull(np.array([1.0, 10.0]))
    (Tensor([ 3., 40.]), Tensor([ 1., 20.]))
    """
    made = Call(f, xs, {}, range(len(xs)), "vjp")

    def pull(cotangent):
        us = matched(cotangent, made.outputs, "pull")
        create = mode.get().recording and (
            made.connected or any(is_tensor(u) and u._node is not None for u in us)
        )
        return made.tree(made.pull(us, create, retain=True))

    return made.value(), pull


def matched(tree, like, what):
    """The leaves of `tree`, checked to have the shapes of `like`; brought to its dtypes."""
    leaves, _ = flatten(tree)
    shapes, wanted = [np.shape(plain(x)) for x in leaves], [y.shape for y in like]
    if shapes != wanted:
        raise ShapeError(f"{what}: got shapes {shapes}, expected {wanted}")
    values = [real_enough(as_data(plain(x), None), y, what)
              for x, y in zip(leaves, like, strict=True)]  # fmt: skip
    return [
        x if is_tensor(x) and x._node is not None else as_data(value, y.dtype)
        for x, value, y in zip(leaves, values, like, strict=True)
    ]


def jvp(f: Callable, xs, vs) -> tuple[Any, Any]:
    """`f(*xs)` and its derivative along `vs`: J v, by two reverse passes.

    The first pass gives uᵀJ for a symbolic cotangent u; that is linear in u, and the second pass
    differentiates it with respect to u (the "double-vjp trick" of J. Townsend, 2017).

    Parameters
    ----------
    xs, vs : tuples of arguments and of directions of the same shapes (or one of each).

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.jvp(np.sin, (np.array([0.0, np.pi]),), (np.array([1.0, 1.0]),))[1]
    Tensor([ 1., -1.])
    """
    xs, vs = (x if isinstance(x, tuple) else (x,) for x in (xs, vs))
    made = Call(f, xs, {}, range(len(xs)), "jvp")
    vs = matched(vs, made.variables, "jvp")
    dummies = [asleaf(y) for y in made.outputs]
    with enable_grad():
        pulled = made.pull(dummies, create=True, retain=True)
        pairs = [(g._node, v) for g, v in zip(pulled, vs, strict=True) if g._node is not None]
    create = made.connected or any(is_tensor(v) for v in vs)
    tangents = pull_tensors(pairs, [u._node for u in dummies], create, retain=True)
    return made.value(), made.nest(tangents)


def asleaf(y):
    return place(Tensor, np.zeros_like(y._array), leaf(y.shape, y.dtype))


def jacobian(f: Callable, argnum: int | tuple[int, ...] = 0) -> Callable:
    """The function that computes all partial derivatives of `f`: shape of the result, then of
    the argument. One reverse pass for each number in the result, two for a complex one.

    Of a real result with respect to a complex z it is ∂/∂Re z + i ∂/∂Im z, as for `grad`; of a
    complex result it is ∂f/∂z, for which the function must be holomorphic.

    Raises
    ------
    DTypeError : for integer arguments, and for a complex function that is not holomorphic.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.jacobian(lambda x: x * x)(np.array([1.0, 2.0]))
    Tensor([[2., 0.],
            [0., 4.]])
    """

    def call(*args, **kwargs):
        made = Call(f, args, kwargs, positions(argnum), "jacobian")
        blocks = [
            unpacked(argnum, made.tree(jacobian_blocks(made, k))) for k in range(len(made.outputs))
        ]
        return made.nest(blocks)

    return call


def jacobian_blocks(made, k):
    """For output `k` the Jacobian with respect to each fresh Tensor."""
    y = made.outputs[k]
    rows = []
    for i in range(y.size):
        row = pull_entry(made, k, i, 1)
        if y.dtype.kind == "c":
            row = [
                complex_row(*parts) for parts in zip(row, pull_entry(made, k, i, 1j), strict=True)
            ]
        rows.append(row)
    if not rows:
        pairs = [(y.shape + v.shape, np.result_type(y.dtype, v.dtype)) for v in made.variables]
        return [place(Tensor, np.zeros(*pair), None) for pair in pairs]
    columns = zip(*rows, strict=True)
    return [
        np.reshape(np.stack(column), y.shape + v.shape)
        for column, v in zip(columns, made.variables, strict=True)
    ]


def pull_entry(made, k, i, seed):
    """Gradients of entry `i` of output `k` with respect to each fresh Tensor."""
    us = [np.zeros(o.shape, o.dtype) for o in made.outputs]
    us[k].reshape(-1)[i] = seed
    return made.pull(us, made.connected, retain=True)


def complex_row(of_real, of_imaginary):
    """∂y/∂x of a complex entry y from the gradients of its real and its imaginary part."""
    if of_real.dtype.kind != "c":
        return of_real + 1j * of_imaginary
    a, b = plain(of_real), plain(of_imaginary)
    size = np.max(np.abs(a), initial=0.0) + np.max(np.abs(b), initial=0.0)
    if not np.allclose(b, 1j * a, rtol=0, atol=1e-4 * size, equal_nan=True):
        raise DTypeError(
            "jacobian: a complex result of a complex argument has a complex derivative only if the "
            "function is holomorphic, which this one is not (it uses conj, abs, real or imag); "
            "take the Jacobian of np.real and of np.imag of it, or use vjp or jvp"
        )
    return np.conjugate(of_real)


def hessian(f: Callable, argnum: int = 0) -> Callable:
    """The function that computes the second derivatives of the scalar function `f`: shape of
    the argument, twice.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.hessian(lambda x: np.prod(x))(np.array([2.0, 3.0]))
    Tensor([[0., 1.],
            [1., 0.]])
    """
    return jacobian(grad(f, argnum), argnum)


def hvp(f: Callable, x, v):
    """Hessian of the scalar function `f` at `x` times `v`, without forming the Hessian.

    x, v : arrays of one shape, or nested containers of such. Costs about two gradients.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.hvp(lambda x: np.sum(x**3), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    Tensor([6., 0.])
    """
    _, pull = vjp(grad(f), x)
    return pull(v)[0]


def gradients(
    output: Tensor, inputs: Tensor | Sequence[Tensor], *, grad_output=None, create_graph=False
) -> tuple[Tensor, ...]:
    """Gradients of a computed `output` with respect to any tensors it was computed from.

    Parameters
    ----------
    output : a tracked Tensor.
    inputs : tracked Tensors, leaves or intermediates. Only the graph between is visited, and
        nobody's `.grad` is touched. The graph is kept, so the call can be repeated.
    grad_output : the cotangent of `output`; 1 if `output` is a single number.
    create_graph : record the computation of the gradients, to differentiate them again.

    Returns
    -------
    One Tensor for each input, of its shape and dtype; zeros where `output` does not depend on it.

    >>> import autograd_lite as ag
    >>> x = ag.Tensor(3.0, requires_grad=True)
    >>> (dx,) = ag.gradients(x**3, [x], create_graph=True)
    >>> ag.gradients(dx, [x])
    (Tensor(18.),)
    """
    inputs = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    for x in inputs:
        if not is_tensor(x) or x._node is None:
            raise GraphError(
                "gradients: every input must be a Tensor that is tracked; make it "
                "with requires_grad=True"
            )
    if output._node is None:
        output.seed(None)  # raises, saying why
    if is_tensor(grad_output) and grad_output._node is not None:
        (seed,) = matched(grad_output, [output], "gradients")
    else:
        seed = output.seed(grad_output)
    edges = [x._node for x in inputs]
    return tuple(pull_tensors([(output._node, seed)], edges, create_graph, retain=True))
