"""Functions of neural networks: call them with Tensors, or with arrays for the plain value."""

from autograd_lite.batch_norm import batch_norm as batch_norm
from autograd_lite.rules.activations import (
    log_softmax as log_softmax,
    logsumexp as logsumexp,
    one_hot as one_hot,
    relu as relu,
    sigmoid as sigmoid,
    softmax as softmax,
    tanh as tanh,
)
from autograd_lite.rules.attention import (
    scaled_dot_product_attention as scaled_dot_product_attention,
)
from autograd_lite.rules.cells import (
    gru_cell as gru_cell,
    lstm_cell as lstm_cell,
    rnn_cell as rnn_cell,
)
from autograd_lite.rules.convolution import (
    conv1d as conv1d,
    conv2d as conv2d,
    conv3d as conv3d,
    conv_transpose1d as conv_transpose1d,
    conv_transpose2d as conv_transpose2d,
    conv_transpose3d as conv_transpose3d,
)
from autograd_lite.rules.cross_entropy import cross_entropy as cross_entropy
from autograd_lite.rules.gaussian import gelu as gelu
from autograd_lite.rules.layers import (
    bilinear as bilinear,
    dropout as dropout,
    embedding as embedding,
    linear as linear,
)
from autograd_lite.rules.losses import (
    binary_cross_entropy_with_logits as binary_cross_entropy_with_logits,
    hinge_loss as hinge_loss,
    huber_loss as huber_loss,
    kl_div as kl_div,
    l1_loss as l1_loss,
    mse_loss as mse_loss,
    nll_loss as nll_loss,
)
from autograd_lite.rules.normalisation import (
    group_norm as group_norm,
    layer_norm as layer_norm,
    rms_norm as rms_norm,
)
from autograd_lite.rules.pooling import (
    adaptive_avg_pool1d as adaptive_avg_pool1d,
    adaptive_avg_pool2d as adaptive_avg_pool2d,
    adaptive_avg_pool3d as adaptive_avg_pool3d,
    adaptive_max_pool1d as adaptive_max_pool1d,
    adaptive_max_pool2d as adaptive_max_pool2d,
    adaptive_max_pool3d as adaptive_max_pool3d,
    avg_pool1d as avg_pool1d,
    avg_pool2d as avg_pool2d,
    avg_pool3d as avg_pool3d,
    max_pool1d as max_pool1d,
    max_pool2d as max_pool2d,
    max_pool3d as max_pool3d,
)
from autograd_lite.rules.units import (
    celu as celu,
    elu as elu,
    glu as glu,
    hardtanh as hardtanh,
    leaky_relu as leaky_relu,
    log_sigmoid as log_sigmoid,
    mish as mish,
    selu as selu,
    silu as silu,
    softplus as softplus,
    softsign as softsign,
)
