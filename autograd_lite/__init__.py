"""Reverse-mode automatic differentiation on NumPy.

A derivative rule is written once, as a line of plain NumPy, and is read in three ways: on arrays
it computes gradients, on Tensors it records itself (higher derivatives), on symbols it prints the
formula. From the bottom up: `shapes`, `registry`, `rules`, `graph`, `recording`, `tensor`,
`transforms`. Drawings and formulas are in the package `viz` beside this one.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from autograd_lite import errors as errors, functional as functional
from autograd_lite.checking import check_grads as check_grads
from autograd_lite.higher import checkpoint as checkpoint
from autograd_lite.memory import keep_freed_memory
from autograd_lite.modes import (
    detect_anomaly as detect_anomaly,
    named_scope as named_scope,
    no_grad as no_grad,
)
from autograd_lite.registry import NONDIFF as NONDIFF, fused as fused, rule as rule
from autograd_lite.tensor import Tensor as Tensor, asarray as asarray
from autograd_lite.transforms import (
    grad as grad,
    gradients as gradients,
    hessian as hessian,
    hvp as hvp,
    jacobian as jacobian,
    jvp as jvp,
    value_and_grad as value_and_grad,
    vjp as vjp,
)

keep_freed_memory()
__version__ = "0.1.0"
# without the standard's names, some of which are those of built-in functions
__all__ = (
    "NONDIFF", "Tensor", "asarray", "check_formula", "check_grads", "checkpoint",
    "detect_anomaly", "errors", "functional", "fused", "grad", "gradients", "hessian", "hvp",
    "jacobian", "jvp", "named_scope", "no_grad", "rule", "value_and_grad", "vjp",
)  # fmt: skip

if TYPE_CHECKING:
    from autograd_lite import data as data, fft as fft, linalg as linalg, nn as nn, optim as optim
    from autograd_lite.claims import check_formula as check_formula
    from autograd_lite.standard.main import *  # noqa: F403
else:
    LATER = ("data", "fft", "linalg", "nn", "optim")  # imported when they are wanted

    def __getattr__(name):
        """The names of the array API standard, made when the first of them is wanted."""
        if name in LATER:
            return import_module(f"autograd_lite.{name}")
        if name == "check_formula":
            return import_module("autograd_lite.claims").check_formula
        found = import_module("autograd_lite.standard.main").found
        if name not in found:
            raise AttributeError(f"module 'autograd_lite' has no attribute {name!r}")
        globals().update(found)
        return found[name]

    def __dir__():
        found = import_module("autograd_lite.standard.main").found
        return {*globals(), *found, *LATER, "check_formula"}
