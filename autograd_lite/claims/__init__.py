"""Is a derivative worked out by hand right, and if not, what is wrong with it?

The parts are imported when they are wanted, so that the engine costs no more for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__all__ = ("Diagnosis", "Report", "check_formula")

if TYPE_CHECKING:
    from autograd_lite.claims.check import check_formula as check_formula
    from autograd_lite.claims.report import Diagnosis as Diagnosis, Report as Report
else:
    HOMES = {"check_formula": "check", "Diagnosis": "report", "Report": "report"}

    def __getattr__(name):
        if name not in HOMES:
            raise AttributeError(f"module 'autograd_lite.claims' has no attribute {name!r}")
        return getattr(import_module(f"autograd_lite.claims.{HOMES[name]}"), name)
