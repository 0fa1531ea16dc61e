"""Interleaved timing: contenders take turns, so that a busy machine slows all of them alike."""

import gc
import statistics
import time

import numpy as np


def agree(contenders, rtol=1e-5, atol=1e-7):
    """Assert that all contenders, called once, give the gradients of the first one, "hand"."""
    results = {name: [np.asarray(g) for g in run()] for name, run in contenders.items()}
    expected = results["hand"]
    for name, found in results.items():
        for i, (a, b) in enumerate(zip(found, expected, strict=True)):
            np.testing.assert_allclose(a, b, rtol, atol, err_msg=f"{name}, gradient {i}")


def compare(contenders, rounds=15, seconds=0.02):
    """Median seconds of a call of "hand", and for each other contender its ratio to that.

    A ratio is the median of the ratios within one round of turns, each of at least `seconds`.
    """
    gc.collect()
    gc.freeze()  # nor for walking through all that other libraries have loaded
    calls = {name: repetitions(run, seconds) for name, run in contenders.items()}
    samples = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            samples[name].append(timed(run, calls[name]))
    ratios = {
        name: statistics.median(t / hand for t, hand in zip(s, samples["hand"], strict=True))
        for name, s in samples.items()
        if name != "hand"
    }
    return statistics.median(samples["hand"]), ratios


def repetitions(run, seconds):
    run()
    return max(1, round(seconds / timed(run, 1)))


def timed(run, calls):
    gc.collect()  # so that nobody pays for the garbage of the one before
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls
