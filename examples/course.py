"""What the lessons share: where their pictures go, and claims that must be kept.

A lesson is a program, `python examples/05_softmax_jacobian.py`, and with its `# %%` cells a
notebook too. `--out FOLDER` says where pictures go, `--short` asks for less work.
"""

import argparse
import sys
from pathlib import Path

from missing import explain

try:
    import matplotlib  # noqa: F401
    import pygraphviz  # noqa: F401

    import autograd_lite  # noqa: F401
except ModuleNotFoundError as error:
    explain(error)

parser = argparse.ArgumentParser()
parser.add_argument("--out", type=Path, default=Path(), help="folder for the pictures")
parser.add_argument("--short", action="store_true", help="less work, for tests")
options, _ = parser.parse_known_args()  # a notebook's kernel has arguments of its own
SHORT = options.short
if hasattr(sys.stdout, "reconfigure"):
    sys.stdout.reconfigure(encoding="utf-8")  # a pipe on Windows knows no ⊙


def claim(text, kept):
    """Print a claim that is kept; AssertionError, and so an exit code of 1, for another one."""
    if not kept:
        raise AssertionError(f"not so: {text}")
    print(f"✓ {text}")


def save(picture, name):
    """Write a drawing or a page, and show it."""
    path = options.out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".html":
        picture.save(path)
    else:
        picture.render(outfile=path, cleanup=True)
    print(f"  → {path}")
    show(picture)


def plot(name, draw, size=(7.0, 2.8), columns=1):
    """Write the picture that `draw(figure, *axes)` draws in one row of axes, and show it."""
    from curves import picture

    path = options.out / name
    picture(path, draw, size, columns)
    print(f"  → {path}")
    show(path)


def show(picture):
    """In a notebook, show a drawing, a page, or a file's picture, wherever in a cell it is made."""
    if "ipykernel" in sys.modules:
        from IPython.display import SVG, display

        display(SVG(picture) if isinstance(picture, Path) else picture)
