"""Functions of NumPy that have no derivative to give: what they are, so that calls are told why."""

import numpy as np

from autograd_lite.registry import constant, refused

constant(
    np.shape, np.ndim, np.size, np.result_type, np.can_cast, np.min_scalar_type, np.common_type,
    np.zeros_like, np.ones_like, np.empty_like, np.iscomplexobj, np.isrealobj,
    np.broadcast_shapes, np.tril_indices_from, np.triu_indices_from, np.diag_indices_from,
    why="it reads a shape or a dtype",
)  # fmt: skip
constant(np.array_repr, np.array_str, np.array2string, why="it is text")
constant(np.may_share_memory, np.shares_memory, why="it is about memory")
constant(
    np.isin, np.digitize, np.ix_, np.packbits, np.unpackbits,
    np.ravel_multi_index, np.unravel_index, why="its result is boolean or integer",
)  # fmt: skip

refused("pass it the array, t.data", np.save, np.savetxt, np.savez,
        np.savez_compressed)  # fmt: skip
refused("use np.histogram of one variable, or np.bincount of flat bin numbers with weights",
        np.histogram2d, np.histogramdd)  # fmt: skip
refused("it is for dates; use arrays of dates", np.busday_count, np.busday_offset, np.is_busday,
        np.datetime_as_string, np.isnat)  # fmt: skip
refused(
    "use np.lib.stride_tricks.sliding_window_view, or indexing", np.lib.stride_tricks.as_strided
)
if hasattr(np, "in1d"):  # gone since NumPy 2.4
    refused("use np.isin", np.in1d)
