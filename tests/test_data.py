"""Mini-batches: every example once, rows that belong together, the form of the data."""

import doctest

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import data
from autograd_lite.data import minibatches


def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("n", [0, 1, 6, 7])
@pytest.mark.parametrize("drop_last", [False, True])
def test_each_example_comes_once(n, drop_last):
    batches = list(minibatches(n, 3, rng(), drop_last=drop_last))
    sizes = [3] * (n // 3) + ([n % 3] if n % 3 and not drop_last else [])
    assert [len(b) for b in batches] == sizes
    found = sorted(i for b in batches for i in b)
    assert len(set(found)) == len(found) == sum(sizes)
    assert set(found) <= set(range(n))


def test_rows_stay_together_in_the_form_of_the_data():
    x, y = np.arange(20).reshape(10, 2), np.arange(10)
    for a, b in minibatches((x, y), 4, rng()):
        np.testing.assert_array_equal(a[:, 0], 2 * b)
    for batch in minibatches({"x": x, "y": y}, 4, rng()):
        np.testing.assert_array_equal(batch["x"][:, 0], 2 * batch["y"])
    assert isinstance(next(minibatches([x, y], 4, rng())), list)
    assert next(minibatches(x, 4, rng())).shape == (4, 2)
    tensors = next(minibatches((ag.Tensor(x * 1.0), y), 4, rng()))
    np.testing.assert_array_equal(tensors[0].data[:, 0], 2 * tensors[1])


def test_the_generator_decides_the_order():
    orders = [np.concatenate(list(minibatches(50, 7, rng()))) for _ in range(2)]
    np.testing.assert_array_equal(*orders)
    assert (orders[0] != np.arange(50)).any()
    one = rng()
    epochs = [np.concatenate(list(minibatches(50, 7, one))) for _ in range(2)]
    assert (epochs[0] != epochs[1]).any()


def test_in_order_batches_are_views():
    x = np.arange(10)
    batches = list(minibatches(x, 4, shuffle=False))
    assert all(np.shares_memory(b, x) for b in batches)
    np.testing.assert_array_equal(np.concatenate(batches), x)
    indices = list(minibatches(10, 4, shuffle=False))
    np.testing.assert_array_equal(np.concatenate(indices), x)


@pytest.mark.parametrize(
    ("given", "options", "error", "words"),
    [
        (10, dict(batch_size=0, rng=rng()), ValueError, "batch_size is 0"),
        (10, dict(batch_size=2.5, rng=rng()), ValueError, "batch_size is 2.5"),
        (10, dict(batch_size=2), TypeError, "rng is a NoneType"),
        (10, dict(batch_size=2, rng=0), TypeError, "rng is a int"),
        (-1, dict(batch_size=2, rng=rng()), ValueError, "-1 examples"),
        ((np.ones(3), np.ones(4)), dict(batch_size=2, rng=rng()), ValueError, "one length"),
        ((), dict(batch_size=2, rng=rng()), ValueError, "one length"),
        ((np.ones(3), 4), dict(batch_size=2, rng=rng()), TypeError, "data 1 is a int"),
        ({"x": np.ones(())}, dict(batch_size=2, rng=rng()), TypeError, "'x'"),
    ],
)
def test_what_cannot_be_split_is_refused_at_once(given, options, error, words):
    with pytest.raises(error, match=words):
        minibatches(given, **options)


def test_documentation():
    assert doctest.testmod(data).failed == 0
