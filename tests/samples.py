"""One row for each operation; a new operation needs a rule line and a row, and nothing else.

The rows stand in `rows/`, in files named like those of the rules, and feed every test that states
a property over all operations.
"""

import importlib
import pkgutil

import rows
from sampling import DOMAINS as DOMAINS, Fixed as Fixed, Sample as Sample

SAMPLES = [
    sample
    for module in sorted(m.name for m in pkgutil.iter_modules(rows.__path__))
    for sample in importlib.import_module(f"rows.{module}").ROWS
]
