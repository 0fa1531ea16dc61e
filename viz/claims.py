"""The engine's formula beside a claim in the reports of `ag.check_formula`."""

from autograd_lite.claims.report import register
from autograd_lite.claims.words import name_of
from viz.errors import DrawingError
from viz.formula import Formula, formula


def printed(trace, name) -> Formula | None:
    """The formula of the derivative by an argument, in the words of the rest of the report."""
    for node in trace.nodes:
        if node.outputs is None and node.name is None:
            node.name = name_of(trace, node)
    try:
        return formula(trace.result, trace.inputs[name], {**trace.constants, **trace.local})
    except DrawingError:
        return None


register(printed)
