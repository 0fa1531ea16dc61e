"""Arithmetic, elementary functions, selection."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite import Tensor, functional as F
from autograd_lite.rules import elementwise

MASK = np.array([[True, False, True], [False, True, True]])

# fmt: off
ROWS = [
    # arithmetic
    S(np.add, (3, 2), (2,)), S(np.add, (), (3,)), S(np.subtract, (2,), (3, 1)), S(np.multiply, (2, 1), (1, 3)),
    S(np.multiply, (), ()), S(np.divide, (3, 2), (2,), domain="positive"),
    S(np.power, (3,), (3,), domain="positive"), S(np.power, (3,), Fixed(3)), S(np.power, (3,), Fixed(0)),
    S(np.power, (3,), Fixed(1)), S(np.power, (3,), Fixed(-1.5), domain="positive"), S(np.power, Fixed(2.0), (2, 2)),
    S(np.power, (3,), Fixed(np.array([0.0, 1.0, 2.0]))),
    S(np.float_power, (3,), (3,), domain="positive"),
    S(np.remainder, (3,), (3,), domain="above one", **kinked), S(np.fmod, (3,), (3,), domain="above one", **kinked),
    S(np.negative, (3,)), S(np.positive, (3,)), S(np.copy, (3,)), S(np.absolute, (4,), **kinked), S(np.fabs, (4,), **kinked),
    S(np.square, (3,)), S(np.reciprocal, (3,), domain="positive"),
    S(np.sqrt, (3,), domain="positive"), S(np.cbrt, (3,), domain="positive", **kinked),
    S(np.power, Fixed(np.array([-2.0, 0.5, 1.0])), (3,), domain="complex"), S(np.power, (3,), Fixed(1.5 + 1j), domain="positive", **kinked),
    S(np.modf, (4,), **kinked), S(np.frexp, (4,), part=0, **kinked), S(np.ldexp, (2, 2), Fixed(np.array([3, -1])), **kinked), S(elementwise.shifted, (2,), exponent=np.array([3, -1]), **kinked),
    S(np.divmod, (3,), (3,), domain="above one", part=1, **kinked), S(np.nextafter, (3,), Fixed(9.0), **kinked), S(np.unwrap, (2, 5), axis=0, **kinked),
    S(elementwise.exp_difference, (3,), (3,)),
    # exponential, logarithm
    S(np.exp, (2, 3)), S(np.exp2, (3,)), S(np.expm1, (3,)), S(np.log, (3,), domain="positive"),
    S(np.log2, (3,), domain="positive"), S(np.log10, (3,), domain="positive"), S(np.log1p, (3,), domain="positive"),
    S(np.logaddexp, (3,), (2, 1), **kinked), S(np.logaddexp2, (3,), (2, 1), **kinked),
    # trigonometric, hyperbolic
    S(np.sin, (3,)), S(np.cos, (3,)), S(np.tan, (3,), domain="unit"), S(np.arcsin, (3,), domain="unit"),
    S(np.arccos, (3,), domain="unit"), S(np.arctan, (3,)), S(np.sinh, (3,)), S(np.cosh, (3,)), S(np.tanh, (3,)),
    S(np.arcsinh, (3,)), S(np.arccosh, (3,), domain="above one"), S(np.arctanh, (3,), domain="unit"),
    S(np.arctan2, (3,), (2, 1), **kinked), S(np.hypot, (3,), (2, 1), **kinked), S(np.deg2rad, (3,), **kinked), S(np.rad2deg, (3,), **kinked),
    S(np.copysign, (4,), Fixed(np.array([1.0, -1.0, 1.0, -1.0])), **kinked),
    # selection
    S(np.maximum, (3,), (2, 1), **kinked), S(np.minimum, (3,), (2, 1), **kinked), S(np.fmax, (3,), (2, 1), **kinked),
    S(np.fmin, (3,), (2, 1), **kinked), S(np.maximum, (4,), Fixed(0), **kinked),
    S(np.where, Fixed(MASK), (2, 3), (3,)), S(np.clip, (5,), Fixed(-0.5), Fixed(0.5), **kinked),
    S(np.clip, (2, 5), (5,), (), **kinked), S(np.clip, (5,), Fixed(0.1), Fixed(None), **kinked),
    S(F.relu, (2, 3), **kinked), S(np.nan_to_num, (4,), domain="with nan", nan=7.0, **kinked), S(np.real_if_close, (3,), **kinked),
    S(np.heaviside, Fixed(np.array([-1.0, 0.0, 2.0])), (3,), **kinked), S(np.full_like, Fixed(Tensor(np.zeros(3))), (), **kinked),
]
# fmt: on
