"""Hypotheses on claims of another shape than the derivative."""

from itertools import combinations

import numpy as np

from autograd_lite.claims.cases import Guess


def shapes(case):
    got, wanted = case.claim(case.first).shape, case.truth(case.first).shape
    told = f"the claim has shape {got}, the derivative {wanted}"
    if len(got) == len(wanted) == 2:
        yield Guess(
            "transposed",
            f"the claim is transposed: {told}",
            "Transpose the claim.",
            lambda s: case.truth(s).T,
        )
    if all(case.claim(s).size == case.truth(s).size for s in case.samples):
        yield Guess(
            "shape",
            f"the numbers are right, but {told}",
            f"Reshape it to {wanted}.",
            lambda s: case.truth(s).reshape(case.claim(s).shape),
        )
    yield from with_identity(case, told)
    yield from unsummed(case, told)


def with_identity(case, told):
    """A vector plus the identity: where I stands, what it is multiplied by is missing."""
    first = case.claim(case.first)
    if first.ndim != 2 or first.shape[0] != first.shape[1]:
        return

    def rest(s):
        claim = case.claim(s)
        return (claim - np.eye(len(claim)))[0]

    if case.truth(case.first).shape != rest(case.first).shape:
        return
    for known in case.cotangents:
        yield Guess(
            "shape",
            f"{told}: the claim adds the identity I where {known.text} belongs (a "
            f"term I lacks the incoming gradient: I {known.text} = {known.text})",
            f"Write {known.text} for I.",
            lambda s, k=known: case.truth(s) - k.of(s) + np.eye(len(case.truth(s))),
        )


def unsummed(case, told):
    """The claim before a sum over some of its axes."""
    ndim = case.claim(case.first).ndim
    for count in range(1, ndim + 1):
        for axes in combinations(range(ndim), count):
            if all(agrees_when_summed(case, s, axes) for s in case.samples):
                which = ", ".join(map(str, axes))
                yield Guess(
                    "axis",
                    f"a sum over axis {which} is missing: {told}",
                    f"Sum the claim over axis {which}: {case.name} was broadcast along it.",
                    case.claim,
                )


def agrees_when_summed(case, sample, axes):
    truth, claim = case.truth(sample), case.claim(sample)
    total = claim.sum(axes)
    return total.size == truth.size and np.allclose(
        total.reshape(truth.shape), truth, case.rtol, 1e-9
    )
