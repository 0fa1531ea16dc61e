"""The array API standard, version 2024.12: what NumPy does with arrays, Tensors do as well."""

import ast
import builtins
import inspect
import operator
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
import stubs
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import basic_indices

import autograd_lite as ag
from autograd_lite.errors import GraphError

strict = pytest.importorskip("array_api_strict")
whole = pytest.mark.skipif(ag.__array_api_version__ < "2024.12", reason="an older NumPy, with less")

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float32", "float64"]
COMPLEX = ["complex64", "complex128"]
ANY = ["bool", *INTEGERS, *FLOATS * 3, *COMPLEX * 2]
REAL = [*INTEGERS, *FLOATS * 4]
EDGES = [0.0, -0.0, 1.0, -1.0, 2.0, np.inf, -np.inf, np.nan]


def functions(namespace):
    for name in namespace.__all__:
        member = getattr(namespace, name)
        if inspect.isfunction(member) and "strict_flags" not in name:
            yield name, member


SPACES = {"": (ag, np, strict), "linalg.": (ag.linalg, np.linalg, strict.linalg),
          "fft.": (ag.fft, np.fft, strict.fft)}  # fmt: skip
STANDARD = {prefix + n: (f, getattr(ours, n, None), getattr(numpy, n, None))
            for prefix, (ours, numpy, theirs) in SPACES.items()
            for n, f in functions(theirs)}  # fmt: skip
NAMES = [n for n, (_, _, numpy) in STANDARD.items() if numpy is not None]  # of this NumPy


# What a function of the standard is called with: arrays drawn by `draw`, then keywords.


@st.composite
def arrays(draw, dtypes=ANY, shape=None, edges=True, axes=0):
    """An array of up to three axes, empty ones among them, with infinities and NaNs.

    axes : how many it has at least.
    """
    if shape is None:
        shape = draw(st.lists(st.integers(0, 3), min_size=axes, max_size=3).map(tuple))
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    values = rng.normal(0, 3, shape)
    if dtype.kind == "b":
        return np.asarray(values > 0)
    if dtype.kind in "fc" and edges:
        values = np.where(rng.random(shape) < 0.2, rng.choice(EDGES, shape), values)
    values = values + 1j * rng.normal(0, 1, shape) if dtype.kind == "c" else values
    return np.asarray(abs(values) if dtype.kind == "u" else values).astype(dtype)


def matrices(square=False, dtypes=(*FLOATS, *COMPLEX)):
    sizes = st.tuples(*[st.integers(1, 3)] * 3, st.booleans())
    return sizes.flatmap(lambda s: arrays(
        dtypes, (*s[2:3] * s[3], s[0], s[0] if square else s[1]), edges=False))  # fmt: skip


def axes(x, draw, several=False):
    """Also one that does not exist, which must be refused."""
    axis = st.integers(-x.ndim - (x.ndim == 0), x.ndim)
    return draw(st.none() | axis | st.lists(axis, max_size=2).map(tuple) if several else axis)


def elementwise(draw, name):
    count = sum(p.kind is p.POSITIONAL_ONLY for p in parameters(name))
    x = draw(arrays())
    if name == "clip":
        return (x,), dict(min=draw(st.none() | st.integers(0, 2)), max=draw(st.none() | arrays()))
    if count == 1:
        return (x,), {}
    y = draw(arrays([x.dtype], x.shape) | arrays(["int8", x.dtype], ()) | arrays(shape=x.shape[-1:])
             | st.sampled_from([0, 2, -1.5, 1j, True]))  # fmt: skip
    return ((x, y) if draw(st.booleans()) else (y, x)), {}


def reduction(draw, name):
    x = draw(arrays(axes=int(name.startswith("cumul"))))
    given = {p.name for p in parameters(name)}
    kwargs = dict(axis=axes(x, draw, several=not name.startswith(("cumul", "arg"))))
    if "keepdims" in given:
        kwargs["keepdims"] = draw(st.booleans())
    if "dtype" in given:
        kwargs["dtype"] = draw(st.sampled_from([None, np.float32, np.float64, np.int64]))
    if "correction" in given:
        kwargs["correction"] = draw(st.sampled_from([0, 1, 0.5]))
    if "include_initial" in given:
        kwargs["include_initial"] = draw(st.booleans())
    return (x,), kwargs


def creation(draw, name):
    shape = draw(st.lists(st.integers(0, 3), max_size=3).map(tuple) | st.integers(0, 3))
    dtype = draw(st.none() | st.sampled_from([getattr(np, d) for d in ANY]))
    value = draw(st.sampled_from([0, 1, 2.5, True, 1j]))
    steps = st.sampled_from([-2, 0, 0.5, 3])
    args = {
        "arange": lambda: (draw(steps), draw(steps), draw(st.sampled_from([-1, 0.5, 2]))),
        "linspace": lambda: (draw(steps), draw(steps), draw(st.integers(0, 4))),
        "eye": lambda: (draw(st.integers(0, 3)), draw(st.none() | st.integers(0, 3))),
        "full": lambda: (shape, value),
        "asarray": lambda: (draw(st.sampled_from([value, [value, 1], [[1], [2.0]]]) | arrays()),),
    }
    kwargs = dict(dtype=dtype, device=draw(st.sampled_from([None, "cpu", "elsewhere"])))
    if name == "eye":
        kwargs["k"] = draw(st.integers(-2, 2))
    if name == "linspace":
        kwargs["endpoint"] = draw(st.booleans())
    return args.get(name, lambda: (shape,))(), kwargs


def like(draw, name):
    fill = (draw(st.sampled_from([0, 2.5, True])),) if name == "full_like" else ()
    return (draw(arrays()), *fill), dict(dtype=draw(st.sampled_from([None, np.float32, np.int8])))


def sequence(draw, name):
    x = draw(arrays())
    others = draw(st.lists(arrays(shape=x.shape) | arrays(shape=x.shape[-1:]), max_size=2))
    if name in ("concat", "stack"):
        return ([x, *others],), dict(axis=draw(st.integers(-2, 2)))
    kwargs = dict(indexing=draw(st.sampled_from(["xy", "ij"]))) if name == "meshgrid" else {}
    flat = [np.ravel(y) for y in (x, *others)] if name == "meshgrid" else [x, *others]
    return tuple(flat), kwargs


def moved(draw, name):
    x = draw(arrays(axes=int(name == "diff")))
    axis, small = axes(x, draw), st.integers(-3, 3)
    options = {
        "broadcast_to": lambda: ((x, (2, *x.shape)), {}),
        "expand_dims": lambda: ((x,), dict(axis=axis)),
        "flip": lambda: ((x,), dict(axis=draw(st.none() | st.just(axis)))),
        "moveaxis": lambda: ((x, axis, draw(small)), {}),
        "permute_dims": lambda: ((x, tuple(draw(st.permutations(range(x.ndim))))), {}),
        "repeat": lambda: ((x, draw(st.integers(0, 3))), dict(axis=draw(st.none() | small))),
        "reshape": lambda: ((x, draw(st.sampled_from([(-1,), x.shape[::-1], (2, 3)]))),
                            dict(copy=draw(st.sampled_from([None, True, False])))),
        "roll": lambda: ((x, draw(small)), dict(axis=draw(st.none() | small))),
        "squeeze": lambda: ((np.expand_dims(x, 0), draw(st.sampled_from([0, 1, (0,)]))), {}),
        "tile": lambda: ((x, tuple(draw(st.lists(st.integers(0, 2), max_size=3)))), {}),
        "unstack": lambda: ((x,), dict(axis=axis)),
        "tril": lambda: ((x,), dict(k=draw(small))),
        "triu": lambda: ((x,), dict(k=draw(small))),
        "matrix_transpose": lambda: ((x,), {}),
        "diff": lambda: ((x,), dict(axis=axis, n=draw(st.integers(0, 2)))),
        "astype": lambda: ((x, draw(st.sampled_from([np.float32, np.int64, np.complex128]))),
                           dict(copy=draw(st.booleans()))),
    }  # fmt: skip
    return options[name.removeprefix("linalg.")]()


def searching(draw, name):
    x = draw(arrays(REAL, axes=int(name.startswith("take"))))
    if name == "where":
        y = draw(arrays(shape=x.shape) | st.just(1.5))
        return (x > 0, x, y), {}
    if name == "searchsorted":
        return (np.sort(np.ravel(x)), draw(arrays(REAL))), dict(side=draw(
            st.sampled_from(["left", "right"])))  # fmt: skip
    if name == "isin":
        return (x, draw(arrays(REAL) | st.just(1))), dict(invert=draw(st.booleans()))
    if name == "take":
        return (x, draw(arrays(["int64"], (2,))) % 3), dict(axis=axes(x, draw))
    if name == "take_along_axis":
        return (x, np.zeros_like(x, dtype=int)), dict(axis=axes(x, draw))
    sides = dict(axis=axes(x, draw), stable=draw(st.booleans()))
    return (x,), sides if name in ("sort", "argsort") else {}


def product(draw, name):
    x = draw(matrices(dtypes=ANY))
    name = name.removeprefix("linalg.")
    if name in ("vecdot", "outer", "cross"):
        x = x[..., 0, :] if name != "cross" else draw(arrays(REAL, (2, 3)))
        other = draw(arrays([x.dtype], x.shape))
        axis = dict(axis=draw(st.sampled_from([-1, 0]))) if name == "vecdot" else {}
        return (x, other), axis
    y = draw(arrays([x.dtype, "float64"], (x.shape[-1], draw(st.integers(0, 2)))))
    return (x, y), dict(axes=draw(st.sampled_from([0, 1]))) if name == "tensordot" else {}


def decomposition(draw, name):
    name = name.removeprefix("linalg.")
    x = draw(matrices(square=name not in "svd svdvals qr pinv matrix_rank matrix_norm diagonal"))
    if name == "cholesky":
        x = np.matmul(x, np.conj(np.matrix_transpose(x))) + np.eye(x.shape[-1], dtype=x.dtype)
        return (x,), dict(upper=draw(st.booleans()))
    if name in ("eigh", "eigvalsh"):
        return (x + np.conj(np.matrix_transpose(x)),), {}
    args = {"solve": (draw(arrays([x.dtype], (x.shape[-1], 2), edges=False)),),
            "matrix_power": (draw(st.integers(-2, 3)),)}  # fmt: skip
    kwargs = {
        "qr": dict(mode=draw(st.sampled_from(["reduced", "complete"]))),
        "svd": dict(full_matrices=draw(st.booleans())),
        "pinv": dict(rtol=draw(st.sampled_from([None, 0.1]))),
        "matrix_rank": dict(rtol=draw(st.sampled_from([None, 0.1]))),
        "diagonal": dict(offset=draw(st.integers(-1, 1))),
        "trace": dict(offset=draw(st.integers(-1, 1))),
        "matrix_norm": dict(ord=draw(st.sampled_from(["fro", "nuc", np.inf, 1, -2])),
                            keepdims=draw(st.booleans())),
        "vector_norm": dict(ord=draw(st.sampled_from([2, 1, np.inf, 0, 3, -np.inf])),
                            axis=draw(st.sampled_from([None, -1, (0, 1)])),
                            keepdims=draw(st.booleans())),
    }  # fmt: skip
    return (x, *args.get(name, ())), kwargs.get(name, {})


def transform(draw, name):
    if name.endswith("freq"):
        return (draw(st.integers(1, 5)),), dict(d=draw(st.sampled_from([1.0, 0.5])), device="cpu")
    x = draw(matrices(dtypes=FLOATS if name in ("fft.rfft", "fft.rfftn", "fft.ihfft") else COMPLEX))
    if name.endswith("shift"):
        return (x,), dict(axes=draw(st.sampled_from([None, 0, (0, 1)])))
    norm = draw(st.sampled_from(["backward", "ortho", "forward"]))
    if name.endswith("n"):
        return (x,), dict(axes=draw(st.sampled_from([(0,), (0, -1)])), norm=norm)
    return (x,), dict(
        n=draw(st.none() | st.integers(1, 4)), axis=draw(st.integers(-1, 1)), norm=norm
    )


def described(draw, name):
    x, y = draw(arrays()), draw(arrays())
    kinds = ["bool", "integral", ("real floating", "complex floating"), np.float32]
    return {
        "broadcast_shapes": lambda: ((x.shape, y.shape), {}),
        "can_cast": lambda: ((x.dtype, y.dtype), {}),
        "finfo": lambda: ((x.dtype,), {}),
        "iinfo": lambda: ((x.dtype,), {}),
        "isdtype": lambda: ((x.dtype, draw(st.sampled_from(kinds))), {}),
        "result_type": lambda: ((x, draw(st.sampled_from([y, y.dtype, 1.0]))), {}),
        "from_dlpack": lambda: ((np.array(x),), {}),
    }[name]()


GROUPS = {
    reduction: """cumulative_prod cumulative_sum max mean min prod std sum var all any argmax argmin
        count_nonzero""",
    creation: "arange asarray empty eye full linspace ones zeros",
    like: "empty_like full_like ones_like zeros_like",
    sequence: "broadcast_arrays concat meshgrid stack",
    moved: """astype broadcast_to diff expand_dims flip matrix_transpose moveaxis permute_dims
        repeat reshape roll squeeze tile tril triu unstack linalg.matrix_transpose""",
    searching: """argsort isin nonzero searchsorted sort take take_along_axis unique_all
        unique_counts unique_inverse unique_values where""",
    product: """matmul tensordot vecdot linalg.cross linalg.matmul linalg.outer linalg.tensordot
        linalg.vecdot""",
    described: """broadcast_shapes can_cast finfo from_dlpack iinfo isdtype result_type""",
}
GROUP = {name: group for group, names in GROUPS.items() for name in names.split()}


def drawn(draw, name):
    by_space = decomposition if name.startswith("linalg.") else elementwise
    by_space = transform if name.startswith("fft.") else by_space
    return GROUP.get(name, by_space)(draw, name)


def parameters(name):
    return inspect.signature(STANDARD[name][0]).parameters.values()


def outcome(function, args, kwargs):
    """What a call returns or raises; NumPy's warnings on the way are not the subject."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return function(*args, **kwargs)
        except Exception as error:
            return error


def check_same(got, want, exact=True):
    """Whether a result of Tensors is NumPy's: values, dtypes and shapes."""
    if isinstance(want, Exception):
        assert isinstance(got, (type(want), TypeError, ValueError, GraphError)), repr(got)
    elif isinstance(want, (tuple, list)) and not isinstance(got, Exception):
        assert type(got) is type(want)
        for g, w in zip(got, want, strict=True):
            check_same(g, w, exact)
    elif isinstance(want, (np.ndarray, np.generic)):
        assert isinstance(got, ag.Tensor), repr(got)
        assert (got.dtype, got.shape) == (want.dtype, want.shape)
        if exact:
            np.testing.assert_array_equal(got.data, want)
    elif isinstance(want, (np.finfo, np.iinfo)):
        assert str(got) == str(want)
    else:
        assert got == want


def with_tensors(x, make):
    if type(x) in (list, tuple):
        return type(x)(with_tensors(y, make) for y in x)
    return make(x) if isinstance(x, np.ndarray) else x


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=10)
@given(data=st.data())
def test_functions_do_what_numpys_do(name, data):
    _, ours, numpy = STANDARD[name]
    args, kwargs = drawn(data.draw, name)
    want = outcome(numpy, args, kwargs)
    if name == "count_nonzero" and isinstance(want, int):
        want = np.asarray(want)
    if name == "asarray" and isinstance(want, np.ndarray):
        kwargs["copy"] = True
    exact = not name.startswith("empty")
    check_same(outcome(ours, with_tensors(args, ag.Tensor), kwargs), want, exact)
    check_same(outcome(ours, args, kwargs), want, exact)  # plain arrays also give Tensors


def leaf(x):
    return ag.Tensor(x, requires_grad=x.dtype.kind in "fc")


@pytest.mark.parametrize("name", sorted({*NAMES} - {"empty", "empty_like", "from_dlpack"}))
@settings(max_examples=10)
@given(data=st.data())
def test_tracked_tensors_have_the_same_values(name, data):
    _, ours, numpy = STANDARD[name]
    args, kwargs = drawn(data.draw, name)
    want = outcome(numpy, args, kwargs)
    got = outcome(ours, with_tensors(args, leaf), kwargs)
    if not (name == "count_nonzero" and isinstance(want, int)):
        check_close(got, want)


def check_close(got, want):
    """As `check_same`, but a rule's forward may round differently."""
    if isinstance(want, (tuple, list)):
        for g, w in zip(got, want, strict=True):
            check_close(g, w)
    elif isinstance(want, (np.ndarray, np.generic)):
        assert (got.dtype, got.shape) == (want.dtype, want.shape)
        tolerance = 1e-4 if want.dtype in ("f4", "c8") else 1e-10
        np.testing.assert_allclose(got.data, want, rtol=tolerance, atol=tolerance)
    else:
        check_same(got, want)


@whole
@pytest.mark.parametrize("name", NAMES)
def test_the_signature_accepts_what_the_standards_does(name):
    theirs, ours, _ = STANDARD[name]
    given = list(inspect.signature(theirs).parameters.values())
    args = [0 for p in given if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    optional = [p.name for p in given if p.kind is p.POSITIONAL_OR_KEYWORD]
    keywords = {p.name: 0 for p in given if p.kind is p.KEYWORD_ONLY}
    inspect.signature(ours).bind(*args, **keywords)
    if optional and optional[0] not in ("decimals",):
        required = [0 for p in given if p.kind is p.POSITIONAL_ONLY]
        inspect.signature(ours).bind(*required, **dict.fromkeys(optional, 0))


def test_every_name_of_the_standard_is_there():
    for ours, numpy, theirs in SPACES.values():
        names = {n for n in theirs.__all__ if "trict" not in n and n != "Device"}
        missing = names - set(dir(ours)) - {"__version__", "linalg", "fft"}
        assert not {n for n in missing if hasattr(numpy, n)}
        assert all(getattr(ours, n).__doc__ for n, _ in functions(theirs) if hasattr(ours, n))


def test_the_namespace_is_made_when_it_is_wanted():
    code = """
import sys
import autograd_lite as ag
assert "autograd_lite.standard.main" not in sys.modules
assert not hasattr(ag, "no_such_name")
import autograd_lite.fft
from autograd_lite import exp, linalg
assert exp is ag.exp and linalg is ag.linalg and {"exp", "fft", "Tensor"} <= {*dir(ag)}
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def declared(text):
    """The functions of a stub file: name -> how it is declared, whatever its layout."""
    return {node.name: ast.dump(node) for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef)}  # fmt: skip


@whole
@pytest.mark.parametrize("path", stubs.MODULES)
def test_type_checkers_see_the_same_functions(path):
    wanted = declared(stubs.stub(path, stubs.MODULES[path]))
    written = declared((stubs.ROOT / path).read_text())
    assert wanted.keys() <= written.keys()
    if np.__version__.startswith("2.4"):  # the version whose parameters are written down
        assert wanted == written


def test_documentation_is_numpys_without_its_examples():
    for name, (theirs, ours, numpy) in STANDARD.items():
        if numpy is not None and ours.__module__.startswith("autograd_lite"):
            assert ours.__name__ == theirs.__name__, name
            assert ">>>" not in ours.__doc__ or ours.__doc__.count("import autograd_lite") == 1
    assert "Axis or axes along which a sum is performed" in ag.sum.__doc__
    assert pickle.loads(pickle.dumps([ag.sum, ag.linalg.inv])) == [ag.sum, ag.linalg.inv]


# The array object.

OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv,
             operator.mod, operator.pow, operator.and_, operator.or_, operator.xor,
             operator.lshift, operator.rshift, operator.lt, operator.le, operator.gt, operator.ge,
             operator.eq, operator.ne]  # fmt: skip
SCALARS = [2, -1, 2.5, True, 1j, np.float32(1.5), np.int8(3), np.float64(0.75), np.True_]


@pytest.mark.parametrize("op", OPERATORS, ids=lambda f: f.__name__)
@settings(max_examples=25)
@given(data=st.data())
def test_operators_promote_as_numpys_do(op, data):
    x = data.draw(arrays())
    y = data.draw(arrays(shape=x.shape) | arrays(shape=()) | st.sampled_from(SCALARS))
    for a, b in ((x, y), (y, x)):
        want = outcome(op, (a, b), {})
        ours = [with_tensors((a, b), ag.Tensor)] if isinstance(b, np.ndarray) else []
        x_first = (ag.Tensor(a), b) if a is x else (a, ag.Tensor(b))
        for pair in (*ours, x_first):
            check_same(outcome(op, pair, {}), want)
        if x.dtype.kind in "fc":
            tracked = (leaf(a), b) if a is x else (a, leaf(b))
            check_close(outcome(op, tracked, {}), want)


INDICES = basic_indices((2, 3, 2), allow_newaxis=True, allow_ellipsis=True)


@settings(max_examples=60)
@given(index=INDICES | arrays(["bool"], (2, 3)) | arrays(["int64"], (2,)), data=st.data())
def test_indexing_is_numpys(index, data):
    x = data.draw(arrays(shape=(2, 3, 2)))
    kinds = (leaf, ag.Tensor) if x.dtype.kind in "fc" else (ag.Tensor,)
    for make in kinds:
        for i in (index, with_tensors(index, ag.Tensor)):
            check_same(
                outcome(operator.getitem, (make(x), i), {}), outcome(x.__getitem__, (i,), {})
            )
    value = data.draw(arrays([x.dtype, "float32"], ()) | st.sampled_from([2.5, 1, True]))
    t, want = ag.Tensor(x), outcome(operator.setitem, (x, index, value), {})
    got = outcome(
        operator.setitem, (t, with_tensors(index, ag.Tensor), with_tensors(value, ag.Tensor)), {}
    )
    check_same(got, want)
    check_same(t, x)


UNARY = [operator.neg, operator.pos, operator.invert, abs]
CONVERSIONS = [complex, float, int, bool, operator.index]


@pytest.mark.parametrize("op", UNARY + CONVERSIONS, ids=lambda f: f.__name__)
@given(data=st.data())
def test_unary_operators_and_conversions_are_numpys(op, data):
    x = data.draw(arrays() | arrays(shape=(1,)) | arrays(shape=()))
    want, got = (outcome(op, (a,), {}) for a in (x, ag.Tensor(x)))
    if type(want) in (float, complex) and np.isnan(want):
        assert type(got) is type(want)
        np.testing.assert_array_equal(got, want)
    else:
        check_same(got, want)


def test_in_place_operators_give_the_name_a_new_value():
    t = ag.asarray([5, 6])
    for op in (operator.iadd, operator.isub, operator.imul, operator.ifloordiv, operator.imod,
               operator.ipow, operator.iand, operator.ior, operator.ixor, operator.ilshift,
               operator.irshift):  # fmt: skip
        want = op(np.array([5, 6]), 2)
        check_same(op(t, 2), want)
        assert t.tolist() == [5, 6]


def test_the_array_object_names_its_namespace_and_device():
    t = ag.Tensor([[1.0, 2.0]], requires_grad=True)
    assert t.__array_namespace__() is ag
    assert t.__array_namespace__(api_version=ag.__array_api_version__) is ag
    with pytest.raises(ValueError, match=r"1999\.12"):
        t.__array_namespace__(api_version="1999.12")
    assert (t.device, t.T.shape, t.mT.shape) == ("cpu", (2, 1), (2, 1))
    assert t.to_device("cpu") is t
    with pytest.raises(ValueError, match="evice"):
        t.detach().to_device("elsewhere")


@pytest.mark.parametrize("leave", [complex, float, int, np.from_dlpack, ag.from_dlpack,
                                   lambda t: t.to_device("elsewhere")])  # fmt: skip
def test_no_way_out_of_the_graph_is_silent(leave):
    with pytest.raises(GraphError, match=r"\.detach\(\)"):
        leave(ag.Tensor(1.0, requires_grad=True))


def test_dlpack_shares_the_array():
    t = ag.asarray(np.arange(3.0))
    a = np.from_dlpack(t)
    assert np.shares_memory(a, t.data)
    assert t.__dlpack_device__() == a.__dlpack_device__()
    assert np.shares_memory(ag.from_dlpack(t.data).data, a)


def test_asarray_keeps_the_graph_and_copies_as_told():
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    copied, cast = ag.asarray(x, copy=True), ag.asarray(x, dtype=ag.float32)
    assert ag.asarray(x, dtype=x.dtype) is x
    assert not np.shares_memory(copied.data, x.data)
    ag.sum(copied * ag.astype(cast, ag.float64)).backward()
    assert x.grad.tolist() == [2.0, 4.0]
    with pytest.raises(ValueError, match="copy"):
        ag.asarray(x, dtype=ag.float32, copy=False)
    with pytest.raises(ValueError, match="copy"):
        ag.asarray([1.0], copy=False)
    with pytest.raises(ValueError, match="evice"):
        ag.asarray([1.0], device="elsewhere")


def test_inspection_takes_tensors():
    assert ag.finfo(ag.zeros(1, dtype=ag.float32)).bits == 32
    assert ag.iinfo(ag.asarray([1])).bits == 64
    assert ag.result_type(ag.ones(1, dtype=ag.float32), 1.0) == ag.float32
    assert ag.can_cast(ag.ones(1), ag.complex64) is False


def test_sorting_goes_either_way_and_keeps_equal_entries_in_order():
    a = np.array([[2, 1, 2, 3, 1], [0, 0, 4, 4, 1]])
    for axis in (0, 1, None):
        order = ag.argsort(a, axis=axis, descending=True)
        sorted_ = np.take_along_axis(a, order.data, axis=axis)
        assert (np.diff(sorted_, axis=-1 if axis is None else axis) <= 0).all()
        check_same(ag.sort(a, axis=axis, descending=True), sorted_)
    assert ag.argsort(a[0], descending=True).tolist() == [3, 0, 2, 1, 4]
    ag.check_grads(lambda x: ag.sort(x, descending=True) ** 2, np.array([2.0, 1.0, 3.0]))


def test_frequencies_have_the_dtype_asked_for():
    for f in (ag.fft.fftfreq, ag.fft.rfftfreq):
        assert f(4, dtype=ag.float32).dtype == np.float32
        np.testing.assert_array_equal(f(5, d=0.5).data, getattr(np.fft, f.__name__)(5, 0.5))


def test_full_takes_a_tensor():
    x = ag.Tensor(2.0, requires_grad=True)
    y = ag.full((2, 3), x, dtype=ag.float32, device="cpu")
    assert (y.shape, y.dtype) == ((2, 3), np.float32)
    ag.sum(y).backward()
    assert x.grad == 6
    np.testing.assert_array_equal(ag.full(2, ag.asarray([True, False])).data, [True, False])
    assert not ag.full((), x.detach()).requires_grad


def test_a_star_imports_the_api_and_no_other_name():
    names: dict = {}
    exec("from autograd_lite import *", names)
    assert names.keys() - {"__builtins__"} == set(ag.__all__)
    assert not set(ag.__all__) & set(dir(builtins))
