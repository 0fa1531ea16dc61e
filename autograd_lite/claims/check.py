"""`check_formula`: is a derivative worked out by hand right, and if not, what is wrong with it?"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_lite.anomaly import user_line
from autograd_lite.claims.cases import Case
from autograd_lite.claims.diagnose import diagnose
from autograd_lite.claims.domains import drawn
from autograd_lite.claims.draws import Draws, all_draws
from autograd_lite.claims.numbers import agree, ratio
from autograd_lite.claims.problem import Problem
from autograd_lite.claims.report import Diagnosis, Entry, Outcome, Report, printers
from autograd_lite.claims.samples import Sample, failed, is_array
from autograd_lite.claims.trace import Trace
from autograd_lite.claims.words import gradient_name, shown as shown_name

MOST_ENTRIES = 4
SUSPECTS = (
    "Look in f for what leaves the graph (.data, .item(), rounding), for random numbers, and for "
    "an operation of your own with a wrong rule."
)
watching: ContextVar[list[Report] | None] = ContextVar("autograd_lite.claims", default=None)


def check_formula(
    f: Callable,
    x: Any,
    claimed: Callable | Mapping[str, Callable],
    *,
    draws: int = 3,
    draw: Callable | None = None,
    rtol: float = 1e-6,
    rng: int | np.random.Generator = 0,
) -> Report:
    """Check a derivative worked out by hand, and say what is wrong with it.

    The claim is compared with the engine's derivative, and that with finite differences: at the
    arguments given, at random ones like them (positive stays positive, rows that sum to one do),
    at other sizes that `f` runs with (square matrices become oblong, so that no transpose
    hides), and at ones that leave such conditions. A claim that is right only where the
    arguments given happen to be special passes, with a diagnosis "conditional" that names the
    condition; one that is right only for the sizes given does not pass.

    Parameters
    ----------
    f : function of NumPy functions. It returns a number, or an array for claims of a
        vector–Jacobian product or of a Jacobian.
    x : the argument, array of floats of any shape; or a dict of them by name, with which `f` and
        the claims are called. Computed with in double precision.
    claimed : the derivative as a function of the same arguments (of some of them, by name), which
        gets plain arrays. With a dict of arguments either a dict of such functions, or one that
        returns a dict; arguments without a claim are constants, of any dtype. For an `f` that
        returns an array, a claim whose first parameter is `g` is the vector–Jacobian product with
        the incoming gradient g; any other is the Jacobian, of the shape of the result and then of
        the argument. A parameter `out` gets the result of `f`.
    draws : how many random arguments like the given ones.
    draw : function of a `numpy.random.Generator` that returns arguments, where those drawn by
        themselves do not fit; other sizes and conditions are then not tried.
    rtol : relative to the largest entry of the derivative.
    rng : seed or generator of the draws.

    Returns
    -------
    A `Report`: true if all claims are right. It prints its diagnoses, so that
    `assert ag.check_formula(…)` shows them, and with `import viz` the engine's formula.

    Raises
    ------
    TypeError : for claims that are no functions, or for names that are no arguments.
    DTypeError : for a claim for an integer argument.
    GraphError : if `f` does not return a Tensor when it is given Tensors.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> bool(ag.check_formula(lambda x: np.sum(x**3), np.ones(4), lambda x: 3 * x**2))
    True
    >>> X, y, w = np.eye(3)[:2], np.ones(2), np.ones(3)
    >>> report = ag.check_formula(
    ...     lambda X, y, w: np.mean((X @ w - y) ** 2), {"X": X, "y": y, "w": w},
    ...     {"w": lambda X, y, w: X.T @ (X @ w - y) / len(y)})
    >>> report.diagnoses[0].kind, report.diagnoses[0].text
    ('factor', 'the claim is 1/2 times what it must be')
    """
    rng = np.random.default_rng(rng)
    problem = Problem(f, x, claimed)
    found = all_draws(problem, rng, draws, draw)
    outcomes = [outcome(found, name, rtol) for name in problem.wrt]
    for o in outcomes:
        if not o.passed and printers:
            o.formula = formula(found.base[0], o.argument)
            o.where = behind(problem, str(o.formula), o.diagnosis)
    notes = notes_of(found, all(o.passed for o in outcomes))
    count = len(found.base) + len(found.resized) + len(found.wider)
    report = Report(outcomes, notes, count, user_line() or "")
    if (reports := watching.get()) is not None:
        reports.append(report)
    return report


def formula(sample, name):
    """The engine's formula by the first printer that has one, the other arguments constants."""
    problem = sample.problem
    whole = sample.trace  # whose names it takes
    trace = Trace(problem, sample.arguments, sample.cotangent, tracked=problem.wrt, whole=whole)
    return next((made for p in printers if (made := p(trace, name)) is not None), None)


def behind(problem, text, diagnosis):
    """What the names in a formula stand for, as far as the diagnosis does not say it."""
    found = [w for w in problem.words.where(text) if w not in diagnosis.text]
    incoming = {
        "vjp": "∂e/∂y is the incoming gradient g",
        "jacobian": "∂e/∂y is any incoming gradient",
    }
    return [
        *found,
        *([incoming[problem.mode]] if "∂e/∂y" in text and problem.mode in incoming else []),
    ]


@contextmanager
def collecting() -> Iterator[list[Report]]:
    """Inside, every report is also added to the list that this gives."""
    reports: list[Report] = []
    token = watching.set(reports)
    try:
        yield reports
    finally:
        watching.reset(token)


def outcome(found: Draws, name, rtol) -> Outcome:
    sizes = [s for s in found.resized if usable(s, name)]
    wider = [s for s in found.wider if usable(s, name) and np.all(np.isfinite(s.claims[name]))]
    wrong = [s for s in found.base if not s.right(name, rtol)]
    base = [s for s in found.base if s in wrong or not s.flat(name)] or found.base
    if not wrong and base[0].flat(name):  # where the derivative is zero, nothing is told
        wrong = [s for s in (*sizes, *wider) if not s.right(name, rtol) and not s.flat(name)]
        base = wrong or base
    shown = (wrong or base)[0]
    d, shape = gradient_name(shown.problem, shown_name(name)), shown.truth[name].shape
    if found.engine:
        diagnosis: Diagnosis | None = Diagnosis(name, "engine", found.engine, SUSPECTS)
    elif wrong:
        diagnosis = diagnose(Case(name, [*base, *sizes, *wider], rtol))
    elif bad := [s for s in sizes if not s.right(name, rtol) and comparable(s, found, name)]:
        diagnosis, shown = coincidence(found, bad, name, rtol), bad[0]
    else:
        return Outcome(name, d, True, shape, condition_of(found, name, rtol))
    return Outcome(name, d, False, shape, diagnosis, entries(shown, name, rtol))


def usable(sample, name):
    claim = sample.claims.get(name)
    return is_array(claim) and not failed(claim)


def comparable(sample, found, name):
    """Whether a claim that is wrong for other sizes was meant for them.

    One of another shape was not, unless a single row or entry was made several.
    """
    if sample.claims[name].shape == sample.truth[name].shape:
        return True
    pairs = zip(found.base[0].arguments.values(), sample.arguments.values(), strict=True)
    return any(m == 1 != n for a, b in pairs for m, n in zip(a.shape, b.shape, strict=True))


def coincidence(found, bad, name, rtol) -> Diagnosis:
    """A claim that is right for the sizes given and wrong for others."""
    inner = diagnose(Case(name, bad, rtol))
    shapes = [f"{n} {a.shape}" for n, a in found.base[0].arguments.items() if a.ndim]
    text = f"right only for the sizes given ({', '.join(shapes)}); for others, {inner.text}"
    if inner.kind == "unknown":
        text = text.split(";")[0]
    if written := written_out(found.base[0], bad, name):
        return Diagnosis(name, "conditional", *written)
    return Diagnosis(name, "conditional", text, inner.fix)


def written_out(given, bad, name):
    """What is said of a claim with a number that stands for a size."""
    case = Case(name, bad, 1e-6)
    found = [ratio(case.claim(s), case.truth(s), case.rtol) for s in bad]
    for size, n in case.sizes if None not in found else ():
        for power in (1, -1):
            if agree(case, found, lambda s, n=n, p=power: (n(s) / n(given)) ** p):
                text = f"right only where {size} is {n(given)}: a number stands for it"
                return text, f"Write {size} for that number."
    return None


def condition_of(found, name, rtol) -> Diagnosis | None:
    """The property of an argument without which the claim is wrong."""
    for sample in found.wider:
        if not sample.right(name, rtol) and as_given(sample).right(name, rtol):
            which, words = sample.changed
            return Diagnosis(
                name,
                "conditional",
                f"right where {which} {words}, as given, and wrong elsewhere",
                "Say so beside the formula, or derive the general one.",
            )
    return None


def as_given(sample) -> Sample:
    """A sample with the same arguments but for the changed one, which is as the given one is."""
    rng, (which, _) = np.random.default_rng(0), sample.changed
    like = drawn(rng, sample.problem.arguments[which])
    return Sample(sample.problem, {**sample.arguments, which: like}, rng, "like")


def entries(sample, name, rtol) -> list[Entry]:
    """The first entries where claim and engine differ."""
    claim, truth = sample.claims.get(name), sample.truth[name]
    if not is_array(claim) or claim.shape != truth.shape:
        return []
    size = np.max(np.abs(truth), initial=0.0)
    places = np.argwhere(~(np.abs(claim - truth) <= rtol * size))[:MOST_ENTRIES]
    found = []
    for index in (tuple(map(int, place)) for place in places):
        numbers = claim[index], truth[index], sample.measured(name, index)
        found.append(Entry(index, *(v.item() for v in map(np.asarray, numbers))))
    return found


def notes_of(found: Draws, passed) -> list[str]:
    notes = list(found.notes)
    if found.resized:
        shapes = {n: a.shape for n, a in found.resized[0].arguments.items() if a.ndim}
        told = ", ".join(f"{n} {shape}" for n, shape in shapes.items())
        notes.append(f"also checked with other sizes: {told}")
    if not passed and not printers:
        notes.append("after `import viz` the report shows the engine's formula too")
    return notes
