"""What convolution and pooling do: examples, and channels of some kinds, do not mix."""

from collections.abc import Callable
from typing import Any

from autograd_lite.rules import convolution, pooling
from viz.jacobians import linear
from viz.jacobians.linear import Linear, Term, Terms, flat, fresh
from viz.jacobians.moves import placed


def tied(t: Term, shape, *pairs) -> Term:
    """Entries mix, but along the pairs of axes (before, after) each index stays by itself."""
    new = fresh(shape)
    kept, axes = dict(pairs), list(new)
    for before, after in pairs:
        axes[after] = t.axes[before]
    old = flat(a for k, a in enumerate(t.axes) if k not in kept)
    return linear.mixed(
        t, old, tuple(axes), flat(a for k, a in enumerate(new) if k not in kept.values())
    )


def conv(shape, x, w, b, stride, padding, dilation, groups) -> Terms:
    if sum(isinstance(a, Linear) for a in (x, w, b)) != 1 or isinstance(b, Linear):
        return None
    if isinstance(x, Linear):
        return tuple(tied(t, shape, (0, 0)) for t in x.terms)
    return tuple(tied(t, shape, (0, 1)) for t in w.terms)


def conv_input(shape, u, w, size, stride, padding, dilation, groups) -> Terms:
    if isinstance(u, Linear):
        return tuple(tied(t, shape, (0, 0)) for t in u.terms)
    return tuple(tied(t, shape, (1, 1)) for t in w.terms) if groups == 1 else None


def conv_weight(shape, u, x, kernel, stride, padding, dilation, groups) -> Terms:
    if isinstance(u, Linear):
        return tuple(tied(t, shape, (1, 0)) for t in u.terms)
    return tuple(tied(t, shape, (1, 1)) for t in x.terms) if groups == 1 else None


def apart(kernel, stride) -> bool:
    return all(s >= k for s, k in zip(stride, kernel, strict=True))


def unpool(shape, u, index, size, kernel, stride, padding) -> Terms:
    """Whether overlapping windows have the same greatest entry is not known from their shapes."""
    if apart(kernel, stride) and not any(map(any, padding)):
        return placed(shape, u)
    return tuple(tied(t, shape, (0, 0), (1, 1)) for t in u.terms)


def pick(shape, x, index, kernel, stride, padding) -> Terms:
    if apart(kernel, stride) and not any(map(any, padding)):
        new = fresh(shape)
        return tuple(linear.remapped(t, flat(t.axes), new, flat(new)) for t in x.terms)
    return tuple(tied(t, shape, (0, 0), (1, 1)) for t in x.terms)


def averages(shape, a, *args) -> Terms:
    return tuple(tied(t, shape, (0, 0), (1, 1)) for t in a.terms)


READERS: dict[Any, Callable] = {
    convolution.convolved: conv, convolution.conv_input: conv_input,
    convolution.conv_weight: conv_weight, pooling.unpool: unpool, pooling.pick: pick,
    pooling.avg_pooled: averages, pooling.avg_unpool: averages,
}  # fmt: skip
