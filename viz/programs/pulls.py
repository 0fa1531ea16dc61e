"""The vector–Jacobian product of one operation alone, and the errors of reading a graph."""

from autograd_lite.backward import pull_back
from autograd_lite.errors import GraphError
from viz.errors import DrawingError
from viz.programs.saved import FREED


class readable:
    """Context: what the engine says about freed or overwritten values, as an error of drawings."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if isinstance(error, GraphError):
            raise DrawingError(FREED if "were freed" in str(error) else str(error)) from error


def local(node, seeds, lift=None) -> dict:
    """What one operation alone sends for given gradients of its outputs: {argument: gradient}."""
    found: dict = {}

    def observe(visited, g, sent):
        if visited is node:
            found.update(by_argument(sent))

    targets = [e for e in node.edges if e is not None]
    with readable():
        pull_back(seeds, targets, since=node.index, retain=True, lift=lift, observe=observe,
                  aside=True)  # fmt: skip
    return found


def by_argument(sent) -> dict:
    """What the engine reports of one operation as {argument: contribution}."""
    return {i: c for i, _, c in sent}
