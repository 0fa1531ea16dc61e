"""Activations beside relu and sigmoid."""

from sampling import S, kinked

from autograd_lite import functional as F

# fmt: off
ROWS = [
    S(F.leaky_relu, (2, 3), **kinked), S(F.leaky_relu, (4,), negative_slope=-0.5, **kinked), S(F.elu, (2, 3), alpha=0.5, **kinked),
    S(F.celu, (2, 3), alpha=0.5, **kinked), S(F.selu, (2, 3), **kinked), S(F.hardtanh, (2, 3), **kinked), S(F.softsign, (2, 3), **kinked),
    S(F.softplus, (2, 3), **kinked), S(F.softplus, (4,), beta=3.0, **kinked), S(F.log_sigmoid, (2, 3), **kinked), S(F.silu, (2, 3)),
    S(F.mish, (2, 3), **kinked), S(F.glu, (2, 4)), S(F.glu, (2, 3), axis=0),
]
# fmt: on
