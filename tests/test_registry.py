"""Rules are checked when they are registered, and users add operations as the package does."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.errors import NoRuleError, RuleError
from autograd_lite.registry import RULES


def f(a, b):
    return a * b


captured = np.ones(3)


@pytest.mark.parametrize(
    ("vjps", "message"),
    [
        (dict(a=lambda g, b: g * b), "f: no rule for argument 'b'"),
        (dict(a=lambda g: g, b=lambda g: g, c=lambda g: g), "rule for 'c', which is no array"),
        (dict(a=lambda g, x: g * x, b=lambda g: g), "rule for 'a' reads 'x', which does not exist"),
        (dict(a=lambda b, g: g, b=lambda g: g), "must take the output's gradient g first"),
        (dict(a=lambda: 0, b=lambda g: g), "gradient g first"),
        (dict(a=lambda g, b=1: g, b=lambda g: g), "has defaults"),
        (dict(a=lambda g, *rest: g, b=lambda g: g), "star parameters"),
        (dict(a=lambda g, **rest: g, b=lambda g: g), "star parameters"),
        (dict(a=np.multiply, b=lambda g: g), "must be a Python function"),
        (dict(a=lambda g, b_size: g, b=lambda g: g), "reads 'b_size'"),
    ],
)
def test_a_rule_that_cannot_be_right_is_refused(vjps, message):
    with pytest.raises(RuleError, match=message):
        ag.rule(f, "a b", **vjps)
    assert not any(op.function is f for op in RULES.values())


def test_captured_variables_are_refused():
    w = np.ones(3)
    with pytest.raises(RuleError, match="captures w"):
        ag.rule(f, "a b", a=lambda g: g * w, b=lambda g: g)


def test_a_function_has_one_rule():
    with pytest.raises(RuleError, match="has a rule already"):
        ag.rule(np.exp, "a", a=lambda g, out: g * out)


def test_a_rule_of_a_wrong_shape_is_found_when_it_runs():
    bad = ag.rule(lambda a: a * 2, "a", name="bad", a=lambda g: g[:1] * np.ones((1, 5)))
    with pytest.raises(RuleError, match=r"returned shape \(1, 5\) for an input of shape \(3,\)"):
        bad(Tensor(np.ones(3), requires_grad=True)).sum().backward()


def test_an_error_in_a_rule_names_the_operation():
    broken = ag.rule(lambda a: a * 2, "a", name="broken", a=lambda g: g @ np.ones((7, 7)))
    with pytest.raises(ValueError, match="matmul") as error:
        broken(Tensor(np.ones(3), requires_grad=True)).sum().backward()
    if hasattr(error.value, "__notes__"):  # Python 3.11
        assert "backward pass of broken: gradient (3,)" in error.value.__notes__[0]


def test_users_add_operations_with_statics_masks_and_keywords():
    shrink = ag.rule(
        lambda a, by: np.sign(a) * np.maximum(np.abs(a) - by, 0), "a", name="shrink",
        static=dict(by=0.5), keep=dict(far=lambda a, by: np.abs(a) > by),
        a=lambda g, far: g * far,
    )  # fmt: skip
    x = np.array([-2.0, 0.1, 1.0])
    np.testing.assert_array_equal(shrink(x, 0.5), [-1.5, 0, 0.5])
    ag.check_grads(lambda x: shrink(x, by=0.75), x)
    t = Tensor(x, requires_grad=True)
    y = shrink(t)
    assert [a.dtype for a in y._node.saved] == [bool]
    y.sum().backward()
    np.testing.assert_array_equal(t.grad, [1, 0, 1])
    with pytest.raises(NoRuleError, match="'size' is not supported"):
        shrink(t, size=1)
    with pytest.raises(TypeError, match="given twice"):
        shrink(t, 0.5, by=0.5)
    with pytest.raises(TypeError, match="'a' is missing"):
        RULES[shrink].bind((), dict(by=1))


def test_kept_values_are_masks():
    f = ag.rule(lambda a: a * a, "a", name="f", keep=dict(slope=lambda a: 2 * a),
                a=lambda g, slope: g * slope)  # fmt: skip
    with pytest.raises(RuleError, match="'slope' has dtype float64"):
        f(Tensor([1.0], requires_grad=True))


def test_a_fused_operation_is_checked_against_its_body():
    def body(x, w):
        return np.sum(np.tanh(x * w), axis=-1)

    def fast(g, x, w, needs):
        slope = np.expand_dims(g, -1) * (1 - np.tanh(x * w) ** 2)
        return slope * w if needs[0] else None, slope * x if needs[1] else None

    scaled = ag.fused(body, "x w", vjp=fast, name="scaled")
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((4, 3)), rng.standard_normal(3)
    ag.check_grads(scaled, x, w)
    ag.check_grads(lambda x: scaled(x, x), x)  # the same tensor twice, also in the body
    slow = ag.vjp(body, x, w)[1](np.ones(4))
    quick = ag.vjp(scaled, x, w)[1](np.ones(4))
    for a, b in zip(slow, quick, strict=True):
        np.testing.assert_allclose(a.data, b.data)
    only_w = Tensor(w, requires_grad=True)
    scaled(x, only_w).sum().backward()
    np.testing.assert_allclose(only_w.grad, slow[1].data)


def test_positional_arguments_follow_numpy():
    x = Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)
    assert np.sum(x, 0).tolist() == [3, 5, 7]
    assert np.sum(x, 1, np.float32).dtype == np.float32
    with pytest.raises(NoRuleError, match="go by position"):
        np.sum(x, 1, None, None, True)  # the fourth is `out`
    assert np.cumsum(x, 1).shape == (2, 3)
    assert np.clip(x, 1, 2).max().item() == 2
