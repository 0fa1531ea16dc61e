"""Recording state: `no_grad`, `detect_anomaly`, `named_scope`, and whether values are kept."""

import contextlib
import inspect
from contextvars import ContextVar
from dataclasses import dataclass, replace


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


NORMAL = Mode()
# a context variable: each thread and each async task has its own
mode: ContextVar[Mode] = ContextVar("autograd_lite.mode", default=NORMAL)


class switched(contextlib.ContextDecorator):
    """Context manager and decorator: another mode inside. May be nested and used again."""

    def __init__(self, **changes):
        self.changes = changes
        self.outer = []

    def __call__(self, function):
        if inspect.isgeneratorfunction(function):
            raise TypeError("a generator runs after its decorator is done; use a with block in it")
        return super().__call__(function)

    def _recreate_cm(self):  # each call of a decorated function has its own: threads overlap
        return type(self)(**self.changes)

    def __enter__(self):
        now = mode.get()
        self.outer.append(now)
        new = self.change(now)
        mode.set(NORMAL if new == NORMAL else new)  # the fast paths compare by identity

    def change(self, now):
        return replace(now, **self.changes)

    def __exit__(self, *error):
        mode.set(self.outer.pop())


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

    >>> import numpy as np
    >>> import autograd_lite as ag, viz
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> with ag.named_scope("norm"):
    ...     y = x / np.sqrt(np.sum(x * x))
    >>> "norm" in viz.draw(y, depth=0).source
    True
    """

    def __init__(self, name, kind=""):
        super().__init__(name=name, kind=kind)

    def change(self, now):
        return replace(now, scope=Scope(outer=now.scope, **self.changes))
