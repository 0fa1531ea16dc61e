"""Closed formulas and line-by-line derivations of gradients, read from the rules."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_lite import Tensor
from autograd_lite.backward import pull_back
from viz.errors import DrawingError
from viz.lift import SymbolLift
from viz.names import Names
from viz.notation import Unicode
from viz.python_form import Python
from viz.symbols import Symbol, alias, is_one, named, one


class Formula:
    """One gradient as an expression. `str()` of it is Unicode text.

    Attributes
    ----------
    name : what is computed, "∂e/∂x".
    shape : of the gradient.
    python : the expression as Python, for `eval` with `values` (and `np`) as names.
    values : the arrays (and the few functions that NumPy does not have) that `python` names.
    missing : names in `python` whose values were not kept; pass them to `evaluate`.
    """

    def __init__(self, name: str, expression: Symbol, inlined=lambda alias: False, where=()):
        self.name = name
        self.shape = expression.shape
        self.expression = expression
        self.inlined = inlined
        try:
            self.write(where)
        except RecursionError:
            raise DrawingError(f"the expression for {name} is too long to print at once; "
                               "viz.derivation prints it line by line") from None  # fmt: skip

    def write(self, where):
        name, expression, inlined = self.name, self.expression, self.inlined
        unicode = Unicode(inlined)
        lines = [f"{name} = {unicode.text(expression)}"]
        lines += [f"  where {a.text} = {unicode.text(a.definition)}" for a in where]
        self.text = "\n".join(lines)
        printer = Python(inlined)
        self.python = printer.text(expression)
        self.values: dict[str, Any] = {**printer.values, **printer.functions}
        self.missing = frozenset(printer.unknown)

    def evaluate(self, **values) -> np.ndarray:
        """The Python form, evaluated by NumPy. `values` replaces or adds named arrays.

        Raises
        ------
        DrawingError : if the value of a name was not kept and is not given.
        """
        lacking = self.missing - values.keys()
        if lacking:
            raise DrawingError(
                f"the values of {', '.join(sorted(lacking))} were not kept by the forward pass; "
                "give them as keyword arguments, or name the tensors with names=locals()"
            )
        return np.asarray(eval(self.python, {"np": np, **self.values, **values}))

    def __str__(self):
        return self.text

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.text}


class Derivation:
    """The whole backward pass, one `Formula` for each tensor, in the order of the engine."""

    def __init__(self, lines: list[Formula]):
        self.lines = lines

    def __str__(self):
        return "\n".join(map(str, self.lines))

    __repr__ = __str__

    def __iter__(self):
        return iter(self.lines)

    def __len__(self):
        return len(self.lines)

    def __getitem__(self, name):
        """The line of a tensor by its name, or by position."""
        if isinstance(name, int):
            return self.lines[name]
        return next(f for f in self.lines if f.name.split("∂")[-1] == name)


def start(tensor, names, loss):
    """Names, the lift and the seed of a symbolic backward pass from `tensor`."""
    if not isinstance(tensor, Tensor) or tensor._node is None:
        raise DrawingError(
            "a formula needs a tensor that was recorded: some input must have requires_grad=True"
        )
    edge = tensor._node
    naming = Names([edge], names)
    held = {t._node.index: t.data for t in (names or {}).values()
            if isinstance(t, Tensor) and t._node is not None}  # fmt: skip
    held[edge.index] = tensor.data
    lift = SymbolLift(naming, held)
    if tensor.size == 1:
        return edge, naming, lift, naming.of(edge), one(tensor.data)
    root = loss or naming.free("e")
    return edge, naming, lift, root, named(f"∂{root}/∂{naming.of(edge)}", np.ones(tensor.shape))


def derivation(tensor: Tensor, names: Mapping | None = None, *, loss: str | None = None):
    """The backward pass of `tensor` line by line: the gradient of each tensor from later ones.

    Parameters
    ----------
    tensor : where the backward pass starts; one number, or any shape (then its own gradient is
        taken as given, and `loss` is the letter for what is differentiated: ∂e/∂y).
    names : mapping from names to tensors, such as `locals()`.

    Returns
    -------
    A `Derivation`: prints as text, iterates over `Formula` objects.

    Raises
    ------
    DrawingError : for an untracked tensor. GraphError : if the saved values were freed.

    >>> import autograd_lite as ag, viz
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> y = x * x
    >>> e = y.sum()
    >>> viz.derivation(e, names=dict(y=y))
    ∂e/∂e = 1
    ∂e/∂y = 1₂
    ∂e/∂x = ∂e/∂y ⊙ x + ∂e/∂y ⊙ x
    """
    edge, naming, lift, root, seed = start(tensor, names, loss)
    lines = []

    def visit(e, g):
        name = f"∂{root}/∂{naming.of(e)}"
        if e is edge and not is_one(g):
            return g  # given: nothing to derive
        lines.append(Formula(name, g))
        return g if is_one(g) else named(name, g.value, g.known)

    pull_back([(edge, seed)], retain=True, lift=lift, visit=visit)
    return Derivation(lines)


def formula(tensor: Tensor, wrt: Tensor, names: Mapping | None = None, *, loss: str | None = None):
    """The gradient of `tensor` with respect to `wrt` as one closed expression.

    A gradient that is used more than once (where the graph forks) keeps its name and gets a line
    "where …", so that the formula stays as short as the backward pass.

    Parameters
    ----------
    tensor, names, loss : as in `derivation`.
    wrt : a tensor that `tensor` was computed from.

    Returns
    -------
    A `Formula`.

    Raises
    ------
    DrawingError : for an untracked tensor, or if `tensor` does not depend on `wrt`.
    GraphError : if the saved values were freed; call it before `backward()`, or pass that one
        `retain_graph=True`.

    >>> import numpy as np, autograd_lite as ag, viz
    >>> x = ag.Tensor(np.ones(3), requires_grad=True)
    >>> W = ag.Tensor(np.ones((2, 3)), requires_grad=True)
    >>> h = np.tanh(W @ x)
    >>> viz.formula(h, wrt=x, names=locals())
    ∂e/∂x = Wᵀ (∂e/∂h ⊙ (1 − h²))
    """
    edge, naming, lift, root, seed = start(tensor, names, loss)
    target = getattr(wrt, "_node", None)
    if target is None:
        raise DrawingError("wrt must be a tracked tensor that the result was computed from")

    def visit(e, g):
        if e is target or g.text is not None:
            return g
        return alias(f"∂{root}/∂{naming.of(e)}", g)

    found = pull_back([(edge, seed)], [target], retain=True, lift=lift, visit=visit)
    if target.index not in found:
        raise DrawingError(f"{naming.of(edge)} does not depend on the tensor given as wrt")
    expression = found[target.index][1]
    where = shared_aliases(expression)
    ids = {id(a) for a in where}
    name = f"∂{root}/∂{naming.of(target)}"
    return Formula(name, expression, lambda a: id(a) not in ids, where)


def shared_aliases(expression) -> list[Symbol]:
    """The aliases that the printed expression would repeat, newest definition first."""
    order, seen, stack = [], set(), [(expression, False)]
    while stack:
        s, done = stack.pop()
        if done:
            order.append(s)
        elif id(s) not in seen:
            seen.add(id(s))
            stack.append((s, True))
            stack.extend((child, False) for child in operands(s))
    uses = {id(s): 0 for s in order}
    uses[id(expression)] = 1
    shared = []
    for s in reversed(order):  # every user of s comes before s
        atomic = s.definition is not None and s.definition.text is not None
        if s.definition is not None and uses[id(s)] > 1 and not atomic:
            shared.append(s)
        times = 1 if any(s is t for t in shared) else uses[id(s)]
        for child in operands(s):
            uses[id(child)] += times
    return shared


def operands(s):
    if s.definition is not None:
        return [s.definition]
    found, stack = [], [*s.args, *s.kwargs.values()]
    while stack:
        x = stack.pop()
        if isinstance(x, Symbol):
            found.append(x)
        elif isinstance(x, (tuple, list)):
            stack.extend(x)
    return found
