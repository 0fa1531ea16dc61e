"""What a bank of derivations is made of, and central differences that know nothing of the engine.

`claims_slips` holds derivations with a planted slip, `claims_right` right ones in many forms.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Case:
    """A function, its arguments and derivations of its gradient, as `ag.check_formula` takes them.

    title : what is derived, in a word.
    x : an array, or a dictionary of them by name.
    claimed : a function for each argument by name, or one function.
    options : of check_formula.
    """

    title: str
    f: Callable
    x: Any
    claimed: Any
    options: dict = field(default_factory=dict, kw_only=True)

    def __str__(self):
        return re.sub(r"\W+", "-", self.title)

    def arguments(self) -> dict:
        """All arguments by name; a single one has the name of f's parameter."""
        if isinstance(self.x, dict):
            return self.x
        return {next(iter(inspect.signature(self.f).parameters)): self.x}

    def claims(self) -> dict[str | None, Callable]:
        """The functions that claim, by argument; None for a single one."""
        return self.claimed if isinstance(self.claimed, dict) else {None: self.claimed}

    def value(self, arguments):
        """f of plain arrays, in double precision."""
        if not isinstance(self.x, dict):
            return np.asarray(self.f(*arguments.values()))
        return np.asarray(self.f(**arguments))


@dataclass(frozen=True)
class Slip(Case):
    """A derivation that is wrong.

    kind : of diagnosis that a teacher would give; several where the readings are truly equal.
    words : patterns that its text or its fix contains, upper and lower case being the same.
    wrong : the argument whose gradient is wrong, where several are claimed.
    """

    kind: str | tuple[str, ...] = "unknown"
    words: tuple[str, ...] = ()
    wrong: str | None = None

    @property
    def kinds(self):
        return (self.kind,) if isinstance(self.kind, str) else self.kind


@dataclass(frozen=True)
class Condition(Case):
    """A derivation that is right for its arguments by a condition that they happen to meet.

    elsewhere : arguments for which it is wrong.
    passes : a property of the values passes with a remark, a coincidence of sizes does not.
    """

    words: tuple[str, ...] = ()
    passes: bool = True
    elsewhere: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Terms(Case):
    """A right derivation whose gradient is a sum: `claimed` are its terms, one for each use.

    wrt : the argument that they are of.
    """

    wrt: str = "x"

    def total(self, *weights):
        """The claim that is the sum of the terms, each times a number (0 drops it)."""
        used = [(w, term) for w, term in zip(weights, self.claimed, strict=True) if w]

        def claim(*args, **named):
            return sum(w * term(*args, **named) for w, term in used)

        claim.__signature__ = inspect.signature(self.claimed[0])
        return claim


def called(claim: Callable, arguments: dict, by_name: bool, **special):
    """A claim on plain copies: by names, or the one argument in its place; g and out if wanted."""
    names = inspect.signature(claim).parameters
    arguments = {n: np.array(a, copy=True) for n, a in arguments.items()}
    wanted = {n: v for n, v in special.items() if n in names}
    if by_name:
        return claim(**{n: a for n, a in arguments.items() if n in names}, **wanted)
    rest = [n for n in names if n not in wanted]
    one = dict(zip(rest[:1], arguments.values(), strict=False))
    return claim(**one, **wanted)


def slopes(case: Case, name: str, eps=1e-6) -> np.ndarray:
    """∂f/∂(argument) by central differences, of shape f's shape + the argument's."""
    exact = {n: np.array(a, float) if np.asarray(a).dtype.kind == "f" else np.asarray(a)
             for n, a in case.arguments().items()}  # fmt: skip
    at = exact[name]
    columns = []
    for index in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[index] = eps
        ahead = case.value({**exact, name: at + step})
        behind = case.value({**exact, name: at - step})
        columns.append((ahead - behind) / (2 * eps))
    return np.stack(columns, -1).reshape(np.shape(columns[0]) + at.shape)


def close(case: Case, arguments: dict | None = None) -> dict[str, bool]:
    """For each claimed argument whether the claim is right, by central differences."""
    if arguments is not None:
        single = not isinstance(case.x, dict)
        case = replace(case, x=next(iter(arguments.values())) if single else arguments)
    g = np.random.default_rng(7).standard_normal(case.value(case.arguments()).shape)
    verdicts = {}
    for key, claim in case.claims().items():
        try:
            with np.errstate(all="ignore"):
                got = called(claim, case.arguments(), isinstance(case.x, dict), g=g,
                             out=case.value(case.arguments()))  # fmt: skip
        except (TypeError, ValueError, IndexError):
            got = None  # numpy refuses the shapes
        gradients = got if isinstance(got, dict) else {key or next(iter(case.arguments())): got}
        for name, value in gradients.items():
            expected = slopes(case, name)
            if "g" in inspect.signature(claim).parameters:
                expected = np.tensordot(g, expected, g.ndim)
            tolerance = 2e-3 if _single(case) else 1e-6
            verdicts[name] = (
                value is not None
                and np.shape(value) == expected.shape
                and np.allclose(np.asarray(value, float), expected, tolerance, tolerance)
            )
    return verdicts


def _single(case):
    return any(np.asarray(a).dtype == np.float32 for a in case.arguments().values())
