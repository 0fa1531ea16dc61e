"""How much of NumPy each library differentiates: `python -m tests.benchmarks.coverage`.

Every row of `tests/samples.py` on real numbers whose function is one of NumPy's own is tried on
every library that is installed, under NumPy's name and with NumPy's arguments. The numbers to
meet are the engine's, which the tests compare with finite differences. A second derivative is
that of the inner product of the gradient with a fixed direction.
"""

import importlib
import sys
import warnings
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import numpy as np

import autograd_lite as ag

sys.path.insert(0, str(Path(__file__).parent.parent))

RIGHT, OTHER, MISSING = "right", "other", "missing"


class Peer:
    """A library under test: its NumPy namespace, and the gradients of a scalar function."""

    orders = (1, 2)

    def __init__(self, package, numpy_like):
        importlib.import_module(package)
        self.package = package
        self.xp = importlib.import_module(numpy_like)

    def counterpart(self, function):
        """The library's own form of a NumPy function, or None."""
        for space, name in ((np, ""), (np.linalg, "linalg"), (np.fft, "fft")):
            if getattr(space, function.__name__, None) is function:
                theirs = getattr(self.xp, name, None) if name else self.xp
                return getattr(theirs, function.__name__, None)
        return None

    def inner(self, us, ys):
        return sum(self.xp.sum(u * y) for u, y in zip(us, ys, strict=True))

    def gradients(self, f, arrays, us, vs, order):
        """Of ⟨u, f(x)⟩ with respect to all arguments; of order 2, of its inner product with v."""
        numbers = tuple(range(len(arrays)))

        def first(*xs):
            return self.inner(us, listed(f(*xs)))

        def second(*xs):
            return self.inner(vs, self.grad(first, numbers)(*xs))

        return self.grad(second if order == 2 else first, numbers)(*arrays)


class Engine(Peer):
    grad = staticmethod(ag.grad)

    def counterpart(self, function):
        return function


class Hips(Peer):
    def grad(self, f, numbers):
        return importlib.import_module("autograd").grad(f, numbers)


class Jax(Peer):
    def grad(self, f, numbers):
        jax = importlib.import_module("jax")
        jax.config.update("jax_enable_x64", True)
        return jax.grad(f, numbers)


class MyGrad(Peer):
    orders = (1,)

    def gradients(self, f, arrays, us, vs, order):
        xs = [self.xp.tensor(a) for a in arrays]
        self.inner(us, listed(f(*xs))).backward()
        return [np.zeros(x.shape) if x.grad is None else x.grad for x in xs]


PEERS = {
    "autograd_lite": (Engine, "autograd_lite", "numpy"),
    "HIPS autograd": (Hips, "autograd", "autograd.numpy"),
    "MyGrad": (MyGrad, "mygrad", "mygrad"),
    "JAX": (Jax, "jax", "jax.numpy"),
}


def listed(result):
    parts = result if isinstance(result, (tuple, list)) else [result]
    return [y for y in parts if np.dtype(y.dtype).kind == "f"]


def judged(peer, sample, order, expected):
    function = peer.counterpart(sample.function)
    if function is None or order not in peer.orders:
        return MISSING
    arrays, us, vs = directions(sample)
    try:
        found = peer.gradients(sample.symmetrized(function), arrays, us, vs, order)
        found = [np.asarray(getattr(g, "data", g), dtype=float) for g in found]
    except Exception:  # whatever a library says to a form that it does not take
        return MISSING
    pairs = zip(found, expected, strict=True)
    same = all(g.shape == e.shape and np.allclose(g, e, rtol=1e-6, atol=1e-8) for g, e in pairs)
    return RIGHT if same else OTHER


def directions(sample):
    arrays, rng = sample.arrays(), np.random.default_rng(0)
    like = [np.asarray(y) for y in listed(sample.symmetrized(sample.function)(*arrays))]
    return (
        arrays,
        [rng.standard_normal(y.shape) for y in like],
        [rng.standard_normal(a.shape) for a in arrays],
    )


def comparable(samples):
    """Rows of NumPy's own functions, of real numbers with real results."""
    own = {f for space in (np, np.linalg, np.fft) for f in vars(space).values() if callable(f)}
    for sample in samples:
        if sample.domain == "complex" or sample.function not in own:
            continue
        result = sample.call(*sample.arrays())
        parts = result if isinstance(result, (tuple, list)) else [result]
        if all(np.asarray(y).dtype.kind in "fi" for y in parts):
            yield sample


def main():
    from samples import SAMPLES

    rows = list(comparable(SAMPLES))
    peers = {}
    for name, (kind, package, numpy_like) in PEERS.items():
        try:
            peers[name] = kind(package, numpy_like)
        except ImportError:
            continue
    counts = defaultdict(int)
    functions = defaultdict(set)
    engine = peers["autograd_lite"]
    for sample in rows:
        contenders = dict(peers)  # a second derivative counts after a right first one
        for order in (1, 2)[: sample.order]:
            arrays, us, vs = directions(sample)
            pulled = engine.gradients(sample.symmetrized(sample.function), arrays, us, vs, order)
            expected = [g.data for g in pulled]
            for name, peer in list(contenders.items()):
                verdict = judged(peer, sample, order, expected)
                counts[name, order, verdict] += 1
                if verdict == RIGHT:
                    functions[name, order].add(sample.function)
                else:
                    del contenders[name]
    print(f"Of {len({s.function for s in rows})} functions in {len(rows)} calls:\n")
    print("| | functions, 1st derivative | 2nd | calls right, 1st | 2nd | other results |")
    print("|---|---|---|---|---|---|")
    for name in peers:
        right = [counts[name, order, RIGHT] for order in (1, 2)]
        other = sum(counts[name, order, OTHER] for order in (1, 2))
        print(f"| {name} | {len(functions[name, 1])} | {len(functions[name, 2])} "
              f"| {right[0]} | {right[1]} | {other} |")  # fmt: skip
    packages = ["numpy", *(PEERS[n][1] for n in peers if n != "autograd_lite")]
    print("\n" + ", ".join(f"{n} {version(n)}" for n in packages))


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main()
