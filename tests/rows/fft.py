"""Discrete Fourier transforms: lengths even and odd, cut and filled up, of real and complex input."""

import numpy as np
from sampling import S

from autograd_lite.rules import fft

C = dict(domain="complex")
R = dict(analytic=False)  # the complex step is for real results of functions without conjugates
F = np.fft
# complex ones have an axis of 2 or 4: as a matrix, a DFT of 3 is by coincidence a diagonal plus rank one
# fmt: off
ROWS = [
    S(F.fft, (4,), **R), S(F.fft, (2, 3), axis=0, n=4, norm="ortho", **R), S(F.fft, (5,), n=4, norm="forward", **C),
    S(F.ifft, (4,), **C), S(F.ifft, (2, 3), n=5, **R),
    S(F.rfft, (4,), **R), S(F.rfft, (5,), norm="ortho", **R), S(F.rfft, (4, 2), n=5, axis=0, **R),
    S(F.rfft, (4,), n=3, norm="forward", **R),
    S(F.ihfft, (4,), **R), S(F.ihfft, (2, 2), n=5, axis=-2, norm="ortho", **R),
    S(F.hfft, (3,), **C), S(F.hfft, (2, 3), n=5, axis=-1, norm="ortho", **R), S(F.hfft, (4,), n=3, **C),
    S(F.hfft, (2,), n=6, **C),
    S(F.irfft, (3,), **C), S(F.irfft, (3, 2), n=5, axis=0, norm="forward", **R), S(F.irfft, (4,), n=4, **C),
    S(F.irfft, (2,), n=2, **C), S(fft.pairs_weighed, (4,), n=6, axis=0, weight=0.5),
    S(F.fft2, (2, 4), **R), S(F.fft2, (2, 2), s=(3, -1), **C), S(F.ifft2, (2, 4), norm="ortho", **C),
    S(F.fftn, (2, 2, 2), axes=(0, 2), **R), S(F.fftn, (2, 3), s=(3, 2), axes=(1, 1), **R), S(F.ifftn, (4, 2), **C),
    S(F.rfft2, (2, 3), **R), S(F.rfftn, (2, 3), s=(2, 4), axes=(-1, 0), norm="ortho", **R),
    S(F.irfft2, (2, 3), **C), S(F.irfftn, (2, 3), s=(3, 3), axes=(0, 1), **C), S(F.irfftn, (3, 2), s=(-1,), axes=(0,), **R),
    S(F.fftshift, (5,)), S(F.fftshift, (2, 3), axes=1), S(F.ifftshift, (2, 3), **C),
]
# fmt: on
