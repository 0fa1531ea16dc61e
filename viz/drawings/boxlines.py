"""The lines of text in the boxes: what an operation computes, sends back, and keeps."""

from functools import cache

from viz.errors import DrawingError
from viz.formulas import notation, unicode
from viz.formulas.markup import partial
from viz.formulas.symbols import Symbol
from viz.programs.program import Contribution, Program
from viz.programs.saved import FREED
from viz.programs.structures import structures

WIDTH, LONGEST = 60, 160  # characters of a line, and of a formula
SMALL_WIDTH = 90  # of a line of small text
SIGNS = "=+−⊙·/"
LEAVE_AWAY = "; or leave formulas away with formula=False, jacobian=False and kept=False"


class Texts:
    """The texts about one program; each operation is pulled back once.

    What the backward pass sends is to be asked for nodes that are `Program.affordable`.
    """

    def __init__(self, program: Program):
        self.program = program
        self.pull = cache(program.pull)

    def gradient(self, edge) -> str:
        return unicode.write(partial(self.program.top, self.program.names.of(edge)))

    def forward(self, edge) -> str:
        """What computes a tensor: x₂ + v."""
        return text_of(self.program.forward(edge))

    def contributions(self, node) -> dict[int, Contribution]:
        """Argument -> what is sent to it; a rule may send nothing."""
        return {c.slot: c for c in self.pull(node).contributions}

    def sent(self, node, slot) -> str:
        """The contribution to one argument, '' if there is none."""
        found = self.contributions(node).get(slot)
        return text_of(found.symbol) if found else ""

    def sends(self, node, slot) -> bool:
        """Whether an argument gets anything, as far as is known: values may have been freed."""
        if not self.program.affordable(node):
            return True
        try:
            return slot in self.contributions(node)
        except DrawingError:
            return True

    def total(self, uses) -> str:
        """The gradient of a tensor as the sum of what its uses, pairs (node, argument), send."""
        newest_first = sorted(uses, key=lambda use: (-use[0].index, use[1]))
        found = [self.contributions(node).get(slot) for node, slot in newest_first]
        parts = [c.symbol for c in found if c is not None]
        return text_of(self.program.total(parts)) if parts else ""

    def structures(self, node) -> dict[int, str]:
        """Argument -> the structure of the Jacobian: 'J diagonal, so ⊙'."""
        if not self.program.affordable(node):
            return {}
        return {slot: s.text for slot, s in structures(self.program, node).items()}

    def kept(self, node) -> str:
        """What the backward pass of an operation reads."""
        names = [text_of(k.symbol) for k in self.program.kept(node)]
        if not names:
            return "reads nothing"
        return shortened("reads " + ", ".join(dict.fromkeys(names)), SMALL_WIDTH)


def text_of(symbol: Symbol) -> str:
    return unicode.write(notation.markup(symbol))


def argument(node, slot):
    """What the rules call an argument, to tell two uses by one operation apart."""
    op = node.op
    return f"{op.arrays[0]}[{slot}]" if op.variadic else op.arrays[slot]


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def broken(text: str, width: int = WIDTH, longest: int = LONGEST) -> list[str]:
    """A formula in lines, broken before a sign where there is one; its end left out if need be.

    >>> broken("y = a + b", width=6)
    ['y = a', '+ b']
    """
    text, lines = shortened(text, longest), []
    while len(text) > width:
        cut = place_to_break(text, width)
        lines.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*lines, text]


def place_to_break(text: str, width: int) -> int:
    """Before the last sign that is in the fewest brackets, if not too far in front.

    Where there is no such sign and no space, a sign in front is better than the middle of a name.
    """
    depth, best, early = 0, (LONGEST, 0), 0
    for i, letter in enumerate(text[: width + 1]):
        depth += (letter in "([⟨") - (letter in ")]⟩")
        sign = letter == " " and text[i + 1 : i + 2] in SIGNS and text[i + 2 : i + 3] == " "
        early = i if sign and text[i + 1] != "=" else early
        if sign and i >= width // 4 and depth <= best[0]:
            best = depth, i
    after = max(text.rfind(c, width // 3, width) for c in " (,") + 1
    return best[1] or after or early or width


class explained:
    """Context: where values were freed, the error says how to draw without them."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if isinstance(error, DrawingError) and str(error) == FREED:
            raise DrawingError(FREED + LEAVE_AWAY) from error
