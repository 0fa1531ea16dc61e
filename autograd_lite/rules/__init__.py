"""The rule table: mathematics only. Imports neither the graph nor Tensors."""
