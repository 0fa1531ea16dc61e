"""The structure of a Jacobian in words: a short line for a drawing, a sentence for a lesson."""

import numpy as np

from viz.jacobians.linear import flat
from viz.jacobians.matrix_names import Words, matrix, name, number_text, rank_one, repeated


# --- the short line -----------------------------------------------------------------------------
def text_of(w: Words) -> str:
    """A short line, such as 'J diagonal, so ⊙'."""
    return f"J {TEXTS[w.kind](w)}"


def diagonal_text(w: Words) -> str:
    if w.paired:
        return "diagonal in pairs (Re, Im), so entry by entry"
    if len(w.terms) == 1 and not any(f.over or f.mask for f in w.term.factors):
        text = number_text(w.term)
        return f"= {text}" if text else "a number times I, so a number times the gradient"
    return "diagonal, so ⊙"


def copy_text(w: Words) -> str:
    axes = w.axes(w.sides[2], w.term.g)
    scales = "" if w.term.scale == 1 else " and scales"
    if not w.sides[2]:
        return "a permutation times a number, so scaled and put in order"
    if not axes:
        return f"copies entries{scales}, so Σ over the copies"
    if len(flat(w.term.axes)) == 0 and axes:
        return f"copies one number{scales}, so Σ"
    return f"copies over {axes}{scales}, so Σ over {axes}"


def sum_text(w: Words) -> str:
    t, ours = w.term, w.sides[1]
    if t.maps:
        return "adds entries into places, so the gradient is picked from there"
    if any(f.mask for f in t.factors):
        return "sums where a condition holds, so the gradient is spread, then a mask"
    count = float(np.prod([i.size for i in ours]))
    averages = t.scale is not None and np.isclose(t.scale * count, 1)
    verb = "sums" if t.scale == 1 else "averages" if averages else "sums and scales"
    axes = w.axes(ours, t.axes)
    over = "all entries" if not flat(t.g) else axes or "groups of entries"
    return f"{verb} over {over}, so the gradient is spread"


def selection_text(w: Words) -> str:
    if not w.term.maps:
        return "selects by a mask, so a mask, then Σ"
    if not all(m.from_one for t in w.terms for m in t.maps):
        return "picks entries, some perhaps again, so gradients are added in their places"
    if np.prod(w.output_shape) < np.prod(w.input_shape):
        return "picks entries, so the gradient is put back in their places"
    return "puts entries in places, so the gradient is picked from there"


def block_text(w: Words) -> str:
    _, ours, theirs = w.sides
    named = repeated(w)
    what = f"= {named}, a block" if named else "has a block"
    if len(w.terms) > 1 or w.term.maps:
        return f"{what} for each {w.each()}"
    if ours and theirs:
        return f"{what} for each {w.each()}, so a matrix product"
    if theirs:
        axes = w.axes(theirs, w.term.g)
        where = f" over {axes}" if axes else ""
        what = f"= {named}, a copy{where}," if named else f"copies{where} and scales,"
        return f"{what} so ⊙, then Σ{where}"
    if not ours:
        return "one scaled entry in each row, so ⊙ and put in order"
    how = "an outer product" if named else "the gradient is spread, then ⊙"
    return f"{what} for each {w.each()}, so {how}"


def rank_one_text(w: Words) -> str:
    named = rank_one(w)
    where = f" for each {w.each()}" if w.sides[0] else ""
    return (f"= {named}" if named else "diagonal − rank one") + where


def dense_text(w: Words) -> str:
    block = matrix(w.weight(), w.sides[2], w.sides[1])
    return (f"= {block}" if block else "dense") + ", so a matrix product"


TEXTS = {
    "zero": lambda w: "= 0",
    "identity": lambda w: "= I",
    "permutation": lambda w: "a permutation, so the gradient is put in order",
    "0/1 diagonal": lambda w: "0/1 diagonal, so a mask",
    "diagonal": diagonal_text,
    "copy": copy_text,
    "sum": sum_text,
    "selection": selection_text,
    "row": lambda w: "one row, scaled by the incoming number",
    "column": lambda w: "one column, so an inner product",
    "diagonal − rank one": rank_one_text,
    "block": block_text,
    "dense": dense_text,
}


# --- the sentence -------------------------------------------------------------------------------
def sentence_of(w: Words) -> str:
    """One or two sentences: which operator and why."""
    return SENTENCES[w.kind](w)


def condition(w: Words) -> str:
    weight = w.weight()
    text = name(weight.constant) if weight else ""
    return f"where {text}" if text else "where the condition holds"


def diagonal_sentence(w: Words) -> str:
    alone = "Each output depends on the input at the same place alone, so J is diagonal"
    text = diagonal_text(w)
    if w.paired:
        return ("Each output depends on the input at the same place alone: on its real and its "
                "imaginary part, which act as a pair of numbers. So the gradient is computed entry "
                "by entry.")  # fmt: skip
    if text.startswith("="):
        return f"{alone}, with the same number everywhere: J {text}."
    return f"{alone}, and a product with a diagonal matrix is elementwise: ⊙."


def copy_sentence(w: Words) -> str:
    if not w.sides[2]:
        return SENTENCES["permutation"](w)
    axes = w.axes(w.sides[2], w.term.g)
    along, over = (f" along {axes}", f" over {axes}") if axes else ("", "")
    return (f"The forward pass uses every entry of the input several times{along}. Each use "
            f"sends a gradient back, and they add up: Σ{over}.")  # fmt: skip


def product_sentence(w: Words) -> str:
    _, ours, theirs = w.sides
    if w.kind == "block":
        named, each = repeated(w), w.each()
        start = {
            "output": "Each output has inputs of its own",
            "row": "An output depends only on inputs of its own row",
            "column": "An output depends only on inputs of its own column",
        }.get(each, f"An output depends only on inputs that share its {each}")
        start += ", so J has a block for each and zeros elsewhere"
    else:
        named = matrix(w.weight(), theirs, ours)
        start = "Each output depends on all inputs"
    start += f": J = {named}" if named else ""
    if ours and theirs:
        return (f"{start}. Going back, an input collects from every output that it went into: a "
                "sum over the rows of J, hence the transpose.")  # fmt: skip
    if theirs:
        return (f"{start}. An input goes into several outputs, each time with a factor: the "
                "gradients times these factors add up.")  # fmt: skip
    return (f"{start}. An output collects from several inputs, and each of them gets its gradient "
            "times the factor it had.")  # fmt: skip


SENTENCES = {
    "zero": lambda w: "The output does not depend on this input, so its gradient is 0.",
    "identity": lambda w: "Each output is the input at the same place, so J = I and the gradient "
                          "passes unchanged.",
    "permutation": lambda w: "The outputs are the inputs in another order, so J is a permutation: "
                             "its transpose puts the gradient back in the order of the input.",
    "0/1 diagonal": lambda w: "Each output is the input at the same place, or does not depend on "
                              f"it. The gradient passes {condition(w)}, and stops elsewhere.",
    "diagonal": diagonal_sentence,
    "copy": copy_sentence,
    "sum": lambda w: "Every input is one summand of an output, so each gets the gradient of its "
                     "sum" + ("" if w.term.scale == 1 else ", times the number that scales it")
                     + ": the gradient is spread.",
    "selection": lambda w: "Each output is one entry of the input, or none. Its gradient goes "
                           "back to that entry, added up if several outputs used it; an entry that "
                           "was not used gets 0.",
    "row": lambda w: "The output is one number, so J is one row, and the incoming gradient, a "
                     "number, multiplies it.",
    "column": lambda w: "The input is one number that all outputs use: the gradients of the "
                        "outputs, each times its derivative, add up to an inner product.",
    "diagonal − rank one": lambda w: "An output depends on the input at its place, and on all "
                                     "others through one common number. So Jᵀ g needs no matrix: "
                                     "one sum, then ⊙.",
    "block": product_sentence,
    "dense": product_sentence,
}  # fmt: skip
