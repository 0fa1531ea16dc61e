"""Who prints the engine's own formula beside a claim: nobody, until a package registers itself."""

from collections.abc import Callable
from typing import Any

printers: list[Callable[[Any, str], Any]] = []


def register(printer: Callable[[Any, str], Any]) -> None:
    """Add a printer.

    printer : called with a `Trace` and the name of an argument; returns an object whose `str` is
        the formula (with `mathml`, if it has that), or None.
    """
    if printer not in printers:
        printers.append(printer)


def printed(trace, name):
    """The formula of the first printer that has one."""
    return next((f for p in printers if (f := p(trace, name)) is not None), None)
