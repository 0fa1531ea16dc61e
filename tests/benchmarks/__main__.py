"""The command: `python -m tests.benchmarks [--threads N] [--only chain,digits] [--readme]`."""

import argparse
import dataclasses
import json
import os
import subprocess
import sys
from importlib.metadata import version

from . import peers, readme, timing
from .jobs import JOBS, TITLES
from .table import CONTENDERS, markdown

POOLS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def arguments():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--threads", type=int, default=1, help="of BLAS and of PyTorch")
    parser.add_argument("--only", default=",".join(JOBS), help="jobs, with commas: %(default)s")
    parser.add_argument("--json", metavar="FILE", help="also write the numbers there")
    parser.add_argument("--readme", action="store_true",
                        help="also write the tables of these jobs into README.md")  # fmt: skip
    args = parser.parse_args()
    args.only = args.only.split(",")
    if unknown := set(args.only) - JOBS.keys():
        parser.error(f"no such job: {', '.join(sorted(unknown))}; there are {', '.join(JOBS)}")
    return args


def main():
    args = arguments()
    environment = {name: str(args.threads) for name in POOLS}
    if any(os.environ.get(name) != n for name, n in environment.items()):
        # the thread pools read these once, when NumPy is imported: start again
        command = [sys.executable, "-m", "tests.benchmarks", *sys.argv[1:]]
        return subprocess.run(command, env={**os.environ, **environment}).returncode

    libraries = peers.installed(args.threads)
    print("Ratios are to hand-written NumPy, below 1 is faster.")
    rows = {}
    for job in args.only:
        rows[job] = list(JOBS[job](libraries))
        print(f"\n{TITLES[job]}\n\n{markdown(rows[job])}", flush=True)
    packages = [f"{CONTENDERS.get(n, 'NumPy')} {version(n)}" for n in ("numpy", *libraries)]
    threads = "one thread" if args.threads == 1 else f"{args.threads} threads"
    versions = ", ".join([f"Python {sys.version.split()[0]}", *packages, threads, timing.clock()])
    print(f"\n{versions}")
    if args.json:
        plain = {job: [dataclasses.asdict(row) for row in found] for job, found in rows.items()}
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(plain, file, indent=1, ensure_ascii=False)
    if args.readme:
        readme.write(rows, versions + ".", f"job, {threads}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
