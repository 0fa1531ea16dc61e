"""The colours of the page, light and dark: one table, from which the style sheets take them."""

import re

from viz.drawings.style import (
    BACKWARD,
    CONSTANT,
    FORWARD,
    GREENS,
    INK,
    KEPT,
    MUTED,
    PARAMETER,
    PURPLES,
    WARNING,
)

SIGNS = {"p": GREENS, "n": PURPLES}
TINTS = {f"{sign}{i}": SIGNS[sign][i] for sign in SIGNS for i in range(1, len(GREENS))}
LIGHT = {
    "paper": "#FFFFFF", "ink": INK, "muted": MUTED, "line": "#D4D4D4", "panel": "#F8F8F8",
    "forward": FORWARD, "forward-fill": "#EAF3FA", "backward": BACKWARD,
    "backward-fill": "#FDF0E6", "parameter": PARAMETER, "parameter-fill": "#E3F4EE",
    "constant": CONSTANT, "constant-fill": "#F3F3F3", "kept": KEPT, "wrong": WARNING,
    **TINTS, "number": INK,
}  # fmt: skip
DARK = {
    "paper": "#16181B", "ink": "#ECECEC", "muted": "#A9A9A9", "line": "#3B3F45",
    "panel": "#1E2125", "forward": "#6CB8EA", "forward-fill": "#17293A", "backward": "#FF9A57",
    "backward-fill": "#3A2415", "parameter": "#4CC9A4", "parameter-fill": "#12302A",
    "constant": "#9A9A9A", "constant-fill": "#26292D", "kept": "#E2BE5A", "wrong": "#FF8A80",
    "p1": "#233420", "p2": "#2D4A27", "p3": "#38602F", "p4": "#447738",
    "n1": "#30263A", "n2": "#45334F", "n3": "#5A4167", "n4": "#704F80", "number": "#FFFFFF",
}  # fmt: skip


def properties(colours: dict[str, str]) -> str:
    """The table as CSS custom properties."""
    return "".join(f"--{name}:{value};" for name, value in colours.items())


def in_colours(css: str, colours: dict[str, str]) -> str:
    """A style sheet with colours in place of custom properties, which not every viewer knows.

    >>> in_colours("path { fill: var(--ink) }", {"ink": "black"})
    'path { fill: black }'
    """
    return re.sub(r"var\(--([\w-]+)\)", lambda found: colours[found[1]], css)
