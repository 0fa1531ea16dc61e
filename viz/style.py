"""Colours and shapes of the drawings: one table, so that all drawings speak one language.

Direction and role are never told by colour alone: gradients have an open arrowhead and a label
with ∂, parameters a double border, constants a dashed one, a loss a double circle.
"""

INK, MUTED, KEPT = "#1A1A1A", "#595959", "#8A6A00"
FORWARD, BACKWARD = "#0072B2", "#B84A00"
PARAMETER, CONSTANT = "#00795A", "#767676"
TEXT_SIZE, SMALL_SIZE, EDGE_SIZE, MERGE_SIZE = 12, 9, 11, 20

FONT = "Arial"
WEB_FONTS = "Arial,Liberation Sans,Helvetica,DejaVu Sans,sans-serif"

GRAPH = {
    "bgcolor": "white",
    "nodesep": ".32",
    "pad": ".12",
    "ranksep": ".42",
    "splines": "spline",
}
NODE = {
    "fontcolor": INK,
    "fontname": FONT,
    "fontsize": str(TEXT_SIZE),
    "height": "0",
    "margin": ".1,.06",
    "penwidth": "1.3",
    "width": "0",
}
EDGE = {
    "arrowsize": ".7",
    "fontcolor": INK,
    "fontname": FONT,
    "fontsize": str(EDGE_SIZE),
    "penwidth": "1.3",
}


def box(shape, color, fill, style="filled", **more):
    return {"shape": shape, "color": color, "fillcolor": fill, "style": style, **more}


BOXES = {
    "op": box("box", FORWARD, "#EAF3FA", "rounded,filled"),
    "op backward": box("box", BACKWARD, "#FDF0E6", "rounded,filled"),
    "input": box("ellipse", INK, "white", margin=".04,.03", width=".55"),
    "parameter": box("box", PARAMETER, "#E3F4EE", peripheries="2"),
    "constant": box("ellipse", CONSTANT, "#F3F3F3", "filled,dashed", margin=".04,.03", width=".45"),
    "loss": box("doublecircle", INK, "white", margin=".03"),
    "output": box("ellipse", INK, "white", peripheries="2", margin=".04,.03", width=".55"),
    "seed": box("box", INK, "white", "rounded,filled", peripheries="2"),
    "input gradient": box("box", INK, "white"),
    "parameter gradient": box("box", PARAMETER, "#E3F4EE", peripheries="2"),
    "fork": {"shape": "point", "width": ".09", "height": ".09", "color": FORWARD},
    "merge": box("circle", BACKWARD, "white", fixedsize="true", width=".40", penwidth="2",
                 fontsize=str(MERGE_SIZE)),
}  # fmt: skip

ARROWS = {
    "forward": {"color": FORWARD},
    "parameter": {"color": PARAMETER},
    "constant": {"color": CONSTANT},
    "backward": {"color": BACKWARD, "arrowhead": "vee", "fontcolor": BACKWARD},
}
STRAIGHT = {"weight": "8"}  # the main chain
