"""Learning rates that change from step to step, each written as a function of the step."""

import math
from bisect import bisect_right
from itertools import pairwise

from autograd_lite.arguments import number, whole
from autograd_lite.optim.optimiser import Optimiser


class Schedule:
    """Base of the schedules: sets the learning rate of each group of an optimiser.

    A subclass gives `rate(initial, n)`, the rate after n steps from the initial one. The initial
    rates are those that the groups had when the first schedule of the optimiser was made. Call
    `step()` after each step of the optimiser, or after each epoch.

    Attributes
    ----------
    count : the steps so far.
    """

    def __init__(self, optimiser):
        if not isinstance(optimiser, Optimiser):
            kind = type(optimiser).__name__
            raise TypeError(f"{type(self).__name__}: expected an optimiser, got a {kind}")
        self.optimiser = optimiser
        for group in optimiser.groups:
            group.setdefault("initial_lr", group["lr"])
        self.count = 0
        self.apply()

    def rate(self, initial: float, n: int) -> float:
        """The learning rate after `n` steps, of a group that began with `initial`."""
        raise NotImplementedError

    def apply(self):
        for group in self.optimiser.groups:
            group["lr"] = self.rate(group["initial_lr"], self.count)

    def step(self) -> None:
        """Set the next learning rate."""
        self.count += 1
        self.apply()

    def state_dict(self) -> dict:
        """What `load_state_dict` needs: the count, and the initial rates."""
        rates = [group["initial_lr"] for group in self.optimiser.groups]
        return {"count": self.count, "initial_lrs": rates}

    def load_state_dict(self, state_dict: dict) -> None:
        """Go on from where `state_dict()` was taken, and set the learning rates.

        Raises
        ------
        ValueError : for other keys, or another number of groups.
        """
        groups = self.optimiser.groups
        if not isinstance(state_dict, dict) or state_dict.keys() != {"count", "initial_lrs"}:
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: expected count and initial_lrs, got "
                f"{state_dict!r}"
            )
        if len(state_dict["initial_lrs"]) != len(groups):
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: {len(state_dict['initial_lrs'])} initial "
                f"rates for {len(groups)} groups"
            )
        self.count = int(state_dict["count"])
        for group, initial in zip(groups, state_dict["initial_lrs"], strict=True):
            group["initial_lr"] = float(initial)
        self.apply()

    def whole(self, name, value):
        """A positive integer; ValueError for anything else."""
        return whole(type(self).__name__, name, value)

    def real(self, name, value, **bounds):
        return number(type(self).__name__, name, value, **bounds)


class LambdaLR(Schedule):
    """The initial rate times a function of the number of steps so far, which may be any.

    >>> import autograd_lite as ag
    >>> optimiser = ag.optim.SGD([ag.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = ag.optim.LambdaLR(optimiser, lambda n: min(1.0, (n + 1) / 4) / (n + 1) ** 0.5)
    >>> optimiser.lr
    0.25
    """

    def __init__(self, optimiser, lr_lambda):
        if not callable(lr_lambda):
            kind = type(lr_lambda).__name__
            raise TypeError(f"LambdaLR: lr_lambda is a {kind}; expected a function of the step")
        self.factor = lr_lambda
        super().__init__(optimiser)

    def rate(self, initial, n):
        return initial * self.real("what lr_lambda returns", self.factor(n))


class StepLR(Schedule):
    """The rate times `gamma` after every `step_size` steps.

    >>> import autograd_lite as ag
    >>> optimiser = ag.optim.SGD([ag.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = ag.optim.StepLR(optimiser, step_size=2, gamma=0.5)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(optimiser.lr)
    ...     schedule.step()
    >>> rates
    [1.0, 1.0, 0.5, 0.5]
    """

    def __init__(self, optimiser, step_size, gamma=0.1):
        self.step_size = self.whole("step_size", step_size)
        self.gamma = self.real("gamma", gamma)
        super().__init__(optimiser)

    def rate(self, initial, n):
        return initial * self.gamma ** (n // self.step_size)


class ExponentialLR(Schedule):
    """The rate times `gamma` after every step.

    >>> import autograd_lite as ag
    >>> optimiser = ag.optim.SGD([ag.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = ag.optim.ExponentialLR(optimiser, gamma=0.5)
    >>> schedule.step(), schedule.step()
    (None, None)
    >>> optimiser.lr
    0.25
    """

    def __init__(self, optimiser, gamma):
        self.gamma = self.real("gamma", gamma)
        super().__init__(optimiser)

    def rate(self, initial, n):
        return initial * self.gamma**n


class CosineAnnealingLR(Schedule):
    """Half a cosine from the initial rate to `eta_min` in `T_max` steps (Loshchilov, Hutter 2017).

    Beyond `T_max` the cosine goes on, up again, as in PyTorch.

    >>> import autograd_lite as ag
    >>> optimiser = ag.optim.SGD([ag.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = ag.optim.CosineAnnealingLR(optimiser, T_max=4)
    >>> schedule.step(), schedule.step()
    (None, None)
    >>> round(optimiser.lr, 6)
    0.5
    """

    def __init__(self, optimiser, T_max, eta_min=0.0):
        self.T_max = self.whole("T_max", T_max)
        self.eta_min = self.real("eta_min", eta_min)
        super().__init__(optimiser)

    def rate(self, initial, n):
        swing = (initial - self.eta_min) * (1.0 + math.cos(math.pi * n / self.T_max)) / 2.0
        return self.eta_min + swing


class LinearLR(Schedule):
    """A factor that goes from `start_factor` to `end_factor` in `total_iters` steps: a warm-up.

    >>> import autograd_lite as ag
    >>> optimiser = ag.optim.SGD([ag.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = ag.optim.LinearLR(optimiser, start_factor=0.25, total_iters=3)
    >>> rates = []
    >>> for _ in range(5):
    ...     rates.append(optimiser.lr)
    ...     schedule.step()
    >>> rates
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """

    def __init__(self, optimiser, start_factor=1.0 / 3, end_factor=1.0, total_iters=5):
        self.start_factor = self.real("start_factor", start_factor)
        self.end_factor = self.real("end_factor", end_factor)
        self.total_iters = self.whole("total_iters", total_iters)
        super().__init__(optimiser)

    def rate(self, initial, n):
        share = min(n, self.total_iters) / self.total_iters
        return initial * (self.start_factor + (self.end_factor - self.start_factor) * share)


class OneCycleLR(Schedule):
    """Up to `max_lr` and down to nearly nothing (Smith and Topin 2018).

    From max_lr / div_factor up in the first `pct_start` of the steps, then down to
    max_lr / div_factor / final_div_factor. Initial rates and momentum are not looked at (PyTorch
    also cycles the momentum unless told not to).

    Parameters
    ----------
    max_lr : for all groups.
    total_steps : of the cycle; one step further is refused.
    anneal_strategy : "cos" or "linear".

    Raises
    ------
    ValueError : a number out of range; from `step()`, more than `total_steps`.

    >>> import autograd_lite as ag
    >>> optimiser = ag.optim.SGD([ag.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> schedule = ag.optim.OneCycleLR(optimiser, max_lr=1.0, total_steps=5, pct_start=0.6)
    >>> rates = []
    >>> for _ in range(4):
    ...     rates.append(round(optimiser.lr, 2))
    ...     schedule.step()
    >>> rates
    [0.04, 0.52, 1.0, 0.5]
    """

    def __init__(self, optimiser, max_lr, total_steps, pct_start=0.3, anneal_strategy="cos",
                 div_factor=25.0, final_div_factor=1e4):  # fmt: skip
        if anneal_strategy not in ("cos", "linear"):
            raise ValueError(
                f"OneCycleLR: anneal_strategy {anneal_strategy!r}; use 'cos' or 'linear'"
            )
        self.anneal_strategy = anneal_strategy
        self.max_lr = self.real("max_lr", max_lr)
        self.total_steps = self.whole("total_steps", total_steps)
        self.pct_start = self.real("pct_start", pct_start, most=1.0)
        self.start = self.max_lr / self.real("div_factor", div_factor, least=1.0)
        self.final = self.start / self.real("final_div_factor", final_div_factor, least=1.0)
        super().__init__(optimiser)

    def step(self):
        if self.count >= self.total_steps:
            raise ValueError(f"OneCycleLR: step {self.count + 1} of a cycle of {self.total_steps}")
        super().step()

    def rate(self, initial, n):
        peak, end = self.pct_start * self.total_steps - 1.0, self.total_steps - 1.0
        if n <= peak:
            return self.between(self.start, self.max_lr, n / peak if peak else 1.0)
        if n >= end:
            return self.final
        return self.between(self.max_lr, self.final, (n - peak) / (end - peak))

    def between(self, start, end, share):
        if self.anneal_strategy == "linear":
            return start + (end - start) * share
        return end + (start - end) * (1.0 + math.cos(math.pi * share)) / 2.0


class SequentialLR(Schedule):
    """One schedule after the other, such as a warm-up and then a cosine.

    Parameters
    ----------
    schedules : of the same optimiser. Only this one is to be stepped.
    milestones : increasing; at each the next schedule begins, from its own first rate.

    Raises
    ------
    ValueError : milestones that are not one fewer than the schedules, or do not increase;
        schedules of other optimisers.

    >>> import autograd_lite as ag
    >>> optimiser = ag.optim.SGD([ag.Tensor(1.0, requires_grad=True)], lr=1.0)
    >>> up = ag.optim.LinearLR(optimiser, 0.5, total_iters=2)
    >>> down = ag.optim.ExponentialLR(optimiser, 0.5)
    >>> schedule = ag.optim.SequentialLR(optimiser, [up, down], milestones=[2])
    >>> rates = []
    >>> for _ in range(5):
    ...     rates.append(optimiser.lr)
    ...     schedule.step()
    >>> rates
    [0.5, 0.75, 1.0, 0.5, 0.25]
    """

    def __init__(self, optimiser, schedules, milestones):
        self.schedules = list(schedules)
        self.milestones = [self.whole("a milestone", m) for m in milestones]
        starts = [0, *self.milestones]
        rising = all(a < b for a, b in pairwise(starts))
        if len(starts) != len(self.schedules) or not rising:
            raise ValueError(
                f"SequentialLR: milestones {self.milestones} for {len(self.schedules)} schedules; "
                "expected increasing positive numbers, one fewer than schedules"
            )
        if any(getattr(s, "optimiser", None) is not optimiser for s in self.schedules):
            raise ValueError("SequentialLR: schedules are to be Schedules of this optimiser")
        super().__init__(optimiser)

    def rate(self, initial, n):
        i = bisect_right(self.milestones, n)
        return self.schedules[i].rate(initial, n - (self.milestones[i - 1] if i else 0))
