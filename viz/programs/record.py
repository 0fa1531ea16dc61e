"""`record`: keep the values of a program, so that pages and drawings can show them."""

from autograd_lite.modes import switched


def record():
    """Context manager and decorator: operations inside keep what went in and came out.

    The engine frees an intermediate array as soon as no rule needs it, and the saved values with
    the backward pass. Record the forward pass, and drawings show all values, also after
    `backward()` and after the parameters were updated. Leaves are copied. Outside it costs
    nothing.

    >>> import numpy as np
    >>> import autograd_lite as ag, viz
    >>> x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    >>> with viz.record():
    ...     e = np.sum(np.sin(x) * x)
    >>> e.backward()
    >>> print(viz.formula(e, wrt=x).evaluate().round(3))
    [1.382 0.077]
    """
    return switched(values=True)
