"""Learning curves as small SVG pictures that look the same in light and dark pages."""

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

BLUE, ORANGE, GREY = "#2563a8", "#c2571a", "#6b7280"
STYLE = {
    "font.size": 10,
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e5e7eb",
    "svg.fonttype": "none",  # letters, not outlines: a quarter of the size
    "svg.hashsalt": "curves",  # the same file each time
}


def picture(outfile, draw, size, columns, rows=1):
    """`draw(figure, *axes)`, the axes row by row; written as the ending of `outfile` says.

    Returns the figure, which a notebook shows.
    """
    outfile.parent.mkdir(parents=True, exist_ok=True)
    with rc_context(STYLE):
        figure = Figure(size, layout="constrained", facecolor="white")
        draw(figure, *np.ravel(figure.subplots(rows, columns)))
        figure.savefig(outfile, metadata={"Date": None} if outfile.suffix == ".svg" else None)
    return figure


def smooth(values, width):
    """Places and means of `width` neighbours, as many as a line of that smoothness needs."""
    width = min(width, len(values))
    means = np.convolve(values, np.full(width, 1.0 / width), mode="valid")
    some = slice(None, None, max(1, width // 4))
    return (np.arange(len(means)) + (width - 1) / 2.0)[some], means[some]
