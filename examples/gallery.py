"""Write the pictures of the README again: `python examples/gallery.py`."""

from pathlib import Path

import viz
from autograd_lite import Tensor, functional as F

PICTURES = Path(__file__).parent / "pictures"


def residual_layer():
    """The layer y = relu(H x + v) + x with softmax cross entropy, and names for its tensors."""
    x = Tensor([1.0, 0.5, 2.0], requires_grad=True)
    H = Tensor([[0.5, -1.0, 0.25], [-1.0, 0.5, -0.5], [0.0, 0.75, 0.5]], requires_grad=True)
    v = Tensor([0.25, 0.5, -0.25], requires_grad=True)
    p = Tensor([1.0, 0.0, 0.0], name="p*")
    x2 = H @ x
    x3 = x2 + v
    x4 = F.relu(x3)
    y = x4 + x
    e = F.cross_entropy(y, p)
    return locals()


if __name__ == "__main__":
    names = residual_layer()
    PICTURES.mkdir(exist_ok=True)
    for name, draw in (("forward", viz.draw), ("backward", viz.draw_backward)):
        picture = PICTURES / f"residual_{name}.svg"
        draw(names["e"], names=names, inputs=["x"]).render(outfile=picture, cleanup=True)
        print(picture)
