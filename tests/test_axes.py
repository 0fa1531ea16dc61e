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


@pytest.mark.parametrize("axis", [7, -9])
@pytest.mark.parametrize("sample", [s for s in SAMPLES if takes_axis(s)], ids=str)
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
