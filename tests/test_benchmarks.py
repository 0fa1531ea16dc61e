"""The contenders of the benchmarks do the same job; on tiny sizes, with the peers there are."""

import dataclasses
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from benchmarks import (
    calls,
    chain,
    depth,
    digits,
    hessian,
    jobs,
    memory,
    networks,
    peers,
    readme,
    resources,
    table,
    timing,
)
from benchmarks.contenders import contender, contenders

from autograd_lite.graph import ancestors
from autograd_lite.modes import switched

PEERS = ("torch", "autograd", "mygrad")
every_network = pytest.mark.parametrize("network", networks.NETWORKS, ids=lambda n: n.loss.__name__)
every_peer = pytest.mark.parametrize("peer", [None, *PEERS])


def library(name):
    """As `peers` of the contenders; the test is skipped where the library is missing."""
    if name is None:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of others, while they are imported
        return {name: pytest.importorskip(name)}


@every_peer
@pytest.mark.parametrize("kind", chain.KINDS)
def test_chains_agree(kind, peer):
    timing.agree(chain.contenders(chain.KINDS[kind], 7, library(peer)), rtol=1e-12)


@every_network
def test_the_calls_noted_are_those_of_both_passes(network):
    """Each value of the forward pass, and each gradient without a sum, is among their results."""
    made = contender("engine", network, {}, **network.tiny)
    results = [call() for call in calls.noted(made.forwards[0])]
    results = [x for r in results for x in (r if isinstance(r, tuple) else (r,))]
    shapes = {np.shape(r) for r in results if r is not None}
    assert {leaf.shape for leaf in made.leaves} <= shapes
    with switched(values=True):
        loss = made.forwards[0]()
    for node in ancestors([loss._node]):
        if node.op is not None:
            assert any(np.array_equal(r, node.values.out) for r in results), node


@every_peer
def test_digits_steps_agree(peer, monkeypatch):
    monkeypatch.setattr(digits, "RATE", np.float32(0.05))  # a step that is seen
    gradients, steps = digits.contenders(library(peer))
    timing.agree(gradients, rtol=1e-4, atol=1e-6)
    before = [g.copy() for g in gradients["hand"]()]
    for step in steps.values():
        step()
    timing.agree(gradients, rtol=1e-4, atol=1e-3)
    assert max(abs(a - b).max() for a, b in zip(before, gradients["hand"](), strict=True)) > 0.05


@every_peer
@every_network
def test_networks_agree(network, peer):
    made = contenders(network, library(peer), **network.tiny)
    timing.agree({name: c.gradients for name, c in made.items()}, rtol=2e-4, atol=5e-6)


@every_network
def test_losses_agree(network):
    made = contenders(network, library("torch"), **network.tiny)
    expected, _ = network.hand(*network.drawn(**network.tiny))
    for c in made.values():
        for forward in c.forwards:
            np.testing.assert_allclose(forward().item(), expected, rtol=1e-5)


def arrays(leaves):
    return [p if isinstance(p, np.ndarray) else p.data for p in leaves]


@every_peer
@every_network
def test_training_steps_agree(network, peer):
    training = dataclasses.replace(network, rate=0.01)
    made = contenders(training, library(peer), **network.tiny)
    before = [a.copy() for a in training.drawn(**network.tiny)[1]]
    for _ in range(3):
        for c in made.values():
            c.job()
    timing.agree({n: lambda c=c: arrays(c.leaves) for n, c in made.items()}, rtol=2e-4, atol=1e-5)
    assert any(np.any(a != b) for a, b in zip(before, made["hand"].leaves, strict=True))


@pytest.mark.parametrize("peer", [None, "torch", "autograd"])
def test_hessian_products_agree(peer):
    products = hessian.products(library(peer), **networks.SIGMOID.tiny)
    timing.agree(products, rtol=2e-3, atol=1e-5)


@every_network
def test_the_full_sizes_are_those_of_the_titles(network):
    """One network of full size costs more than the rest of these tests; shapes cost nothing."""
    _, leaves = network.data(lambda *shape: np.broadcast_to(np.float32(0), shape))
    tiny = network.drawn(**network.tiny)[1]
    assert max(a.size for a in leaves) > max(a.size for a in tiny)


def test_wrong_gradients_are_not_timed():
    right, wrong = np.ones(3), np.array([1.0, 1.0, 1.1])
    with pytest.raises(AssertionError, match="engine, gradient 0"):
        timing.agree({"hand": lambda: [right], "engine": lambda: [wrong]})


def test_ratios_are_of_rounds_that_both_ran():
    times = timing.Times({"hand": [1.0, 2.0, 4.0], "engine": [2.0, 6.0, 16.0], "torch": [4.0]})
    assert times.ratio("engine") == 3.0
    assert times.ratio("engine", "torch") == 0.5
    row = jobs.ratio_row("a job", times, {"hand": 2.0, "torch": 0.5, "mygrad": 1.0})
    assert row.cells == {"hand": "2000.00 ms", "engine": "3.00 ×", "torch": "4.00 ×"}
    assert {n: bar.reached for n, bar in row.bars.items()} == {"hand": False, "torch": True}
    lines = table.markdown([row]).splitlines()
    assert lines[0] == "| job | hand NumPy | autograd_lite | PyTorch | × hand | × PyTorch |"
    assert lines[2].endswith("| 3.00 of 2.00: MISSED | 0.50 of 0.50: reached |")


@pytest.mark.parametrize(("threads", "expected"), [("1", "processor"), ("2", "wall")])
def test_processor_time_is_of_one_thread(monkeypatch, threads, expected):
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    monkeypatch.setattr(timing.time, "get_clock_info", lambda name: SimpleNamespace(resolution=0))
    assert timing.clock() == f"{expected} time"


def test_slow_contenders_leave_rounds_out():
    times = timing.compare({"hand": lambda: None, "slow": lambda: sum(range(2000))},
                           rounds=4, seconds=1e-4, budget=1e-9)  # fmt: skip
    assert [len(s) for s in times.samples.values()] == [1, 1]


def test_cost_of_a_block():
    rows = list(depth.costs((1, 2), rounds=1, seconds=1e-4, n=2, width=3))
    assert [row[0] for row in rows] == [1, 2]
    assert rows[0][2] == {"hand": 1.0, "engine": 1.0}
    assert all(v > 0 for row in rows for values in row[1:] for v in values.values())


def test_cost_of_an_operation():
    rows = list(resources.long_chains((10_000, 20_000), rounds=1))
    assert [row[0] for row in rows] == [10_000, 20_000]
    assert rows[0][2] == {"hand": 1.0, "engine": 1.0}


@pytest.mark.skipif(not memory.measurable(), reason="the system does not tell peaks")
@pytest.mark.parametrize("peak", [memory.traced_peak, memory.resident_peak])
def test_a_peak_is_what_is_there_at_once(peak):
    def run():
        for _ in range(3):
            a = np.full(4_000_000, 1, np.uint8)
            np.add(a, a)  # two arrays of 4 MB

    run()
    assert 7.5e6 < peak(run) < 9.5e6


def test_steps_whose_memory_is_measured_train():
    network = networks.TOWER
    made = contender("engine", dataclasses.replace(network, rate=0.1), {}, **network.tiny)
    before = [p.data.copy() for p in made.leaves]
    memory.repeated(made.job)()
    assert all(np.any(p.data != b) for p, b in zip(made.leaves, before, strict=True))


@pytest.mark.skipif(not memory.measurable(), reason="the system does not tell peaks")
def test_the_memory_of_a_step_is_measured_in_another_process():
    gradients = sum(a.nbytes for a in networks.TOWER.drawn()[1])
    assert gradients < memory.step_peak("tower", "hand", repeats=1) < 3 * gradients


def test_the_tables_of_the_readme_are_replaced(tmp_path):
    row = table.Row("new", {"hand": "1 ms", "engine": "1.00 ×"}, {"hand": table.Bar("x", True)})
    text = readme.README.read_text(encoding="utf-8")
    new = readme.filled(text, {"networks": [row], "hessian": [row]}, "these versions", "a job")
    assert "<!-- measured: networks hessian -->\n| a job | hand NumPy | autograd_lite |\n" in new
    assert "\n| new | 1 ms | 1.00 × |\n<!-- end of measured -->" in new
    assert "<!-- measured: versions -->\nthese versions\n<!--" in new
    assert readme.filled(new, {"networks": [row]}, "these versions", "a job") == new
    path = tmp_path / "README.md"
    path.write_text(new, encoding="utf-8")
    readme.write({"networks": []}, "other versions", path=path)
    assert path.read_text(encoding="utf-8") == new.replace("these versions", "other versions")


def test_every_block_of_the_readme_is_of_jobs_that_there_are():
    blocks = readme.BLOCK.findall(readme.README.read_text(encoding="utf-8"))
    names = [name for _, names, _ in blocks for name in names.split()]
    assert {"networks", "chain", "versions"} <= set(names)
    assert set(names) <= {*jobs.JOBS, "versions"}
    assert jobs.TITLES.keys() == jobs.JOBS.keys()


def test_peers_that_are_missing_are_left_out(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(peers.importlib, "import_module", missing)
    assert peers.installed(1) == {}
