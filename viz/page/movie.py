"""The step-by-step page: both passes of a program, one operation at a time, in one file."""

import base64
import gzip
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from autograd_lite import Tensor
from viz.errors import DrawingError
from viz.html import Markup, clean, element, joined
from viz.page.figures import ABOUT
from viz.page.palette import DARK, LIGHT, properties
from viz.page.panel import Panel
from viz.page.panel_parts import partial_text, plain
from viz.page.story import Story
from viz.page.svg import Picture, graph_css

FRAME_HEIGHT = 860  # of the page inside a notebook
SMALLEST_SCALE = 0.8  # of the graph, below which it scrolls instead


def movie(
    tensor: Tensor,
    names: Mapping[str, Any] | None = None,
    *,
    inputs: Tensor | str | Iterable[Tensor | str] = (),
    expand: str | Iterable[str] | bool = (),
) -> "Movie":
    """A page that steps through the forward and the backward pass of a small program.

    Each step shows what one operation does: forward the formula, the shapes and what is kept;
    backward, for each input, the formula, the product with the transposed Jacobian in numbers,
    why it has a simpler form, and how contributions add where paths merge. All numbers are the
    engine's own.

    Parameters
    ----------
    tensor : the result, one number; record the program inside `viz.record()` and the page shows
        all values, and measures the gradients by finite differences.
    names : mapping from names to tensors or arrays, such as `locals()`.
    inputs : leaves (Tensors or names) that are inputs; the others are drawn as parameters.
    expand : names of fused operations to take apart, such as "cross_entropy"; True for all.

    Raises
    ------
    DrawingError : for a tensor that is not one number or was not recorded, for values freed by
        `backward()`, for unknown `inputs`, and for more than 60 operations.

    >>> import autograd_lite as ag, viz
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> with viz.record():
    ...     e = (x * x).sum()
    >>> page = viz.movie(e)
    >>> page
    <movie of e: 7 steps>
    >>> page.html[:15], page.svg[:4]
    ('<!doctype html>', '<svg')
    """
    with np.errstate(all="ignore"):
        return Movie(Story(tensor, names, inputs, expand))


class Movie:
    """A page, made by `movie`. Nothing on it depends on the machine. In a notebook it shows itself.

    Attributes
    ----------
    html : the whole page: one file that loads nothing.
    svg : the graph with all values and gradients, as a picture.
    story : the steps as data.
    """

    def __init__(self, story: Story):
        self.story = story
        picture = Picture(story)
        self.svg = picture.file()
        self.html = Page(story, picture).html()

    def save(self, path: str | os.PathLike) -> Path:
        """Write the page, or for a name that ends in .svg the picture; return the path.

        Raises
        ------
        DrawingError : for another ending than .html, .htm or .svg.
        """
        path = Path(path)
        if path.suffix.lower() not in (".html", ".htm", ".svg"):
            raise DrawingError(f"{path.name}: a movie is saved as .html, its picture as .svg")
        text = self.svg if path.suffix.lower() == ".svg" else self.html
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        return path

    def __repr__(self):
        return f"<movie of {self.story.root.name}: {len(self.story.steps)} steps>"

    def _repr_html_(self):
        return element(
            "iframe", srcdoc=self.html, sandbox="allow-scripts",
            width="100%", height=FRAME_HEIGHT, frameborder=0,
            title=f"Backward pass of {self.story.root.name}, step by step",
        )  # fmt: skip

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self._repr_html_(), "image/svg+xml": self.svg,
                "text/plain": repr(self)}  # fmt: skip


class Page:
    """Puts the page together: styles, graph, panel, data, program."""

    def __init__(self, story: Story, picture: Picture):
        self.story = story
        self.picture = picture
        self.panel = Panel(story)
        self.steps = [self.step(step) for step in story.steps]
        self.texts = [self.panel.html(step) for step in story.steps]
        self.script = Markup("\n" + resource("movie.js"))

    def step(self, step):
        """A step for the page, which knows who receives and completes what lacks."""
        spared = ("node", "receivers", "values" if step.kind == "forward" else "")
        return {name: x for name, x in step._asdict().items() if x and name not in spared}

    def data(self) -> Markup:
        boxes = {box.key: self.box(box) for box in self.story.boxes.values()}
        written = compact({"steps": self.steps, "boxes": boxes, "about": ABOUT})
        return Markup(written.replace("<", "\\u003c"))

    def box(self, box):
        gradient = partial_text(self.story.program, box) if box.edge is not None else ""
        return {"name": box.name, "shape": str(box.shape), "gradient": gradient}

    def html(self) -> str:
        name = self.story.root.name
        head = joined(
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", http_equiv="Content-Security-Policy", content=self.policy()),
            element("meta", name="color-scheme", content="light dark"),
            element("title", f"Backward pass of {name}, step by step"),
            element("style", self.styles()),
            by="\n",
        )
        body = joined(
            element("main", element("h1", self.heading()), self.controls(), self.stage(), LEGEND,
                    self.panel_frame(), NOTE),
            element("template", self.packed(), id="panels"),
            element("script", self.data(), type="application/json", id="data"),
            element("script", self.script), by="\n",
        )  # fmt: skip
        page = element("html", element("head", head), element("body", body), lang="en")
        return f"<!doctype html>\n{page}\n"

    def packed(self) -> str:
        """The panels of all steps but the last and what they show, compressed: much repeats."""
        panels = joined(*(element("template", text, id=f"step-{i}")
                          for i, text in enumerate(self.texts[:-1], 1)))  # fmt: skip
        figures = self.panel.figures
        written = compact({"panels": panels, "grids": [*figures.grids],
                           "phrases": [*figures.phrases]})  # fmt: skip
        return base64.b64encode(gzip.compress(written.encode(), mtime=0)).decode()

    def policy(self):
        digest = base64.b64encode(hashlib.sha256(self.script.encode()).digest()).decode()
        return (f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
                "base-uri 'none'; form-action 'none'")  # fmt: skip

    def styles(self) -> Markup:
        light, dark = properties(LIGHT), properties(DARK)
        wide = round(self.picture.size[0])
        return Markup(
            f"\n:root{{color-scheme:light dark;{light}}}\n"
            f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
            f"{graph_css()}{resource('movie.css')}"
            f"@media screen{{#graph{{min-width:{wide * SMALLEST_SCALE:.0f}px;"
            f"max-width:{wide * 1.25:.0f}px}}}}\n"
        )

    def heading(self):
        box = self.story.root
        formula = f"{box.name} = {plain(self.story.formula(box))}" if box.op else box.name
        return f"The backward pass of {formula}"

    def controls(self):
        last = len(self.steps)
        return element(
            "div",
            element("button", "←", id="previous", type="button", aria_label="Previous step"),
            element("button", "Play", id="play", type="button"),
            element("button", "→", id="next", type="button", aria_label="Next step"),
            element("input", id="slider", type="range", min=1, max=last, value=last,
                    aria_label="Step"),
            element("output", f"{last} / {last}", id="position", for_="slider"),
            class_="controls", hidden=True, id="controls",
        )  # fmt: skip

    def stage(self):
        return element("div", self.picture.graph(id="graph", class_="graph"), class_="stage",
                       id="stage", tabindex=0, role="region",
                       aria_label="The graph of the program")  # fmt: skip

    def panel_frame(self):
        """The panel; without JavaScript it stays at the end of the story."""
        return element(
            "section", element("h2", self.steps[-1]["title"], id="title"),
            element("div", self.texts[-1], id="content", class_="content"),
            element("p", id="said", class_="unseen", role="status", aria_live="polite"),
            id="panel", class_="panel end", aria_labelledby="title",
        )  # fmt: skip


def compact(thing) -> str:
    return clean(json.dumps(thing, ensure_ascii=False, separators=(",", ":")))


def resource(name: str) -> str:
    return files("viz").joinpath(f"page/{name}").read_text("utf-8")


LEGEND = element(
    "ul",
    element("li", "→ solid: values, forward", class_="of-forward"),
    element("li", "⇠ dashed: gradients, back", class_="of-backward"),
    element("li", "double border: parameter", class_="of-parameter"),
    element("li", "dashed border: constant"),
    element("li", "⊕: contributions add up"),
    element("li", "cells: green positive, purple negative"),
    class_="legend", aria_label="Legend",
)  # fmt: skip
TEXT = ("This is the end of the story: the steps before it need JavaScript, of a browser not older "
        "than 2023. The graph is complete.")  # fmt: skip
NOTE = joined(element("noscript", element("p", TEXT)), element("p", TEXT, id="note", hidden=True))
