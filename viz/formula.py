"""Closed formulas and line-by-line derivations of gradients, read from the rules."""

from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd_lite import Tensor
from autograd_lite.backward import pull_back
from autograd_lite.graph import outputs_of
from viz.errors import DrawingError
from viz.formulas import latex, mathml, notation, unicode
from viz.formulas.markup import Lines, Math, Row
from viz.formulas.python_form import Python
from viz.formulas.sharing import shared_aliases
from viz.formulas.symbols import Symbol, alias, is_one, named, one
from viz.names import shown
from viz.programs.program import Program
from viz.programs.pulls import readable


@contextmanager
def printable(name):
    """Turns the error of an expression that is nested too deeply into advice."""
    try:
        yield
    except RecursionError:
        raise DrawingError(f"the expression for {name} is too long to print at once; "
                           "viz.derivation prints it line by line") from None  # fmt: skip


class Printed:
    """Something with markup, as Unicode text, LaTeX and MathML."""

    def show(self, math: Math):
        self.text = unicode.write(math)
        self.latex = latex.write(math)
        self.mathml = mathml.write(math)

    def __str__(self):
        return self.text

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": self.text, "text/latex": f"$\\displaystyle {self.latex}$"}


class Formula(Printed):
    """One gradient as an expression. `str()` of it is Unicode text.

    Attributes
    ----------
    name : what is computed, "∂e/∂x"; tensor : what for, "x".
    shape, dtype : of the gradient.
    text : the equation, with its lines "where …"; latex : the same for math mode, without $ around;
        mathml : the same as one `<math>` element.
    python : the expression as Python, for `eval` with `values` (and `np`) as names.
    values : the arrays (and the few functions that NumPy does not have) that `python` names.
    missing : names in `python` whose values were not kept; pass them to `evaluate`.
    """

    def __init__(self, name: str, expression: Symbol, inlined=lambda alias: False, where=(),
                 shapes=False, tensor=""):  # fmt: skip
        self.name = name
        self.tensor = tensor
        self.shape, self.dtype = expression.shape, expression.dtype
        with printable(name):
            left = notation.markup(named(name, expression.value), shapes=shapes)
            self.rows = [(left, notation.markup(expression, inlined, shapes))]
            for a in where:
                left = Row((notation.text("  where "), notation.markup(a, shapes=shapes)))
                self.rows.append((left, notation.markup(a.definition, inlined, shapes)))
            self.show(Lines(tuple(self.rows)) if where else notation.equation(*self.rows[0]))
            printer = Python(inlined)
            self.python = printer.text(expression)
        self.values: dict[str, Any] = {**printer.values, **printer.functions}
        self.missing = frozenset(printer.unknown)

    def evaluate(self, /, **values) -> np.ndarray:
        """The Python form, evaluated by NumPy, with the dtype of the gradient. `values` replaces
        or adds named arrays.

        Raises
        ------
        DrawingError : if the value of a name was not kept and is not given, or for a name that the
            Python form does not have.
        """
        known = self.values.keys() | self.missing
        if unknown := sorted(values.keys() - known):
            raise DrawingError(f"{self.name} has no {', '.join(unknown)}; the names in it are "
                               f"{', '.join(sorted(known)) or 'none'}")  # fmt: skip
        lacking = self.missing - values.keys()
        if lacking:
            raise DrawingError(
                f"the values of {', '.join(sorted(lacking))} were not kept by the forward pass; "
                "give them as keyword arguments, or name the tensors with names=locals()"
            )
        with np.errstate(all="ignore"):
            result = eval(self.python, {"np": np, **self.values, **values})
        return np.asarray(result, self.dtype)


class Derivation(Printed):
    """The whole backward pass, one `Formula` for each tensor, in the order of the engine.

    Attributes
    ----------
    lines : the formulas; `derivation["x"]` or `derivation[x]` is the one for x, `derivation[0]`
        the first.
    text, latex, mathml : as of a `Formula`, one below the other; in LaTeX an aligned block.
    """

    def __init__(self, lines: list[Formula], program: Program):
        self.lines = lines
        self.program = program
        self.show(Lines(tuple(row for line in lines for row in line.rows)))

    def __iter__(self):
        return iter(self.lines)

    def __len__(self):
        return len(self.lines)

    def __getitem__(self, name):
        """The line of a tensor, given as itself or by its name; or lines by position."""
        if isinstance(name, int | np.integer | slice):
            return self.lines[name]
        if not isinstance(name, str):
            name = self.program.names.of(place_of(self.program, name))
        found = [f for f in self.lines if f.tensor == shown(name)]
        if not found:
            raise DrawingError(f"no gradient of {name!r} here; the tensors are "
                               f"{', '.join(f.tensor for f in self.lines)}")  # fmt: skip
        return found[0]


def start(tensor, names, expand, loss):
    """The program that computed a tensor, and the seed of its symbolic backward pass."""
    if isinstance(tensor, list | tuple):
        raise DrawingError("a formula needs one tensor; for several, add them up or ask for each")
    program = Program(tensor, names, expand=expand, loss=loss)
    root = program.roots[0]
    if program.seeded:
        return program, root, one(np.ones(root.shape, root.dtype))
    return program, root, named(program.gradient(root), np.ones(root.shape, root.dtype))


def derivation(
    tensor: Tensor,
    names: Mapping | None = None,
    *,
    expand: str | Iterable[str] | bool = (),
    loss: str | None = None,
    shapes: bool = False,
) -> Derivation:
    """The backward pass of `tensor` line by line: the gradient of each tensor from later ones.

    Parameters
    ----------
    tensor : where the backward pass starts; one number, or any shape (then its own gradient is
        taken as given, and `loss` is the letter for what is differentiated: ∂e/∂y).
    names : mapping from names to tensors, such as `locals()`.
    expand : names of fused operations to take apart; True for all.
    shapes : write below each factor its shape.

    Returns
    -------
    A `Derivation`: prints as text, iterates over `Formula` objects.

    Raises
    ------
    DrawingError : for an untracked tensor, or if the saved values were freed by `backward()` and
        the forward pass was not recorded (`viz.record`).

    >>> import autograd_lite as ag, viz
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> y = x * x
    >>> e = y.sum()
    >>> viz.derivation(e, names=dict(y=y))
    ∂e/∂e = 1
    ∂e/∂y = 1₂
    ∂e/∂x = 2 ∂e/∂y ⊙ x
    """
    program, root, seed = start(tensor, names, expand, loss)
    lines = []

    def visit(e, g):
        reading.visited(e)
        name = program.gradient(e)
        if e is root and not is_one(g):
            return g  # given: nothing to derive
        lines.append(Formula(name, g, shapes=shapes, tensor=program.names.of(e)))
        return g if is_one(g) else named(name, g.value, g.known)

    with readable() as reading:
        pull_back([(root, seed)], retain=True, lift=program.lift, visit=visit, aside=True)
    return Derivation(lines, program)


def formula(
    tensor: Tensor,
    wrt: Tensor | str,
    names: Mapping | None = None,
    *,
    expand: str | Iterable[str] | bool = (),
    loss: str | None = None,
    shapes: bool = False,
) -> Formula:
    """The gradient of `tensor` with respect to `wrt` as one closed expression.

    A gradient that is used more than once (where the graph forks) keeps its name and gets a line
    "where …", so that the formula stays as short as the backward pass.

    Notation: a space is a matrix product, ⊙ a product entry by entry and X^⊙2 such a square of a
    matrix, ⟨ ⟩ an inner product, Σ₀ a sum over axis 0, 1[…] a condition as numbers, 1₂ₓ₃ an array
    of ones, z̄ and conj(…) a complex conjugate, Wᴴ a conjugate transpose. The gradient of a complex
    tensor z is that of `z.grad`: ∂e/∂z stands for ∂e/∂Re z + i ∂e/∂Im z. Hooks are left out.

    Parameters
    ----------
    tensor, names, expand, loss, shapes : as in `derivation`.
    wrt : a tensor that `tensor` was computed from, or its name.

    Returns
    -------
    A `Formula`.

    Raises
    ------
    DrawingError : for an untracked tensor, if `tensor` does not depend on `wrt`, or if the saved
        values were freed: call it before `backward()`, pass that one `retain_graph=True`, or
        record the forward pass (`viz.record`).

    >>> import numpy as np, autograd_lite as ag, viz
    >>> x = ag.Tensor(np.ones(3), requires_grad=True)
    >>> W = ag.Tensor(np.ones((2, 3)), requires_grad=True)
    >>> h = np.tanh(W @ x)
    >>> viz.formula(h, wrt=x, names=locals())
    ∂e/∂x = Wᵀ (∂e/∂h ⊙ (1 − h²))
    """
    program, root, seed = start(tensor, names, expand, loss)
    target = place_of(program, wrt)

    def visit(e, g):
        reading.visited(e)
        if e is target or g.text is not None:
            return g
        return alias(program.gradient(e), g)

    name, lift = program.gradient(target), program.lift
    with printable(name), readable() as reading:
        found = pull_back([(root, seed)], [target], retain=True, lift=lift, visit=visit, aside=True)
    if target.index not in found:
        raise DrawingError(f"no gradient arrives at {program.names.of(target)}: the rule of an "
                           "operation on the way sends none")  # fmt: skip
    expression = found[target.index][1]
    where = shared_aliases(expression)
    ids = {id(a) for a in where}
    return Formula(name, expression, lambda a: id(a) not in ids, where, shapes,
                   program.names.of(target))  # fmt: skip


def place_of(program: Program, wrt: Any):
    """The edge of a tensor given as itself or by its name."""
    edges = {e.index: e for n in program.nodes for e in outputs_of(n) if e is not None}
    if isinstance(wrt, str):
        by_name = {program.names.of(e): e for e in edges.values()}
        if (edge := by_name.get(shown(wrt))) is None:
            raise DrawingError(f"no tensor of this graph is called {wrt!r}; there are "
                               f"{', '.join(list(by_name)[:10])}")  # fmt: skip
        return edge
    edge = getattr(wrt, "_node", None)
    if edge is None:
        raise DrawingError("wrt must be a tracked tensor that the result was computed from")
    edge = program.moved.get(edge.index, edge)
    if edge.index not in edges:
        name = program.names.of(program.roots[0])
        raise DrawingError(f"{name} does not depend on the tensor given as wrt")
    return edge
