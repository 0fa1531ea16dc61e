"""Where a derivative jumps, is infinite or does not exist: what the engine gives there.

One table; each row is an expression, the point, and the gradient that is documented. Where nothing
else is said the policy is: ties share equally, a norm at 0 has the gradient 0, an end of a piece
has the slope of the piece to its right, and an infinite slope is infinite.
"""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, functional as F

INF, NAN = np.inf, np.nan
HALF, THIRD = 1 / 2, 1 / 3

TABLE = {
    # elementwise
    "abs at 0": (np.absolute, [0.0], [0.0]),
    "fabs at 0": (np.fabs, [0.0], [0.0]),
    "sign at 0": (lambda x: np.sign(x) * x, [0.0], [0.0]),
    "relu at 0": (F.relu, [0.0], [0.0]),
    "clip at its bounds": (lambda x: np.clip(x, 1.0, 2.0), [1.0, 2.0, 3.0], [1.0, 1.0, 0.0]),
    "maximum of equals": (lambda x: np.maximum(x, 1.0), [1.0, 2.0], [HALF, 1.0]),
    "minimum of equals": (lambda x: np.minimum(x, 1.0), [1.0, 2.0], [HALF, 0.0]),
    "fmax of equals and NaN": (lambda x: np.fmax(x, [1.0, NAN]), [1.0, 2.0], [HALF, 1.0]),
    "maximum of itself": (lambda x: np.maximum(x, x), [1.0], [1.0]),
    "heaviside at 0": (lambda x: np.heaviside(x, HALF) * x, [0.0, 2.0], [HALF, 1.0]),
    "sqrt at 0": (np.sqrt, [0.0], [INF]),
    "cbrt at 0": (np.cbrt, [0.0], [INF]),
    "hypot at 0": (lambda x: np.hypot(x, 0.0), [0.0, -2.0], [0.0, -1.0]),
    "hypot of itself at 0": (lambda x: np.hypot(x, x), [0.0], [0.0]),
    "arctan2 at 0": (lambda x: np.arctan2(x, 0.0), [0.0], [0.0]),
    "arctan2 of tiny numbers": (lambda x: np.arctan2(x, 1e-200), [1e-200], [5e199]),
    "arctan2 of huge numbers": (lambda x: np.arctan2(x, 1e200), [1e200], [5e-201]),
    "a phase at infinity": (lambda x: np.real(np.sign(x + 1j)), [INF, -INF], [0.0, 0.0]),
    "sinc at 0": (np.sinc, [0.0], [0.0]),
    "slope of sinc at 0": (
        lambda x: ag.grad(lambda t: np.sum(np.sinc(t)))(x),
        [0.0],
        [-(np.pi**2) / 3],
    ),
    "copysign at 0": (lambda x: np.copysign(x, 1.0), [0.0, -2.0], [1.0, -1.0]),
    "the sign's source": (lambda x: np.copysign(2.0, x) * x, [-3.0], [-2.0]),
    "floor": (lambda x: np.floor(x) * x, [1.0, 1.5], [1.0, 1.0]),
    "remainder of almost a multiple": (lambda b: np.remainder(1.0, b), [0.1], [-9.0]),
    "fmod of almost a multiple": (lambda b: np.fmod(-1.0, b), [0.1], [9.0]),
    "remainder at a multiple": (lambda x: x % 2.0, [4.0], [1.0]),
    # powers
    "x to the 0 at 0": (lambda x: x**0, [0.0, 2.0], [0.0, 0.0]),
    "x to the 1 at 0": (lambda x: x**1, [0.0], [1.0]),
    "x to an array at 0": (
        lambda x: x ** np.array([0.0, 1.0, 2.0, HALF]),
        [0.0] * 4,
        [0.0, 1.0, 0.0, INF],
    ),
    "0 to the x": (lambda x: 0.0**x, [0.0, 2.0], [0.0, 0.0]),
    "0 to a negative x": (lambda x: 0.0**x, [-1.0], [-INF]),
    "a negative base": (lambda x: x**3.0, [-2.0], [12.0]),
    "an exponent of a negative base": (lambda x: np.power(-2.0, x), [2.0], [NAN]),
    "1/x at 0": (np.reciprocal, [0.0], [-INF]),
    "log at 0": (np.log, [0.0], [INF]),
    # sums of exponentials
    "logaddexp of equals": (lambda x: np.logaddexp(x, 1.0), [1.0], [HALF]),
    "logaddexp, both -inf": (lambda x: np.logaddexp(x, -INF), [-INF, 2.0], [0.0, 1.0]),
    "logaddexp, one inf": (lambda x: np.logaddexp(x, 3.0), [INF, -INF], [1.0, 0.0]),
    "logaddexp, both inf": (lambda x: np.logaddexp(x, INF), [INF, 2.0], [1.0, 0.0]),
    "logaddexp2 of -inf": (lambda x: np.logaddexp2(x, -INF), [-INF, 2.0], [0.0, 1.0]),
    "logaddexp.reduce with -inf": (np.logaddexp.reduce, [-INF, 2.0, -INF], [0.0, 1.0, 0.0]),
    "all -inf": (np.logaddexp.reduce, [-INF, -INF], [0.0, 0.0]),
    "logsumexp, all -inf": (F.logsumexp, [-INF, -INF], [NAN, NAN]),
    # reductions
    "ties of a maximum": (np.max, [3.0, 1.0, 3.0, 3.0], [THIRD, 0.0, THIRD, THIRD]),
    "ties of a minimum": (np.min, [1.0, 3.0, 1.0], [HALF, 0.0, HALF]),
    "ties beside initial": (lambda x: np.max(x, initial=3.0), [3.0, 1.0], [1.0, 0.0]),
    "initial is the maximum": (lambda x: np.max(x, initial=4.0), [3.0, 1.0], [0.0, 0.0]),
    "ptp of ties": (np.ptp, [1.0, 3.0, 3.0], [-1.0, HALF, HALF]),
    "ptp of equals": (np.ptp, [2.0, 2.0], [0.0, 0.0]),
    "nanmax": (np.nanmax, [NAN, 2.0, 2.0], [0.0, HALF, HALF]),
    "NaN left out": (np.nanmean, [NAN, 2.0, 4.0], [0.0, HALF, HALF]),
    "prod with a zero": (np.prod, [0.0, 2.0, 3.0], [6.0, 0.0, 0.0]),
    "prod with zeros": (np.prod, [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]),
    "cumprod with zeros": (np.cumprod, [2.0, 0.0, 3.0, 0.0], [1.0, 8.0, 0.0, 0.0]),
    "var of one value": (np.var, [3.0], [0.0]),
    "std of a constant": (np.std, [2.0, 2.0, 2.0], [0.0, 0.0, 0.0]),
    "std of one value": (np.std, [3.0], [0.0]),
    "nanstd of a constant": (np.nanstd, [2.0, NAN, 2.0], [0.0, 0.0, 0.0]),
    # running extrema: each tie halves
    "maximum.accumulate": (
        np.maximum.accumulate,
        [1.0, 3.0, 3.0, 2.0],
        [1.0, 1.0 + HALF + HALF, 1.0, 0.0],
    ),
    # order statistics: of equal entries the first
    "median of ties": (np.median, [2.0, 2.0, 2.0], [0.0, 1.0, 0.0]),
    "median of an even number": (np.median, [4.0, 1.0], [HALF, HALF]),
    "sort of ties": (
        lambda x: np.sort(x, stable=True) * [1.0, 2.0, 3.0],
        [5.0, 5.0, 1.0],
        [2.0, 3.0, 1.0],
    ),
    "quantile at an entry": (lambda x: np.quantile(x, HALF), [1.0, 2.0, 4.0], [0.0, 1.0, 0.0]),
    "a quantile's q at an entry": (
        lambda q: np.quantile([1.0, 2.0, 4.0], q),
        [0.0, HALF, 1.0],
        [2.0, 4.0, 0.0],
    ),
    "a quantile's q, always an entry": (
        lambda q: np.quantile([1.0, 2.0, 4.0], q, method="lower"),
        [0.3],
        [0.0],
    ),
    "interp at a point": (
        lambda x: np.interp(x, [0.0, 1.0, 3.0], [0.0, 2.0, 3.0]),
        [0.0, 1.0, 3.0],
        [2.0, HALF, HALF],
    ),
    "interp beyond the ends": (
        lambda x: np.interp(x, [0.0, 1.0], [0.0, 2.0]),
        [-1.0, 2.0],
        [0.0, 0.0],
    ),
    "nan_to_num": (np.nan_to_num, [1.0, NAN, INF], [1.0, 0.0, 0.0]),
    "unwrap": (np.unwrap, [0.0, 4.0, 8.0], [1.0, 1.0, 1.0]),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_gradient_is_the_documented_one(name):
    f, point, expected = TABLE[name]
    x = Tensor(point, requires_grad=True)
    with np.errstate(all="ignore"):
        np.sum(f(x)).backward()
    np.testing.assert_allclose(x.grad, expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["hypot at 0", "std of a constant", "logaddexp, both -inf",
                                  "prod with zeros", "cumprod with zeros", "all -inf",
                                  "sinc at 0", "clip at its bounds"])  # fmt: skip
def test_no_warning_and_no_nan_in_the_second_derivative(name):
    f, point, _ = TABLE[name]
    second = ag.hessian(lambda x: np.sum(f(x)))(np.array(point))
    assert not np.isnan(second.data).any()
