"""One step of recurrent networks: compositions, so they need no rules of their own.

A *step* takes what the input contributes, the states as a tuple, and the weights of the states.
"""

import numpy as np

from autograd_lite.arguments import array
from autograd_lite.errors import ShapeError
from autograd_lite.rules.activations import relu, sigmoid

SQUASHES = {"tanh": np.tanh, "relu": relu}


def affine(x, w, b):
    return x @ w if b is None else x @ w + b


def rnn_step(x, state, w, b, squash):
    """h′ = tanh(x + h W + b), or relu; x is the input times its weights, with its bias."""
    (h,) = state
    return (squash(x + affine(h, w, b)),)


def lstm_step(x, state, w, b, squash=None):
    """Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000."""
    h, c = state
    i, f, g, o = np.split(x + affine(h, w, b), 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def gru_step(x, state, w, b, squash=None):
    """Cho et al. 2014, with the reset gate after the product, as in PyTorch and cuDNN."""
    (h,) = state
    xr, xz, xn = np.split(x, 3, axis=-1)
    hr, hz, hn = np.split(affine(h, w, b), 3, axis=-1)
    n = np.tanh(xn + sigmoid(xr + hr) * hn)
    return (n + sigmoid(xz + hz) * (h - n),)


def squash_of(what, nonlinearity):
    if nonlinearity not in SQUASHES:
        raise ValueError(f"{what}: nonlinearity {nonlinearity!r}; use 'tanh' or 'relu'")
    return SQUASHES[nonlinearity]


def given(what, gates, x, states, weight_ih, weight_hh, *biases):
    """The arguments of a cell as arrays; ShapeError where they do not fit."""
    x, weight_ih, weight_hh = (
        array(what, name, value)
        for name, value in (("x", x), ("weight_ih", weight_ih), ("weight_hh", weight_hh))
    )
    states = tuple(array(what, name, s) for name, s in zip("hc", states, strict=False))
    hidden = states[0].shape[-1] if states[0].ndim else 0
    inputs, width = x.shape[-1] if x.ndim else 0, gates * hidden
    fits = (
        weight_ih.shape == (inputs, width)
        and weight_hh.shape == (hidden, width)
        and all(s.shape == (*x.shape[:-1], hidden) for s in states)
        and all(b is None or np.shape(b) == (width,) for b in biases)
    )
    if not fits:
        shapes = ", ".join(
            f"{name} {np.shape(value)}"
            for name, value in zip(
                ("x", *"hc"[: len(states)], "weight_ih", "weight_hh", "bias_ih", "bias_hh"),
                (x, *states, weight_ih, weight_hh, *biases),
                strict=True,
            )
            if value is not None
        )
        raise ShapeError(
            f"{what}: {shapes} do not fit; expected x (…, n), states (…, m), weights (n, {gates} m) "
            f"and (m, {gates} m), biases ({gates} m,); PyTorch's weights are the transposed ones"
        )
    return x, states, weight_ih, weight_hh


def rnn_cell(x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None, nonlinearity="tanh"):
    """h′ = tanh(x W + b + h W′ + b′), or relu: one step of a plain recurrent network (Elman 1990).

    Parameters
    ----------
    x : (…, n).  h : (…, m).
    weight_ih, weight_hh : (n, m) and (m, m); PyTorch's, transposed.
    bias_ih, bias_hh : (m,) or None.
    nonlinearity : "tanh" or "relu".

    Raises
    ------
    ShapeError : shapes that do not fit.
    ValueError : an unknown nonlinearity.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> h = ag.functional.rnn_cell(np.ones(2), np.zeros(1), np.ones((2, 1)), np.ones((1, 1)))
    >>> h.round(4)
    array([0.964])
    """
    squash, biases = squash_of("rnn_cell", nonlinearity), (bias_ih, bias_hh)
    x, h, weight_ih, weight_hh = given("rnn_cell", 1, x, (h,), weight_ih, weight_hh, *biases)
    return rnn_step(affine(x, weight_ih, bias_ih), h, weight_hh, bias_hh, squash)[0]


def lstm_cell(x, state, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """One step of long short-term memory: returns the next (h, c).

    i, f, o = σ(…) and g = tanh(…), each of x W + b + h W′ + b′; c′ = f ⊙ c + i ⊙ g and
    h′ = o ⊙ tanh(c′). Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000.

    Parameters
    ----------
    x : (…, n).
    state : the pair (h, c), each (…, m).
    weight_ih, weight_hh : (n, 4 m) and (m, 4 m); the columns of i, f, g, o, in PyTorch's order.
    bias_ih, bias_hh : (4 m,) or None.

    Raises
    ------
    ShapeError : shapes that do not fit.
    TypeError : a state that is no pair.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> zeros = np.zeros(1)
    >>> h, c = ag.functional.lstm_cell(np.ones(2), (zeros, zeros), np.ones((2, 4)), np.ones((1, 4)))
    >>> h.round(4), c.round(4)
    (array([0.6083]), array([0.8491]))
    """
    if not isinstance(state, (tuple, list)) or len(state) != 2:
        raise TypeError("lstm_cell: state is not a pair; pass (h, c), zeros at the start")
    biases = bias_ih, bias_hh
    x, state, weight_ih, weight_hh = given("lstm_cell", 4, x, state, weight_ih, weight_hh, *biases)
    return lstm_step(affine(x, weight_ih, bias_ih), state, weight_hh, bias_hh)


def gru_cell(x, h, weight_ih, weight_hh, bias_ih=None, bias_hh=None):
    """One step of a gated recurrent unit (Cho et al. 2014): returns the next h.

    r, z = σ(x W + b + h W′ + b′) and n = tanh(x W + b + r ⊙ (h W′ + b′)), each with columns of its
    own; h′ = (1 − z) ⊙ n + z ⊙ h.

    Parameters
    ----------
    x : (…, n).  h : (…, m).
    weight_ih, weight_hh : (n, 3 m) and (m, 3 m); the columns of r, z, n, in PyTorch's order.
    bias_ih, bias_hh : (3 m,) or None.

    Raises
    ------
    ShapeError : shapes that do not fit.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> h = ag.functional.gru_cell(np.ones(2), np.zeros(1), np.ones((2, 3)), np.ones((1, 3)))
    >>> h.round(4)
    array([0.1149])
    """
    biases = bias_ih, bias_hh
    x, h, weight_ih, weight_hh = given("gru_cell", 3, x, (h,), weight_ih, weight_hh, *biases)
    return gru_step(affine(x, weight_ih, bias_ih), h, weight_hh, bias_hh)[0]
