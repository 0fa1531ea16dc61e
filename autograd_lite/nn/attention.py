"""Attention, and the transformer's block."""

import math

import numpy as np

from autograd_lite import functional as F
from autograd_lite.arguments import array
from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.nn.activations import Dropout
from autograd_lite.nn.initialisation import generator, xavier_uniform
from autograd_lite.nn.linear import Linear, parameter
from autograd_lite.nn.module import Module, floating, positive
from autograd_lite.nn.normalisation import LayerNorm
from autograd_lite.rules.attention import masked
from autograd_lite.tensor import Tensor

ACTIVATIONS = ("relu", "gelu")


class MultiHeadAttention(Module):
    """Attention in several heads, each in its own share of the features; batch first.

    Parameters
    ----------
    embed_dim, num_heads : features of all heads together, and how many heads share them.
    dropout : probability that a weight becomes 0 while training; the others are divided by one
        minus it.
    bias, rng, dtype : as for `Linear`; `rng` also draws what dropout drops.

    Call it with query (batch, length, embed_dim), and key and value (batch, keys, embed_dim): by
    default the query, which is self-attention.

    mask : broadcasts to (batch, heads, length, keys): booleans, True where to attend (the reverse
        of PyTorch's layer, as in its function), or floats to add to the scores. Keys that only
        fill up an example: (batch, keys) booleans as `mask[:, None, None, :]`. A query that
        booleans let see nothing gets weights of zero.
    is_causal : each query sees the keys up to its own place only; instead of a mask.
    need_weights : also return the weights, (batch, heads, length, keys), after dropout; PyTorch
        gives their mean over the heads. Each row says where a query looks, and sums to one.

    Returns (batch, length, embed_dim), or that and the weights. Without weights and dropout it is
    `functional.scaled_dot_product_attention`, which is faster.

    Attributes
    ----------
    in_proj_weight : (embed_dim, 3 embed_dim), columns of query, key, value; Xavier uniform, with
        PyTorch's fans of the joint matrix. in_proj_bias : zeros; or None.
    out_proj : Linear, its bias zero.

    Raises
    ------
    ValueError : heads that do not divide embed_dim; both a mask and `is_causal`.
    ShapeError : inputs or a mask that do not fit. DTypeError : a mask of integers.

    (Vaswani et al. 2017.)

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> layer = nn.MultiHeadAttention(4, 2)
    >>> y, weights = layer(np.ones((1, 3, 4), np.float32), is_causal=True, need_weights=True)
    >>> weights.data[0, 0].round(2)
    array([[1.  , 0.  , 0.  ],
           [0.5 , 0.5 , 0.  ],
           [0.33, 0.33, 0.33]], dtype=float32)
    """

    _transposed = ("in_proj_weight",)

    def __init__(self, embed_dim, num_heads, dropout=0.0, bias=True, rng=None, dtype=np.float32):
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
        self.dropout = Dropout(dropout, rng)
        if bias:
            self.in_proj_bias = parameter(np.zeros(3 * embed_dim, dtype))
            self.out_proj.bias.data[...] = 0.0

    def forward(self, query, key=None, value=None, mask=None, is_causal=False, need_weights=False):
        query, key, value = self._inputs(query, key, value)
        q, k, v = self._project(query, key, value)
        if mask is not None:
            if is_causal:
                raise ValueError("both mask and is_causal; combine them: mask & np.tri(length, "
                                 "keys, dtype=bool)")  # fmt: skip
            mask = fitting_mask(mask, (*q.shape[:3], k.shape[2]), q.dtype)
        weights = None
        if need_weights or (self.dropout.training and self.dropout.p):
            weights = self.dropout(attention_weights(q, k, mask, is_causal))
            mixed = weights @ v
        else:
            mixed = F.scaled_dot_product_attention(q, k, v, mask=mask, is_causal=is_causal)
        joined = np.reshape(np.swapaxes(mixed, 1, 2), (*query.shape[:2], self.embed_dim))
        y = self.out_proj(joined)
        return (y, weights) if need_weights else y

    def _inputs(self, query, key, value):
        """The three, checked; key and value both None where they are the query."""
        if key is None and value is not None:
            raise TypeError("a value without a key; pass both, or neither for self-attention")
        query = self._check(query, "query")
        if key is None:
            return query, None, None
        key = self._check(key, "key")
        value = key if value is None else self._check(value, "value")
        if key.shape[0] != query.shape[0]:
            raise ShapeError(
                f"key of shape {key.shape} for a query of shape {query.shape}; expected "
                f"({query.shape[0]}, keys, {self.embed_dim})"
            )
        if value.shape != key.shape:
            raise ShapeError(f"value of shape {value.shape} for a key of shape {key.shape}; "
                             "expected the same")  # fmt: skip
        return query, key, value

    def _project(self, query, key, value):
        """The three projections, cut into heads."""
        w, b = self.in_proj_weight, self.in_proj_bias
        if key is None:
            parts = np.split(F.linear(query, w, b), 3, axis=-1)
        else:
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
        x = array("forward", name, x)
        if len(x.shape) != 3 or x.shape[-1] != self.embed_dim:
            raise ShapeError(
                f"{name} of shape {x.shape}; expected (batch, length, {self.embed_dim})"
            )
        return x

    def extra_repr(self):
        return f"{self.embed_dim}, {self.num_heads}"


def attention_weights(q, k, mask, is_causal):
    """softmax(q kᵀ / √d + mask), which the fused operation keeps for itself; zeros for a query
    that booleans let see nothing."""
    scores = np.matmul(q * (1.0 / math.sqrt(q.shape[-1])), np.swapaxes(k, -1, -2))
    if is_causal:
        return F.softmax(masked(scores, np.tri(*scores.shape[-2:], dtype=bool)), axis=-1)
    weights = F.softmax(masked(scores, mask), axis=-1)
    if mask is not None and mask.dtype.kind == "b":
        weights = weights * np.any(mask, axis=-1, keepdims=True)
    return weights


def fitting_mask(mask, shape, dtype):
    """The mask as an array, floats in the given dtype; an error if it does not fit the scores."""
    mask = mask if hasattr(mask, "dtype") else np.asarray(mask)
    if mask.dtype.kind not in "bf":
        raise DTypeError(f"mask of dtype {mask.dtype}; expected booleans (True: may attend), as "
                         "mask.astype(bool), or floats to add")  # fmt: skip
    last = zip(mask.shape, shape[-mask.ndim :], strict=True)
    if not 2 <= mask.ndim <= 4 or any(m not in (1, n) for m, n in last):
        raise ShapeError(
            f"mask of shape {mask.shape} does not broadcast to (batch, heads, length, keys), here "
            f"{shape}{remedy(mask.shape, *shape)}"
        )
    return mask if mask.dtype in (bool, dtype) else mask.astype(dtype)


def remedy(found, batch, heads, length, keys):
    """How masks of other conventions are reshaped."""
    return {
        (keys,): "; of the keys alone: mask[None, :]",
        (batch, keys): "; of each example's keys: mask[:, None, None, :]",
        (batch, length, keys): "; the same for all heads: mask[:, None]",
        (batch * heads, length, keys): f"; mask.reshape({batch}, {heads}, {length}, {keys})",
    }.get(found, "")


class TransformerBlock(Module):
    """x + attention(norm1(x)), then that + MLP(norm2(that)): the pre-norm block.

    Names of parameters are those of PyTorch's `TransformerEncoderLayer(norm_first=True,
    batch_first=True)`, whose state loads with `torch_layout=True`.

    Parameters
    ----------
    d_model, nhead : features and heads of the attention.
    dim_feedforward : features inside the MLP; four times d_model by default (PyTorch: 2048).
    dropout : probability, while training: of the attention's weights, and after attention and
        both layers of the MLP; 0 by default (PyTorch: 0.1).
    activation : "relu", or "gelu".
    bias, rng, dtype : as for `Linear`; `rng` also draws what dropout drops.

    Call it with x (batch, length, d_model), and `mask`, `is_causal` and `need_weights` as
    `MultiHeadAttention`. Returns (batch, length, d_model), or that and the attention's weights.

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
        self.self_attn = MultiHeadAttention(d_model, nhead, dropout, bias, rng, dtype)
        self.linear1 = Linear(d_model, width, bias, rng, dtype)
        self.linear2 = Linear(width, d_model, bias, rng, dtype)
        self.norm1 = LayerNorm(d_model, bias=bias, dtype=dtype)
        self.norm2 = LayerNorm(d_model, bias=bias, dtype=dtype)
        self.dropout = Dropout(dropout, rng)

    def forward(self, x, mask=None, is_causal=False, need_weights=False):
        mixed = self.self_attn(
            self.norm1(x), mask=mask, is_causal=is_causal, need_weights=need_weights
        )
        mixed, weights = mixed if need_weights else (mixed, None)
        x = x + self.dropout(mixed)
        hidden = getattr(F, self.activation)(self.linear1(self.norm2(x)))
        y = x + self.dropout(self.linear2(self.dropout(hidden)))
        return (y, weights) if need_weights else y
