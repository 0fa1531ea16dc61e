"""How the derivative of an elementwise step is written."""

import numpy as np

from autograd_lite.claims.forms import FORMS
from autograd_lite.claims.steps import Step, elementwise
from autograd_lite.claims.words import bracketed, name_of, number, operand, times

DERIVATIVES = {  # of elementwise functions: a the operand, o the result
    "tanh": "1 − {o}²",
    "sigmoid": "{o} ⊙ (1 − {o})",
    "relu": "1[{a} > 0]",
    "exp": "{o}",
    "log": "1 / {a}",
    "square": "2 {a}",
    "sqrt": "1 / (2 {o})",
    "sin": "cos({a})",
    "cos": "−sin({a})",
    "absolute": "sign({a})",
    "reciprocal": "−1 / {a}²",
    "arctan": "1 / (1 + {a}²)",
    "log1p": "1 / (1 + {a})",
    "cosh": "sinh({a})",
    "sinh": "cosh({a})",
    "tan": "1 + {o}²",
    "expm1": "{o} + 1",
    "cbrt": "1 / (3 {o}²)",
    "arcsin": "1 / √(1 − {a}²)",
    "arctanh": "1 / (1 − {a}²)",
}


def derivative_of(case, k) -> str:
    """How the derivative of step number k is written, if it is elementwise."""
    step = Step(k, k)
    name = step.node(case.first).op.name
    return derivative_text(case, step) if elementwise(case, step) and name in DERIVATIVES else ""


def derivative_text(case, step) -> str:
    """How the derivative of an elementwise step is written."""
    if step not in case.texts:
        case.texts[step] = made_text(case, step)
    return case.texts[step]


def made_text(case, step) -> str:
    trace, node, slot = case.first.apart, step.node(case.first), step.slot(case.first)
    a, o = (bracketed(name_of(trace, e)) for e in (step.edge(case.first), node))
    if step.first != step.last:
        return recognised(case, step) or f"∂{o}/∂{a}"
    name = node.op.name
    if name == "multiply":
        return bracketed(operand(trace, node, 1 - slot, 2))
    if name == "divide":
        below = bracketed(operand(trace, node, 1, 2))
        return (
            f"1 / {below}" if slot == 0 else f"−{bracketed(operand(trace, node, 0, 2))} / {below}²"
        )
    if name == "power":
        n = operand(trace, node, 1, 2)
        return f"2 {a}" if n == "2" else f"{n} {a}^({n} − 1)" if slot == 0 else "log(a)"
    if name not in DERIVATIVES and (found := recognised(case, step)):
        return found
    return DERIVATIVES.get(name, "its derivative").format(a=a, o=o)


def recognised(case, step) -> str:
    """The derivative of a step written with known values, by its numbers."""
    trace, local = case.first.apart, step.local(case.first)
    if local.size == 0 or np.ptp(local) == 0:
        return number(local.flat[0]) if local.size else ""
    near = [step.node(case.first).index, step.edge(case.first).index]
    places = [*near, *(i for i in trace.names if i not in near)]
    values = [
        (e, trace.values[i])
        for i in places
        if (e := case.edges.get(i)) is not None and trace.values[i].shape == local.shape
    ]
    for text, make in FORMS:
        for edge, value in values:
            made = make(value)
            size = np.sum(made * made)
            c = np.round(2 * np.sum(made * local) / size) / 2 if np.isfinite(size) and size else 0
            if c and abs(c) <= 2 and np.max(np.abs(local - c * made)) < 1e-9:
                return times(c, text.format(v=bracketed(name_of(trace, edge))))
    return ""


def whose(case, step) -> str:
    trace = case.first.apart
    there, here = (name_of(trace, e) for e in (step.node(case.first), step.edge(case.first)))
    return f"the step from {there} back to {here}"
