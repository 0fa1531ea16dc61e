"""Joining, splitting, repeating."""

import numpy as np
from sampling import Fixed, S


def nested(a, b, c, d):
    """np.block takes nested lists, and rows hold flat ones."""
    return np.block([[a, b], [c, d]])


# fmt: off
ROWS = [
    S(np.concatenate, [(2, 3), (4, 3)]), S(np.concatenate, [(2, 1), (2, 3)], axis=-1), S(np.concatenate, [(2,), (2, 2)], axis=None),
    S(np.stack, [(2, 3), (2, 3)], axis=1), S(np.stack, [(2,), (2,), (2,)], axis=-1), S(np.vstack, [(3,), (2, 3)]), S(np.hstack, [(2, 1), (2, 3)]), S(np.hstack, [(), (2,)]),
    S(np.dstack, [(2, 3), (2, 3, 2)]), S(np.column_stack, [(3,), (3, 2)]), S(np.block, [(2,), (3,)]), S(nested, (2, 2), (2, 1), (2,), ()),
    S(np.append, (2, 2), (3,)), S(np.append, (2, 2), (2, 1), axis=1), S(np.insert, (2, 3), Fixed(1), (2,), axis=1), S(np.insert, (4,), Fixed([1, 3]), (2,)),
    S(np.insert, (2, 3), Fixed(slice(0, 2)), (), axis=0), S(np.delete, (2, 4), Fixed([0, -2]), axis=1), S(np.delete, (2, 3), Fixed(1)),
    S(np.split, (6, 2), Fixed(3)), S(np.split, (2, 5), Fixed([1, 4]), axis=1), S(np.array_split, (5,), Fixed(2)),
    S(np.hsplit, (2, 4), Fixed(2)), S(np.vsplit, (3, 2), Fixed([1])), S(np.dsplit, (1, 2, 3), Fixed([2])),
    S(np.tile, (2, 3), Fixed((2, 1, 2))), S(np.tile, (3,), Fixed(2)), S(np.repeat, (2, 3), Fixed(2), axis=1), S(np.repeat, (2, 3), Fixed(2)),
    S(np.repeat, (3, 2), Fixed([1, 0, 2]), axis=0),
]
# fmt: on
if hasattr(np, "unstack"):  # NumPy 2.1
    ROWS.append(S(np.unstack, (2, 3), axis=1))
