"""Real and imaginary parts, modulus, phase: the functions that are not holomorphic.

Rules compute with the cotangent c = ∂L/∂Re z − i ∂L/∂Im z, for which dL = Re(c dz); what arrives
at a real value is its real part. So a holomorphic function needs no thought (c times f′), and here
each rule is dL written as Re(… dz): for abs, d|z| = Re(conj(z)/|z| dz).
"""

import numpy as np

from autograd_lite.registry import derived, rule


def conj(a):
    """The complex conjugate; a real array as it is."""
    return np.conjugate(a) if a.dtype.kind == "c" else a


# fmt: off
rule(np.absolute,  "a", a=lambda g, a: g * conj(np.sign(a)))  # sign(a) = a / |a|, and 0 at 0
rule(np.real,      "val", val=lambda g: g)
rule(np.imag,      "val", val=lambda g: g * -1j)
rule(np.conjugate, "a", a=lambda g: np.conjugate(g))
# fmt: on


@derived(np.sign)
def sign(a):
    """a / |a|, which turns with the phase of a complex number; 0 at 0, and constant at infinity."""
    if a.dtype.kind != "c":
        return np.sign(a.detach())
    size = np.absolute(a)
    fixed = (size == 0) | np.isinf(size)
    return np.where(fixed, np.sign(a.detach()), a / np.where(fixed, 1, size))


@derived(np.angle)
def angle(z, deg=False):
    phase = np.arctan2(np.imag(z), np.real(z))
    return np.rad2deg(phase) if deg else phase
