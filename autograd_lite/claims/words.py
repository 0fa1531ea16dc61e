"""What a report calls the values of a program, in the notation of the printed formulas.

The user's names first; then short expressions; a longer one is called x₁ …, and is said once.
"""

import re

import numpy as np

from autograd_lite.graph import Edge, outputs_of

LONGEST = 24  # of an expression that is written out each time
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
SUM, TIMES, PRODUCT, ATOM = range(4)  # how tightly an expression holds together
BETWEEN = {  # sign, and what its operands need for want of parentheses
    "add": (" + ", SUM, SUM),
    "subtract": (" − ", SUM, TIMES),
    "multiply": (" ⊙ ", TIMES, TIMES),
    "divide": (" / ", PRODUCT, PRODUCT),
    "matmul": (" ", PRODUCT, PRODUCT),
    "dot": (" ", PRODUCT, PRODUCT),
    "power": ("^", ATOM, ATOM),
}
BEHIND = {"square": "²", "transpose": "ᵀ", "matrix_transpose": "ᵀ", "getitem": "[…]"}
ITSELF = ("astype", "reshape", "copy")


def shown(name: str) -> str:
    """A name as formulas print it: x3 as x₃."""
    numbered = re.fullmatch(r"([^\W\d_]+)_?(\d+)", name)
    return numbered[1] + numbered[2].translate(SUBSCRIPTS) if numbered else name


def name_of(trace, edge) -> str:
    """The name of a tensor of a trace, or the expression that made it."""
    if not trace.labels:
        trace.labels = labelled(trace)
    return trace.labels[edge.index]


def labelled(trace):
    labels = {index: shown(name) for index, name in trace.names.items()}
    words = trace.problem.words
    if trace.root is not None and trace.root.index not in labels:
        labels[trace.root.index] = result_name(trace)
    known = []
    if (whole := trace.whole) is not None:  # taken apart: what is the same is called the same
        name_of(whole, whole.root)
        known = [(whole.labels[i], v) for i, v in whole.values.items()]
    for node in trace.nodes:
        for edge in filter(None, outputs_of(node)):
            if edge.index in labels:
                continue
            value = trace.values[edge.index]
            same = (n for n, v in known if v.shape == value.shape and np.allclose(v, value, 1e-9))
            text = next(same, None) or expression(trace, node, labels)
            labels[edge.index] = text if len(text) <= LONGEST else words.numbered(text)
    return labels


def result_name(trace):
    """What the value of f is called if f gives it no name, as in a printed formula."""
    first = "e" if trace.out.ndim == 0 else "y"
    taken = {*trace.names.values(), *trace.constants}
    name = next(n for n in (first, "out", "value of f") if n not in taken)
    trace.problem.words.defined[name] = "f"
    return name


class Words:
    """The expressions that have got a number: label -> expression, and what is called so."""

    def __init__(self, taken):
        self.defined: dict[str, str] = {}
        self.taken = {shown(n) for n in taken}

    def numbered(self, text) -> str:
        for label, expression in self.defined.items():
            if expression == text:
                return label
        names = (shown(f"x{n}") for n in range(1, 1000))
        label = next(n for n in names if n not in self.taken and n not in self.defined)
        self.defined[label] = text
        return label

    def where(self, text) -> list[str]:
        """What the labels in a text stand for, and the labels in that."""
        found: dict[str, str] = {}
        left = [text]
        while left:
            text = left.pop()
            for label, expression in self.defined.items():
                if label not in found and re.search(rf"(?<!\w){label}(?![\w₀-₉]|/∂)", text):
                    found[label] = expression
                    left.append(expression)
        return [f"{n} is what f returns" if t == "f" else f"{n} = {t}" for n, t in found.items()]


def expression(trace, node, labels):
    operands = [operand(trace, node, i, labels) for i in range(len(node.inputs))]
    name = node.op.name
    if name == "power" and operands[1] in "23":
        return bracketed(operands[0]) + "  ²³"[int(operands[1])]
    if name in BETWEEN and len(operands) == 2:
        sign, left, right = BETWEEN[name]
        if sign == " " and holds(operands[0]) == ATOM and node.values.operands[0].ndim == 1:
            sign = "ᵀ "
        if name == "multiply" and any(np.ndim(v) == 0 for v in node.values.operands):
            sign, left, right = BETWEEN["matmul"]
        return bracketed(operands[0], left) + sign + bracketed(operands[1], right)
    if name == "negative":
        return "−" + bracketed(operands[0], TIMES)
    if name in BEHIND:
        return bracketed(operands[0]) + BEHIND[name]
    if name in ITSELF:
        return operands[0]
    axis = static(node).get("axis")
    usual = axis is None or (axis == -1 and "softmax" in name)
    options = [] if usual else [f"axis={axis}".replace("-", "−")]
    if name == "absolute":
        return f"|{operands[0]}|"
    return f"{name}({', '.join([*filter(None, operands), *options])})"


def static(node) -> dict:
    """The arguments of an operation that are no arrays, by name."""
    return dict(zip(node.op.static, node.values.static, strict=True))


def holds(text) -> int:
    """How tightly a text holds together."""
    depth, found = 0, ATOM
    for at, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if depth == 0 and sign in "+−" and (at == 0 or text[at - 1] == " "):
            return SUM
        if depth == 0 and text[at - 1 : at + 1] in (" ⊙", " /"):
            found = TIMES
        if depth == 0 and sign == " ":
            found = min(found, PRODUCT)
    return found


def bracketed(text, needed=ATOM) -> str:
    """A text in parentheses if it would fall apart."""
    return text if holds(text) >= needed else f"({text})"


def form(template, name) -> str:
    """A factor made of a value, such as 1 − {v}², for the value of this name."""
    return template.format(v=name if "[{v}" in template else bracketed(name))


def operand(trace, node, i, labels=None) -> str:
    x = node.inputs[i]
    if isinstance(x, Edge):
        return labels[x.index] if labels else name_of(trace, x)
    return constant_name(trace, node.values.operands[i])


def constant_name(trace, value) -> str:
    """The variable that has this value, or a number; else what it is."""
    for name, array in trace.constants.items():
        if np.shape(value) == array.shape and np.array_equal(value, array):
            return shown(name)
    if value is None:
        return ""
    if np.ndim(value) == 0 or np.size(value) == 1:
        return number(np.ravel(value)[0])
    return "an array " + str(np.shape(value)).replace(" ", "")


def number(value) -> str:
    """A short text of a number; simple fractions as such."""
    if isinstance(value, (bool, np.bool_, str)) or np.imag(value):
        return str(value)
    value = float(np.real(value))
    for below in (1, 2, 3, 4):
        over = value * below
        if abs(over) < 1e6 and abs(over - round(over)) < 1e-7 * max(1, abs(over)):
            text = f"{round(over)}" if below == 1 else f"{round(over)}/{below}"
            return text.replace("-", "−")
    return f"{value:.4g}".replace("-", "−")


def times(c, text) -> str:
    """A number times something: −x, 2 x, 1/n."""
    return {1: text, -1: f"−{text}"}.get(c, f"{number(c)} {text}")


def gradient_name(problem, text) -> str:
    """What the derivative by something is called."""
    top = "y" if problem.mode == "jacobian" else "e"
    return f"∂{top}/∂{text if re.fullmatch(r'[^ ()|²³ᵀ]+', text) else '(' + text + ')'}"


def along(axis) -> str:
    return "over all entries" if axis is None else f"along axis {axis}".replace("-", "−")
