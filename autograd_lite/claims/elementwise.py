"""Slips in an elementwise step: its derivative missing, twice, or another one in its place."""

import numpy as np

from autograd_lite.claims.cases import Guess
from autograd_lite.claims.derivatives import derivative_text, whose
from autograd_lite.claims.steps import elementwise, instead, is_worth
from autograd_lite.claims.words import bracketed, name_of


def missing_derivative(case, step):
    node, edge = step.node(case.first), step.edge(case.first)
    if elementwise(case, step):
        d = derivative_text(case, step)
        if d == "−1":
            text = f"{whose(case, step)} has the wrong sign"
            yield Guess("sign", text, "Change the sign there.", instead(case, step, step.g))
        yield Guess(
            "missing factor",
            f"{whose(case, step)} lacks the factor {d}",
            f"Multiply by {d} there, entry by entry.",
            instead(case, step, step.g),
        )
    elif node.op.name in ("max", "min", "amax", "amin"):

        def copied(s):
            lead, shape = s.trace.lead, step.edge(s).shape
            kept = [1 if a != b else a for a, b in zip(shape, like(s), strict=True)]
            return np.broadcast_to(step.g(s).reshape((*lead, *kept)), (*lead, *shape))

        def like(s):
            axis = dict(zip(node.op.static, step.node(s).values.static, strict=True))["axis"]
            return (
                np.expand_dims(np.max(np.empty(step.edge(s).shape), axis), axis or 0).shape
                if axis is not None
                else (1,) * len(edge.shape)
            )

        yield Guess(
            "missing factor",
            f"{whose(case, step)} lacks a mask, 1 where the {node.op.name} is taken",
            f"Multiply by the mask 1[entry is the {node.op.name}].",
            instead(case, step, copied),
        )


def twice(case, step):
    """The derivative of an elementwise step twice, or as a divisor."""
    if elementwise(case, step):
        d, where = derivative_text(case, step), whose(case, step)
        fix = f"The factor there is {d}."
        yield Guess(
            "wrong factor",
            f"{where} has the factor {d} twice",
            fix,
            instead(case, step, lambda s: step.array(s) * step.local(s)),
        )
        yield Guess(
            "wrong factor",
            f"{where} divides by {d}, where it must multiply",
            fix,
            instead(case, step, lambda s: step.g(s) / step.local(s)),
        )


def wrong_derivative(case, step, text, make):
    """Another factor, `make` of a value near by, where the derivative of a step belongs."""
    if not elementwise(case, step) or not is_worth(case.first.apart, step):
        return
    for known in nearby(case, step):
        if is_steady(make, known.of(case.first)):
            continue

        def made(s, k=known):
            return step.g(s) * make(k.of(s))

        predict = instead(case, step, made)
        if not case.predicted(Guess("", "", "", predict), case.first):
            continue  # before its words are looked for
        d, where = derivative_text(case, step), whose(case, step)
        shown, fix = text.format(v=bracketed(known.text)), f"The factor there is {d}."
        if rest := other_factor(case, step, known, make):
            yield Guess(
                "missing factor",
                f"{where} lacks the factor {rest}: it has {shown} in the place of {d}",
                fix,
                predict,
            )
        yield Guess(
            "wrong factor", f"{where} has the factor {shown} in the place of {d}", fix, predict
        )


def nearby(case, step):
    """Named values of the shape of a step, and those that it goes between."""
    if step not in case.nearby:
        trace, shape = case.first.apart, step.edge(case.first).shape
        near = {name_of(trace, e) for e in (step.node(case.first), step.edge(case.first))}
        own = {*case.first.arguments, *trace.names.values(), *near}
        case.nearby[step] = [
            k for k in case.values if k.text in own and k.of(case.first).shape == shape
        ]
    return case.nearby[step]


def is_steady(make, value) -> bool:
    """Whether a form has the same value everywhere, as the sign of positive numbers has."""
    with np.errstate(all="ignore"):
        made = make(value)
    return made.size > 1 and np.ptp(made) == 0


def is_product(case):
    """A key that sorts functions before products with another factor."""
    return lambda step: step.node(case.first).op.name in ("multiply", "divide")


def other_factor(case, step, known, make) -> str:
    """What the derivative is beside one factor of it: 1 − h beside h, of σ."""
    value = known.of(case.first)
    with np.errstate(all="ignore"):
        rest = step.local(case.first) / make(value)
    for text, of in (("{v}", value), ("1 − {v}", 1 - value)):
        if value.size > 1 and np.allclose(rest, of, 1e-6, 1e-9):
            return text.format(v=bracketed(known.text))
    return ""
