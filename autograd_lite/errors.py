"""The exceptions of the package. Each is also the built-in exception a NumPy user would catch."""


class ShapeError(ValueError):
    """Shapes that do not fit: of operands, of an assigned value, of a gradient."""


class DTypeError(TypeError):
    """A dtype that cannot be used: integers that require grad, object arrays, float labels."""


class NoRuleError(TypeError):
    """A tracked Tensor met a function, or an argument of one, that has no derivative rule."""


class RuleError(TypeError):
    """A derivative rule that was refused when it was registered, or returned something wrong."""


class GraphError(RuntimeError):
    """The graph cannot do what was asked: freed values, an untracked tensor, a changed leaf."""


class AnomalyError(ArithmeticError):
    """`detect_anomaly` met the first NaN or infinity."""
