"""Recording state: `no_grad` and `detect_anomaly`."""

import contextlib
import inspect
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Mode:
    recording: bool = True
    anomaly: bool = False


NORMAL = Mode()
# a context variable: each thread and each async task has its own
mode: ContextVar[Mode] = ContextVar("autograd_lite.mode", default=NORMAL)


# one object for each combination: the fast paths compare by identity
MODES = {(r, a): Mode(r, a) for r in (True, False) for a in (True, False)} | {(True, False): NORMAL}


class switched(contextlib.ContextDecorator):
    """Context manager and decorator: another mode inside. May be nested and used again."""

    def __init__(self, recording=None, anomaly=None):
        self.recording, self.anomaly = recording, anomaly
        self.outer = []

    def __call__(self, function):
        if inspect.isgeneratorfunction(function):
            raise TypeError("a generator runs after its decorator is done; use a with block in it")
        return super().__call__(function)

    def _recreate_cm(self):  # each call of a decorated function has its own: threads overlap
        return switched(self.recording, self.anomaly)

    def __enter__(self):
        now = mode.get()
        recording = now.recording if self.recording is None else self.recording
        anomaly = now.anomaly if self.anomaly is None else self.anomaly
        self.outer.append(now)
        mode.set(MODES[recording, anomaly])

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
