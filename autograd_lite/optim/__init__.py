"""Optimisers, learning-rate schedules and clipping, with PyTorch's names and defaults.

An optimiser changes the arrays of its parameters in place, in blocks that stay in the cache, and
makes no arrays after its first step. A schedule sets its learning rates, a new one at each step.
"""

from autograd_lite.optim.adaptive import (
    Adagrad as Adagrad,
    Adam as Adam,
    AdamW as AdamW,
    RMSprop as RMSprop,
)
from autograd_lite.optim.clipping import (
    clip_grad_norm as clip_grad_norm,
    clip_grad_value as clip_grad_value,
)
from autograd_lite.optim.descent import SGD as SGD, Lion as Lion
from autograd_lite.optim.optimiser import Optimiser as Optimiser
from autograd_lite.optim.schedules import (
    CosineAnnealingLR as CosineAnnealingLR,
    ExponentialLR as ExponentialLR,
    LambdaLR as LambdaLR,
    LinearLR as LinearLR,
    OneCycleLR as OneCycleLR,
    Schedule as Schedule,
    SequentialLR as SequentialLR,
    StepLR as StepLR,
)
