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
    "module": box("box", PARAMETER, "#E3F4EE", "rounded,filled"),
    "module backward": box("box", BACKWARD, "#FDF0E6", "rounded,filled"),
    "sum": box("circle", FORWARD, "white", fixedsize="true", width=".36", fontsize="14"),
    "tensor": box("box", INK, "white", margin="0"),
    "parameter tensor": box("box", PARAMETER, "#E3F4EE", margin="0", peripheries="2"),
    "constant tensor": box("box", CONSTANT, "#F3F3F3", "filled,dashed", margin="0"),
    "fork": {"shape": "point", "width": ".09", "height": ".09", "color": FORWARD},
    "merge": box("circle", BACKWARD, "white", fixedsize="true", width=".40", penwidth="2",
                 fontsize=str(MERGE_SIZE)),
}  # fmt: skip

ARROWS = {
    "forward": {"color": FORWARD},
    "parameter": {"color": PARAMETER},
    "constant": {"color": CONSTANT},
    "backward": {"color": BACKWARD, "arrowhead": "vee", "fontcolor": BACKWARD},
    "gradient": {
        "color": BACKWARD,
        "arrowhead": "vee",
        "style": "dashed",
        "constraint": "false",
        "weight": "0",
    },
}
STRAIGHT = {"weight": "8"}  # the main chain

CLUSTER = {"color": MUTED, "fillcolor": "#FAFAFA", "fontcolor": INK, "fontname": FONT,
           "labeljust": "r", "labelloc": "b", "margin": "14", "penwidth": "1.3",
           "style": "rounded,filled"}  # fmt: skip

CELL_WIDTH, CELL_HEIGHT, CELL_BORDER, NUMBER_SIZE = 42, 18, "#C8C8C8", 9
WARNING = "#B00020"  # NaN and infinity
GREENS = ("white", "#EAF3E6", "#D0E7C8", "#B3D8A8", "#92C784")
PURPLES = ("white", "#F1E9F3", "#E0CEE6", "#CDB0D6", "#B893C4")


def tint(step: int) -> str:
    """The colour behind a number of tint −4 … 4."""
    return GREENS[step] if step >= 0 else PURPLES[-step]
