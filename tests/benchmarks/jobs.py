"""What is measured: for each group of jobs a function of the other libraries that yields rows."""

from . import calls, chain, depth, digits, hessian, memory, networks, resources, timing
from .contenders import contenders
from .table import Bar, Row, at_most

TINY_BARS = {"hand": 2.0, "torch": 0.5}
DIGITS_BARS = {"hand": 1.1, "torch": 1.0}
MOST_PASSES, MOST_GRADIENTS, MOST_GROWTH = 3.5, 3.0, 1.5


def milliseconds(seconds):
    return f"{seconds * 1e3:.2f} ms"


def ratio_row(job, times, bars, unit=milliseconds):
    """The seconds of the hand-written version, and each other's ratio to it."""
    seconds, ratios = times.median("hand"), times.ratios()
    cells = {"hand": unit(seconds)} | {n: f"{r:.2f} ×" for n, r in ratios.items()}
    numbers = {"hand": seconds, **ratios}
    met = {to: at_most(most, times.ratio("engine", to))
           for to, most in bars.items() if to in times.samples}  # fmt: skip
    return Row(job, cells, met, numbers)


def kinds(operations=1000):
    """(title, kind, steps) of the chains."""
    for name, kind in chain.KINDS.items():
        steps = operations // 2 if kind is chain.mixed else operations
        yield f"`{name}`, chain of {operations:,} on shape (4,)", kind, steps


def chain_rows(libraries, operations=1000):
    def each(seconds):
        return f"{seconds / operations * 1e6:.2f} µs each"

    for title, kind, steps in kinds(operations):
        runs = chain.contenders(kind, steps, libraries)
        timing.agree(runs)
        yield ratio_row(title, timing.compare(runs), TINY_BARS, each)


def digits_rows(libraries):
    gradients, steps = digits.contenders(libraries)
    timing.agree(gradients, rtol=1e-4, atol=1e-6)
    job = "training step of the digits network, batch 100"
    yield ratio_row(job, timing.compare(steps, rounds=31), DIGITS_BARS)


def network_rows(libraries):
    for network in networks.NETWORKS:
        made = contenders(network, libraries)
        timing.agree({n: c.gradients for n, c in made.items()}, rtol=2e-4, atol=5e-6)
        times = timing.compare({n: c.job for n, c in made.items()}, rounds=31)
        yield ratio_row(network.title, times, network.bars)


def floor_rows(libraries):
    """The same NumPy calls without the engine, and what is left to the engine."""
    for network in networks.NETWORKS:
        made = contenders(network, {})
        runs = {n: c.gradients for n, c in made.items()}
        times = timing.compare(runs | {"calls": calls.of(made["engine"].forwards[0])})
        title = network.title.replace("training step of ", "")
        yield ratio_row(title, times, {})


def hessian_rows(libraries):
    """MyGrad has no derivatives but the first."""
    products = hessian.products(libraries)
    timing.agree(products, rtol=2e-3, atol=1e-5)
    gradients = {n: c.gradients for n, c in contenders(networks.SIGMOID, libraries).items()}
    runs = products | {f"{n}'s gradient": gradients[n] for n in products}
    times = timing.compare(runs)
    job = "Hessian–vector product of the sigmoid network"
    own = timing.Times({n: times.samples[n] for n in products})
    yield ratio_row(job, own, {})
    numbers = {n: times.ratio(n, f"{n}'s gradient") for n in products}
    cells = {n: f"{r:.2f} gradients" for n, r in numbers.items()}
    bars = {"": at_most(MOST_GRADIENTS, numbers["engine"])}
    yield Row(f"{job}, in gradients of the same kind", cells, bars, numbers)


def pass_rows(libraries):
    """Forward and backward in forward passes, recorded or not, whichever is faster."""
    for title, kind, steps in kinds():
        both = chain.contenders(kind, steps, libraries)
        yield pass_row(title, both, chain.forwards(kind, steps, libraries))
    for network in networks.NETWORKS:
        made = contenders(network, {n: m for n, m in libraries.items() if n == "torch"})
        both = {n: c.gradients for n, c in made.items()}
        forwards = {n: c.forwards for n, c in made.items() if c.forwards}
        yield pass_row(network.title.replace("training step of ", ""), both, forwards)


def pass_row(title, both, forwards):
    runs = {n: both[n] for n in forwards}
    runs |= {(n, i): run for n, pair in forwards.items() for i, run in enumerate(pair)}
    times = timing.compare(runs)
    numbers = {n: max(times.ratio(n, (n, i)) for i in (0, 1)) for n in forwards}
    cells = {n: f"{r:.2f} forwards" for n, r in numbers.items()}
    return Row(title, cells, {"": at_most(MOST_PASSES, numbers["engine"])}, numbers)


def depth_rows(libraries):
    first = None
    for blocks, micros, growth, kib in depth.costs():
        first = first or kib
        title = f"{blocks:,} residual blocks, width 64, batch 16"
        cells = {n: f"{t:.0f} µs a block" for n, t in micros.items()}
        yield Row(title, cells, {"": at_most(MOST_GROWTH, growth["engine"])}, micros)
        cells = {n: f"{k:.1f} KiB a block" for n, k in kib.items()}
        grown = kib["engine"] / first["engine"]
        yield Row(f"{title}, peak memory", cells, {"": at_most(MOST_GROWTH, grown)}, kib)


def long_rows(libraries):
    for operations, micros, growth in resources.long_chains():
        cells = {n: f"{t:.2f} µs each" for n, t in micros.items()}
        job = f"{operations:,} operations `y * w + b`, recorded, differentiated and freed"
        yield Row(job, cells, {"": at_most(MOST_GROWTH, growth["engine"])}, micros)


def memory_rows(libraries):
    kept, peak = resources.twenty_additions()
    cells = {"engine": f"{kept:.1f} MB (peak {peak:.1f})"}
    bars, numbers = {"": Bar("one array", kept < 9)}, {"engine": kept, "peak": peak}
    yield Row("kept after 20 additions of 8 MB arrays", cells, bars, numbers)
    kept, named = resources.digits_forward()
    cells, numbers = {"engine": f"{kept:.3f} MB"}, {"engine": kept, "named": named}
    bar = Bar(f"what rules name, {named:.3f} MB, + 1 kB a node",
              kept < named + 0.001 * resources.DIGITS_NODES)  # fmt: skip
    yield Row("kept after the digits' forward pass", cells, {"": bar}, numbers)
    peaks = resources.digits_peaks(libraries)
    cells = {n: f"{p:.2f} MB" for n, p in peaks.items()}
    yield Row("peak of the digits' training step", cells, numbers=peaks)
    for name, network in memory.NETWORKS.items():
        yield from peak_rows(name, network.title, libraries)


def peak_rows(name, title, libraries):
    """The engine's peak as its allocators tell it, and resident beside that of the others."""
    names = ["hand", "engine", *libraries]
    seen = [n for n in names if n != "torch"]  # PyTorch allocates out of sight
    traced = {n: memory.step_peak(name, n, traced=True) / 1e6 for n in seen}
    resident = {}
    if memory.measurable():
        resident = {n: memory.step_peak(name, n) / 1e6 for n in names}
    for what, peaks in (("allocated", traced), ("resident", resident)):
        cells = {n: f"{p:.1f} MB" for n, p in peaks.items()}
        bars = {}
        if peaks and "torch" in resident:
            bars["torch"] = at_most(1.0, peaks["engine"] / resident["torch"])
        yield Row(f"peak of a training step, {what}: {title}", cells, bars, peaks)


def import_rows(libraries):
    times = resources.import_times(["autograd_lite", *libraries])
    times["engine"] = times.pop("autograd_lite")
    cells = {n: f"{t:.0f} ms" for n, t in times.items()}
    bars = {"": Bar("60 ms", times["engine"] <= 60)}
    yield Row("import, after NumPy's own", cells, bars, times)


JOBS = {"chain": chain_rows, "digits": digits_rows, "networks": network_rows,
        "floor": floor_rows, "hessian": hessian_rows, "passes": pass_rows, "depth": depth_rows,
        "long": long_rows, "memory": memory_rows, "import": import_rows}  # fmt: skip
TITLES = {
    "chain": "Tiny operations: all of the time is the engine's own",
    "digits": "The network of examples/mnist.py, forward, backward and update",
    "networks": "Networks in float32, forward and backward",
    "floor": "How much of it is NumPy: the same operations one by one, without a tape",
    "hessian": "Second derivatives",
    "passes": "Forward and backward, in times of the forward pass alone",
    "depth": "Deep networks: the cost of a block",
    "long": "Long chains",
    "memory": "Memory",
    "import": "Import",
}
