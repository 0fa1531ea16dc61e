"""One row for each operation: how to call it, on which shapes, in which domain.

A tuple stands for a random float array of that shape, a list of tuples for a list of them, and
`Fixed(value)` for an argument that is no subject of differentiation. The rows feed every test in
`test_rules.py`; a new operation needs a rule line and a row here, and nothing else.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd_lite import Tensor, functional as F
from autograd_lite.rules import activations, casting, indexing, reductions, shaping

DOMAINS = {
    "real": lambda rng, shape: rng.standard_normal(shape) + 0.1,
    "positive": lambda rng, shape: rng.uniform(0.5, 2.0, shape),
    "unit": lambda rng, shape: rng.uniform(-0.9, 0.9, shape),
    "above one": lambda rng, shape: rng.uniform(1.2, 3.0, shape),
    "distinct": lambda rng, shape: rng.permutation(int(np.prod(shape))).reshape(shape) / 3 - 1.0,
    "with zeros": lambda rng, shape: rng.standard_normal(shape) * (np.arange(int(np.prod(shape))).reshape(shape) % 3 > 0),
}  # fmt: skip


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

    def __str__(self):
        name = getattr(self.function, "__name__", str(self.function))
        specs = [s.value if isinstance(s, Fixed) else s for s in self.specs]
        parts = [repr(s) for s in specs] + [f"{k}={v!r}" for k, v in self.kwargs.items()]
        return f"{name}({', '.join(parts)})"[:70].replace("\n", " ")

    def arrays(self, seed=0):
        """The arrays to differentiate, in order, flat."""
        rng = np.random.default_rng(seed)
        draw = DOMAINS[self.domain]
        return [draw(rng, shape) for spec in self.specs for shape in shapes_in(spec)]

    def call(self, *arrays):
        """The function on these arrays (or Tensors), put where the row has shapes."""
        rest = iter(arrays)
        args = []
        for spec in self.specs:
            if isinstance(spec, Fixed):
                args.append(spec.value)
            elif isinstance(spec, list):
                args.append([next(rest) for _ in spec])
            else:
                args.append(next(rest))
        return self.function(*args, **self.kwargs)


def shapes_in(spec):
    if isinstance(spec, Fixed):
        return []
    return spec if isinstance(spec, list) else [spec]


def row(function, *specs, domain="real", analytic=True, order=2, **kwargs):
    return Sample(function, specs, kwargs, domain, analytic, order)


S = row
MASK = np.array([[True, False, True], [False, True, True]])
LABELS = np.array([2, 0, 1, 1])
PROBABILITIES = np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0], [0.1, 0.1, 0.8], [0.6, 0.2, 0.2]])
kinked = dict(analytic=False)

# fmt: off
SAMPLES = [
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
    S(F.relu, (2, 3), **kinked),
    S(np.heaviside, Fixed(np.array([-1.0, 0.0, 2.0])), (3,), **kinked), S(np.full_like, Fixed(Tensor(np.zeros(3))), (), **kinked),
    # reductions
    S(np.sum, (2, 3)), S(np.sum, (2, 3, 4), axis=(0, -1)), S(np.sum, (2, 3), axis=1, keepdims=True), S(np.sum, ()),
    S(np.mean, (2, 3)), S(np.mean, (2, 3, 4), axis=(2, 0), keepdims=True), S(np.mean, (2, 3), axis=-1),
    S(np.prod, (2, 3), axis=1), S(np.prod, (5,), domain="with zeros"), S(np.prod, (2, 3, 2), axis=(0, 2), keepdims=True),
    S(reductions.leave_one_out, (2, 3), axis=0), S(reductions.leave_one_out, (4,), axis=-1, domain="with zeros"),
    S(np.var, (2, 3), axis=0, ddof=1, **kinked), S(np.var, (4,), **kinked), S(np.var, (2, 3), axis=1, correction=1, keepdims=True, **kinked),
    S(np.std, (2, 3), axis=1, **kinked), S(np.std, (5,), ddof=1, keepdims=True, **kinked),
    S(np.max, (2, 3), axis=0, domain="distinct", **kinked), S(np.max, (2, 3, 2), axis=(0, 2), keepdims=True, domain="distinct", **kinked),
    S(np.min, (4,), domain="distinct", **kinked), S(np.min, (2, 3), axis=-1, domain="distinct", **kinked),
    S(np.cumsum, (2, 3), axis=1), S(np.cumsum, (2, 3)),
    S(F.logsumexp, (2, 3), axis=1, **kinked), S(F.logsumexp, (2, 3), keepdims=True, **kinked),
    # shape
    S(np.reshape, (2, 3), Fixed((3, 2))), S(np.reshape, (2, 3), Fixed(-1)), S(np.ravel, (2, 3)), S(np.transpose, (2, 3, 4)),
    S(np.transpose, (2, 3, 4), axes=(1, -1, 0)), S(np.matrix_transpose, (4, 2, 3)), S(np.swapaxes, (2, 3, 4), Fixed(0), Fixed(-1)),
    S(np.moveaxis, (2, 3, 4), Fixed((0, 2)), Fixed((-1, 0))), S(np.expand_dims, (2, 3), Fixed((0, 2))), S(np.squeeze, (1, 3, 1), axis=0),
    S(np.squeeze, (1, 3, 1)), S(np.broadcast_to, (3, 1), Fixed((2, 3, 4))), S(np.flip, (2, 3), axis=1), S(np.flip, (2, 3)),
    S(np.roll, (2, 3), Fixed(1)), S(np.roll, (2, 3), Fixed((1, -1)), axis=(0, 1)), S(np.triu, (3, 4), k=1), S(np.tril, (2, 3, 3), k=-1),
    S(np.concatenate, [(2, 3), (4, 3)]), S(np.concatenate, [(2, 1), (2, 3)], axis=-1), S(np.concatenate, [(2,), (2, 2)], axis=None),
    S(np.stack, [(2, 3), (2, 3)], axis=1), S(np.stack, [(2,), (2,), (2,)], axis=-1), S(np.vstack, [(3,), (2, 3)]), S(np.hstack, [(2, 1), (2, 3)]),
    S(np.split, (6, 2), Fixed(3)), S(np.split, (2, 5), Fixed([1, 4]), axis=1), S(np.array_split, (5,), Fixed(2)),
    S(np.tile, (2, 3), Fixed((2, 1, 2))), S(np.tile, (3,), Fixed(2)), S(np.repeat, (2, 3), Fixed(2), axis=1), S(np.repeat, (2, 3), Fixed(2)),
    S(np.repeat, (3, 2), Fixed([1, 0, 2]), axis=0), S(np.diagonal, (3, 4)), S(np.diagonal, (2, 3, 4), offset=1, axis1=2, axis2=0),
    S(np.pad, (2, 3), Fixed(1)), S(np.pad, (2, 3), Fixed(((0, 1), (2, 0))), constant_values=7.0), S(np.pad, (3, 4), Fixed((1, 2)), mode="reflect"),
    S(np.pad, (3,), Fixed(2), mode="edge"), S(np.pad, (3,), Fixed(2), mode="wrap"), S(np.pad, (3, 2), Fixed(1), mode="symmetric"),
    S(shaping.pad_constant, (3,), pad_width=[[1, 2]], value=0), S(casting.astype, (3,), dtype=np.dtype(float), **kinked),
    # indexing
    S(indexing.getitem, (3, 4), Fixed((slice(None, None, -2), 1))), S(indexing.getitem, (3, 4), Fixed((..., None, slice(1, 3)))),
    S(indexing.getitem, (2, 3), Fixed(MASK)), S(indexing.getitem, (4, 2), Fixed(np.array([0, 2, 0, 0]))),
    S(indexing.getitem, (3, 4, 2), Fixed((np.array([0, 2]), slice(None), np.array([1, 1])))), S(indexing.getitem, (3,), Fixed(1)),
    S(indexing.scatter, (2, 2), Fixed(np.array([0, 0])), Fixed((3, 2))), S(indexing.scatter, (2,), Fixed(slice(0, 4, 2)), Fixed((5,))),
    S(indexing.put, (3, 4), (4,), Fixed(1)), S(indexing.put, (5,), (3,), Fixed(np.array([0, 2, 0]))), S(indexing.put, (2, 3), (), Fixed(MASK)),
    # products
    S(np.matmul, (2, 3), (3, 4)), S(np.matmul, (3,), (3,)), S(np.matmul, (2, 3), (3,)), S(np.matmul, (3,), (3, 2)),
    S(np.matmul, (5, 2, 3), (3, 4)), S(np.matmul, (2, 1, 2, 3), (4, 3, 2)), S(np.matmul, (5, 2, 3), (3,)), S(np.matmul, (3,), (5, 3, 2)),
    S(np.matmul, (2, 3), (5, 3, 2)), S(np.vecdot, (2, 3), (3,), **kinked), S(np.dot, (2, 3), (3,)), S(np.dot, (2, 3), (4, 3, 2)), S(np.dot, (), (3,)),
    S(np.inner, (2, 3), (4, 3)), S(np.inner, (3,), (3,)), S(np.outer, (2, 2), (3,)), S(np.kron, (2, 2), (3,)), S(np.kron, (2, 2), (1, 3)),
    S(np.trace, (3, 4)), S(np.trace, (2, 3, 3), offset=1, axis1=1, axis2=2),
    S(np.tensordot, (2, 3, 4), (4, 3, 5), axes=([1, 2], [1, 0])), S(np.tensordot, (2, 3), (3, 2), axes=1), S(np.tensordot, (2, 3), (2, 3)), S(np.tensordot, (2,), (3,), axes=0),
    S(np.einsum, Fixed("ij,jk->ik"), (2, 3), (3, 2)), S(np.einsum, Fixed("ii->i"), (3, 3)), S(np.einsum, Fixed("ii"), (3, 3)),
    S(np.einsum, Fixed("...ij,...j->...i"), (2, 2, 3), (3,)), S(np.einsum, Fixed("ijk,i->j"), (2, 3, 2), (2,)), S(np.einsum, Fixed("i,j,i->j"), (2,), (3,), (2,)),
    # activations and losses
    S(F.sigmoid, (2, 3)), S(F.softmax, (2, 3), **kinked), S(F.softmax, (3, 2), axis=0, **kinked), S(F.log_softmax, (2, 3), **kinked),
    S(activations.less_one_hot, (4, 3), Fixed(LABELS)),
    S(activations.cross_entropy_labels, (4, 3), Fixed(LABELS), reduction="mean", **kinked), S(activations.cross_entropy_labels, (4, 3), Fixed(LABELS), reduction="none", **kinked),
    S(activations.cross_entropy_targets, (4, 3), Fixed(PROBABILITIES), reduction="mean", **kinked), S(activations.cross_entropy_targets, (4, 3), (4, 3), reduction="sum", **kinked),
    S(activations.cross_entropy_targets, (3,), (3,), reduction="none", **kinked),
]
# fmt: on
