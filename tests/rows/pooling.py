"""Pooling, and its transposes."""

import numpy as np
from sampling import Fixed, S, kinked

from autograd_lite.rules import pooling as p

PAIRS = dict(kernel=(2,), stride=(2,), padding=((0, 0),))
PLACES = np.array([[[1, 0], [0, 1]]], np.uint8)
distinct = dict(domain="distinct", **kinked)

# fmt: off
ROWS = [
    S(p.max_pool1d, (1, 2, 4), kernel_size=2, **distinct), S(p.max_pool2d, (1, 1, 3, 4), kernel_size=(2, 3), stride=1, padding=1, **distinct),
    S(p.max_pool3d, (1, 1, 2, 2, 3), kernel_size=2, **distinct),
    S(p.avg_pool1d, (1, 2, 5), kernel_size=3, stride=1, padding=1), S(p.avg_pool2d, (1, 1, 2, 4), kernel_size=2), S(p.avg_pool3d, (1, 1, 2, 2, 2), kernel_size=(1, 2, 2)),
    S(p.adaptive_max_pool1d, (1, 1, 5), output_size=3, **distinct), S(p.adaptive_max_pool2d, (1, 1, 3, 4), output_size=(2, 2), **distinct),
    S(p.adaptive_max_pool3d, (1, 1, 1, 2, 3), output_size=1, **distinct),
    S(p.adaptive_avg_pool1d, (1, 2, 5), output_size=3), S(p.adaptive_avg_pool2d, (1, 1, 2, 4), output_size=(1, 2)), S(p.adaptive_avg_pool3d, (1, 1, 2, 3, 2), output_size=(2, 2, None)),
    S(p.max_pooled, (1, 2, 4), **PAIRS, **distinct), S(p.unpool, (1, 2, 2), Fixed(PLACES), size=(4,), **PAIRS), S(p.pick, (1, 2, 4), Fixed(PLACES), **PAIRS),
    S(p.avg_pooled, (1, 2, 4), **PAIRS), S(p.avg_unpool, (1, 2, 2), size=(5,), **PAIRS),
]
# fmt: on
