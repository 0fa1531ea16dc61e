"""Optimisers that scale each entry's step by the size of its past gradients."""

import math

import numpy as np

from autograd_lite.arguments import number, switch
from autograd_lite.optim.descent import checked_betas
from autograd_lite.optim.optimiser import Optimiser, decayed, mix


class Adam(Optimiser):
    """Steps by a mean gradient over the root of a mean square (Kingma and Ba 2015).

    m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − η m̂ / (√v̂ + ε), where m̂ and v̂ are
    m / (1 − β₁ᵗ) and v / (1 − β₂ᵗ) in step t.

    Parameters
    ----------
    params : Tensors, leaves that require grad; or groups, `dict(params=…, lr=…)`, with options
        of their own.
    lr : the learning rate η.
    betas : β₁ and β₂, at least 0 and below 1.
    eps : ε, at least 0.
    weight_decay : λ; adds λ w to the gradient. See `AdamW` for the other form.

    Raises
    ------
    ValueError : no parameters, one that comes twice, a number out of range.
    GraphError : a parameter that is no leaf or does not require grad.
    TypeError : something that is no Tensor, an unknown option in a group.

    >>> import autograd_lite as ag
    >>> w = ag.Tensor([1.0, -2.0], requires_grad=True)
    >>> optimiser = ag.optim.Adam([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimiser.step()
    >>> w.data.round(6)
    array([ 0.75, -1.75])
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def checked(self, options):
        options["eps"] = number(self.what, "eps", options["eps"])
        return checked_betas(self.what, super().checked(options))

    def buffers(self, options):
        return {"mean": 0.0, "square": 0.0}

    def update(self, options, t, p, g, a, b, m, v):
        self.advance(options, t, p, decayed(options, p, g, b), a, m, v)

    def advance(self, options, t, p, g, a, m, v):
        beta1, beta2 = options["betas"]
        mix(m, g, 1.0 - beta1, a)
        np.multiply(g, g, out=a)
        a *= 1.0 - beta2
        v *= beta2
        v += a
        # √v̂ + ε = (√v + ε root) / root: one pass less over the array
        root = math.sqrt(1.0 - beta2**t)
        np.sqrt(v, out=a)
        a += options["eps"] * root
        np.divide(m, a, out=a)
        a *= options["lr"] * root / (1.0 - beta1**t)
        p -= a


class AdamW(Adam):
    """`Adam` with decay apart from the gradient: w ← (1 − η λ) w first (Loshchilov, Hutter 2019).

    Parameters
    ----------
    params, lr, betas, eps : as for `Adam`.
    weight_decay : λ.

    Raises
    ------
    ValueError, GraphError, TypeError : as for `Adam`.

    >>> import autograd_lite as ag
    >>> w = ag.Tensor([1.0, -2.0], requires_grad=True)
    >>> optimiser = ag.optim.AdamW([w], lr=0.25, weight_decay=0.4)
    >>> (w * w).sum().backward()
    >>> optimiser.step()
    >>> w.data.round(6)
    array([ 0.65, -1.55])
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr, betas, eps, weight_decay)

    def update(self, options, t, p, g, a, b, m, v):
        if options["weight_decay"]:
            p *= 1.0 - options["lr"] * options["weight_decay"]
        self.advance(options, t, p, g, a, m, v)


class RMSprop(Optimiser):
    """Steps by the gradient over the root of its mean square (Tieleman and Hinton 2012).

    v ← α v + (1 − α) g², w ← w − η g / (√v + ε); `centered` takes the square of the mean gradient
    off v (Graves 2013).

    Parameters
    ----------
    params : as for `Adam`.
    lr, alpha, eps : η, α and ε.
    weight_decay : λ; adds λ w to the gradient.
    momentum : of the scaled gradients, at least 0 and below 1.
    centered : divide by the standard deviation.

    Raises
    ------
    ValueError, GraphError, TypeError : as for `Adam`.

    >>> import autograd_lite as ag
    >>> w = ag.Tensor([1.0, -2.0], requires_grad=True)
    >>> optimiser = ag.optim.RMSprop([w], lr=0.025)
    >>> (w * w).sum().backward()
    >>> optimiser.step()
    >>> w.data.round(6)
    array([ 0.75, -1.75])
    """

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0,
                 centered=False):  # fmt: skip
        super().__init__(params, lr=lr, alpha=alpha, eps=eps, weight_decay=weight_decay,
                         momentum=momentum, centered=centered)  # fmt: skip

    def checked(self, options):
        options["centered"] = switch(self.what, "centered", options["centered"])
        for name, below in (("alpha", 1.0), ("eps", math.inf), ("momentum", 1.0)):
            options[name] = number(self.what, name, options[name], below=below)
        return super().checked(options)

    def buffers(self, options):
        names = ["square"]
        names += ["mean"] if options["centered"] else []
        names += ["velocity"] if options["momentum"] else []
        return dict.fromkeys(names, 0.0)

    def update(self, options, t, p, g, a, b, v, *others):
        g = decayed(options, p, g, b)
        np.multiply(g, g, out=a)
        mix_in_place(v, a, 1.0 - options["alpha"])
        if options["centered"]:
            mean, *others = others
            mix(mean, g, 1.0 - options["alpha"], a)
            np.multiply(mean, mean, out=a)
            np.subtract(v, a, out=a)
            np.maximum(a, 0.0, out=a)  # where rounding makes a variance negative
            np.sqrt(a, out=a)
        else:
            np.sqrt(v, out=a)
        a += options["eps"]
        np.divide(g, a, out=a)
        for velocity in others:
            velocity *= options["momentum"]
            velocity += a
            a[...] = velocity
        a *= options["lr"]
        p -= a


class Adagrad(Optimiser):
    """Steps by the gradient over the root of the sum of its squares (Duchi et al. 2011).

    s ← s + g², w ← w − η g / ((1 + (t − 1) lr_decay) (√s + ε)) in step t.

    Parameters
    ----------
    params : as for `Adam`.
    lr, lr_decay, eps : η, its decay, and ε.
    weight_decay : λ; adds λ w to the gradient.
    initial_accumulator_value : what s starts with.

    Raises
    ------
    ValueError, GraphError, TypeError : as for `Adam`.

    >>> import autograd_lite as ag
    >>> w = ag.Tensor([1.0, -2.0], requires_grad=True)
    >>> optimiser = ag.optim.Adagrad([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimiser.step()
    >>> w.data.round(6)
    array([ 0.75, -1.75])
    """

    def __init__(self, params, lr=1e-2, lr_decay=0.0, weight_decay=0.0,
                 initial_accumulator_value=0.0, eps=1e-10):  # fmt: skip
        super().__init__(params, lr=lr, lr_decay=lr_decay, weight_decay=weight_decay,
                         initial_accumulator_value=initial_accumulator_value, eps=eps)  # fmt: skip

    def checked(self, options):
        for name in ("lr_decay", "initial_accumulator_value", "eps"):
            options[name] = number(self.what, name, options[name])
        return super().checked(options)

    def buffers(self, options):
        return {"sum": options["initial_accumulator_value"]}

    def update(self, options, t, p, g, a, b, s):
        g = decayed(options, p, g, b)
        np.multiply(g, g, out=a)
        s += a
        np.sqrt(s, out=a)
        a += options["eps"]
        np.divide(g, a, out=a)
        a *= options["lr"] / (1.0 + (t - 1) * options["lr_decay"])
        p -= a


def mix_in_place(mean, x, share):
    """mean ← mean + share · (x − mean); `x` is used up."""
    x -= mean
    x *= share
    mean += x
