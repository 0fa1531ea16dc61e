"""HTML and SVG text that no name can break: what is not `Markup` is escaped."""

import re

# XML knows no control characters but white space, and a file no halves of a surrogate pair
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


class Markup(str):
    """Text that is markup already; `+` and `join` of it are the caller's business."""

    __slots__ = ()


def escape(thing: object) -> Markup:
    """`thing` as text between tags or in an attribute.

    >>> escape('<b> & "q"')
    '&lt;b&gt; &amp; &quot;q&quot;'
    """
    if isinstance(thing, Markup):
        return thing
    return Markup(clean(str(thing)).translate(ENTITIES))


def clean(text: str) -> str:
    """`text` without the characters that no file of markup may hold."""
    return FORBIDDEN.sub("", text)


def joined(*content: object, by: str = "") -> Markup:
    """Pieces one after the other, each escaped unless it is markup; None is left out."""
    return Markup(escape(by).join(escape(c) for c in content if c is not None))


def element(tag: str, *content: object, **attributes: object) -> Markup:
    """An element; `class_` is written class, and `data_edge` data-edge.

    None leaves an attribute out, and True writes its bare name.

    >>> element("p", "a < b", class_="note", data_kind=None)
    '<p class="note">a &lt; b</p>'
    >>> element("rect", width=3)
    '<rect width="3"/>'
    """
    written = ""
    for name, value in attributes.items():
        name = name.rstrip("_").replace("_", "-")
        if value is not None and value is not False:
            written += f" {name}" if value is True else f' {name}="{escape(value)}"'
    if not content and tag in EMPTY:
        return Markup(f"<{tag}{written}/>")
    return Markup(f"<{tag}{written}>{joined(*content)}</{tag}>")


EMPTY = ("rect", "path", "circle", "meta", "input", "br")
