"""The convolutional network on handwritten digits runs and keeps its claims."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from autograd_lite import Tensor, functional as F, nn

EXAMPLES = Path(__file__).parents[1] / "examples"
sys.path.insert(0, str(EXAMPLES))

pytest.importorskip("matplotlib")
pytest.importorskip("tqdm")
import checks  # noqa: E402
import missing  # noqa: E402
import mnist_cnn  # noqa: E402
import mnist_data  # noqa: E402


def test_short_runs_in_another_folder(tmp_path):
    command = [sys.executable, str(EXAMPLES / "mnist_cnn.py"), "--short", "--out", "made"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("finite differences") == 8
    assert "TOO LARGE" not in done.stdout
    assert "of 1,000 digits it has not seen" in done.stdout
    picture = ElementTree.parse(tmp_path / "made" / "mnist_cnn.svg")
    assert "errors on digits not seen, %" in "".join(picture.getroot().itertext())
    weights = nn.read(tmp_path / "made" / "mnist_cnn.npz")
    assert weights["7.weight"].shape == (1568, 1024)


def test_a_network_that_does_not_learn_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(mnist_cnn, "SHORT", 2)
    monkeypatch.setattr(mnist_cnn, "differences", lambda *args: [("none", 0.0, 0.0, 1.0)])
    monkeypatch.setattr(sys, "argv", ["mnist_cnn.py", "--short", "--out", str(tmp_path)])
    with pytest.raises(SystemExit, match="not so: the loss falls by half"):
        mnist_cnn.main()


def test_the_network_is_the_one_of_its_comments():
    net = mnist_cnn.make_network(np.random.default_rng(0))
    x = mnist_cnn.as_input(np.zeros((2, 28, 28), np.uint8))
    shapes = [(x := layer(x)).shape for layer in net]
    assert [s for s in shapes if len(s) == 4][2::3] == [(2, 16, 14, 14), (2, 32, 7, 7)]
    assert shapes[6] == (2, 1568)
    assert x.shape == (2, 10)
    assert x.dtype == np.float32


def test_input_has_mean_zero_and_variance_one():
    (images, _), _ = mnist_data.load_subset()
    x = mnist_cnn.as_input(images)
    assert x.dtype == np.float32
    assert abs(x.mean()) < 0.01
    assert abs(x.std() - 1.0) < 0.01


def test_shifts_move_every_image_by_up_to_two_pixels():
    images = np.zeros((50, 28, 28), np.uint8)
    images[:, 10, 20] = 255
    shifted = mnist_data.all_shifts(images)
    moved = mnist_data.at_random(shifted, np.arange(50), np.random.default_rng(0))
    places = np.argwhere(moved)
    assert len(places) == 50
    assert set(places[:, 1]) == set(range(8, 13))
    assert set(places[:, 2]) == set(range(18, 23))


# --- what the examples check with -----------------------------------------------------------------
def test_slope_is_the_derivative_and_leaves_the_weights_alone():
    w = Tensor([1.0, 2.0], requires_grad=True)
    found = checks.slope(lambda: (w * w).sum(), w, np.array([0.6, 0.8]))
    assert found == pytest.approx(2 * (0.6 + 1.6), abs=1e-6)
    np.testing.assert_array_equal(w.data, [1.0, 2.0])


def test_a_wrong_gradient_is_seen(capsys):
    rng = np.random.default_rng(0)
    w = Tensor(rng.standard_normal((3, 4)), requires_grad=True)

    def loss():
        return F.cross_entropy(w, np.array([0, 1, 2]))

    loss().backward()
    assert checks.print_table(checks.along_directions(loss, {"w": w}, rng))
    w.grad[0, 0] += 1e-3
    assert not checks.print_table(checks.along_directions(loss, {"w": w}, rng))
    assert "TOO LARGE" in capsys.readouterr().out


def test_the_first_claim_that_is_not_kept_ends_the_program():
    checks.insist((True, "one"), (np.bool_(True), "two"))
    with pytest.raises(SystemExit, match="not so: two"):
        checks.insist((True, "one"), (False, "two"), (False, "three"))


def test_a_missing_package_is_named_with_the_remedy():
    with pytest.raises(SystemExit, match=r"tqdm is missing[^$]*pip install"):
        missing.explain(ModuleNotFoundError("no", name="tqdm"))
    with pytest.raises(SystemExit, match=r"scipy is missing[^$]*pip install[^$]*dev"):
        missing.explain(ModuleNotFoundError("no", name="scipy"))
    with pytest.raises(ModuleNotFoundError):
        missing.explain(ModuleNotFoundError("no", name="mnist_dato"))
