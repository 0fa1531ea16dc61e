# %% [markdown]
# # How is a gradient computed over data that no memory holds?
# The `data` of a Tensor may be an array of Dask: a plan of what to compute, chunk by chunk. Then
# the backward pass is a plan too. The engine knows nothing of it: its rules call NumPy's functions,
# and Dask puts its own in their place. The plan runs on the workers of a cluster, and each holds a
# few chunks at a time.

# %%
import os

import numpy as np
from course import SHORT, claim, plot
from curves import BLUE, GREY, ORANGE
from missing import explain

import viz
from autograd_lite import Tensor, functional as F, no_grad

try:
    import dask
    import dask.array as da
    from distributed import Client, LocalCluster
    from distributed.deploy.subprocess import SubprocessCluster
    from distributed.diagnostics import MemorySampler
except ModuleNotFoundError as error:
    explain(error)

rows, chunk, features = (160_000, 5_000, 20) if SHORT else (2_000_000, 62_500, 20)
rng = da.random.default_rng(0)  # here the data are drawn; from files: da.from_zarr, da.from_array
X = rng.normal(size=(rows, features), chunks=(chunk, features))
truth = np.linspace(-1.0, 1.0, features)
t = (rng.random(rows, chunks=chunk) < 1 / (1 + np.exp(-(X @ truth)))).astype(float)
whole, part = X.nbytes / 1e6, X.blocks[0].nbytes / 1e6
print(f"{whole:.0f} MB in {X.npartitions} chunks of {part:.1f} MB")

# %% [markdown]
# Logistic regression: of a row x of X the label t is 1 with the probability sigmoid(xᵀw), else 0.
# The program is the one for NumPy.


# %%
def cross_entropy(X, t, w):
    return F.binary_cross_entropy_with_logits(X @ w, t)


w = Tensor(np.zeros(features), requires_grad=True, name="w")
cross_entropy(X, t, w).backward()
claim("the gradient is a plan, and nothing is computed", isinstance(w.grad, da.Array))
print(f"{len(w.grad.__dask_graph__())} tasks")

# %% [markdown]
# Is the plan right? A piece of the data fits into memory, and there the plan can be compared with
# the formula that the engine prints, in plain NumPy.

# %%
piece, labels = dask.compute(X[:1000], t[:1000])
w.data = np.linspace(0.5, -0.5, features)
z = piece @ w
L = F.binary_cross_entropy_with_logits(z, labels)
print(viz.formula(L, wrt=w, names=dict(L=L, X=piece, z=z, t=labels)))
by_hand = piece.T @ (1 / (1 + np.exp(-piece @ w.data)) - labels) / len(labels)
w.zero_grad()
cross_entropy(X[:1000], t[:1000], w).backward()
claim("the plan computes this formula", np.allclose(w.grad.compute(), by_hand))

# %% [markdown]
# **On a cluster.** Two workers on this machine stand for many machines: with `Client("tcp://…")`
# the plan goes to the workers at that address. Loss and gradient are computed together, so that a
# chunk is made once for both, used and forgotten. How long may a step be? The features have the
# variance 1 in every direction and the slope of the sigmoid is at most ¼, so no curvature of the
# loss is much larger than ¼, and a step of 4 does not overshoot. While the steps run, the bytes of
# the results that the workers hold are counted (what a task needs inside comes on top).

# %%
if SHORT or os.name == "nt":  # the workers are threads of this process
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
    )
else:
    cluster = SubprocessCluster(
        worker_kwargs={"nthreads": 1}, scheduler_kwargs={"dashboard": False}
    )
    cluster.scale(2)
w.data, losses, sampler = np.zeros(features), [], MemorySampler()
with cluster, Client(cluster) as client:
    client.wait_for_workers(2)
    with sampler.sample("held", client=client, measure="managed", interval=0.05):
        for step in range(2 if SHORT else 5):
            w.zero_grad()
            L = cross_entropy(X, t, w)
            L.backward()
            loss, gradient = dask.compute(L.data, w.grad)
            with no_grad():
                w -= 4.0 * gradient
            losses.append(float(loss))
            print(f"step {step}: loss {loss:.4f}")
seconds, held = np.array(sampler.samples["held"]).T / [[1.0], [1e6]]
claim("each step has a smaller loss than the one before", np.all(np.diff(losses) < 0))
cosine = w.data @ truth / np.linalg.norm(w.data) / np.linalg.norm(truth)
claim(f"w points where the truth does, cosine {cosine:.4f}", cosine > 0.995)
print(f"{held.max():.0f} MB held at most, by both workers; the data are {whole:.0f} MB")
claim("never more than half of the data, passed through at each step", held.max() < whole / 2)


def draw(figure, axes):
    axes.plot(seconds - seconds[0], held, color=BLUE, label="held by the workers")
    axes.axhline(whole, color=ORANGE, label="all data")
    axes.axhline(part, color=GREY, ls="--", label="one chunk")
    axes.set(xlabel="time, s", ylabel="MB", ylim=0.0)
    figure.legend(frameon=False, ncols=3, loc="outside upper center")


plot("dask_memory.svg", draw)
