"""Gradient descent with momentum, and by the sign of it."""

import numpy as np

from autograd_lite.optim.optimiser import Optimiser, decayed, mix
from autograd_lite.optim.parameters import number, switch


class SGD(Optimiser):
    """Gradient descent, optionally with momentum: v ← μ v + g, w ← w − η v.

    Nesterov's form (Sutskever et al. 2013, in PyTorch's arrangement) steps by g + μ v instead.

    Parameters
    ----------
    params : Tensors, leaves that require grad; or groups, `dict(params=…, lr=…)`, with options
        of their own.
    lr : the learning rate η. It has no default, as no one value suits two problems.
    momentum : μ, at least 0 and below 1.
    nesterov : look ahead; needs momentum.
    weight_decay : λ; adds λ w to the gradient.

    Raises
    ------
    ValueError : no parameters, one that comes twice, a number out of range.
    GraphError : a parameter that is no leaf or does not require grad.
    TypeError : something that is no Tensor, an unknown option in a group.

    >>> import autograd_lite as ag
    >>> w = ag.Tensor([1.0, -2.0], requires_grad=True)
    >>> optimiser = ag.optim.SGD([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimiser.step()
    >>> w
    Tensor([ 0.5, -1. ], requires_grad=True)
    """

    def __init__(self, params, lr, momentum=0.0, nesterov=False, weight_decay=0.0):
        super().__init__(
            params, lr=lr, momentum=momentum, nesterov=nesterov, weight_decay=weight_decay
        )

    def checked(self, options):
        options = super().checked(options)
        options["momentum"] = number(self.what, "momentum", options["momentum"], below=1.0)
        if switch(self.what, "nesterov", options["nesterov"]) and not options["momentum"]:
            raise ValueError("SGD: nesterov=True needs momentum, such as momentum=0.9")
        return options

    def buffers(self, options):
        return {"velocity": 0.0} if options["momentum"] else {}

    def update(self, options, t, p, g, a, b, *velocity):
        g = decayed(options, p, g, b)
        for v in velocity:
            v *= options["momentum"]
            v += g
            if options["nesterov"]:
                np.multiply(v, options["momentum"], out=a)
                a += g
                g = a
            else:
                g = v
        np.multiply(g, options["lr"], out=a)
        p -= a


class Lion(Optimiser):
    """Steps of one size, by the sign of a momentum (Chen et al. 2023).

    w ← w − η (sign(β₁ m + (1 − β₁) g) + λ w), then m ← β₂ m + (1 − β₂) g.

    Parameters
    ----------
    params : as for `SGD`.
    lr : η; the authors advise a third to a tenth of Adam's, with λ larger by as much.
    betas : β₁ and β₂, at least 0 and below 1.
    weight_decay : λ, apart from the gradient.

    Raises
    ------
    ValueError, GraphError, TypeError : as for `SGD`.

    >>> import autograd_lite as ag
    >>> w = ag.Tensor([1.0, -2.0], requires_grad=True)
    >>> optimiser = ag.optim.Lion([w], lr=0.25)
    >>> (w * w).sum().backward()
    >>> optimiser.step()
    >>> w
    Tensor([ 0.75, -1.75], requires_grad=True)
    """

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, lr=lr, betas=betas, weight_decay=weight_decay)

    def checked(self, options):
        return checked_betas(self.what, super().checked(options))

    def buffers(self, options):
        return {"mean": 0.0}

    def update(self, options, t, p, g, a, b, m):
        lr, (beta1, beta2) = options["lr"], options["betas"]
        np.subtract(g, m, out=a)
        a *= 1.0 - beta1
        a += m
        np.sign(a, out=b)  # in place it takes ten times as long
        b *= lr
        if options["weight_decay"]:
            p *= 1.0 - lr * options["weight_decay"]
        p -= b
        mix(m, g, 1.0 - beta2, a)


def checked_betas(what, options):
    try:
        first, second = options["betas"]
    except (TypeError, ValueError) as error:
        found = options["betas"]
        raise TypeError(f"{what}: betas is {found!r}; expected two numbers") from error
    betas = number(what, "betas[0]", first, below=1.0), number(what, "betas[1]", second, below=1.0)
    return options | {"betas": betas}
