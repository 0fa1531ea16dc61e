"""Slips of axes and shapes: a sum, a mean or a softmax along another axis, none at all."""

from itertools import combinations, product

import numpy as np

from autograd_lite.claims.cases import Guess
from autograd_lite.claims.replay import along, replayed, summed_up
from autograd_lite.claims.words import along as told, name_of, static

NORMALISING = set(
    "max amax min sum mean var std norm cumsum softmax log_softmax logsumexp".split()  # noqa: SIM905
)


def other_axes(node):
    """(axis of a reduction, another one), for all others; None is all of them."""
    ndim, old = len(node.edges[0].shape), static(node).get("axis", -1)
    own = None if old is None else [range(ndim)[i] for i in np.atleast_1d(old)]
    for new in (None, *range(ndim)) if ndim > 1 else ():
        if own != (None if new is None else [new]):
            yield old, new


def wrong_axis(case):
    """The derivative of the program with some of its reductions along another axis."""
    for which in ("apart", "trace"):
        trace = getattr(case.first, which)
        places = [i for i, n in enumerate(trace.nodes) if works_along(n)]
        for group in groups(trace, places):
            node = trace.nodes[group[-1]]
            for old, new in other_axes(node):
                text = f"the claim is right for an f that takes {name_of(trace, node)} {told(new)}"
                text += f"; this one works {told(old)}"
                yield Guess("axis", text, f"Work {told(old)}.", changed(case, which, group, new))


def works_along(node):
    return (
        node.op.name in NORMALISING
        and "axis" in node.op.static
        and node.outputs is None
        and node.edges[0] is not None
    )


def groups(trace, places):
    """Reductions of one axis together (a softmax has a sum and a maximum), and single ones."""
    alike: dict = {}
    for i in places:
        node = trace.nodes[i]
        alike.setdefault((str(static(node)["axis"]), node.edges[0].shape), []).append(i)
    for group in alike.values():
        if len(group) > 1:
            yield group
            yield from (group[i : i + 2] for i in range(len(group) - 1))
    yield from ([i] for i in places)


def changed(case, which, group, axis):
    def predict(sample):
        trace = getattr(sample, which)
        axes = {trace.nodes[i].index: axis for i in group}
        return replayed(trace, along(axes)).truth[case.name]

    return predict


def other_mean(case):
    """What a mean that is subtracted sends back, along another axis."""
    sent = case.trace.sent if case.problem.mode != "jacobian" else []
    for k, later in enumerate(sent):
        uses = [i for i, s in enumerate(sent) if s.edge is later.node]
        if later.node.op.name != "mean" or len(uses) != 1:
            continue
        if sent[uses[0]].node.op.name not in ("subtract", "add"):
            continue
        for old, new in other_axes(later.node):
            text = f"the mean that comes back through {case.label(later.node)} is taken {told(new)}"
            new = averaged(case, k, uses[0], new)
            yield Guess("axis", text, f"Take it {told(old)}.", new)


def averaged(case, k, at, axis):
    def predict(sample):
        trace = sample.apart
        sent, use = trace.sent[k], trace.sent[at]
        g = trace.cotangents[use.node.index]
        sign = -1 if use.node.op.name == "subtract" and use.slot == 1 else 1
        made = np.broadcast_to(sign * np.mean(g, axis=axis, keepdims=True), sent.array.shape)
        return case.truth(sample) + trace.pull(sent.edge, made - sent.array, case.name)

    return predict


def wrong_sum(case):
    """A sum of a known gradient over other axes than broadcasting asks for."""
    for known in case.cotangents:
        for sign, axis in product((1, -1), range(known.first.ndim)):
            if all(same(sign * known.of(s).sum(axis), case.truth(s)) for s in case.samples):
                yield from other_sums(case, known, sign, axis)


def same(a, b):
    return a.shape == b.shape and np.allclose(a, b, 1e-6, 1e-9)


def other_sums(case, known, sign, axis):
    """What a sum over `axis` is often mistaken for."""
    fix = f"Sum over axis {axis}, along which {case.name} was broadcast."

    def everywhere(s):
        return np.full(case.truth(s).shape, sign * known.of(s).sum())

    text = f"{known.text} is summed over {{}}, where it must be axis {axis}"
    for other in range(known.first.ndim):
        if other != axis:
            over = text.format(f"axis {other}")
            yield Guess("axis", over, fix, lambda s, i=other: sign * known.of(s).sum(i))
    over = text.format("all axes")
    yield Guess("axis", over, fix, lambda s: sign * known.of(s).sum())
    yield Guess("axis", over, fix, everywhere)
    text = f"the sum of {known.text} over axis {axis} is missing"
    yield Guess("axis", text, fix, lambda s: sign * known.of(s))


def other_softmax(case):
    """The right derivative, but for a softmax in it that runs along another axis."""
    trace = case.first.trace
    if case.problem.mode == "jacobian":
        return
    for i, node in enumerate(case.trace.nodes):
        if node.op.name in ("sum", "mean") and np.ndim(node.values.operands[0]) > 1:

            def predict(s, i=i):
                return replayed(s.apart, summed_up(s.apart.nodes[i].index)).truth[case.name]

            text = f"in the claim {case.label(node)} is taken over all entries"
            yield Guess("axis", text, f"Take it {told(static(node)['axis'])}.", predict)
    for k, sent in enumerate(trace.sent):
        if sent.node.op.name in ("softmax", "log_softmax", "cross_entropy"):
            for old, new in other_axes(sent.node):
                fix = f"Take it {told(old)}: of each row by itself."
                text = (
                    f"in the claim the softmax of {name_of(trace, sent.edge)} is taken {told(new)}"
                )
                yield Guess("axis", text, fix, resent(case, k, resoftmaxed, new))
                text = f"the sum in the product with softmax's Jacobian runs {told(new)}"
                fix = f"Sum {told(old)}: of each row by itself."
                yield Guess("axis", text, fix, resent(case, k, resummed, new))


def resent(case, k, make, axis):
    """The derivative if the k-th step sent what `make` says."""

    def predict(sample):
        sent = sample.trace.sent[k]
        made = make(sent, sample.trace.cotangents[sent.node.index], axis)
        return case.truth(sample) + sample.trace.pull(sent.edge, made - sent.array, case.name)

    return predict


def softmax(a, axis):
    e = np.exp(a - np.max(a))
    return e / np.sum(e, axis=axis, keepdims=True)


def resoftmaxed(sent, g, axis):
    node, logits = sent.node, np.asarray(sent.node.values.operands[0])
    p, old = softmax(logits, axis), static(node).get("axis", -1)
    if node.op.name == "softmax":
        return p * (g - np.sum(g * p, axis=old, keepdims=True))
    if node.op.name == "log_softmax":
        return g - p * np.sum(g, axis=old, keepdims=True)
    rows = 1 if node.values.static[0] == "sum" else max(1, logits[..., 0].size)
    return sent.array + (p - softmax(logits, -1)) * g / rows


def resummed(sent, g, axis):
    """Softmax's y ⊙ (g − Σ g y) summed along another axis."""
    if sent.node.op.name != "softmax":
        raise ValueError
    p = np.asarray(sent.node.values.out)
    return p * (g - np.sum(g * p, axis=axis, keepdims=True))


# --- claims of another shape --------------------------------------------------------------------
def shapes(case):
    got, wanted = case.claim(case.first).shape, case.truth(case.first).shape
    differs = got != wanted  # on the first draw; on one of other sizes it does
    told = f": it has shape {got}, the derivative {wanted}" if differs else ""
    for i, j in combinations(range(len(wanted)), 2):
        how = "" if len(wanted) == 2 else f" in axes {i} and {j}"
        swapped = lambda s, i=i, j=j: np.swapaxes(case.truth(s), i, j)  # noqa: E731
        yield Guess("transposed", f"the claim is transposed{how}{told}", "Transpose it.", swapped)
    if differs and all(case.claim(s).size == case.truth(s).size for s in case.samples):
        text, fix = f"the numbers are right, but not their shape{told}", f"Reshape it to {wanted}."
        yield Guess("shape", text, fix, lambda s: case.truth(s).reshape(case.claim(s).shape))
    yield from with_identity(case)
    yield from unsummed(case, told)


def with_identity(case):
    """A vector plus the identity: where I stands, what it is multiplied by is missing."""
    wanted = case.truth(case.first).shape
    if case.claim(case.first).shape != wanted * 2:
        return
    for known in case.cotangents:
        if known.first.shape == wanted:
            new = lambda s, k=known: case.truth(s) - k.of(s) + np.eye(len(case.truth(s)))  # noqa: E731
            v = known.text
            text = f"the claim has shape {wanted * 2}, expected {wanted}: "
            text += f"the term I lacks the factor {v}"
            yield Guess("shape", text, f"Write I {v} = {v} for I.", new)


def unsummed(case, told):
    """The claim before a sum over some of its axes."""
    ndim = case.claim(case.first).ndim
    for count in range(1, ndim + 1):
        for axes in combinations(range(ndim), count):

            def test(s, axes=axes):
                total, truth = case.claim(s).sum(axes), case.truth(s)
                return total.size == truth.size and np.allclose(
                    total.reshape(truth.shape), truth, case.rtol, 1e-9 * np.max(np.abs(truth))
                )

            which = ", ".join(map(str, axes))
            fix = f"Sum the claim over axis {which}: {case.name} was broadcast along it."
            text = f"a sum over axis {which} is missing{told}"
            yield Guess("axis", text, fix, case.claim, test)
