"""Derivations with a planted slip, as students write them.

The words are what a reader of the diagnosis must find there: the number, the factor or the term.
"""

import numpy as np

from autograd_lite import functional as F
from tests.claims_bank import Condition, Slip

rng = np.random.default_rng(0)
N = rng.standard_normal
MASK = r"mask|1\["


def softmax(z, axis=-1):
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# fmt: off
# --- linear models ------------------------------------------------------------------------------
X, w, y = N((5, 3)), N(3), N(5)
DATA = dict(X=X, w=w, y=y)
SQUARE = dict(X=N((4, 4)), w=N(4), y=N(4))
LABELS01 = np.array([1.0, 0.0, 0.0, 1.0, 1.0])
SIGNS = 2 * LABELS01 - 1


def squared_error(X, w, y):
    return np.sum((X @ w - y) ** 2)


def mean_squared_error(X, w, y):
    return np.mean((X @ w - y) ** 2)


def ridge(X, w, y, lam):
    return np.sum((X @ w - y) ** 2) + lam * np.sum(w**2)


def lasso(X, w, y, lam):
    return 0.5 * np.sum((X @ w - y) ** 2) + lam * np.sum(np.abs(w))


def logistic(X, w, t):
    p = 1 / (1 + np.exp(-(X @ w)))
    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))


def signed_logistic(X, w, s):
    return np.mean(np.log(1 + np.exp(-s * (X @ w))))


def hinge(X, w, s):
    return np.mean(np.maximum(0.0, 1 - s * (X @ w)))


def norm_of_residual(X, w, y):
    return np.sqrt(np.sum((X @ w - y) ** 2))


def huber(r):
    return np.sum(np.where(np.abs(r) <= 1, 0.5 * r**2, np.abs(r) - 0.5))


LINEAR = [
    Slip("least squares, the 2 of the square forgotten", squared_error, DATA,
         {"w": lambda X, w, y: X.T @ (X @ w - y)}, kind="factor", words=(r"\b2\b|twice|half",)),
    Slip("mean squared error, not divided by N", mean_squared_error, DATA,
         {"w": lambda X, w, y: 2 * X.T @ (X @ w - y)}, kind="factor", words=(r"\b5\b|\bN\b|rows|axis 0|len",)),
    Slip("least squares, target minus prediction", squared_error, DATA,
         {"w": lambda X, w, y: 2 * X.T @ (y - X @ w)}, kind="sign", words=("sign|−1|minus",)),
    Slip("least squares by X, the outer product in the other order", squared_error, DATA,
         {"X": lambda X, w, y: 2 * np.outer(w, X @ w - y)}, kind="transposed", words=("transpos|ᵀ",)),
    Slip("least squares, X where Xᵀ belongs", squared_error, SQUARE,
         {"w": lambda X, w, y: 2 * X @ (X @ w - y)}, kind="transposed", words=("X",)),
    Slip("least squares, X where Xᵀ belongs and does not fit", squared_error, DATA,
         {"w": lambda X, w, y: 2 * X @ (X @ w - y)}, kind="error", words=("matmul|ValueError",)),
    Slip("least squares, a column where a vector belongs", squared_error, DATA,
         {"w": lambda X, w, y: (2 * X.T @ (X @ w - y))[:, None]}, kind="shape", words=(r"\(3, 1\)", r"\(3,\)")),
    Slip("least squares, nothing returned", squared_error, DATA,
         {"w": lambda X, w, y: None}, kind="error", words=("None|return",)),
    Slip("ridge, the decay forgotten", ridge, {**DATA, "lam": np.array(0.3)},
         {"w": lambda X, w, y: 2 * X.T @ (X @ w - y)}, kind="missing term", words=(r"\bw\b|decay",)),
    Slip("ridge, λw where 2λw belongs", ridge, {**DATA, "lam": np.array(0.3)},
         {"w": lambda X, w, y, lam: 2 * X.T @ (X @ w - y) + lam * w},
         kind=("factor", "missing term"), words=(r"\bw\b|decay",)),
    Slip("least squares, a decay that the loss does not have", squared_error, DATA,
         {"w": lambda X, w, y: 2 * X.T @ (X @ w - y) + w}, kind="extra term", words=(r"\bw\b",)),
    Slip("decay, λ forgotten", lambda w, lam: lam * np.sum(w**2), {"w": w, "lam": np.array(0.3)},
         {"w": lambda w: 2 * w}, kind="missing factor", words=("lam|λ",)),
    Slip("lasso, the sign of w forgotten", lambda w, lam: lam * np.sum(np.abs(w)), {"w": np.array([0.5, -1.0, 2.0]), "lam": np.array(0.3)},
         {"w": lambda w, lam: lam * np.ones_like(w)}, kind="missing factor", words=("sign",)),
    Slip("lasso, the penalty forgotten", lasso, {**DATA, "lam": np.array(0.3)},
         {"w": lambda X, w, y: X.T @ (X @ w - y)}, kind="missing term", words=("sign|lam|abs|w",)),
    Slip("logistic loss of labels ±1, the label's sign", signed_logistic, dict(X=X, w=w, s=SIGNS),
         {"w": lambda X, w, s: X.T @ (s * sigmoid(-s * (X @ w))) / len(s)}, kind="sign", words=("sign|−1|minus",)),
    Slip("logistic loss, the derivative of σ twice", logistic, dict(X=X, w=w, t=LABELS01),
         {"w": lambda X, w, t: X.T @ ((sigmoid(X @ w) - t) * sigmoid(X @ w) * (1 - sigmoid(X @ w))) / len(t)},
         kind="wrong factor", words=(r"1 ?[−-] ?p|twice|σ|sigmoid",)),
    Slip("logistic loss, the derivative of σ forgotten", logistic, dict(X=X, w=w, t=LABELS01),
         {"w": lambda X, w, t: X.T @ (((p := sigmoid(X @ w)) - t) / (p * (1 - p))) / len(t)},
         kind="missing factor", words=(r"1 ?[−-] ?p|σ|sigmoid|derivative",)),
    Slip("logistic loss, labels forgotten", logistic, dict(X=X, w=w, t=LABELS01),
         {"w": lambda X, w, t: X.T @ sigmoid(X @ w) / len(t)}, kind="missing term", words=(r"\bt\b",)),
    Slip("hinge loss, the mask forgotten", hinge, dict(X=X, w=w, s=SIGNS),
         {"w": lambda X, w, s: -X.T @ s / len(s)}, kind="missing factor", words=(MASK,)),
    Slip("hinge loss, the mask the wrong way round", hinge, dict(X=X, w=w, s=SIGNS),
         {"w": lambda X, w, s: -X.T @ (s * (s * (X @ w) > 1)) / len(s)}, kind="wrong factor", words=(MASK,)),
    Slip("a norm, not divided by it", norm_of_residual, DATA,
         {"w": lambda X, w, y: X.T @ (X @ w - y)}, kind="missing factor", words=("norm|‖|sqrt|√|out|f",)),
    Slip("Huber, not clipped", huber, 2 * N(6), lambda r: r, kind=("conditional", "wrong factor"), words=(r"≤|<|clip|where|only|sign",)),
]

# --- softmax ------------------------------------------------------------------------------------
Z, P = N((4, 3)), rng.dirichlet(np.ones(3), 4)
SOFT = dict(z=Z, t=P)
logits, cotangent = N(4), N(4)


def cross_entropy(z, t):
    return -np.sum(t * F.log_softmax(z))


def mean_cross_entropy(z, t):
    return -np.mean(np.sum(t * F.log_softmax(z), axis=-1))


def tempered(z, t, T):
    return -np.sum(t * F.log_softmax(z / T))


SOFTMAX = [
    Slip("cross entropy, p* − p", cross_entropy, SOFT,
         {"z": lambda z, t: t - softmax(z)}, kind="sign", words=("sign|−1|minus",)),
    Slip("cross entropy, mean over the rows forgotten", mean_cross_entropy, SOFT,
         {"z": lambda z, t: softmax(z) - t}, kind="factor", words=(r"\b4\b|\bN\b|rows|axis 0|len",)),
    Slip("cross entropy, divided by all entries instead of rows", mean_cross_entropy, SOFT,
         {"z": lambda z, t: (softmax(z) - t) / z.size}, kind="factor", words=(r"\b3\b|axis 1|column",)),
    Slip("cross entropy, − p* forgotten", cross_entropy, SOFT,
         {"z": lambda z, t: softmax(z)}, kind="missing term", words=(r"\bt\b",)),
    Slip("cross entropy, softmax along the wrong axis", cross_entropy, SOFT,
         {"z": lambda z, t: softmax(z, 0) - t}, kind="axis", words=("axis",)),
    Slip("cross entropy, softmax over all entries", cross_entropy, SOFT,
         {"z": lambda z, t: softmax(z, (0, 1)) - t}, kind="axis", words=("axis|all entries|row",)),
    Slip("cross entropy, times p (1 − p) once more", cross_entropy, SOFT,
         {"z": lambda z, t: (softmax(z) - t) * softmax(z) * (1 - softmax(z))}, kind="wrong factor", words=(r"1 ?[−-]",)),
    Slip("cross entropy of weights that do not sum to one", cross_entropy, dict(z=Z, t=rng.uniform(0.2, 2.0, (4, 3))),
         {"z": lambda z, t: softmax(z) - t}, kind="conditional", words=("sum", r"\b1\b|one")),
    Slip("cross entropy with a temperature, its factor forgotten", tempered, {**SOFT, "T": np.array(1.7)},
         {"z": lambda z, t, T: softmax(z / T) - t}, kind="missing factor", words=(r"\bT\b",)),
    Slip("softmax, its product without the second term", F.softmax, logits,
         lambda g, z: g * softmax(z), kind="missing term", words=("Σ|sum|1ᵀ|ᵀ",)),
    Slip("softmax, s − Σs instead of s − y Σs", F.softmax, logits,
         lambda g, z: g * softmax(z) - np.sum(g * softmax(z)), kind="missing factor", words=("softmax|out|y",)),
    Slip("softmax of rows, the sum over all rows", lambda z: F.softmax(z, axis=-1), Z,
         lambda g, z, out: out * (g - np.sum(g * out)), kind="axis", words=("axis",)),
    Slip("Jacobian of softmax, only its diagonal part", F.softmax, logits,
         lambda z: np.diag(softmax(z)), kind="missing term", words=("outer|ᵀ",)),
    Slip("Jacobian of softmax, the other sign", F.softmax, logits,
         lambda z: np.outer(softmax(z), softmax(z)) - np.diag(softmax(z)), kind="sign", words=("sign|−1|minus",)),
    Slip("logsumexp, softmax along the wrong axis", lambda z: np.sum(np.log(np.sum(np.exp(z), axis=1))), Z,
         lambda z: softmax(z, 0), kind="axis", words=("axis",)),
]

# --- layers -------------------------------------------------------------------------------------
NET = dict(W=N((4, 3)), V=N((2, 4)), x=N(3), t=N(2))


def sigmoid_net(W, V, x, t):
    h = 1 / (1 + np.exp(-(W @ x)))
    return 0.5 * np.sum((V @ h - t) ** 2)


def tanh_net(W, V, x, t):
    h = np.tanh(W @ x)
    return 0.5 * np.sum((V @ h - t) ** 2)


def net_slip(title, slope, net=sigmoid_net, activation=sigmoid, kind="wrong factor", words=(r"1 ?[−-]|h",)):
    """∂e/∂W = (Vᵀ (V h − t) ⊙ slope(z, h)) xᵀ, with the wrong slope of the activation."""
    def claim(W, V, x, t):
        h = activation(W @ x)
        return np.outer(V.T @ (V @ h - t) * slope(W @ x, h), x)
    return Slip(title, net, NET, {"W": claim}, kind=kind, words=words)


RELU = dict(W=N((6, 3)), x=N(3), b=np.array([1.0, -0.5, 0.2, -0.1, 0.6, -1.0]), c=N(6))


def relu_layer(W, x, b, c):
    return np.sum(c * F.relu(W @ x + b))


def leaky_layer(W, x, c):
    return np.sum(c * F.leaky_relu(W @ x, 0.1))


RESIDUAL = dict(H=N((4, 4)), x=N(4), v=N(4))
SECOND_CLASS = np.array([0.0, 1.0, 0.0, 0.0])


def residual(H, x, v):
    x2 = H @ x
    x3 = x2 + v
    y = F.relu(x3) + x
    return F.cross_entropy(y, SECOND_CLASS)


def plain_layer(H, x, v):
    y = F.relu(H @ x + v)
    return 0.5 * np.sum(y**2)


def residual_slip(title, formula, **expected):
    """A claim of ∂e/∂x from H, x, x₃ and gy = ∂e/∂y."""
    def claim(H, x, v):
        x3 = H @ x + v
        gy = softmax(np.maximum(x3, 0) + x) - SECOND_CLASS
        return formula(H, x, x3, gy)
    return Slip(title, residual, RESIDUAL, {"x": claim}, **expected)


BATCH = dict(X=N((5, 3)), W=N((3, 2)), b=N(2), C=N((5, 2)))


def affine(X, W, b, C):
    return np.sum(C * np.tanh(X @ W + b))


def slope_of_affine(X, W, b, C):
    return C * (1 - np.tanh(X @ W + b) ** 2)


LAYERS = [
    net_slip("sigmoid layer, h (1 + h)", lambda z, h: h * (1 + h)),
    net_slip("sigmoid layer, 1 − h² of tanh", lambda z, h: 1 - h**2),
    net_slip("sigmoid layer, its derivative forgotten", lambda z, h: 1, kind="missing factor"),
    net_slip("sigmoid layer, h without 1 − h", lambda z, h: h, kind="missing factor"),
    net_slip("sigmoid layer, z (1 − z) of its input", lambda z, h: z * (1 - z)),
    net_slip("tanh layer, 1 − z² of its input", lambda z, h: 1 - z**2, tanh_net, np.tanh),
    net_slip("tanh layer, h (1 − h) of the sigmoid", lambda z, h: h * (1 - h), tanh_net, np.tanh),
    net_slip("tanh layer, 1 + h²", lambda z, h: 1 + h**2, tanh_net, np.tanh),
    net_slip("tanh layer, its derivative forgotten", lambda z, h: 1, tanh_net, np.tanh, kind="missing factor"),
    Slip("dense layer, the outer product in the other order", sigmoid_net, NET,
         {"V": lambda W, V, x, t: np.outer(h := sigmoid(W @ x), V @ h - t)}, kind="transposed", words=("transpos|ᵀ",)),
    Slip("relu layer, the mask forgotten", relu_layer, RELU,
         {"W": lambda W, x, b, c: np.outer(c, x)}, kind="missing factor", words=(MASK,)),
    Slip("relu layer, the mask of its bias", relu_layer, RELU,
         {"W": lambda W, x, b, c: np.outer(c * (b > 0), x)}, kind="wrong factor", words=(MASK,)),
    Slip("relu layer, its value where the mask belongs", relu_layer, RELU,
         {"b": lambda W, x, b, c: c * np.maximum(W @ x + b, 0)}, kind="wrong factor", words=(MASK,)),
    Slip("leaky relu, slope 0 where it is negative", leaky_layer, dict(W=N((4, 3)), x=N(3), c=N(4)),
         {"W": lambda W, x, c: np.outer(c * (W @ x > 0), x)}, kind="wrong factor", words=(MASK,)),
    residual_slip("residual layer, + ∂e/∂y forgotten", lambda H, x, x3, gy: H.T @ (gy * (x3 > 0)),
                  kind="missing term", words=("∂e/∂y|skip|cotangent|gradient",)),
    residual_slip("residual layer, + I where ∂e/∂y belongs", lambda H, x, x3, gy: H.T @ (gy * (x3 > 0)) + np.eye(len(x)),
                  kind="shape", words=(r"\(4, 4\)", r"\(4,\)", r"\bI\b|identity|Iₙ|I₄")),
    residual_slip("residual layer, + 1 where ∂e/∂y belongs", lambda H, x, x3, gy: H.T @ (gy * (x3 > 0)) + 1,
                  kind="missing factor", words=("∂e/∂y|cotangent|gradient", r"\b1\b|\bones\b")),
    residual_slip("residual layer, the mask after Hᵀ", lambda H, x, x3, gy: (H.T @ gy) * (x3 > 0) + gy,
                  kind="operator", words=("mask|order|before|1\\[",)),
    residual_slip("residual layer, H where Hᵀ belongs", lambda H, x, x3, gy: H @ (gy * (x3 > 0)) + gy,
                  kind="transposed", words=(r"\bH|ᵀ",)),
    residual_slip("residual layer, the mask forgotten", lambda H, x, x3, gy: H.T @ gy + gy,
                  kind="missing factor", words=(MASK,)),
    residual_slip("residual layer, the mask of its input", lambda H, x, x3, gy: H.T @ (gy * (x > 0)) + gy,
                  kind="wrong factor", words=(MASK,)),
    residual_slip("residual layer, the mask also on the skip", lambda H, x, x3, gy: (H.T @ (gy * (x3 > 0))) + gy * (x3 > 0),
                  kind="wrong factor", words=(MASK,)),
    residual_slip("residual layer, the skip twice", lambda H, x, x3, gy: H.T @ (gy * (x3 > 0)) + 2 * gy,
                  kind="factor", words=(r"\b2\b|twice|half", "y|skip")),
    residual_slip("residual layer, the skip subtracted", lambda H, x, x3, gy: H.T @ (gy * (x3 > 0)) - gy,
                  kind="sign", words=("∂e/∂y|term|skip|contribution",)),
    Slip("layer without a skip, + ∂e/∂y all the same", plain_layer, RESIDUAL,
         {"x": lambda H, x, v: H.T @ ((y := np.maximum(H @ x + v, 0)) * (H @ x + v > 0)) + y},
         kind="extra term", words=("∂e/∂y|cotangent|gradient",)),
    Slip("layer without a skip, its Jacobian + I", lambda H, x: np.tanh(H @ x), dict(H=N((4, 4)), x=N(4)),
         {"x": lambda H, x: np.diag(1 - np.tanh(H @ x) ** 2) @ H + np.eye(len(x))},
         kind="extra term", words=(r"\bI\b|identity|Iₙ|I₄",)),
    Slip("tanh, the incoming gradient forgotten", np.tanh, N(5), lambda g, x: 1 - np.tanh(x) ** 2,
         kind="missing factor", words=(r"\bg\b",)),
    Slip("tanh, the incoming gradient twice", np.tanh, N(5), lambda g, x: g * g * (1 - np.tanh(x) ** 2),
         kind="wrong factor", words=(r"\bg\b",)),
    Slip("bias, not summed over the batch", affine, BATCH,
         {"b": slope_of_affine}, kind="axis", words=("sum", "axis|batch|rows")),
    Slip("bias, summed over the wrong axis", affine, BATCH,
         {"b": lambda X, W, b, C: slope_of_affine(X, W, b, C).sum(1)}, kind="axis", words=("axis",)),
    Slip("bias, the mean over the batch", affine, BATCH,
         {"b": lambda X, W, b, C: slope_of_affine(X, W, b, C).mean(0)}, kind="factor", words=(r"\b5\b|\bN\b|rows|axis 0|len",)),
    Slip("two of three right, the weight's transposed", affine, BATCH,
         {"X": lambda X, W, b, C: slope_of_affine(X, W, b, C) @ W.T,
          "W": lambda X, W, b, C: slope_of_affine(X, W, b, C).T @ X,
          "b": lambda X, W, b, C: slope_of_affine(X, W, b, C).sum(0)},
         kind="transposed", words=("transpos|ᵀ",), wrong="W"),
]

# --- matrices -----------------------------------------------------------------------------------
FACTORS = dict(U=N((4, 2)), V=N((4, 2)), M=N((4, 4)))
A, B = N((3, 3)), N((3, 3))
CBA = dict(C=N((3, 4)), B=N((4, 2)), A=N((2, 5)), a=rng.dirichlet(np.ones(5), 3))
CUBE = dict(C=N((3, 3)), B=N((3, 3)), A=N((3, 3)), a=rng.dirichlet(np.ones(3), 3))


def factorisation(U, V, M):
    return np.sum((U @ V.T - M) ** 2)


def product_of_three(C, B, A, a):
    return -np.sum(a * F.log_softmax(C @ B @ A))


def rows_error(C, B, A, a):
    return softmax(C @ B @ A) - a


def quadratic(x, A):
    return x @ A @ x


def log_det(A):
    return np.linalg.slogdet(A).logabsdet


SYMMETRIC = A + A.T

MATRICES = [
    Slip("factorisation U Vᵀ, the residual not transposed", factorisation, FACTORS,
         {"V": lambda U, V, M: 2 * (U @ V.T - M) @ U}, kind="transposed", words=("transpos|ᵀ",)),
    Slip("factorisation U Vᵀ, the residual transposed", factorisation, FACTORS,
         {"U": lambda U, V, M: 2 * (U @ V.T - M).T @ V}, kind="transposed", words=("transpos|ᵀ",)),
    Slip("quadratic form, 2 A x of a matrix that is not symmetric", quadratic, dict(x=N(3), A=A),
         {"x": lambda x, A: 2 * A @ x}, kind="conditional", words=("symmetric",)),
    Slip("quadratic form, A x alone", quadratic, dict(x=N(3), A=A),
         {"x": lambda x, A: A @ x}, kind="missing term", words=("Aᵀ|transpos|x",)),
    Slip("log det, the inverse not transposed", log_det, A, np.linalg.inv, kind="transposed", words=("transpos|ᵀ",)),
    Slip("det, without the determinant", np.linalg.det, A, lambda A: np.linalg.inv(A).T,
         kind="missing factor", words=("det|out|f",)),
    Slip("trace of a product, B instead of Bᵀ", lambda A, B: np.trace(A @ B), dict(A=N((3, 4)), B=N((4, 3))),
         {"A": lambda A, B: B}, kind="transposed", words=("transpos|ᵀ",)),
    Slip("trace of an inverse, its minus forgotten", lambda A: np.trace(np.linalg.inv(A)), A,
         lambda A: (np.linalg.inv(A) @ np.linalg.inv(A)).T, kind="sign", words=("sign|−1|minus",)),
    Slip("three matrices, the loss without its minus", product_of_three, CBA,
         {"B": lambda C, B, A, a: -C.T @ rows_error(C, B, A, a) @ A.T}, kind="sign", words=("sign|−1|minus",)),
    Slip("three matrices, one softmax over all entries", product_of_three, CBA,
         {"A": lambda C, B, A, a: (C @ B).T @ (softmax(C @ B @ A, (0, 1)) - a)}, kind="axis", words=("axis|all entries|row",)),
    Slip("three matrices, the first transposed", product_of_three, CBA,
         {"C": lambda C, B, A, a: B @ A @ rows_error(C, B, A, a).T}, kind="transposed", words=("transpos|ᵀ",)),
    Slip("three matrices, the factors of B in the other order", product_of_three, CUBE,
         {"B": lambda C, B, A, a: A.T @ rows_error(C, B, A, a) @ C.T}, kind="operator", words=("order",)),
    Slip("three matrices, C where Cᵀ belongs", product_of_three, CUBE,
         {"B": lambda C, B, A, a: C @ rows_error(C, B, A, a) @ A.T}, kind="transposed", words=("C|ᵀ",)),
    Slip("three matrices, A where Aᵀ belongs", product_of_three, CUBE,
         {"B": lambda C, B, A, a: C.T @ rows_error(C, B, A, a) @ A}, kind="transposed", words=("A|ᵀ",)),
    Slip("matrix product, ⊙ where a matrix product belongs", lambda A, B: np.sum((A @ B) ** 2), dict(A=A, B=B),
         {"A": lambda A, B: 2 * (A @ B) * B.T}, kind="operator", words=("matrix product|@|matmul",)),
    Slip("Hadamard product, a matrix product where ⊙ belongs", lambda A, B: np.sum((A * B) ** 2), dict(A=A, B=B),
         {"A": lambda A, B: 2 * (A * B) @ B}, kind="operator", words=("⊙|elementwise|entry",)),
    Slip("Jacobian of a layer, transposed", lambda W, x: np.tanh(W @ x), dict(W=N((4, 3)), x=N(3)),
         {"x": lambda W, x: W.T * (1 - np.tanh(W @ x) ** 2)}, kind="transposed", words=("transpos|ᵀ",)),
    Slip("running sum, forwards where it runs back", lambda x: np.cumsum(x), N(5),
         lambda g, x: np.cumsum(g), kind="transposed", words=("transpos|ᵀ",)),
]

# --- statistics and calculus --------------------------------------------------------------------
ROWS = dict(X=N((4, 6)), C=N((4, 6)))
ATTENTION = dict(Q=N((4, 3)), K=N((4, 3)), V=N((4, 2)), G=N((4, 2)))
TABLE = dict(E=N((6, 3)), i=np.array([1, 4, 1, 0]), C=N((4, 3)))
NORMAL = dict(x=N(6), mu=np.array(0.3), sigma=np.array(1.4))
DISTRIBUTIONS = dict(p=rng.dirichlet(np.ones(4)), q=rng.dirichlet(np.ones(4)))


def layer_norm(X, C):
    centred = X - np.mean(X, axis=-1, keepdims=True)
    return np.sum(C * centred / np.sqrt(np.mean(centred**2, axis=-1, keepdims=True)))


def normalised(X):
    centred = X - X.mean(-1, keepdims=True)
    s = np.sqrt((centred**2).mean(-1, keepdims=True))
    return centred / s, s


def gradient_of_rows(X, C):
    """The gradient of normalised rows."""
    Y, s = normalised(X)
    return (C - C.mean(-1, keepdims=True) - Y * (C * Y).mean(-1, keepdims=True)) / s


def layer_norm_slip(title, formula, **expected):
    """A claim of ∂e/∂X from the incoming C, the result Y and the deviations s."""
    return Slip(title, layer_norm, ROWS, {"X": lambda X, C: formula(C, *normalised(X))}, **expected)


def attention(Q, K, V, G):
    return np.sum(G * (F.softmax(Q @ K.T / np.sqrt(Q.shape[-1])) @ V))


def scores(Q, K, V, G):
    """The attention weights and the gradient of the scores."""
    W = softmax(Q @ K.T / np.sqrt(Q.shape[-1]))
    D = G @ V.T
    return W, W * (D - np.sum(W * D, axis=-1, keepdims=True))


def looked_up(E, i, C):
    return np.sum(C * E[i])


def assigned(E, i, C):
    G = np.zeros_like(E)
    G[i] = C
    return G


def gaussian(x, mu, sigma):
    return np.sum(np.log(sigma) + (x - mu) ** 2 / (2 * sigma**2))


def divergence(p, q):
    return np.sum(p * np.log(p / q))


def recurrent(W, U, x1, x2):
    h1 = np.tanh(W @ x1)
    h2 = np.tanh(W @ x2 + U @ h1)
    return np.sum(h2**2)


def last_step(W, U, x1, x2):
    h2 = np.tanh(W @ x2 + U @ np.tanh(W @ x1))
    return np.outer(2 * h2 * (1 - h2**2), x2)


STATISTICS = [
    layer_norm_slip("layer norm, mean and deviation taken for constants", lambda C, Y, s: C / s,
                    kind="missing term", words=("mean|Σ|sum",)),
    layer_norm_slip("layer norm, the deviation taken for a constant", lambda C, Y, s: (C - C.mean(-1, keepdims=True)) / s,
                    kind="missing term", words=("mean|Σ|sum|deviation|variance|centred",)),
    Slip("layer norm, all of it over the batch", layer_norm, ROWS, {"X": lambda X, C: gradient_of_rows(X.T, C.T).T},
         kind="axis", words=("axis",)),
    Slip("sample variance, divided by N", lambda x: np.var(x, ddof=1), N(6),
         lambda x: 2 * (x - x.mean()) / len(x), kind="factor", words=(r"5|N ?[−-] ?1",)),
    Slip("centred sum, the mean taken for a constant", lambda x, c: np.sum(c * (x - np.mean(x))), dict(x=N(5), c=N(5)),
         {"x": lambda x, c: c}, kind="missing term", words=("mean|Σ|sum",)),
    Slip("attention, 1/√d forgotten", attention, ATTENTION,
         {"Q": lambda Q, K, V, G: scores(Q, K, V, G)[1] @ K}, kind="factor", words=("√|sqrt",)),
    Slip("attention, the weights not transposed", attention, ATTENTION,
         {"V": lambda Q, K, V, G: scores(Q, K, V, G)[0] @ G}, kind="transposed", words=("transpos|ᵀ",)),
    Slip("attention, softmax without its second term", attention, ATTENTION,
         {"K": lambda Q, K, V, G: (scores(Q, K, V, G)[0] * (G @ V.T)).T @ Q / np.sqrt(Q.shape[-1])},
         kind="missing term", words=("Σ|sum|softmax",)),
    Slip("embedding, repeated rows assigned", looked_up, TABLE, {"E": assigned},
         kind="conditional", words=("repeat|distinct|twice|duplicate|once|unique",)),
    Slip("embedding, the looked-up rows alone", looked_up, TABLE, {"E": lambda E, i, C: C},
         kind="shape", words=(r"\(4, 3\)", r"\(6, 3\)")),
    Slip("maximum of rows, the mask forgotten", lambda x: np.sum(np.max(x, axis=1) ** 2), N((4, 3)),
         lambda x: 2 * x.max(1, keepdims=True) + 0 * x, kind="missing factor", words=(r"mask|1\[|max",)),
    Slip("Gaussian, log σ forgotten", gaussian, NORMAL,
         {"sigma": lambda x, mu, sigma: -np.sum((x - mu) ** 2) / sigma**3}, kind="missing term", words=("σ|sigma|log",)),
    Slip("Gaussian, σ² where σ³ belongs", gaussian, NORMAL,
         {"sigma": lambda x, mu, sigma: len(x) / sigma - np.sum((x - mu) ** 2) / sigma**2},
         kind="missing factor", words=("σ|sigma",)),
    Slip("Gaussian, x − μ where μ − x belongs", gaussian, NORMAL,
         {"mu": lambda x, mu, sigma: np.sum(x - mu) / sigma**2}, kind="sign", words=("sign|−1|minus",)),
    Slip("Gaussian, not divided by σ²", gaussian, NORMAL,
         {"mu": lambda x, mu, sigma: np.sum(mu - x)}, kind="missing factor", words=("σ|sigma",)),
    Slip("Gaussian, the sum over the data forgotten", gaussian, NORMAL,
         {"mu": lambda x, mu, sigma: (mu - x) / sigma**2}, kind="axis", words=("sum",)),
    Slip("Kullback–Leibler divergence, + 1 forgotten", divergence, DISTRIBUTIONS,
         {"p": lambda p, q: np.log(p / q)}, kind="missing term", words=(r"\b1\b|one|constant|p / q",)),
    Slip("Kullback–Leibler divergence by q, its minus forgotten", divergence, DISTRIBUTIONS,
         {"q": lambda p, q: p / q}, kind="sign", words=("sign|−1|minus",)),
    Slip("recurrent network, only the last step", recurrent, dict(W=N((4, 3)), U=N((4, 4)), x1=N(3), x2=N(3)),
         {"W": last_step}, kind="missing term", words=("W|use|path|contribution",)),
]

CALCULUS = [
    Slip("polynomial, the linear term forgotten", lambda x: np.sum(x**3 - 4 * x), N(5),
         lambda x: 3 * x**2, kind="missing term", words=("4",)),
    Slip("power, the exponent in front forgotten", lambda x: np.sum(x**3), N(5),
         lambda x: x**2, kind="factor", words=(r"\b3\b",)),
    Slip("exponential, the inner derivative forgotten", lambda x: np.sum(np.exp(-0.5 * x**2)), N(5),
         lambda x: -np.exp(-0.5 * x**2), kind="missing factor", words=(r"\bx\b",)),
    Slip("logarithm, the inner derivative forgotten", lambda x: np.sum(np.log(1 + x**2)), N(5),
         lambda x: 1 / (1 + x**2), kind="missing factor", words=(r"\bx\b",)),
    Slip("quotient, its denominator not squared", lambda u, v: np.sum(u / v), dict(u=N(4), v=rng.uniform(1, 2, 4)),
         {"v": lambda u, v: -u / v}, kind="missing factor", words=(r"\bv\b",)),
    Slip("quotient, the sign of its second term", lambda x: np.sum(x / (1 + x**2)), N(5),
         lambda x: ((1 + x**2) + x * 2 * x) / (1 + x**2) ** 2, kind="sign", words=("term|contribution|use",)),
    Slip("product rule, the second term forgotten", lambda x: np.sum(x * np.sin(x)), N(5),
         np.sin, kind="missing term", words=("cos",)),
    Slip("sine, the sign of its derivative", lambda x: np.sum(np.cos(x)), N(5),
         np.sin, kind="sign", words=("sign|−1|minus",)),
    Slip("x log |x|, undefined where x is negative", lambda x: np.sum(x * np.log(np.abs(x))), N(6),
         lambda x: np.log(x) + 1, kind="not finite", words=("nan",)),
    Slip("normalised rows, the projection forgotten",
         lambda X, C: np.sum(C * X / np.sqrt(np.sum(X**2, axis=1, keepdims=True))), dict(X=N((3, 4)), C=N((3, 4))),
         {"X": lambda X, C: C / np.sqrt(np.sum(X**2, axis=1, keepdims=True))}, kind="missing term", words=("X",)),
]
# fmt: on
SLIPS = LINEAR + SOFTMAX + LAYERS + MATRICES + STATISTICS + CALCULUS

# right for the arguments that are given, and wrong elsewhere
# fmt: off
CONDITIONS = [
    Condition("logistic loss of labels ±1, p − (s + 1) / 2", signed_logistic, dict(X=X, w=w, s=SIGNS),
              {"w": lambda X, w, s: X.T @ (sigmoid(X @ w) - (s + 1) / 2) / len(s)}, words=("[−-]1|±",),
              elsewhere=dict(X=X, w=w, s=2 * SIGNS)),
    Condition("mean squared error, N of these data written as a number", mean_squared_error, DATA,
              {"w": lambda X, w, y: 2 / 5 * X.T @ (X @ w - y)}, words=(r"\b5\b|size|shape",), passes=False,
              elsewhere=dict(X=N((4, 3)), w=w, y=N(4))),
    Condition("quadratic form, 2 A x of a symmetric matrix", quadratic, dict(x=N(3), A=SYMMETRIC),
              {"x": lambda x, A: 2 * A @ x}, words=("symmetric",), elsewhere=dict(x=N(3), A=A)),
    Condition("log det of a symmetric matrix, its inverse", log_det, SYMMETRIC, np.linalg.inv,
              words=("symmetric",), elsewhere=dict(A=A)),
    Condition("cross entropy of targets that sum to one", cross_entropy, SOFT,
              {"z": lambda z, t: softmax(z) - t}, words=("sum", r"\b1\b|one"), elsewhere=dict(z=Z, t=2 * P)),
    Condition("embedding, distinct rows assigned", looked_up, {**TABLE, "i": np.array([3, 4, 1, 0])},
              {"E": assigned}, words=("repeat|distinct|twice|duplicate|once|unique",), elsewhere=TABLE),
    Condition("Huber, not clipped, of small residuals", huber, 0.3 * np.array([1.0, -2.0, 0.5]),
              lambda r: r, words=(r"≤|<|clip|where|only",), elsewhere=dict(r=2 * N(6))),
    Condition("bias, a batch of one row", affine, {**BATCH, "X": N((1, 3)), "C": N((1, 2))},
              {"b": lambda X, W, b, C: slope_of_affine(X, W, b, C)[0]}, words=("row|size|shape|batch",), passes=False,
              elsewhere=BATCH),
]
# fmt: on
