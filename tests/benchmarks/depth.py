"""Time and memory of deep networks: what a residual block costs among few and many of them."""

import gc
import tracemalloc

from . import timing
from .contenders import contenders
from .networks import TOWER

DEPTHS = (10, 30, 100, 300, 1000)
SIZES = dict(n=16, width=64)


def costs(depths=DEPTHS, rounds=11, seconds=0.02, **sizes):
    """Rows (depth, microseconds for a block, that in parts of the first's, KiB for a block).

    Each but the depth by contender. All depths take turns, as a busy machine would else bend
    the line.
    """
    runs = {}
    for depth in depths:
        made = contenders(TOWER, {}, **SIZES | sizes, depth=depth)
        runs |= {(name, depth): c.gradients for name, c in made.items()}
    times = timing.compare(runs, rounds, seconds)
    names = list(dict.fromkeys(name for name, _ in runs))
    for depth in depths:
        micros = {n: times.median((n, depth)) / depth * 1e6 for n in names}
        growth = {n: times.ratio((n, depth), (n, depths[0])) * depths[0] / depth for n in names}
        yield depth, micros, growth, {n: peak(runs[n, depth]) / depth for n in names}


def peak(run):
    """KiB that Python's and NumPy's allocators gave at most."""
    gc.collect()
    tracemalloc.start()
    run()
    run()  # meets the gradients of the first
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 1024
