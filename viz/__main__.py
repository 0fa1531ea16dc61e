"""`python -m viz FILE.py:NAME`: draw a tensor of a program from the command line."""

import argparse
import importlib
import importlib.util
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import viz
from autograd_lite import Tensor
from viz.programs.program import Program

DESCRIPTION = """\
Show the backward pass of a NumPy program written with autograd_lite.

WHERE is a file or a module, a colon, and the name of a tensor in it, or of a
function to call without arguments that returns one. The variables of the file,
or of the function, give the drawing its names. Everything runs inside
viz.record(), so all values are at hand."""
EXAMPLES = """\
what there is to see:
  backward    how gradients flow: the formula of each vector-Jacobian product,
              and a ⊕ where the gradients of a tensor used twice are added
  forward     the program as a block diagram
  values      both passes in one drawing, with the numbers of small arrays
  movie       a page that steps through both passes with all numbers
  formula     one closed expression for each leaf, as text
  derivation  the whole backward pass as text, a line for each tensor
  explain     a table: structure of each Jacobian, what is kept, how many bytes

examples:
  python -m viz model.py:loss -o backward.svg
  python -m viz model.py:loss -o backward.html          a page: movie
  python -m viz model.py:train_step --what values -o step.png --inputs x
  python -m viz package.module:loss --what formula --latex
  python -m viz model.py:loss --what backward --expand cross_entropy -o b.pdf

a file to try it on:
  # model.py
  import numpy as np
  from autograd_lite import Tensor
  x = Tensor([1.0, 2.0])
  w = Tensor([0.5, -1.0], requires_grad=True)
  loss = np.sum((w * x - 1) ** 2)
"""
DRAWINGS = ("backward", "forward", "values")
TEXTS = ("formula", "derivation", "explain")


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser("python -m viz", description=DESCRIPTION, epilog=EXAMPLES,
                                formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    p.add_argument("where", metavar="WHERE", help="FILE.py:NAME or package.module:NAME")
    p.add_argument("--what", choices=(*DRAWINGS, "movie", *TEXTS),
                   help="what to show; 'backward', or 'movie' if the output is .html")  # fmt: skip
    p.add_argument("-o", "--out", metavar="PATH",
                   help="file to write; its ending says the format: .svg .png .pdf .gv .html .txt "
                   ".tex; without it texts go to the screen")  # fmt: skip
    p.add_argument("--inputs", metavar="NAMES", default="",
                   help="leaves that are inputs, not parameters: x,y")  # fmt: skip
    p.add_argument("--expand", metavar="OPS", default="",
                   help="fused operations to take apart: cross_entropy, or all")  # fmt: skip
    p.add_argument("--depth", type=int, metavar="N", help="show named scopes N levels deep")
    p.add_argument("--rankdir", choices=("LR", "TB", "RL", "BT"), help="direction of the drawing")
    p.add_argument("--max-nodes", type=int, default=400, metavar="N",
                   help="refuse to draw more boxes than this; 0 draws any number")  # fmt: skip
    p.add_argument("--latex", action="store_true", help="formulas as LaTeX")
    return p


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 1 after a message that says what to do."""
    args = parser().parse_args(arguments)
    try:
        with viz.record():
            tensor, names = found(args.where)
        what = args.what or ("movie" if str(args.out).endswith(".html") else "backward")
        written = show(what, tensor, names, args)
    except viz.DrawingError as error:
        print(textwrap.fill(f"viz: {error}", 100), file=sys.stderr)
        return 1
    if written:
        print(written)
    return 0


# --- the tensor -----------------------------------------------------------------------------
def found(where: str) -> tuple[Any, Mapping[str, Any]]:
    """The tensor that WHERE names, and the names around it."""
    place, colon, name = where.rpartition(":")
    if not colon or not name:
        raise viz.DrawingError(f"{where}: say which tensor, as in {where.rstrip(':')}:loss")
    names = vars(loaded(place))
    if name not in names:
        tensors = [k for k, v in names.items() if isinstance(v, Tensor) or is_own(v, names)]
        raise viz.DrawingError(
            f"{place} has no {name!r}; there are {', '.join(tensors) or 'no tensors or functions'}"
        )
    thing = names[name]
    if isinstance(thing, Tensor) or not callable(thing):
        return thing, names
    return called(thing, name)


def is_own(value, names):
    return callable(value) and getattr(value, "__module__", None) == names["__name__"]


def loaded(place: str):
    path = Path(place)
    if path.suffix != ".py":
        sys.path.insert(0, "")
        try:
            return importlib.import_module(place)
        except ModuleNotFoundError as error:
            raise viz.DrawingError(f"{place}: no such module, and no .py file ({error})") from error
    if not path.is_file():
        raise viz.DrawingError(f"{place}: no such file")
    sys.path.insert(0, str(path.parent.resolve()))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def called(function: Callable, name: str) -> tuple[Any, dict[str, Any]]:
    """The result of a function, and its variables when it returned, and those of its file."""
    seen: dict[str, Any] = {}
    code = getattr(function, "__code__", None)

    def watch(frame, event, argument):
        if event == "return" and frame.f_code is code:
            seen.update(frame.f_locals)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        result = function()
    except TypeError as error:
        if code is not None and code.co_argcount:
            raise viz.DrawingError(
                f"{name} needs arguments ({error}); name a function of none that calls it"
            ) from error
        raise
    finally:
        sys.setprofile(before)
    if isinstance(result, Mapping):  # return locals(): its last tensor is the result
        seen = dict(result)
        result = next((v for v in reversed(seen.values()) if isinstance(v, Tensor)), result)
    return result, {**getattr(function, "__globals__", {}), **seen}


# --- what is shown --------------------------------------------------------------------------
def show(what: str, tensor: Any, names: Mapping[str, Any], args: argparse.Namespace) -> str:
    """Write the file that was asked for and return its path, or the text for the screen."""
    inputs = split(args.inputs)
    expand: Any = True if args.expand == "all" else split(args.expand)
    options: dict[str, Any] = dict(names=names, expand=expand)
    if what in TEXTS:
        return put(text(what, tensor, options, args), args.out)
    if what == "movie":
        out = args.out or "backward.html"
        viz.movie(tensor, inputs=inputs, **options).save(out)
        return out
    options |= dict(inputs=inputs, rankdir=args.rankdir, depth=args.depth,
                    max_nodes=args.max_nodes or None)  # fmt: skip
    if what == "backward":
        drawing = viz.draw_backward(tensor, **options)
    else:
        drawing = viz.draw(tensor, values=what == "values", grads=what == "values", **options)
    out = args.out or f"{what}.svg"
    if Path(out).suffix in (".gv", ".dot"):
        return put(drawing.source, out)
    return drawing.render(outfile=out, cleanup=True)


def split(names: str) -> list[str]:
    return [part.strip() for part in names.split(",") if part.strip()]


def text(what: str, tensor: Any, options: dict[str, Any], args: argparse.Namespace) -> str:
    if what == "explain":
        table = viz.explain(tensor, **options)
        return table.html if str(args.out).endswith(".html") else str(table)
    if what == "derivation":
        lines = viz.derivation(tensor, **options)
        return lines.latex if args.latex else str(lines)
    program = Program(tensor, **options)
    leaves = [program.names.of(n) for n in program.nodes if n.op is None]
    formulas = [viz.formula(tensor, wrt=leaf, **options) for leaf in leaves]
    return "\n".join(f.latex if args.latex else str(f) for f in formulas)


def put(text: str, out: str | None) -> str:
    if out is None:
        return text
    Path(out).write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    return out


if __name__ == "__main__":
    sys.exit(main())
