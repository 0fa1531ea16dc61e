"""Recurrent layers: cells for one step, and sequences of any number of layers, batch first."""

import math

import numpy as np

from autograd_lite import functional as F
from autograd_lite.arguments import array, number
from autograd_lite.errors import ShapeError
from autograd_lite.nn.initialisation import generator
from autograd_lite.nn.linear import uniform_parameter
from autograd_lite.nn.module import Module, floating, positive
from autograd_lite.rules.cells import (
    SQUASHES,
    affine,
    gru_step,
    lstm_step,
    rnn_step,
    squash_of,
)


class Recurrent(Module):
    """What cells and sequences share: the kind of step and its number of gates and states."""

    _transposed = ("weight_",)
    _gates, _states = 1, 1
    _one_bias = True  # whether both biases are only ever added to each other
    _step = staticmethod(rnn_step)
    nonlinearity = "tanh"

    def _make(self, suffix, inputs, bias, rng, dtype):
        """Parameters of one direction of one layer, all uniform in ±1/√hidden_size."""
        hidden = self.hidden_size
        width, bound = self._gates * hidden, 1.0 / math.sqrt(hidden)
        for kind, shape in (("weight_ih", (inputs, width)), ("weight_hh", (hidden, width)),
                            ("bias_ih", (width,)), ("bias_hh", (width,))):  # fmt: skip
            made = uniform_parameter(shape, bound, rng, dtype)
            setattr(self, kind + suffix, made if bias or kind.startswith("weight") else None)

    def _weights(self, suffix):
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return [vars(self)[name + suffix] for name in names]

    def _set_nonlinearity(self, nonlinearity):
        squash_of(type(self).__name__, nonlinearity)
        self.nonlinearity = nonlinearity

    def _states_of(self, state, shape, dtype):
        """The states as a tuple of arrays of this shape; zeros if none are given."""
        if state is None:
            return (np.zeros(shape, dtype),) * self._states
        state = state if self._states > 1 and isinstance(state, (tuple, list)) else (state,)
        if len(state) != self._states or any(np.shape(s) != shape for s in state):
            raise ShapeError(
                f"the state has shapes {', '.join(str(np.shape(s)) for s in state)}; expected "
                f"{'a pair (h, c), each ' if self._states > 1 else ''}{shape}"
            )
        return tuple(state)

    def _out(self, states):
        return tuple(states) if self._states > 1 else states[0]

    def _checked(self, x, axes):
        x = array("forward", "x", x)
        if len(x.shape) != axes or x.shape[-1] != self.input_size:
            form = "(batch, length, " if axes == 3 else "(batch, "
            raise ShapeError(f"input of shape {x.shape}; expected {form}{self.input_size})")
        return x

    def extra_repr(self):
        return f"{self.input_size}, {self.hidden_size}"


class Cell(Recurrent):
    def __init__(self, input_size, hidden_size, bias=True, rng=None, dtype=np.float32):
        name = type(self).__name__
        positive(name, input_size=input_size, hidden_size=hidden_size)
        self.input_size, self.hidden_size = input_size, hidden_size
        self._make("", input_size, bias, generator(rng), floating(dtype, name))

    def forward(self, x, state=None):
        x = self._checked(x, 2)
        wx, wh, bx, bh = self._weights("")
        state = self._states_of(state, (x.shape[0], self.hidden_size), wx.dtype)
        return self._out(self._step(affine(x, wx, bx), state, wh, bh, SQUASHES[self.nonlinearity]))


class RNNCell(Cell):
    """One step h′ = tanh(x W + b + h W′ + b′) (Elman 1990).

    Parameters
    ----------
    input_size, hidden_size : lengths of x and h.
    bias, rng, dtype : as for `Linear`.
    nonlinearity : "tanh" or "relu".

    Call it with x (batch, input_size) and h (batch, hidden_size), zeros if None; returns h′.

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.RNNCell(3, 4)(np.ones((2, 3), np.float32)).shape
    (2, 4)
    """

    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", rng=None,
                 dtype=np.float32):  # fmt: skip
        super().__init__(input_size, hidden_size, bias, rng, dtype)
        self._set_nonlinearity(nonlinearity)


class LSTMCell(Cell):
    """One step of long short-term memory (Hochreiter and Schmidhuber 1997, Gers et al. 2000).

    i, f, o = σ(…), g = tanh(…), each of x W + b + h W′ + b′; c′ = f ⊙ c + i ⊙ g; h′ = o ⊙ tanh(c′).
    The columns of the weights are those of i, f, g, o, in PyTorch's order.

    Call it with x (batch, input_size) and the pair (h, c), zeros if None; returns (h′, c′).
    Parameters as for `RNNCell`.

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> h, c = nn.LSTMCell(3, 4)(np.ones((2, 3), np.float32))
    >>> h.shape, c.shape
    ((2, 4), (2, 4))
    """

    _gates, _states = 4, 2
    _step = staticmethod(lstm_step)


class GRUCell(Cell):
    """One step of a gated recurrent unit (Cho et al. 2014).

    r, z = σ(…), each of x W + b + h W′ + b′; n = tanh(x W + b + r ⊙ (h W′ + b′));
    h′ = (1 − z) ⊙ n + z ⊙ h. The columns of the weights are those of r, z, n, as in PyTorch.

    Call it with x (batch, input_size) and h (batch, hidden_size), zeros if None; returns h′.
    Parameters as for `RNNCell`.

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.GRUCell(3, 4)(np.ones((2, 3), np.float32)).shape
    (2, 4)
    """

    _gates, _one_bias = 3, False
    _step = staticmethod(gru_step)


class Sequence(Recurrent):
    def __init__(self, input_size, hidden_size, num_layers=1, bias=True, dropout=0.0,
                 bidirectional=False, rng=None, dtype=np.float32):  # fmt: skip
        name = type(self).__name__
        positive(name, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        dropout = number(name, "dropout", dropout, most=1.0)
        self.input_size, self.hidden_size = input_size, hidden_size
        self.num_layers, self.dropout, self.bidirectional = num_layers, dropout, bidirectional
        self._rng, dtype = generator(rng), floating(dtype, name)
        self._directions = ("", "_reverse")[: 1 + bool(bidirectional)]
        for layer in range(num_layers):
            inputs = hidden_size * len(self._directions) if layer else input_size
            for direction in self._directions:
                self._make(f"_l{layer}{direction}", inputs, bias, self._rng, dtype)

    def forward(self, x, state=None):
        x = self._checked(x, 3)
        if not x.shape[1]:
            raise ShapeError(f"input of shape {x.shape} has no steps")
        count = self.num_layers * len(self._directions)
        shape = (count, x.shape[0], self.hidden_size)
        states = self._states_of(state, shape, self.weight_ih_l0.dtype)
        first = [tuple(s[k] for s in states) for k in range(count)]
        x, last = np.swapaxes(x, 0, 1), []  # time first: a step is one block of memory
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = F.dropout(x, self.dropout, self.training, self._rng)
            outs = []
            for direction in self._directions:
                out, end = self._run(x, first[len(last)], f"_l{layer}{direction}")
                outs.append(out)
                last.append(end)
            x = np.concatenate(outs, axis=-1) if len(outs) > 1 else outs[0]
        ends = [np.stack([end[k] for end in last]) for k in range(self._states)]
        return np.swapaxes(x, 0, 1), self._out(ends)

    def _run(self, x, state, suffix):
        """All steps of one layer in one direction; the inputs' products in one go."""
        wx, wh, bx, bh = self._weights(suffix)
        if self._one_bias and bx is not None:
            bx, bh = bx + bh, None
        steps = [np.squeeze(s, 0) for s in np.split(affine(x, wx, bx), x.shape[0])]
        squash = SQUASHES[self.nonlinearity]
        backwards = suffix.endswith("_reverse")
        outs = []
        for step in reversed(steps) if backwards else steps:
            state = self._step(step, state, wh, bh, squash)
            outs.append(state[0])
        return np.stack(outs[::-1] if backwards else outs), state

    def extra_repr(self):
        words = super().extra_repr()
        words += f", num_layers={self.num_layers}" if self.num_layers > 1 else ""
        words += f", dropout={self.dropout}" if self.dropout else ""
        return words + (", bidirectional=True" if self.bidirectional else "")


class RNN(Sequence):
    """Layers of `RNNCell` over a sequence.

    Parameters
    ----------
    input_size, hidden_size, num_layers : sizes; each layer reads the outputs of the one before.
    bias, rng, dtype : as for `Linear`; `rng` also draws what dropout drops.
    dropout : probability, between layers, while training.
    bidirectional : a second set of weights reads backwards; outputs are joined on the last axis.
    nonlinearity : "tanh" or "relu".

    Call it with x (batch, length, input_size), always batch first, and h (layers × directions,
    batch, hidden_size), zeros if None. Returns (output (batch, length, directions × hidden_size),
    last h). Names of parameters are PyTorch's, `weight_ih_l0` (input_size, hidden_size) and so on.

    Raises
    ------
    ShapeError : an input or a state that does not fit.

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> output, h = nn.RNN(3, 4, num_layers=2)(np.ones((5, 7, 3), np.float32))
    >>> output.shape, h.shape
    ((5, 7, 4), (2, 5, 4))
    """

    def __init__(self, *args, nonlinearity="tanh", **kwargs):
        super().__init__(*args, **kwargs)
        self._set_nonlinearity(nonlinearity)


class LSTM(Sequence):
    """Layers of `LSTMCell` over a sequence.

    Parameters as for `RNN`, without `nonlinearity`. Call it with x (batch, length, input_size) and
    the pair (h, c), each (layers × directions, batch, hidden_size), zeros if None. Returns
    (output (batch, length, directions × hidden_size), (last h, last c)).

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> output, (h, c) = nn.LSTM(3, 4, bidirectional=True)(np.ones((5, 7, 3), np.float32))
    >>> output.shape, h.shape, c.shape
    ((5, 7, 8), (2, 5, 4), (2, 5, 4))
    """

    _gates, _states = 4, 2
    _step = staticmethod(lstm_step)


class GRU(Sequence):
    """Layers of `GRUCell` over a sequence.

    Parameters as for `RNN`, without `nonlinearity`; call and result too.

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> output, h = nn.GRU(3, 4)(np.ones((5, 7, 3), np.float32))
    >>> output.shape, h.shape
    ((5, 7, 4), (1, 5, 4))
    """

    _gates, _one_bias = 3, False
    _step = staticmethod(gru_step)
