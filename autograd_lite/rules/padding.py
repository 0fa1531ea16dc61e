"""np.pad in every mode: axis by axis, as in NumPy, so later axes decide about the corners."""

import numpy as np

from autograd_lite.errors import NoRuleError
from autograd_lite.operands import plain, tracked
from autograd_lite.registry import derived, rule
from autograd_lite.rules.casting import astype
from autograd_lite.rules.indexing import along, getitem
from autograd_lite.shapes import axis_of

OPTIONS = {"constant": "constant_values", "linear_ramp": "end_values", "maximum": "stat_length",
           "mean": "stat_length", "median": "stat_length", "minimum": "stat_length",
           "reflect": "reflect_type", "symmetric": "reflect_type",
           "edge": None, "wrap": None, "empty": None}  # fmt: skip
STATISTICS = {"maximum": np.max, "mean": np.mean, "median": np.median, "minimum": np.min}


def unpad(g, a_shape, pad_width):
    """The part of a padded array that was there before."""
    widths = np.broadcast_to(np.asarray(pad_width, int), (len(a_shape), 2)).tolist()
    return getitem(g, tuple(slice(b, b + n) for (b, _), n in zip(widths, a_shape, strict=True)))


# fmt: off
pad_constant = rule(lambda a, pad_width, value: np.pad(a, pad_width, constant_values=value),
                    "a", name="pad", static=dict(pad_width=0, value=0), a=unpad)
# fmt: on


@derived(np.pad)
def pad(array, pad_width, mode="constant", **options):
    """Axis after axis; of constant padding all axes at once, unless the values are tracked."""
    if callable(mode):
        raise NoRuleError("pad: a function as mode writes into an array; use np.concatenate")
    if mode not in OPTIONS or not options.keys() <= {OPTIONS[mode]}:
        raise ValueError(f"pad: mode {mode!r} with options {sorted(options)}; modes and their "
                         f"options are {OPTIONS}")  # fmt: skip
    widths = widths_of(pad_width, array.ndim)
    value = next(iter(options.values()), None)
    if mode in ("constant", "empty") and not tracked(value):
        value = 0 if value is None else plain(value)
        return pad_constant(array, pad_width=widths or 0, value=value)
    if mode in ("constant", "linear_ramp") and value is None:
        value = 0
    each = sides(value, array.ndim) if mode in PADDED else [value] * array.ndim
    for axis, width in enumerate(widths):
        if width != [0, 0]:
            array = PADDED.get(mode, gathered)(array, axis, width, mode, each[axis])
    return array


def widths_of(pad_width, ndim):
    """[before, after] for each axis."""
    pad_width = plain(pad_width)
    if isinstance(pad_width, dict):  # NumPy 2.3
        given = {axis_of(axis, ndim): width for axis, width in pad_width.items()}
        pad_width = [np.broadcast_to(given.get(i, 0), 2) for i in range(ndim)]
    widths = np.asarray(pad_width)
    if widths.dtype.kind not in "iu":
        raise TypeError(f"pad: widths of dtype {widths.dtype}; they count, so give integers")
    return np.broadcast_to(widths, (ndim, 2)).tolist()


def sides(value, ndim):
    """A value before and one after, for each axis, from all the forms that NumPy takes."""
    if value is None:
        return [(None, None)] * ndim
    value = np.broadcast_to(stacked(value), (ndim, 2))
    return [(getitem(value, (i, 0)), getitem(value, (i, 1))) for i in range(ndim)]


def stacked(x):
    return np.stack([stacked(y) for y in x]) if isinstance(x, (tuple, list)) else x


def framed(array, axis, before, after):
    """The array between two borders, which broadcast along the other axes."""
    parts = [array]
    for border, n in (before, after):
        if n:
            shape = (*array.shape[:axis], n, *array.shape[axis + 1 :])
            parts.append(astype(np.broadcast_to(border, shape), array.dtype))
    parts = [parts[1], array, *parts[2:]] if before[1] else parts
    return np.concatenate(parts, axis=axis)


def edges(array, axis):
    """The first and the last entries along an axis, which stays with length one."""
    ends = (getitem(array, along(axis, k)) for k in (0, -1))
    return [np.expand_dims(x, axis) for x in ends]


def with_constants(array, axis, width, mode, values):
    return framed(array, axis, *zip(values, width, strict=True))


def with_ramps(array, axis, width, mode, values):
    """From the end value straight to the value at the edge."""
    ramps = []
    for k, edge in enumerate(edges(array, axis)):
        far = np.arange(width[k], 0, -1) if k == 0 else np.arange(1, width[k] + 1)
        far = np.reshape(far / max(width[k], 1), (-1,) + (1,) * (array.ndim - axis - 1))
        ramps.append((edge * (1 - far) + values[k] * far, width[k]))
    return framed(array, axis, *ramps)


def with_statistics(array, axis, width, mode, lengths):
    """The maximum, mean, … of the entries next to each border, as many as `stat_length` says."""
    n, borders = array.shape[axis], []
    for k in (0, 1):
        m = n if lengths[k] is None else min(int(lengths[k]), n)
        near = getitem(array, along(axis, slice(0, m) if k == 0 else slice(n - m, n)))
        borders.append((STATISTICS[mode](near, axis=axis, keepdims=True), width[k]))
    return framed(array, axis, *borders)


def gathered(array, axis, width, mode, reflect_type):
    """Copies of entries; odd reflection is a combination of one entry and the two at the edges."""
    n = array.shape[axis]
    copies = getitem(array, along(axis, np.pad(np.arange(n), width, mode)))
    if reflect_type != "odd" or n < 2:
        return copies
    # NumPy itself says how much of the edges is in each entry, by padding unit vectors
    shape = (-1,) + (1,) * (array.ndim - axis - 1)
    weights = np.zeros((2, n))
    weights[0, 0] = weights[1, -1] = 1
    first, last = (np.reshape(np.pad(w, width, mode, reflect_type="odd"), shape).astype(array.dtype)
                   for w in weights)  # fmt: skip
    start, end = edges(array, axis)
    return (1 - first - last) * copies + first * start + last * end


PADDED = {"constant": with_constants, "linear_ramp": with_ramps,
          **dict.fromkeys(STATISTICS, with_statistics)}  # fmt: skip
