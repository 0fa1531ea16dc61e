"""The Python array API standard on Tensors: `autograd_lite` is its namespace, as NumPy is."""
