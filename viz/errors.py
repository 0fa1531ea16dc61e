"""The exceptions of the drawings. Each message names a way out."""


class DrawingError(ValueError):
    """A drawing that cannot be made as asked: an untracked tensor, an unknown input, too much."""


class RenderError(DrawingError):
    """A drawing that could not be turned into a picture: no layout engine, an unknown format."""
