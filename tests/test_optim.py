"""Optimisers, schedules and clipping: PyTorch's values, no new arrays, clear refusals."""

import doctest
import importlib
import inspect
import tracemalloc

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import optim
from autograd_lite.errors import AnomalyError, DTypeError, GraphError
from autograd_lite.optim import optimiser as base

KINDS = {
    "sgd": (optim.SGD, dict(lr=0.05)),
    "momentum": (optim.SGD, dict(lr=0.05, momentum=0.9, weight_decay=0.1)),
    "nesterov": (optim.SGD, dict(lr=0.05, momentum=0.9, nesterov=True)),
    "adam": (optim.Adam, dict(lr=0.01, weight_decay=0.1, betas=(0.8, 0.99), eps=1e-6)),
    "adamw": (optim.AdamW, dict(lr=0.01, weight_decay=0.1)),
    "rmsprop": (optim.RMSprop, dict(lr=0.01, weight_decay=0.1)),
    "rmsprop all": (optim.RMSprop, dict(lr=0.01, momentum=0.5, centered=True)),
    "adagrad": (optim.Adagrad, dict(lr=0.1, lr_decay=0.1, initial_accumulator_value=0.2)),
    "lion": (optim.Lion, dict(lr=0.01, weight_decay=0.1)),
}
IN_TORCH = {k: v for k, v in KINDS.items() if k != "lion"}
every_kind = pytest.mark.parametrize(("kind", "options"), KINDS.values(), ids=KINDS.keys())
DTYPES = np.float32, np.float64, np.complex64, np.complex128


def arrays(dtype=float, shapes=((3, 4), (), (5,)), seed=0):
    rng = np.random.default_rng(seed)
    drawn = [rng.standard_normal(s) + 1j * rng.standard_normal(s) for s in shapes]
    return [np.array(a if np.dtype(dtype).kind == "c" else a.real, dtype) for a in drawn]


def leaves(values):
    return [ag.Tensor(a, requires_grad=True) for a in values]


def give(params, gradients):
    for p, g in zip(params, gradients, strict=True):
        p.grad = g


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("kind", "options"), IN_TORCH.values(), ids=IN_TORCH.keys())
def test_thirty_steps_are_pytorchs(kind, options, dtype):
    torch = pytest.importorskip("torch")
    ours = leaves(arrays(dtype))
    theirs = [torch.tensor(p.data, requires_grad=True) for p in ours]
    a, b = kind(ours, **options), getattr(torch.optim, kind.__name__)(theirs, **options)
    for i in range(30):
        gradients = arrays(dtype, seed=i // 3)  # some alike, so that momentum gathers
        give(ours, gradients)
        give(theirs, [torch.tensor(g) for g in gradients])
        a.step(), b.step()
    for p, q in zip(ours, theirs, strict=True):
        assert p.dtype == dtype
        tolerance = 1e-12 if p.data.real.dtype == float else 2e-5
        np.testing.assert_allclose(p.data, q.detach().numpy(), tolerance, tolerance)


def test_lion_is_what_its_paper_says():
    (p,) = leaves(arrays(shapes=[(50,)]))
    w, m, lion = p.data.copy(), np.zeros(50), optim.Lion([p], lr=0.01, weight_decay=0.1)
    for i in range(20):
        (g,) = arrays(shapes=[(50,)], seed=i)
        give([p], [g])
        lion.step()
        w -= 0.01 * (np.sign(0.9 * m + 0.1 * g) + 0.1 * w)
        m = 0.99 * m + 0.01 * g
    np.testing.assert_allclose(p.data, w, rtol=1e-12)


@every_kind
@pytest.mark.parametrize("dtype", [np.float32, np.complex128])
def test_blocks_change_nothing(kind, options, dtype, monkeypatch):
    found = []
    for size in (10**6, 7):
        monkeypatch.setattr(base, "BLOCK", size)
        params = leaves(arrays(dtype, shapes=[(6, 5), (31,), (1, 20), (0, 3)]))
        params[0].data = np.asfortranarray(params[0].data)
        o = kind(params, **options)
        for i in range(3):
            give(params, arrays(dtype, shapes=[(6, 5), (31,), (1, 20), (0, 3)], seed=i))
            o.step()
        found.append([p.data for p in params])
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)


@every_kind
@pytest.mark.parametrize("dtype", [np.float32, np.complex64])
def test_it_descends(kind, options, dtype):
    aim, (p,) = arrays(dtype, [(4, 2)], seed=1)[0], leaves(arrays(dtype, [(4, 2)]))
    faster = dict(lr=0.5, lr_decay=0.0) if kind is optim.Adagrad else {}
    o = kind([p], **(options | faster | dict(weight_decay=0.0)))
    losses = []
    for _ in range(400):
        o.zero_grad()
        loss = np.sum(np.abs(p - aim) ** 2)
        loss.backward()
        o.step()
        losses.append(loss.item())
    assert losses[-1] < 0.05 * losses[0]
    assert p.dtype == dtype


@every_kind
def test_no_arrays_after_the_first_step(kind, options):
    params = leaves(arrays(np.float32, [(300, 200), (60_000,)]))
    give(params, arrays(np.float32, [(300, 200), (60_000,)]))
    o = kind(params, **options)
    o.step(), o.step()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        o.step()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < 8_000  # bytes, of views and numbers; a parameter has 240,000
    assert after - before < 4_000


def test_it_updates_the_users_array_and_leaves_the_gradient_alone():
    data, gradient = np.ones(3, np.float32), np.full(3, 2, np.float32)
    p = ag.asarray(data, requires_grad=True)
    p.grad = gradient
    optim.SGD([p], lr=0.5, weight_decay=0.5, momentum=0.9).step()
    np.testing.assert_array_equal(data, [-0.25] * 3)
    np.testing.assert_array_equal(gradient, [2] * 3)


@every_kind
def test_backward_refuses_after_an_update(kind, options):
    w, x = leaves(arrays(shapes=[(3,), (3,)]))
    o = kind([w], **options)
    w.grad = np.ones(3)
    loss = np.sum(w * x)
    o.step()
    with pytest.raises(GraphError, match="changed in place"):
        loss.backward()
    np.sum(w * x).backward()  # a new forward pass is fine


def test_parameters_without_a_gradient_are_skipped():
    a, b = leaves(arrays(shapes=[(3,), (3,)]))
    o = optim.Adam([a, b], weight_decay=0.1)
    a.grad, before = np.ones(3), b.data.copy()
    o.step()
    np.testing.assert_array_equal(b.data, before)
    assert o.state[0]["step"] == 1
    assert o.state[1] == {}
    o.zero_grad()
    assert a.grad is None


def test_groups_have_their_own_options_and_one_lr_if_equal():
    a, b = leaves(arrays(shapes=[(3,), (3,)]))
    o = optim.SGD([dict(params=a), dict(params=[b], lr=0.5)], lr=0.1)
    with pytest.raises(ValueError, match="different learning rates"):
        _ = o.lr
    before = a.data.copy(), b.data.copy()
    give([a, b], [np.ones(3)] * 2)
    o.step()
    np.testing.assert_allclose(before[0] - a.data, 0.1)
    np.testing.assert_allclose(before[1] - b.data, 0.5)
    o.lr = np.float64(0.25)
    assert [g["lr"] for g in o.groups] == [0.25, 0.25]
    assert type(o.lr) is float
    assert "2 parameters" not in repr(o)
    with pytest.raises(ValueError, match="SGD: lr is -1"):
        o.lr = -1


X = ag.Tensor([1.0, 2.0], requires_grad=True, name="w")
FROZEN = ag.asarray(np.broadcast_to(1.0, 3), requires_grad=True)


@pytest.mark.parametrize(
    ("params", "options", "error", "words"),
    [
        ([], {}, ValueError, "Adam: no parameters"),
        (X, {}, TypeError, "one Tensor"),
        ({"w": X}, {}, TypeError, r"params\.values"),
        ([X, X], {}, ValueError, "w float64 .* same array as number 0"),
        ([{"params": [X]}, {"params": X}], {}, ValueError, "updated twice"),
        ([X, ag.asarray(X.data, requires_grad=True)], {}, ValueError, "updated twice"),
        ([X * 2], {}, GraphError, "result of an operation"),
        ([ag.Tensor([1.0], name="u")], {}, GraphError, "u float64 .* has no gradient"),
        ([np.ones(2)], {}, TypeError, "parameter 0 is a ndarray"),
        ([FROZEN], {}, ValueError, "read-only"),
        ([{"params": [X], "rate": 1}], {}, TypeError, "no option rate"),
        ([{"params": [X]}, X], {}, TypeError, "group 1"),
        ([X], dict(lr=-0.1), ValueError, "Adam: lr is -0.1"),
        ([X], dict(lr=np.nan), ValueError, "lr is nan"),
        ([X], dict(lr="fast"), TypeError, "lr is a str"),
        ([X], dict(betas=(0.9, 1.0)), ValueError, r"betas\[1\] is 1"),
        ([X], dict(betas=0.9), TypeError, "two numbers"),
        ([X], dict(weight_decay=-1), ValueError, "weight_decay"),
        ([{"params": [X], "eps": -1}], {}, ValueError, "eps"),
    ],
)
def test_what_cannot_be_optimised_is_refused(params, options, error, words):
    with pytest.raises(error, match=words):
        optim.Adam(params, **options)


def test_options_may_change_between_steps():
    (p,) = leaves([np.zeros(2)])
    o = optim.SGD([p], lr=1.0)
    for momentum, expected in ((0.0, -1.0), (0.5, -2.0), (0.5, -3.5), (0.0, -4.5)):
        o.groups[0]["momentum"] = momentum
        give([p], [np.ones(2)])
        o.step()
        np.testing.assert_allclose(p.data, expected)
    o.load_state_dict(o.state_dict())


def test_a_saved_state_may_come_in_another_order():
    (p,) = leaves([np.zeros(2)])
    o = optim.Adam([p])
    give([p], [np.full(2, 3.0)])
    o.step()
    saved = o.state_dict()
    saved["state"] = [dict(reversed(saved["state"][0].items()))]
    before = p.data.copy()
    o.load_state_dict(saved)
    o.step()
    np.testing.assert_allclose(before - p.data, 1e-3)  # equal gradients: steps of lr


def test_nesterov_needs_momentum():
    with pytest.raises(ValueError, match="needs momentum"):
        optim.SGD([X], lr=0.1, nesterov=True)


def test_arrays_of_other_kinds_are_refused():
    da = pytest.importorskip("dask.array")
    with pytest.raises(DTypeError, match="another kind"):
        optim.SGD([ag.asarray(da.ones(3), requires_grad=True)], lr=0.1)


@every_kind
def test_a_saved_state_goes_on_as_if_nothing_had_happened(kind, options):
    first = leaves(arrays())
    a = kind(first, **options)
    for i in range(3):
        give(first, arrays(seed=i))
        a.step()
    saved = a.state_dict()
    second = leaves([p.data for p in first])
    b = kind(second, **(options | dict(lr=0.9)))
    b.load_state_dict(saved)
    for i in range(3):
        for o, params in ((a, first), (b, second)):
            give(params, arrays(seed=i))
            o.step()
    for p, q in zip(first, second, strict=True):
        np.testing.assert_array_equal(p.data, q.data)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: [], "expected a dict"),
        (lambda s: {"groups": s["groups"]}, "expected a dict"),
        (lambda s: s | {"groups": [s["groups"][0] | {"params": 7}]}, r"groups of \[7\]"),
        (lambda s: s | {"groups": [s["groups"][0] | {"pace": 7}]}, "options pace"),
        (lambda s: s | {"groups": [s["groups"][0] | {"lr": -1}]}, "lr is -1"),
        (lambda s: s | {"state": s["state"][:-1]}, "state of 2 parameters for 3"),
        (lambda s: s | {"state": [{"step": 1}, *s["state"][1:]]}, "expected .*'mean'"),
        (
            lambda s: s | {"state": [s["state"][0] | {"mean": np.ones(2)}, *s["state"][1:]]},
            r"has mean float64 \(2,\)",
        ),
    ],
)
def test_a_wrong_state_is_refused(change, words):
    params = leaves(arrays())
    give(params, arrays())
    o = optim.Adam(params)
    o.step()
    with pytest.raises(ValueError, match=words):
        o.load_state_dict(change(o.state_dict()))


# clipping


@pytest.mark.parametrize("dtype", [np.float32, complex])
@pytest.mark.parametrize("bound", [0.5, 100.0])
def test_clipped_gradients_are_pytorchs(dtype, bound):
    torch = pytest.importorskip("torch")
    ours = leaves(arrays(dtype))
    theirs = [torch.tensor(p.data, requires_grad=True) for p in ours]
    give(ours, arrays(dtype, seed=1))
    give(theirs, [torch.tensor(g) for g in arrays(dtype, seed=1)])
    norm = optim.clip_grad_norm(ours, bound)
    expected = torch.nn.utils.clip_grad_norm_(theirs, bound)
    np.testing.assert_allclose(norm, expected.item(), rtol=1e-6)
    if dtype is np.float32:
        optim.clip_grad_value(ours, 0.1)
        torch.nn.utils.clip_grad_value_(theirs, 0.1)
    for p, q in zip(ours, theirs, strict=True):
        assert p.grad.dtype == dtype
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-5)


def test_a_complex_gradient_is_clipped_in_both_parts():
    (p,) = leaves([np.zeros(2, complex)])
    p.grad = np.array([3 - 4j, 0.5 + 2j])
    optim.clip_grad_value(p, 1.0)
    np.testing.assert_array_equal(p.grad, [1 - 1j, 0.5 + 1j])


@pytest.mark.parametrize("size", [1e30, 1e-30])
def test_norms_of_huge_and_tiny_gradients(size):
    (p,) = leaves([np.zeros(4, np.float32)])
    p.grad = np.full(4, size, np.float32)
    np.testing.assert_allclose(optim.clip_grad_norm([p], 1.0), 2 * size, rtol=1e-6)
    assert np.linalg.norm(p.grad) <= 1.0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_named_and_nothing_is_changed(bad):
    a, b = leaves([np.zeros(2), np.zeros(2)])
    a.name, b.name = "a", "b"
    give([a, b], [np.array([30.0, 40.0]), np.array([0.0, bad])])
    with pytest.raises(AnomalyError, match="1 b float64"):
        optim.clip_grad_norm([a, b], 1.0)
    np.testing.assert_array_equal(a.grad, [30, 40])


def test_clipping_without_gradients_and_with_one_twice():
    (p,) = leaves([np.zeros(2)])
    assert optim.clip_grad_norm([p], 1.0) == 0.0
    p.grad = np.array([3.0, 4.0])
    assert optim.clip_grad_norm([p, p], 10.0) == 5.0
    with pytest.raises(ValueError, match="max_norm is -1"):
        optim.clip_grad_norm([p], -1)


# schedules

SCHEDULES = [
    ("LambdaLR", dict(lr_lambda=lambda n: 1.0 / (1.0 + n))),
    ("StepLR", dict(step_size=3, gamma=0.5)),
    ("ExponentialLR", dict(gamma=0.9)),
    ("CosineAnnealingLR", dict(T_max=8, eta_min=0.01)),
    ("LinearLR", dict(start_factor=0.1, end_factor=0.8, total_iters=6)),
    ("OneCycleLR", dict(max_lr=0.7, total_steps=20)),
    ("OneCycleLR", dict(max_lr=0.7, total_steps=20, pct_start=0.6, anneal_strategy="linear",
                        div_factor=5.0, final_div_factor=10.0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options"), SCHEDULES)
def test_learning_rates_are_pytorchs(name, options):
    torch = pytest.importorskip("torch")
    ours = optim.SGD([dict(params=leaves([np.ones(2)])), dict(params=X, lr=0.3)], lr=0.1)
    z = [torch.ones(2, requires_grad=True) for _ in range(2)]
    theirs = torch.optim.SGD([dict(params=z[:1]), dict(params=z[1:], lr=0.3)], lr=0.1)
    more = dict(cycle_momentum=False) if name == "OneCycleLR" else {}
    a = getattr(optim, name)(ours, **options)
    b = getattr(torch.optim.lr_scheduler, name)(theirs, **options, **more)
    for _ in range(19):
        np.testing.assert_allclose(
            [g["lr"] for g in ours.groups], [g["lr"] for g in theirs.param_groups], rtol=1e-9
        )
        theirs.step()
        a.step(), b.step()


def test_a_sequence_is_pytorchs():
    torch = pytest.importorskip("torch")
    rates, schedulers = torch.optim.lr_scheduler, []
    ours, theirs = optim.SGD([X], lr=0.4), torch.optim.SGD([torch.ones(2)], lr=0.4)
    for module, o in ((optim, ours), (rates, theirs)):
        up = module.LinearLR(o, 0.1, total_iters=4)
        down = module.CosineAnnealingLR(o, 10)
        schedulers.append(module.SequentialLR(o, [up, down], milestones=[4]))
    for _ in range(14):
        np.testing.assert_allclose(ours.lr, theirs.param_groups[0]["lr"], rtol=1e-9)
        theirs.step()
        for s in schedulers:
            s.step()


@pytest.mark.parametrize(("name", "options"), SCHEDULES)
def test_a_schedule_goes_on_from_a_saved_state(name, options):
    first, second = (optim.SGD([X], lr=lr) for lr in (0.1, 0.2))
    a, b = getattr(optim, name)(first, **options), getattr(optim, name)(second, **options)
    for _ in range(5):
        a.step()
    b.load_state_dict(a.state_dict())
    assert first.lr == second.lr
    a.step(), b.step()
    assert first.lr == second.lr
    second.load_state_dict(first.state_dict())  # the initial rate goes with it
    assert second.groups[0]["initial_lr"] == 0.1
    with pytest.raises(ValueError, match="expected count"):
        b.load_state_dict({})
    with pytest.raises(ValueError, match="2 initial rates for 1 groups"):
        b.load_state_dict({"count": 1, "initial_lrs": [1, 2]})


@pytest.mark.parametrize(
    ("name", "options", "error", "words"),
    [
        ("StepLR", dict(step_size=0), ValueError, "step_size is 0"),
        ("ExponentialLR", dict(gamma=-1), ValueError, "gamma is -1"),
        ("CosineAnnealingLR", dict(T_max=2.5), ValueError, "T_max is 2.5"),
        ("OneCycleLR", dict(max_lr=1, total_steps=5, pct_start=2), ValueError, "pct_start is 2"),
        ("OneCycleLR", dict(max_lr=1, total_steps=5, anneal_strategy="up"), ValueError, "'up'"),
        ("SequentialLR", dict(schedules=[], milestones=[1]), ValueError, "one fewer"),
    ],
)
def test_what_cannot_be_scheduled_is_refused(name, options, error, words):
    with pytest.raises(error, match=words):
        getattr(optim, name)(optim.SGD([X], lr=0.1), **options)


def test_a_schedule_wants_an_optimiser_and_a_cycle_ends():
    with pytest.raises(TypeError, match="StepLR: expected an optimiser, got a Tensor"):
        optim.StepLR(X, 3)
    cycle = optim.OneCycleLR(optim.SGD([X], lr=0.1), max_lr=1.0, total_steps=2)
    cycle.step(), cycle.step()
    with pytest.raises(ValueError, match="step 3 of a cycle of 2"):
        cycle.step()


@pytest.mark.parametrize("name", ["adaptive", "clipping", "descent", "schedules"])
def test_documentation(name):
    module = importlib.import_module(f"autograd_lite.optim.{name}")
    assert doctest.testmod(module).failed == 0
    for public in vars(optim).values():
        if inspect.isclass(public) or inspect.isfunction(public):
            assert len(public.__doc__) > 30
