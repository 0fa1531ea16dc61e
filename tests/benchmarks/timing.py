"""Interleaved timing: contenders take turns, so that a busy machine slows all of them alike."""

import gc
import os
import statistics
import time

import numpy as np

CLOCKS = {"processor time": time.process_time, "wall time": time.perf_counter}


def clock():
    """What to measure with: processor time, which other processes do not lengthen, if it can be.

    It adds the threads up, and some systems count it in large steps.
    """
    fine = time.get_clock_info("process_time").resolution <= 1e-6
    return "processor time" if threads() == 1 and fine else "wall time"


def agree(contenders, rtol=1e-5, atol=1e-7):
    """Assert that all contenders, called once, give the gradients of the first one, "hand"."""
    results = {name: [np.asarray(g) for g in run()] for name, run in contenders.items()}
    expected = results["hand"]
    for name, found in results.items():
        for i, (a, b) in enumerate(zip(found, expected, strict=True)):
            np.testing.assert_allclose(a, b, rtol, atol, err_msg=f"{name}, gradient {i}")


class Times:
    """Seconds of a call of each contender: a sample for each round, fewer for slow ones."""

    def __init__(self, samples):
        self.samples = samples

    def median(self, name):
        return statistics.median(self.samples[name])

    def ratio(self, name, to="hand"):
        """The median of the ratios within one round, of the rounds in which both ran."""
        pairs = zip(self.samples[name], self.samples[to], strict=False)
        return statistics.median(t / other for t, other in pairs)

    def ratios(self):
        """To "hand", of every other contender."""
        return {name: self.ratio(name) for name in self.samples if name != "hand"}


def compare(contenders, rounds=15, seconds=0.02, budget=6.0):
    """Time the contenders in turns of at least `seconds`, one of each in a round.

    Who has used up the `budget` of seconds leaves out the rounds that are left.
    """
    gc.collect()
    gc.freeze()  # nor for walking through all that other libraries have loaded
    calls = {name: repetitions(run, seconds) for name, run in contenders.items()}
    samples = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            if sum(samples[name]) * calls[name] < budget:
                samples[name].append(timed(run, calls[name]))
    return Times(samples)


def threads():
    """As many as the command asks BLAS for."""
    return int(os.environ.get("OMP_NUM_THREADS", "0"))


def repetitions(run, seconds):
    run()
    return max(1, round(seconds / timed(run, 1)))


def timed(run, calls):
    gc.collect()  # so that nobody pays for the garbage of the one before
    now = CLOCKS[clock()]
    start = now()
    for _ in range(calls):
        run()
    return (now() - start) / calls
