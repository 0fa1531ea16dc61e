"""What drawings and formulas call each tensor: the reader's own words, else x₁, x₂ …"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_lite import Tensor
from autograd_lite.graph import ancestors, outputs_of

LONGEST, SHORT = 200, 40  # characters of a name at all, and in a drawing
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
NUMBERED = re.compile(r"([^\W\d_]+)_?(\d+)")


def subscript(number) -> str:
    return str(number).translate(SUBSCRIPTS)


def shown(name: str) -> str:
    """A user's name made fit to print: no control characters, not endless, x3 as x₃."""
    kept = (" " if c.isspace() else c for c in name if unicodedata.category(c)[0] != "C"
            or c.isspace())  # fmt: skip
    name = "".join(kept).strip()
    if len(name) > LONGEST:
        name = name[: LONGEST - 1] + "…"
    if numbered := NUMBERED.fullmatch(name):
        return numbered[1] + subscript(numbered[2])
    return name


def shorter(name: str) -> str:
    """A long name without its middle.

    >>> shorter("encoder.layers.0.self_attention.in_projection.weight")
    'encoder.layers.0.se…in_projection.weight'
    """
    if len(name) <= SHORT:
        return name
    return name[: SHORT // 2 - 1] + "…" + name[-SHORT // 2 :]


def number(value) -> str:
    """A Python or NumPy number as text: six significant digits, a true minus sign."""
    if isinstance(value, (complex, np.complexfloating)):
        return complex_text(number(value.real), number(value.imag))
    text = str(value) if isinstance(value, (bool, int, np.integer)) else f"{float(value):.6g}"
    return text.replace("-", "−")


def complex_text(real: str, imaginary: str, space: str = " ") -> str:
    """A complex number from the texts of its parts.

    >>> complex_text("0", "1"), complex_text("0.5", "−2"), complex_text("3", "0")
    ('i', '0.5 − 2i', '3')
    """
    if imaginary in ("0", "−0"):
        return real
    sign, size = ("−", imaginary[1:]) if imaginary[0] == "−" else ("+", imaginary)
    unit = "i" if size == "1" else f"{size}i"
    if real in ("0", "−0"):
        return unit if sign == "+" else f"−{unit}"
    return f"{real}{space}{sign}{space}{unit}"


def numbered(name: str, n: int) -> str:
    """Another name like `name`: x₂, and W₁′ or W₁′₂ after W₁, since W₁₂ reads twelve."""
    if name[-1] not in "₀₁₂₃₄₅₆₇₈₉":
        return name + subscript(n)
    return name + "′" + (subscript(n - 1) if n > 2 else "")


class Names:
    """Names of all tensors in the graph of `edges` (the roots).

    names : mapping from names to Tensors or arrays, such as `locals()`; other values in it are
        ignored. A name that a tensor carries itself goes before it.
    moved : edge index -> the edge that stands for it, in a graph that was made again.

    `of(edge)` names a tracked tensor, `constant(node, i)` the untracked operand i of a node. Two
    tensors never share a name.
    """

    def __init__(self, edges, names: Mapping | None = None, moved: Mapping | None = None):
        moved = moved or {}
        self.nodes = ancestors(edges)
        self.taken: set[str] = set()
        self.by_edge: dict[int, str] = {}  # edge index -> name
        self.by_object: dict[int, str] = {}  # id of a constant -> name
        self.by_place: dict[tuple[int, int | str], str] = {}  # (node index, argument) -> name
        self.last: dict[str, int] = {}  # name -> the highest number put behind it
        self.objects: list = []  # keeps the constants alive, so that their ids stay theirs
        known = {e.index: e for n in self.nodes for e in outputs_of(n) if e is not None}
        for index, edge in known.items():
            if edge.name:
                self.by_edge[index] = self.free(shown(edge.name))
        # in a notebook `_` and `_12` are names too, of whatever was shown last
        given = sorted((names or {}).items(), key=lambda item: str(item[0]).startswith("_"))
        for name, value in given:
            if isinstance(value, Tensor) and value._node is not None:
                index = moved.get(value._node.index, value._node).index
                if index in known and index not in self.by_edge:
                    self.by_edge[index] = self.free(shown(str(name)))
            elif isinstance(value, (Tensor, np.ndarray)) and id(value) not in self.by_object:
                own = getattr(value, "name", None)
                self.remember(value, self.free(shown(own or str(name))))
        for edge in edges:
            if edge.index not in self.by_edge:
                self.by_edge[edge.index] = self.free("e" if edge.shape == () else "y")
        numbers = iter(range(1, len(known) * 2 + 2))
        for index in sorted(known):
            if index not in self.by_edge:
                self.by_edge[index] = next(
                    x for n in numbers if (x := "x" + subscript(n)) not in self.taken
                )
                self.taken.add(self.by_edge[index])
        self.name_constants()

    def remember(self, value, name):
        """Name a constant, and the array inside it, which is what a node may have seen."""
        for thing in (value, getattr(value, "_array", value)):
            if id(thing) not in self.by_object:
                self.by_object[id(thing)] = name
                self.objects.append(thing)

    def name_constants(self):
        count = 0
        for node in self.nodes:
            for i, constant in enumerate(node.inputs):
                if not isinstance(constant, tuple):
                    continue
                name, _, ref = constant
                value = ref() if ref is not None else None
                inside = getattr(value, "_array", value)
                # an object has one weak reference, which stays when the object is gone
                key = id(ref) if value is None else id(value)
                if value is not None and key not in self.by_object:
                    key = id(inside)
                if ref is None or key not in self.by_object:
                    if not name:
                        count += 1
                    text = self.free(shown(name) if name else "c" + subscript(count))
                    if value is not None:
                        self.remember(value, text)
                    elif ref is not None:
                        self.by_object[key] = text
                    self.by_place[node.index, i] = text
                    continue
                self.by_place[node.index, i] = self.by_object[key]

    def free(self, name: str) -> str:
        """`name`, with a number behind it if another tensor has it already."""
        name = name or "_"
        chosen, n = name, self.last.get(name, 1)
        while chosen in self.taken:
            n += 1
            chosen = numbered(name, n)
        self.last[name] = n
        self.taken.add(chosen)
        return chosen

    def differentiated(self, name: str) -> str:
        """A name for what is differentiated: no tensor may be called like a gradient of it."""
        while any(taken.startswith((f"∂{name}/∂", f"∂({name})/∂")) for taken in self.taken):
            name = self.free(name)
        return name

    def shorten(self) -> None:
        """Leave out the middle of long names; they stay different."""
        new: dict[str, str] = {}
        tables: list[dict[Any, str]] = [self.by_edge, self.by_object, self.by_place]
        for known in tables:
            for key, name in known.items():
                if name not in new:
                    short = shorter(name)
                    new[name] = name if short == name else self.free(short)
                known[key] = new[name]

    def kept(self, node, name) -> str:
        """The name of a value that a rule keeps and that is no expression of the operands."""
        if (node.index, name) not in self.by_place:
            self.by_place[node.index, name] = self.free(name)
        return self.by_place[node.index, name]

    def of(self, edge) -> str:
        return self.by_edge[edge.index]

    def constant(self, node, i) -> str:
        """The name of untracked operand `i`; a number is its own name."""
        value = node.inputs[i]
        if not isinstance(value, tuple):
            return "none" if value is None else number(value)
        return self.by_place[node.index, i]
