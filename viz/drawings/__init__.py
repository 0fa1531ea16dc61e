"""Drawings by Graphviz: the program, its backward pass, and both with numbers."""
