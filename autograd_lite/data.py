"""Training data in small batches."""

import numpy as np

from autograd_lite.arguments import whole


def minibatches(data, batch_size, rng=None, drop_last=False, shuffle=True):
    """Go once through the data, in batches; call it again for the next epoch.

    Parameters
    ----------
    data : n, the number of examples, to get arrays of indices; or an array with the examples
        along its first axis; or a tuple, list or dict of such arrays of the same length.
    batch_size : examples in a batch; the last one may have fewer.
    rng : numpy.random.Generator that draws the order; needed unless `shuffle` is False.
    drop_last : leave out a last batch with fewer examples.
    shuffle : in random order, as copies; otherwise in order, as views.

    Returns
    -------
    An iterator of batches in the form of `data`: index arrays, arrays, or tuples, lists or dicts.
    The order is drawn when the function is called.

    Raises
    ------
    TypeError : no generator to shuffle with, data without a first axis.
    ValueError : lengths that differ, no arrays, a batch size below 1.

    >>> import numpy as np
    >>> from autograd_lite.data import minibatches
    >>> x, y = np.arange(10).reshape(5, 2), np.arange(5)
    >>> for a, b in minibatches((x, y), 2, np.random.default_rng(0)):
    ...     print(a.shape, b)
    (2, 2) [2 4]
    (2, 2) [3 0]
    (1, 2) [1]
    """
    batch_size = whole("minibatches", "batch_size", batch_size)
    if shuffle and not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"minibatches: rng is a {type(rng).__name__}; pass np.random.default_rng(seed), or "
            "shuffle=False"
        )
    n, pick = reader(data)
    order = rng.permutation(n) if shuffle else None
    end = n - n % batch_size if drop_last else n
    return batches(n, end, batch_size, order, pick)


def batches(n, end, batch_size, order, pick):
    for i in range(0, end, batch_size):
        chosen = slice(i, min(i + batch_size, n))
        yield pick(chosen if order is None else order[chosen])


def reader(data):
    """The number of examples, and a function that picks some of them."""
    if isinstance(data, (int, np.integer)) and not isinstance(data, bool):
        if data < 0:
            raise ValueError(f"minibatches: {data} examples")
        return int(data), lambda i: np.arange(i.start, i.stop) if isinstance(i, slice) else i
    if isinstance(data, dict):
        n = common_length(data)
        return n, lambda i: {name: a[i] for name, a in data.items()}
    if isinstance(data, (tuple, list)):
        n, kind = common_length(dict(enumerate(data))), tuple if isinstance(data, tuple) else list
        return n, lambda i: kind([a[i] for a in data])
    return common_length({0: data}), lambda i: data[i]


def common_length(arrays):
    lengths = {}
    for name, a in arrays.items():
        if not getattr(a, "shape", ()):
            raise TypeError(
                f"minibatches: data {name!r} is a {type(a).__name__} without a first axis; "
                "expected arrays, or the number of examples"
            )
        lengths[name] = a.shape[0]
    if len(set(lengths.values())) != 1:
        raise ValueError(f"minibatches: expected arrays of one length, got {lengths}")
    return next(iter(lengths.values()))
