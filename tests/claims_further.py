"""Slips in further models, which the hypotheses were not made for: how far do they reach?

Of these some may stay unknown, but none may be explained wrongly.
"""

import numpy as np

from autograd_lite import functional as F
from tests.claims_bank import Slip
from tests.claims_slips import ROWS as WIDE_ROWS, layer_norm, normalised, sigmoid, softmax

rng = np.random.default_rng(11)
N = rng.standard_normal
U = rng.uniform
norm = np.linalg.norm


# --- models -------------------------------------------------------------------------------------
def silu(x, c):
    return np.sum(c * x * F.sigmoid(x))


def cosine(u, v):
    return u @ v / (np.sqrt(u @ u) * np.sqrt(v @ v))


def gate(z, a, b, c):
    s = F.sigmoid(z)
    return np.sum(c * (s * a + (1 - s) * b))


def slope(z):
    return sigmoid(z) * (1 - sigmoid(z))


def kernel(x, y, s):
    return np.exp(-np.sum((x - y) ** 2) / (2 * s**2))


def share(x, c):
    return np.sum(c * x / np.sum(x))


def rayleigh(x, y):
    return x @ y / (x @ x)


def softmax_by_hand(z, c):
    e = np.exp(z)
    p = e / np.sum(e)
    return np.sum(c * p)


def weighted(X, w, y, s):
    return np.sum(s * (X @ w - y) ** 2)


def poisson(X, w, y):
    z = X @ w
    return np.sum(np.exp(z) - y * z)


def logits_loss(X, w, t):
    z = X @ w
    return np.mean(np.log(1 + np.exp(z)) - t * z)


def penalised(X, w, s, lam):
    return np.mean(np.log(1 + np.exp(-s * (X @ w)))) + lam * np.sum(w**2)


def data_part(X, w, s):
    return -X.T @ (s * sigmoid(-s * (X @ w))) / len(s)


def targets(X, W, Y):
    return np.sum((X @ W - Y) ** 2)


def mean_targets(X, W, Y):
    return np.mean((X @ W - Y) ** 2)


def linear_net(W1, W2, x, t):
    return 0.5 * np.sum((W2 @ (W1 @ x) - t) ** 2)


def classifier(W1, W2, b1, X, labels):
    h = np.tanh(X @ W1 + b1)
    return F.cross_entropy(h @ W2, labels)


def classifier_parts(W1, W2, b1, X, labels):
    """The hidden values and the gradient of the logits."""
    h = np.tanh(X @ W1 + b1)
    return h, (softmax(h @ W2) - np.eye(W2.shape[1])[labels]) / len(labels)


def centred(X, C):
    return np.sum(C * (X - np.mean(X, axis=0)))


def scatter(X, c):
    return np.sum((X - c) ** 2)


def scaled_norm(X, gamma, C):
    m = np.mean(X, axis=-1, keepdims=True)
    hat = (X - m) / np.sqrt(np.mean((X - m) ** 2, axis=-1, keepdims=True))
    return np.sum(C * (gamma * hat))


def standardised(X):
    return (X - X.mean(-1, keepdims=True)) / X.std(-1, keepdims=True)


def without_gamma(X, gamma, C):
    Y = standardised(X)
    G = C - C.mean(-1, keepdims=True) - Y * (C * Y).mean(-1, keepdims=True)
    return G / X.std(-1, keepdims=True)


def recurrent(W, U, x1, x2, h0):
    h1 = np.tanh(W @ x1 + U @ h0)
    h2 = np.tanh(W @ x2 + U @ h1)
    return np.sum(h2**2)


def last_step(W, U, x1, x2, h0):
    h1 = np.tanh(W @ x1 + U @ h0)
    h2 = np.tanh(W @ x2 + U @ h1)
    return np.outer(2 * h2 * (1 - h2**2), h1)


def attention(Q, K, V, G):
    return np.sum(G * (F.softmax(Q @ K.T) @ V))


def scores(Q, K, V, G):
    """The gradient of the scores."""
    W, D = softmax(Q @ K.T), G @ V.T
    return W * (D - np.sum(W * D, axis=-1, keepdims=True))


def unit_rows(X):
    return X / np.sqrt(np.sum(X**2, axis=1, keepdims=True))


def batched(A, B, C):
    return np.sum(C * np.einsum("bij,bjk->bik", A, B))


SILU = dict(x=N(5), c=N(5))
GATE = dict(z=N(4), a=N(4), b=N(4), c=N(4))
POINTS = dict(x=N(3), y=N(3), s=np.array(1.3))
PAIR = dict(x=N(4), y=N(4))
DATA = dict(X=N((5, 3)), w=N(3), y=U(0.5, 2, 5))
LABELLED = dict(X=N((5, 3)), w=N(3), t=np.array([1.0, 0.0, 1.0, 0.0, 0.0]))
SIGNED = dict(X=N((5, 3)), w=N(3), s=np.array([1.0, -1.0, 1.0, 1.0, -1.0]), lam=np.array(0.2))
TARGETS = dict(X=N((5, 3)), W=N((3, 2)), Y=N((5, 2)))
SQUARE = dict(W1=N((3, 3)), W2=N((3, 3)), x=N(3), t=N(3))
CLASSES = dict(
    W1=N((3, 4)), W2=N((4, 3)), b1=N(4), X=N((6, 3)), labels=np.array([0, 2, 1, 1, 0, 2])
)
AS_WIDE = {**CLASSES, "X": N((6, 4)), "W1": N((4, 4))}
SCALED = dict(X=N((5, 4)), gamma=N(4), C=N((5, 4)))
STEPS = dict(W=N((4, 3)), U=N((4, 4)), x1=N(3), x2=N(3), h0=N(4))
HEADS = dict(Q=N((4, 3)), K=N((4, 3)), V=N((4, 2)), G=N((4, 2)))
POLICY = dict(z=N(4), reward=np.array(1.3))
STACKS = dict(A=N((2, 3, 3)), B=N((2, 3, 3)), C=N((2, 3, 3)))
A = N((3, 3))
MASKED = dict(x=N(6), m=np.array([1.0, 0.0, 1.0, 1.0, 0.0, 1.0]), c=N(6))
TRIPLET = dict(a=np.ones(4), p=np.full(4, 1.1), n=-np.ones(4))
ROWS = dict(X=N((5, 3)), c=N(3))

# --- slips --------------------------------------------------------------------------------------
# fmt: off
FURTHER = [
    Slip("silu, only the first term of the product rule", silu, SILU, {"x": lambda x, c: c * sigmoid(x)}, kind="missing term"),
    Slip("silu, 1 − σ forgotten", silu, SILU, {"x": lambda x, c: c * (sigmoid(x) + x * sigmoid(x))}, kind="missing factor"),
    Slip("silu, a sign", silu, SILU, {"x": lambda x, c: c * (sigmoid(x) - x * slope(x))}, kind="sign"),
    Slip("softplus, exp alone", lambda x: np.sum(np.log(1 + np.exp(x))), N(5), lambda x: np.exp(x), kind="missing factor"),
    Slip("cosine, the norm taken for a constant", cosine, dict(u=N(4), v=N(4)), {"u": lambda u, v: v / norm(u) / norm(v)}, kind="missing term"),
    Slip("gate, the other branch forgotten", gate, GATE, {"z": lambda z, a, b, c: c * a * slope(z)}, kind="missing term"),
    Slip("gate, a + b", gate, GATE, {"z": lambda z, a, b, c: c * (a + b) * slope(z)}, kind="sign"),
    Slip("gate, without σ′", gate, GATE, {"z": lambda z, a, b, c: c * (a - b)}, kind="missing factor"),
    Slip("kernel, its sign", kernel, POINTS, {"x": lambda x, y, s: (x - y) / s**2 * kernel(x, y, s)}, kind="sign"),
    Slip("kernel, 1 / s² forgotten", kernel, POINTS, {"x": lambda x, y, s: (y - x) * kernel(x, y, s)}, kind="missing factor"),
    Slip("kernel, its value forgotten", kernel, POINTS, {"x": lambda x, y, s: (y - x) / s**2}, kind="missing factor"),
    Slip("share, the total taken for a constant", share, dict(x=U(0.5, 2, 4), c=N(4)), {"x": lambda x, c: c / x.sum()}, kind="missing term"),
    Slip("quotient of products, not squared", rayleigh, PAIR, {"x": lambda x, y: y / (x @ x) - (x @ y) * 2 * x / (x @ x)}, kind="missing factor"),
    Slip("quotient of products, a sign", rayleigh, PAIR, {"x": lambda x, y: y / (x @ x) + (x @ y) * 2 * x / (x @ x) ** 2}, kind="sign"),
    Slip("quotient of products, 2 forgotten", rayleigh, PAIR, {"x": lambda x, y: y / (x @ x) - (x @ y) * x / (x @ x) ** 2}, kind=("factor", "missing term")),
    Slip("softmax by hand, p ⊙ c", softmax_by_hand, dict(z=N(4), c=N(4)), {"z": lambda z, c: softmax(z) * c}, kind="missing term"),
    Slip("softmax by hand, p (1 − p) ⊙ c", softmax_by_hand, dict(z=N(4), c=N(4)), {"z": lambda z, c: softmax(z) * (1 - softmax(z)) * c},
         kind=("missing term", "wrong factor")),
    Slip("weighted squares, weights forgotten", weighted, {**DATA, "s": U(0.5, 2, 5)}, {"w": lambda X, w, y: 2 * X.T @ (X @ w - y)}, kind="missing factor"),
    Slip("weighted squares, weights twice", weighted, {**DATA, "s": U(0.5, 2, 5)}, {"w": lambda X, w, y, s: 2 * X.T @ (s**2 * (X @ w - y))}, kind="wrong factor"),
    Slip("Poisson, counts forgotten", poisson, DATA, {"w": lambda X, w, y: X.T @ np.exp(X @ w)}, kind="missing term"),
    Slip("Poisson, a sign", poisson, DATA, {"w": lambda X, w, y: X.T @ (np.exp(X @ w) + y)}, kind="sign"),
    Slip("logits, t − σ", logits_loss, LABELLED, {"w": lambda X, w, t: X.T @ (t - sigmoid(X @ w)) / len(t)}, kind="sign"),
    Slip("logits, no mean", logits_loss, LABELLED, {"w": lambda X, w, t: X.T @ (sigmoid(X @ w) - t)}, kind="factor"),
    Slip("penalty, its sign", penalised, SIGNED, {"w": lambda X, w, s, lam: data_part(X, w, s) - 2 * lam * w}, kind="sign"),
    Slip("penalty, w forgotten", penalised, SIGNED, {"w": lambda X, w, s, lam: data_part(X, w, s) + 2 * lam}, kind="missing factor"),
    Slip("penalty, divided by N too", penalised, SIGNED, {"w": lambda X, w, s, lam: data_part(X, w, s) + 2 * lam * w / len(s)}, kind="factor"),
    Slip("several targets, transposed", targets, TARGETS, {"W": lambda X, W, Y: 2 * (X @ W - Y).T @ X}, kind="transposed"),
    Slip("several targets, half and the sign", targets, TARGETS, {"W": lambda X, W, Y: X.T @ (Y - X @ W)}, kind=("factor", "sign")),
    Slip("several targets, divided by N only", mean_targets, TARGETS, {"W": lambda X, W, Y: 2 / len(X) * X.T @ (X @ W - Y)}, kind="factor"),
    Slip("linear net, W₂ not transposed", linear_net, SQUARE, {"W1": lambda W1, W2, x, t: np.outer(W2 @ (W2 @ W1 @ x - t), x)}, kind="transposed"),
    Slip("linear net, x where h belongs", linear_net, SQUARE, {"W2": lambda W1, W2, x, t: np.outer(W2 @ W1 @ x - t, x)}, kind=("wrong factor", "missing factor")),
    Slip("classifier, tanh′ forgotten", classifier, CLASSES, {"W1": lambda W1, W2, b1, X, labels: X.T @ (classifier_parts(W1, W2, b1, X, labels)[1] @ W2.T)}, kind="missing factor"),
    Slip("classifier, the bias not summed", classifier, CLASSES,
         {"b1": lambda W1, W2, b1, X, labels: (parts := classifier_parts(W1, W2, b1, X, labels))[1] @ W2.T * (1 - parts[0] ** 2)}, kind="axis"),
    Slip("classifier, X where h belongs", classifier, AS_WIDE, {"W2": lambda W1, W2, b1, X, labels: X.T @ classifier_parts(W1, W2, b1, X, labels)[1]},
         kind=("wrong factor", "missing factor")),
    Slip("classifier, its sign", classifier, CLASSES,
         {"W2": lambda W1, W2, b1, X, labels: -(parts := classifier_parts(W1, W2, b1, X, labels))[0].T @ parts[1]}, kind="sign"),
    Slip("classifier, transposed", classifier, CLASSES,
         {"W2": lambda W1, W2, b1, X, labels: (parts := classifier_parts(W1, W2, b1, X, labels))[1].T @ parts[0]}, kind="transposed"),
    Slip("classifier, no mean", classifier, CLASSES,
         {"W2": lambda W1, W2, b1, X, labels: len(X) * (parts := classifier_parts(W1, W2, b1, X, labels))[0].T @ parts[1]}, kind="factor"),
    Slip("centred, the mean taken for a constant", centred, dict(X=N((4, 3)), C=N((4, 3))), {"X": lambda X, C: C}, kind="missing term"),
    Slip("centred, the mean of the other axis", centred, dict(X=N((4, 3)), C=N((4, 3))), {"X": lambda X, C: C - C.mean(1, keepdims=True)}, kind="axis"),
    Slip("scatter, the sum over everything", scatter, ROWS, {"c": lambda X, c: np.full_like(c, -2 * np.sum(X - c))}, kind="axis"),
    Slip("scatter, its sign", scatter, ROWS, {"c": lambda X, c: 2 * np.sum(X - c, axis=0)}, kind="sign"),
    Slip("scatter, not summed", scatter, ROWS, {"c": lambda X, c: 2 * (c - X)}, kind="axis"),
    Slip("gain, not summed", scaled_norm, SCALED, {"gamma": lambda X, gamma, C: C * standardised(X)}, kind="axis"),
    Slip("gain, x where the normalised x belongs", scaled_norm, SCALED, {"gamma": lambda X, gamma, C: np.sum(C * X, axis=0)}, kind="wrong factor"),
    Slip("gain, forgotten on the way to X", scaled_norm, SCALED, {"X": without_gamma}, kind="missing factor"),
    Slip("layer norm, the gradient's means over the batch", layer_norm, WIDE_ROWS, {"X": lambda X, C: (
         (C - C.mean(0) - (Y := normalised(X)[0]) * (C * Y).mean(0)) / normalised(X)[1])}, kind="axis"),
    Slip("recurrent, the last step alone", recurrent, STEPS, {"U": last_step}, kind="missing term"),
    Slip("attention, scores not transposed", attention, HEADS, {"K": lambda Q, K, V, G: scores(Q, K, V, G) @ Q}, kind="transposed"),
    Slip("attention, Q where K belongs", attention, HEADS, {"Q": lambda Q, K, V, G: scores(Q, K, V, G) @ Q}, kind="wrong factor"),
    Slip("policy, the chosen action forgotten", lambda z, reward: -reward * F.log_softmax(z)[2], POLICY, {"z": lambda z, reward: reward * softmax(z)}, kind="missing term"),
    Slip("policy, the reward forgotten", lambda z, reward: -reward * F.log_softmax(z)[2], POLICY, {"z": lambda z: softmax(z) - np.eye(len(z))[2]}, kind="missing factor"),
    Slip("triplet, the mask forgotten", lambda a, p, n: F.relu(np.sum((a - p) ** 2) - np.sum((a - n) ** 2) + 1.0), TRIPLET,
         {"a": lambda a, p, n: 2 * (n - p)}, kind=("missing factor", "conditional")),
    Slip("dropout, the mask forgotten", lambda x, m, c: np.sum(c * (m * x)), MASKED, {"x": lambda c: c}, kind="missing factor"),
    Slip("trace of a form, 2 A X", lambda X, A: np.trace(X.T @ A @ X), dict(X=N((3, 2)), A=A), {"X": lambda X, A: 2 * A @ X}, kind="conditional"),
    Slip("form of an inverse, −u uᵀ", lambda A, b: b @ np.linalg.inv(A) @ b, dict(A=A + 2 * np.eye(3), b=N(3)),
         {"A": lambda A, b: -np.outer(np.linalg.solve(A, b), np.linalg.solve(A, b))}, kind=("conditional", "transposed")),
    Slip("Frobenius norm, not divided", lambda W: np.sqrt(np.sum(W**2)), N((3, 4)), lambda W: W, kind="missing factor"),
    Slip("bilinear form, the outer product in the other order", lambda x, W, y: x @ W @ y, dict(x=N(3), W=N((3, 4)), y=N(4)),
         {"W": lambda x, W, y: np.outer(y, x)}, kind="transposed"),
    Slip("stacks of matrices, einsum, B for Bᵀ", batched, STACKS, {"A": lambda A, B, C: C @ B}, kind="transposed"),
    Slip("stacks of matrices, B for Bᵀ", lambda A, B, C: np.sum(C * (A @ B)), {**STACKS, "B": N((3, 3))}, {"A": lambda A, B, C: C @ B}, kind="transposed"),
    Slip("joined, the second use forgotten", lambda x, c: np.sum(c * np.concatenate([x, x**2])), dict(x=N(3), c=N(6)), {"x": lambda x, c: c[: len(x)]}, kind="missing term"),
    Slip("two branches, one derivative", lambda x: np.sum(np.where(x > 0, x**2, -x)), N(6), lambda x: 2 * x, kind=("conditional", "wrong factor")),
    Slip("product of all, not divided", lambda x: np.prod(x), N(4), lambda x: np.full_like(x, np.prod(x)), kind="missing factor"),
    Slip("deviation, not divided by it", lambda x: np.std(x), N(6), lambda x: (x - x.mean()) / len(x), kind="missing factor"),
    Slip("log det of a Gram matrix, 2 forgotten", lambda X: np.linalg.slogdet(X.T @ X).logabsdet, N((5, 3)), lambda X: X @ np.linalg.inv(X.T @ X),
         kind=("factor", "missing term")),
    Slip("length, not divided by it", lambda x, y: np.sum(np.sqrt(x**2 + y**2)), PAIR, {"x": lambda x, y: x}, kind="missing factor"),
    Slip("angle, 1 / x forgotten", lambda x, y: np.sum(np.arctan(y / x)), dict(x=U(0.5, 2, 4), y=N(4)), {"y": lambda x, y: 1 / (1 + (y / x) ** 2)}, kind="missing factor"),
    Slip("tanh², 1 − tanh² forgotten", lambda x: np.sum(np.tanh(x) ** 2), N(5), lambda x: 2 * np.tanh(x), kind="missing factor"),
    Slip("log cosh, sinh alone", lambda x: np.sum(np.log(np.cosh(x))), N(5), lambda x: np.sinh(x), kind="missing factor"),
    Slip("log cosh, 1 / cosh alone", lambda x: np.sum(np.log(np.cosh(x))), N(5), lambda x: 1 / np.cosh(x), kind="missing factor"),
    Slip("reshaped, not shaped back", lambda x, A: np.sum((x.reshape(2, 3) @ A) ** 2), dict(x=N(6), A=N((3, 2))), {"x": lambda x, A: 2 * x.reshape(2, 3) @ A @ A.T}, kind="shape"),
    Slip("unit rows, the norm taken for a constant", unit_rows, N((3, 4)), lambda g, X: g / norm(X, axis=1, keepdims=True), kind="missing term"),
]
# fmt: on
