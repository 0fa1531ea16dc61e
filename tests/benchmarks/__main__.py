"""The command: `python -m tests.benchmarks [--threads N] [--only chain,digits] [--json FILE]`."""

import argparse
import dataclasses
import importlib
import json
import os
import subprocess
import sys
from importlib.metadata import version

from . import chain, digits, networks, resources, timing
from .table import COLUMNS, Row, markdown

POOLS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def peers(threads):
    """The installed libraries to compare with, by the name of their package."""
    found = {}
    for name in ("torch", "autograd", "mygrad"):
        try:
            found[name] = importlib.import_module(name)
        except ImportError:
            continue
    if "torch" in found:
        found["torch"].set_num_threads(threads)
    if "mygrad" in found:
        found["mygrad"].turn_memory_guarding_off()  # as its manual advises for speed
    return found


def ratio_row(job, seconds, ratios, unit, bar="", reached=None):
    cells = {"hand": unit(seconds)} | {n: f"{r:.2f} ×" for n, r in ratios.items()}
    return Row(job, cells, bar, reached, {"hand": seconds, **ratios})


def chain_rows(libraries, operations=1000):
    for name, kind in chain.KINDS.items():
        steps = operations // 2 if kind is chain.mixed else operations
        runs = chain.contenders(kind, steps, libraries)
        timing.agree(runs)
        seconds, ratios = timing.compare(runs)
        bar = ratios["engine"] <= 0.5 * ratios["torch"] if "torch" in ratios else None
        yield ratio_row(
            f"{operations:,} chained operations on shape (4,): {name}", seconds, ratios,
            lambda s: f"{s / operations * 1e6:.2f} µs each", "0.5 × PyTorch", bar,
        )  # fmt: skip


def digits_rows(libraries):
    gradients, steps = digits.contenders(libraries)
    timing.agree(gradients, rtol=1e-4, atol=1e-6)
    seconds, ratios = timing.compare(steps, rounds=31)
    reached = ratios["engine"] <= min(1.10, ratios.get("torch", 1.10))
    yield ratio_row(
        "training step of the digits network, batch 100, float32", seconds, ratios,
        milliseconds, "1.10 × hand, 1.0 × PyTorch", reached,
    )  # fmt: skip


def network_rows(libraries):
    for network in networks.NETWORKS:
        gradients, jobs = networks.contenders(network, libraries)
        timing.agree(gradients, rtol=2e-4, atol=5e-6)
        seconds, ratios = timing.compare(jobs, rounds=31)
        bar = "1.0 × PyTorch" if network.bar is None else f"{network.bar:.2f} × hand"
        allowed = network.bar or ratios.get("torch")
        reached = None if allowed is None else ratios["engine"] <= allowed
        yield ratio_row(network.title, seconds, ratios, milliseconds, bar, reached)


def hessian_rows(libraries):
    products, gradients = networks.hessian_products(libraries)
    timing.agree(products, rtol=2e-3, atol=1e-5)
    job = "Hessian–vector product of the sigmoid network"
    seconds, ratios = timing.compare(products)
    yield ratio_row(job, seconds, ratios, milliseconds)
    numbers = {
        name: timing.compare({"hand": gradients[name], name + "'s": run})[1][name + "'s"]
        for name, run in products.items()
    }
    cells = {name: f"{n:.2f} gradients" for name, n in numbers.items()}
    yield Row(f"{job}, in gradients of the same kind", cells, numbers=numbers)


def milliseconds(seconds):
    return f"{seconds * 1e3:.2f} ms"


def long_rows(libraries):
    first = None
    for operations, *times in resources.long_chains():
        first = first or times[1]
        numbers = dict(zip(("hand", "engine"), times, strict=True))
        cells = {n: f"{t:.2f} µs each" for n, t in numbers.items()}
        job = f"{operations:,} chained operations recorded, differentiated, freed"
        yield Row(job, cells, "flat: 1.5 × that of 1,000", times[1] <= 1.5 * first, numbers)


def memory_rows(libraries):
    kept, peak = resources.twenty_additions()
    cells = {"engine": f"{kept:.1f} MB (peak {peak:.1f})"}
    numbers = {"engine": kept, "peak": peak}
    yield Row("kept after 20 additions of 8 MB arrays", cells, "one array", kept < 9, numbers)
    kept, named = resources.digits_forward()
    cells, numbers = {"engine": f"{kept:.3f} MB"}, {"engine": kept, "named": named}
    bar = f"what rules name, {named:.3f} MB, + 1 kB a node"
    reached = kept < named + 0.001 * resources.DIGITS_NODES
    yield Row("kept after the digits' forward pass", cells, bar, reached, numbers)
    peaks = resources.digits_peaks(libraries)
    cells = {n: f"{p:.2f} MB" for n, p in peaks.items()}
    yield Row("peak of the digits' training step", cells, numbers=peaks)


def import_rows(libraries):
    times = resources.import_times(["autograd_lite", *libraries])
    times["engine"] = times.pop("autograd_lite")
    cells = {n: f"{t:.0f} ms" for n, t in times.items()}
    yield Row("import, after NumPy's own", cells, "60 ms", times["engine"] <= 60, times)


JOBS = {"chain": chain_rows, "digits": digits_rows, "networks": network_rows,
        "hessian": hessian_rows, "long": long_rows, "memory": memory_rows,
        "import": import_rows}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--threads", type=int, default=1, help="of BLAS and of PyTorch")
    parser.add_argument("--only", default=",".join(JOBS), help="jobs, with commas: %(default)s")
    parser.add_argument("--json", metavar="FILE", help="also write the numbers there")
    args = parser.parse_args()
    wanted = args.only.split(",")
    if unknown := set(wanted) - JOBS.keys():
        parser.error(f"no such job: {', '.join(sorted(unknown))}; there are {', '.join(JOBS)}")
    environment = {name: str(args.threads) for name in POOLS}
    if any(os.environ.get(name) != n for name, n in environment.items()):
        # the thread pools read these once, when NumPy is imported: start again
        command = [sys.executable, "-m", "tests.benchmarks", *sys.argv[1:]]
        return subprocess.run(command, env={**os.environ, **environment}).returncode

    libraries = peers(args.threads)
    rows = [row for job in wanted for row in JOBS[job](libraries)]
    print(f"Ratios are to hand-written NumPy, below 1 is faster; threads: {args.threads}.\n")
    print(markdown(rows))
    print("\n" + ", ".join(f"{COLUMNS.get(n, n)} {version(n)}" for n in ("numpy", *libraries)))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump([dataclasses.asdict(row) for row in rows], file, indent=1, ensure_ascii=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
