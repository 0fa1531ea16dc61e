"""How wide text is, from a table: pictures come out alike whatever fonts a machine has.

The table is of a wide sans-serif face, so that text in any other common one fits as well.
"""

import unicodedata

WIDTHS = {  # hundredths of the font size
    30: "'IJijl", 35: " ,./:;\\|·", 40: "()-[]ftᵀ⟨⟩", 45: "!r₀₁₂₃₄₅₆₇₈₉²³", 50: '"*_`',
    55: "?csz∂⁻", 60: "FLkvxy", 65: "$0123456789EPSTYabdeghnopqu{}Σ√", 70: "ABCKRVXZ", 75: "NU",
    80: "&DGHOQ", 85: "#+<=>^w~⊙⊕−±×→≤≥≠∞", 90: "M", 100: "%@Wm…",
}  # fmt: skip
WIDTH = {c: width for width, characters in WIDTHS.items() for c in characters}
OTHER, WIDE, BOLD = 75, 110, 1.12


def width(text: str, size: float, bold: bool = False) -> float:
    """The width of one line of text at a font size.

    >>> width("x", 10)
    6.0
    """
    total = sum(WIDTH.get(c) or other(c) for c in text)
    return round(total * size * (BOLD if bold else 1) / 100, 1)


def other(c: str) -> int:
    if unicodedata.combining(c):
        return 0
    return WIDE if unicodedata.east_asian_width(c) in "WF" else OTHER


def fitted(text: str, size: float, most: float, bold: bool = False) -> str:
    """`text`, cut with … if it is wider than `most`.

    >>> fitted("a long name", 10, 40)
    'a lon…'
    """
    if width(text, size, bold) <= most:
        return text
    while text and width(text + "…", size, bold) > most:
        text = text[:-1]
    return text.rstrip() + "…"
