"""The panel of one operation of the backward pass: for each input the formula, the product with the
transposed Jacobian in numbers, why it has a simpler form, and how contributions add."""

from math import prod

import numpy as np

from viz.formulas import notation, unicode
from viz.formulas.markup import transposed
from viz.html import Markup, element, joined
from viz.page.figures import LIMIT, columns, drawable
from viz.page.lesson import Lesson, Shortcut
from viz.page.panel_parts import counted, heading, math, partial_text, plain, separated, sign, word

SIGNS = {"outer": "·"}
COMPLEX = "Where numbers are complex, the Jacobian is not drawn."
COLUMNS = 10  # of figures beside each other in half the width of the page


class BackwardPanel:
    """One step backward, written for the page."""

    def __init__(self, panel, node):
        self.panel = panel
        self.story = panel.story
        self.program = panel.program
        self.node = node
        self.lesson = Lesson(self.story, node)
        self.figure = panel.figures.figure

    def html(self) -> Markup:
        received = self.story.received(self.node)
        sections = [self.contribution(box, part) for box, part in received]
        done = {box.key: box for box, part in received
                if len(box.parts) > 1 and part.place == len(box.parts)}  # fmt: skip
        sections += [self.merge(box) for box in done.values()]
        if not received:
            sections.append(element("section", element("p", "Its rule sends nothing back.")))
        return joined(*sections, self.reads())

    # --- one contribution -------------------------------------------------------------------
    def contribution(self, box, part):
        several = len(box.parts) > 1
        badge = element("span", f"⊕ contribution {part.place} of {len(box.parts)}", class_="badge")
        top = heading("Gradient of ", word(box.name), " ", badge if several else None)
        if twin := self.twin(box, part):
            note = element("p", f"The same once more, number by number: contribution {twin.place}.")
            return element("section", top, self.formula(box, part), note, self.follows(box, part))
        terms = self.lesson.terms(box, part)
        shorter = self.shorter(part, terms)
        wide = self.columns(terms, part, shorter) > COLUMNS
        return element(
            "section", top, self.formula(box, part), self.product(box, part, terms),
            *self.sentences(terms),
            self.short(box, part, shorter, terms[0].jacobian is not None) if shorter else None,
            self.follows(box, part), class_="wide" if wide else None,
        )  # fmt: skip

    def follows(self, box, part):
        """Where the next contribution comes from, if one is missing and does not come here."""
        following = box.parts[part.place : part.place + 1]
        if not following or following[0].node is self.node:
            return None
        step = 1 + next(i for i, step in enumerate(self.story.steps)
                        if step.kind == "backward" and step.node is following[0].node)  # fmt: skip
        link = element("a", following[0].node.op.name, href=f"#{step}")
        return element("p", f"Contribution {part.place + 1} follows: ", link, ".")

    def twin(self, box, part):
        """An earlier contribution of the same operation that is the same, as of x in x · x."""
        sent = self.sent() if self.lesson.affordable else {}
        for other in box.parts[: part.place - 1]:
            here = other.node is self.node and part.slot in sent
            if here and plain(sent[other.slot]) == plain(sent[part.slot]):
                return other
        return None

    def sent(self):
        """What goes to each argument, as expressions."""
        return {c.slot: c.symbol for c in self.panel.pull(self.node).contributions}

    def columns(self, terms, part, shorter):
        """Of the widest line of figures."""
        counts = [sum(t.jacobian.shape[0] + 1 for t in terms if t.jacobian is not None) + 1]
        if shorter:
            forms, form = orientation(shorter)
            pairs = [*zip(shorter.factors, forms, strict=True), (part.array, form)]
            counts.append(sum(columns(getattr(x, "value", x), form) for x, form in pairs))
        return max(counts)

    def formula(self, box, part):
        """∂e/∂x₃ = …, or `to x: …` where it is one contribution of several."""
        if len(box.parts) == 1:
            return quoted(box)
        if not self.lesson.affordable:
            return element("p", "The arrays are too large to print the formula.", class_="note")
        sent = self.sent()[part.slot]
        return element("p", "to ", word(box.name), ": ", math(sent), class_="formula")

    # --- the product with the transposed Jacobian -------------------------------------------
    def product(self, box, part, terms):
        """Jacobianᵀ · incoming + … = outgoing, as grids."""
        if not terms:
            return None
        if any(term.jacobian is None for term in terms):
            return joined(*(self.size_of(box, term) for term in terms))
        products = [joined(self.jacobian(box, part, term), sign("·"),
                           self.gradient(term.output, "vec")) for term in terms]  # fmt: skip
        return element("div", *separated(products, "+"), sign("="),
                       self.outgoing(box, part, "vec"), class_="equation")  # fmt: skip

    def jacobian(self, box, part, term):
        caption = joined("(∂", vec(term.output), "/∂", vec(box), ")ᵀ")
        return self.figure(term.jacobian.T, caption, "", "jacobian", box.key, term.output.key,
                           part.slot, title=vec_title(box, term.output))  # fmt: skip

    def gradient(self, box, form=""):
        return self.figure(box.gradient, None, form, "gradient", box.key)

    def outgoing(self, box, part, form="", caption=None):
        """What arrives: the gradient of the input, or one contribution to it."""
        if caption is None and len(box.parts) > 1:
            caption = f"{partial_text(self.program, box)} {part.place} of {len(box.parts)}"
        return self.figure(part.array, caption, form, "part", box.key, part.place,
                           part.slot)  # fmt: skip

    def size_of(self, box, term):
        """A Jacobian that is not drawn, in words."""
        rows, columns = term.shape
        if "c" in (term.output.edge.dtype.kind, box.edge.dtype.kind):
            return element("p", COMPLEX, class_="muted")
        count = ""
        if term.nonzeros is not None:
            count = f" {counted(term.nonzeros)} of {counted(rows * columns)} entries are not zero;"
        name = joined("∂", vec(term.output), "/∂", vec(box))
        return element("p", "Jacobian ", name, f" {rows, columns}:", count, " too large to draw.",
                       class_="muted")  # fmt: skip

    def sentences(self, terms):
        """The structure of the Jacobian, and what follows from it."""
        said = set()
        for term in terms:
            found = term.structure
            if found.kind not in said:
                said.add(found.kind)
                phrase = self.panel.figures.phrase(f"{found.text}.", found.sentence)
                yield element("p", data_structure=found.kind, data_phrase=phrase)

    # --- the shorter way --------------------------------------------------------------------
    def shorter(self, part, terms) -> Shortcut | None:
        """The rule as one operation on numbers, where the product above does not say it already."""
        if len(terms) != 1 or terms[0].structure.kind in ("identity", "row"):
            return None
        found = self.lesson.shortcut(part)
        if found is None or not drawable(part.array, *(f.value for f in found.factors)):
            return None
        J = terms[0].jacobian
        if J is not None and np.array_equal(found.factors[0].value, J.T):
            return None
        return found

    def short(self, box, part, found, again):
        """again : whether the same numbers stand above."""
        forms, form = orientation(found)
        return element("div", *self.factors(found, forms, box, part), sign("="),
                       self.outgoing(box, part, form, "same numbers" if again else None),
                       class_="equation shortcut")  # fmt: skip

    def factors(self, found: Shortcut, forms, box, part):
        if found.minus:
            yield sign("−")
        if found.sign == "Σ":
            axes = "all axes" if found.axis is None else f"axis {found.axis}"
            yield sign(f"Σ over {axes} of")
        for i, (factor, form) in enumerate(zip(found.factors, forms, strict=True)):
            if i:
                yield sign(SIGNS.get(found.sign, found.sign))
            symbol = notation.markup(factor)
            if factor.text is not None and factor.known and not factor.ndim:
                yield sign(unicode.write(symbol))  # a number
                continue
            if form == "row" and found.sign == "outer":
                symbol = transposed(symbol)
            yield self.figure(factor.value, unicode.write(symbol), form, "factor", box.key,
                              part.place, i)  # fmt: skip

    # --- merges -----------------------------------------------------------------------------
    def merge(self, box):
        """Contribution + contribution = total, when the last has arrived."""
        count = len(box.parts)
        why = element(
            "p", word(box.name), f" was used {times(count)}. A small change of it changes ",
            word(self.story.root.name), " along each path from there, and the changes add up. So "
            "do the contributions, in the order in which they arrive.",
        )  # fmt: skip
        return element(
            "section", heading("⊕ All contributions to ", word(box.name), " are here"), why,
            self.sum(box), quoted(box),
        )  # fmt: skip

    def sum(self, box):
        arrays = [part.array for part in box.parts]
        if not drawable(box.gradient, *arrays) or len(arrays) > LIMIT:
            return None
        row = [self.outgoing(box, part, "column", f"{part.place}: via {part.node.op.name}")
               for part in box.parts]  # fmt: skip
        return element("div", *separated(row, "+"), sign("="), self.gradient(box, "column"),
                       class_="equation")  # fmt: skip

    # --- what was read ----------------------------------------------------------------------
    def reads(self):
        kept = self.panel.kept[self.node.index]
        items = [element("li", element("b", math(k.symbol)), f" {counted(k.array.nbytes)} bytes")
                 for k in kept]  # fmt: skip
        nothing = element("p", "Nothing: the incoming gradient is enough.")
        return element("section", heading("Read from the forward pass"),
                       element("ul", *items, class_="kept") if items else nothing)  # fmt: skip


def quoted(box) -> Markup:
    """The equation of a gradient, which stands once in the page: at the end of the story."""
    return element("p", class_="formula", data_quote=box.key)


def times(count: int) -> str:
    return {2: "twice", 3: "three times"}.get(count, f"{count} times")


def vec(box) -> Markup:
    """vec H: the entries of a matrix, one below the other."""
    many = len(box.shape) > 1 and prod(box.shape) > 1
    return joined("vec ", box.name) if many else joined(box.name)


def vec_title(*boxes):
    names = [box.name for box in boxes if len(box.shape) > 1]
    return f"vec: the entries of {' and '.join(names)} row by row" if names else None


def orientation(found: Shortcut) -> tuple[list[str], str]:
    """How the vectors of a shortcut and its result are drawn."""
    forms = ["column" for _ in found.factors]
    if found.sign == "outer":
        return ["column", "row"], "column"
    if found.sign == "·" and found.factors[0].ndim == 1:  # a vector from the left is a row
        return ["row", "column"], "row"
    if found.sign in ("⊙", "/") and any(factor.ndim > 1 for factor in found.factors):
        return ["row" for _ in found.factors], "row"  # as NumPy broadcasts
    return forms, "row" if found.sign == "Σ" and found.axis in (0, (0,)) else "column"
