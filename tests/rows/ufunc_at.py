"""`at` of ufuncs: what a copy of the first operand becomes."""

import numpy as np
from sampling import Fixed, Sample


class At(Sample):
    def calling(self, function):
        def call(*arrays):
            a, *rest = self.arguments(arrays)
            a = np.copy(a)
            function(a, *rest)
            return a

        return call


def at(ufunc, *specs, **options):
    return At(ufunc.at, specs, analytic=False, **options)


TWICE = Fixed(np.array([2, 0, 2, 2]))
# fmt: off
ROWS = [
    at(np.add, (3,), TWICE, (4,)), at(np.add, (3, 2), Fixed((slice(1, None), 0)), ()), at(np.subtract, (3, 2), TWICE, (2,)),
    at(np.multiply, (3,), TWICE, (4,)), at(np.divide, (3,), TWICE, (4,), domain="positive"), at(np.multiply, (2, 3), Fixed(np.array([1, 1])), (2, 3)),
    at(np.maximum, (3,), TWICE, (4,)), at(np.minimum, (2, 3), Fixed((np.array([0, 0]), np.array([1, 1]))), (2,)),
    at(np.logaddexp, (3,), TWICE, (4,)), at(np.logaddexp2, (3,), TWICE, ()),
]
# fmt: on
