"""`python -m viz FILE.py:NAME`: draw a tensor of a program from the command line."""

import argparse
import io
import os
import sys
import textwrap
import traceback

import viz
from viz.loading import ProgramError, found
from viz.showing import DRAWINGS, KINDS, import_renderer, kind_of, show

USAGE = "python -m viz WHERE [options] [-- ARGUMENTS]"
DESCRIPTION = """\
Show the backward pass of a NumPy program written with autograd_lite.

WHERE is a file or a module, a colon, and the name of a tensor in it, or of a
function to call without arguments that returns one. The variables of the file,
and of the function, give the drawing its names. Everything runs inside
viz.record(), so all values are at hand. What follows a -- is for the program:
it finds itself and these ARGUMENTS in sys.argv, as if Python ran it, but its
__name__ is not "__main__"."""
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

what it is written as, and without -o PATH:
  backward forward values  .svg .png .pdf .eps .jpg .jpeg .gv .dot   WHAT.svg
  movie                    .html .htm, .svg for its graph alone      movie.html
  formula derivation       .txt Unicode, .tex, .html .htm MathML     screen
  explain                  .txt .html .htm                           screen
.gv and .dot are the text that Graphviz lays out; .tex can be \\input and needs
amsmath. Missing folders are made, and a file that is there is replaced.

examples:
  python -m viz model.py:loss -o backward.svg
  python -m viz model.py:loss -o backward.html          a page: movie
  python -m viz model.py:train_step --what values -o step.png --inputs x
  python -m viz package.module:loss --what formula --latex
  python -m viz model.py:loss --what derivation -o derivation.tex
  python -m viz model.py:loss --what backward --expand cross_entropy -o b.pdf
  python -m viz train.py:loss -o loss.svg -- --width 3  arguments of train.py

a file to try it on:
  # model.py
  import numpy as np
  from autograd_lite import Tensor
  x = Tensor([1.0, 2.0])
  w = Tensor([0.5, -1.0], requires_grad=True)
  loss = np.sum((w * x - 1) ** 2)
"""
NO_SIGN = (
    "viz: each ? stands for a sign that this terminal cannot show; write a file (-o PATH), "
    "or set PYTHONIOENCODING=utf-8"
)


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser("python -m viz", usage=USAGE, description=DESCRIPTION,
                                epilog=EXAMPLES,
                                formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    p.add_argument("where", metavar="WHERE", help="FILE.py:NAME or package.module:NAME")
    p.add_argument("--what", choices=KINDS, metavar="WHAT",
                   help="what to show, see below; 'backward', or 'movie' if PATH ends in "
                   ".html")  # fmt: skip
    p.add_argument("-o", "--out", metavar="PATH",
                   help="file to write; its ending says the format, see below")  # fmt: skip
    p.add_argument("--expand", metavar="OPS",
                   help="fused operations to take apart: cross_entropy, or all")  # fmt: skip
    p.add_argument("--inputs", metavar="NAMES",
                   help="leaves that are inputs, not parameters, in a drawing or movie: "
                   "x,y")  # fmt: skip
    d = p.add_argument_group("for backward, forward and values")
    d.add_argument("--depth", type=int, metavar="N", help="show named scopes N levels deep")
    d.add_argument("--rankdir", choices=("LR", "TB", "RL", "BT"), help="direction of the drawing")
    d.add_argument("--max-nodes", type=int, metavar="N",
                   help="refuse to draw more boxes than this, by default 400; 0 draws any "
                   "number")  # fmt: skip
    f = p.add_argument_group("for formula and derivation")
    f.add_argument("--latex", action="store_true", default=None,
                   help="LaTeX on the screen, as in a .tex file")  # fmt: skip
    return p


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    The exit code is 0, or 1 after a message that says what to do, or after the traceback of an
    error in the program. What is wrong with the command itself is said before the program runs.
    """
    own, theirs = divided(sys.argv[1:] if arguments is None else arguments)
    args = parser().parse_args(own)
    try:
        kind = kind_of(args)
        if kind in DRAWINGS:
            import_renderer()
        with viz.record():
            tensor, names = found(args.where, theirs)
        say(show(kind, tensor, names, args))
    except viz.DrawingError as error:
        message = textwrap.fill(f"viz: {error}", 100, break_long_words=False,
                                break_on_hyphens=False)  # fmt: skip
        print(message, file=sys.stderr)
        return 1
    except ProgramError as error:
        if isinstance(error.__cause__, BrokenPipeError):
            print(flush=True)  # raises again if it was our own pipe, and not one of the program
        sys.stdout.flush()
        traceback.print_exception(error.__cause__)
        return 1
    return 0


def divided(arguments: list[str]) -> tuple[list[str], list[str]]:
    """The arguments of this command, and those of the program behind the first --."""
    if "--" not in arguments:
        return arguments, []
    at = arguments.index("--")
    return arguments[:at], arguments[at + 1 :]


def say(text: str) -> None:
    print(text)
    encoding = sys.stdout.encoding or "utf-8"
    if text.encode(encoding, "replace").decode(encoding) != text:
        print(NO_SIGN, file=sys.stderr)


def command() -> int:
    """`main` for a shell, whose terminal may lack our signs, and whose pipes end early."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        try:
            return main()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:  # of `| head -1`; what Python flushes at its end goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


if __name__ == "__main__":
    sys.exit(command())
