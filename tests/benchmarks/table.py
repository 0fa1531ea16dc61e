"""One row for each job, and the rows as a markdown table."""

from dataclasses import dataclass, field

CONTENDERS = {"hand": "hand NumPy", "engine": "autograd_lite", "calls": "its NumPy calls alone",
              "torch": "PyTorch", "autograd": "HIPS autograd", "mygrad": "MyGrad"}  # fmt: skip
AGAINST = {"hand": "× hand", "torch": "× PyTorch", "": "bar"}
ABSENT = "–"


@dataclass(slots=True)
class Bar:
    """What the engine should reach, in words or as the largest ratio, and whether it did."""

    text: str
    reached: bool

    def __str__(self):
        return f"{self.text}: {'reached' if self.reached else 'MISSED'}"


def at_most(most, found):
    return Bar(f"{found:.2f} of {most:.2f}", found <= most)


@dataclass(slots=True)
class Row:
    """A job: the text of each contender's cell, and the bars by what they are ratios to."""

    job: str
    cells: dict[str, str]
    bars: dict[str, Bar] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)


def markdown(rows, bars=True, first="job"):
    """A table of the contenders and bars that any row has."""
    names = [n for n in CONTENDERS if any(n in row.cells for row in rows)]
    against = [n for n in AGAINST if bars and any(n in row.bars for row in rows)]
    lines = [[first, *(CONTENDERS[n] for n in names), *(AGAINST[n] for n in against)]]
    lines.append(["---"] * len(lines[0]))
    for row in rows:
        cells = [row.cells.get(n, ABSENT) for n in names]
        lines.append([row.job, *cells, *(str(row.bars.get(n, "")) for n in against)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
