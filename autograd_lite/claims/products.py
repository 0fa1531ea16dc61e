"""Slips in products: transposes, the order, and entry by entry in the place of matrix products."""

from itertools import permutations

import numpy as np

from autograd_lite.claims.cases import Guess
from autograd_lite.claims.derivatives import derivative_text, whose
from autograd_lite.claims.steps import Step, elementwise, instead
from autograd_lite.claims.words import bracketed, name_of, operand
from autograd_lite.graph import on_path
from autograd_lite.recording import call
from autograd_lite.tensor import Tensor
from autograd_lite.transforms import gradients

PRODUCTS = ("matmul", "dot", "multiply", "einsum", "tensordot")


def products(case, step):
    """A matrix product with the wrong transpose or order, or entry by entry; and the reverse."""
    node, slot = step.node(case.first), step.slot(case.first)
    if case.problem.mode == "jacobian" or step.first != step.last:
        return
    if node.op.name in ("cumsum", "convolve", "correlate"):
        yield forwards(case, step)
    if node.op.name not in ("matmul", "dot", "multiply") or len(node.inputs) != 2:
        return
    trace, where = case.first.apart, whose(case, step)
    m = bracketed(operand(trace, node, 1 - slot, 2))
    real = node.op.name != "multiply"
    if real:
        right = f"{m}ᵀ ∂" if slot else f"∂ {m}ᵀ"
        yield Guess(
            "transposed",
            f"{where} has the incoming gradient transposed",
            FIX.format(right=right, m=m),
            instead(case, step, lambda s: flipped(step, s)),
        )
    else:
        right = f"{m} ⊙ ∂"
    for kind, text, fix, new in MATRIX if real else ENTRYWISE:

        def made(s, new=new):
            return new(step.g(s), step.other(s), slot)

        yield Guess(
            kind,
            f"{where} {text.format(m=m)}",
            fix.format(right=right, m=m),
            instead(case, step, made),
        )


def wrong_operand(case, step):
    """Another value of the same shape in the place of the other factor of a product."""
    node, slot = step.node(case.first), step.slot(case.first)
    if node.op.name not in PRODUCTS or step.first != step.last or case.problem.mode == "jacobian":
        return
    trace = case.first.apart
    for other, right in enumerate(node.values.operands):
        if other == slot:
            continue
        m, shape = bracketed(operand(trace, node, other, 2)), np.shape(right)
        if node.op.name == "einsum" and shape[-1:] == shape[-2:-1]:

            def turned(s, other=other):
                return np.swapaxes(step.node(s).values.operands[other], -1, -2)

            yield instead_of(case, step, other, m, f"{m}ᵀ", turned, "transposed")
        for known in case.values:
            v = bracketed(known.text)
            if known.of(case.first).shape == shape and v != m:
                yield instead_of(case, step, other, m, v, known.of)
            if len(shape) == 2 and known.of(case.first).shape == shape[::-1] and m.endswith(".T"):
                yield instead_of(case, step, other, m, f"{v}.T", lambda s, k=known: k.of(s).T)


def instead_of(case, step, other, m, v, of, kind="wrong factor"):
    text = f"{whose(case, step)} has {v} where {m} belongs"
    return Guess(
        kind, text, f"Write {m} there.", instead(case, step, with_operand(step, other, of))
    )


def with_operand(step, other, of):
    """What a step sends if an operand of its product is another one."""

    def made(s):
        node, slot = step.node(s), step.slot(s)
        operands = list(node.values.operands)
        operands[other] = of(s)
        operands[slot] = Tensor(operands[slot], requires_grad=True)
        out = call(Tensor, node.op, operands, node.values.static)
        return gradients(out, operands[slot], grad_output=step.g(s))[0].data

    return made


def flipped(step, sample):
    g, m = step.g(sample).T, step.other(sample)
    return m.T @ g if step.slot(sample) else g @ m.T


def forwards(case, step):
    """A linear operation applied to the cotangent, where its transpose belongs."""
    node = step.node(case.first)

    def made(s):
        node = step.node(s)
        operands = list(node.values.operands)
        operands[step.slot(s)] = step.g(s)
        return np.asarray(node.op.forward(*operands, *node.values.static))

    return Guess(
        "transposed",
        f"{whose(case, step)} applies {node.op.name} itself (J), where its transpose Jᵀ belongs",
        f"Go through {node.op.name} backwards: Jᵀ times the incoming gradient.",
        instead(case, step, made),
    )


def transposed_product(g, m, slot):
    if g.ndim == m.ndim == 1:
        return np.outer(m, g) if slot == 0 else np.outer(g, m)
    return g @ m if slot == 0 and m.ndim == 2 else m @ g


def outer_reversed(g, m, slot):
    if g.ndim != 1 or m.ndim != 1:
        raise ValueError
    return np.outer(m, g) if slot == 0 else np.outer(g, m)


FIX = "It must be {right}, where ∂ is the incoming gradient."
MATRIX = (
    ("transposed", "has {m} where {m}ᵀ belongs", FIX, transposed_product),
    ("transposed", "has {m} where {m}ᵀ belongs", FIX, lambda g, m, i: g @ m if i else m @ g),
    (
        "operator",
        "has its factors in the wrong order",
        FIX,
        lambda g, m, i: g @ m.T if i else m.T @ g,
    ),
    ("transposed", "has the outer product in the wrong order", FIX, outer_reversed),
    (
        "operator",
        "multiplies by {m} entry by entry, where a matrix product belongs",
        FIX,
        lambda g, m, i: g * m,
    ),
    (
        "operator",
        "multiplies by {m}ᵀ entry by entry, where a matrix product belongs",
        FIX,
        lambda g, m, i: g * m.T,
    ),
    (
        "operator",
        "multiplies by {m}ᵀ entry by entry, where a matrix product belongs",
        FIX,
        lambda g, m, i: g[..., None] * m if g.ndim == 1 and m.ndim == 2 else g * m.T,
    ),
    (
        "operator",
        "multiplies by {m}ᵀ entry by entry, where a matrix product belongs",
        FIX,
        lambda g, m, i: m.T * g,
    ),
)
ENTRYWISE = tuple(
    ("operator", "has a matrix product with {m}, where one entry by entry belongs", FIX, new)
    for new in (
        lambda g, m, i: g @ m,
        lambda g, m, i: m @ g,
        lambda g, m, i: g @ m.T,
        lambda g, m, i: m.T @ g,
        lambda g, m, i: np.outer(g, m),
        lambda g, m, i: np.outer(m, g),
    )
)


def mask_outside(case, step):
    """A mask (or derivative) behind the matrix product that it belongs in front of."""
    if not elementwise(case, step):
        return
    trace, edge = case.first.apart, step.edge(case.first)
    below = on_path([edge], [trace.targets[case.name]])
    d = derivative_text(case, step)
    for k, sent in enumerate(trace.sent):
        through = sent.edge.index in below and sent.node.index in below
        if through and sent.edge.shape == edge.shape and sent.node.op.name in PRODUCTS:
            made = masked_later(case, step, k)
            yield Guess(
                "operator",
                f"the factor {d} stands outside of the product that it belongs in",
                f"Multiply the incoming gradient by {d} first, then go back through "
                f"{name_of(trace, sent.node)}.",
                made,
            )


def masked_later(case, step, k):
    def predict(s):
        trace, edge, later = s.apart, step.edge(s), s.apart.sent[k].edge
        pulled = step.local(s) * trace.between(edge, step.g(s), later)
        return (
            case.truth(s)
            - trace.pull(edge, step.array(s), case.name)
            + trace.pull(later, pulled, case.name)
        )

    return predict


def reordered(case, step):
    """Three factors of a matrix product in another order."""
    node, edge = step.node(case.first), step.edge(case.first)
    if step.first != step.last or node.op.name != "matmul" or case.problem.mode == "jacobian":
        return
    for k, sent in enumerate(case.first.apart.sent):
        if sent.node is not edge.node or sent.node.op.name != "matmul":
            continue
        later = Step(k, k)
        for order in permutations(range(3)):

            def made(s, order=order, later=later):
                three = step.other(s).T, step.g(s), later.other(s).T
                a, b, c = (three[i] for i in order)
                return a @ b @ c

            yield Guess(
                "operator",
                f"{whose(case, step)} and on to "
                f"{name_of(case.first.apart, sent.edge)} has its factors in the wrong order",
                "What stood on the left goes on the left, transposed; what stood on the right "
                "on the right.",
                instead(case, later, made),
            )
