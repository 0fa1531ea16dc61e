"""An axis that does not exist is refused; its remainder by the number of axes would be another."""

import inspect

import numpy as np
import pytest
from samples import SAMPLES

from autograd_lite import Tensor
from autograd_lite.operands import plain


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


OF_ONE_ARRAY = {s.function for s in SAMPLES if takes_axis(s) and len(s.specs) == 1}


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("tracked", [True, False])
@pytest.mark.parametrize("function", sorted(OF_ONE_ARRAY, key=str), ids=lambda f: f.__name__)
def test_an_axis_of_a_number_is_refused_where_numpy_refuses_it(function, tracked, axis):
    number = np.array(0.7)
    try:
        expected = function(number, axis=axis)
    except (TypeError, ValueError, IndexError):
        with pytest.raises((TypeError, ValueError, IndexError)):
            function(Tensor(number, tracked), axis=axis)
    else:
        found = function(Tensor(number, tracked), axis=axis)
        np.testing.assert_array_equal(plain(found), expected)
