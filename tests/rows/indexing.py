"""Indexing and assignment."""

import numpy as np
from sampling import Fixed, S

from autograd_lite.rules import indexing

MASK = np.array([[True, False, True], [False, True, True]])
ROW_MASK = np.array([True, False, True])

# fmt: off
ROWS = [
    S(indexing.getitem, (3, 4), Fixed((slice(None, None, -2), 1))), S(indexing.getitem, (3, 4), Fixed((..., None, slice(1, 3)))),
    S(indexing.getitem, (2, 3), Fixed(MASK)), S(indexing.getitem, (2, 3), Fixed((slice(None), ROW_MASK))), S(indexing.getitem, (3, 2), Fixed((None, ROW_MASK, -1))),
    S(indexing.getitem, (4, 2), Fixed(np.array([0, 2, 0, 0]))), S(indexing.getitem, (3, 2, 3), Fixed((ROW_MASK, ..., np.array([1, 1])))),
    S(indexing.getitem, (3, 4, 2), Fixed((np.array([0, 2]), slice(None), np.array([1, 1])))), S(indexing.getitem, (3,), Fixed(1)), S(indexing.getitem, (3,), Fixed((True, slice(1, None)))),
    S(indexing.scatter, (2, 2), Fixed(np.array([0, 0])), Fixed((3, 2))), S(indexing.scatter, (2,), Fixed(slice(0, 4, 2)), Fixed((5,))), S(indexing.scatter, (3,), Fixed(np.array([0, 2, 0])), Fixed((4,))),
    S(indexing.put, (3, 4), (4,), Fixed(1)), S(indexing.put, (5,), (3,), Fixed(np.array([0, 2, 0]))), S(indexing.put, (2, 3), (), Fixed(MASK)),
]
# fmt: on
