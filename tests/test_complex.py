"""Complex numbers: the convention ∂L/∂Re z + i ∂L/∂Im z wherever a gradient is read or given."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor
from autograd_lite.errors import DTypeError

Z = np.array([1.0 + 2.0j, -0.5 + 0.3j])


def leaf(data=Z):
    return Tensor(data, requires_grad=True)


def test_the_gradient_points_uphill():
    # L = |z|² = x² + y² has ∂L/∂x + i ∂L/∂y = 2 z
    z = leaf()
    np.sum(np.real(z * np.conj(z))).backward()
    np.testing.assert_allclose(z.grad, 2 * Z)
    np.testing.assert_allclose(ag.grad(lambda z: np.sum(np.abs(z) ** 2))(Z).data, 2 * Z)


def test_a_real_leaf_before_complex_values_has_a_real_gradient():
    x = leaf([0.3, 0.7])
    np.sum(np.imag(np.exp(1j * x))).backward()
    assert x.grad.dtype == float
    np.testing.assert_allclose(x.grad, np.cos(x.data))


def test_hooks_retained_gradients_and_seeds_have_the_same_convention():
    z, seen = leaf(), []
    w = (z * (2 + 1j)).retain_grad()
    w.register_hook(seen.append)
    z.register_hook(seen.append)
    np.sum(np.abs(w) ** 2).backward(retain_graph=True)
    np.testing.assert_allclose(w.grad, 2 * w.data)
    np.testing.assert_allclose(seen[0], 2 * w.data)
    np.testing.assert_allclose(seen[1], z.grad)
    again = leaf()
    (again * (2 + 1j)).backward(2 * w.data)
    np.testing.assert_allclose(again.grad, z.grad)
    (through,) = ag.gradients(w, [z], grad_output=2 * w.data)
    np.testing.assert_allclose(through.data, z.grad)


def test_a_hook_that_replaces_a_complex_gradient():
    z = leaf()
    w = z * 1j
    w.register_hook(lambda g: 1j * g)
    np.sum(np.abs(w) ** 2).backward()
    np.testing.assert_allclose(z.grad, 2j * Z)


def test_values_with_several_outputs():
    z = leaf(np.arange(4) + 1j)
    left, right = np.split(z, 2)
    np.sum(np.real(left * 1j) + np.imag(right)).backward()
    np.testing.assert_allclose(z.grad, [-1j, -1j, 1j, 1j])


def test_jacobians():
    holomorphic = ag.jacobian(lambda z: z**2 * np.array([1, 1j]))(Z).data
    np.testing.assert_allclose(holomorphic, np.diag(2 * Z * np.array([1, 1j])))
    of_real = ag.jacobian(lambda x: np.exp(1j * x))(np.array([0.1, 0.2])).data
    np.testing.assert_allclose(of_real, np.diag(1j * np.exp(1j * np.array([0.1, 0.2]))))
    to_real = ag.jacobian(lambda z: np.abs(z) ** 2)(Z).data
    np.testing.assert_allclose(to_real, np.diag(2 * Z))
    assert ag.jacobian(lambda x: 1j * x[:0])(np.array([0.1, 0.2])).dtype == complex
    with pytest.raises(DTypeError, match="holomorphic"):
        ag.jacobian(np.conj)(Z)


def test_jvp_and_hvp_are_real_linear():
    v = np.array([0.2 - 1j, 1.0 + 0.5j])
    np.testing.assert_allclose(ag.jvp(np.conj, (Z,), (v,))[1].data, np.conj(v))
    np.testing.assert_allclose(ag.jvp(np.exp, (Z,), (v,))[1].data, np.exp(Z) * v)
    # L = Re z³ is harmonic: its gradient is conj(3 z²), along v that changes by conj(6 z v)
    hv = ag.hvp(lambda z: np.sum(np.real(z**3)), Z, v).data
    np.testing.assert_allclose(hv, np.conj(6 * Z * v))


def test_checkpoint_and_fused_operations_keep_the_convention():
    half = ag.fused(lambda a: np.real(a * np.conj(a)) / 2, "a", vjp=lambda g, a: (g * np.conj(a),))
    ag.check_grads(half, Z)
    ag.check_grads(lambda z: ag.checkpoint(lambda w: np.exp(1j * w), z), Z)
    ag.check_grads(lambda z: ag.checkpoint(lambda w: np.exp(1j * w), half(z)), Z)


@pytest.mark.parametrize("call", [lambda z: np.sum(z).backward(), ag.grad(np.sum)])
def test_a_complex_loss_is_refused(call):
    with pytest.raises(DTypeError, match=r"np\.abs, np\.real or np\.imag"):
        call(leaf() * 1.0)


def test_a_complex_gradient_of_a_real_value_is_refused():
    x = leaf([1.0, 2.0])
    with pytest.raises(DTypeError, match="is real"):
        (x * 2).backward(np.array([1j, 0]))
    _, pull = ag.vjp(np.sin, np.array([1.0, 2.0]))
    with pytest.raises(DTypeError, match="is real"):
        pull(np.array([1j, 0]))
    with pytest.raises(DTypeError, match="is real"):
        x.grad = np.array([1j, 0])
    tracked = leaf()
    with pytest.raises(DTypeError, match="is real"):
        ag.gradients(x * 2, [x], grad_output=tracked)
    with pytest.raises(DTypeError, match="is real"):
        pull(tracked)
    with pytest.raises(DTypeError, match="is real"):
        ag.jvp(np.sin, (np.array([1.0, 2.0]),), (tracked,))


@pytest.mark.parametrize("create", [False, True])
def test_a_hook_cannot_make_the_gradient_of_a_real_value_complex(create):
    x = leaf([1.0, 2.0])
    y = x * 2
    y.register_hook(lambda g: g * 1j)
    with pytest.raises(DTypeError, match="a hook"):
        ag.gradients(np.sum(y * y), [x], create_graph=create)


def test_a_parameter_descends():
    z = leaf(np.array(3.0 + 4.0j))
    for _ in range(200):
        loss = np.abs(z - (1 - 1j)) ** 2
        loss.backward()
        with ag.no_grad():
            z -= 0.1 * z.grad
        z.zero_grad()
    np.testing.assert_allclose(z.data, 1 - 1j, atol=1e-12)


def test_every_gradient_that_is_kept_is_an_array():
    for start in (2.0, 2.0 + 1.0j):
        x = leaf(start)
        y = (x * x).retain_grad()
        np.abs(y).backward()
        assert [type(t.grad) for t in (x, y)] == [np.ndarray, np.ndarray]
