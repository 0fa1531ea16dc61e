"""Detection of in-place updates between a forward and a backward pass.

An update of a Tensor's data is noted with the creation counter. A node older than the note that
saved memory of the updated array would compute a gradient from the wrong numbers, so it refuses.
"""

import weakref

import numpy as np

from autograd_lite.errors import GraphError

latest = 0  # counter value of the newest update: a node younger than it needs no check
_noted: dict[int, tuple] = {}  # id of an array -> (counter value, weak reference to it)


def note(array, now):
    """Note that `array` was, or is about to be, overwritten at counter value `now`."""
    global latest
    key = id(array)
    if key in _noted:  # entries go with their array, so this is the same one
        _noted[key] = (now, _noted[key][1])
    else:
        try:
            _noted[key] = (now, weakref.ref(array, lambda _: _noted.pop(key, None)))
        except TypeError:  # an array of another kind that takes no weak references
            return
    latest = now


def check(node):
    """Raise GraphError if an array that `node` saved was updated after `node` was made."""
    changed = [ref() for when, ref in list(_noted.values()) if when > node.index]
    for value in saved_arrays(node):
        if any(a is not None and may_share(value, a) for a in changed):
            raise GraphError(
                f"{node.op.name}: an array of shape {value.shape} that its derivative reads was "
                "changed in place between the forward and the backward pass (an optimiser step, "
                "`w.data -= …` or `w -= …`). Call backward() before the update, or run the "
                "forward pass again after it."
            )


def saved_arrays(node):
    """The arrays a node holds, as its rules read them."""
    stack = [node.saved, node.arguments]
    while stack:
        value = stack.pop()
        if isinstance(value, (tuple, list)):
            stack.extend(value)
        elif hasattr(value, "__array_function__"):
            yield value


def may_share(a, b):
    if a is b or not (isinstance(a, np.ndarray) and isinstance(b, np.ndarray)):
        return a is b
    try:
        return np.may_share_memory(a, b) and np.shares_memory(a, b, max_work=10_000)
    except np.exceptions.TooHardError:
        return True
