"""An axis that does not exist is refused; its remainder by the number of axes would be another."""

import inspect

import numpy as np
import pytest
from samples import SAMPLES

from autograd_lite import Tensor


def takes_axis(sample):
    try:
        return "axis" in inspect.signature(sample.function).parameters
    except ValueError:  # a function written in C that does not say
        return "axis" in sample.kwargs


# compositions that compute with axis % ndim
REMAINDERS = "compress diff gradient repeat take take_along_axis trapezoid trim_zeros".split()  # noqa: SIM905
wraps = pytest.mark.xfail(reason="the axis is taken modulo the number of axes")


def marked(names):
    """Test parameters, those of functions in REMAINDERS marked as failing."""
    known = [(x, getattr(getattr(x, "function", None), "__name__", x)) for x in names]
    return [pytest.param(x, marks=wraps if n in REMAINDERS else (), id=str(x)) for x, n in known]


@pytest.mark.parametrize("axis", [7, -9])
@pytest.mark.parametrize("sample", marked(s for s in SAMPLES if takes_axis(s)))
def test_an_axis_that_does_not_exist_is_refused(sample, axis):
    kwargs, arrays = {**sample.kwargs, "axis": axis}, sample.arrays()
    try:
        sample.function(*sample.arguments(arrays), **kwargs)
    except (TypeError, ValueError, IndexError):
        tensors = [Tensor(a, requires_grad=True) for a in arrays]
        with pytest.raises((TypeError, ValueError, IndexError)):
            sample.function(*sample.arguments(tensors), **kwargs)
    else:  # NumPy ignores the axis, as for an array without axes
        assert any(np.ndim(a) < 2 for a in arrays)
