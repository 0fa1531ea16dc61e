"""Reverse-mode automatic differentiation on NumPy."""

from autograd_lite import functional as functional
from autograd_lite.recording import detect_anomaly as detect_anomaly, no_grad as no_grad
from autograd_lite.registry import NONDIFF as NONDIFF, fused as fused, rule as rule
from autograd_lite.tensor import Tensor as Tensor, asarray as asarray
