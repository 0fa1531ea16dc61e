"""Slips of axes: another program's derivative, whose sums or softmax run along another axis."""

from itertools import product

import numpy as np

from autograd_lite.claims.cases import Guess
from autograd_lite.claims.replay import along, replayed
from autograd_lite.claims.words import name_of

NORMALISING = (
    "max",
    "amax",
    "sum",
    "mean",
    "softmax",
    "log_softmax",
    "logsumexp",
    "var",
    "std",
    "cumsum",
    "min",
    "norm",
)


def wrong_axis(case):
    """The derivative of the program with some of its reductions along another axis."""
    for which in ("apart", "trace"):
        trace = getattr(case.first, which)
        places = [i for i, n in enumerate(trace.nodes) if working(n)]
        for group in groups(trace, places):
            node = trace.nodes[group[-1]]
            old, ndim = axis_of(node), len(node.edges[0].shape)
            for new in (None, *range(ndim)):
                if same_axis(old, new, ndim) or ndim < 2:
                    continue
                told = "all entries at once" if new is None else f"axis {new}"
                was = "all entries" if old is None else f"axis {old}"
                what = name_of(trace, node)
                yield Guess(
                    "axis",
                    f"the claim is right for a program that takes {what} along {told}, where this "
                    f"one works along {was}",
                    f"Work along {was}" + (", row by row." if old in (-1, ndim - 1) else "."),
                    changed(case, which, group, new),
                )


def other_mean(case):
    """What a mean that is subtracted sends back, along another axis."""
    sent = case.first.apart.sent
    for k, later in enumerate(sent):
        if later.node.op.name != "mean" or case.problem.mode == "jacobian":
            continue
        uses = [s for s in sent if s.edge is later.node]
        if len(uses) != 1 or uses[0].node.op.name not in ("subtract", "add"):
            continue
        at, old = [s is uses[0] for s in sent].index(True), axis_of(later.node)
        ndim = len(later.edge.shape)
        for new in (None, *range(ndim)):
            if ndim > 1 and not same_axis(old, new, ndim):
                told = "all entries" if new is None else f"axis {new}"
                text = f"the mean that comes back through {name_of(case.first.apart, later.node)}"
                yield Guess(
                    "axis",
                    f"{text} is taken along {told}; it must be along axis {old}",
                    f"Take it along axis {old}.",
                    averaged(case, k, at, new),
                )


def averaged(case, k, at, axis):
    def predict(sample):
        trace = sample.apart
        sent, use = trace.sent[k], trace.sent[at]
        g = trace.cotangents[use.node.index]
        sign = -1 if use.node.op.name == "subtract" and use.slot == 1 else 1
        made = np.broadcast_to(sign * np.mean(g, axis=axis, keepdims=True), sent.array.shape)
        return case.truth(sample) + trace.pull(sent.edge, made - sent.array, case.name)

    return predict


def wrong_total(case):
    """A sum that broadcasting asks for on the way, over more axes or others."""
    trace = case.first.apart
    for k, sent in enumerate(trace.sent):
        shape = sent.edge.shape
        if case.problem.mode == "jacobian" or not (1 in shape and len(shape) > 1):
            continue

        def predict(s, k=k):
            sent = s.apart.sent[k]
            total = np.broadcast_to(sent.array.sum(), sent.array.shape)
            return case.truth(s) + s.apart.pull(sent.edge, total - sent.array, case.name)

        at = name_of(trace, sent.edge)
        yield Guess(
            "axis",
            f"on the way back to {at} the claim sums over all axes; the gradient of "
            f"{at} has shape {shape}",
            "Sum only over the axes along which it was broadcast.",
            predict,
        )


def working(node):
    return node.op.name in NORMALISING and "axis" in node.op.static and node.outputs is None


def axis_of(node):
    return dict(zip(node.op.static, node.values.static, strict=True))["axis"]


def same_axis(a, b, ndim):
    a, b = ([range(ndim)[i] for i in np.atleast_1d(x)] if x is not None else x for x in (a, b))
    return a == b


def groups(trace, places):
    """Single reductions, and those of one axis together (a softmax has a sum and a maximum)."""
    alike: dict = {}
    for i in places:
        alike.setdefault(
            (str(axis_of(trace.nodes[i])), trace.nodes[i].values.operands[0].shape), []
        ).append(i)
    for group in alike.values():
        if len(group) > 1:
            yield group
            for i in range(len(group) - 1):
                yield group[i : i + 2]
    for i in places:
        yield [i]


def changed(case, which, group, axis):
    def predict(sample):
        trace = getattr(sample, which)
        axes = {trace.nodes[i].index: axis for i in group}
        try:
            return replayed(trace, along(axes)).truth[case.name]
        except Exception as error:  # other axes need not fit the rest of the program
            raise ValueError from error

    return predict


def wrong_sum(case):
    """A sum of a known gradient over other axes than broadcasting asks for."""
    for known in case.cotangents:
        ndim = known.of(case.first).ndim
        for sign, axis in product((1, -1), range(ndim)):
            if all(same(sign * known.of(s).sum(axis), case.truth(s)) for s in case.samples):
                yield from other_sums(case, known, sign, axis)


def other_sums(case, known, sign, axis):
    """What a sum over `axis` is often mistaken for."""
    fix = f"Sum over axis {axis}, along which {case.name} was broadcast."
    for other in (*range(known.of(case.first).ndim), None):
        if other != axis:
            told = "all axes" if other is None else f"axis {other}"
            text = f"{known.text} is summed over {told}, where it must be axis {axis}"
            yield Guess("axis", text, fix, lambda s, i=other: sign * known.of(s).sum(i))

    def everywhere(s):
        return np.full(case.truth(s).shape, sign * known.of(s).sum())

    yield Guess("axis", text, fix, everywhere)
    text = f"the sum of {known.text} over axis {axis} is missing"
    yield Guess("axis", text, fix, lambda s: sign * known.of(s))


def same(a, b):
    return a.shape == b.shape and np.allclose(a, b, 1e-6, 1e-9)
