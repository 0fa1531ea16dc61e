"""The engine's formula beside a claim in the reports of `ag.check_formula`."""

from autograd_lite.claims import printing
from viz.errors import DrawingError
from viz.formula import Formula, formula


def printed(trace, name) -> Formula | None:
    """The formula of the derivative by an argument, in the names of the checked function."""
    try:
        return formula(trace.result, trace.inputs[name], {**trace.constants, **trace.local})
    except DrawingError:
        return None


printing.register(printed)
