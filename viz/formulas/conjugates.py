"""Simplification of conjugates, and of real and imaginary parts.

Rules compute with the conjugate of the gradient that is printed, so a formula begins as
conj(rule(conj(∂e/∂y))). Conjugation moves inwards where fewer conjugates are left then.
Importing this module fills `symbols.REWRITES`.
"""

import numpy as np

from autograd_lite.rules.casting import astype
from autograd_lite.rules.fft import pairs_weighed
from autograd_lite.rules.indexing import getitem, put, scatter
from viz.formulas import rewrites as rewrites  # the table is complete with both
from viz.formulas.symbols import (
    REWRITES,
    Symbol,
    bare,
    call,
    has_options,
    is_call,
    one,
    part,
    symbols_in,
)

THROUGH = {
    np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive, np.square, np.copy,
    np.sum, np.mean, np.prod, np.cumsum, np.trace, np.matmul, np.einsum, np.outer, np.vecdot,
    np.inner, np.dot, np.tensordot, np.kron, np.reshape, np.ravel, np.expand_dims, np.squeeze,
    np.transpose, np.matrix_transpose, np.swapaxes, np.moveaxis, np.broadcast_to, np.flip, np.roll,
    np.triu, np.tril, np.diag, np.diagonal, np.concatenate, np.stack, np.where, np.linalg.inv,
    np.linalg.solve, np.split, np.array_split, part, getitem, scatter, put, np.pad, astype,
    pairs_weighed,
}  # fmt: skip
"""Functions f with conj(f(x, y)) = f(conj(x), conj(y))."""

DFT = {np.fft.fft: np.fft.ifft, np.fft.ifft: np.fft.fft, np.fft.rfft: np.fft.ihfft,
       np.fft.ihfft: np.fft.rfft}  # fmt: skip
"""conj(fft(x)) is ifft(conj(x)) with the other norm; x is real for rfft and ihfft."""
REAL_DFT = {np.fft.hfft: np.fft.irfft, np.fft.irfft: np.fft.hfft}
"""hfft(x) is irfft(conj(x)) with the other norm."""
OTHER_NORM = {None: "forward", "backward": "forward", "forward": None, "ortho": "ortho"}


def is_real(x) -> bool:
    """Whether all numbers of an expression are real by its form, whatever its dtype."""
    if isinstance(x, (tuple, list)):
        return all(map(is_real, x))
    if not isinstance(x, Symbol):
        return isinstance(x, (str, np.dtype, type)) or not np.iscomplexobj(x)
    if isinstance(x.value, np.ndarray) and x.dtype.kind != "c":
        return True
    if (x := bare(x)).function is one:
        return True
    return x.text is None and x.function in THROUGH and all(map(is_real, x.args))


def conjugates(x) -> float:
    """How many conjugates are written in an expression; that of a gradient weighs more."""
    if isinstance(x, (tuple, list)):
        return sum(map(conjugates, x))
    if not isinstance(x, Symbol) or x.text is not None:
        return 0
    if x.function is np.conjugate:
        return weight(x.args[0]) + conjugates(x.args[0])
    return sum(map(conjugates, x.args)) if x.function in THROUGH or x.function in DFT else 0


def weight(x) -> float:
    return 1.5 if is_gradient(x) else 1


def is_gradient(x) -> bool:
    return isinstance(x, Symbol) and (x.text or "").startswith("∂")


def adds_gradients(x) -> bool:
    """Whether it is a sum of contributions, which is written as a sum of conjugates."""
    if is_gradient(x):
        return True
    inner = isinstance(x, Symbol) and x.text is None and x.function in THROUGH
    return inner and any(map(adds_gradients, x.args))


def opposite(x):
    """The conjugate of an expression, written with as few conjugates as is found."""
    if isinstance(x, (tuple, list)):
        return type(x)(map(opposite, x))
    if is_real(x):
        return x
    if not isinstance(x, Symbol):
        return np.conjugate(x) if isinstance(x, (np.ndarray, np.generic)) else x.conjugate()
    if x.text is None and x.function is np.conjugate:
        return x.args[0]
    if isinstance(x.value, (tuple, list)):  # the parts of a split
        return call(x.function, (opposite(x.args[0]), *x.args[1:]), x.kwargs)
    kept = Symbol(np.conjugate(x.value), function=np.conjugate, args=(x,), known=x.known)
    if x.text is not None or has_options(x) or symbols_in([*x.kwargs.values()]):
        return kept
    if x.function is part and x.args[0].function not in (np.split, np.array_split):
        return kept
    found = moved(x)
    if found is None or (x.function is np.add and adds_gradients(x)):
        return kept if found is None else found
    least = conjugates(kept) if x.function in THROUGH else conjugates(kept) - 0.5
    return kept if conjugates(found) > least else found


def moved(x):
    """conj(f(y)) as f(conj(y))."""
    if x.function is part:
        return opposite(x.args[0])[x.args[1]]
    if x.function in THROUGH:
        return call(x.function, tuple(map(opposite, x.args)), x.kwargs)
    if x.function in DFT:
        return transform(DFT[x.function], x, opposite(x.args[0]))
    return None


def transform(function, x, argument):
    """Another DFT than that of `x`, with the other norm."""
    options = dict(zip(("n", "axis", "norm"), x.args[1:], strict=False)) | x.kwargs
    options["norm"] = OTHER_NORM[options.get("norm")]
    usual = {"n": None, "axis": -1, "norm": None}
    return call(function, (argument,), {k: v for k, v in options.items() if v != usual[k]})


# --- the rewrites ---------------------------------------------------------------------------
def conjugate(s):
    found = opposite(s.args[0])
    kept = found.text is None and found.function is np.conjugate
    return None if kept and found.args[0] is s.args[0] else found


def shorter(x):
    """The conjugate of `x` if that is shorter than `x`."""
    other = opposite(x)
    return other if conjugates(other) < conjugates(x) else None


def imaginary(x):
    """(b, y) with x = i b y for a number b that is written there, else None."""
    if is_call(x, np.multiply) and x.text is None:
        for n, y in (x.args, x.args[::-1]):
            if isinstance(n, complex) and n.real == 0 and isinstance(y, Symbol):
                return n.imag, y
    return None


def scaled(number, x):
    return x if number == 1 else -x if number == -1 else number * x


def real(s):
    x = s.args[0]
    if x.dtype.kind != "c":
        return x
    if is_real(x):
        return x.args[0] if is_call(x, astype) and x.text is None else None
    if is_call(x, np.negative) and x.text is None:
        return -np.real(x.args[0])
    if found := imaginary(x):  # Re(i z) = −Im(z)
        return scaled(-found[0], np.imag(found[1]))
    other = shorter(x)
    return None if other is None else np.real(other)


def imag(s):
    x = s.args[0]
    if x.dtype.kind != "c":
        return None
    if is_call(x, np.negative) and x.text is None:
        return -np.imag(x.args[0])
    if found := imaginary(x):  # Im(i z) = Re(z)
        return scaled(found[0], np.real(found[1]))
    other = shorter(x)
    return None if other is None else -np.imag(other)


def cast(s):
    """Ones in another dtype are ones."""
    x = s.args[0]
    return one(s.value) if bare(x).function is one else x


def real_transform(s):
    other = shorter(s.args[0])
    return None if other is None else transform(REAL_DFT[s.function], s, other)


REWRITES.update({np.conjugate: conjugate, np.real: real, np.imag: imag, astype: cast,
                 **dict.fromkeys(REAL_DFT, real_transform)})  # fmt: skip
