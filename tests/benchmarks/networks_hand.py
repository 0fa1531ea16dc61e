"""The networks of `networks` as one differentiates them by hand, in place where that is natural.

Each function takes the constants and the leaves, computes the loss too, and returns the gradients
of the leaves.
"""

import numpy as np


def two_moons(constants, leaves):
    x, signs, decay = constants
    W1, b1, W2, b2, w, c = leaves
    n = len(x)
    h1 = x @ W1
    h1 += b1
    np.maximum(h1, 0, out=h1)
    h2 = h1 @ W2
    h2 += b2
    np.maximum(h2, 0, out=h2)
    margins = h2 @ w
    margins += c
    margins *= signs
    np.subtract(1, margins, out=margins)
    active = margins > 0
    loss = (margins * active).sum() / n + decay * sum(np.vdot(p, p) for p in leaves)
    g = active * signs
    g /= -n
    gw, gc = h2.T @ g, g.sum(0)
    g2 = g @ w.T
    g2 *= h2 > 0
    g1 = g2 @ W2.T
    g1 *= h1 > 0
    gradients = [x.T @ g1, g1.sum(0), h1.T @ g2, g2.sum(0), gw, gc]
    for p, g in zip(leaves, gradients, strict=True):
        g += (2 * decay) * p
    return loss, gradients


def softmax_gradient(z, labels):
    """The mean cross entropy, and the gradient of the logits in their place."""
    n, rows = len(labels), np.arange(len(labels))
    z -= z.max(axis=1, keepdims=True)
    np.exp(z, out=z)
    z /= z.sum(axis=1, keepdims=True)
    loss = -np.log(z[rows, labels]).sum() / n
    z[rows, labels] -= 1
    z /= n
    return loss, z


def classifier(constants, leaves):
    x, labels = constants
    W, b, U, c = leaves
    ones = np.ones(len(x), x.dtype)
    h = x @ W
    h += b
    np.maximum(h, 0, out=h)
    z = h @ U
    z += c
    loss, d = softmax_gradient(z, labels)
    r = d @ U.T
    r *= h > 0
    return loss, [x.T @ r, ones @ r, h.T @ d, ones @ d]


def sigmoid(a):
    """In place."""
    a *= 0.5
    np.tanh(a, out=a)
    a += 1
    a *= 0.5
    return a


def sigmoid_mlp(constants, leaves):
    (labels,) = constants
    x, W, b, U, c = leaves
    ones = np.ones(len(x), x.dtype)
    h = x @ W
    h += b
    sigmoid(h)
    z = h @ U
    z += c
    loss, d = softmax_gradient(z, labels)
    gU = h.T @ d
    r = d @ U.T
    r *= h
    np.subtract(1, h, out=h)
    r *= h
    return loss, [r @ W.T, x.T @ r, ones @ r, gU, ones @ d]


def sigmoid_mlp_hvp(constants, leaves, directions):
    """The derivative of `sigmoid_mlp`'s gradients along the directions (Pearlmutter 1994)."""
    (labels,) = constants
    x, W, b, U, c = leaves
    vx, vW, vb, vU, vc = directions
    ones, n = np.ones(len(x), x.dtype), len(x)
    h = x @ W
    h += b
    sigmoid(h)
    z = h @ U
    z += c
    p = z - z.max(axis=1, keepdims=True)
    np.exp(p, out=p)
    p /= p.sum(axis=1, keepdims=True)
    d = p / n
    d[np.arange(n), labels] -= 1 / n
    slope = h * (1 - h)
    e = d @ U.T
    r = e * slope
    dh = vx @ W
    dh += x @ vW
    dh += vb
    dh *= slope
    dz = dh @ U
    dz += h @ vU
    dz += vc
    dz -= np.vecdot(p, dz)[:, None]
    dz *= p
    dz /= n
    dr = dz @ U.T
    dr += d @ vU.T
    dr *= slope
    e *= dh
    e *= 1 - 2 * h
    dr += e
    gx, gW, gU = dr @ W.T, vx.T @ r, dh.T @ d
    gx += r @ vW.T
    gW += x.T @ dr
    gU += h.T @ dz
    return [gx, gW, ones @ dr, gU, ones @ dz]


def residual_tower(constants, leaves):
    x, *leaves = leaves
    ones = np.ones(len(x), x.dtype)
    kept = []
    for H, v in zip(leaves[::2], leaves[1::2], strict=True):
        z = x @ H
        z += v
        active = z > 0
        z *= active
        kept.append((x, active, H))
        z += x
        x = z
    loss = np.vdot(x, x) / x.size
    g = x
    g *= 2 / x.size
    gradients = []
    for x, active, H in reversed(kept):
        r = g * active
        gradients += [ones @ r, x.T @ r]
        g += r @ H.T
    return loss, [g, *reversed(gradients)]


def elementwise(constants, leaves):
    x, w, b = leaves
    t = x * w
    t += b
    np.tanh(t, out=t)
    loss = np.vdot(t, t)
    g = t * t
    np.subtract(1, g, out=g)
    g *= t
    g *= 2
    return loss, [g * w, g * x, g]
