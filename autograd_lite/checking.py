"""The engine against finite differences."""

from collections.abc import Callable

import numpy as np

from autograd_lite.modes import no_grad
from autograd_lite.operands import plain
from autograd_lite.tensor import Tensor
from autograd_lite.transforms import vjp
from autograd_lite.trees import flatten


def check_grads(
    f: Callable, *xs, order: int = 2, eps: float = 1e-5, rtol: float = 1e-5, atol: float = 1e-7,
    seed: int = 0,
) -> None:  # fmt: skip
    """Compare derivatives of `f` at `xs` with central differences, in a random direction.

    For a random cotangent u and direction v it compares ⟨Jᵀu, v⟩ with
    (⟨u, f(x + εv)⟩ − ⟨u, f(x − εv)⟩) / 2ε, and for order 2 does the same with x ↦ Jᵀu. Complex
    arguments and results have complex u and v, and ⟨a, b⟩ is the real part of Σ conj(a) b.

    Parameters
    ----------
    f : function of Tensors that returns a Tensor, or nested containers of them.
    xs : float or complex arguments, also nested; checked in double precision.
    order : up to which derivative.
    eps : step, relative to 1; errors are of order eps² and of rounding / eps.

    Raises
    ------
    AssertionError : with both numbers, if they differ by more than atol + rtol · size.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.check_grads(np.tanh, np.array([0.1, -2.0]))
    """
    leaves, build = flatten(xs)
    leaves = [double(plain(x)) for x in leaves]
    rng = np.random.default_rng(seed)

    def values(f, at):
        with no_grad():
            result, _ = flatten(f(*build([Tensor(x) for x in at])))
        return [np.asarray(plain(y)) for y in result]

    for level in range(1, order + 1):
        us = [direction(rng, y) for y in values(f, leaves)]
        vs = [direction(rng, x) for x in leaves]
        pulled = values(pulled_back(f, us), leaves)
        exact = inner(pulled, vs)
        ahead = inner(values(f, [x + eps * v for x, v in zip(leaves, vs, strict=True)]), us)
        behind = inner(values(f, [x - eps * v for x, v in zip(leaves, vs, strict=True)]), us)
        measured = (ahead - behind) / (2 * eps)
        size = max(abs(exact), abs(measured), inner(map(abs, pulled), map(abs, vs)))
        if not abs(exact - measured) <= atol + rtol * size:
            raise AssertionError(
                f"derivative {level} in a random direction: engine {exact:.10g}, finite "
                f"differences {measured:.10g} (difference {abs(exact - measured):.3g})"
            )
        f = pulled_back(f, us)


def pulled_back(f, us):
    """The function x ↦ Jᵀu."""

    def pull(*xs):
        y, pull = vjp(f, *xs)
        return pull(flatten(y)[1](us))

    return pull


def double(x):
    return np.array(x, dtype=np.result_type(x, float))


def direction(rng, like):
    """A random array of the shape of `like`, complex if that is."""
    v = rng.standard_normal(like.shape)
    return v + 1j * rng.standard_normal(like.shape) if like.dtype.kind == "c" else v


def inner(xs, ys) -> float:
    return float(sum(np.sum(np.real(np.conj(x) * y)) for x, y in zip(xs, ys, strict=True)))
