"""The examples run and keep their claims."""

import gzip
import hashlib
import re
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from autograd_lite.graph import ancestors

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "examples")]

import gallery  # noqa: E402
import mnist_data  # noqa: E402


def test_mnist_short_runs_in_another_folder(tmp_path):
    command = [sys.executable, str(ROOT / "examples" / "mnist.py"), "--short"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "finite differences" in done.stdout
    assert "TOO LARGE" not in done.stdout
    picture = (tmp_path / "mnist_backward.svg").read_text(encoding="utf-8")
    assert "⊕" in picture or "&#8853;" in picture


def test_subset_is_as_its_readme_says():
    (images, labels), (test_images, test_labels) = mnist_data.load_subset()
    assert images.shape == (4000, 28, 28)
    assert test_images.shape == (1000, 28, 28)
    assert images.dtype == labels.dtype == np.uint8
    assert list(np.bincount([*labels, *test_labels])) == [500] * 10


# --- the reader of the original files -----------------------------------------------------------
def idx(array):
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def small(tmp_path):
    """A folder with four small packed files; their checksums and contents."""
    rng = np.random.default_rng(0)
    shapes = (6, 3, 3), (6,), (2, 3, 3), (2,)
    arrays = [rng.integers(0, 256, s, dtype=np.uint8) for s in shapes]
    checksums = {}
    for name, array in zip(mnist_data.MD5, arrays, strict=True):
        packed = gzip.compress(idx(array))
        (tmp_path / name).write_bytes(packed)
        checksums[name] = hashlib.md5(packed).hexdigest()
    return tmp_path, checksums, arrays


def unpack(folder, name, change=lambda raw: raw):
    raw = gzip.decompress((folder / name).read_bytes())
    path = folder / name.removesuffix(".gz")
    path.write_bytes(change(raw))
    return path


@pytest.mark.parametrize("unpacked", [False, True])
def test_original_files(small, unpacked):
    folder, checksums, arrays = small
    if unpacked:
        for name in checksums:
            unpack(folder, name)
            (folder / name).unlink()
    train, test = mnist_data.load_full(folder, checksums)
    for found, expected in zip((*train, *test), arrays, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_downloads_what_is_missing(small, tmp_path):
    folder, checksums, arrays = small
    train, _ = mnist_data.load_full(tmp_path / "new", checksums, mirror=folder.as_uri() + "/")
    np.testing.assert_array_equal(train[0], arrays[0])
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == sorted(checksums)


def test_failed_download_names_address_and_remedy(tmp_path):
    mirror = (tmp_path / "nowhere").as_uri() + "/"
    with pytest.raises(mnist_data.DataError, match=r"train-images.*yourself"):
        mnist_data.load_full(tmp_path / "new", mirror=mirror)


def test_wrong_checksum(small):
    folder, checksums, _ = small
    name = "t10k-labels-idx1-ubyte.gz"
    with pytest.raises(mnist_data.DataError, match=r"t10k-labels.*MD5 .* expected 0000"):
        mnist_data.load_full(folder, {**checksums, name: "0000"})


def test_packed_file_cut_short_with_matching_checksum(small):
    folder, checksums, _ = small
    name = "train-labels-idx1-ubyte.gz"
    cut = (folder / name).read_bytes()[:-9]
    (folder / name).write_bytes(cut)
    with pytest.raises(mnist_data.DataError, match=r"train-labels.*not a complete gzip file"):
        mnist_data.load_full(folder, {**checksums, name: hashlib.md5(cut).hexdigest()})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda raw: raw[:-1], "truncated or damaged"),
        (lambda raw: raw + b"\0", "truncated or damaged"),
        (lambda raw: raw[:6], "ends inside its header"),
        (lambda raw: b"", "not an IDX file"),
        (lambda raw: b"<html>", "not an IDX file"),
        (lambda raw: idx(np.zeros((5, 3, 3), np.uint8)), "do not fit"),
    ],
)
def test_damaged_file(small, change, message):
    folder, checksums, _ = small
    unpack(folder, "train-images-idx3-ubyte.gz", change)
    with pytest.raises(mnist_data.DataError, match=message):
        mnist_data.load_full(folder, checksums)


def test_the_gallery_writes_every_picture_of_the_readme(tmp_path):
    command = [sys.executable, str(ROOT / "examples" / "gallery.py"), "--only", "drawings"]
    done = subprocess.run([*command, "--out", str(tmp_path)], capture_output=True, text=True,
                          check=True, encoding="utf-8")  # fmt: skip
    assert all(Path(line).is_file() for line in done.stdout.splitlines())
    drawn = {path.name for path in tmp_path.iterdir()}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"examples/pictures/(\w+\.\w+)", readme))
    programs = [p.read_text(encoding="utf-8") for p in (ROOT / "examples").glob("*.py")]
    assert len(shown) >= 5
    for name in shown:
        assert (ROOT / "examples" / "pictures" / name).is_file()
        # the others are written by a program that names them
        assert name in drawn or any(f'"{name}"' in program for program in programs), name
    for name in drawn - {"residual.html"}:
        ElementTree.parse(tmp_path / name)
    loss = gallery.transformer()["e"]
    operations = sum(n.op is not None for n in ancestors([loss._node]))
    assert f"{operations} operations" in readme
