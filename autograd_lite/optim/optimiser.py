"""What all optimisers share: groups, buffers, steps in blocks, and their saved state."""

from typing import Any

import numpy as np

from autograd_lite.optim.parameters import described, groups, number

BLOCK = 131_072  # entries worked on at a time: a few such arrays stay in the level 3 cache


class Optimiser:
    """Base of the optimisers: `step()` changes every parameter that has a gradient, in place.

    A subclass gives `checked` options, the names of its `buffers` (arrays like the parameter) and
    an `update` of arrays. Complex parameters are updated as their real and imaginary parts, as in
    PyTorch.

    Attributes
    ----------
    groups : list of dicts with "params" and the options of the optimiser, "lr" among them; they
        may be changed between steps.
    """

    def __init__(self, params, **options):
        self.what = type(self).__name__
        self.groups = groups(self.what, params, options)
        for group in self.groups:
            group.update(self.checked({name: group[name] for name in options}))
        self.state: list[dict[str, Any]] = [{} for _ in self.parameters()]
        self.scratch: dict[Any, Any] = {}  # dtype -> two arrays
        self.spares: dict[Any, Any] = {}  # shape and dtype -> views of these two

    def checked(self, options):
        """The options as Python numbers; ValueError for what cannot work."""
        return options | {n: number(self.what, n, options[n]) for n in ("lr", "weight_decay")}

    def buffers(self, options):
        """The names of the arrays kept for each parameter, with what they are first filled with."""
        raise NotImplementedError

    def update(self, options, t, p, g, a, b, *buffers):
        """Change `p` and the buffers in place, for step `t` = 1, 2, …; `a`, `b` are scratch."""
        raise NotImplementedError

    def parameters(self):
        """All parameters, group after group."""
        return [p for group in self.groups for p in group["params"]]

    @property
    def lr(self) -> float:
        """The learning rate of all groups. If they differ, read `groups[i]["lr"]`."""
        rates = {group["lr"] for group in self.groups}
        if len(rates) > 1:
            raise ValueError(
                f"{self.what}: the groups have different learning rates; use groups[i]['lr']"
            )
        return rates.pop()

    @lr.setter
    def lr(self, value):
        value = number(self.what, "lr", value)
        for group in self.groups:
            group["lr"] = value

    def zero_grad(self) -> None:
        """Clear the gradient of every parameter (to None)."""
        for group in self.groups:
            for p in group["params"]:
                p.zero_grad()

    def step(self) -> None:
        """Update every parameter whose `grad` is not None.

        Counts as an in-place update: a graph recorded before it refuses its backward pass where
        a rule reads an array that changed.
        """
        states = iter(self.state)
        for group in self.groups:
            for p in group["params"]:
                state = next(states)
                if (g := p.grad) is None:
                    continue
                state["step"] = state.get("step", 0) + 1
                buffers = self.kept(state, group, p)
                p.note_update()
                for part in parts(p.data, g, *buffers):
                    self.in_blocks(group, state["step"], part)

    def kept(self, state, group, p):
        """The buffers of a parameter in the order of `buffers`, made where they are missing."""
        found = []
        for name, start in self.buffers(group).items():
            if name not in state:
                start = complex(start, start) if p.dtype.kind == "c" else start
                state[name] = np.full_like(p.data, start)
            found.append(state[name])
        return found

    def in_blocks(self, group, t, arrays):
        """Update as many rows at a time as make a block, so that each stays in the cache."""
        p, g, *buffers = arrays
        if p.size <= BLOCK or p.ndim == 0:
            return self.update(group, t, p, g, *self.spare(p), *buffers)
        rows = max(1, BLOCK * len(p) // p.size)
        for i in range(0, len(p), rows):
            block = [x[i : i + rows] for x in arrays]
            self.update(group, t, *block[:2], *self.spare(block[0]), *block[2:])

    def spare(self, like):
        """Two scratch arrays of the shape and dtype of `like`, in memory kept for this."""
        key = like.shape, like.dtype
        if key not in self.spares:  # finding the views costs as much as a small update
            kept = self.scratch.get(like.dtype)
            if kept is None or kept.shape[1] < like.size:
                kept = self.scratch[like.dtype] = np.empty((2, like.size), like.dtype)
                self.spares.clear()  # views of the smaller one
            self.spares[key] = tuple(row[: like.size].reshape(like.shape) for row in kept)
        return self.spares[key]

    def state_dict(self) -> dict:
        """Options, counters and copies of the buffers, for `load_state_dict`.

        "groups" has each group's options and how many parameters it has; "state" has for each
        parameter in order a dict, empty before its first step, with "step" and its buffers.
        """
        options = [
            {n: len(v) if n == "params" else v for n, v in group.items()} for group in self.groups
        ]
        state = [
            {n: v.copy() if isinstance(v, np.ndarray) else v for n, v in s.items()}
            for s in self.state
        ]
        return {"groups": options, "state": state}

    def load_state_dict(self, state_dict: dict) -> None:
        """Take over what `state_dict()` gave, of an optimiser of the same kind and parameters.

        Raises
        ------
        ValueError : if groups, options, buffers, shapes or dtypes are others; all are named, and
            nothing is changed.
        """
        wrong = list(self.differences(state_dict))
        if wrong:
            raise ValueError(f"{self.what}.load_state_dict: " + "; ".join(wrong))
        checked = [self.checked(dict(saved)) for saved in state_dict["groups"]]
        for group, options in zip(self.groups, checked, strict=True):
            group.update({n: v for n, v in options.items() if n != "params"})
        self.state = [
            {n: np.array(v) if n != "step" else int(v) for n, v in saved.items()}
            for saved in state_dict["state"]
        ]

    def differences(self, state_dict):
        """What keeps a saved state from being loaded, in words."""
        if not isinstance(state_dict, dict) or not {"groups", "state"} <= state_dict.keys():
            yield "expected a dict with groups and state, from state_dict()"
            return
        saved = state_dict["groups"]
        sizes = [len(group["params"]) for group in self.groups]
        if [group.get("params") for group in saved] != sizes:
            found = [group.get("params") for group in saved]
            yield f"groups of {found} parameters for groups of {sizes}"
            return
        for i, (group, other) in enumerate(zip(self.groups, saved, strict=True)):
            if odd := (group.keys() ^ other.keys()) - {"initial_lr"}:
                yield f"group {i} differs in the options {', '.join(sorted(odd))}"
                return
        if len(state_dict["state"]) != len(self.state):
            yield f"state of {len(state_dict['state'])} parameters for {len(self.state)}"
            return
        owners = [group for group in saved for _ in range(group["params"])]
        rows = zip(self.parameters(), owners, state_dict["state"], strict=True)
        for i, (p, options, state) in enumerate(rows):
            yield from self.buffer_differences(described(p, i), p, options, state)

    def buffer_differences(self, name, p, options, state):
        expected = {"step", *self.buffers(options)}
        if state and not expected <= state.keys():
            yield f"parameter {name} has {sorted(state)}, expected {sorted(expected)}"
            return
        for key in state.keys() - {"step"}:
            value = np.asarray(state[key])
            if value.shape != p.shape or value.dtype != p.dtype:
                yield f"parameter {name} has {key} {value.dtype} {value.shape}"

    def __repr__(self):
        lines = [
            ", ".join(f"{n}={v!r}" for n, v in group.items() if n != "params")
            for group in self.groups
        ]
        counts = [len(group["params"]) for group in self.groups]
        rows = (f"  {n} parameters: {line}" for n, line in zip(counts, lines, strict=True))
        return "\n".join([f"{type(self).__name__}(", *rows, ")"])


def parts(*arrays):
    """The arrays, or if the first is complex their real and their imaginary parts, as views."""
    if arrays[0].dtype.kind != "c":
        return (arrays,)
    return [x.real for x in arrays], [x.imag for x in arrays]


def decayed(options, p, g, out):
    """The gradient with weight decay: g + weight_decay · p, in `out`; or `g` itself."""
    if options["weight_decay"] == 0.0:
        return g
    np.multiply(p, options["weight_decay"], out=out)
    out += g
    return out


def mix(mean, x, share, scratch):
    """mean ← mean + share · (x − mean), a running mean."""
    np.subtract(x, mean, out=scratch)
    scratch *= share
    mean += scratch
