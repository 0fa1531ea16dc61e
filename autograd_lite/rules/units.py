"""Activations beside relu and sigmoid. At a kink the slope is that of the piece to its left."""

import numpy as np

from autograd_lite.arguments import array
from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.registry import fused, rule
from autograd_lite.rules.activations import sigmoid, sigmoid_array
from autograd_lite.rules.gaussian import in_place
from autograd_lite.shapes import axis_of

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772  # Klambauer et al., appendix


def real(x, name):
    """x as an array (a Tensor stays one); refused if complex, for which `name` has no order."""
    x = array(name, "x", x)
    if x.dtype.kind == "c":
        raise DTypeError(f"{name}: complex numbers are not supported, got {x.dtype} {x.shape}")
    return x


# --- pieces -------------------------------------------------------------------------------------
def leaky_relu_array(a, negative_slope=0.01):
    """a where a > 0, `negative_slope` · a elsewhere; the slope at 0 is `negative_slope`.

    Maas et al., "Rectifier nonlinearities improve neural network acoustic models" (2013).

    >>> import autograd_lite as ag
    >>> ag.functional.leaky_relu(ag.Tensor([-1.0, 2.0]))
    Tensor([-0.01,  2.  ])
    """
    a = real(a, "leaky_relu")
    if 0.0 <= negative_slope <= 1.0:  # several times as quick as np.where
        return np.maximum(a, a * negative_slope)
    return np.where(a > 0, a, a * negative_slope)


def exponential(a, name, alpha, rate, scale):
    """scale · a where a > 0, alpha · (exp(rate · a) − 1) elsewhere."""
    a = real(a, name)
    return np.maximum(a, 0) * scale + np.expm1(np.minimum(a, 0) * rate) * alpha


def elu_array(a, alpha=1.0):
    """a where a > 0, `alpha` (exp(a) − 1) elsewhere; the slope at 0 is `alpha`.

    Clevert, Unterthiner and Hochreiter, "Exponential linear units" (2016).

    >>> import autograd_lite as ag
    >>> ag.functional.elu(ag.Tensor([-1.0, 2.0])).data.round(4)
    array([-0.6321,  2.    ])
    """
    return exponential(a, "elu", alpha, 1.0, 1.0)


def celu_array(a, alpha=1.0):
    """a where a > 0, `alpha` (exp(a / alpha) − 1) elsewhere, so that its slope is continuous.

    Barron, "Continuously differentiable exponential linear units" (2017).

    >>> import autograd_lite as ag
    >>> ag.functional.celu(ag.Tensor([-1.0, 2.0]), alpha=0.5).data.round(4)
    array([-0.4323,  2.    ])
    """
    if not alpha:
        raise ValueError("celu: alpha is 0, and exp(a / alpha) is not defined; take relu")
    return exponential(a, "celu", alpha, 1.0 / alpha, 1.0)


def selu_array(a):
    """1.0507… · a where a > 0, 1.0507… · 1.6733… (exp(a) − 1) elsewhere; the left slope at 0.

    Klambauer et al., "Self-normalizing neural networks" (2017).

    >>> import autograd_lite as ag
    >>> ag.functional.selu(ag.Tensor([-1.0, 2.0])).data.round(4)
    array([-1.1113,  2.1014])
    """
    return exponential(a, "selu", SELU_SCALE * SELU_ALPHA, 1.0, SELU_SCALE)


# fmt: off
POSITIVE = dict(positive=lambda a: a > 0)
leaky_relu = rule(leaky_relu_array, "a", name="leaky_relu", static=dict(negative_slope=0.01), keep=POSITIVE,
                  a=lambda g, positive, negative_slope: np.where(positive, g, g * negative_slope))
elu  = rule(elu_array,  "a", name="elu", static=dict(alpha=1.0), keep=POSITIVE,
                  a=lambda g, out, positive, alpha: np.where(positive, g, g * (out + alpha)))
celu = rule(celu_array, "a", name="celu", static=dict(alpha=1.0), keep=POSITIVE,
                  a=lambda g, out, positive, alpha: np.where(positive, g, g * (out / alpha + 1.0)))
selu = rule(selu_array, "a", name="selu", keep=POSITIVE,
                  a=lambda g, out, positive: np.where(positive, g * SELU_SCALE, g * (out + SELU_SCALE * SELU_ALPHA)))
# fmt: on


def hardtanh(x, min_val=-1.0, max_val=1.0):
    """x cut to min_val … max_val. Its slope at the bounds is 1, as `np.clip` has it (PyTorch: 0).

    >>> import autograd_lite as ag
    >>> ag.functional.hardtanh(ag.Tensor([-3.0, 0.5, 1.0]))
    Tensor([-1. ,  0.5,  1. ])
    """
    if not min_val <= max_val:
        raise ValueError(f"hardtanh: min_val {min_val} is above max_val {max_val}")
    return np.clip(real(x, "hardtanh"), min_val, max_val)


def softsign(x):
    """x / (1 + |x|), elementwise.

    >>> import autograd_lite as ag
    >>> ag.functional.softsign(ag.Tensor([-3.0, 0.0, 1.0]))
    Tensor([-0.75,  0.  ,  0.5 ])
    """
    x = real(x, "softsign")
    return x / (np.abs(x) + 1.0)


# --- smooth ones --------------------------------------------------------------------------------
def softplus_array(a, beta=1.0):
    """log(1 + exp(beta · a)) / beta, elementwise, without overflow.

    There is no threshold, which PyTorch has, as this form is accurate for numbers of any size.

    >>> import autograd_lite as ag
    >>> ag.functional.softplus(ag.Tensor([-1000.0, 0.0, 3.0])).data.round(4)
    array([0.    , 0.6931, 3.0486])
    """
    a = real(a, "softplus")
    if not beta > 0:
        raise ValueError(f"softplus: beta is {beta}; expected a number above 0")
    a = a if beta == 1.0 else a * beta
    out = np.log1p(np.exp(-np.abs(a))) + np.maximum(a, 0)  # quicker than np.logaddexp
    return out if beta == 1.0 else out / beta


softplus = rule(softplus_array, "a", name="softplus", static=dict(beta=1.0),
                a=lambda g, a, beta: g * sigmoid(a * beta))  # fmt: skip


def log_sigmoid(x):
    """log(1 / (1 + exp(−x))), elementwise, accurate where sigmoid rounds to 0 or 1.

    >>> import autograd_lite as ag
    >>> ag.functional.log_sigmoid(ag.Tensor([-1000.0, 0.0])).data.round(4)
    array([-1.000e+03, -6.931e-01])
    """
    return -softplus(-real(x, "log_sigmoid"))


def silu_body(a):
    """a · sigmoid(a), elementwise; also called swish.

    Hendrycks and Gimpel (2016); Ramachandran, Zoph and Le, "Searching for activation functions" (2017).

    >>> import autograd_lite as ag
    >>> ag.functional.silu(ag.Tensor([-1.0, 0.0, 2.0])).data.round(4)
    array([-0.2689,  0.    ,  1.7616])
    """
    a = a if hasattr(a, "dtype") else np.asarray(a)
    return a * sigmoid(a)


def silu_forward(a):
    if not in_place(a):
        s = sigmoid_array(a)
        return a * s, s
    s = a * 0.5
    np.tanh(s, out=s)
    s += 1.0
    s *= 0.5
    return a * s, s


def silu_vjp(g, a, s):
    if not in_place(g, a, s):
        return (g * (s + a * s * (1.0 - s)),)
    slope = 1.0 - s
    slope *= a
    slope += 1.0
    slope *= s
    slope *= g
    return (slope,)


def mish_body(a):
    """a · tanh(softplus(a)), elementwise.

    Misra, "Mish: a self regularized non-monotonic activation function" (2020).

    >>> import autograd_lite as ag
    >>> ag.functional.mish(ag.Tensor([-1.0, 0.0, 2.0])).data.round(4)
    array([-0.3034,  0.    ,  1.944 ])
    """
    a = real(a, "mish")
    return a * np.tanh(softplus(a))


def mish_inner(a):
    """tanh(softplus(a)) = n / (n + 2) with n = eᵃ (eᵃ + 2): one exponential, and no logarithm."""
    e = np.exp(np.minimum(real(a, "mish"), 20.0))  # beyond, the quotient is 1
    n = e * (e + 2.0)
    return n / (n + 2.0)


def mish_forward(a):
    t = mish_inner(a)
    return a * t, t


def mish_vjp(g, a, t):
    return (g * (t + a * (1.0 - t * t) * sigmoid(a)),)


silu = fused(silu_body, "a", name="silu", forward=silu_forward, vjp=silu_vjp,
             keep=dict(s=lambda a: sigmoid(a)))  # fmt: skip
mish = fused(mish_body, "a", name="mish", forward=mish_forward, vjp=mish_vjp,
             keep=dict(t=lambda a: np.tanh(softplus(a))))  # fmt: skip


def glu(x, axis=-1):
    """a · sigmoid(b), where a and b are the two halves of `x` along `axis`.

    Dauphin et al., "Language modeling with gated convolutional networks" (2017).

    Raises
    ------
    ShapeError : `axis` has an odd length.

    >>> import autograd_lite as ag
    >>> ag.functional.glu(ag.Tensor([1.0, 2.0, 0.0, 0.0]))
    Tensor([0.5, 1. ])
    """
    x = array("glu", "x", x)
    axis = axis_of(axis, x.ndim)
    n = x.shape[axis]
    if n % 2:
        raise ShapeError(f"glu: axis {axis} of {x.shape} has odd length {n}; it is cut in halves")
    before = (slice(None),) * axis
    return x[(*before, slice(n // 2))] * sigmoid(x[(*before, slice(n // 2, n))])
