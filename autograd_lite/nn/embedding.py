"""A table of vectors, looked up by integers."""

import numpy as np

from autograd_lite import functional as F
from autograd_lite.nn.initialisation import generator, normal
from autograd_lite.nn.linear import parameter
from autograd_lite.nn.module import Module, floating, positive


class Embedding(Module):
    """Rows of a matrix, picked by integers.

    Parameters
    ----------
    num_embeddings, embedding_dim : rows and columns of the table.
    rng, dtype : as for `Linear`.

    Attributes
    ----------
    weight : (num_embeddings, embedding_dim), standard normal at first.

    Call it with integers (…) from 0 to num_embeddings − 1; returns (…, embedding_dim).

    >>> import numpy as np
    >>> from autograd_lite import nn
    >>> nn.Embedding(10, 3)(np.array([[1, 2], [9, 1]])).shape
    (2, 2, 3)
    """

    def __init__(self, num_embeddings, embedding_dim, rng=None, dtype=np.float32):
        positive("Embedding", num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        shape = num_embeddings, embedding_dim
        self.weight = parameter(normal(shape, generator(rng), floating(dtype, "Embedding")))

    def forward(self, indices):
        return F.embedding(indices, self.weight)

    def extra_repr(self):
        rows, columns = self.weight.shape
        return f"{rows}, {columns}"
