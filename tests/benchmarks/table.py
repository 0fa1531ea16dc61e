"""One row for each job, and the rows as a markdown table."""

from dataclasses import dataclass, field

COLUMNS = {"hand": "hand NumPy", "engine": "autograd_lite", "torch": "PyTorch",
           "autograd": "HIPS autograd", "mygrad": "MyGrad"}  # fmt: skip


@dataclass(slots=True)
class Row:
    """A job: the text of each contender's cell, the bar, and whether it was reached."""

    job: str
    cells: dict[str, str]
    bar: str = ""
    reached: bool | None = None
    numbers: dict[str, float] = field(default_factory=dict)


def markdown(rows):
    names = [n for n in COLUMNS if any(n in row.cells for row in rows)]
    lines = [["job", *(COLUMNS[n] for n in names), "bar", ""]]
    lines.append(["---"] * len(lines[0]))
    for row in rows:
        mark = {None: "", True: "reached", False: "MISSED"}[row.reached]
        lines.append([row.job, *(row.cells.get(n, "") for n in names), row.bar, mark])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
