"""Parameters in files: NumPy's `.npz`, and `.safetensors`, which PyTorch reads too."""

import os
import zipfile
from pathlib import Path

import numpy as np

from autograd_lite.nn.state import Unfit

KINDS = ".npz, or .safetensors (needs the package of this name)"


def save(module, path, torch_layout: bool = False) -> None:
    """Write the parameters and buffers of a module to a file, which replaces one that is there.

    Parameters
    ----------
    module : a `Module`, or a mapping of paths to arrays as `state_dict()` returns.
    path : its ending says the format: `.npz`, or `.safetensors`, which needs the package
        `safetensors` (pip install "autograd-lite[safetensors]").
    torch_layout : transpose the matrices that PyTorch keeps as (out, in); a PyTorch module of the
        same structure then loads the file with `safetensors.torch.load_file`.

    Raises
    ------
    ValueError : another ending. ImportError : `safetensors` is wanted and not installed.

    >>> import os, tempfile
    >>> from autograd_lite import nn
    >>> one, other = nn.Linear(2, 3), nn.Linear(2, 3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nn.save(one, os.path.join(folder, "weights.npz"))
    ...     _ = nn.load(other, os.path.join(folder, "weights.npz"))
    >>> bool((one.weight.data == other.weight.data).all())
    True
    """
    path = Path(path)
    state = module.state_dict(torch_layout) if hasattr(module, "state_dict") else dict(module)
    state = {key: np.asarray(value) for key, value in state.items()}
    ending = checked_ending(path, "save")
    unfinished = path.with_name(path.name + ".unfinished")  # an error leaves the old file whole
    try:
        if ending == ".npz":
            write_npz(unfinished, state)
        else:
            arrays = {key: np.ascontiguousarray(value) for key, value in state.items()}
            shaped = {k: a.reshape(np.shape(state[k])) for k, a in arrays.items()}  # 0-d stay 0-d
            safetensors("save").save_file(shaped, unfinished)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def load(module, path, strict: bool = True, torch_layout: bool = False) -> Unfit:
    """Read the parameters and buffers of a module from a file; see `save`.

    strict, torch_layout : as for `Module.load_state_dict`; so are the result and the errors. Files
        never run code: arrays of objects are refused.

    Raises
    ------
    ValueError : another ending, or contents that are not what it says. ShapeError : paths or
        shapes that do not fit, all of them named.

    >>> from autograd_lite import nn
    >>> nn.load(nn.Linear(2, 3), "weights.pt")
    Traceback (most recent call last):
        ...
    ValueError: load: 'weights.pt'; the ending says the format: .npz, or .safetensors (needs the \
package of this name)
    """
    return module.load_state_dict(read(path), strict=strict, torch_layout=torch_layout)


def read(path) -> dict[str, np.ndarray]:
    """The arrays of a file by path, as `Module.load_state_dict` takes them.

    Raises
    ------
    ValueError : an ending that is neither `.npz` nor `.safetensors`, or other contents.
    """
    path = Path(path)
    if checked_ending(path, "load") == ".safetensors":
        load_file = safetensors("load").load_file
        from safetensors import SafetensorError

        try:
            return load_file(path)
        except SafetensorError as error:
            raise ValueError(f"load: {str(path)!r} holds no .safetensors: {error}") from error
    if path.exists() and not zipfile.is_zipfile(path):
        raise ValueError(f"load: {str(path)!r} holds no .npz, as nn.save or np.savez writes it")
    with np.load(path, allow_pickle=False) as file:
        return {key: file[key] for key in file.files}


def write_npz(path, state):
    """As np.savez, which takes the names as keywords and so has no array called `file`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as file:
        for key, value in state.items():
            with file.open(key + ".npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, value, allow_pickle=False)


def checked_ending(path, what):
    if path.suffix not in (".npz", ".safetensors"):
        raise ValueError(f"{what}: {str(path)!r}; the ending says the format: {KINDS}")
    return path.suffix


def safetensors(what):
    try:
        import safetensors.numpy
    except ModuleNotFoundError as error:
        raise ImportError(
            f'{what}: .safetensors needs a package: pip install "autograd-lite[safetensors]"; '
            "or use .npz"
        ) from error
    return safetensors.numpy
