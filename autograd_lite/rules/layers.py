"""Linear and bilinear maps, embedding, dropout."""

import numpy as np

from autograd_lite.arguments import array
from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.operands import plain
from autograd_lite.registry import NONDIFF, rule


def linear(x, w, b=None):
    """x @ w + b.

    Parameters
    ----------
    x : (…, in).  w : (in, out); PyTorch stores its transpose.  b : (out,) or None.

    Raises
    ------
    ShapeError : shapes that do not fit.

    >>> import autograd_lite as ag
    >>> ag.functional.linear(ag.Tensor([[1.0, 2.0]]), [[1.0], [10.0]], [0.5])
    Tensor([[21.5]])
    """
    if not (hasattr(x, "shape") and hasattr(w, "shape")):
        x, w = array("linear", "x", x), array("linear", "w", w)
    if w.ndim != 2 or not x.ndim or x.shape[-1] != w.shape[0]:
        raise ShapeError(f"linear: x of shape {x.shape} and w of shape {w.shape} do not fit; "
                         "expected (…, in) and (in, out)")  # fmt: skip
    if b is None:
        return x @ w
    if np.shape(b) != (w.shape[1],):
        raise ShapeError(f"linear: b of shape {np.shape(b)}; expected ({w.shape[1]},)")
    return x @ w + b


def bilinear(x1, x2, w, b=None):
    """Σᵢⱼ x1ᵢ wᵢⱼₒ x2ⱼ + bₒ for every row.

    Parameters
    ----------
    x1 : (…, m).  x2 : (…, n).  b : (out,) or None.
    w : (m, n, out), with the outputs last as in `linear`; PyTorch has them first.

    Raises
    ------
    ShapeError : shapes that do not fit.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.functional.bilinear(ag.Tensor([1.0, 2.0]), np.array([3.0]), np.ones((2, 1, 1)))
    Tensor([9.])
    """
    x1, x2 = array("bilinear", "x1", x1), array("bilinear", "x2", x2)
    w = array("bilinear", "w", w)
    fits = w.ndim == 3 and x1.ndim and x1.ndim == x2.ndim and x1.shape[:-1] == x2.shape[:-1]
    if not fits or (x1.shape[-1], x2.shape[-1]) != w.shape[:2]:
        raise ShapeError(f"bilinear: x1 {x1.shape}, x2 {x2.shape}, w {w.shape} do not fit; "
                         "expected (…, m), (…, n) and (m, n, out)")  # fmt: skip
    m, n, outs = w.shape
    if b is not None and np.shape(b) != (outs,):
        raise ShapeError(f"bilinear: b of shape {np.shape(b)}; expected ({outs},)")
    # one product of matrices for all rows, then one of a row and a matrix for each
    half = np.reshape(x1 @ np.reshape(w, (m, n * outs)), (*x1.shape[:-1], n, outs))
    out = np.squeeze(np.expand_dims(x2, -2) @ half, -2)
    return out if b is None else out + b


# --- embedding ------------------------------------------------------------------------------------
def embedding(indices, weight):
    """The rows of `weight` that `indices` name; a row picked twice collects both gradients.

    Parameters
    ----------
    indices : integers of any shape (…), in 0 … n−1.  weight : (n, d) float.

    Returns
    -------
    (…, d).

    Raises
    ------
    DTypeError : indices that are not integers.  ShapeError : a weight that is no matrix.
    IndexError : an index out of range; unlike in NumPy, a negative one too.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> w = ag.Tensor(np.eye(3, 2), requires_grad=True)
    >>> ag.functional.embedding([0, 0, 1], w).sum().backward()
    >>> w.grad
    array([[2., 2.],
           [1., 1.],
           [0., 0.]])
    """
    indices = plain(indices)
    if not hasattr(indices, "dtype"):
        indices = array("embedding", "indices", indices)
        indices = indices if indices.size else indices.astype(np.intp)
    weight = array("embedding", "weight", weight)
    if indices.dtype.kind not in "iu":
        raise DTypeError(f"embedding: indices of dtype {indices.dtype}; expected integers. The "
                         "order is embedding(indices, weight)")  # fmt: skip
    if weight.ndim != 2:
        raise ShapeError(f"embedding: weight of shape {weight.shape}; expected (n, d)")
    known = isinstance(indices, np.ndarray) and indices.size
    if known and indices.astype(np.uintp, copy=False).max() >= weight.shape[0]:
        raise IndexError(
            f"embedding: indices from {indices.min()} to {indices.max()}; expected 0 to "
            f"{weight.shape[0] - 1}"
        )
    return weight[indices]  # which keeps a copy of the indices, as the caller may change them


# --- dropout --------------------------------------------------------------------------------------
# fmt: off
thinned = rule(lambda x, kept, scale: x * scale * kept, "x kept", name="dropout", kept=NONDIFF,
               static=dict(scale=1.0), x=lambda g, kept, scale: g * scale * kept)
# fmt: on


def dropout(x, p=0.5, training=True, rng=None):
    """Each entry 0 with probability `p`, otherwise divided by 1 − p, so that the mean stays.

    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting" (2014).

    Parameters
    ----------
    x : float array or Tensor.  p : in 0 … 1.
    training : False for x itself.
    rng : a numpy.random.Generator; needed where anything is drawn.

    Raises
    ------
    ValueError : p out of range.  TypeError : no Generator.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> ag.functional.dropout(ag.Tensor(np.ones(5)), 0.5, rng=np.random.default_rng(1))
    Tensor([0., 2., 2., 2., 0.])
    """
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout: p = {p}; expected a probability, 0 to 1")
    x = array("dropout", "x", x)
    if x.dtype.kind not in "fc":
        raise DTypeError(f"dropout: x of dtype {x.dtype}; expected floats, x.astype(float)")
    if not training or p == 0.0:
        return x
    if not isinstance(rng, np.random.Generator):
        kind = "None" if rng is None else f"a {type(rng).__name__}"
        raise TypeError(f"dropout: rng is {kind}; pass a generator, rng=np.random.default_rng(seed), "
                        "or training=False")  # fmt: skip
    if p == 1.0:
        return x * 0.0
    kept = rng.random(x.shape, dtype=np.float32) >= p
    return thinned(x, kept, 1.0 / (1.0 - p))
