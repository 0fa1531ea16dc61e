"""Peak memory of one training step, in a fresh interpreter for each contender.

`python -m tests.benchmarks.memory tower torch` prints by how many bytes the resident memory rose
above what there was before the step: imports, data and parameters, and what a step of another
network of the same kind, but tiny, leaves behind (code that is loaded and buffers of BLAS that are
made at the first use). With `--traced` it prints the peak of what Python's and NumPy's allocators
gave, which PyTorch's does not pass through.
"""

import argparse
import ctypes
import dataclasses
import gc
import os
import statistics
import subprocess
import sys
import tracemalloc
from pathlib import Path

from . import networks, peers
from .contenders import contender

NETWORKS = {"tower": networks.TOWER, "convolutional": networks.CONVOLUTIONAL}
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
STEPS = 3  # the second and third meet gradients of the one before


def measurable():
    """Whether the system tells the peak of a stretch of time: Linux with glibc does."""
    return STATUS.exists() and RESET.exists() and hasattr(ctypes.CDLL(None), "malloc_trim")


def step_peak(network, contender, traced=False, repeats=3):
    """Median of bytes in fresh interpreters; `network` and `contender` by name."""
    command = [sys.executable, "-m", "tests.benchmarks.memory", network, contender]
    command += ["--traced"] if traced else []
    root = Path(__file__).parents[2]
    samples = [
        int(subprocess.run(command, capture_output=True, check=True, cwd=root).stdout)
        for _ in range(1 if traced else repeats)
    ]
    return statistics.median(samples)


def traced_peak(run):
    gc.collect()
    tracemalloc.start()
    run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def resident_peak(run):
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # free memory that is still resident would hide a rise
    RESET.write_text("5")  # the peak starts again from what is resident now
    before = kilobytes("VmRSS")
    run()
    return (kilobytes("VmHWM") - before) * 1024


def kilobytes(entry):
    (line,) = [x for x in STATUS.read_text().splitlines() if x.startswith(entry + ":")]
    return int(line.split()[1])


def repeated(job):
    def run():
        for _ in range(STEPS):
            job()

    return run


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.memory")
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("contender", help="hand, engine, torch, autograd or mygrad")
    parser.add_argument("--traced", action="store_true", help="what Python's allocators gave")
    args = parser.parse_args()
    threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    wanted = [name for name in peers.PACKAGES if name == args.contender]
    modules = peers.installed(threads, wanted)
    network = dataclasses.replace(NETWORKS[args.network], rate=networks.RATE)
    repeated(contender(args.contender, network, modules, **network.tiny).job)()
    run = repeated(contender(args.contender, network, modules).job)
    print((traced_peak if args.traced else resident_peak)(run))


if __name__ == "__main__":
    main()
