"""`Drawing`: a `graphviz.Digraph` that renders without the program `dot`."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import graphviz  # type: ignore[import-untyped]

from viz.drawings.layout import picture
from viz.drawings.style import ARROWS, BOXES, CLUSTER, EDGE, GRAPH, NODE, STRAIGHT, WEB_FONTS
from viz.errors import RenderError

LARGE_BOXES, LARGE_LINES = 400, 1000
PathLike = str | os.PathLike


class Drawing(graphviz.Digraph):
    """A directed graph as DOT text, which shows itself in a notebook.

    Everything `graphviz.Digraph` offers works: `source`, `node`, `edge`, `attr`, `save`,
    `pipe(format="svg")`, `render(outfile="x.pdf")`. Pictures are made by `pygraphviz` inside this
    process, or by the program `dot` if only that is installed; graphs of more than 400 boxes in a
    process of their own, which is stopped after 30 seconds.

    >>> d = Drawing()
    >>> d.edge("a", "b")
    >>> d.pipe(format="svg", encoding="utf-8").rstrip()[-6:]
    '</svg>'
    """

    def __init__(self, *args: Any, format: str = "svg", **kwargs: Any):
        super().__init__(*args, format=format, **kwargs)

    @classmethod
    def in_style(cls, rankdir: str) -> "Drawing":
        """An empty drawing with the colours and fonts of `viz.style`."""
        return cls(graph_attr={**GRAPH, "rankdir": rankdir}, node_attr=NODE, edge_attr=EDGE)

    def box(self, key: str, kind: str, label: str = "", trunk: bool = False) -> None:
        """Add a box of one of the kinds in `viz.style.BOXES`."""
        self.node(key, label, **BOXES[kind], **({"group": "trunk"} if trunk else {}))

    def arrow(
        self, tail: str, head: str, kind: str, label: str = "", trunk: bool = False, **more: str
    ) -> None:
        """Add an arrow of one of the kinds in `viz.style.ARROWS`."""
        straight = STRAIGHT if trunk else {}
        self.edge(tail, head, label or None, **ARROWS[kind], **straight, **more)

    def frame(self, key: str, label: str, keys: Iterable[str]) -> list[str]:
        """The lines of a frame around the boxes `keys`."""
        inside = graphviz.Digraph(key, graph_attr={**CLUSTER, "label": label})
        for inner in keys:
            inside.node(inner)
        return [*inside.__iter__(subgraph=True)]

    def is_large(self) -> bool:
        frames = ("\t\t", "\tsubgraph", "\t}")  # they name boxes once more
        lines = [line for line in self.body if not line.startswith(frames)]
        boxes = sum(" -> " not in line for line in lines)
        return boxes > LARGE_BOXES or len(lines) > LARGE_LINES

    def pipe(  # type: ignore[override]  # the encoding decides between bytes and text
        self,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = False,
        *,
        engine: str | None = None,
        encoding: str | None = None,
    ) -> Any:
        """The picture as bytes, or as text if an encoding is given.

        Parameters
        ----------
        format : "svg" (the default), "png", "pdf", "json" …
        engine : the layout program, "dot" by default.
        encoding : of the text to return, such as "utf-8" with "svg".
        renderer, formatter, neato_no_op, quiet : as in `graphviz.Digraph.pipe`.

        Raises
        ------
        RenderError : if the format is unknown, nothing that lays out graphs is installed, the
            layout takes more than 30 seconds, or the DOT text is malformed.
        """
        format = known("format", format or self.format, graphviz.FORMATS, "'svg', 'png' or 'pdf'")
        engine = known("engine", engine or self.engine, graphviz.ENGINES, "'dot'")
        kind = ":".join(part for part in (format, renderer, formatter) if part)
        options = () if neato_no_op is None else (f"-n{int(neato_no_op)}",)
        data = picture(self.source, kind, engine, options, aside=self.is_large())
        if format in ("svg", "svg_inline"):
            narrow, wide = f'font-family="{NODE["fontname"]}"', f'font-family="{WEB_FONTS}"'
            data = data.replace(narrow.encode(), wide.encode())
        return data if encoding is None else data.decode(encoding)

    def render(  # type: ignore[override]  # any path, as the other methods take
        self,
        filename: PathLike | None = None,
        directory: PathLike | None = None,
        view: bool = False,
        cleanup: bool = False,
        format: str | None = None,
        renderer: str | None = None,
        formatter: str | None = None,
        neato_no_op: bool | int | None = None,
        quiet: bool = False,
        quiet_view: bool = False,
        *,
        outfile: PathLike | None = None,
        engine: str | None = None,
        raise_if_result_exists: bool = False,
        overwrite_source: bool = False,
    ) -> str:
        """Write the picture, and beside it the DOT text; return the path of the picture.

        Parameters
        ----------
        outfile : path of the picture; its ending says the format.
        filename, directory, format : instead, the path of the DOT text, to which the format is
            added: `render("x.gv", format="png")` writes x.gv and x.gv.png.
        view : open the picture. cleanup : do not leave the DOT text.
        The others are as in `pipe` and `graphviz.Digraph.render`.

        Raises
        ------
        RenderError : as `pipe`; for what is no path; or if the picture would replace the DOT text.
        """
        check_paths(filename=filename, directory=directory, outfile=outfile)
        folder = Path(self.directory if directory is None else directory)
        if outfile is None:
            format = format or self.format
            source = folder / (self.filename if filename is None else filename)
            target = source.with_name(f"{source.name}.{format}")
        else:
            target = folder / outfile
            format = format or target.suffix[1:]
            if not format:
                raise RenderError(
                    f"{outfile}: no ending that says the format; use .svg, .png or "
                    ".pdf, or give format="
                )
            source = target.with_suffix(".gv") if filename is None else folder / filename
        if source == target and not overwrite_source:
            raise RenderError(
                f"{target}: the picture would replace the DOT text; use another "
                "ending, or overwrite_source=True"
            )
        if raise_if_result_exists and target.exists():
            raise graphviz.FileExistsError(f"output file exists: {os.fspath(target)!r}")
        data = self.pipe(format, renderer, formatter, neato_no_op, quiet, engine=engine)
        if not cleanup and source != target:
            source.parent.mkdir(parents=True, exist_ok=True)
            source.write_text(self.source, encoding=self.encoding)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        if view or quiet_view:
            graphviz.view(os.fspath(target), quiet=quiet_view)
        return os.fspath(target)

    def _repr_svg_(self) -> str | None:
        # follows `graphviz.set_jupyter_format`
        return self._repr_mimebundle_().get("image/svg+xml")  # type: ignore[return-value]


def known(option: str, value: Any, choices: Iterable[str], usual: str) -> str:
    """`value` in small letters, if it is one of the choices."""
    if not isinstance(value, str) or value.lower() not in choices:
        raise RenderError(
            f"unknown {option} {value!r}; use {usual}, or another of graphviz.{option.upper()}S"
        )
    return value.lower()


def check_paths(**paths: Any) -> None:
    for option, path in paths.items():
        if path is not None and not isinstance(path, (str, os.PathLike)):
            raise RenderError(
                f"{option}= of type {type(path).__name__}; use a path, such as 'picture.svg'"
            )
