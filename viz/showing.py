"""What the command line shows of a tensor, and how each thing is written to a file."""

import argparse
import importlib
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import viz
from viz.drawings.options import MAX_NODES
from viz.html import Markup, element, joined
from viz.programs.program import Program

DRAWINGS = ("backward", "forward", "values")
FORMULAS = ("formula", "derivation")
KINDS = (*DRAWINGS, "movie", *FORMULAS, "explain")
PAGES = (".html", ".htm")
ENDINGS = {
    **dict.fromkeys(DRAWINGS, (".svg", ".png", ".pdf", ".eps", ".jpg", ".jpeg", ".gv", ".dot")),
    "movie": (*PAGES, ".svg"),
    **dict.fromkeys(FORMULAS, (".txt", ".tex", *PAGES)),
    "explain": (".txt", *PAGES),
}
APPLIES = {  # option -> what it applies to; the others apply to everything
    "inputs": (*DRAWINGS, "movie"),
    "depth": DRAWINGS,
    "rankdir": DRAWINGS,
    "max_nodes": DRAWINGS,
    "latex": FORMULAS,
}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
CSS = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:1.5rem}
main{overflow-x:auto}
h1{font-size:1.25rem}
p{margin:1.2em 0}"""


# --- before the program runs ----------------------------------------------------------------
def kind_of(args: argparse.Namespace) -> str:
    """What is to be shown: as asked for, or as the ending of the file suggests.

    Raises
    ------
    DrawingError : if it is not written in that format, or has no use for an option.
    """
    kind = args.what or ("movie" if ending(args.out) in PAGES else "backward")
    for option, kinds in APPLIES.items():
        if getattr(args, option) is not None and kind not in kinds:
            raise viz.DrawingError(
                f"--{option.replace('_', '-')} does not apply to {kind}, only to {listed(kinds)}"
            )
    if args.out is not None:
        check_ending(kind, args.out)
        if args.latex and ending(args.out) != ".tex":
            raise viz.DrawingError(f"{args.out}: LaTeX is written as .tex")
    return kind


def check_ending(kind: str, out: str) -> None:
    if ending(out) in ENDINGS[kind]:
        return
    known = f"{kind} is written as {listed(ENDINGS[kind], 'or')}"
    others = [k for k in KINDS if ending(out) in ENDINGS[k]]
    if others:
        raise viz.DrawingError(
            f"{out}: {known}; for {ending(out)} use --what {listed(others, 'or')}"
        )
    wrong = f"nothing is written as {ending(out)}" if ending(out) else "no ending says the format"
    raise viz.DrawingError(f"{out}: {wrong}; {known}")


def ending(out: str | None) -> str:
    return Path(out or "").suffix.lower()


def listed(words: Any, last: str = "and") -> str:
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end


def import_renderer() -> None:
    """Import what draws before a file of the same name, such as graphviz.py, can come first."""
    here, path = os.getcwd(), [*sys.path]
    sys.path[:] = [folder for folder in path if os.path.abspath(folder) != here]
    for module in ("viz.drawings.render", "pygraphviz"):
        with suppress(ImportError):  # rendering says what is missing
            importlib.import_module(module)
    sys.path[:] = path


# --- after it -------------------------------------------------------------------------------
def show(kind: str, tensor: Any, names: Mapping[str, Any], args: argparse.Namespace) -> str:
    """Write the file that was asked for and return its path, or the text for the screen."""
    expand: Any = True if args.expand == "all" else split(args.expand)
    options: dict[str, Any] = dict(names=names, expand=expand)
    if kind in DRAWINGS:
        return put(drawn(kind, tensor, options, args), args.out or f"{kind}.svg")
    if kind == "movie":
        page = viz.movie(tensor, inputs=split(args.inputs), **options)
        return put(
            page.svg if ending(args.out) == ".svg" else page.html, args.out or f"{kind}.html"
        )
    if kind == "explain":
        text = table(tensor, options, ending(args.out))
    else:
        text = written(kind, tensor, options, ".tex" if args.latex else ending(args.out))
    return text if args.out is None else put(text.rstrip("\n") + "\n", args.out)


def split(names: str | None) -> list[str]:
    return [part.strip() for part in (names or "").split(",") if part.strip()]


def drawn(kind: str, tensor: Any, options: dict[str, Any], args: argparse.Namespace) -> str | bytes:
    most = MAX_NODES if args.max_nodes is None else args.max_nodes or None
    options |= dict(inputs=split(args.inputs), rankdir=args.rankdir, depth=args.depth,
                    max_nodes=most)  # fmt: skip
    if kind == "backward":
        drawing = viz.draw_backward(tensor, **options)
    else:
        numbers = kind == "values"
        drawing = viz.draw(tensor, values=numbers, grads=numbers, **options)
    format = ending(args.out)[1:] or "svg"
    return drawing.source if format in ("gv", "dot") else drawing.pipe(format)


def table(tensor: Any, options: dict[str, Any], format: str) -> str:
    explanation = viz.explain(tensor, **options)
    if format in PAGES:
        return page("The backward pass, operation by operation", Markup(explanation.html))
    return str(explanation)


def written(kind: str, tensor: Any, options: dict[str, Any], format: str) -> str:
    """Formulas as Unicode text, LaTeX, or a page of MathML."""
    formulas: list[Any]
    if kind == "derivation":
        formulas = [viz.derivation(tensor, **options)]
        title = "The backward pass, line by line"
    else:
        program = Program(tensor, **options)
        leaves = [program.names.of(n) for n in program.nodes if n.op is None]
        formulas = [viz.formula(tensor, wrt=leaf, **options) for leaf in leaves]
        title = f"The gradients of {program.top}"
    if format in PAGES:
        return page(title, *(element("p", Markup(f.mathml)) for f in formulas))
    if format == ".tex":
        return "\n".join(f"\\[\n{f.latex}\n\\]" for f in formulas)
    return "\n".join(map(str, formulas))


def page(title: str, *content: Markup) -> str:
    head = joined(
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width"),
        element("title", title),
        element("style", Markup(CSS)),
        by="\n",
    )
    body = element("body", element("main", element("h1", title), *content))
    return f"<!doctype html>\n{element('html', element('head', head), body, lang='en')}\n"


def put(content: str | bytes, out: str) -> str:
    """Write a file, in a new folder if need be, and return its path."""
    try:
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        Path(out).write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise viz.DrawingError(f"{out}: cannot be written ({error.strerror or error})") from error
    return out
