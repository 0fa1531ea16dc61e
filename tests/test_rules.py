"""The harness: every property, over every operation."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from samples import DOMAINS, SAMPLES, Fixed

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.registry import CONSTANTS, DERIVED, RULES, Op
from autograd_lite.updates import saved_arrays

each = pytest.mark.parametrize("sample", SAMPLES, ids=str)


def outputs(result):
    return list(result) if isinstance(result, (tuple, list)) else [result]


def tensors(sample, dtype=None):
    return [Tensor(a, requires_grad=True, dtype=dtype) for a in sample.arrays()]


OURS = dict(RULES)  # before other tests add operations of their own


def without_a_row():
    sampled = {s.function for s in SAMPLES}
    ruled = {f: op for f, op in OURS.items() if op.joint is not None or any(op.vjps)}
    aliases = {f for f, op in ruled.items() if any(RULES.get(s) is op for s in sampled)}
    derived = {getattr(*f) if isinstance(f, tuple) else f for f in DERIVED}
    return {getattr(f, "__name__", f) for f in {*ruled, *derived} - sampled - aliases}


def test_every_operation_has_a_row():
    assert without_a_row() == {"checkpoint", "lstsq"}  # which have tests of their own


@each
def test_value_is_numpys(sample):
    arrays = sample.arrays()
    expected = outputs(sample.call(*arrays))
    for t, e in zip(outputs(sample.call(*tensors(sample))), expected, strict=True):
        assert isinstance(t, Tensor)
        assert t.requires_grad
        np.testing.assert_allclose(t.data, e, rtol=1e-14)
        assert t.dtype == np.asarray(e).dtype


@each
def test_first_and_second_derivative_match_finite_differences(sample):
    ag.check_grads(sample.call, *sample.arrays(), order=sample.order)


REAL = [s for s in SAMPLES if s.domain != "complex" and not s.phased]


@pytest.mark.parametrize("sample", REAL, ids=str)
def test_complex_derivatives_match_finite_differences(sample):
    arrays = sample.complex_arrays()
    refusals = TypeError, np.exceptions.ComplexWarning
    try:
        sample.call(*arrays)
    except refusals:  # what is not for complex numbers is not for complex Tensors
        with pytest.raises(refusals):
            sample.call(*[Tensor(a, requires_grad=True) for a in arrays])
        return
    ag.check_grads(sample.call, *arrays, order=sample.order)


@pytest.mark.parametrize("sample", [s for s in REAL if s.analytic], ids=str)
def test_derivative_matches_the_complex_step(sample):
    arrays = sample.arrays()
    rng = np.random.default_rng(1)
    vs = [rng.standard_normal(a.shape) for a in arrays]
    step = 1e-30
    with np.errstate(all="ignore"):
        moved = [a + 1j * step * v for a, v in zip(arrays, vs, strict=True)]
        derivative = [np.imag(y) / step for y in outputs(sample.call(*moved))]
    y, pull = ag.vjp(sample.call, *arrays)
    us = [rng.standard_normal(d.shape) for d in derivative]
    u = us[0] if isinstance(y, Tensor) else type(y)(us)
    exact = sum(np.sum(g.data * v) for g, v in zip(pull(u), vs, strict=True))
    assert exact == pytest.approx(sum(map(np.vdot, us, derivative)), rel=1e-9, abs=1e-9)


@each
def test_float32_gradients_stay_float32(sample):
    single = np.complex64 if sample.domain == "complex" else np.float32
    xs = tensors(sample, single)
    loss = sum(np.abs(y).astype(np.float64).sum() for y in outputs(sample.call(*xs)))
    loss.backward()
    assert {x.grad.dtype for x in xs} == {np.dtype(single)}
    assert all(x.grad.shape == x.shape for x in xs)


FLAT_IN_SECOND = (np.copysign, np.nextafter)  # whose derivative there is zero
UFUNCS = [f for f in RULES if isinstance(f, np.ufunc) and f.nin == 2 and f.signature is None]


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("scalar", [2, 2.0, np.float32(2), np.float64(2), np.int64(2)], ids=repr)
def test_dtype_beside_a_scalar_is_numpys(ufunc, scalar):
    a = np.array([1.5, 2.5], np.float32)
    for args in ((0, scalar), (scalar, 0)):
        if ufunc in FLAT_IN_SECOND and args[0] is scalar:
            continue
        x = Tensor(a, requires_grad=True)
        y = ufunc(*[x if v is not scalar else v for v in args])
        assert y.dtype == ufunc(*[a if v is not scalar else v for v in args]).dtype
        y.sum().backward()
        assert x.grad.dtype == np.float32


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda f: f.__name__)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_broadcasting_is_undone(ufunc, data):
    shapes = mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3)
    left, right = data.draw(shapes).input_shapes
    rng = np.random.default_rng(0)
    domain = next(s for s in SAMPLES if s.function is ufunc).domain
    a, b = DOMAINS[domain](rng, left), DOMAINS[domain](rng, right)
    if ufunc in FLAT_IN_SECOND:
        a, b = np.abs(a), np.abs(b)
    full = np.broadcast_shapes(left, right)
    x, y = Tensor(a, requires_grad=True), Tensor(b, requires_grad=ufunc not in FLAT_IN_SECOND)
    u = rng.standard_normal(full)
    ufunc(x, y).backward(u)
    wide = [Tensor(np.broadcast_to(v, full), requires_grad=t.requires_grad)
            for v, t in ((a, x), (b, y))]  # fmt: skip
    ufunc(*wide).backward(u)
    for t, w in zip((x, y), wide, strict=True):
        if t.requires_grad:
            # broadcasting is linear: the gradient is the sum over all copies
            copies = np.add.reduce(w.grad, axis=tuple(range(w.ndim - t.ndim)))
            axes = tuple(i for i, n in enumerate(t.shape) if n == 1 and copies.shape[i] != 1)
            np.testing.assert_allclose(t.grad, copies.sum(axis=axes, keepdims=True), atol=1e-12)


def nodes_of(sample):
    """The result of one operation, if the sample records a single node, with its inputs."""
    xs = tensors(sample)
    result = sample.call(*xs)
    node = outputs(result)[0]._node.node
    single = all(e is None or e.op is None for e in node.edges)
    return xs, result, node if single and RULES.get(sample.function) is node.op else None


SINGLE = [s for s in SAMPLES if nodes_of(s)[2] is not None]  # not a composition of several nodes


@pytest.mark.parametrize("sample", SINGLE, ids=str)
def test_a_node_saves_what_its_rule_names_and_nothing_else(sample):
    xs, result, node = nodes_of(sample)
    op: Op = node.op
    reads = {*op.joint_reads} if op.joint else {n for r in op.reads for n in r}
    saved = list(saved_arrays(node))
    named = [x.data for x in xs if op.variadic or op.body]
    named += [x.data for n, x in zip(op.arrays, xs, strict=False) if n in reads]
    named += [y.data for y in outputs(result)] if "out" in reads else []
    named += [node.saved[op.joint_reads.index(n)] for n in op.keep if op.joint and n in reads]
    kept = [a for a in saved if a.dtype.kind in "biu"]
    fixed = [s.value for s in sample.specs if isinstance(s, Fixed)]
    fixed += [s.data for s in fixed if isinstance(s, Tensor)]
    for array in saved:
        if array.dtype.kind in "fc":
            assert any(array is n for n in named) or any(array is f for f in fixed)
    budget = sum(a.nbytes for a in named) + sum(k.nbytes for k in kept)
    unique = {id(a): a.nbytes for a in saved if not any(a is f for f in fixed)}
    assert sum(unique.values()) <= budget


@pytest.mark.parametrize("sample", SINGLE, ids=str)
def test_arrays_that_no_rule_names_are_freed(sample):
    # inputs that are intermediates: their arrays live on only if the rule reads them
    leaves = tensors(sample)
    mids = [x * 1.0 for x in leaves]
    result = sample.call(*mids)
    node = outputs(result)[0]._node.node
    held = {id(a) for a in saved_arrays(node)} | {id(b) for b in map(base, saved_arrays(node))}
    watched = [(weakref.ref(m.data), id(m.data) in held) for m in mids]
    views = any(np.shares_memory(m.data, y.data) for m in mids for y in outputs(result))
    del mids
    gc.collect()
    for ref, is_held in watched:
        if not views:
            assert (ref() is not None) == is_held


def base(a):
    return a if a.base is None else a.base


def test_the_harness_catches_a_flipped_sign():
    """Every float rule, negated in turn, must fail the derivative test of one of its rows."""
    missed = []
    for op in {id(op): op for op in OURS.values()}.values():
        rows = [s for s in SAMPLES if RULES.get(s.function) is op]
        rows = rows[:1] if op.joint else rows
        for i in range(len(op.vjps) if op.joint is None else 1):
            if rows and not caught_when_flipped(op, i, rows):
                missed.append((op.name, i))
    assert missed == []


def caught_when_flipped(op, i, rows):
    saved_joint, saved_rules = op.joint, op.rules
    if op.joint is not None:
        op.joint = lambda *args: [None if c is None else -c for c in saved_joint(*args)]
    elif op.vjps[i] is None:
        return True
    else:
        rule, count = saved_rules[i]
        op.rules = (*saved_rules[:i], (lambda *args: -rule(*args), count), *saved_rules[i + 1 :])
    try:
        for sample in rows:
            try:
                ag.check_grads(sample.call, *sample.arrays(), order=1)
            except AssertionError:
                return True
        return False
    finally:
        op.joint, op.rules = saved_joint, saved_rules


FUNCTIONS = [f for f in CONSTANTS if not isinstance(f, tuple)]
METHODS = [f for f in CONSTANTS if isinstance(f, tuple)]


@pytest.mark.parametrize(("ufunc", "how"), METHODS)
def test_results_of_methods_without_a_derivative_are_untracked(ufunc, how):
    x = Tensor([0.5, 1.5], requires_grad=True)
    rest = {"outer": (x,), "reduceat": ([0],)}.get(how, ())
    assert not getattr(ufunc, how)(x, *rest).requires_grad


@pytest.mark.filterwarnings("ignore:numpy.fix")  # deprecated in NumPy 2.5
@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_results_without_a_derivative_are_untracked(function):
    x = Tensor([0.5, 1.5], requires_grad=True)
    y = Tensor([1, 2])
    calls = {np.can_cast: (x.dtype, float), np.searchsorted: (x, 1.0), np.full_like: (x, 1.0),
             np.argpartition: (x, 1), np.round: (x, 1), np.lexsort: ((x, x),),
             np.broadcast_shapes: ((2,), (1,)), np.isin: (x, x), np.digitize: (x, [0.0, 1.0]),
             np.einsum_path: ("i,i", x, x), np.ravel_multi_index: ((y, y), (3, 3)),
             np.unravel_index: (y, (3, 3)), np.packbits: (y,), np.unpackbits: (y.astype(np.uint8),),
             **dict.fromkeys((np.tril_indices_from, np.triu_indices_from, np.diag_indices_from),
                             (x * x[:, None],))}  # fmt: skip
    integer = getattr(function, "types", None) and not any("d" in t for t in function.types)
    if integer or function in (np.left_shift, np.invert):
        x = Tensor([1, 2])
    args = calls.get(function, (x,) * getattr(function, "nin", 1))
    if function in (np.isclose, np.allclose, np.array_equal, np.array_equiv, np.may_share_memory,
                    np.shares_memory):  # fmt: skip
        args = (x, x)
    result = function(*args)
    for r in outputs(result):
        assert not getattr(r, "requires_grad", False)
