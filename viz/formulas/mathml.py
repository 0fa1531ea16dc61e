"""Formulas as MathML, which browsers show without a library."""

from html import escape

from viz.formulas.markup import (
    Atom,
    Fence,
    Fraction,
    Lines,
    Math,
    Over,
    Root,
    Row,
    Sign,
    Sub,
    Super,
    Under,
)

TAGS = {"name": "mi", "word": "mi", "number": "mn", "text": "mtext", "plain": "mtext"}
PRODUCT = '<mspace width="0.2em"/>'


def write(math: Math) -> str:
    """`math` as one complete `<math>` element.

    >>> from viz.formulas.markup import name
    >>> write(name("x₃"))
    '<math displaystyle="true"><msub><mi>x</mi><mn>3</mn></msub></math>'
    """
    return f'<math displaystyle="true">{element(math)}</math>'


def element(math) -> str:
    return WRITERS[type(math)](math)


def atom(a):
    if a.kind == "bold":
        return f'<mn style="font-weight: bold">{a.text}</mn>'
    tag = TAGS[a.kind]
    space = "\N{NO-BREAK SPACE}" if a.kind == "text" else ""
    return f"<{tag}>{escape(a.text.strip())}{space}</{tag}>"


def sign(s):
    if not s.text:
        return PRODUCT
    if s.text in "ᵀᴴ":
        return f'<mi mathvariant="normal">{"T" if s.text == "ᵀ" else "H"}</mi>'
    if s.text == "∂":
        return "<mi>∂</mi>"
    text = "∑" if s.text == "Σ" else s.text
    form = "" if s.spaced else ' form="prefix"' if s.text in "−¬" else ' lspace="0" rspace="0"'
    return f"<mo{form}>{escape(text)}</mo>"


def row(*items):
    if len(items) == 1:
        return element(items[0])
    return f"<mrow>{''.join(element(item) for item in items)}</mrow>"


def fence(f):
    if f.flat:
        return element(f.body)
    # the first and last of a row are fences by themselves
    return f"<mrow><mo>{f.left}</mo>{element(f.body)}<mo>{f.right}</mo></mrow>"


def sub(s):
    tag = "munder" if s.base == Sign("Σ", False) else "msub"
    return f"<{tag}>{element(s.base)}{element(s.below)}</{tag}>"


def sup(s):
    if isinstance(s.base, Sub):
        below = f"{element(s.base.base)}{element(s.base.below)}"
        return f"<msubsup>{below}{element(s.above)}</msubsup>"
    return f"<msup>{element(s.base)}{element(s.above)}</msup>"


def lines(block):
    """A table with its equals signs one below the other."""
    left = '<mtd style="text-align: right; padding-right: 0">'
    right = '<mtd style="text-align: left; padding-left: 0.3em">'
    rows = (
        f"<mtr>{left}{element(a)}</mtd>{right}{row(Sign('='), b)}</mtd></mtr>"
        for a, b in block.rows
    )
    return f'<mtable displaystyle="true">{"".join(rows)}</mtable>'


WRITERS = {
    Atom: atom, Sign: sign, Row: lambda m: row(*m.items), Fence: fence, Sub: sub, Super: sup,
    Lines: lines,
    Fraction: lambda m: f"<mfrac>{element(m.top)}{element(m.bottom)}</mfrac>",
    Over: lambda m: f'<mover accent="true">{element(m.letter)}<mo>¯</mo></mover>',
    Root: lambda m: f"<msqrt>{element(m.body)}</msqrt>",
    Under: lambda m: f"<munder>{element(m.body)}<mtext>{escape(m.shape)}</mtext></munder>",
}  # fmt: skip
