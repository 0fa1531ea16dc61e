"""Shape changes: each is linear, so its rule is the change back and keeps no array."""

import numpy as np

from autograd_lite.errors import NoRuleError
from autograd_lite.registry import constant, derived, rule
from autograd_lite.rules.indexing import getitem
from autograd_lite.shapes import inverse_permutation


def offsets(shapes, axis):
    """Where to cut a concatenation along `axis` to get its parts back."""
    if axis is None:
        return np.cumsum([int(np.prod(s)) for s in shapes])[:-1].tolist()
    return np.cumsum([s[axis] for s in shapes])[:-1].tolist()


def concatenate_vjp(g, arrays_shape, axis):
    parts = np.split(g, offsets(arrays_shape, axis), axis=axis or 0)
    return [np.reshape(p, s) for p, s in zip(parts, arrays_shape, strict=True)]


def stack_vjp(g, arrays_shape, axis):
    g = np.moveaxis(g, axis, 0)
    return [getitem(g, i) for i in range(len(arrays_shape))]


def join_parts(g, out_shape, axis):
    """The gradient of a split: the parts' gradients joined, zeros for a part that was not used."""
    dtype = next(p.dtype for p in g if p is not None)
    pairs = zip(g, out_shape, strict=True)
    return np.concatenate([np.zeros(s, dtype) if p is None else p for p, s in pairs], axis=axis)


def unpad(g, a_shape, pad_width):
    """The part of a padded array that was there before."""
    widths = np.broadcast_to(np.asarray(pad_width, int), (len(a_shape), 2)).tolist()
    return getitem(g, tuple(slice(b, b + n) for (b, _), n in zip(widths, a_shape, strict=True)))


def shape_args(a, *shape, order="C", **named):
    """`reshape(2, 3)` as a method, `np.reshape(a, (2, 3))`, and both keyword spellings."""
    row_major(order, "reshape")
    shape = named.pop("shape", named.pop("newshape", shape))
    if isinstance(shape, tuple) and len(shape) == 1:
        shape = shape[0]
    return (a, shape), named


def ravel_args(a, order="C"):
    row_major(order, "ravel")
    return (a,), {}


def row_major(order, name):
    if order != "C":
        raise NoRuleError(
            f"{name}: order {order!r} is not supported with Tensors; use 'C', and transpose first"
        )


def axes_args(a, *axes, **named):
    axes = named.pop("axes", axes or None)
    if axes is not None and len(axes) == 1 and not isinstance(axes[0], int):
        axes = axes[0]
    return (a, None if axes is None else tuple(axes)), named


# fmt: off
rule(np.reshape,    "a", static=dict(shape=None), forward=lambda a, shape: np.reshape(a, shape), prepare=shape_args,
                         a=lambda g, a_shape: np.reshape(g, a_shape))
rule(np.ravel,      "a", prepare=ravel_args, a=lambda g, a_shape: np.reshape(g, a_shape))
rule(np.transpose,  "a", static=dict(axes=None), prepare=axes_args,
                         a=lambda g, axes: np.transpose(g, inverse_permutation(axes)))
rule(np.matrix_transpose, "a", a=lambda g: np.matrix_transpose(g))
rule(np.swapaxes,   "a", static=dict(axis1=0, axis2=1), a=lambda g, axis1, axis2: np.swapaxes(g, axis1, axis2))
rule(np.moveaxis,   "a", static=dict(source=0, destination=0),
                         a=lambda g, source, destination: np.moveaxis(g, destination, source))
rule(np.expand_dims, "a", static=dict(axis=0), a=lambda g, a_shape: np.reshape(g, a_shape))
rule(np.squeeze,    "a", static=dict(axis=None), a=lambda g, a_shape: np.reshape(g, a_shape))
# the engine sums a gradient to the shape of its edge, which is the transpose of broadcasting
rule(np.broadcast_to, "a", static=dict(shape=()), forward=lambda a, shape: np.broadcast_to(a, shape), a=lambda g: g)
rule(np.flip,       "a", static=dict(axis=None), a=lambda g, axis: np.flip(g, axis))
rule(np.roll,       "a", static=dict(shift=0, axis=None),
                         a=lambda g, shift, axis: np.roll(g, np.negative(shift), axis))
rule(np.triu,       "a", static=dict(k=0), a=lambda g, k: np.triu(g, k))
rule(np.tril,       "a", static=dict(k=0), a=lambda g, k: np.tril(g, k))
rule(np.concatenate, "*arrays", static=dict(axis=0), arrays=concatenate_vjp)
rule(np.stack,      "*arrays", static=dict(axis=0), arrays=stack_vjp)
for cut in (np.split, np.array_split):
    rule(cut,       "a", static=dict(indices_or_sections=1, axis=0), a=lambda g, out_shape, axis: join_parts(g, out_shape, axis))
pad_constant = rule(lambda a, pad_width, value: np.pad(a, pad_width, constant_values=value),
                    "a", name="pad", static=dict(pad_width=0, value=0), a=unpad)
# fmt: on


@derived(np.pad)
def pad(array, pad_width, mode="constant", **options):
    """Constant padding has a rule; the modes that copy entries are an indexing."""
    if isinstance(pad_width, dict):
        pad_width = [pad_width.get(i, pad_width.get(i - array.ndim, 0)) for i in range(array.ndim)]
        pad_width = [(w, w) if isinstance(w, int) else w for w in pad_width]
    widths = np.broadcast_to(np.asarray(pad_width, int), (array.ndim, 2)).tolist()
    if mode == "constant":
        value = options.pop("constant_values", 0)
        if options:
            raise NoRuleError(f"pad: options {sorted(options)} do not go with mode 'constant'")
        return pad_constant(array, pad_width=widths, value=value)
    if mode not in ("edge", "reflect", "symmetric", "wrap") or options.get("reflect_type") == "odd":
        raise NoRuleError(
            f"pad: mode {mode!r} has no derivative rule; ruled are 'constant', "
            "'edge', 'reflect', 'symmetric', 'wrap'"
        )
    places = [np.pad(np.arange(n), w, mode) for n, w in zip(array.shape, widths, strict=True)]
    return getitem(array, np.ix_(*places)) if places else array


@derived(np.repeat)
def repeat(a, repeats, axis=None):
    if axis is None:
        a, axis = np.ravel(a), 0
    axis = axis % a.ndim
    if np.ndim(repeats) == 0:
        before, after = a.shape[: axis + 1], a.shape[axis + 1 :]
        wide = np.broadcast_to(np.expand_dims(a, axis + 1), (*before, int(repeats), *after))
        return np.reshape(wide, (*before[:-1], before[-1] * int(repeats), *after))
    places = np.repeat(np.arange(a.shape[axis]), repeats)
    return getitem(a, (slice(None),) * axis + (places,))


@derived(np.tile)
def tile(A, reps):
    reps = (reps,) if np.ndim(reps) == 0 else tuple(reps)
    a = np.reshape(A, (1,) * (len(reps) - A.ndim) + A.shape)
    reps = (1,) * (a.ndim - len(reps)) + reps
    wide = np.reshape(a, tuple(n for s in a.shape for n in (1, s)))
    wide = np.broadcast_to(
        wide, tuple(n for r, s in zip(reps, a.shape, strict=True) for n in (r, s))
    )
    return np.reshape(wide, tuple(r * s for r, s in zip(reps, a.shape, strict=True)))


@derived(np.vstack)
def vstack(tup):
    return np.concatenate([np.reshape(t, (1, -1)) if np.ndim(t) < 2 else t for t in tup], axis=0)


@derived(np.hstack)
def hstack(tup):
    tup = [np.reshape(t, (-1,)) if np.ndim(t) == 0 else t for t in tup]
    return np.concatenate(tup, axis=0 if np.ndim(tup[0]) == 1 else 1)


@derived(np.full_like)
def full_like(a, fill_value, dtype=None):
    return np.zeros_like(a, dtype=dtype) + fill_value


@derived(np.diagonal)
def diagonal(a, offset=0, axis1=0, axis2=1):
    a = np.moveaxis(a, (axis1, axis2), (-2, -1))
    rows, columns = a.shape[-2:]
    length = max(0, min(rows + min(offset, 0), columns - max(offset, 0)))
    i = np.arange(length)
    return getitem(a, (..., i - min(offset, 0), i + max(offset, 0)))


constant(
    np.shape,
    np.ndim,
    np.size,
    np.result_type,
    np.can_cast,
    np.zeros_like,
    np.ones_like,
    np.empty_like,
    np.iscomplexobj,
    np.isrealobj,
    np.array_repr,
    np.array_str,
    np.array2string,
    np.may_share_memory,
    np.shares_memory,
    np.broadcast_shapes,
    why="it reads a shape or a dtype",
)
