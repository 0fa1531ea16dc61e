"""The result of a check: a verdict, diagnoses, and the numbers behind them."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any

from autograd_lite.claims.page import as_html, as_text

KINDS = (
    "shape", "sign", "factor", "transposed", "missing term", "extra term", "missing factor",
    "wrong factor", "axis", "operator", "conditional", "error", "not finite", "dtype", "engine",
    "unknown",
)  # fmt: skip


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with the claim for one argument, verified on the draws.

    Attributes
    ----------
    argument : name of the argument.
    kind : one of `KINDS`.
    text : the statement, without a full stop.
    fix : what to do about it; may be empty.
    """

    argument: str
    kind: str
    text: str
    fix: str

    def __str__(self):
        return f"{self.argument}: {self.kind}: {self.text}. {self.fix}".rstrip()


@dataclass(frozen=True)
class Entry:
    """One entry of a derivative: what the claim, the engine and finite differences say."""

    index: tuple[int, ...]
    claimed: complex
    engine: complex
    differences: complex

    def as_dict(self) -> dict[str, Any]:
        """Numbers that JSON does not have, such as NaN, are strings."""
        found = asdict(self) | {"index": list(self.index)}
        return {k: v if k == "index" or is_number(v) else str(v) for k, v in found.items()}


@dataclass
class Outcome:
    """The result for one argument.

    Attributes
    ----------
    argument, passed : which one, and whether its claim is right.
    name : what is claimed, "∂e/∂w"; shape : of the derivative.
    diagnosis : what is wrong, or the condition under which the claim is right, or None.
    entries : the first entries that differ.
    formula : the engine's own, if a package that prints formulas (`viz`) is imported; else None.
    where : what the names in it stand for that are not f's own.
    """

    argument: str
    name: str
    passed: bool
    shape: tuple[int, ...] = ()
    diagnosis: Diagnosis | None = None
    entries: list[Entry] = field(default_factory=list)
    formula: Any = None
    where: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {
            "argument": self.argument,
            "passed": self.passed,
            "shape": list(self.shape),
            "diagnosis": None if self.diagnosis is None else asdict(self.diagnosis),
            "entries": [e.as_dict() for e in self.entries],
            "formula": None if self.formula is None else str(self.formula),
            "where": self.where,
        }


class Report:
    """What `check_formula` found. It is true if every claim is right, and prints as text.

    Attributes
    ----------
    passed : whether all claims are right.
    diagnoses : list of `Diagnosis`: what is wrong, or under which condition a claim is right.
    outcomes : one `Outcome` for each claim.
    notes : sentences on how it was checked.
    draws : the number of choices of the arguments that were compared.
    place : file and line of the call, as far as known.
    """

    def __init__(self, outcomes: list[Outcome], notes: list[str], draws: int, place: str = ""):
        self.outcomes, self.notes, self.draws, self.place = outcomes, notes, draws, place
        self.passed = all(o.passed for o in outcomes)
        self.diagnoses = [o.diagnosis for o in outcomes if o.diagnosis is not None]

    def __bool__(self):
        return self.passed

    @property
    def verdict(self) -> str:
        """The result in a line."""
        count, wrong = len(self.outcomes), sum(not o.passed for o in self.outcomes)
        if wrong:
            which = "the claim is" if count == 1 else f"{wrong} of {count} claims {be(wrong)}"
            return f"{which} wrong"
        which = "the claim is" if count == 1 else f"all {count} claims are"
        return f"{which} right{', under a condition' if self.diagnoses else ''}"

    def as_dict(self) -> dict[str, Any]:
        """The report as dicts, lists, strings and numbers."""
        return {
            "passed": self.passed,
            "verdict": self.verdict,
            "place": self.place,
            "draws": self.draws,
            "claims": [o.as_dict() for o in self.outcomes],
            "notes": list(self.notes),
        }

    def json(self) -> str:
        """The report as JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2)

    def __str__(self):
        return as_text(self)

    __repr__ = __str__

    def _repr_html_(self):
        return as_html(self)


def is_number(v) -> bool:
    return not isinstance(v, complex) and isfinite(v)


def be(number) -> str:
    return "is" if number == 1 else "are"


# --- who prints formulas ------------------------------------------------------------------------
printers: list[Callable[[Any, str], Any]] = []  # of the engine's own formula, beside a claim


def register(printer: Callable[[Any, str], Any]) -> None:
    """Add a printer of formulas; without one, reports have none.

    printer : called with a `Trace` and the name of an argument; returns an object whose `str` is
        the formula (with `mathml`, if it has that), or None.
    """
    if printer not in printers:
        printers.append(printer)
