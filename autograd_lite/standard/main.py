"""The main namespace of the standard, version 2024.12, by its chapters.

Type checkers read `main.pyi`; `python -m tests.stubs` writes it from what stands here.
"""

import numpy as np

from autograd_lite.standard import filling, sorting
from autograd_lite.standard.making import namespace

NAMES = """
e inf nan newaxis pi
bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128
astype can_cast finfo iinfo isdtype result_type

arange empty empty_like eye from_dlpack full_like linspace meshgrid ones ones_like tril triu
zeros zeros_like

abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_invert bitwise_left_shift
bitwise_or bitwise_right_shift bitwise_xor ceil clip conj copysign cos cosh divide equal exp expm1
floor floor_divide greater greater_equal hypot imag isfinite isinf isnan less less_equal log log10
log1p log2 logaddexp logical_and logical_not logical_or logical_xor maximum minimum multiply
negative nextafter not_equal positive pow real reciprocal remainder round sign signbit sin sinh
sqrt square subtract tan tanh trunc

cumulative_prod cumulative_sum max mean min prod std sum var

broadcast_arrays broadcast_shapes broadcast_to concat expand_dims flip moveaxis permute_dims repeat
reshape roll squeeze stack tile unstack take take_along_axis
argmax argmin count_nonzero nonzero searchsorted where
isin unique_all unique_counts unique_inverse unique_values all any diff
matmul matrix_transpose tensordot
__array_namespace_info__
"""

found = {
    **dict(namespace(np, NAMES, "autograd_lite")),
    **dict(namespace(np.linalg, "vecdot", "autograd_lite")),  # takes axis=
    "full": filling.full,
    "sort": sorting.sort,
    "argsort": sorting.argsort,
    "__array_api_version__": getattr(np, "__array_api_version__", "2022.12"),
}
__all__ = tuple(found)
globals().update(found)
