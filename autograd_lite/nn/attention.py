"""Attention, and the transformer's block."""

import numpy as np

from autograd_lite import functional as F
from autograd_lite.errors import ShapeError
from autograd_lite.nn.activations import Dropout
from autograd_lite.nn.initialisation import generator, xavier_uniform
from autograd_lite.nn.linear import Linear, parameter
from autograd_lite.nn.module import Module, floating, positive
from autograd_lite.nn.normalisation import LayerNorm
from autograd_lite.tensor import Tensor

ACTIVATIONS = ("relu", "gelu")


class MultiHeadAttention(Module):
    """Attention in several heads, each in its own share of the features; batch first.

    Parameters
    ----------
    embed_dim, num_heads : features of all heads together, and how many heads share them.
    bias, rng, dtype : as for `Linear`.

    Call it with query (batch, length, embed_dim), and key and value (batch, keys, embed_dim): by
    default the query, which is self-attention. `mask` broadcasts to (batch, heads, length, keys):
    booleans, True where to attend, or floats to add; `is_causal` hides later positions. Returns
    (batch, length, embed_dim). Unlike PyTorch's, it has no dropout and does not return weights.

    Attributes
    ----------
    in_proj_weight : (embed_dim, 3 embed_dim), columns of query, key, value; Xavier uniform, with
        PyTorch's fans of the joint matrix. in_proj_bias : zeros; or None.
    out_proj : Linear, its bias zero.

    Raises
    ------
    ValueError : heads that do not divide embed_dim. ShapeError : inputs that do not fit.

    (Vaswani et al. 2017.)

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.MultiHeadAttention(8, 2)(np.ones((3, 5, 8), np.float32), is_causal=True).shape
    (3, 5, 8)
    """

    _transposed = ("in_proj_weight",)

    def __init__(self, embed_dim, num_heads, bias=True, rng=None, dtype=np.float32):
        positive("MultiHeadAttention", embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            raise ValueError(
                f"MultiHeadAttention: {num_heads} heads do not divide embed_dim {embed_dim}"
            )
        rng, dtype = generator(rng), floating(dtype, "MultiHeadAttention")
        self.embed_dim, self.num_heads = embed_dim, num_heads
        self.in_proj_weight = parameter(xavier_uniform((embed_dim, 3 * embed_dim), rng, dtype))
        self.in_proj_bias: Tensor | None = None
        self.out_proj = Linear(embed_dim, embed_dim, bias, rng, dtype)
        if bias:
            self.in_proj_bias = parameter(np.zeros(3 * embed_dim, dtype))
            self.out_proj.bias.data[...] = 0.0

    def forward(self, query, key=None, value=None, mask=None, is_causal=False):
        if key is None and value is not None:
            raise TypeError("a value without a key; pass both, or neither for self-attention")
        self._check(query, "query")
        q, k, v = self._project(query, key, key if value is None else value)
        mixed = F.scaled_dot_product_attention(q, k, v, mask=mask, is_causal=is_causal)
        joined = np.reshape(np.swapaxes(mixed, 1, 2), (*query.shape[:2], self.embed_dim))
        return self.out_proj(joined)

    def _project(self, query, key, value):
        """The three projections, cut into heads."""
        w, b = self.in_proj_weight, self.in_proj_bias
        if key is None:
            parts = np.split(F.linear(query, w, b), 3, axis=-1)
        else:
            self._check(key, "key")
            self._check(value, "value")
            weights = np.split(w, 3, axis=-1)
            biases = np.split(b, 3) if b is not None else [None] * 3
            each = zip((query, key, value), weights, biases, strict=True)
            parts = [F.linear(x, part, bias) for x, part, bias in each]
        return [self._heads(part) for part in parts]

    def _heads(self, x):
        """(batch, length, embed_dim) to (batch, heads, length, embed_dim / heads)."""
        batch, length, width = x.shape
        x = np.reshape(x, (batch, length, self.num_heads, width // self.num_heads))
        return np.swapaxes(x, 1, 2)

    def _check(self, x, name):
        if len(x.shape) != 3 or x.shape[-1] != self.embed_dim:
            raise ShapeError(
                f"{name} of shape {x.shape}; expected (batch, length, {self.embed_dim})"
            )

    def extra_repr(self):
        return f"{self.embed_dim}, {self.num_heads}"


class TransformerBlock(Module):
    """x + attention(norm1(x)), then that + MLP(norm2(that)): the pre-norm block.

    Names of parameters are those of PyTorch's `TransformerEncoderLayer(norm_first=True,
    batch_first=True)`, whose state loads with `torch_layout=True`.

    Parameters
    ----------
    d_model, nhead : features and heads of the attention.
    dim_feedforward : features inside the MLP; four times d_model by default (PyTorch: 2048).
    dropout : probability, after attention and after both layers of the MLP, while training; 0 by
        default (PyTorch: 0.1, and inside the attention too).
    activation : "relu", or "gelu".
    bias, rng, dtype : as for `Linear`; `rng` also draws what dropout drops.

    Call it with x (batch, length, d_model), and `mask` and `is_causal` as `MultiHeadAttention`.

    (Vaswani et al. 2017; pre-norm: Xiong et al. 2020.)

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.TransformerBlock(8, 2)(np.ones((3, 5, 8), np.float32), is_causal=True).shape
    (3, 5, 8)
    """

    def __init__(self, d_model, nhead, dim_feedforward=None, dropout=0.0, activation="relu",
                 bias=True, rng=None, dtype=np.float32):  # fmt: skip
        if activation not in ACTIVATIONS:
            raise ValueError(f"TransformerBlock: activation {activation!r}; use 'relu' or 'gelu'")
        rng = generator(rng)
        width = 4 * d_model if dim_feedforward is None else dim_feedforward
        self.activation = activation
        self.self_attn = MultiHeadAttention(d_model, nhead, bias, rng, dtype)
        self.linear1 = Linear(d_model, width, bias, rng, dtype)
        self.linear2 = Linear(width, d_model, bias, rng, dtype)
        self.norm1 = LayerNorm(d_model, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, bias=bias, dtype=dtype)
        self.dropout = Dropout(dropout, rng)

    def forward(self, x, mask=None, is_causal=False):
        mixed = self.self_attn(self.norm1(x), mask=mask, is_causal=is_causal)
        x = x + self.dropout(mixed)
        hidden = getattr(F, self.activation)(self.linear1(self.norm2(x)))
        return x + self.dropout(self.linear2(self.dropout(hidden)))
