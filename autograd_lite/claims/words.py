"""What a report calls the values of a program: their names, or the steps that made them."""

import numpy as np

from autograd_lite.graph import Edge

BETWEEN = {
    "add": " + ",
    "subtract": " − ",
    "multiply": " ⊙ ",
    "matmul": " @ ",
    "divide": " / ",
    "power": "^",
    "dot": " @ ",
}
POWERS = {"2": "²", "3": "³"}
DEEPEST, LONGEST = 4, 60
ORDINALS = ("first", "second", "third")


def name_of(trace, edge, depth=DEEPEST) -> str:
    """The name of a tensor, or the expression that made it if that is short."""
    if edge.index in trace.names:
        return trace.names[edge.index]
    node = edge.node
    if node.op is None:
        return "x"
    if depth == 0:
        return f"{node.op.name}(…)"
    operands = [operand(trace, node, i, depth - 1) for i in range(len(node.inputs))]
    text = written(node, operands)
    return text if len(text) <= LONGEST else f"{node.op.name}(…)"


def written(node, operands):
    name = node.op.name
    if name == "power" and operands[1] in POWERS:
        return bracketed(operands[0]) + POWERS[operands[1]]
    if name == "square":
        return bracketed(operands[0]) + "²"
    if name in BETWEEN and len(operands) == 2:
        return BETWEEN[name].join(map(bracketed, operands))
    if name == "negative":
        return "−" + bracketed(operands[0])
    if name in ("getitem", "transpose", "matrix_transpose", "astype", "reshape"):
        end = {"getitem": "[…]", "transpose": ".T", "matrix_transpose": ".T"}.get(name, "")
        return bracketed(operands[0]) + end
    axis = dict(zip(node.op.static, node.values.static, strict=True)).get("axis")
    options = [] if axis is None else [f"axis={axis}"]
    return f"{name}({', '.join([*operands, *options])})"


def bracketed(text):
    """A text in parentheses if it has an operator outside of all parentheses."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign in "([") - (sign in ")]")
        if depth == 0 and (sign == " " or (sign == "−" and at == 0)):
            return f"({text})"
    return text


def operand(trace, node, i, depth):
    x = node.inputs[i]
    if isinstance(x, Edge):
        return name_of(trace, x, depth)
    value = node.values.operands[i]
    return constant_name(trace, value)


def constant_name(trace, value):
    """The variable that has this value, or a number; else what it is."""
    for name, array in trace.constants.items():
        if np.shape(value) == array.shape and np.array_equal(value, array):
            return name
    if np.ndim(value) == 0 and value is not None:
        return number(value)
    return f"constant {np.shape(value)}" if value is not None else ""


def number(value) -> str:
    """A short text of a number; simple fractions as such."""
    value = float(np.real(value))
    for below in (1, 2, 3, 4):
        over = value * below
        if abs(over - round(over)) < 1e-7 * max(1, abs(over)):
            text = f"{round(over)}" if below == 1 else f"{round(over)}/{below}"
            return text.replace("-", "−")
    return f"{value:.6g}".replace("-", "−")


def times(c, text) -> str:
    return {1: text, -1: f"−{text}"}.get(c, f"{number(c)} {text}")


def gradient_name(problem, text) -> str:
    """What the derivative by something is called."""
    top = "out" if problem.mode == "jacobian" else "e" if problem.mode == "gradient" else "L"
    return f"∂{top}/∂{text if text.isidentifier() else '(' + text + ')'}"


def shape_text(shape) -> str:
    return str(tuple(shape))
