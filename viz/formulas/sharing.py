"""Which gradients keep their names in a formula, because it would repeat them."""

import numpy as np

from viz.formulas.symbols import Symbol, one


def shared_aliases(expression) -> list[Symbol]:
    """The aliases that the printed expression would repeat, newest definition first."""
    order, seen, stack = [], set(), [(expression, False)]
    while stack:
        s, done = stack.pop()
        if done:
            order.append(s)
        elif id(s) not in seen:
            seen.add(id(s))
            stack.append((s, True))
            stack.extend((child, False) for child in operands(s))
    uses = {id(s): 0 for s in order}
    uses[id(expression)] = 1
    shared = []
    for s in reversed(order):  # every user of s comes before s
        if s.definition is not None and uses[id(s)] > 1 and not atomic(s.definition):
            shared.append(s)
        times = 1 if any(s is t for t in shared) else uses[id(s)]
        for child in operands(s):
            uses[id(child)] += times
    return shared


def atomic(s) -> bool:
    """Whether an expression is as short as a name for it: −t, a number, or a name itself."""
    if s.function is np.negative and s.args[0].text is not None:
        return True
    return s.text is not None or (s.ndim == 0 and is_number(s))


def is_number(s) -> bool:
    """Whether it is a product or quotient of numbers alone."""
    if s.definition is not None:
        return is_number(s.definition)
    return s.function is one or (
        s.function in (np.multiply, np.divide, np.negative) and all(map(is_number, operands(s)))
    )


def operands(s):
    if s.definition is not None:
        return [s.definition]
    found, stack = [], [*s.args, *s.kwargs.values()]
    while stack:
        x = stack.pop()
        if isinstance(x, Symbol):
            found.append(x)
        elif isinstance(x, (tuple, list)):
            stack.extend(x)
    return found
