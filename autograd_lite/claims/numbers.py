"""Numbers that a formula may be off by: plain ones, sizes, and numbers of the program."""

import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from autograd_lite.claims.samples import agrees
from autograd_lite.claims.words import bracketed, number, times

SIMPLE = (1, -1, 2, -2, 0.5, -0.5)
PLAIN = re.compile(r"−?(\d{1,2}|[1-9]/\d|0\.\d\d?)")  # numbers that one writes down


class Number(NamedTuple):
    """A number that every draw has: what it is, its inverse, its value, and the kind of slip."""

    text: str
    inverse: str
    value: Callable
    kind: str

    @property
    def name(self):
        """How it is written in front of something."""
        text = self.text.split(" = ")[-1]
        return {"1": "", "−1": "−"}.get(text, text + " ")


def ratio(a, b, rtol):
    """The number k with a = k b; None if there is none, NaN if both are zero."""
    if a.shape != b.shape:
        return None
    size = float(np.sum(np.abs(b) ** 2))
    if size == 0:
        return None if np.any(a) else np.nan
    k = float(np.real(np.sum(np.conj(b) * a)) / size)
    return k if agrees(a, k * b, rtol) else None


def number_of(case, pairs, plain=False) -> Number | None:
    """The number that `left` is of `right`, for their pairs on every draw.

    plain : not a number such as 1.0372, which nobody writes into a formula.
    """
    found = []
    for left, right in pairs:
        found.append(ratio(left, right, case.rtol))
        if found[-1] is None or abs(found[-1]) < 1e-9:
            return None
    if np.all(np.isnan(found)):
        return None
    agreeing = (n for n in numbers(case, found) if agree(case, found, n.value))
    return next(
        (n for n in agreeing if not plain or PLAIN.fullmatch(n.text) or "." not in n.text), None
    )


def agree(case, found, value) -> bool:
    """Whether a number that every draw has is the one found on it."""
    with np.errstate(all="ignore"):
        pairs = zip(case.samples, found, strict=True)
        return all(np.isnan(k) or abs(value(s) / k - 1) < 1e-5 for s, k in pairs)


def numbers(case, found):
    k = next(k for k in found if not np.isnan(k))
    fixed = Number(number(k), number(1 / k), lambda s: k, "factor")
    resized = any(s.kind == "resized" for s in case.samples)
    if resized or any(np.isclose(abs(k), c) for c in SIMPLE):
        yield fixed
    for c in SIMPLE:
        for name, n in case.sizes:
            if n(case.first) > 1:
                yield from of_size(case, name, n, c)
        for known in case.values:
            if known.of(case.first).size == 1:
                yield from of_number(known, c, known.text in case.divisors)
    yield fixed


def of_size(case, name, n, c):
    """Factors that come of the length of an axis."""
    for form, back, make in (
        ("{n}", "1/{n}", lambda n: n),
        ("√{n}", "1/√{n}", lambda n: n**0.5),
        ("{n}/({n} − 1)", "({n} − 1)/{n}", lambda n: n / (n - 1)),
    ):
        for this, other, power in ((form, back, 1), (back, form, -1)):
            text = times(c, this.format(n=name))
            value = digits(this, c, n(case.first))
            yield Number(
                f"{value} = {text}",
                times(1 / c, other.format(n=name)),
                lambda s, f=make, p=power: c * f(n(s)) ** p,
                "factor",
            )


def digits(template, c, n) -> str:
    """A factor in digits: √3 and 5/6 as such."""
    if abs(c) == 1:
        return times(c, template.replace("({n} − 1)", str(n - 1)).format(n=n))
    root = np.sqrt(n) if "√" in template else n / (n - 1) if "−" in template else n
    return number(c / root if template[0] in "1(" else c * root)


def of_number(known, c, divisor):
    """Factors that are a number among the arguments and intermediate results, or its inverse."""
    text = bracketed(known.text)

    def value(s, p):
        v = np.ravel(known.of(s))
        return c * v[0] ** p if v.size == 1 else np.nan

    for made, power in ((text, 1), (f"{text}²", 2), (f"{text}³", 3), (f"√{text}", 0.5)):
        back = f"1 / {made}"
        for this, other, p in ((back, made, -power), (made, back, power)):
            kind = "wrong factor" if p > 0 and not divisor else "missing factor"
            texts = times(c, this), times(1 / c, other)
            yield Number(*texts, lambda s, p=p: value(s, p), kind)


def sizes(arguments, values):
    """Lengths of axes and numbers of entries, with what they are called."""
    arrays = [(n, a, lambda s, n=n: s.arguments[n]) for n, a in arguments.items()]
    arrays += [(bracketed(k.text), k.first, k.of) for k in values if not k.argument]
    for name, array, of in arrays:
        for i in range(array.ndim):
            text = f"len({name})" if array.ndim == 1 else f"{name}.shape[{i}]"
            yield text, lambda s, of=of, i=i: of(s).shape[i]
    for name, array, of in arrays:
        if array.ndim > 1:
            yield f"{name}.size", lambda s, of=of: of(s).size
