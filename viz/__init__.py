"""Drawings and formulas of recorded programs. Depends on the engine, never the reverse.

Importing this imports neither graphviz nor pygraphviz: the functions that draw do.
"""

from viz import claims as claims
from viz.drawings.backward import draw_backward as draw_backward
from viz.drawings.forward import draw as draw
from viz.errors import DrawingError as DrawingError, RenderError as RenderError
from viz.explain import explain as explain
from viz.formula import derivation as derivation, formula as formula
from viz.page.movie import movie as movie
from viz.programs.record import record as record
