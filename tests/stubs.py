"""Type checkers' view of the standard's namespaces: `python -m tests.stubs` writes the stub files.

They say NumPy's parameters, of any type, and what is returned.
"""

import importlib
import inspect
import subprocess
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent / "autograd_lite"
MODULES = {"standard/main.pyi": np, "linalg.pyi": np.linalg, "fft.pyi": np.fft}
HEAD = '''"""Written by `python -m tests.stubs`."""

from typing import Any
{imports}
from autograd_lite.tensor import Tensor

'''
RETURNS = {
    "tuple[Tensor, ...]": "broadcast_arrays meshgrid nonzero unstack",
    "Any": "eigh qr slogdet svd unique_all unique_counts unique_inverse",
    "np.bool": "can_cast isdtype",
    "np.dtype[Any]": "result_type",
    "tuple[int, ...]": "broadcast_shapes",
}
RETURN = {name: kind for kind, names in RETURNS.items() for name in names.split()}


def parameters(function):
    """The parameters of a function as a stub writes them."""
    parts, kinds = [], [p.kind for p in inspect.signature(function).parameters.values()]
    for i, p in enumerate(inspect.signature(function).parameters.values()):
        if p.kind is p.KEYWORD_ONLY and p.KEYWORD_ONLY not in kinds[:i]:
            parts += [] if p.VAR_POSITIONAL in kinds else ["*"]
        star = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        parts.append(f"{star}{p.name}: Any" + ("" if p.default is p.empty else " = ..."))
        if p.kind is p.POSITIONAL_ONLY and p.POSITIONAL_ONLY not in kinds[i + 1 :]:
            parts.append("/")
    return ", ".join(parts)


def declaration(name, member, numpy):
    if isinstance(member, type) or member is None:
        return f"{name} = {numpy.__name__.replace('numpy', 'np')}.{name}"
    if not callable(member):
        return f"{name}: {type(member).__name__}"
    return f"def {name}({parameters(member)}) -> {RETURN.get(name, 'Tensor')}: ..."


def stub(path, numpy):
    name = "autograd_lite." + path.removesuffix(".pyi").replace("/", ".")
    module = importlib.import_module(name)
    members = sorted((n, getattr(module, n)) for n in module.__all__)
    text = "\n".join(declaration(n, m, numpy) for n, m in members) + "\n"
    return HEAD.format(imports="\nimport numpy as np\n" if "np." in text else "") + text


if __name__ == "__main__":
    for path, numpy in MODULES.items():
        (ROOT / path).write_text(stub(path, numpy))
    subprocess.run(["ruff", "format", *(ROOT / path for path in MODULES)], check=True)
