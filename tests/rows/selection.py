"""Selecting entries by place, condition or value."""

import numpy as np
from sampling import Fixed, S, Sample, kinked

PLACES = np.array([[2, 0], [1, 1]])
LOW, HIGH = np.array([True, False, False]), np.array([[True, True, False], [False, True, False]])


class First(Sample):
    """The first result alone; the others are integers."""

    def call(self, *arrays):
        return super().call(*arrays)[0]


class Twice(Sample):
    """The same array as both arguments, so that entries stay equal when it changes."""

    def arguments(self, arrays):
        return [*arrays, *arrays]


def framed(x):
    return np.trim_zeros(np.concatenate([[0.0], x, [0.0, 0.0]]))


def norm(v):
    return np.sqrt(np.sum(v * v))


def moments(v, power):
    return np.stack([np.sum(v**power), np.sum(v)])


# fmt: off
ROWS = [
    S(np.take, (2, 3), Fixed(PLACES), axis=1), S(np.take, (2, 3), Fixed(4)), S(np.take, (3,), Fixed([-4, 7]), mode="wrap"), S(np.take, (3, 2), Fixed([-4, 7]), mode="clip", axis=0),
    S(np.take_along_axis, (2, 3), Fixed(PLACES), axis=1), S(np.take_along_axis, (1, 3), Fixed(PLACES), axis=-1), S(np.take_along_axis, (2, 2), Fixed(np.array([3, 0])), axis=None),
    S(np.compress, Fixed([True, False, True]), (2, 3), axis=1), S(np.compress, Fixed([0, 1, 1]), (2, 3)), S(np.extract, Fixed(HIGH), (2, 3)),
    S(np.select, Fixed([LOW, HIGH]), [(3,), ()], default=2.0), S(np.select, Fixed([HIGH]), [(2, 3)]),
    S(np.choose, Fixed(np.array([1, 0, 2])), [(3,), (2, 1), ()]), S(np.choose, Fixed(PLACES), [(2, 2), (2,)], mode="wrap"),
    S(np.trim_zeros, (3,)), S(framed, (2,)),
    S(np.unique, (2, 3), domain="distinct", **kinked), S(np.unique, (3, 2), axis=0, domain="distinct", **kinked),
    First(np.unique, ((6,),), dict(return_index=True, return_counts=True), "distinct", analytic=False), S(np.unique_values, (1,), **kinked),
    *[First(f, ((6,),), domain="distinct", analytic=False) for f in (np.unique_all, np.unique_counts, np.unique_inverse)],
    S(np.union1d, (2,), (3,), **kinked), S(np.setdiff1d, (2, 2), Fixed(np.ones(2)), **kinked), S(np.setxor1d, (3,), (4,), **kinked),
    Twice(np.intersect1d, ((6,),), domain="distinct", analytic=False),
    S(np.apply_along_axis, Fixed(norm), Fixed(1), (2, 3)), S(np.apply_along_axis, Fixed(moments), Fixed(0), (3, 2), power=2),
    S(np.lib.stride_tricks.sliding_window_view, (4, 2), Fixed(3), axis=0), S(np.lib.stride_tricks.sliding_window_view, (3, 3), Fixed((2, 1))),
    S(np.apply_over_axes, Fixed(np.sum), (2, 3, 2), Fixed([0, -1])),
]
# fmt: on
