"""Simplification of conditions, and of choices by them."""

import numpy as np

from viz.formulas.symbols import Symbol, bare, call, is_call

OPPOSITES = {np.less: np.greater_equal, np.greater: np.less_equal,
             np.less_equal: np.greater, np.greater_equal: np.less}  # fmt: skip


def both_ways(rewrite):
    """A rewrite(s, a, b) of a commutative call, tried on (a, b) and on (b, a)."""

    def either(s):
        found = rewrite(s, *s.args)
        return rewrite(s, *s.args[::-1]) if found is None else found

    return either


def without(neutral):
    """A rewrite of a logical operation to the operand that is not `neutral`."""
    return both_ways(lambda s, a, b: b if a is neutral and isinstance(b, Symbol) else None)


def opposite(s):
    """not (a < b) is a ≥ b, not (p or q) is (not p) and (not q)."""
    x = s.args[0]
    if not isinstance(x, Symbol) or x.text is not None:
        return None
    if x.function in OPPOSITES:
        made = call(OPPOSITES[x.function], x.args, {})
    elif x.function is np.bitwise_or:
        made = call(np.bitwise_and, [call(np.logical_not, (y,), {}) for y in x.args], {})
    else:
        return None
    if x.kept:  # the numbers that it is computed from may be gone
        made.value, made.known, made.kept = s.value, x.known, f"not_{x.kept}"
    return made


def chosen(s):
    """What is not chosen is left out: by a test that is false whatever the arrays hold."""
    test, _, b = s.args
    never = is_call(test, np.bitwise_and) and any(
        isinstance(x, (bool, np.bool_)) and not x for x in bare(test).args
    )
    return call(np.broadcast_to, (b, s.shape), {}) if never else None
