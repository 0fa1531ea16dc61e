"""Right derivations in many forms, none of which may raise an alarm."""

from functools import partial

import numpy as np

from autograd_lite import functional as F
from tests import claims_slips as m
from tests.claims_bank import Case, Terms
from tests.claims_slips import sigmoid, softmax

rng = np.random.default_rng(1)
N = rng.standard_normal


# --- linear models ------------------------------------------------------------------------------
def by_loops(X, w, y):
    total = np.zeros_like(w)
    for i in range(len(y)):
        error = -y[i]
        for j in range(len(w)):
            error += X[i, j] * w[j]
        for j in range(len(w)):
            total[j] += 2 * error * X[i, j]
    return total


def in_place(X, w, y):
    """Writes into its arguments, which are its own."""
    y *= -2
    w[:] = X.T @ (2 * X @ w + y)
    return w


def with_default(X, w, y, factor=2.0):
    return factor * X.T @ (X @ w - y)


def all_at_once(X, w, y):
    r = X @ w - y
    return {"X": 2 * np.outer(r, w), "w": 2 * X.T @ r, "y": -2 * r}


SINGLE = {n: a.astype(np.float32) for n, a in m.DATA.items()}
CLASSES = dict(X=m.X, w=m.w, t=m.LABELS01)
SIGNED = dict(X=m.X, w=m.w, s=m.SIGNS)
PENALISED = {**m.DATA, "lam": np.array(0.3)}
DESIGN, TARGET = N((5, 3)), N(5)


def closed_over(w):
    return np.sum((DESIGN @ w - TARGET) ** 2)


# fmt: off
LINEAR = [
    Case("least squares, loops", m.squared_error, m.DATA, {"w": by_loops}),
    Case("least squares, einsum", m.squared_error, m.DATA,
         {"w": lambda X, w, y: 2 * np.einsum("ij,ik,k->j", X, X, w) - 2 * np.einsum("ij,i", X, y)}),
    Case("least squares, normal equations", m.squared_error, m.DATA,
         {"w": lambda X, w, y: 2 * (X.T @ X @ w - X.T @ y)}),
    Case("least squares, a row times a matrix", m.squared_error, m.DATA,
         {"w": lambda X, w, y: 2 * (X @ w - y) @ X}),
    Case("least squares, columns", m.squared_error, m.DATA,
         {"w": lambda X, w, y: (2 * X.T @ (X @ w[:, None] - y[:, None])).ravel()}),
    Case("least squares, by X", m.squared_error, m.DATA,
         {"X": lambda X, w, y: (2 * X @ w - 2 * y)[:, None] * w}),
    Case("least squares, one claim of all", m.squared_error, m.DATA, all_at_once),
    Case("least squares, in place", m.squared_error, m.DATA, {"w": in_place}),
    Case("least squares, an option with a default", m.squared_error, m.DATA, {"w": with_default}),
    Case("least squares, a partial function", m.squared_error, m.DATA, {"w": partial(with_default, factor=2)}),
    Case("least squares, single precision", m.squared_error, SINGLE,
         {"w": lambda X, w, y: 2 * X.T @ (X @ w - y)}),
    Case("least squares, single precision claimed in double", m.squared_error, SINGLE,
         {"w": lambda X, w, y: np.float64(2) * X.T @ (X @ w - y)}),
    Case("least squares, one argument", closed_over, N(3),
         lambda v: 2 * DESIGN.T @ (DESIGN @ v - TARGET)),
    Case("least squares, square data", m.squared_error, m.SQUARE,
         {"w": lambda X, w, y: 2 * X.T @ (X @ w - y), "y": lambda X, w, y: 2 * (y - X @ w)}),
    Case("mean squared error, mean of the outer products", m.mean_squared_error, m.DATA,
         {"w": lambda X, w, y: np.mean(2 * (X @ w - y)[:, None] * X, axis=0)}),
    Case("ridge, by the weights and λ", m.ridge, PENALISED,
         {"w": lambda X, w, y, lam: 2 * (X.T @ X + lam * np.eye(len(w))) @ w - 2 * X.T @ y,
          "lam": lambda w: w @ w}),
    Case("lasso, |w| / w for the sign", m.lasso, PENALISED,
         {"w": lambda X, w, y, lam: X.T @ (X @ w - y) + lam * np.abs(w) / w}),
    Case("logistic loss, p − t", m.logistic, CLASSES,
         {"w": lambda X, w, t: X.T @ (sigmoid(X @ w) - t) / len(t)}),
    Case("logistic loss, step by step", m.logistic, CLASSES,
         {"w": lambda X, w, t: X.T @ (((1 - t) / (1 - (p := sigmoid(X @ w))) - t / p) * p * (1 - p)) / len(t)}),
    Case("logistic loss of labels ±1", m.signed_logistic, SIGNED,
         {"w": lambda X, w, s: np.mean((-s / (1 + np.exp(s * (X @ w))))[:, None] * X, axis=0)}),
    Case("hinge loss, where", m.hinge, SIGNED,
         {"w": lambda X, w, s: np.where((s * (X @ w) < 1)[:, None], -s[:, None] * X, 0).mean(0)}),
    Case("a norm, divided by it", m.norm_of_residual, m.DATA,
         {"w": lambda X, w, y: X.T @ ((r := X @ w - y) / np.linalg.norm(r))}),
    Case("Huber, clipped", m.huber, 2 * N(6), lambda r: np.clip(r, -1, 1)),
    Case("Huber, r / max(1, |r|)", m.huber, 2 * N(6), lambda r: r / np.maximum(1, np.abs(r))),
]

# --- softmax ------------------------------------------------------------------------------------
INTEGERS = np.array([2, 0, 1, 2])
hot = np.eye(3)[INTEGERS]


def by_rows(g, z):
    """(diag(y) − y yᵀ) g for each row."""
    return np.stack([(np.diag(y) - np.outer(y, y)) @ gi for y, gi in zip(softmax(z), g, strict=True)])


def minus_one(z, labels):
    p = softmax(z)
    p[np.arange(len(labels)), labels] -= 1
    return p / len(labels)


SOFTMAX = [
    Case("cross entropy, labels", F.cross_entropy, dict(logits=m.Z, target=INTEGERS),
         {"logits": lambda logits, target: minus_one(logits, target)}),
    Case("cross entropy, one-hot rows outside", lambda z: F.cross_entropy(z, hot), m.Z,
         lambda z: (softmax(z) - hot) / len(z)),
    Case("cross entropy of any weights", m.cross_entropy, m.SOFT,
         {"z": lambda z, t: t.sum(-1, keepdims=True) * softmax(z) - t, "t": lambda z: -np.log(softmax(z))}),
    Case("cross entropy, log-sum-exp", lambda z: np.sum(np.log(np.sum(np.exp(z), axis=-1)) - z[:, 0]), m.Z,
         lambda z: np.exp(z - np.log(np.exp(z).sum(-1, keepdims=True))) - np.eye(3)[0]),
    Case("cross entropy with a temperature", m.tempered, {**m.SOFT, "T": np.array(1.7)},
         {"T": lambda z, t, T: -np.sum((t.sum(-1, keepdims=True) * softmax(z / T) - t) * z) / T**2}),
    Case("softmax, y (g − gᵀy)", F.softmax, N(4), lambda g, z, out: out * (g - g @ out)),
    Case("softmax, s − y Σs", F.softmax, N(4), lambda g, z: (s := softmax(z) * g) - softmax(z) * s.sum()),
    Case("softmax, its symmetric Jacobian times g", F.softmax, N(4),
         lambda g, out: (np.diag(out) - np.outer(out, out)) @ g),
    Case("softmax, its Jacobian", F.softmax, N(4), lambda z: np.diag(y := softmax(z)) - y[:, None] * y),
    Case("softmax, its Jacobian by δ", F.softmax, N(4), lambda z: (y := softmax(z))[:, None] * (np.eye(len(y)) - y)),
    Case("softmax of rows, a Jacobian for each", lambda z: F.softmax(z, axis=-1), m.Z, by_rows),
    Case("softmax in three axes, einsum", lambda z: F.softmax(z, axis=1), N((2, 3, 4)),
         lambda g, z, out: out * g - np.einsum("aib,ajb,ajb->aib", out, out, g)),
    Case("log-softmax, g − p Σg", F.log_softmax, N(4), lambda g, z: g - np.exp(z) / np.exp(z).sum() * g.sum()),
    Case("log-sum-exp with the maximum taken out", lambda z: np.log(np.sum(np.exp(z - np.max(z)))) + np.max(z), N(5),
         lambda z: np.exp(z) / np.exp(z).sum()),
]


# --- layers -------------------------------------------------------------------------------------
def relu_case(title, mask):
    return Case("relu layer, " + title, m.relu_layer, m.RELU,
                {"W": lambda W, x, b, c: np.outer(c * mask(W @ x + b), x), "b": lambda W, x, b, c: c * mask(W @ x + b),
                 "x": lambda W, x, b, c: W.T @ np.diag(mask(W @ x + b)) @ c})


def residual_case(title, formula):
    def claim(H, x, v):
        gy = softmax(np.maximum(H @ x + v, 0) + x) - m.SECOND_CLASS
        return formula(H, x, H @ x + v, gy)
    return Case("residual layer, " + title, m.residual, m.RESIDUAL, {"x": claim})


def net_case(title, slope, net=m.tanh_net, activation=np.tanh):
    def claim(W, V, x, t):
        h = activation(W @ x)
        return ((V @ h - t) @ V * slope(W @ x, h))[:, None] @ x[None]
    return Case(title, net, m.NET, {"W": claim})


def through_time(W, U, x1, x2):
    h1 = np.tanh(W @ x1)
    h2 = np.tanh(W @ x2 + U @ h1)
    d2 = 2 * h2 * (1 - h2**2)
    d1 = (U.T @ d2) * (1 - h1**2)
    return {"W": np.outer(d1, x1) + np.outer(d2, x2), "U": np.outer(d2, h1)}


LAYERS = [
    net_case("sigmoid layer, h (1 − h)", lambda z, h: h * (1 - h), m.sigmoid_net, sigmoid),
    net_case("sigmoid layer, h − h²", lambda z, h: h - h * h, m.sigmoid_net, sigmoid),
    net_case("sigmoid layer, by exponentials", lambda z, h: np.exp(-z) / (1 + np.exp(-z)) ** 2, m.sigmoid_net, sigmoid),
    net_case("tanh layer, 1 − h²", lambda z, h: 1 - h**2),
    net_case("tanh layer, 1 / cosh²", lambda z, h: 1 / np.cosh(z) ** 2),
    net_case("tanh layer, (1 − h) (1 + h)", lambda z, h: (1 - h) * (1 + h)),
    relu_case("a comparison", lambda z: z > 0),
    relu_case("where", lambda z: np.where(z > 0, 1, 0)),
    relu_case("heaviside", lambda z: np.heaviside(z, 0.0)),
    relu_case("(1 + sign) / 2", lambda z: (1 + np.sign(z)) / 2),
    relu_case("relu(z) / z", lambda z: np.maximum(z, 0) / z),
    Case("relu, a mask of booleans", lambda x: np.sum(F.relu(x)), N(5), lambda x: x > 0),
    Case("leaky relu, where", m.leaky_layer, dict(W=N((4, 3)), x=N(3), c=N(4)),
         {"W": lambda W, x, c: np.outer(np.where(W @ x > 0, c, 0.1 * c), x)}),
    residual_case("Hᵀ (m ⊙ g) + g", lambda H, x, x3, gy: H.T @ ((x3 > 0) * gy) + gy),
    residual_case("(diag(m) H + I)ᵀ g", lambda H, x, x3, gy: (np.diag(x3 > 0) @ H + np.eye(len(x))).T @ gy),
    residual_case("a row of masks times H", lambda H, x, x3, gy: (gy * (x3 > 0)) @ H + gy),
    residual_case("only the rows that are on", lambda H, x, x3, gy: H[x3 > 0].T @ gy[x3 > 0] + gy),
    Case("bias, ones times the gradient", m.affine, m.BATCH,
         {"b": lambda X, W, b, C: np.ones(len(X)) @ m.slope_of_affine(X, W, b, C)}),
    Case("affine layer, einsum", m.affine, m.BATCH,
         {"X": lambda X, W, b, C: np.einsum("nk,dk->nd", m.slope_of_affine(X, W, b, C), W),
          "W": lambda X, W, b, C: np.einsum("nd,nk->dk", X, m.slope_of_affine(X, W, b, C)),
          "b": lambda X, W, b, C: np.einsum("nk->k", m.slope_of_affine(X, W, b, C))}),
    Case("affine layer, a sum of outer products", m.affine, m.BATCH,
         {"W": lambda X, W, b, C: sum(map(np.outer, X, m.slope_of_affine(X, W, b, C)))}),
    Case("recurrent network, through time", m.recurrent, dict(W=N((4, 3)), U=N((4, 4)), x1=N(3), x2=N(3)), through_time),
    Case("layer norm, three terms", m.layer_norm, m.ROWS, {"X": m.gradient_of_rows}),
    Case("attention, all three", m.attention, m.ATTENTION,
         {"Q": lambda Q, K, V, G: m.scores(Q, K, V, G)[1] @ K / np.sqrt(Q.shape[1]),
          "K": lambda Q, K, V, G: m.scores(Q, K, V, G)[1].T @ Q / np.sqrt(K.shape[1]),
          "V": lambda Q, K, V, G: m.scores(Q, K, V, G)[0].T @ G}),
]


# --- matrices -----------------------------------------------------------------------------------
def stacked(M):
    """vec: columns below each other."""
    return M.ravel(order="F")


def kronecker(C, B, A, Y):
    """Mᵀ (M vec(C) − vec(Y)) with M = (B A)ᵀ ⊗ I, as vec(C B A) = M vec(C)."""
    M = np.kron((B @ A).T, np.eye(len(C)))
    return (M.T @ (M @ stacked(C) - stacked(Y))).reshape(C.shape, order="F")


def weighed(C, B, A, a):
    """The gradient of the scores for rows a of any sum."""
    return a.sum(-1, keepdims=True) * softmax(C @ B @ A) - a


CBA = dict(C=N((3, 4)), B=N((4, 2)), A=N((2, 5)), Y=N((3, 5)))


def fit_by_kronecker(U, V, M):
    J = np.kron(V, np.eye(len(U)))
    return 2 * (J.T @ (J @ stacked(U) - stacked(M))).reshape(U.shape, order="F")


def cofactors(A):
    """The gradient of det: signed minors."""
    G = np.empty_like(A)
    for i, j in np.ndindex(A.shape):
        minor = np.delete(np.delete(A, i, 0), j, 1)
        G[i, j] = (-1) ** (i + j) * np.linalg.det(minor)
    return G


def quadratic_by_loops(x, A):
    n = len(x)
    return [sum(A[i, j] * x[j] + A[j, i] * x[j] for j in range(n)) for i in range(n)]


MATRICES = [
    Case("factorisation, Kronecker product", m.factorisation, m.FACTORS, {"U": fit_by_kronecker}),
    Case("factorisation, both factors", m.factorisation, m.FACTORS,
         {"U": lambda U, V, M: 2 * (U @ V.T - M) @ V, "V": lambda U, V, M: 2 * (V @ U.T - M.T) @ U}),
    Case("three matrices, Kronecker product", lambda C, B, A, Y: 0.5 * np.sum((C @ B @ A - Y) ** 2), CBA, {"C": kronecker}),
    Case("three matrices, one by one", m.product_of_three, m.CBA,
         {"A": lambda C, B, A, a: (C @ B).T @ weighed(C, B, A, a), "B": lambda C, B, A, a: C.T @ weighed(C, B, A, a) @ A.T,
          "C": lambda C, B, A, a: weighed(C, B, A, a) @ (B @ A).T, "a": lambda C, B, A: -np.log(softmax(C @ B @ A))}),
    Case("quadratic form, (A + Aᵀ) x", m.quadratic, dict(x=N(3), A=m.A), {"x": lambda x, A: (A + A.T) @ x,
         "A": lambda x: np.multiply.outer(x, x)}),
    Case("quadratic form, loops and a list", m.quadratic, dict(x=N(3), A=m.A), {"x": quadratic_by_loops}),
    Case("log det, solved", m.log_det, m.A, lambda A: np.linalg.solve(A.T, np.eye(len(A)))),
    Case("det, signed minors", np.linalg.det, m.A, cofactors),
    Case("trace of a product, both", lambda A, B: np.trace(A @ B), dict(A=N((3, 4)), B=N((4, 3))),
         {"A": lambda B: B.T, "B": lambda A: np.swapaxes(A, 0, 1)}),
    Case("trace of an inverse", lambda A: np.trace(np.linalg.inv(A)), m.A, lambda A: -np.linalg.matrix_power(A.T, -2)),
    Case("product of a matrix and a vector, by g", lambda W, x: W @ x, dict(W=N((4, 3)), x=N(3)),
         {"W": lambda g, x: np.outer(g, x), "x": lambda g, W: g @ W}),
    Case("outer product by broadcasting", lambda W, x: W @ x, dict(W=N((4, 3)), x=N(3)),
         {"W": lambda g, W, x: g[:, None] * x}),
    Case("product of stacks of matrices, by g", lambda A, B: A @ B, dict(A=N((2, 3, 4)), B=N((4, 2))),
         {"A": lambda g, B: g @ B.T, "B": lambda g, A: np.einsum("aij,aik->jk", A, g)}),
    Case("Jacobian of a layer", lambda W, x: np.tanh(W @ x), dict(W=N((4, 3)), x=N(3)),
         {"x": lambda W, x: np.diag(1 - np.tanh(W @ x) ** 2) @ W}),
    Case("Jacobian of an elementwise function", np.sin, N(4), lambda x: np.diag(np.cos(x))),
    Case("Jacobian of a transpose", lambda X: X.T, N((2, 3)), lambda X: np.einsum("ik,jl->jikl", *map(np.eye, X.shape))),
]

# --- calculus -----------------------------------------------------------------------------------
def added_up(E, i, C):
    G = np.zeros_like(E)
    np.add.at(G, i, C)
    return G


def running_back(g, x):
    total, result = 0.0, np.zeros_like(x)
    for k in reversed(range(len(x))):
        total += g[k]
        result[k] = total
    return result


CALCULUS = [
    Case("a number", lambda x: x**3 - 2 * x, np.array(1.5), lambda x: 3 * x**2 - 2),
    Case("a number of Python", lambda x: x**3 - 2 * x, 1.5, lambda x: float(3 * x**2 - 2)),
    Case("two numbers", lambda a, b: np.exp(a) * np.sin(b), dict(a=0.3, b=1.1),
         {"a": lambda a, b: np.exp(a) * np.sin(b), "b": lambda a, b: np.exp(a) * np.cos(b)}),
    Case("polynomial, polyval", lambda x: np.sum(x**3 - 4 * x + 1), N(5), lambda x: np.polyval([3, 0, -4], x)),
    Case("a constant gradient", lambda x: np.sum(2 * x), N((2, 3)), lambda x: 2 * np.ones(x.shape)),
    Case("a constant gradient of integers", lambda x: np.sum(2 * x), N((2, 3)), lambda x: np.full(x.shape, 2)),
    Case("three axes", lambda X, c: np.sum(np.sin(X) * c), dict(X=N((2, 3, 4)), c=N(4)),
         {"X": lambda X, c: c * np.cos(X), "c": lambda X: np.sin(X).sum((0, 1))}),
    Case("logarithm of positive numbers", lambda x: np.sum(x * np.log(x)), rng.uniform(0.5, 2, 5), lambda x: np.log(x) + 1),
    Case("arcsine, with its own draws", lambda x: np.sum(np.arcsin(x)), rng.uniform(-0.9, 0.9, 5),
         lambda x: (1 - x**2) ** -0.5, options=dict(draw=lambda rng: rng.uniform(-0.9, 0.9, 5))),
    Case("quotient", lambda u, v: np.sum(u / v), dict(u=N(4), v=rng.uniform(1, 2, 4)),
         {"u": lambda v: 1 / v, "v": lambda u, v: -(u / v) / v}),
    Case("quotient, simplified", lambda x: np.sum(x / (1 + x**2)), N(5), lambda x: (1 - x**2) / (1 + x**2) ** 2),
    Case("absolute value, x / |x|", lambda x: np.sum(np.abs(x)), N(5), lambda x: x / np.abs(x)),
    Case("maximum of rows, a mask", lambda x: np.sum(np.max(x, axis=1) ** 2), N((4, 3)),
         lambda x: 2 * x * (x == x.max(1, keepdims=True))),
    Case("maximum of rows, argmax", lambda x: np.sum(np.max(x, axis=1)), N((4, 3)),
         lambda x: np.eye(x.shape[1])[x.argmax(1)]),
    Case("variance", lambda x: np.var(x, ddof=1), N(6), lambda x: 2 * (x - x.mean()) / (x.size - 1)),
    Case("Gaussian", m.gaussian, m.NORMAL,
         {"mu": lambda x, mu, sigma: np.sum((mu - x) / sigma**2), "x": lambda x, mu, sigma: (x - mu) / sigma**2,
          "sigma": lambda x, mu, sigma: np.sum(1 - ((x - mu) / sigma) ** 2) / sigma}),
    Case("Kullback–Leibler divergence", m.divergence, m.DISTRIBUTIONS,
         {"p": lambda p, q: 1 + np.log(p) - np.log(q), "q": lambda p, q: -p / q}),
    Case("embedding, added up", m.looked_up, m.TABLE, {"E": added_up}),
    Case("embedding, one-hot rows", m.looked_up, m.TABLE, {"E": lambda E, i, C: np.eye(len(E))[i].T @ C}),
    Case("running sum, backwards", np.cumsum, N(5), running_back),
    Case("running sum, reversed twice", np.cumsum, N(5), lambda g, x: np.cumsum(g[::-1])[::-1]),
    Case("running sum, a triangular Jacobian", np.cumsum, N(5), lambda x: np.tril(np.ones((len(x), len(x))))),
    Case("convolution, flipped", lambda x, k: np.convolve(x, k, "valid"), dict(x=N(6), k=N(3)),
         {"k": lambda g, x, k: np.convolve(x, g[::-1], "valid")[::-1], "x": lambda g, x, k: np.correlate(g, k, "full")}),
]
# fmt: on
RIGHT = LINEAR + SOFTMAX + LAYERS + MATRICES + CALCULUS

# --- gradients that are sums, a term for each use -----------------------------------------------
TERMS = [
    Terms("ridge", m.ridge, PENALISED,
          (lambda X, w, y, lam: 2 * X.T @ (X @ w - y), lambda X, w, y, lam: 2 * lam * w), wrt="w"),
    Terms("quadratic form", m.quadratic, dict(x=N(3), A=m.A),
          (lambda x, A: A @ x, lambda x, A: A.T @ x)),
    Terms("product rule", lambda x: np.sum(x * np.sin(x)), dict(x=N(5)),
          (lambda x: np.sin(x), lambda x: x * np.cos(x))),
    Terms("polynomial", lambda x: np.sum(x**3 - 4 * x), dict(x=N(5)),
          (lambda x: 3 * x**2, lambda x: -4 * np.ones_like(x))),
    Terms("skip", lambda x, W, c: np.sum(c * (np.tanh(W @ x) + x)), dict(x=N(3), W=N((3, 3)), c=N(3)),
          (lambda x, W, c: W.T @ (c * (1 - np.tanh(W @ x) ** 2)), lambda x, W, c: c)),
    Terms("recurrent network", m.recurrent, dict(W=N((4, 3)), U=N((4, 4)), x1=N(3), x2=N(3)),
          (lambda W, U, x1, x2: m.last_step(W, U, x1, x2),
           lambda W, U, x1, x2: through_time(W, U, x1, x2)["W"] - m.last_step(W, U, x1, x2)), wrt="W"),
]  # fmt: skip
