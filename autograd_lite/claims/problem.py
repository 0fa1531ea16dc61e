"""What is checked: a function, its arguments, and the formulas claimed for its derivatives."""

import inspect
import traceback
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_lite.claims.words import Words
from autograd_lite.errors import DTypeError
from autograd_lite.operands import plain

SPECIAL = ("g", "out")  # parameters of a claim that are no arguments of the function
OTHERS = ("args",)


class Failure:
    """A claim that raised instead of giving an array."""

    def __init__(self, error: Exception):
        inside = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
        self.line = inside[-1].line if inside else ""
        self.place = f"line {inside[-1].lineno}" if inside else ""
        self.text = f"{type(error).__name__}: {error}"


class Problem:
    """A function with named arguments and a claim for some of them.

    Attributes
    ----------
    arguments : name -> array as given; floats in double precision.
    wrt : names of the arguments with a claim.
    mode : "gradient" of a number, "vjp" of an array (claims take `g`), or "jacobian".
    """

    def __init__(self, f: Callable, x: Any, claimed: Callable | Mapping[str, Callable]):
        if not callable(f):
            raise TypeError(f"check_formula: f is a {type(f).__name__}, not a function")
        self.single = not isinstance(x, Mapping)
        if self.single and isinstance(claimed, Mapping):
            raise TypeError(
                "check_formula: claims by name need arguments by name: pass "
                '{"x": x} as the second argument'
            )
        self.f = f
        self.name = first_parameter(claimed, first_parameter(f, "x", OTHERS), (*OTHERS, *SPECIAL))
        given = {self.name: x} if self.single else dict(x)
        self.arguments = {name: as_array(name, value) for name, value in given.items()}
        self.joint = not self.single and not isinstance(claimed, Mapping)
        self.claims = dict(claimed) if isinstance(claimed, Mapping) else {self.name: claimed}
        for name, claim in self.claims.items():
            if not callable(claim):
                raise TypeError(
                    f"check_formula: the claim for {name!r} is a {type(claim).__name__}; write it "
                    "as a function of the arguments"
                )
            if not self.joint and name not in self.arguments:
                raise TypeError(
                    f"check_formula: a claim for {name!r}, which is no argument; there "
                    f"are {', '.join(self.arguments)}"
                )
        self.wrt = self.claimed_names() if self.joint else list(self.claims)
        for name in self.wrt:
            if self.arguments[name].dtype.kind not in "fc":
                raise DTypeError(
                    f"check_formula: {name} has dtype {self.arguments[name].dtype}; derivatives "
                    "are with respect to floats: write 2.0 for 2"
                )
        if not self.single:
            self.check_names()
        local = getattr(getattr(f, "__code__", None), "co_varnames", ())
        self.words = Words([*self.arguments, *local])
        out = self.call(self.arguments)
        if not np.array_equal(out, self.call(self.arguments), equal_nan=out.dtype.kind in "fc"):
            raise ValueError(
                "check_formula: f gave two values for the same arguments: random numbers or "
                "something it remembers; make them arguments, or seed them inside f"
            )
        self.mode = self.mode_of(out)
        if self.mode != "gradient" and out.dtype.kind == "c":
            raise DTypeError(
                "check_formula: f gives complex numbers; claims are checked for real results: "
                "claim the gradient of a real number made of them"
            )
        # all of them, so that reports know their names; where f allows it
        self.tracked = [n for n, a in self.arguments.items() if a.dtype.kind in "fc"]

    def check_names(self):
        """TypeError unless f can be called with the arguments by name."""
        try:
            signature = inspect.signature(self.f)
        except (TypeError, ValueError):  # written in C
            return
        try:
            signature.bind(**self.arguments)
        except TypeError as error:
            names = ", ".join(self.arguments)
            raise TypeError(
                f"check_formula: f{signature} is called by name with {names}: {error}"
            ) from error

    def claimed_names(self):
        """The keys of the dict that the one claim returns, found by calling it."""
        (claim,) = self.claims.values()
        floats = [n for n, a in self.arguments.items() if a.dtype.kind in "fc"]
        try:
            out = self.call(self.arguments)
            result = self.called(claim, self.arguments, np.ones_like(out), out)
        except Exception:
            return floats  # the report will say for each that the claim raised
        if not isinstance(result, Mapping) or not result.keys() <= self.arguments.keys():
            raise TypeError(
                "check_formula: one claim for several arguments must return a dict with some of "
                f"the keys {', '.join(self.arguments)}"
            )
        return list(result)

    def mode_of(self, out):
        if any("g" in self.special(c) for c in self.claims.values()):
            return "vjp"
        return "gradient" if np.size(out) == 1 and np.ndim(out) == 0 else "jacobian"

    def special(self, claim):
        """The parameters of a claim that are no arguments of f."""
        takes = parameters(claim)
        if self.single and len(takes) == 1 and first_parameter(self.f, "x", OTHERS) == takes[0]:
            return []  # f has an argument of that name
        return [n for n in SPECIAL if n in takes and (self.single or n not in self.arguments)]

    def call(self, arguments):
        """The value of f as an array."""
        args = {n: a.copy() for n, a in arguments.items()}
        with np.errstate(all="ignore"):
            result = self.f(*args.values()) if self.single else self.f(**args)
        return np.asarray(plain(result))

    def evaluate(self, arguments, g, out) -> dict[str, Any]:
        """What is claimed for each name in `wrt`: an array, or a `Failure`."""
        found: dict[str, Any] = {}
        for name, claim in self.claims.items():
            try:
                with np.errstate(all="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    result = self.called(claim, arguments, g, out)
                if result is None:
                    raise TypeError("None came back: is there a return?")
                results = result if self.joint else {name: result}
                found |= {n: np.asarray(plain(results[n])) for n in self.wrt if n in results}
            except Exception as error:
                names = self.wrt if self.joint else [name]
                found |= dict.fromkeys(names, Failure(error))
        return found

    def called(self, claim, arguments, g, out):
        """The claim, called with plain arrays of its own."""
        given = {n: a for n, a in (("g", g), ("out", out)) if n in self.special(claim)}
        given |= {} if self.single else arguments
        given = {n: np.array(a) if isinstance(a, np.ndarray) else a for n, a in given.items()}
        takes = parameters(claim)
        if self.single:  # by place: the parameter may have any name
            x = np.array(arguments[self.name])
            return claim(*([x] if takes is ANY else [given.get(n, x) for n in takes]))
        names = list(arguments) if takes is ANY else takes
        return claim(**{n: given[n] for n in names if n in given})


ANY: list[str] = []  # of a function whose parameters are not known, or are **names


def parameters(claim) -> list[str]:
    """The names of the parameters that a claim needs."""
    if isinstance(claim, np.ufunc):
        return ["x"] * claim.nin
    try:
        found = inspect.signature(claim).parameters.values()
    except (TypeError, ValueError):
        return ANY
    if any(p.kind is p.VAR_KEYWORD for p in found):
        return ANY
    return [
        p.name
        for p in found
        if p.kind is not p.VAR_POSITIONAL and (p.default is p.empty or p.name in SPECIAL)
    ]


def first_parameter(f, default, without):
    """What the first argument of a function written in Python is called."""
    if not hasattr(f, "__code__") or getattr(f, "__wrapped__", None):
        return default
    try:
        names = list(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        return default
    usable = [n for n in names if n not in without]
    return usable[0] if usable else default


def as_array(name, value):
    """An argument in double precision; integers and booleans as they are."""
    array = np.array(plain(value))
    if array.dtype.kind not in "fciub":
        raise DTypeError(f"check_formula: {name} has dtype {array.dtype}; give numbers")
    if array.dtype.kind in "fc":
        array = array.astype(np.result_type(array, float))
    return array
