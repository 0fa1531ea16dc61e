"""The vector–Jacobian product of one operation alone, and the errors of reading a graph."""

from autograd_lite.backward import pull_back
from autograd_lite.errors import GraphError, RuleError
from viz.errors import DrawingError
from viz.formulas.symbols import HOW
from viz.programs.saved import FREED


class readable:
    """Context: what goes wrong in reading a graph, as an error of drawings.

    The engine's own errors are those of freed or overwritten values. Where rules run on symbols,
    `operation` is the name of the one whose rule runs, and whatever fails in it is a rule that
    cannot be printed.
    """

    def __init__(self, operation: str = ""):
        self.operation = operation

    def __enter__(self):
        return self

    def visited(self, edge):
        """The rule of the operation that made this tensor is the next to run."""
        self.operation = edge.node.op.name if edge.node.op is not None else self.operation

    def __exit__(self, kind, error, traceback):
        name = self.operation
        if isinstance(error, GraphError):
            raise DrawingError(FREED if "were freed" in str(error) else str(error)) from error
        if not name or not isinstance(error, Exception) or isinstance(error, RecursionError):
            return
        if isinstance(error, DrawingError | RuleError):
            text = str(error)
            raise DrawingError(text if text.startswith(name) else f"{name}: {text}") from error
        raise DrawingError(f"{name}: its rule cannot be printed ({type(error).__name__}: {error}); "
                           f"{HOW}") from error  # fmt: skip


def local(node, seeds, lift=None) -> dict:
    """What one operation alone sends for given gradients of its outputs: {argument: gradient}."""
    found: dict = {}

    def observe(visited, g, sent):
        if visited is node:
            found.update(by_argument(sent))

    targets = [e for e in node.edges if e is not None]
    with readable(node.op.name if lift is not None else ""):
        pull_back(seeds, targets, since=node.index, retain=True, lift=lift, observe=observe,
                  aside=True)  # fmt: skip
    return found


def by_argument(sent) -> dict:
    """What the engine reports of one operation as {argument: contribution}."""
    return {i: c for i, _, c in sent}
