"""The structure of a Jacobian, read from the expression of its vector–Jacobian product."""
