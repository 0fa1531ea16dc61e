"""A transformer block: normalise, attend, add; normalise, two dense layers with gelu, add."""

import math

import numpy as np

HEADS = 4
EPS = 1e-5
ROOT, CUBIC = math.sqrt(2 / math.pi), 0.044715  # of gelu's approximation by tanh


def data(draw, n=8, length=64, width=128):
    """The input and the weights, all of them leaves."""
    d = width

    def weights(n, m):
        return draw(n, m) / np.float32(math.sqrt(n))

    square = [a for _ in range(4) for a in (weights(d, d), draw(d))]  # queries, keys, values, out
    dense = [weights(d, 4 * d), draw(4 * d), weights(4 * d, d), draw(d)]
    norms = [draw(d) for _ in range(4)]
    return (), [draw(n, length, d), *norms, *square, *dense]


def loss(lib, constants, leaves):
    x, a1, s1, a2, s2, Q, q, K, k, V, v, O, o, M, m, N, n = leaves  # noqa: E741

    shape = x.shape

    def heads(t):
        return lib.transpose(t.reshape(*shape[:2], HEADS, -1), (0, 2, 1, 3))

    h = lib.layer_norm(x, a1, s1)
    h = lib.attention(heads(h @ Q + q), heads(h @ K + k), heads(h @ V + v))
    x = x + lib.transpose(h, (0, 2, 1, 3)).reshape(*shape) @ O + o
    y = x + lib.gelu_tanh(lib.layer_norm(x, a2, s2) @ M + m) @ N + n
    return lib.mean(y * y)


def by_hand(constants, leaves):
    x, a1, s1, a2, s2, Q, q, K, k, V, v, O, o, M, m, N, n = leaves  # noqa: E741
    shape, width = x.shape, x.shape[-1]
    x = x.reshape(-1, width)  # examples and places are rows

    def apart(t):
        """Rows as (batch, heads, length, width of a head)."""
        return t.reshape(*shape[:2], HEADS, -1).transpose(0, 2, 1, 3)

    def together(t):
        return t.transpose(0, 2, 1, 3).reshape(-1, width)

    ones = np.ones(len(x), x.dtype)
    h, unit1, r1 = norm(x, a1, s1)
    queries, keys, values = (apart(dense(h, *p)) for p in ((Q, q), (K, k), (V, v)))
    p = queries @ keys.mT
    p *= 1 / math.sqrt(width // HEADS)
    p -= p.max(axis=-1, keepdims=True)
    np.exp(p, out=p)
    p /= p.sum(axis=-1, keepdims=True)
    mixed = together(p @ values)
    y = dense(mixed, O, o)
    y += x
    h2, unit2, r2 = norm(y, a2, s2)
    z = dense(h2, M, m)
    active, slope = gelu(z)
    y += active @ N
    y += n
    value = np.vdot(y, y) / y.size

    g = y
    g *= 2 / y.size
    gN, gn = active.T @ g, ones @ g
    gz = g @ N.T
    gz *= slope
    gM, gm = h2.T @ gz, ones @ gz
    into, ga2, gs2 = norm_back(gz @ M.T, unit2, r2, a2, ones)
    g += into
    gO, go = mixed.T @ g, ones @ g
    gmixed = apart(g @ O.T)
    gvalues = together(p.mT @ gmixed)
    gp = gmixed @ values.mT
    gp -= np.vecdot(gp, p)[..., None]
    gp *= p
    gp *= 1 / math.sqrt(width // HEADS)
    gqueries, gkeys = together(gp @ keys), together(gp.mT @ queries)
    gh = gqueries @ Q.T
    gh += gkeys @ K.T
    gh += gvalues @ V.T
    pairs = [(h.T @ t, ones @ t) for t in (gqueries, gkeys, gvalues)]
    into, ga1, gs1 = norm_back(gh, unit1, r1, a1, ones)
    g += into
    square = [*(a for pair in pairs for a in pair), gO, go]
    gx = g.reshape(shape)
    return value, [gx, ga1, gs1, ga2, gs2, *square, gM, gm, gN, gn]


def dense(x, w, b):
    z = x @ w
    z += b
    return z


def norm(x, scale, shift):
    """Normalised rows, the same before scale and shift, and 1 / their deviation."""
    width = x.shape[-1]
    mean = x @ np.full(width, 1 / width, x.dtype)
    unit = x - mean[:, None]
    r = np.vecdot(unit, unit)
    r /= width
    r += EPS
    np.sqrt(r, out=r)
    np.divide(1, r, out=r)
    unit *= r[:, None]
    out = unit * scale
    out += shift
    return out, unit, r


def norm_back(g, unit, r, scale, ones):
    """The gradients of the rows (in place of g), of scale and of shift."""
    width = g.shape[-1]
    gscale, gshift = ones @ (g * unit), ones @ g
    g *= scale
    along = np.vecdot(g, unit)
    along /= width
    mean = g @ np.full(width, 1 / width, g.dtype)
    g -= mean[:, None]
    g -= unit * along[:, None]
    g *= r[:, None]
    return g, gscale, gshift


def gelu(z):
    """z (1 + tanh u) / 2 with u = √(2/π) (z + 0.044715 z³), and its slope."""
    square = z * z
    t = square * (ROOT * CUBIC)
    t += ROOT
    t *= z
    np.tanh(t, out=t)
    square *= 3 * ROOT * CUBIC
    square += ROOT  # now the slope of u
    slope = t * t
    np.subtract(1, slope, out=slope)
    slope *= square
    slope *= z
    t += 1
    slope += t
    slope *= 0.5
    t *= z
    t *= 0.5
    return t, slope
