"""What a row of `samples` is: how to call an operation, on which shapes, in which domain.

A tuple stands for a random float array of that shape, a list of tuples for a list of them, and
`Fixed(value)` for an argument that is no subject of differentiation.
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np


def ordinals(shape):
    return np.arange(math.prod(shape)).reshape(shape)


def definite(a):
    """Symmetric positive definite matrices with eigenvalues well apart."""
    n = a.shape[-1]
    return a @ np.matrix_transpose(a) / n + np.diag(np.arange(1.0, n + 1))


DOMAINS = {
    "real": lambda rng, shape: rng.standard_normal(shape) + 0.1,
    "positive": lambda rng, shape: rng.uniform(0.5, 2.0, shape),
    "unit": lambda rng, shape: rng.uniform(-0.9, 0.9, shape),
    "above one": lambda rng, shape: rng.uniform(1.2, 3.0, shape),
    "distinct": lambda rng, shape: rng.permuted(ordinals(shape), axis=None) / 3 - 1.0,
    "with zeros": lambda rng, shape: rng.standard_normal(shape) * (ordinals(shape) % 3 > 0),
    "definite": lambda rng, shape: definite(rng.standard_normal(shape)),
    "increasing": lambda rng, shape: ordinals(shape) + rng.uniform(0.1, 0.4, shape),
    "unit interval": lambda rng, shape: rng.uniform(0.05, 0.95, shape),
    "with nan": lambda rng, shape: np.where(
        ordinals(shape) % 3 == 1, np.nan, rng.standard_normal(shape)
    ),
    "complex": lambda rng, shape: rng.standard_normal(shape) + 1j * rng.standard_normal(shape),
}  # fmt: skip

READ_ONE_TRIANGLE = {np.linalg.cholesky, np.linalg.eigh, np.linalg.eigvalsh}


@dataclass
class Fixed:
    value: Any


@dataclass
class Sample:
    function: Any
    specs: tuple
    kwargs: dict = field(default_factory=dict)
    domain: str = "real"
    analytic: bool = True  # the complex step applies
    order: int = 2
    phased: bool = False  # a complex result has an arbitrary phase: its rule has tests of its own
    part: int | None = None  # which of several results: the others have no derivative

    def __str__(self):
        specs = [s.value if isinstance(s, Fixed) else s for s in self.specs]
        parts = [word(s) for s in specs] + [f"{k}={word(v)}" for k, v in self.kwargs.items()]
        return f"{word(self.function)}({', '.join(parts)})"[:70].replace("\n", " ")

    def arrays(self, seed=0):
        """The arrays to differentiate, in order, flat."""
        rng = np.random.default_rng(seed)
        draw = DOMAINS[self.domain]
        return [draw(rng, shape) for spec in self.specs for shape in shapes_in(spec)]

    def complex_arrays(self):
        """The same with an imaginary part."""
        rng = np.random.default_rng(2)
        return [a + 1j * rng.uniform(-0.5, 0.5, a.shape) for a in self.arrays()]

    def call(self, *arrays):
        """The function on these arrays (or Tensors), put where the row has shapes."""
        return self.calling(self.function)(*arrays)

    def calling(self, function):
        """The row's call, of another function of the same arguments."""
        if self.part is None:
            return lambda *arrays: function(*self.arguments(arrays), **self.kwargs)
        return lambda *arrays: function(*self.arguments(arrays), **self.kwargs)[self.part]

    def symmetrized(self, function):
        """The same; if one triangle of a matrix is read, then of the symmetric part of a matrix.

        Libraries differ in what the gradient is where a triangle is not read.
        """
        call = self.calling(function)
        if self.function in READ_ONE_TRIANGLE or self.kwargs.get("hermitian"):
            return lambda x: call((x + x.swapaxes(-1, -2)) / 2)
        return call

    def arguments(self, arrays):
        rest = iter(arrays)
        args = []
        for spec in self.specs:
            if isinstance(spec, Fixed):
                args.append(spec.value)
            elif isinstance(spec, list):
                args.append([next(rest) for _ in spec])
            else:
                args.append(next(rest))
        return args


def word(value):
    """How a name of a test writes a value: a function, also of np.add.reduce, by its name."""
    if not callable(value):
        return repr(value)
    of = getattr(value, "__self__", None)
    name = getattr(value, "__name__", str(value))
    return f"{of.__name__}.{name}" if isinstance(of, np.ufunc) else name


def shapes_in(spec):
    if isinstance(spec, Fixed):
        return []
    return spec if isinstance(spec, list) else [spec]


def real(x):
    """A loss is real: of a complex number both parts count."""
    return np.real(x) + 2.0 * np.imag(x) if x.dtype.kind == "c" else x


def row(function, *specs, domain="real", analytic=True, order=2, phased=False,
        part=None, **kwargs):  # fmt: skip
    return Sample(function, specs, kwargs, domain, analytic, order, phased, part)


S = row
kinked = dict(analytic=False)
