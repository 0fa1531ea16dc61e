"""Graphviz's HTML-like labels, built so that no name can break one.

A label is a list of lines and a line a concatenation of spans. Everything a user wrote goes
through `span`, because Graphviz draws a malformed label as an empty box and says nothing.
"""

import unicodedata

from viz.drawings.style import KEPT, MUTED, SMALL_SIZE

LONGEST = 200
HOOKS = "hooks not applied"
# a backslash twice, because Graphviz puts names of its own in place of \N and \G
ENTITIES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\\": "&#92;&#92;"}
)


def escape(text: str) -> str:
    """`text` fit for a label: no control characters or surrogates, not endless, no markup.

    >>> escape('<b> & "q"')
    '&lt;b&gt; &amp; &quot;q&quot;'
    """
    text = text[: 50 * LONGEST]
    kept = (
        " " if c.isspace() else c
        for c in text
        if c.isspace() or not unicodedata.category(c).startswith("C")
    )
    text = "".join(kept)
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return text.translate(ENTITIES)


def span(text: str, *, bold: bool = False, size: int | None = None, color: str = "") -> str:
    """Escaped text with its style; nothing for nothing, as an empty tag spoils the whole label.

    >>> span("a<b", bold=True)
    '<B>a&lt;b</B>'
    >>> span("", bold=True)
    ''
    """
    markup = escape(text)
    if not markup:
        return ""
    if bold:
        markup = f"<B>{markup}</B>"
    if size or color:
        size_part = f' POINT-SIZE="{size}"' if size else ""
        color_part = f' COLOR="{color}"' if color else ""
        markup = f"<FONT{color_part}{size_part}>{markup}</FONT>"
    return markup


def title(text: str) -> str:
    return span(text, bold=True)


def small(text: str, bold: bool = False) -> str:
    return span(text, bold=bold, size=SMALL_SIZE, color=MUTED)


def kept(text: str) -> str:
    """What an operation keeps for its backward pass."""
    return span(text, size=SMALL_SIZE, color=KEPT)


def indented(text: str) -> str:
    """The second line of something long."""
    return "&#160;&#160;&#160;&#160;" + span(text)


def label(*lines: str, left: bool = False) -> str:
    """The label made of these lines of spans; empty lines are left out.

    left : align the lines at the left edge of the box instead of centring them.

    >>> label(title("x"), small("(3,)"))
    '<<B>x</B><BR/><FONT COLOR="#595959" POINT-SIZE="9">(3,)</FONT>>'
    """
    present = [line for line in lines if line]
    if not present:
        return ""
    if left and len(present) > 1:
        # Graphviz aligns the line *before* a break, so the last one needs a break too
        return "<" + "".join(f'{line}<BR ALIGN="LEFT"/>' for line in present) + ">"
    return "<" + "<BR/>".join(present) + ">"


def named(name: str, shape: str) -> str:
    """The label of a tensor: its name, below it its shape.

    >>> named("x", "(3,)")
    '<<B>x</B><BR/>&#160;<FONT COLOR="#595959" POINT-SIZE="9">(3,)</FONT>&#160;>'
    """
    return label(title(name), f"&#160;{clear(small(shape))}" if shape else "")


def clear(line: str) -> str:
    """A line of small text, kept clear of descenders above it by a space of full size."""
    return f"{line}&#160;" if line else ""


def beside(*spans: str) -> str:
    """The label of an arrow; spaces keep it clear of this line and of the next one."""
    markup = " ".join(s for s in spans if s)
    return f"<&#160;{markup}&#160;>" if markup else ""
