"""Change of dtype; the engine itself uses it to bring gradients to the dtype of their edge."""

from autograd_lite.registry import rule

astype = rule(lambda a, dtype: a.astype(dtype), "a", name="astype",
              static=dict(dtype=float), a=lambda g: g)  # fmt: skip
