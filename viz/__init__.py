"""Drawings and formulas of recorded programs. Depends on the engine, never the reverse."""
