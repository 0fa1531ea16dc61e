"""What grows with a program: time of very long chains, memory, and the import itself."""

import functools
import gc
import importlib.util
import os
import statistics
import subprocess
import sys
import tracemalloc

import numpy as np

import autograd_lite as ag
from autograd_lite import functional as F

from . import chain, digits, timing

MEGABYTE = 1e6
LENGTHS = (10**3, 10**4, 10**5, 10**6)
DIGITS_NODES = 13  # four products, four biases, two relus, two sums, the loss


def long_chain(steps, contender):
    """Microseconds for each of `2 * steps` operations recorded, differentiated and freed."""
    given = chain.data()
    return timing.timed(lambda: contender(chain.mixed, steps, *given), 1) / (2 * steps) * 1e6


def long_chains(lengths=LENGTHS, rounds=3):
    """Rows (operations, microseconds for each, that in parts of the shortest chain's).

    The last two by contender. All lengths take turns, the short ones many times in each.
    """
    contenders = {"hand": chain.hand, "engine": chain.engine}
    samples = {(name, n): [] for n in lengths for name in contenders}
    for _ in range(rounds):
        for name, n in samples:
            few = [long_chain(n // 2, contenders[name]) for _ in range(max(1, 10**4 // n))]
            samples[name, n].append(statistics.median(few))
    times = timing.Times(samples)
    for n in lengths:
        growth = {name: times.ratio((name, n), (name, lengths[0])) for name in contenders}
        yield n, {name: times.median((name, n)) for name in contenders}, growth


def traced(run):
    """Megabytes that `run` leaves allocated while its result lives, and its peak."""
    run()  # what is only made once is not counted
    gc.collect()
    tracemalloc.start()
    result = run()
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del result
    return kept / MEGABYTE, peak / MEGABYTE


def twenty_additions(megabytes=8):
    """Megabytes kept after y = x + b + b + …, which no rule needs the values of."""
    x, b = (ag.Tensor(np.zeros(megabytes * 10**6 // 8), requires_grad=True) for _ in range(2))
    return traced(lambda: functools.reduce(lambda y, _: y + b, range(20), x))


def digits_forward():
    """Megabytes kept after the forward pass of the digits network, and what its rules name."""
    images, labels, parameters = digits.data()
    parameters = [ag.Tensor(p, requires_grad=True) for p in parameters]
    kept, _ = traced(
        lambda: F.cross_entropy(digits.network(images, *parameters, F.relu), labels)
    )  # fmt: skip
    hidden, logits = digits.BATCH * digits.WIDTH, digits.BATCH * digits.CLASSES
    # inputs of three products (float32), two masks of relu (bool), the logits and their softmax
    return kept, (3 * 4 * hidden + 2 * hidden + 2 * 4 * logits) / MEGABYTE


def digits_peaks(peers):
    """Traced peak of a training step, by contender; PyTorch allocates out of sight."""
    seen = {name: module for name, module in peers.items() if name != "torch"}
    return {name: traced(step)[1] for name, step in digits.contenders(seen)[1].items()}


def import_times(packages, repeats=7):
    """Median milliseconds to import each package once NumPy is there, in fresh interpreters.

    Compiled modules are kept between them, as Python does unless told otherwise.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    packages = [p for p in packages if importlib.util.find_spec(p)]
    samples = {p: [] for p in packages}
    for _ in range(repeats):
        for p in packages:
            code = (
                f"import numpy, time; t = time.perf_counter(); import {p}; "
                "print(time.perf_counter() - t)"
            )
            out = subprocess.run(
                [sys.executable, "-c", code], env=environment, capture_output=True, check=True
            )
            samples[p].append(float(out.stdout) * 1e3)
    return {p: statistics.median(s) for p, s in samples.items()}
