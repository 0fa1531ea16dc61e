"""The rule table: what `rule`, `fused`, `derived`, `constant` and `refused` write."""

import functools

import numpy as np

from autograd_lite.errors import RuleError
from autograd_lite.op import NONDIFF as NONDIFF, Op

DISPATCHING = (np.ufunc, type(np.sum))  # functions that hand Tensors back to us by themselves

RULES: dict = {}  # function -> Op
DERIVED: dict = {}  # function, or (ufunc, "reduce"), -> the same, written with ruled functions
CONSTANTS: dict = {}  # function -> why it has no derivative
REFUSED: dict = {}  # function -> what to use instead with tracked Tensors


def rule(function, arrays, /, *, static=None, keep=None, forward=None, prepare=None, also=(),
         name=None, **vjps):  # fmt: skip
    """Register the vector–Jacobian products of `function`, one for each array argument.

    Parameters
    ----------
    function : a NumPy function or ufunc, or your own function written with NumPy.
    arrays : names of the array arguments, in order: `"a b"`. `"a lo? hi?"` marks optional ones,
        `"*arrays"` one argument that is a sequence of arrays (its rule returns all gradients).
    static : the other arguments with their defaults, in the function's order.
    keep : values computed in the forward pass for the rules: booleans or integers, which have
        no derivative of their own, such as a mask.
    forward : the call to make instead of `function`, with operands and static arguments in order.
    prepare : rewrites the arguments of a call to the form declared here: returns (args, kwargs).
    also : further functions that mean the same. name : what drawings call the operation.
    **vjps : for each array argument a function `g, …` of plain NumPy whose parameter names say
        what it reads (see `autograd_lite.op`), or `NONDIFF`.

    Returns
    -------
    The function to call: `function` itself if NumPy dispatches it, otherwise a wrapper that
    records itself when an argument is a Tensor and is the plain function when none is.

    Raises
    ------
    RuleError : a missing rule, an unknown parameter name, a captured variable or a default.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> softplus = ag.rule(lambda a: np.logaddexp(a, 0), "a", a=lambda g, a: g / (1 + np.exp(-a)))
    >>> float(ag.grad(softplus)(0.0))
    0.5
    """
    op = Op(function, arrays, static, keep, forward, None, prepare, name)
    op.set_rules(vjps)
    return register(op, also)


def fused(body, arrays, *, vjp, static=None, forward=None, keep=None, name=None):
    """Register `body`, a composition of ruled functions, with one fast joint rule.

    The body is the definition: it is what the fast rule is tested against, and what is
    differentiated when a second derivative is asked for. So the node keeps its inputs.

    Parameters
    ----------
    body : function of the operands and static arguments, written with NumPy functions.
    arrays, static, name : as in `rule`.
    keep : values computed in the forward pass for `vjp`, of any dtype.
    forward : a faster form of the body; with `keep` it returns `(out, kept value, …)`, and the
        functions in `keep` say what these are.
    vjp : function `g, …` that returns a tuple with the gradient of every array argument; None
        for one that gets none. A parameter `needs` tells which are wanted.

    Returns
    -------
    The function to call; see `rule`.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> halfsquare = ag.fused(lambda a, b: np.sum((a - b) ** 2) / 2, "a b",
    ...                       vjp=lambda g, a, b: (g * (a - b), g * (b - a)))
    >>> ag.grad(halfsquare)(np.array([3.0, 5.0]), np.array([1.0, 1.0]))
    Tensor([2., 4.])
    """
    op = Op(body, arrays, static, keep, forward, body, None, name)
    op.set_joint(vjp)
    return register(op)


def register(op, also=()):
    call = op.function
    if not isinstance(call, DISPATCHING):
        call = op.function = dispatcher(op, op.function)
    for function in (call, *also):
        if function in RULES:
            raise RuleError(f"{op.name}: this function has a rule already")
        RULES[function] = op
    return call


def dispatcher(op, body):
    @functools.wraps(body)
    def call(*args, **kwargs):
        if op.fast is not None and len(args) == 1 and hasattr(args[0], "_node"):
            return op.fast(*args, **kwargs)
        for a in args:
            if hasattr(a, "_apply"):  # a Tensor or a symbol
                return a._apply(op, args, kwargs)
        for a in kwargs.values():
            if hasattr(a, "_apply"):
                return a._apply(op, args, kwargs)
        return body(*args, **kwargs)

    call.__name__ = call.__qualname__ = op.name  # the latter is what pickle looks up
    return call


def derived(function, body=None, also=()):
    """Register `function` as a composition of ruled functions: it needs no rule of its own.

    A method of a ufunc is registered as the pair `(np.add, "accumulate")`.
    """
    if body is None:
        return lambda body: derived(function, body, also)
    for f in (function, *also):
        DERIVED[f] = body
    return body


def refused(advice, *functions):
    """Register functions that tracked Tensors may not enter; `advice` says what to use."""
    REFUSED.update(dict.fromkeys(functions, advice))


def constant(*functions, why="its derivative is zero wherever it exists"):
    """Register functions whose results are not tracked."""
    CONSTANTS.update(dict.fromkeys(functions, why))
