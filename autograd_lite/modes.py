"""Recording state: `no_grad`, `detect_anomaly`, `named_scope`, and whether values are kept."""

import contextlib
import inspect
import itertools
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Scope:
    """One run of a named part of a program, inside another one or None."""

    name: str
    kind: str
    outer: "Scope | None"


@dataclass(frozen=True)
class Mode:
    recording: bool = True
    anomaly: bool = False
    values: bool = False  # each node keeps what went in and came out, for drawings
    scope: Scope | None = None

    @property
    def is_plain(self):
        """Whether operations are recorded with nothing more to do than note the scope."""
        return self.recording and not self.anomaly and not self.values


# one object for each combination outside of scopes: the fast paths compare by identity
MODES = {(r, a, v): Mode(r, a, v) for r, a, v in itertools.product((True, False), repeat=3)}
NORMAL = MODES[True, False, False]
# context variables: each thread and each async task has its own
mode: ContextVar[Mode] = ContextVar("autograd_lite.mode", default=NORMAL)
# whether `checkpoint` is calling a function again, whose side effects have been seen once
replaying: ContextVar[bool] = ContextVar("autograd_lite.replaying", default=False)
outer: ContextVar[tuple[Mode, ...]] = ContextVar("autograd_lite.outer", default=())


class switched(contextlib.ContextDecorator):
    """Context manager and decorator: another mode inside. May be nested and used again."""

    def __init__(self, recording=None, anomaly=None, values=None):
        self.changes = recording, anomaly, values

    def __call__(self, function):
        if not callable(function):
            raise TypeError(f"{type(function).__name__} is no function to decorate")
        if any(test(function) for test in LATE):
            raise TypeError(
                "a generator or coroutine runs after its decorator is done; use a with block in it"
            )
        return super().__call__(function)

    def __enter__(self):
        now = mode.get()
        outer.set((*outer.get(), now))
        mode.set(self.change(now))

    def change(self, now):
        recording, anomaly, values = self.changes
        recording = now.recording if recording is None else recording
        anomaly = now.anomaly if anomaly is None else anomaly
        values = now.values if values is None else values
        if now.scope is None:
            return MODES[recording, anomaly, values]
        return Mode(recording, anomaly, values, now.scope)

    def __exit__(self, *error):
        if before := outer.get():  # else entered in another context, which this one is no copy of
            outer.set(before[:-1])
            mode.set(before[-1])


LATE = inspect.isgeneratorfunction, inspect.iscoroutinefunction, inspect.isasyncgenfunction


def no_grad():
    """Context manager and decorator: operations inside are not recorded.

    Leaves that require grad may be updated in place inside. Holds for the current thread or
    async task only.

    >>> import autograd_lite as ag
    >>> w = ag.Tensor([1.0, 2.0], requires_grad=True)
    >>> with ag.no_grad():
    ...     w -= 0.5
    >>> w
    Tensor([0.5, 1.5], requires_grad=True)
    """
    return switched(recording=False)


def enable_grad():
    """Context manager: record again, inside `no_grad`."""
    return switched(recording=True)


def detect_anomaly():
    """Context manager: stop at the first NaN or infinity, forward or backward.

    The error names the operation, its shapes, and the line of your code that called it. Inputs
    that are not finite already are not reported. Slow: every array is scanned.

    Raises
    ------
    AnomalyError : from the operation, or from the `backward()` call, that made the value.

    >>> import numpy as np
    >>> import autograd_lite as ag
    >>> x = ag.Tensor([1.0, 0.0], requires_grad=True)
    >>> with ag.detect_anomaly(), np.errstate(divide="ignore"):
    ...     np.log(x)
    Traceback (most recent call last):
        ...
    autograd_lite.errors.AnomalyError: log: the result of shape (2,) holds -inf ...
    """
    return switched(anomaly=True)


class named_scope(switched):
    """Context manager and decorator: name the part of a program that runs inside.

    Drawings group the operations of a scope and can show it as one box. Scopes nest; each time
    one is entered counts as a part of its own, so that a loop of equal blocks can be folded.

    Parameters
    ----------
    name : of the part, such as "encoder.blocks.0".
    kind : what it is, such as the name of a class.

    Raises
    ------
    TypeError : if they are not strings, or for a generator or coroutine function to decorate.

    >>> import numpy as np
    >>> import autograd_lite as ag, viz
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> with ag.named_scope("norm"):
    ...     y = x / np.sqrt(np.sum(x * x))
    >>> "norm" in viz.draw(y, depth=0).source
    True
    """

    def __init__(self, name, kind=""):
        if not isinstance(name, str) or not isinstance(kind, str):
            wrong = name if not isinstance(name, str) else kind
            raise TypeError(
                f"named_scope: name and kind are strings, not {type(wrong).__name__}; as a "
                'decorator write @named_scope("name")'
            )
        self.name, self.kind = name, kind

    def change(self, now):
        scope = Scope(self.name, self.kind, now.scope)
        return Mode(now.recording, now.anomaly, now.values, scope)
