"""Expressions of gradients and how they are written: Unicode, LaTeX, MathML, Python."""
