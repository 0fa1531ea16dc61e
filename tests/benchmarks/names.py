"""The libraries in the same words: what each of them calls the functions of the networks.

A function is the library's own where it has one, and else what its users write, with what the
library offers for it.
"""

import math
from types import SimpleNamespace

import numpy as np

import autograd_lite as ag
from autograd_lite import functional as F
from autograd_lite.rules.convolution import conv2d
from autograd_lite.rules.pooling import max_pool2d

EPS = 1e-5  # of the layer norms
ROOT, CUBIC = math.sqrt(2 / math.pi), 0.044715  # of gelu's approximation by tanh

ENGINE = SimpleNamespace(
    no_grad=ag.no_grad, relu=F.relu, sigmoid=F.sigmoid, tanh=np.tanh, mean=np.mean, sum=np.sum,
    square=np.square, cross_entropy=F.cross_entropy, conv2d=conv2d, max_pool2d=max_pool2d,
    layer_norm=F.layer_norm, attention=F.scaled_dot_product_attention, transpose=np.transpose,
    gelu_tanh=lambda x: F.gelu(x, approximate="tanh"),
)  # fmt: skip


def torch_names(torch):
    their = torch.nn.functional
    return SimpleNamespace(
        no_grad=torch.no_grad, relu=torch.relu, sigmoid=torch.sigmoid, tanh=torch.tanh,
        mean=torch.mean, sum=torch.sum, square=torch.square,
        cross_entropy=their.cross_entropy, conv2d=their.conv2d, max_pool2d=their.max_pool2d,
        attention=their.scaled_dot_product_attention,
        layer_norm=lambda x, w, b: their.layer_norm(x, x.shape[-1:], w, b),
        transpose=torch.permute, gelu_tanh=lambda x: their.gelu(x, approximate="tanh"),
    )  # fmt: skip


def composed(lib):
    """Add the functions that neither HIPS autograd nor MyGrad has, made of those in `lib`."""

    def layer_norm(x, scale, shift):
        centred = x - lib.mean(x, axis=-1, keepdims=True)
        variance = lib.mean(centred * centred, axis=-1, keepdims=True)
        return centred / lib.sqrt(variance + EPS) * scale + shift

    def attention(queries, keys, values):
        scores = queries @ lib.transpose(keys, (0, 1, 3, 2))
        return lib.softmax(scores * (1 / math.sqrt(queries.shape[-1]))) @ values

    def gelu_tanh(x):
        return 0.5 * x * (1 + lib.tanh(ROOT * (x + CUBIC * (x * x * x))))

    vars(lib).update(layer_norm=layer_norm, attention=attention, gelu_tanh=gelu_tanh)
    return lib


def hips_names():
    from autograd import numpy as anp
    from autograd.scipy.signal import convolve
    from autograd.scipy.special import expit, logsumexp

    def cross_entropy(z, labels):
        return anp.mean(logsumexp(z, axis=1) - z[np.arange(len(labels)), labels])

    def conv2d(x, weight, bias, padding):
        """As in the library's example of a convolutional network; it turns the kernel around."""
        around = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        y = convolve(anp.pad(x, around, "constant"), weight[:, :, ::-1, ::-1],
                     axes=([2, 3], [2, 3]), dot_axes=([1], [1]), mode="valid")  # fmt: skip
        return y + anp.reshape(bias, (1, -1, 1, 1))

    def max_pool2d(x, size):
        """As in the same example."""
        n, channels, height, width = x.shape
        tiles = anp.reshape(x, (n, channels, height // size, size, width // size, size))
        return anp.max(anp.max(tiles, axis=3), axis=4)

    def softmax(z):
        return anp.exp(z - logsumexp(z, axis=-1, keepdims=True))

    return composed(SimpleNamespace(
        relu=lambda x: anp.maximum(x, 0), sigmoid=expit, tanh=anp.tanh, mean=anp.mean,
        sum=anp.sum, square=anp.square, sqrt=anp.sqrt, transpose=anp.transpose, softmax=softmax,
        cross_entropy=cross_entropy, conv2d=conv2d, max_pool2d=max_pool2d,
    ))  # fmt: skip


def mygrad_names(mg):
    from mygrad.nnet.activations import relu, sigmoid, softmax
    from mygrad.nnet.layers import conv_nd, max_pool
    from mygrad.nnet.losses import softmax_crossentropy

    def conv2d(x, weight, bias, padding):
        return conv_nd(x, weight, stride=1, padding=padding) + bias.reshape(1, -1, 1, 1)

    return composed(SimpleNamespace(
        relu=relu, sigmoid=sigmoid, tanh=mg.tanh, mean=mg.mean, sum=mg.sum, square=mg.square,
        sqrt=mg.sqrt, transpose=lambda x, axes: mg.transpose(x, *axes),
        softmax=lambda z: softmax(z, axis=-1),
        cross_entropy=softmax_crossentropy, conv2d=conv2d,
        max_pool2d=lambda x, size: max_pool(x, (size, size), size),
    ))  # fmt: skip
