"""Numbers that a formula may be off by: plain ones, sizes, and numbers of the program."""

import numpy as np

from autograd_lite.claims.cases import sizes
from autograd_lite.claims.samples import close
from autograd_lite.claims.words import bracketed, number, times


def ratio(a, b, rtol):
    """The number k with a = k b; None if there is none."""
    size = float(np.sum(np.abs(b) ** 2))
    if a.shape != b.shape:
        return None
    if size == 0:
        return None if np.any(np.abs(a) > 1e-9) else np.nan  # this draw says nothing
    k = float(np.real(np.sum(np.conj(b) * a)) / size)
    return k if close(a, k * b, rtol) else None


SIMPLE = (1, -1, 2, -2, 0.5, -0.5)


def useless(found) -> bool:
    """Whether ratios are not all there, or say that nothing is in proportion."""
    bad = any(k is None or abs(k) < 1e-9 for k in found)
    return bad or all(np.isnan(k) for k in found)


def constants(case, found):
    """(what it is, its inverse, its value, kind of slip) of the numbers that a factor may be."""
    k = next(k for k in found if not np.isnan(k))
    steady = agree(case, found, lambda s: k)
    resized = any(s.kind == "resized" for s in case.samples)
    fixed = number(k), number(1 / k), lambda s: k, "factor"
    if steady and (resized or abs(k) in (1, 2, 0.5) or not sized(case, found)):
        yield fixed
    for c in SIMPLE:
        for name, n in sizes(case):
            yield from of_size(case, name, n, c)
        for known in case.values:
            if known.of(case.first).size == 1:
                yield from of_number(case, known, c)
    if steady:
        yield fixed


def of_size(case, name, n, c):
    """Factors that come of the length of an axis."""
    forms = (
        ("{n}", "1/{n}", lambda n: n),
        ("√{n}", "1/√{n}", lambda n: n**0.5),
        ("{n}/({n} − 1)", "({n} − 1)/{n}", lambda n: n / (n - 1)),
    )
    for form, back, make in forms:
        if n(case.first) < 2:
            return
        there, here = form.format(n=name), back.format(n=name)
        shown = shown_number(form, n(case.first))
        yield (
            f"{times(c, shown)} = {times(c, there)}",
            times(1 / c, here),
            lambda s, f=make: c * f(n(s)),
            "factor",
        )
        shown = shown_number(back, n(case.first))
        yield (
            f"{times(c, shown)} = {times(c, here)}",
            times(1 / c, there),
            lambda s, f=make: c / f(n(s)),
            "factor",
        )


def shown_number(form, n) -> str:
    """A factor with the length in numbers: 5/6 for (n − 1)/n."""
    return form.replace("({n} − 1)", str(n - 1)).format(n=n)


def of_number(case, known, c):
    """Factors that are a number among the arguments and intermediate results, or its inverse."""
    text = bracketed(known.text)
    for shown, power in ((text, 1), (f"{text}²", 2), (f"{text}³", 3), (f"√{text}", 0.5)):

        def value(s, p=power):
            return c * known.of(s).item() ** p

        def inverse(s, p=power):
            return c * known.of(s).item() ** -p

        yield times(c, f"1 / {shown}"), times(1 / c, shown), inverse, "missing factor"
        yield times(c, shown), times(1 / c, f"1 / {shown}"), value, "missing factor"


def sized(case, found):
    """Whether a size explains the factors too."""
    return any(
        agree(case, found, lambda s, n=n, p=p: float(n(s)) ** p)
        for _, n in sizes(case)
        for p in (1, -1)
    )


def agree(case, found, value) -> bool:
    """Whether a number that every draw has is the factor found on it."""
    pairs = zip(case.samples, found, strict=True)
    return all(np.isnan(k) or abs(value(s) / k - 1) < 1e-5 for s, k in pairs)
