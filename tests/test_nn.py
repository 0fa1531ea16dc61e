"""Modules: naming, state, files, and layers against PyTorch's."""

import copy
import inspect
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest

import autograd_lite as ag
import viz
from autograd_lite import Tensor, functional as F, nn
from autograd_lite.errors import DTypeError, ShapeError
from autograd_lite.nn import initialisation

F64 = dict(dtype=np.float64)


def generator():
    return np.random.default_rng(0)


class Tied(nn.Module):
    """A shared weight, a buffer, a list, and an attribute that is left alone."""

    def __init__(self):
        rng = generator()
        self.blocks = nn.ModuleList(nn.Linear(3, 3, rng=rng, **F64) for _ in range(2))
        self.again = self.blocks[0]
        self.tied = self.blocks[1].weight
        self.scale = Tensor(np.ones(3), requires_grad=True)
        self.shift = Tensor(np.zeros(3))
        self._cache = Tensor(np.ones(9), requires_grad=True)

    def forward(self, x):
        for block in self.blocks:
            x = F.relu(block(x))
        self.last = self.again(x) @ self.tied  # a result is no parameter
        return self.last * self.scale + self.shift


PATHS = ["scale", "blocks.0.weight", "blocks.0.bias", "blocks.1.weight", "blocks.1.bias"]


def test_parameters_are_found_once_and_by_path():
    model = Tied()
    model(np.ones((2, 3)))
    names = [name for name, _ in model.named_parameters()]
    assert sorted(names) == sorted(["tied", *(n for n in PATHS if n != "blocks.1.weight")])
    assert len({id(p) for p in model.parameters()}) == 5
    assert [name for name, _ in model.named_buffers()] == ["shift"]
    assert [path for path, _ in model.named_modules()] == ["", "blocks", "blocks.0", "blocks.1"]


def test_the_first_call_names_parameters_by_their_path():
    inner = nn.Sequential(nn.Linear(2, 2, rng=generator()), nn.Tanh())
    inner.mine = Tensor(np.ones(2), requires_grad=True, name="γ")
    inner(np.ones((1, 2)))
    assert inner[0].weight.name == "0.weight"
    outer = nn.Sequential(nn.Sequential(inner))
    outer(np.ones((1, 2)))
    assert inner[0].weight.name == "0.0.0.weight"
    assert inner.mine.name == "γ"
    outer.late = nn.Linear(2, 2)
    assert outer.late.bias.name == "late.bias"


def test_recorded_calls_are_scopes_and_formulas_use_paths():
    net = nn.Sequential({"up": nn.Linear(2, 3, **F64), "down": nn.Linear(3, 1, **F64)})
    x = Tensor(np.ones((4, 2)), requires_grad=True, name="x")
    with viz.record():
        y = np.sum(net(x))
    assert "down" in viz.draw(y, depth=0).source
    assert "down.weight" in str(viz.formula(y, wrt=x))
    plain = np.sum(net(x))
    assert plain._node.scope is None


def test_errors_in_forward_name_the_innermost_module():
    net = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Linear(4, 1)))
    with pytest.raises(ShapeError, match=r"^Linear '1\.0': ") as caught:
        net(np.ones((5, 2), np.float32))
    assert str(caught.value).count("Linear '") == 1
    with pytest.raises(NotImplementedError, match="Module has no forward"):
        nn.Module()(1)


def test_a_list_of_modules_or_parameters_is_refused():
    class Hidden(nn.Module):
        def __init__(self, layers):
            self.layers = layers

    for hidden in ([nn.ReLU()], (Tensor(1.0, requires_grad=True),), {"a": nn.ReLU()},
                   {"a": [3, (nn.ReLU(),)]}, {nn.ReLU()}):  # fmt: skip
        with pytest.raises(TypeError, match=r"Hidden\.layers: a .*ModuleList"):
            Hidden(hidden).parameters()
    assert Hidden([1, "a", Tensor(1.0)]).parameters() == []


def test_train_and_eval_reach_every_module():
    net = nn.Sequential(nn.Dropout(0.5, rng=generator()), nn.Sequential(nn.Dropout(0.5)))
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    x = np.ones((3, 4))
    np.testing.assert_array_equal(net(x), x)
    assert all(m.training for m in net.train().modules())
    assert set(np.unique(np.asarray(net[0](x)))) == {0.0, 2.0}
    with pytest.raises(TypeError, match="True or False"):
        net.train("no")


def test_dropout_is_repeated_by_its_generator():
    first, second = (nn.Dropout(0.3, rng=np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first(np.ones(50)), second(np.ones(50)))


def test_zero_grad_and_astype():
    net = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    before = net.parameters()
    np.sum(net(np.ones((3, 2), np.float32))).backward()
    assert all(p.grad is not None for p in before)
    net.zero_grad()
    assert all(p.grad is None for p in before)
    assert net.astype(np.float64) is net
    after = net.parameters()
    assert all(p is q and p.dtype == np.float64 for p, q in zip(before, after, strict=True))
    assert {b.dtype.name for b in net.buffers()} == {"float64", "int64"}
    np.sum(net(np.ones((3, 2)))).backward()
    assert all(p.grad.dtype == np.float64 for p in after)
    with pytest.raises(DTypeError, match=r"Sequential\.astype: dtype int64"):
        net.astype(int)


def test_float32_stays():
    x = Tensor(np.ones((2, 5, 4), np.float32), requires_grad=True)
    for layer in (nn.Linear(4, 3), nn.LSTM(4, 3), nn.GRU(4, 3), nn.RNN(4, 3), nn.LayerNorm(4),
                  nn.RMSNorm(4), nn.MultiHeadAttention(4, 2), nn.TransformerBlock(4, 2),
                  nn.GroupNorm(5, 5), nn.BatchNorm1d(5)):  # fmt: skip
        y = layer(x)
        y = y[0] if isinstance(y, tuple) else y
        assert y.dtype == np.float32, layer
        np.sum(y * y).backward()
        assert x.grad.dtype == np.float32, layer
        assert {p.grad.dtype.name for p in layer.parameters()} <= {"float32"}, layer


def test_repr_is_a_tree_with_counts():
    net = nn.Sequential(nn.Linear(4, 5, bias=False), nn.LeakyReLU(0.2), nn.Conv2d(1, 2, 3))
    assert repr(net).splitlines() == [
        "Sequential()  # 40 parameters",
        "    0: Linear(4, 5, bias=False)  # 20 parameters",
        "    1: LeakyReLU(negative_slope=0.2)",
        "    2: Conv2d(1, 2, kernel_size=(3, 3))  # 20 parameters",
    ]


def test_containers():
    a, b, c = nn.ReLU(), nn.Tanh(), nn.Sigmoid()
    net = nn.Sequential(a, b).append(c)
    assert len(net) == 3
    assert list(net) == [a, b, c]
    assert net[-1] is c
    assert list(net[1:]) == [b, c]
    net[0] = c
    assert list(net) == [c, b, c]
    assert nn.Sequential(np.abs)(np.array([-1.0])) == 1.0
    with pytest.raises(IndexError, match="no module 3 among 3"):
        net[3]
    with pytest.raises(TypeError, match="did you pass a list"):
        nn.Sequential([a, b])
    heads = nn.ModuleDict({"x": a})
    heads["y"] = b
    assert ("y" in heads, heads.keys(), heads.items()[0]) == (True, ["x", "y"], ("x", a))
    with pytest.raises(KeyError, match="there are x, y"):
        heads["z"]
    for key in ("a.b", "_a", "", 1, "forward", "training"):
        with pytest.raises(ValueError, match="name"):
            heads[key] = a


def test_a_state_is_a_copy_and_comes_back():
    model, other = Tied(), Tied()
    for p in other.parameters():
        p.data[...] = 7.0
    state = model.state_dict()
    assert sorted(state) == sorted(["shift", "tied", *(n for n in PATHS if n != "blocks.1.weight")])
    assert other.load_state_dict(state) == ([], [])
    x = np.ones((2, 3))
    np.testing.assert_array_equal(model(x).data, other(x).data)
    state["scale"][:] = 9.0
    assert (model.scale.data == 1).all()
    assert (other.scale.data == 1).all()


def test_a_shared_parameter_loads_from_any_of_its_paths():
    state = Tied().state_dict()
    state["blocks.1.weight"] = state["tied"]
    assert Tied().load_state_dict(state) == ([], [])
    del state["tied"]
    assert Tied().load_state_dict(state) == ([], [])
    state["tied"] = state["blocks.1.weight"] + 1
    with pytest.raises(ShapeError, match="shared with tied, but the arrays differ"):
        Tied().load_state_dict(state)


def test_all_that_does_not_fit_is_named_and_nothing_is_loaded():
    net = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    before = net.state_dict()
    state = {"0.weight": np.ones((3, 2)), "0.bias": np.ones(3), "2.weight": np.ones(1)}
    state["1.weight"] = np.ones((3, 1), complex)
    words = (
        "Sequential: missing: 1.bias; unexpected: 2.weight; wrong: 0.weight (shape (3, 2), "
        "expected (2, 3)), 1.weight (dtype complex128, expected float32)"
    )
    with pytest.raises(ShapeError, match=re.escape(words)):
        net.load_state_dict(state)
    assert all((before[k] == v).all() for k, v in net.state_dict().items())
    fitting = {"0.bias": np.ones(3), "2.weight": np.ones(1)}
    unfit = net.load_state_dict(fitting, strict=False)
    assert unfit.missing == ["0.weight", "1.weight", "1.bias"]
    assert unfit.unexpected == ["2.weight"]
    assert (net[0].bias.data == 1).all()


def test_loading_between_forward_and_backward_is_detected():
    net = nn.Linear(2, 2)
    y = np.sum(net(Tensor(np.ones((1, 2), np.float32), requires_grad=True)))
    net.load_state_dict(net.state_dict())
    with pytest.raises(ag.errors.GraphError, match="in place"):
        y.backward()


def test_a_state_goes_in_and_its_gradient_comes_out():
    torch = pytest.importorskip("torch")
    mine = nn.LSTM(2, 3, num_layers=2, **F64)
    theirs = torch.nn.LSTM(2, 3, 2, batch_first=True).double()
    theirs.load_state_dict(as_torch(mine))
    arrays = [generator().standard_normal(s) for s in ((4, 5, 2), (2, 4, 3), (2, 4, 3))]
    x, h, c = (Tensor(a, requires_grad=True) for a in arrays)
    u, v, w = (torch.tensor(a, requires_grad=True) for a in arrays)
    np.sum(np.sin(mine(x, (h, c))[0])).backward()
    torch.sin(theirs(u, (v, w))[0]).sum().backward()
    for ours, other in ((x, u), (h, v), (c, w)):
        np.testing.assert_allclose(ours.grad, other.grad, atol=1e-12)


def test_modules_are_copied_and_pickled():
    for layer in (nn.RNN(2, 3, nonlinearity="relu"), nn.TransformerBlock(2, 1), nn.Conv2d(1, 1, 3),
                  nn.BatchNorm1d(2), nn.GELU(), nn.MaxPool2d(2), nn.Dropout()):  # fmt: skip
        assert repr(pickle.loads(pickle.dumps(layer))) == repr(layer)
    model = Tied()
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin.tied is twin.blocks[1].weight
        assert twin.tied is not model.tied
        np.testing.assert_array_equal(twin(np.ones((2, 3))).data, model(np.ones((2, 3))).data)


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_files(tmp_path, ending):
    if ending == ".safetensors":
        pytest.importorskip("safetensors")
    net = nn.Sequential({"file": nn.Linear(2, 3), "norm": nn.BatchNorm1d(3)})
    net.root = Tensor(np.float32(3.0), requires_grad=True)
    net(np.ones((4, 2), np.float32))
    path = tmp_path / f"net{ending}"
    nn.save(net, path)
    other = copy.deepcopy(net)
    for t in (*other.parameters(), *other.buffers()):
        t.data[...] = 0
    assert nn.load(other, path) == ([], [])
    for key, value in net.state_dict().items():
        np.testing.assert_array_equal(other.state_dict()[key], value)
        assert nn.read(path)[key].dtype == value.dtype
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    with pytest.raises(ShapeError, match="unexpected"):
        nn.load(nn.Linear(2, 3), path)
    with pytest.raises(Exception, match=r"[oO]bject"):  # and the old file stays
        nn.save({"a": np.array([object()])}, path)
    assert nn.load(other, path) == ([], [])


def test_files_of_other_kinds_are_refused(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="ending says the format"):
        nn.save(nn.Linear(1, 1), tmp_path / "net.pt")
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(ImportError, match="pip install"):
        nn.save(nn.Linear(1, 1), tmp_path / "net.safetensors")


def as_torch(module):
    torch = pytest.importorskip("torch")
    return {k: torch.from_numpy(v) for k, v in module.state_dict(torch_layout=True).items()}


def test_pytorch_reads_our_files_and_we_its(tmp_path):
    torch = pytest.importorskip("torch")
    files = pytest.importorskip("safetensors.torch")
    mine = nn.Sequential(nn.Conv1d(2, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 5))
    theirs = torch.nn.Sequential(torch.nn.Conv1d(2, 3, 3), torch.nn.ReLU(), torch.nn.Flatten(),
                                 torch.nn.Linear(12, 5))  # fmt: skip
    x = generator().standard_normal((4, 2, 6)).astype(np.float32)
    files.save_file(theirs.state_dict(), tmp_path / "theirs.safetensors")
    nn.load(mine, tmp_path / "theirs.safetensors", torch_layout=True)
    np.testing.assert_allclose(mine(x).data, theirs(torch.tensor(x)).detach(), rtol=1e-5, atol=1e-6)
    for p in mine.parameters():
        p.data[...] *= 2
    nn.save(mine, tmp_path / "mine.safetensors", torch_layout=True)
    theirs.load_state_dict(files.load_file(tmp_path / "mine.safetensors"))
    np.testing.assert_allclose(mine(x).data, theirs(torch.tensor(x)).detach(), rtol=1e-5, atol=1e-5)


def results(out):
    flat = []
    for part in out if isinstance(out, (tuple, list)) else [out]:
        flat.extend(results(part) if isinstance(part, (tuple, list)) else [part])
    return flat


LAYERS = [  # ours, theirs, shapes of the inputs, options of both
    ("Linear", (3, 4), [(2, 5, 3)], {}),
    ("Linear", (3, 4), [(2, 3)], dict(bias=False)),
    ("Bilinear", (3, 4, 2), [(5, 3), (5, 4)], {}),
    ("LayerNorm", (4,), [(2, 3, 4)], {}),
    ("LayerNorm", ((3, 4),), [(2, 3, 4)], dict(eps=0.1)),
    ("LayerNorm", (4,), [(2, 3, 4)], dict(elementwise_affine=False)),
    ("RMSNorm", (4,), [(2, 3, 4)], dict(eps=1e-5)),
    ("RMSNorm", (4,), [(2, 3, 4)], {}),
    ("GroupNorm", (2, 6), [(2, 6, 3, 3)], {}),
    ("BatchNorm1d", (3,), [(5, 3)], {}),
    ("BatchNorm1d", (3,), [(5, 3, 4)], dict(momentum=None)),
    ("BatchNorm2d", (3,), [(5, 3, 2, 2)], dict(affine=False)),
    ("BatchNorm3d", (3,), [(4, 3, 2, 2, 2)], dict(track_running_stats=False)),
    ("Conv1d", (4, 6, 3), [(2, 4, 8)], dict(stride=2, groups=2)),
    ("Conv2d", (2, 3, 3), [(2, 2, 6, 5)], dict(padding="same")),
    ("Conv3d", (2, 3, 2), [(2, 2, 4, 3, 3)], dict(bias=False)),
    ("ConvTranspose1d", (4, 6, 3), [(2, 4, 5)], dict(groups=2)),
    ("ConvTranspose2d", (2, 3, 3), [(2, 2, 4, 3)], dict(stride=2, padding=1, output_padding=1)),
    ("ConvTranspose3d", (2, 3, 2), [(1, 2, 3, 2, 2)], {}),
    ("MaxPool1d", (2,), [(2, 3, 8)], {}),
    ("MaxPool2d", (3,), [(2, 3, 8, 7)], dict(stride=2, padding=1)),
    ("MaxPool3d", (2,), [(2, 1, 4, 4, 4)], {}),
    ("AvgPool2d", (2,), [(2, 3, 6, 4)], {}),
    ("AdaptiveAvgPool2d", (2,), [(2, 3, 6, 4)], {}),
    ("AdaptiveMaxPool1d", (2,), [(2, 3, 6)], {}),
    ("Flatten", (), [(2, 3, 4)], {}),
    ("LeakyReLU", (0.2,), [(2, 3)], {}),
    ("ELU", (), [(2, 3)], dict(alpha=0.5)),
    ("GELU", (), [(2, 3)], dict(approximate="tanh")),
    ("Softplus", (), [(2, 3)], dict(beta=2.0)),
    ("Hardtanh", (-0.5, 0.5), [(4, 3)], {}),
    *((name, (), [(3, 4)], {}) for name in
      ("ReLU", "SELU", "CELU", "SiLU", "Mish", "Softsign", "Sigmoid", "LogSigmoid", "Tanh", "GLU")),
    ("RNNCell", (3, 4), [(2, 3)], dict(nonlinearity="relu")),
    ("LSTMCell", (3, 4), [(2, 3)], {}),
    ("GRUCell", (3, 4), [(2, 3)], dict(bias=False)),
    ("RNN", (3, 4), [(2, 5, 3)], dict(num_layers=2, nonlinearity="relu")),
    ("LSTM", (3, 4), [(2, 5, 3)], dict(num_layers=2, bidirectional=True)),
    ("GRU", (3, 4), [(2, 5, 3)], dict(bidirectional=True, bias=False)),
]  # fmt: skip
RECURRENT = "RNN", "LSTM", "GRU"


@pytest.mark.parametrize(("name", "args", "shapes", "options"), LAYERS, ids=lambda x: str(x)[:40])
def test_layers_agree_with_pytorch(name, args, shapes, options):
    torch = pytest.importorskip("torch")
    mine = getattr(nn, name)(*args, **options)
    theirs = getattr(torch.nn, name)(
        *args, **options, **(dict(batch_first=True) if name in RECURRENT else {})
    )
    mine.astype(np.float64)
    theirs.double()
    theirs.load_state_dict(as_torch(mine))
    compare(torch, mine, theirs, shapes)
    if mine.buffers():
        for training in (True, False):  # running statistics of two batches, and their use
            mine.train(training)
            theirs.train(training)
            compare(torch, mine, theirs, shapes)


def compare(torch, mine, theirs, shapes, mine_options=None, **options):
    rng = generator()
    arrays = [rng.standard_normal(shape) for shape in shapes]
    xs = [Tensor(a, requires_grad=True) for a in arrays]
    ts = [torch.tensor(a, requires_grad=True) for a in arrays]
    mine.zero_grad()
    theirs.zero_grad()
    ours = results(mine(*xs, **(mine_options or {})))
    others = [t for t in results(theirs(*ts, **options)) if t is not None]
    for a, b in zip(ours, others, strict=True):
        np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=1e-9, atol=1e-11)
    sum(np.sum(np.sin(a) * (k + 1)) for k, a in enumerate(ours)).backward()
    sum((torch.sin(b) * (k + 1)).sum() for k, b in enumerate(others)).backward()
    for x, t in zip(xs, ts, strict=True):
        np.testing.assert_allclose(x.grad, t.grad.numpy(), rtol=1e-8, atol=1e-10)
    grads = dict(theirs.named_parameters())
    transposed = {k: v.shape for k, v in mine.state_dict(torch_layout=True).items()}
    for path, p in mine.named_parameters():
        theirs_grad = grads[path].grad.numpy()
        assert theirs_grad.shape == transposed[path]
        turned = mine_is_turned(mine, path)
        ours_grad = np.moveaxis(p.grad, -1, 0) if turned else p.grad
        np.testing.assert_allclose(ours_grad, theirs_grad, rtol=1e-8, atol=1e-10)
    for path, b in mine.named_buffers():
        np.testing.assert_allclose(b.data, theirs.state_dict()[path].numpy(), rtol=1e-10)


def mine_is_turned(module, path):
    owner, _, name = path.rpartition(".")
    return name.startswith(dict(module.named_modules())[owner]._transposed)


@pytest.mark.parametrize("is_causal", [False, True])
def test_attention_agrees_with_pytorch(is_causal):
    torch = pytest.importorskip("torch")
    mine = nn.MultiHeadAttention(6, 2, rng=generator(), **F64)
    theirs = torch.nn.MultiheadAttention(6, 2, batch_first=True).double()
    theirs.load_state_dict(as_torch(mine))
    hidden = torch.triu(torch.ones(4, 4, dtype=bool), 1) if is_causal else None
    x = generator().standard_normal((3, 4, 6))
    expected, _ = theirs(*[torch.tensor(x)] * 3, attn_mask=hidden)
    np.testing.assert_allclose(mine(x, is_causal=is_causal).data, expected.detach(), atol=1e-12)
    mask = None if hidden is None else ~hidden.numpy()
    np.testing.assert_allclose(mine(x, mask=mask).data, expected.detach(), atol=1e-12)
    if not is_causal:  # other keys and values
        k, v = generator().standard_normal((2, 3, 5, 6))
        expected, _ = theirs(torch.tensor(x), torch.tensor(k), torch.tensor(v))
        np.testing.assert_allclose(mine(x, k, v).data, expected.detach(), atol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_a_transformer_block_agrees_with_pytorch(activation):
    torch = pytest.importorskip("torch")
    mine = nn.TransformerBlock(6, 2, 10, activation=activation, rng=generator(), **F64)
    theirs = torch.nn.TransformerEncoderLayer(
        6, 2, 10, 0.0, activation, batch_first=True, norm_first=True
    ).double()
    theirs.load_state_dict(as_torch(mine))
    hidden = torch.triu(torch.ones(4, 4, dtype=bool), 1)
    compare(torch, mine, theirs, [(3, 4, 6)], dict(is_causal=True), src_mask=hidden)


def test_embedding_agrees_with_pytorch():
    torch = pytest.importorskip("torch")
    mine = nn.Embedding(5, 3, rng=generator(), **F64)
    theirs = torch.nn.Embedding(5, 3).double()
    theirs.load_state_dict(as_torch(mine))
    indices = np.array([[1, 4], [1, 0]])
    np.sum(np.sin(mine(indices))).backward()
    torch.sin(theirs(torch.tensor(indices))).sum().backward()
    np.testing.assert_allclose(mine.weight.grad, theirs.weight.grad)


@pytest.mark.parametrize("name", ["Linear", "Conv2d", "ConvTranspose2d", "LSTM", "GRUCell",
                                  "Bilinear", "Embedding"])  # fmt: skip
def test_first_weights_are_distributed_as_in_pytorch(name):
    """Extremes and standard deviations of a few thousand numbers."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    args = {"Conv2d": (40, 20, 3), "ConvTranspose2d": (40, 20, 3), "Bilinear": (30, 20, 10)}
    args = args.get(name, (60, 50))
    theirs = getattr(torch.nn, name)(*args).state_dict()
    for path, mine in getattr(nn, name)(*args, rng=generator()).state_dict(True).items():
        other = theirs[path].numpy()
        assert mine.shape == other.shape
        if mine.size > 1000:
            assert mine.std() == pytest.approx(other.std(), rel=0.1), path
            if name != "Embedding":
                assert abs(mine).max() == pytest.approx(abs(other).max(), rel=0.02), path


def test_initialisation():
    rng = generator()
    shape = (300, 200)
    expected = {
        "xavier_uniform": np.sqrt(2 / 500), "xavier_normal": np.sqrt(2 / 500),
        "kaiming_uniform": np.sqrt(2 / 300), "kaiming_normal": np.sqrt(2 / 300),
        "normal": 1.0, "uniform": np.sqrt(1 / 12), "zeros": 0.0, "ones": 0.0,
    }  # fmt: skip
    for name, std in expected.items():
        w = getattr(initialisation, name)(shape, rng)
        assert (w.shape, w.dtype) == (shape, np.float32)
        assert w.std() == pytest.approx(std, rel=0.02), name
    w = initialisation.kaiming_normal((300, 20, 3, 3), rng, mode="fan_out")
    assert w.std() == pytest.approx(np.sqrt(2 / 2700), rel=0.02)
    for shape in ((4, 7), (7, 4), (4, 2, 3)):
        q = initialisation.orthogonal(shape, rng, np.float64, gain=2.0).reshape(shape[0], -1)
        small = q @ q.T if q.shape[0] <= q.shape[1] else q.T @ q
        np.testing.assert_allclose(small, 4 * np.eye(len(small)), atol=1e-12)
    assert initialisation.gain("leaky_relu", 0.0) == initialisation.gain("relu")
    with pytest.raises(ShapeError, match="no fans"):
        initialisation.xavier_normal((3,))
    with pytest.raises(TypeError, match=r"np\.random\.default_rng"):
        initialisation.normal((3,), 42)
    with pytest.raises(ValueError, match="'fan_in' or 'fan_out'"):
        initialisation.kaiming_normal((3, 3), mode="out")


def test_equal_generators_make_equal_layers():
    first, second = (nn.TransformerBlock(4, 2, rng=generator()).state_dict() for _ in range(2))
    assert all((first[k] == second[k]).all() for k in first)


WRONG = [
    (lambda: nn.Linear(0, 3), ValueError, "Linear: in_features is a positive integer"),
    (lambda: nn.Linear(3, 2.5), ValueError, "out_features"),
    (lambda: nn.Linear(3, 2, dtype=int), DTypeError, "Linear: dtype int64"),
    (lambda: nn.Linear(3, 2, rng=0), TypeError, "numpy.random.Generator"),
    (lambda: nn.MultiHeadAttention(5, 2), ValueError, "2 heads do not divide embed_dim 5"),
    (lambda: nn.GroupNorm(2, 5), ValueError, "2 groups do not divide 5"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ValueError, "groups 2 do not divide 3 and 4"),
    (lambda: nn.Conv2d(3, 4, (3, 3, 3)), ValueError, "Conv2d: kernel_size=.* for 2 spatial axes"),
    (lambda: nn.Dropout(1.5), ValueError, "Dropout: p is 1.5"),
    (lambda: nn.LSTM(2, 2, dropout=2), ValueError, "LSTM: dropout is 2"),
    (lambda: nn.RNN(2, 2, nonlinearity="sin"), ValueError, "nonlinearity 'sin'"),
    (lambda: nn.TransformerBlock(4, 2, activation="tan"), ValueError, "activation 'tan'"),
    (lambda: nn.GELU(exact=True), TypeError, "GELU: options are approximate, got exact"),
    (lambda: nn.LayerNorm(4)(np.ones((4, 3))), ShapeError, r"last axes are to be \(4,\)"),
    (lambda: nn.BatchNorm2d(4)(np.ones((4, 3))), ShapeError, r"expected \(batch, 4, …, …\)"),
    (lambda: nn.GroupNorm(2, 4)(np.ones((4, 3))), ShapeError, "axis 1 is to be 4 channels"),
    (lambda: nn.LSTM(3, 2)(np.ones((4, 3))), ShapeError, r"expected \(batch, length, 3\)"),
    (lambda: nn.LSTM(3, 2)(np.ones((4, 0, 3))), ShapeError, "no steps"),
    (lambda: nn.GRU(3, 2)(np.ones((4, 1, 3)), np.ones((4, 2))), ShapeError, r"\(1, 4, 2\)"),
    (lambda: nn.MultiHeadAttention(4, 2)(np.ones((4, 3))), ShapeError, "query of shape"),
    (lambda: nn.MultiHeadAttention(4, 2)(np.ones((1, 3, 4)), value=1), TypeError, "without a key"),
    (lambda: nn.Flatten(2)(np.ones((4, 3))), ShapeError, "start 2 is no axis"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "words"), WRONG, ids=[w[2][:40] for w in WRONG])
def test_mistakes_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()


@pytest.mark.parametrize("layer", [nn.LSTM(2, 3, **F64), nn.GRU(2, 3, **F64),
                                   nn.TransformerBlock(2, 1, **F64)], ids=repr)  # fmt: skip
def test_second_derivatives(layer):
    def f(x):
        y = layer(x)
        return np.sum(np.sin(y[0] if isinstance(y, tuple) else y))

    ag.check_grads(f, generator().standard_normal((2, 3, 2)), order=2)


TRAINED = [(name, args, shapes, options) for name, args, shapes, options in LAYERS
           if getattr(nn, name)(*args, **options).parameters()]  # fmt: skip


@pytest.mark.parametrize("checkpointed", [False, True])
@pytest.mark.parametrize(("name", "args", "shapes", "options"), TRAINED)
def test_a_step_between_forward_and_backward_is_refused_or_harmless(
    name, args, shapes, options, checkpointed
):
    for training in (True, False):
        layer = getattr(nn, name)(*args, **options).astype(np.float64).train(training)
        rng = generator()
        leaves = [Tensor(rng.standard_normal(s), requires_grad=True) for s in shapes]
        inputs, leaves = tuple(leaves), [*leaves, *layer.parameters()]

        def loss(*xs, layer=layer):
            return sum(np.sum(np.sin(out)) for out in results(layer(*xs)))

        loss(*inputs).backward()
        expected = [t.grad for t in leaves]
        again = ag.checkpoint(loss, *inputs) if checkpointed else loss(*inputs)
        ag.optim.SGD(layer.parameters(), lr=0.5).step()
        for t in leaves:
            t.zero_grad()
        try:
            again.backward()
        except ag.errors.GraphError:
            continue
        for t, g in zip(leaves, expected, strict=True):
            np.testing.assert_allclose(t.grad, g)


@pytest.mark.parametrize("momentum", [0.1, None])
def test_a_checkpoint_moves_running_statistics_once(momentum):
    found = []
    for call in (lambda f, x: f(x), ag.checkpoint):
        net = nn.Sequential(nn.Linear(3, 3, rng=generator(), **F64),
                            nn.BatchNorm1d(3, momentum=momentum, **F64))  # fmt: skip
        x = Tensor(generator().standard_normal((5, 3)), requires_grad=True)
        for _ in range(2):
            y = call(lambda x, net=net, call=call: call(net, x), x)
            np.sum(np.sin(y)).backward()
        found.append([*(b.data for b in net.buffers()), x.grad])
    assert found[0][2] == 2  # batches
    for plain, checkpointed in zip(*found, strict=True):
        np.testing.assert_allclose(checkpointed, plain)


def test_training_between_an_evaluation_and_its_backward_pass():
    norm = nn.BatchNorm1d(3, **F64)
    x = Tensor(generator().standard_normal((5, 3)), requires_grad=True)
    expected = x.data / (1 + 1e-5)
    loss = np.sum(norm.eval()(x) ** 2) / 2
    norm.train()(x)  # moves the statistics that the evaluation used
    loss.backward()
    np.testing.assert_allclose(x.grad, expected)


def test_dropout_between_recurrent_layers_only_while_training():
    layer = nn.RNN(2, 3, num_layers=2, dropout=0.5, rng=generator(), **F64)
    x = generator().standard_normal((2, 4, 2))
    assert not np.array_equal(layer(x)[0].data, layer(x)[0].data)
    layer.eval()
    np.testing.assert_array_equal(layer(x)[0].data, layer(x)[0].data)


def test_public_names_are_documented():
    for name, value in vars(nn).items():
        if name[0] != "_" and (inspect.isclass(value) or inspect.isfunction(value)):
            assert value.__doc__, name
            assert len(value.__doc__) > 25, name


def test_the_package_imports_without_its_layers():
    code = "import sys, autograd_lite as ag; print('autograd_lite.nn' in sys.modules, ag.nn.ReLU())"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False ReLU()"
