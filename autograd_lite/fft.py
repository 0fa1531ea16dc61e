"""The standard's discrete Fourier transforms on Tensors: NumPy's `fft` under the same names."""

import numpy as np

from autograd_lite.standard.making import namespace, returned

NAMES = "fft ifft fftn ifftn rfft irfft rfftn irfftn hfft ihfft fftshift ifftshift"


def fftfreq(n: int, /, d: float = 1.0, *, dtype=None, device=None):
    """The frequencies of a transform of length `n` with sample spacing `d`, as `fft` orders them.

    >>> import autograd_lite as ag
    >>> ag.fft.fftfreq(4)
    Tensor([ 0.  ,  0.25, -0.5 , -0.25])
    """
    return returned(np.fft.fftfreq(n, d, **on(device)).astype(dtype or float, copy=False))


def rfftfreq(n: int, /, d: float = 1.0, *, dtype=None, device=None):
    """Likewise the frequencies of `rfft`, none of them negative.

    >>> import autograd_lite as ag
    >>> ag.fft.rfftfreq(4)
    Tensor([0.  , 0.25, 0.5 ])
    """
    return returned(np.fft.rfftfreq(n, d, **on(device)).astype(dtype or float, copy=False))


def on(device):
    return {} if device is None else {"device": device}  # which NumPy 2.0 does not know


found = dict(namespace(np.fft, NAMES, __name__))
__all__ = (*found, "fftfreq", "rfftfreq")
globals().update(found)
