"""Handwritten digits: the 5,000 kept beside the examples, or the 70,000 of the original files.

An original file is in the IDX format: two zero bytes, a type code (8: unsigned bytes), the number
of axes, the length of each axis as a big-endian 32-bit integer, then the bytes themselves.
"""

import gzip
import hashlib
import http.client
import math
import os
import struct
import urllib.request
import zlib
from pathlib import Path

import numpy as np

SUBSET = Path(__file__).parent / "data" / "mnist_5k.npz"
MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"
MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}


class DataError(Exception):
    """A data file that is missing, damaged, or not what its name says."""


def load_subset():
    """Return (train images, train labels), (test images, test labels): 4,000 and 1,000 digits."""
    with np.load(SUBSET) as data:
        images, labels = data["images"], data["labels"]
    return (images[:4000], labels[:4000]), (images[4000:], labels[4000:])


def all_shifts(images, most=2):
    """A view (n, 5, 5, 28, 28): each image shifted by −2 … 2 pixels down and across."""
    padded = np.pad(images, ((0, 0), (most, most), (most, most)))
    return np.lib.stride_tricks.sliding_window_view(padded, images.shape[1:], axis=(1, 2))


def at_random(shifted, chosen, rng):
    """The images with the indices `chosen`, each with a shift of its own, out of all shifts."""
    down, across = rng.integers(0, shifted.shape[1], (2, len(chosen)))
    return shifted[chosen, down, across]


def load_full(folder, checksums=MD5, mirror=MIRROR):
    """The same for the four original files: 60,000 and 10,000 digits.

    Each file is looked for in `folder`, unpacked or as .gz, and downloaded if it is not there.
    Whatever is packed must have its checksum.

    Raises
    ------
    DataError : a download that failed, a wrong checksum, a file that is no complete IDX file, or
        images and labels that differ in number.
    """
    arrays = [find(Path(folder), name, checksums, mirror) for name in checksums]
    for images, labels in (arrays[:2], arrays[2:]):
        if images.ndim != 3 or labels.shape != images.shape[:1]:
            raise DataError(f"{folder}: images {images.shape} and labels {labels.shape} do not fit")
    return tuple(arrays[:2]), tuple(arrays[2:])


def find(folder, name, checksums, mirror):
    unpacked = folder / name.removesuffix(".gz")
    if unpacked.exists():
        return parse_idx(unpacked.read_bytes(), unpacked)
    path = folder / name
    if not path.exists():
        download(mirror + name, path)
    packed = path.read_bytes()
    found = hashlib.md5(packed, usedforsecurity=False).hexdigest()
    if found != checksums[name]:
        raise DataError(f"{path}: MD5 {found}, expected {checksums[name]}; delete it, and it will "
                        "be downloaded again")  # fmt: skip
    try:
        return parse_idx(gzip.decompress(packed), path)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: not a complete gzip file ({error})") from error


def download(url, path):
    """Write `url` to `path`, which exists only once it is complete."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(url, timeout=60) as response:
            part.write_bytes(response.read())
        os.replace(part, path)
    except (OSError, http.client.HTTPException) as error:
        raise DataError(f"{url}: {error}; put the file in {path.parent} yourself, or run without "
                        "--full") from error  # fmt: skip


def parse_idx(raw, path):
    """The array in the bytes of an IDX file of unsigned bytes; `path` is for messages.

    >>> parse_idx(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9]), "digits")
    array([7, 9], dtype=uint8)
    """
    if len(raw) < 4 or raw[:3] != b"\0\0\x08":
        raise DataError(f"{path}: not an IDX file of bytes; it starts with {raw[:4]!r}")
    start = 4 + 4 * raw[3]
    if len(raw) < start:
        raise DataError(f"{path}: ends inside its header, after {len(raw)} bytes")
    shape = struct.unpack(f">{raw[3]}I", raw[4:start])
    if len(raw) - start != math.prod(shape):
        raise DataError(f"{path}: {len(raw) - start} bytes of data for shape {shape}, which needs "
                        f"{math.prod(shape)}; the file is truncated or damaged")  # fmt: skip
    return np.frombuffer(raw, np.uint8, offset=start).reshape(shape)
