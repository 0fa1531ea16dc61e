"""Slips in one step back: in a product (transposes, the order), or in an elementwise function."""

from itertools import permutations

import numpy as np

from autograd_lite.claims.cases import Guess
from autograd_lite.claims.steps import Step, derivative_text, elementwise, instead, is_worth, whose
from autograd_lite.claims.words import bracketed, form, operand, static
from autograd_lite.graph import on_path
from autograd_lite.recording import call
from autograd_lite.tensor import Tensor
from autograd_lite.transforms import gradients

PRODUCTS = ("matmul", "dot", "multiply", "einsum", "tensordot")
ORDER = "What stood on the left goes on the left, transposed; what stood on the right on the right."
ENTRIES = "multiplies by {t} entry by entry, where a matrix product belongs"
MATRIX = "has a matrix product with {m}, where one entry by entry belongs"


def turned(g, m, slot):
    """The product with m where mᵀ belongs."""
    if g.ndim == m.ndim == 1:
        return np.outer(m, g) if slot == 0 else np.outer(g, m)
    return g @ m if slot == 0 and m.ndim == 2 else m @ g


def flipped(g, m, slot):
    return m.T @ g.T if slot else g.T @ m.T


def column(g, m, slot):
    return g[..., None] * m if g.ndim == 1 and m.ndim == 2 else g * m.T


# kind, what is said of the step, and what it sends, of g, the other operand m and the position
OF_MATRICES = (
    ("transposed", "has the incoming gradient transposed", flipped),
    ("transposed", "has {m} where {t} belongs", turned),
    ("operator", "has its factors in the wrong order", lambda g, m, i: g @ m.T if i else m.T @ g),
    ("operator", ENTRIES, lambda g, m, i: g * m.T),
    ("operator", ENTRIES, column),
    ("operator", ENTRIES, lambda g, m, i: g * m),
)
OF_ENTRIES = (
    ("operator", MATRIX, lambda g, m, i: g @ m),
    ("operator", MATRIX, lambda g, m, i: m @ g),
    ("operator", MATRIX, lambda g, m, i: g @ m.T),
    ("operator", MATRIX, lambda g, m, i: m.T @ g),
    ("operator", MATRIX, lambda g, m, i: np.outer(g, m)),
)


def transposed_name(m) -> str:
    return m[:-1] if m.endswith("ᵀ") else f"{m}ᵀ"


def products(case, step):
    """A matrix product with the wrong transpose or order, or entry by entry; and the reverse."""
    node, slot = step.node(case.first), step.slot(case.first)
    if case.problem.mode == "jacobian" or step.first != step.last:
        return
    if node.op.name in ("cumsum", "convolve", "correlate"):
        yield forwards(case, step)
    if node.op.name not in ("matmul", "dot", "multiply") or len(node.inputs) != 2:
        return
    m, g = bracketed(operand(case.trace, node, 1 - slot)), case.gradient(node)
    t = transposed_name(m)
    real = node.op.name != "multiply"
    fix = (
        f"Write {f'{t} {g}' if slot else f'{g} {t}'} there." if real else f"Write {m} ⊙ {g} there."
    )
    for kind, text, new in OF_MATRICES if real else OF_ENTRIES:

        def made(s, new=new):
            return new(step.g(s), step.other(s), slot)

        text = f"{whose(case, step)} {text.format(m=m, t=t)}"
        yield Guess(kind, text, fix, instead(case, step, made))


def forwards(case, step):
    """A linear operation applied to the cotangent, where its transpose belongs."""

    def made(s):
        node = step.node(s)
        operands = list(node.values.operands)
        operands[step.slot(s)] = step.g(s)
        return np.asarray(node.op.forward(*operands, *node.values.static))

    f = step.node(case.first).op.name
    text = f"{whose(case, step)} applies {f} itself (J), where its transpose Jᵀ belongs"
    fix = f"Go through {f} backwards: Jᵀ times the incoming gradient."
    return Guess("transposed", text, fix, instead(case, step, made))


def wrong_operand(case, step):
    """Another value of the same shape in the place of the other factor of a product."""
    node, slot = step.node(case.first), step.slot(case.first)
    if node.op.name not in PRODUCTS or step.first != step.last or case.problem.mode == "jacobian":
        return
    for at, right in enumerate(node.values.operands):
        if at == slot:
            continue
        m, shape = bracketed(operand(case.trace, node, at)), np.shape(right)
        others = []
        if node.op.name == "einsum" and shape[-1:] == shape[-2:-1]:
            swapped = lambda s, at=at: np.swapaxes(step.node(s).values.operands[at], -1, -2)  # noqa: E731
            others.append(("transposed", f"{m}ᵀ", swapped))
        for known in case.values:
            v = bracketed(known.text)
            if known.first.shape == shape and v != m:
                others.append(("wrong factor", v, known.of))
            elif known.first.shape == shape[::-1] and len(shape) == 2 and m.endswith("ᵀ"):
                others.append(("wrong factor", f"{v}ᵀ", lambda s, k=known: k.of(s).T))
        for kind, v, of in others:
            text = f"{whose(case, step)} has {v} where {m} belongs"
            yield Guess(
                kind, text, f"Write {m} there.", instead(case, step, with_operand(step, at, of))
            )


def with_operand(step, at, of):
    """What a step sends if an operand of its product is another one."""

    def made(s):
        node, slot = step.node(s), step.slot(s)
        operands = list(node.values.operands)
        operands[at] = of(s)
        operands[slot] = Tensor(operands[slot], requires_grad=True)
        out = call(Tensor, node.op, operands, node.values.static)
        return gradients(out, operands[slot], grad_output=step.g(s))[0].data

    return made


def mask_outside(case, step):
    """A mask (or derivative) behind the matrix product that it belongs in front of."""
    if not elementwise(case, step):
        return
    trace, edge = case.trace, step.edge(case.first)
    below = on_path([edge], [trace.targets[case.name]])
    for k, sent in enumerate(trace.sent):
        through = sent.edge.index in below and sent.node.index in below
        if through and sent.edge.shape == edge.shape and sent.node.op.name in PRODUCTS:
            d, g = derivative_text(case, step), case.gradient(step.node(case.first))
            text = f"the factor {d} stands outside of the product that it belongs in"
            fix = f"Multiply {g} by {d} first, then go back through {case.label(sent.node)}."
            yield Guess("operator", text, fix, masked_later(case, step, k))


def masked_later(case, step, k):
    def predict(s):
        trace, edge, later = s.apart, step.edge(s), s.apart.sent[k].edge
        pulled = step.local(s) * trace.between(edge, step.g(s), later)
        right = trace.pull(edge, step.array(s), case.name)
        return case.truth(s) - right + trace.pull(later, pulled, case.name)

    return predict


def reordered(case, step):
    """Three factors of a matrix product in another order."""
    node, edge = step.node(case.first), step.edge(case.first)
    if step.first != step.last or node.op.name != "matmul" or case.problem.mode == "jacobian":
        return
    for k, sent in enumerate(case.trace.sent):
        if sent.node is not edge.node or sent.node.op.name != "matmul":
            continue
        later = Step(k, k)
        for order in permutations(range(3)):

            def made(s, order=order, later=later):
                three = step.other(s).T, step.g(s), later.other(s).T
                a, b, c = (three[i] for i in order)
                return a @ b @ c

            text = f"{whose(case, step)} and on to {case.label(sent.edge)} has its factors in the "
            yield Guess("operator", text + "wrong order", ORDER, instead(case, later, made))


# --- elementwise functions -----------------------------------------------------------------------
def missing_derivative(case, step):
    node, where = step.node(case.first), whose(case, step)
    if elementwise(case, step):
        d = derivative_text(case, step)
        if d == "−1":
            text, fix = f"{where} has the wrong sign", "Change the sign there."
            yield Guess("sign", text, fix, instead(case, step, step.g))
        elif d != "0":
            fix = f"Multiply {case.gradient(node)} by {d}, entry by entry."
            text = f"of {where} the factor {d} is missing"
            yield Guess("missing factor", text, fix, instead(case, step, step.g))
    elif node.op.name in ("max", "min", "amax", "amin"):

        def copied(s):
            axis, edge = static(step.node(s))["axis"], step.edge(s)
            one = np.max(np.empty(edge.shape), axis=axis, keepdims=True).shape
            return np.broadcast_to(step.g(s).reshape(s.trace.lead + one), s.trace.lead + edge.shape)

        text = f"{where} lacks a mask, 1 where the {node.op.name} is taken"
        fix = f"Multiply by the mask 1[entry is the {node.op.name}]."
        yield Guess("missing factor", text, fix, instead(case, step, copied))


def twice(case, step):
    """The derivative of an elementwise step twice, or as a divisor."""
    if elementwise(case, step):
        d, where = derivative_text(case, step), whose(case, step)
        new = instead(case, step, lambda s: step.array(s) * step.local(s))
        yield Guess("wrong factor", f"{where} has the factor {d} twice", "Write it once.", new)
        new = instead(case, step, lambda s: step.g(s) / step.local(s))
        yield Guess("wrong factor", f"{where} divides by {d}", "Multiply by it instead.", new)


def wrong_derivative(case, step, template, make):
    """Another factor, `make` of a value near by, where the derivative of a step belongs."""
    if not elementwise(case, step) or not is_worth(case, step):
        return
    for known in nearby(case, step):
        if np.ptp(make(known.first)) == 0 and (known.first.size > 1 or "[" in template):
            continue  # the same everywhere, as the sign of positive numbers is

        def made(s, known=known):
            return step.g(s) * make(known.of(s))

        predict = instead(case, step, made)
        if not case.predicted(Guess("", "", "", predict), case.first):
            continue  # before its words are looked for
        d, where, shown = derivative_text(case, step), whose(case, step), form(template, known.text)
        fix = f"Write {d} there."
        if rest := other_factor(case, step, known, make):
            text = f"of {where} the factor {rest} is missing: it has {shown} in the place of {d}"
            yield Guess("missing factor", text, fix, predict)
        text = f"{where} has the factor {shown} in the place of {d}"
        if d == "1":
            text, fix = f"{where} has the factor {shown} too much", "Leave it out."
        yield Guess("wrong factor", text, fix, predict)


def nearby(case, step):
    """Named values of the shape of a step, and those that it goes between."""
    if ("near", step) not in case.cache:
        node, edge = step.node(case.first), step.edge(case.first)
        named = [case.label(case.edges[i]) for i in case.trace.names if i in case.edges]
        own = {*named, case.label(node), case.label(edge)}
        case.cache["near", step] = [
            k for k in case.values if (k.argument or k.text in own) and k.first.shape == edge.shape
        ]
    return case.cache["near", step]


def is_product(case):
    """A key that sorts functions before products with another factor."""
    return lambda step: step.node(case.first).op.name in ("multiply", "divide")


def other_factor(case, step, known, make) -> str:
    """What the derivative is beside one factor of it: 1 − h beside h, of σ."""
    value = known.first
    rest = step.local(case.first) / make(value)
    for text, of in ((bracketed(known.text), value), (form("1 − {v}", known.text), 1 - value)):
        if value.size > 1 and np.allclose(rest, of, 1e-6, 1e-9):
            return text
    return ""
