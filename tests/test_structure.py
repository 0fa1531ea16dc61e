"""The structure of Jacobians: never more than the numbers have, and as much as they have."""

import inspect
import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from rows import padding
from samples import SAMPLES

import autograd_lite as ag
from autograd_lite import Tensor, functional as F
from autograd_lite.graph import ancestors, outputs_of
from autograd_lite.rules import attention, indexing, linalg, reductions
from viz.errors import DrawingError
from viz.formulas.symbols import named
from viz.jacobians.structure import KINDS, Structure, structure
from viz.jacobians.work import multiply_adds
from viz.names import Names
from viz.programs.lift import SymbolLift
from viz.programs.pulls import local


# --- the same operation as an expression and as numbers ------------------------------------------
def pulled(node, outputs, names):
    """For each argument its vector–Jacobian product as an expression, and the symbols of g."""
    rng = np.random.default_rng(node.index)
    gs = [named(f"g{i}", random_numbers(rng, e)) for i, e in enumerate(outputs)]
    found = local(node, list(zip(outputs, gs, strict=True)), SymbolLift(names, {}))
    return found, gs


def random_numbers(rng, edge):
    x = rng.standard_normal(edge.shape)
    return x + 1j * rng.standard_normal(edge.shape) if edge.dtype.kind == "c" else x


def jacobians(node, outputs):
    """For each argument the dense Jacobian of all outputs, one below the other."""
    rows = {i: [] for i, e in enumerate(node.edges) if e is not None}
    for k, e in enumerate(outputs):
        for unit in np.eye(int(np.prod(e.shape))):
            unit = unit.reshape(e.shape)
            sent = [sent_for(node, outputs, k, unit * number) for number in (1, 1j)
                    if number == 1 or e.dtype.kind == "c"]  # fmt: skip
            for i in sent[0]:
                to_complex = node.edges[i].dtype.kind == "c"
                rows[i].append(row_of([np.ravel(s[i]) for s in sent], to_complex))
    height = sum(int(np.prod(e.shape)) for e in outputs)
    return {i: np.reshape(r, (height, -1) if r else (0, 0)) for i, r in rows.items()}


def sent_for(node, outputs, k, seed):
    """What goes to each argument if output k gets this gradient and the others get 0."""
    seeds = [(e, seed if i == k else np.zeros(e.shape, e.dtype)) for i, e in enumerate(outputs)]
    return local(node, seeds)


def row_of(sent, to_complex):
    """A row of J with dy = J dz from Jᴴ 1 and Jᴴ i; or else any numbers where there are pairs."""
    if not to_complex:
        return sent[0] if len(sent) == 1 else sent[0] + 1j * sent[1]
    if len(sent) == 2 and np.allclose(sent[1], 1j * sent[0], rtol=1e-12, atol=1e-14):
        return np.conjugate(sent[0])
    sizes = np.sum(np.abs(sent), axis=0)
    return sizes * np.random.default_rng(sizes.size).uniform(1, 2, sizes.shape)


def places(ys, names=None):
    """(structure, Jacobian) of every tracked argument of every operation that led to `ys`."""
    edges = [y._node for y in (ys if isinstance(ys, (tuple, list)) else [ys])]
    for node in ancestors(edges):
        if node.op is None:
            continue
        outputs = [e for e in outputs_of(node) if e is not None]
        found, gs = pulled(node, outputs, Names(edges, names))
        dense = jacobians(node, outputs)
        for i, expression in found.items():
            one = len(outputs) == 1
            s = structure(expression, gs[0] if one else gs, node.edges[i].shape,
                          outputs[0].shape if one else [e.shape for e in outputs])  # fmt: skip
            J = dense[i].reshape(-1, expression.size) if expression.size else dense[i]
            yield node.op.name, s, J


# --- what the numbers say, without the structure -------------------------------------------------
def components(J):
    """The blocks of J, as (rows, columns): what is connected by entries that are not zero."""
    left, found = set(range(J.shape[0])), []
    while left:
        rows, columns = {left.pop()}, set()
        while True:
            more = {*np.flatnonzero(J[sorted(rows)].any(0)).tolist()} - columns
            columns |= more
            back = {*np.flatnonzero(J[:, sorted(columns)].any(1)).tolist()} - rows
            rows |= back
            if not more and not back:
                break
        left -= rows
        if columns:
            found.append((sorted(rows), sorted(columns)))
    return found


def has_kind(J, kind):
    if kind == "block":
        return len(components(J)) > 1
    if kind == "diagonal − rank one":  # any small block is one
        blocks = [J[np.ix_(r, c)] for r, c in components(J)]
        square = [b for b in blocks if b.shape[0] == b.shape[1] > 2]
        return len(square) == len(blocks) > 0 and all(map(KINDS[kind], square))
    return KINDS[kind](J)


def finest(Js):
    return next(kind for kind in KINDS if all(has_kind(J, kind) for J in Js))


# The claim is true but coarser than the numbers, because no value of an array may be looked at.
TIES = "entries that tie take a share each"
COARSER = {
    **dict.fromkeys(("maximum", "minimum", "fmax", "fmin", "max", "min", "nanmax", "nanmin"), TIES),
    **dict.fromkeys(
        (np.maximum.accumulate, np.minimum.accumulate, np.fmax.accumulate, np.fmin.accumulate),
        "which entries are the greatest so far",
    ),
    **dict.fromkeys(("remainder", "fmod"), "where a quotient rounds to 0"),
    np.interp: "which points lie beyond the ends",
    **dict.fromkeys((np.power, np.polyfit), "x to the 0 is 1, and a product with 0 is 0"),
    indexing.put: "which entries an index array picks twice",
    np.sign: "the guard against a division by 0 passes where there is none",
    np.einsum: "which entries a diagonal picks",
    **dict.fromkeys(
        (np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit),
        "several outputs are read one by one",
    ),
    **dict.fromkeys(
        (np.linalg.eigh, np.linalg.slogdet, np.linalg.svd, np.linalg.qr, linalg.least_squares),
        "several outputs are read one by one",
    ),
    **dict.fromkeys((np.linalg.norm, np.linalg.matrix_norm), "no singular value is negative"),
    np.linalg.vector_norm: TIES,
    linalg.triangle_of: "which entries stand in two places",
    linalg.hermitian_of: "which entries stand in two places",
    **dict.fromkeys(
        (np.linspace, np.polyval, padding.ramped), "which numbers of a constant are 0 or 1"
    ),
    np.pad: "that an index array picks all entries equally often, which numbers are 0 or 1",
    **dict.fromkeys(
        ("conv", "conv_input", "avg_pool"), "which entries of an image a window covers"
    ),
    "max_pool": "whether windows that overlap share their greatest entry",
    np.cumsum: "three rows of a triangle are a diagonal plus rank one, four are not",
    attention.attention: "which entries a mask drops",
    reductions.leave_one_out: "with two entries, the product of the others swaps them",
}


FOUND: dict = {}  # id of a sample -> what is drawn for it


def drawn(sample):
    if id(sample) not in FOUND:
        FOUND[id(sample)] = list(draws(sample))
    return FOUND[id(sample)]


def draws(sample):
    """For each place (structure, Jacobians) at three random draws of the arguments."""
    if sample.domain == "with zeros":  # a Jacobian of zeros says nothing
        sample = replace(sample, domain="real")
    runs = []
    for seed in range(3):
        xs = [Tensor(a, requires_grad=True) for a in sample.arrays(seed)]
        runs.append(list(places(sample.call(*xs))))
    for found in zip(*runs, strict=True):
        assert len({(s.kind, s.ties) for _, s, _ in found}) == 1, "the structure depends on values"
        yield (*found[0][:2], [J for _, _, J in found])


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_of_every_rule_the_numbers_have_the_claimed_structure_and_no_finer_one(sample):
    for name, claimed, Js in drawn(sample):
        for J in Js:
            assert claimed.satisfied(J), (name, claimed, J)
        if sample.function not in COARSER and name not in COARSER:
            assert claimed.kind == finest(Js), (name, claimed, Js)
        assert claimed.text.startswith("J ")
        assert claimed.sentence.endswith(".")
        assert len(claimed.text) < 100


def test_every_exception_is_needed():
    needed = {key for s in SAMPLES for name, claimed, Js in drawn(s)
              if claimed.kind != finest(Js) for key in (s.function, name)}  # fmt: skip
    assert needed >= COARSER.keys()


# --- shapes -------------------------------------------------------------------------------------
@st.composite
def broadcasting(draw):
    """Two shapes that broadcast, with axes of length one and zero, of up to three axes."""
    full = draw(st.lists(st.integers(0, 3), max_size=3))
    both = []
    for _ in range(2):
        shape = full[draw(st.integers(0, len(full))) :]
        both.append(tuple(n if draw(st.booleans()) else 1 for n in shape))
    return both


BINARY = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide,
    "maximum": np.maximum, "outer": lambda a, b: np.outer(a, b), "hypot": np.hypot,
    "where": lambda a, b: np.where(np.arange(np.broadcast(a.data, b.data).size).reshape(
        np.broadcast(a.data, b.data).shape) % 2 == 0, a, b),
}  # fmt: skip


def random_tensor(shape, seed=0):
    rng = np.random.default_rng([seed, *shape])
    return Tensor(rng.uniform(0.5, 2.0, shape), requires_grad=True)


def check(y):
    """Whether all claims about all operations that led to y are true; the claims."""
    found = list(places(y))
    for name, claimed, J in found:
        assert claimed.satisfied(J), (name, claimed, J)
    return [claimed.kind for _, claimed, _ in found]


@settings(max_examples=150)
@given(broadcasting(), st.sampled_from(sorted(BINARY)))
def test_claims_are_true_for_every_pattern_of_broadcasting(shapes, name):
    a, b = (random_tensor(s, i) for i, s in enumerate(shapes))
    check(BINARY[name](a, b))


@settings(max_examples=100)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=4), st.data())
def test_claims_are_true_for_reductions_and_softmax_over_every_axis(shape, data):
    axis = data.draw(st.integers(0, len(shape) - 1))
    f = data.draw(st.sampled_from([np.sum, np.mean, np.var, F.softmax, F.log_softmax, np.cumsum,
                                   np.flip, np.prod]))  # fmt: skip
    check(f(random_tensor(tuple(shape)), axis=axis))


MATRICES = [((1, 1), (1, 1)), ((1, 3), (3, 1)), ((3, 1), (1, 3)), ((2, 3), (3, 1)), ((3,), (3,)),
            ((1,), (1, 2)), ((2, 2, 3), (2, 3, 2)), ((2, 1, 3), (3, 3)), ((2, 0), (0, 3)),
            ((0, 2), (2, 3)), ((1, 2, 3), (2, 3, 2)), ((2, 3, 1, 2), (3, 2, 2))]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), MATRICES)
def test_claims_are_true_for_products_of_every_shape(a, b):
    check(np.matmul(random_tensor(a), random_tensor(b)))


@pytest.mark.parametrize("f", [lambda x: x * x, lambda x: x @ x, lambda x: x / x, lambda x: x - x,
                               lambda x: np.concatenate([x, x]), lambda x: np.stack([x, x]),
                               lambda x: np.einsum("ij,jk->ik", x, x),
                               lambda x: np.where(x.data > 1, x, x)])  # fmt: skip
def test_a_tensor_in_both_places_has_a_structure_for_each(f):
    kinds = check(f(random_tensor((2, 2))))
    assert len(kinds) == 2
    assert "dense" not in kinds


# --- composed expressions -----------------------------------------------------------------------
def constant(rng, shape, of):
    """The same random constant as a symbol or as an array, as `of` is."""
    array = rng.integers(0, 2, shape) > 0 if rng.random() < 0.3 else rng.standard_normal(shape)
    return named("c", array) if not isinstance(of, np.ndarray) else array


def factorized(rng, n):
    """A random shape of n entries."""
    shape = []
    for p in (2, 2, 2, 3, 3, 5):
        if n % p == 0 and rng.random() < 0.7:
            shape.append(p)
            n //= p
    return (*rng.permutation([*shape, n, 1]).tolist(),)


def any_axis(rng, x):
    return int(rng.integers(x.ndim))


def some_slice(rng, x):
    k = any_axis(rng, x)
    step = [slice(None, None, -1), slice(0, 1), slice(1, None), slice(None, None, 2), 0, None]
    return indexing.getitem(x, (slice(None),) * k + (step[rng.integers(len(step))],))


def some_einsum(rng, x):
    letters = "abcdefgh"[: x.ndim]
    other = "".join(c for c in letters + "z" if rng.random() < 0.5)
    sizes = dict(zip(letters, x.shape, strict=True)) | {"z": 2}
    out = [c for c in dict.fromkeys(letters + other) if rng.random() < 0.7]
    c = constant(rng, [sizes[c] for c in other], x) * 1
    return np.einsum(f"{letters},{other}->{''.join(rng.permutation(out))}", x, c)


def scattered(x, index, n):
    return indexing.scatter(x, index, (n, *x.shape[1:]))


def less_common(x, c):
    return x - np.sum(x * c, axis=-1, keepdims=True) * c


LINEAR = {
    "negate": lambda rng, x: -x,
    "number": lambda rng, x: x * 0.5,
    "scale": lambda rng, x: x * constant(rng, x.shape, x),
    "vector": lambda rng, x: x * constant(rng, x.shape[-1:], x),
    "wider": lambda rng, x: x * constant(rng, (2,) + (1,) * x.ndim, x),
    "divide": lambda rng, x: x / (constant(rng, x.shape, x) + 3.0),
    "where": lambda rng, x: np.where(constant(rng, x.shape, x) > 0, x, 0.0),
    "sum": lambda rng, x: np.sum(x, axis=any_axis(rng, x), keepdims=bool(rng.random() < 0.5)),
    "mean": lambda rng, x: np.mean(x, axis=any_axis(rng, x)),
    "cumsum": lambda rng, x: np.cumsum(x, axis=any_axis(rng, x)),
    "reshape": lambda rng, x: np.reshape(x, factorized(rng, x.size)),
    "transpose": lambda rng, x: np.transpose(x, rng.permutation(x.ndim).tolist()),
    "flip": lambda rng, x: np.flip(x, any_axis(rng, x)),
    "roll": lambda rng, x: np.roll(x, 1, None if rng.random() < 0.3 else any_axis(rng, x)),
    "triangle": lambda rng, x: np.triu(x) if x.ndim > 1 else x,
    "expand": lambda rng, x: np.expand_dims(x, any_axis(rng, x)),
    "slice": some_slice,
    "take": lambda rng, x: indexing.getitem(x, rng.integers(0, x.shape[0], 2)),
    "scatter": lambda rng, x: scattered(x, rng.integers(0, 3, x.shape[0]), 3),
    "embed": lambda rng, x: scattered(x, slice(0, x.shape[0]), x.shape[0] + 1),
    "overwrite": lambda rng, x: indexing.put(x, 0.0, 0),
    "matmul": lambda rng, x: x @ constant(rng, (x.shape[-1], 2), x),
    "left": lambda rng, x: constant(rng, (2, x.shape[-2]), x) @ x if x.ndim > 1 else x,
    "einsum": some_einsum,
    "join": lambda rng, x: np.concatenate([x, constant(rng, x.shape, x) * 0.0, x]),
    "stack": lambda rng, x: np.stack([x, constant(rng, x.shape, x) * 0.0], any_axis(rng, x)),
    "split": lambda rng, x: np.split(x, [1], axis=any_axis(rng, x))[0],
    "softmax": lambda rng, x: less_common(x, constant(rng, x.shape, x)),
    "unknown": lambda rng, x: np.diff(x, axis=-1) if x.shape[-1] > 1 else x,
    "twice": lambda rng, x: x + x,
}  # fmt: skip


def composed(steps, seed, x):
    """A random linear function of x, an array or a symbol; the same one for both."""
    rng = np.random.default_rng(seed)
    earlier = []
    for step in steps:
        if x.ndim == 0:
            x = np.expand_dims(x, 0)
        if x.size > 200 or x.size == 0:
            break
        earlier.append(x)
        x = LINEAR[step](rng, x)
        same = [y for y in earlier if y.shape == x.shape]
        if same and rng.random() < 0.3:
            x = x + same[0]
    return x


@settings(max_examples=600, deadline=None)
@given(st.sampled_from([(3,), (2, 3), (4, 1), (1, 2, 3), (2, 2, 2), (6,), (1,)]),
       st.lists(st.sampled_from(sorted(LINEAR)), min_size=1, max_size=6),
       st.integers(0, 1000))  # fmt: skip
def test_claims_are_true_for_composed_linear_expressions(shape, steps, seed):
    g = named("g", np.random.default_rng(1).standard_normal(shape))
    expression = composed(steps, seed, g)
    claimed = structure(expression, g, expression.shape, shape)
    rows = [composed(steps, seed, unit.reshape(shape)).ravel() for unit in np.eye(g.size)]
    J = np.array(rows).reshape(g.size, expression.size)
    np.testing.assert_allclose(np.ravel(g.value) @ J, np.ravel(expression.value), atol=1e-9)
    J[np.abs(J) < 1e-13] = 0  # x - 0.5 x - 0.5 x
    assert claimed.satisfied(J), (claimed, J)


C = np.array([[1.5, -2.0, 0.5], [3.0, 0.25, -1.0]])
EXPRESSIONS = [
    ("permutation", lambda g, c: np.reshape(np.roll(g, 1), (3, 2))),
    ("identity", lambda g, c: np.reshape(np.reshape(g, (3, 2)), (1, 6))),
    ("permutation", lambda g, c: indexing.getitem(g, slice(None, None, -1))),
    ("selection", lambda g, c: np.triu(g).T),
    ("selection", lambda g, c: indexing.getitem(
        indexing.scatter(g, slice(1, 3), (4, 3)), slice(0, 2))),
    ("selection", lambda g, c: np.concatenate([g * (c > 0), 0 * c])),
    ("diagonal", lambda g, c: np.sum(np.broadcast_to(np.expand_dims(g, 1), (2, 4, 3)), axis=1)),
    ("diagonal", lambda g, c: g / (c > -9)),
    ("diagonal", lambda g, c: np.einsum("ij,kl->ij", g, c)),
    ("diagonal", lambda g, c: g * c + 2 * g - g * (c > 0)),
    ("0/1 diagonal", lambda g, c: np.where(c > 0, g, 0.0)),
    ("zero", lambda g, c: g * 0.0),
    ("zero", lambda g, c: g - g),
    ("dense", lambda g, c: np.flip(np.flip(g) * c)),
    ("dense", lambda g, c: indexing.scatter(
        indexing.getitem(g, np.array([0, 0])), np.array([1, 1]), (2, 3))),
    ("block", lambda g, c: np.cumsum(g * c, axis=0)),
    ("block", lambda g, c: np.reshape(np.broadcast_to(g * c, (2, 2, 3)), (4, 3))),
    ("diagonal − rank one", lambda g, c: g - np.mean(g * c, axis=0) / 3),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "f"), EXPRESSIONS)
def test_expressions_whose_structure_is_known(kind, f):
    g = named("g", np.random.default_rng(0).standard_normal(C.shape))
    expression = f(g, named("c", C))
    s = structure(expression, g, expression.shape, g.shape)
    J = np.array([np.ravel(f(unit.reshape(C.shape), C)) for unit in np.eye(6)])
    assert s.satisfied(J)
    assert s.kind == kind


def test_what_is_not_linear_is_not_read():
    g = named("g", np.random.default_rng(0).standard_normal((3,)))
    for expression in (g * g, 1 / g, np.exp(g), np.where(g > 0, g, 0), np.einsum("i,i->i", g, g)):
        assert structure(expression, g, (3,), (3,)).kind == "dense"


# --- words --------------------------------------------------------------------------------------
def one_place(f, slot, **tensors):
    """Structure and Jacobian of one argument of the last operation, with names."""
    y = f(*tensors.values())
    node = y._node
    found, gs = pulled(node, [node], Names([node], tensors))
    shape = node.edges[slot].shape
    s = structure(found[slot], gs[0], shape, node.shape)
    return s, jacobians(node, [node])[slot].reshape(-1, int(np.prod(shape)))


PRODUCTS = [
    (lambda H, x: H @ x, (3, 4), (4,), 1, "J = H, so a matrix product", lambda H, x: H),
    (lambda H, x: H @ x, (3, 4), (4,), 0,
     "J = I ⊗ xᵀ, a block for each output, so an outer product",
     lambda H, x: np.kron(np.eye(3), x)),
    (lambda x, W: x @ W, (5, 3), (3, 4), 0,
     "J = I ⊗ Wᵀ, a block for each row, so a matrix product",
     lambda x, W: np.kron(np.eye(5), W.T)),
    (lambda x, W: x @ W, (5, 3), (3, 4), 1,
     "J = x ⊗ I, a block for each column, so a matrix product",
     lambda x, W: np.kron(x, np.eye(4))),
    (lambda x, W: x @ W, (3,), (3, 4), 0, "J = Wᵀ, so a matrix product", lambda x, W: W.T),
    (lambda x, b: x + b, (4, 3), (3,), 1, "J copies over axis 0, so Σ over axis 0",
     lambda x, b: np.tile(np.eye(3), (4, 1))),
    (lambda x, s: x * s, (2, 3), (3,), 1,
     "J copies over axis 0 and scales, so ⊙, then Σ over axis 0",
     lambda x, s: np.concatenate([np.diag(r) for r in x])),
    (lambda x, s: x - s, (3,), (3,), 1, "J = −I", lambda x, s: -np.eye(3)),
    (lambda x, s: x * s, (3,), (), 0, "J = s I", lambda x, s: s * np.eye(3)),
    (lambda x, s: x / s, (3,), (), 0, "J = I / s", lambda x, s: np.eye(3) / s),
    (lambda x, s: np.log(x), (), (), 0, "J = I / x", lambda x, s: np.eye(1) / x),
    (lambda x, s: np.sqrt(x), (), (), 0, "J = I / (2 e)",
     lambda x, s: np.eye(1) / (2 * np.sqrt(x))),
    (lambda x, s: np.sum(x / s, axis=1), (2, 3), (3,), 0,
     "J sums over axis 1, so the gradient is spread", None),
    (lambda S, b: np.linalg.solve(S, b), (3, 3), (3,), 1, "J = S⁻¹, so a matrix product",
     lambda S, b: np.linalg.inv(S)),
    (lambda a, b: a @ b, (1, 1), (1, 1), 0, "J = b I", lambda a, b: b * np.eye(1)),
    (lambda x, i: x[np.array([0, 1, 1, 0])], (2,), (), 0,
     "J picks entries, some perhaps again, so gradients are added in their places", None),
    (lambda x, i: x[np.array([1, 1])], (3,), (), 0,
     "J picks entries, some perhaps again, so gradients are added in their places", None),
    (lambda x, i: x[::2], (4,), (), 0,
     "J picks entries, so the gradient is put back in their places", None),
    (lambda x, i: np.concatenate([x, np.ones(2)]), (3,), (), 0,
     "J puts entries in places, so the gradient is picked from there", None),
    (lambda x, s: np.mean(x, axis=1), (2, 3), (), 0, "J averages over axis 1, so the gradient is "
     "spread", lambda x, s: np.kron(np.eye(2), np.ones(3) / 3)),
    (lambda x, s: F.softmax(x), (5,), (), 0, "J = Diag(y) − y yᵀ",
     lambda x, s: np.diag(F.softmax(x).data) - np.outer(F.softmax(x).data, F.softmax(x).data)),
    (lambda x, s: F.log_softmax(x), (5,), (), 0, "J = I − 1 exp(y)ᵀ",
     lambda x, s: np.eye(5) - np.outer(np.ones(5), F.softmax(x).data)),
    (lambda x, s: F.softmax(x), (2, 5), (), 0, "J = Diag(y) − y yᵀ for each row", None),
    (lambda x, s: F.softmax(x, axis=0), (2, 5), (), 0, "J = Diag(y) − y yᵀ for each column", None),
    (lambda x, s: F.relu(x), (3,), (), 0, "J 0/1 diagonal, so a mask", None),
    (lambda x, s: x.T, (2, 3), (), 0, "J a permutation, so the gradient is put in order", None),
    (lambda x, s: np.reshape(x, (3, 2)), (2, 3), (), 0, "J = I", lambda x, s: np.eye(6)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "first", "second", "slot", "text", "dense"), PRODUCTS)
def test_the_short_line_names_the_matrix_that_it_is(f, first, second, slot, text, dense):
    a, b = random_tensor(first), random_tensor(second, 1)
    names = inspect.signature(f).parameters
    s, J = one_place(f, slot, **dict(zip(names, (a, b), strict=True)))
    assert s.text == text
    assert s.satisfied(J)
    if dense is not None:
        np.testing.assert_allclose(J, dense(a.data, b.data))


def test_sentences_answer_why():
    x, W = random_tensor((5, 3)), random_tensor((3, 4))
    s, _ = one_place(lambda x, W: x @ W, 0, x=x, W=W)
    assert s.sentence == (
        "An output depends only on inputs of its own row, so J has a block for each and zeros "
        "elsewhere: J = I ⊗ Wᵀ. Going back, an input collects from every output that it went into: "
        "a sum over the rows of J, hence the transpose."
    )
    s, _ = one_place(lambda x: F.relu(x), 0, x=x)
    assert s.sentence.endswith("The gradient passes where x > 0, and stops elsewhere.")
    s, _ = one_place(lambda x, b: x + b, 1, x=x, b=random_tensor((3,)))
    assert s.sentence.endswith("Each use sends a gradient back, and they add up: Σ over axis 0.")


def test_a_new_operation_gets_its_structure_from_its_rule():
    centre = ag.rule(lambda a: a - np.mean(a, axis=-1, keepdims=True), "a", name="centre",
                     a=lambda g: g - np.mean(g, axis=-1, keepdims=True))  # fmt: skip
    swish = ag.rule(lambda a: a * F.sigmoid(a), "a", name="swish",
                    a=lambda g, a: g * (F.sigmoid(a) * (1 + a * (1 - F.sigmoid(a)))))  # fmt: skip
    strange = ag.rule(lambda a: np.sort(a), "a", name="strange",  # no reader knows its rule
                      a=lambda g, a: np.take_along_axis(g, np.argsort(np.argsort(a)), -1),
                      )  # fmt: skip
    x = random_tensor((2, 4))
    cases = {centre: "diagonal − rank one", swish: "diagonal", strange: "dense"}
    for f, kind in cases.items():
        s, J = one_place(f, 0, x=x)
        assert s.kind == kind
        assert s.satisfied(J)


# --- what is not so -----------------------------------------------------------------------------
EXAMPLES = {
    "zero": np.zeros((3, 3)),
    "identity": np.eye(3),
    "permutation": np.eye(3)[[1, 2, 0]],
    "0/1 diagonal": np.diag([1.0, 0.0, 1.0]),
    "diagonal": np.diag([1.0, 2.0, 3.0]),
    "copy": 2 * np.concatenate([np.eye(3), np.eye(3)]),
    "sum": np.kron(np.eye(2), np.ones((1, 3))),
    "selection": np.eye(4)[[0, 2, 2]],
    "row": np.array([[1.0, 2.0, 3.0]]),
    "column": np.array([[1.0], [2.0], [3.0]]),
    "diagonal − rank one": np.diag([1.0, 2.0, 3.0, 4.0]) - np.outer([1, 2, 3, 4.0], [4, 5, 1, 2.0]),
    "dense": np.arange(20.0).reshape(4, 5) ** 2,
}


def test_a_wrong_claim_is_not_satisfied():
    assert EXAMPLES.keys() == KINDS.keys() - {"block"}
    order = [k for k in KINDS if k in EXAMPLES]
    for kind, J in EXAMPLES.items():
        finest_kind = next(k for k in order if Structure(k).satisfied(J))
        assert finest_kind == kind
    block = Structure("block", ties=((2, 3, 2),))
    J = np.kron(np.eye(2), np.ones((3, 2)))
    assert block.satisfied(J)
    for i, j in itertools.product(range(6), range(4)):
        wrong = np.array(J)
        wrong[i, j] += 1
        assert block.satisfied(wrong) == bool(J[i, j])
    for i, j in itertools.permutations(range(4), 2):
        wrong = np.array(EXAMPLES["diagonal − rank one"])
        wrong[i, j] += 1
        assert not Structure("diagonal − rank one").satisfied(wrong)


@settings(max_examples=200)
@given(st.lists(st.integers(-2, 2), min_size=4, max_size=10), st.integers(0, 99))
def test_a_diagonal_and_an_outer_product_are_recognized_also_with_zeros(entries, seed):
    rng = np.random.default_rng(seed)
    n = len(entries) // 2
    J = np.diag(rng.standard_normal(n)) + np.outer(entries[:n], entries[n : 2 * n])
    assert Structure("diagonal − rank one").satisfied(J)


def test_shapes_that_do_not_fit_are_explained():
    g = named("g", np.ones((2, 3)))
    with pytest.raises(DrawingError, match="input shape"):
        structure(g, g, (3, 2), (2, 3))
    with pytest.raises(DrawingError, match="output shape"):
        structure(g, g, (2, 3), (6,))


# --- multiply–adds ------------------------------------------------------------------------------
def symbols(*shapes):
    return [named("abcd"[i], np.ones(shape)) for i, shape in enumerate(shapes)]


@pytest.mark.parametrize(
    ("f", "shapes", "expected"),
    [
        (lambda a, b: a @ b, [(2, 3), (3, 4)], 24),
        (lambda a, b: a @ b, [(5, 2, 3), (3, 4)], 120),
        (lambda a, b: a @ b, [(3,), (3,)], 3),
        (lambda a, b: np.einsum("ij,jk->ik", a, b), [(2, 3), (3, 4)], 24),
        (lambda a, b: np.einsum("ij,kj->", a, b), [(2, 3), (4, 3)], 24),
        (lambda a, b: np.outer(a, b), [(3,), (4,)], 12),
        (lambda a, b: np.vecdot(a, b), [(2, 3), (2, 3)], 6),
        (lambda a, b: np.dot(a, b), [(2, 3), (3, 4)], 24),
        (lambda a, b: np.dot(a, b), [(), (3,)], 3),
        (lambda a, b: np.inner(a, b), [(2, 3), (4, 3)], 24),
        (lambda a, b: np.tensordot(a, b, 2), [(2, 3, 5), (3, 5, 4)], 120),
        (lambda a, b: np.tensordot(a, b, ((0, 1), (1, 0))), [(2, 3, 5), (3, 2)], 30),
        (lambda a, b: np.linalg.matmul(a, b), [(2, 3), (3, 4)], 24),
        (lambda a: np.linalg.inv(a + np.eye(3)), [(2, 3, 3)], 54 + 18),
        (lambda a, b: np.linalg.solve(a + np.eye(3), b), [(3, 3), (3, 2)], 27 + 9),
        (lambda a: np.linalg.norm(a), [(2, 3)], 6),
        (lambda a: np.linalg.eigh(a)[1], [(3, 3)], 27),
        (lambda a, b: a * b, [(2, 3), (3,)], 6),
        (lambda a, b: a * (b > 0), [(2, 3), (3,)], 6),
        (lambda a: np.sum(a, axis=0), [(2, 3)], 6),
        (lambda a: np.reshape(a.T, (6,)), [(2, 3)], 0),
        (lambda a: indexing.scatter(a, slice(2), (5,)), [(2,)], 0),
        (lambda a: indexing.scatter(a, np.array([0, 0]), (5,)), [(2,)], 2),
        (lambda a: (b := np.exp(a)) * b, [(4,)], 8),
        (lambda a: np.split(a, 2)[0] * 2, [(4,)], 2),
    ],
)
def test_multiply_adds(f, shapes, expected):
    assert multiply_adds([f(*symbols(*shapes))]) == expected


def test_parts_that_expressions_share_are_counted_once():
    g, y = symbols((4,), (4,))
    shared = g * y
    assert multiply_adds([shared * 2, shared * 3, shared]) == 12
    assert multiply_adds([]) == 0


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_the_work_of_every_rule_is_a_number(sample):
    ys = sample.call(*(Tensor(a, requires_grad=True) for a in sample.arrays()))
    edges = [y._node for y in (ys if isinstance(ys, (tuple, list)) else [ys])]
    for node in ancestors(edges):
        if node.op is not None:
            found, _ = pulled(node, [e for e in outputs_of(node) if e], Names(edges))
            work = multiply_adds(found.values())
            assert isinstance(work, int)
            assert work <= sum(multiply_adds([e]) for e in found.values())


def test_what_the_forward_pass_kept_is_not_counted():
    y = Tensor(np.ones((4, 5)), requires_grad=True, name="y")
    fused = F.cross_entropy(y, np.zeros(4, int))
    found, _ = pulled(fused._node, [fused._node], Names([fused._node]))
    (expression,) = found.values()
    assert multiply_adds([expression]) == 60  # (p − onehot) g / 4, where p was kept
    assert multiply_adds([F.softmax(symbols((4, 5))[0])]) == 20


def test_names_that_are_expressions_are_enclosed_in_a_structure():
    x, s = random_tensor((3,)), random_tensor((), 1)
    W = random_tensor((2, 3), 2)
    for y, slot, text in ((x / s, 0, "J = I / (a b)"), (x * s, 0, "J = (a b) I"),
                          (W @ x, 0, "J = I ⊗ (u + v)ᵀ, a block for each output, so an outer "
                           "product")):  # fmt: skip
        node = y._node
        found, gs = pulled(node, [node], Names([node], {"a b": s, "u + v": x, "W": W}))
        shape = node.edges[slot].shape
        assert structure(found[slot], gs[0], shape, node.shape).text == text
