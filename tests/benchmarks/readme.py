"""The measured tables of the README, which stand between comments that name their jobs."""

import re
from pathlib import Path

from .table import markdown

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"(<!-- measured: ([a-z ]+) -->\n).*?(<!-- end of measured -->)", re.S)


def filled(text, rows, versions, first="job"):
    """The text with its tables made of `rows`, by group; a block needs all of its groups.

    The block `versions` gets the line with what was measured. Bars are not shown.
    """

    def fill(block):
        start, names, end = block.groups()
        groups = names.split()
        if groups == ["versions"]:
            return f"{start}{versions}\n{end}"
        if not set(groups) <= rows.keys():
            return block.group()
        table = markdown([row for g in groups for row in rows[g]], bars=False, first=first)
        return f"{start}{table}\n{end}"

    return BLOCK.sub(fill, text)


def write(rows, versions, first="job", path=README):
    text = path.read_text(encoding="utf-8")
    path.write_text(filled(text, rows, versions, first), encoding="utf-8")
