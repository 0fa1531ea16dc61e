"""Convolution, its transpose, and the gradient of the weights."""

from sampling import S

from autograd_lite.rules import convolution as c

ONE = dict(stride=(1,), padding=((0, 0),), dilation=(1,), groups=1)

# fmt: off
ROWS = [
    S(c.conv1d, (2, 2, 4), (3, 2, 2), (3,)), S(c.conv1d, (1, 2, 5), (2, 1, 2), stride=2, padding=1, groups=2),
    S(c.conv2d, (1, 2, 3, 4), (2, 2, 2, 3), padding="same"), S(c.conv2d, (1, 1, 4, 4), (1, 1, 2, 2), (1,), dilation=2, stride=(2, 1)),
    S(c.conv2d, (1, 4, 2, 2), (2, 2, 2, 1), groups=2), S(c.conv3d, (1, 1, 2, 3, 2), (1, 1, 2, 2, 1)),
    S(c.conv_transpose1d, (1, 2, 3), (2, 1, 2), (1,), stride=2, output_padding=1), S(c.conv_transpose2d, (1, 2, 2, 2), (2, 1, 2, 2), padding=1),
    S(c.conv_transpose3d, (1, 1, 1, 2, 1), (1, 1, 1, 2, 2)),
    S(c.convolved, (1, 2, 3), (1, 2, 2), (1,), **ONE), S(c.conv_input, (1, 2, 2), (2, 1, 2), size=(3,), **ONE),
    S(c.conv_weight, (1, 2, 2), (1, 1, 3), kernel=(2,), **ONE),
]
# fmt: on
