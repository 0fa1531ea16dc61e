"""A network of two convolutions, each with relu and pooling, and a dense layer."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .networks_hand import softmax_gradient

KERNEL = 5


def data(draw, n=64, size=28, channels=(1, 16, 32)):
    """Images and labels; the weights (out, in, k, k) and biases, in NCHW."""
    one, two, three = channels
    features = three * (size // 4) ** 2  # after two poolings
    x = draw(n, one, size, size)
    w1 = draw(two, one, KERNEL, KERNEL) / np.float32(np.sqrt(one * KERNEL**2))
    w2 = draw(three, two, KERNEL, KERNEL) / np.float32(np.sqrt(two * KERNEL**2))
    U = draw(features, 10) / np.float32(np.sqrt(features))
    return (x, np.arange(n) % 10), [w1, draw(two), w2, draw(three), U, draw(10)]


def loss(lib, constants, leaves):
    x, target = constants
    w1, b1, w2, b2, U, c = leaves
    h = lib.max_pool2d(lib.relu(lib.conv2d(x, w1, b1, padding=KERNEL // 2)), 2)
    h = lib.max_pool2d(lib.relu(lib.conv2d(h, w2, b2, padding=KERNEL // 2)), 2)
    return lib.cross_entropy(h.reshape(len(x), -1) @ U + c, target)


def by_hand(constants, leaves):
    """The loss and the gradients, with arrays (h, n, w, c) inside."""
    x, labels = constants
    w1, b1, w2, b2, U, c = leaves
    x = x.transpose(2, 0, 3, 1)
    windows1 = [whole_windows(x)]
    z1, h1 = layer(windows1, w1, b1, x.shape)
    windows2 = row_windows(h1)
    z2, h2 = layer(windows2, w2, b2, h1.shape)
    flat = np.ascontiguousarray(h2.transpose(1, 3, 0, 2)).reshape(len(labels), -1)
    logits = flat @ U
    logits += c
    value, d = softmax_gradient(logits, labels)
    gU, gc = flat.T @ d, d.sum(0)
    height, n, width, channels = h2.shape
    g = (d @ U.T).reshape(n, channels, height, width).transpose(2, 0, 3, 1)
    g = unpooled(np.ascontiguousarray(g), z2, h2)
    gw2, gb2 = weight_gradients(g, windows2, w2)
    g = unpooled(inputs_gradient(g, w2), z1, h1)
    gw1, gb1 = weight_gradients(g, windows1, w1)
    return value, [gw1, gb1, gw2, gb2, gU, gc]


def padded(x):
    """x (h, n, w, c) with zeros beyond the border."""
    h, n, w, c = x.shape
    border = KERNEL // 2
    out = np.zeros((h + 2 * border, n, w + 2 * border, c), x.dtype)
    out[border:-border, :, border:-border] = x
    return out


def whole_windows(x):
    """One row for each window of x: best for few channels."""
    (h, n, w, c), p, k = x.shape, padded(x), KERNEL
    s = p.strides
    view = as_strided(p, (h, n, w, k, k * c), (s[0], s[1], s[2], s[0], s[3]))
    return view.reshape(h * n * w, k * k * c)


def row_windows(x):
    """For each row of the kernel the runs of k pixels below it: views of one array."""
    (h, n, w, c), p, k = x.shape, padded(x), KERNEL
    runs = as_strided(p, (len(p), n, w, k * c), p.strides).copy()
    return [runs[i : i + h].reshape(h * n * w, k * c) for i in range(k)]


def product(windows, matrix):
    """The windows, side by side, times the matrix."""
    first, *others = np.split(matrix, len(windows))
    out = windows[0] @ first
    spare = np.empty_like(out) if others else None
    for part, piece in zip(windows[1:], others, strict=True):
        out += np.matmul(part, piece, out=spare)
    return out


def layer(windows, w, b, shape):
    """The convolution, and relu of the largest of each two by two."""
    z = product(windows, w.transpose(2, 3, 1, 0).reshape(-1, len(w)))
    z += b
    z = z.reshape(*shape[:3], len(w))
    h = np.maximum(z[::2, :, ::2], z[::2, :, 1::2])
    np.maximum(h, z[1::2, :, ::2], out=h)
    np.maximum(h, z[1::2, :, 1::2], out=h)
    return z, np.maximum(h, 0, out=h)


def unpooled(g, z, h):
    """From the gradient of `h` to that of `z`, in the same form."""
    g *= h > 0
    out = np.empty_like(z)
    for i in (0, 1):
        for j in (0, 1):
            np.multiply(g, z[i::2, :, j::2] == h, out=out[i::2, :, j::2])
    return out


def weight_gradients(g, windows, w):
    out, inner = w.shape[:2]
    g = g.reshape(-1, out)
    gw = np.concatenate([part.T @ g for part in windows])
    gw = gw.reshape(KERNEL, KERNEL, inner, out).transpose(3, 2, 0, 1)
    return gw, np.ones(len(g), g.dtype) @ g


def inputs_gradient(g, w):
    """The convolution of g with the kernel turned around."""
    turned = w[:, :, ::-1, ::-1].transpose(2, 3, 0, 1).reshape(-1, w.shape[1])
    return product(row_windows(g), turned).reshape(*g.shape[:3], w.shape[1])
