"""What networks are given by mistake: each error names the place, what came, and what to do."""

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import Tensor, data, functional as F, nn, optim
from autograd_lite.errors import AnomalyError, GraphError


def rng():
    return np.random.default_rng(0)


def ones(*shape, dtype=np.float32):
    return np.ones(shape, dtype)


X = rng().standard_normal((4, 3))
Y = np.array([0, 1, 2, 0])
W = Tensor(np.ones(3), requires_grad=True, name="w")
NET = nn.Sequential(nn.Linear(3, 4, rng=rng()), nn.Linear(4, 2, rng=rng()))


# --- layers deep in a network: the message begins with the class and the path -------------------
class Deep(nn.Module):
    def __init__(self, layer):
        self.body = nn.Sequential(nn.Identity(), nn.ModuleDict({"layer": layer}))

    def forward(self, *args, **kwargs):
        return self.body[1]["layer"](*args, **kwargs)


IN_A_NETWORK = [  # layer, inputs, words
    (nn.Linear(3, 4), [ones(2, 5)], ["(2, 5)", "(3, 4)", "expected (…, in)"]),
    (nn.Linear(3, 4), [None], ["x is a NoneType", "expected an array"]),
    (nn.Linear(3, 4), ["text"], ["x is a str", "expected an array"]),
    (nn.Bilinear(3, 4, 2), [ones(2, 3), ones(2, 5)], ["(2, 5)", "(3, 4, 2)", "expected"]),
    (nn.Conv2d(3, 4, 3), [ones(2, 5, 8, 8)], ["(2, 5, 8, 8) has 5 channels", "take 3"]),
    (nn.Conv2d(3, 4, 3), [ones(2, 3, 2, 2)], ["(3, 3)", "larger", "(2, 2)", "more padding"]),
    (nn.Conv2d(3, 4, 3), [ones(3, 8, 8)], ["(3, 8, 8)", "x[None]"]),
    (nn.Conv2d(3, 4, 3), [ones(2, 3, 8, 8, dtype=int)], ["int64", "astype(np.float32)"]),
    (nn.Conv2d(3, 4, 3), [None], ["x is a NoneType"]),
    (nn.ConvTranspose1d(3, 4, 3), [ones(2, 4, 8)], ["4 channels", "take 3"]),
    (nn.MaxPool2d(9), [ones(1, 1, 4, 4)], ["(9, 9)", "larger", "(4, 4)"]),
    (nn.Embedding(5, 2), [ones(3)], ["float32", "expected integers"]),
    (nn.Embedding(5, 2), [[5]], ["from 5 to 5", "expected 0 to 4"]),
    (nn.BatchNorm1d(3), [ones(1, 3)], ["(1, 3)", "1 value", "training=False"]),
    (nn.BatchNorm2d(3), [ones(4, 3)], ["(4, 3)", "expected (batch, 3, …, …)"]),
    (nn.BatchNorm1d(3), [ones(4, 3, dtype=int)], ["int64", "astype(float)"]),
    (nn.LayerNorm(3), [ones(4, 5)], ["(4, 5)", "(3,)"]),
    (nn.LayerNorm(3), [None], ["x is a NoneType"]),
    (nn.GroupNorm(2, 4), [ones(4, 5)], ["(4, 5)", "4 channels"]),
    (nn.MultiHeadAttention(4, 2), [ones(2, 3, 5)], ["(2, 3, 5)", "expected (batch, length, 4)"]),
    (nn.MultiHeadAttention(4, 2), [ones(1, 3, 4), None, None, ones(5, 5, dtype=bool)],
     ["mask", "(5, 5)", "(1, 2, 3, 3)"]),
    (nn.LSTM(3, 4), [ones(2, 5, 4)], ["(2, 5, 4)", "expected (batch, length, 3)"]),
    (nn.LSTM(3, 4), [ones(2, 5, 3), ones(1, 2, 4)], ["a pair (h, c), each (1, 2, 4)"]),
    (nn.GRUCell(3, 4), [None], ["x is a NoneType"]),
    (nn.GLU(), [ones(2, 3)], ["(2, 3)", "odd length 3"]),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "inputs", "words"), IN_A_NETWORK)
def test_a_layer_that_cannot_run_says_where_it_is(layer, inputs, words):
    with pytest.raises((ValueError, TypeError, IndexError)) as caught:
        Deep(layer)(*inputs)
    message = str(caught.value)
    assert message.startswith(f"{type(layer).__name__} 'body.1.layer': ")
    for word in words:
        assert word in message


def test_errors_of_every_kind_say_where():
    class Broken(nn.Module):
        def forward(self, error):
            raise error

    for error in (AttributeError("a"), GraphError("a"), AnomalyError("a"), KeyError("a")):
        with pytest.raises(type(error), match=r"Broken 'body\.1\.layer': a"):
            Deep(Broken())(error)
    with pytest.raises(np.exceptions.AxisError) as caught:
        Deep(nn.Softmax(axis=2))(ones(2, 3))
    if hasattr(caught.value, "add_note"):
        assert caught.value.__notes__ == ["in Softmax 'body.1.layer'"]


# --- everything else ----------------------------------------------------------------------------
def unfinished():
    layer = nn.Linear(3, 3, rng=rng())
    loss = np.sum(layer(layer(ones(2, 3))))
    optimiser = optim.SGD(layer.parameters(), lr=0.1)
    loss.backward(retain_graph=True)
    optimiser.step()
    loss.backward()


def exploded():
    W.grad = np.array([1.0, np.nan, 2.0])
    optim.clip_grad_norm([W], 1.0)


def load(**changes):
    NET.load_state_dict(NET.state_dict() | changes)


def frozen():
    layer = nn.Linear(2, 2)
    layer.weight.data.flags.writeable = False
    layer.load_state_dict(layer.state_dict())


def put(module, name, value):
    setattr(module, name, value)


def used_up():
    parameters = (p for p in NET.parameters())
    list(parameters)
    return parameters


sgd = optim.SGD([W], lr=0.1)
CE, BCE = F.cross_entropy, F.binary_cross_entropy_with_logits
BAD = [  # call, words
    # layers that cannot be
    (lambda: nn.Linear(0, 4), ["Linear: in_features", "positive integer", "0"]),
    (lambda: nn.Linear(3.0, 4), ["in_features", "3.0"]),
    (lambda: nn.Linear(3, 4, dtype="foo"), ["Linear: dtype 'foo'", "np.float32"]),
    (lambda: nn.Linear(3, 4, rng=3), ["numpy.random.Generator", "default_rng", "int"]),
    (lambda: nn.Conv2d(3, 4, 3, stride=0), ["Conv2d: stride=0", "at least 1"]),
    (lambda: nn.Conv2d(3, 4, 3, stride=1.5), ["Conv2d: stride=1.5", "integer"]),
    (lambda: nn.Conv2d(3, 4, 3, stride=(1, 2, 3)), ["stride=(1, 2, 3)", "2 spatial axes"]),
    (lambda: nn.Conv2d(3, 4, 3, padding=-1), ["Conv2d: padding=-1", "at least 0"]),
    (lambda: nn.Conv2d(3, 4, 3, padding="full"), ["padding='full'", "'same', 'valid'"]),
    (lambda: nn.Conv2d(3, 4, 3, 2, "same"), ["padding='same'", "stride (2, 2)"]),
    (lambda: nn.Conv2d(3, 4, 3, dilation=0), ["Conv2d: dilation=0"]),
    (lambda: nn.Conv2d(3, 4, 3, groups=2), ["groups 2 do not divide 3 and 4"]),
    (lambda: nn.ConvTranspose2d(3, 4, 3, padding=-1), ["ConvTranspose2d: padding=-1"]),
    (lambda: nn.ConvTranspose2d(3, 4, 3, output_padding=1), ["output_padding (1, 1)", "stride"]),
    (lambda: nn.MaxPool2d(2, stride=0), ["MaxPool2d: stride=0"]),
    (lambda: nn.MaxPool2d(0), ["MaxPool2d: kernel_size=0"]),
    (lambda: nn.MaxPool1d((2, 2)), ["MaxPool1d: kernel_size=(2, 2)", "1 spatial axes"]),
    (lambda: nn.AvgPool3d(2, padding=2), ["AvgPool3d: padding (2, 2, 2)", "half"]),
    (lambda: nn.AdaptiveAvgPool2d(0), ["AdaptiveAvgPool2d: output_size", "at least 1"]),
    (lambda: nn.AdaptiveMaxPool2d((1, 2, 3)), ["AdaptiveMaxPool2d: output_size=(1, 2, 3)"]),
    (lambda: nn.BatchNorm1d(3, eps=-1), ["BatchNorm1d: eps is -1"]),
    (lambda: nn.BatchNorm1d(3, momentum=2), ["BatchNorm1d: momentum is 2", "at most 1"]),
    (lambda: nn.LayerNorm(3, eps=np.nan), ["LayerNorm: eps is nan"]),
    (lambda: nn.GroupNorm(3, 4), ["3 groups do not divide 4"]),
    (lambda: nn.Dropout(1.5), ["Dropout: p is 1.5", "at most 1"]),
    (lambda: nn.Dropout(-0.1), ["Dropout: p is -0.1", "at least 0"]),
    (lambda: nn.Dropout("a"), ["Dropout: p is a str", "number"]),
    (lambda: nn.GRU(2, 2, dropout=np.nan), ["GRU: dropout is nan"]),
    # functions
    (lambda: F.dropout(X), ["dropout: rng is None", "np.random.default_rng(seed)"]),
    (lambda: F.dropout(X, rng=np.random), ["dropout: rng is a module", "default_rng"]),
    (lambda: F.one_hot([3], 3), ["one_hot: labels from 3 to 3", "0 to 2"]),
    (lambda: F.one_hot([-1], 3), ["one_hot: labels from -1"]),
    (lambda: F.one_hot([0.5], 3), ["one_hot: labels of dtype float64"]),
    (lambda: F.celu(X, alpha=0), ["celu: alpha is 0"]),
    (lambda: F.softplus(X, beta=0), ["softplus: beta is 0"]),
    (lambda: F.hardtanh(X, 2, 1), ["hardtanh: min_val 2 is above max_val 1"]),
    (lambda: F.mish(None), ["mish: x is a NoneType"]),
    (lambda: F.layer_norm(X, eps=-1.0), ["layer_norm: eps is -1.0"]),
    (lambda: F.rms_norm(X, eps=np.nan), ["rms_norm: eps is nan"]),
    (lambda: F.group_norm(X, 0), ["group_norm: groups is 0"]),
    (lambda: F.group_norm(X, 1.5), ["group_norm: groups is 1.5"]),
    (lambda: F.batch_norm(X, None, None, training=True, momentum=2), ["momentum is 2", "0 to 1"]),
    # losses
    (lambda: CE(X, X[:, 0]), ["cross_entropy: labels of dtype float64", "target.astype(int)"]),
    (lambda: CE(X, Y * np.nan), ["dtype float64", "expected integers"]),
    (lambda: CE(X, Y > 0), ["labels of dtype bool", "integers"]),
    (lambda: CE(X, Y + 1), ["labels from 1 to 3", "expected 0 to 2"]),
    (lambda: CE(X, Y - 1), ["labels from -1 to 1", "ignore_index"]),
    (lambda: CE(X, Y[:, None]), ["(4, 1)", "expected integer labels (4,)"]),
    (lambda: CE(ones(2, 5, 4, 4), np.zeros((2, 4, 4), int)), ["np.moveaxis(logits, 1, -1)"]),
    (lambda: CE(X, Y, ones(3)), ["reduction is a ndarray", "weight=…"]),
    (lambda: CE(X, Y, weight=[-1, 1, 1]), ["weight from -1", "at least 0"]),
    (lambda: CE(X, Y, weight=[np.nan, 1, 1]), ["weight from nan", "finite"]),
    (lambda: CE(X, Y, weight=W), ["cross_entropy: the weight is tracked", "weight.detach()"]),
    (lambda: CE(X, X, weight=W), ["cross_entropy: the weight is tracked", "weight.detach()"]),
    (lambda: CE(X[:0], Y[:0]), ["mean of no rows", "(0, 3)", "reduction='sum'"]),
    (lambda: CE(X[:, :0], Y), ["(4, 0)", "(…, classes)"]),
    (lambda: CE(X, Y * 0, ignore_index=0), ["mean of no rows", "every label is ignored"]),
    (lambda: CE(X, Y, label_smoothing=np.nan), ["label_smoothing nan"]),
    (lambda: F.nll_loss(X, Y, weight=W), ["nll_loss: the weight is tracked"]),
    (lambda: F.nll_loss(X[:0], Y[:0]), ["nll_loss: the mean of no rows"]),
    (lambda: F.mse_loss(X[:0], X[:0]), ["mse_loss: the mean of no entries", "(0, 3)"]),
    (lambda: F.kl_div(X[:0], X[:0], "batchmean"), ["kl_div: the mean of no entries"]),
    (lambda: F.mse_loss("a", "b"), ["mse_loss: x is a str"]),
    (lambda: BCE(X, 2.0 * Y - 1), ["shapes (4, 3) and (4,)"]),
    (lambda: BCE(X[:, 0], 2 * (Y > 0) - 1), ["target from -1 to 1", "(y + 1) / 2"]),
    (lambda: BCE(X[:, 0], X[:, 0] * np.nan), ["target from nan", "0 to 1"]),
    (lambda: BCE(X, X * 0, weight=ones(7)), ["weight of shape (7,)", "(4, 3)"]),
    (lambda: BCE(X[0], X[0] * 0, ones(4, 3), "none"), ["weight of shape (4, 3)", "(3,)"]),
    (lambda: BCE(X, X * 0, pos_weight=ones(4)), ["pos_weight of shape (4,)"]),
    # states
    (lambda: NET.load_state_dict({}), ["missing: 0.weight, 0.bias, 1.weight, 1.bias"]),
    (lambda: load(**{"2.bias": X}), ["unexpected: 2.bias", "Nothing was loaded"]),
    (lambda: load(**{"0.weight": X}), ["0.weight (shape (4, 3), expected (3, 4))", "torch_layout"]),
    (lambda: load(**{"0.bias": None}), ["0.bias (shape ()"]),
    (lambda: NET.load_state_dict(NET), ["state is a Sequential", "state_dict()"]),
    (lambda: NET.load_state_dict(None), ["state is a NoneType", "mapping"]),
    (frozen, ["weight (its own array is read-only)"]),
    # attributes
    (lambda: put(NET[0], "weight", X), ["weight is a Tensor", "neither trained nor saved"]),
    (lambda: put(NET[0], "weight", NET[0].weight * 2), ["result of multiply", "no_grad()"]),
    (lambda: put(NET[0], "weight", Tensor(X.T)), ["an untracked Tensor", "requires_grad = False"]),
    (lambda: put(nn.BatchNorm1d(2), "running_var", ones(2)), ["running_var is a Tensor"]),
    (lambda: put(Deep(nn.ReLU()), "body", 3), ["Deep.body is a module", "int"]),
    (lambda: put(NET, "0", X), ["Sequential.0 is a module", "ndarray"]),
    (lambda: NET.train("no"), ["True or False", "'no'"]),
    # optimisers
    (lambda: optim.Adam([]), ["Adam: no parameters", "generator"]),
    (lambda: optim.Adam(used_up()), ["Adam: no parameters", "generator"]),
    (lambda: optim.clip_grad_norm(used_up(), 1.0), ["clip_grad_norm: no parameters"]),
    (lambda: optim.Adam(None), ["Adam: params is a NoneType"]),
    (lambda: optim.Adam(NET), ["params is a Sequential", "module.parameters()"]),
    (lambda: optim.Adam(NET.parameters), ["params is a method", "call it"]),
    (lambda: optim.Adam(NET.named_parameters()), ["parameter 0 is a tuple", "second of each pair"]),
    (lambda: optim.Adam([W, W]), ["1 w float64 (3,)", "same array as number 0"]),
    (lambda: optim.Adam([W, ag.asarray(W.data[::-1], requires_grad=True)]), ["shares memory"]),
    (lambda: optim.Adam([Tensor(ones(2), name="u")]), ["u float32 (2,)", "requires_grad=True"]),
    (lambda: optim.SGD([W], lr=-1), ["SGD: lr is -1", "at least 0"]),
    (lambda: optim.SGD([W], lr=np.nan), ["SGD: lr is nan"]),
    (lambda: optim.SGD([W], lr="0.1"), ["SGD: lr is a str"]),
    (lambda: optim.SGD([W], lr=True), ["SGD: lr is a bool"]),
    (lambda: optim.SGD([W], 1, 0.5, nesterov="yes"), ["SGD: nesterov is 'yes'"]),
    (lambda: optim.RMSprop([W], centered=1), ["RMSprop: centered is 1"]),
    (lambda: optim.Adam([W], betas=(1.0, 0.9)), ["betas[0] is 1", "below 1"]),
    (lambda: optim.Adam([W], betas=(0.9,)), ["betas is (0.9,)", "two numbers"]),
    (exploded, ["gradient of parameter 0 w float64 (3,)", "NaN", "detect_anomaly"]),
    (unfinished, ["changed in place", "optimiser step"]),
    (lambda: optim.StepLR(sgd, "a"), ["StepLR: step_size is 'a'"]),
    (lambda: optim.StepLR(sgd, np.nan), ["StepLR: step_size is nan"]),
    (lambda: optim.LambdaLR(sgd, 0.5), ["LambdaLR: lr_lambda is a float"]),
    (lambda: optim.LambdaLR(sgd, lambda n: -1.0), ["LambdaLR: what lr_lambda returns is -1"]),
    (lambda: optim.SequentialLR(sgd, [3], []), ["SequentialLR: schedules are to be"]),
    (lambda: optim.SequentialLR(sgd, [3, 3], ["a"]), ["SequentialLR: a milestone is 'a'"]),
    # files and batches
    (lambda: data.minibatches(9, "a", rng()), ["minibatches: batch_size is 'a'"]),
    (lambda: data.minibatches(9, None, rng()), ["minibatches: batch_size is None"]),
    (lambda: data.minibatches(9, 2), ["rng is a NoneType", "shuffle=False"]),
]  # fmt: skip


@pytest.mark.parametrize(("call", "words"), BAD, ids=[" ".join(words)[:50] for _, words in BAD])
def test_a_mistake_is_explained(call, words):
    with pytest.raises((ValueError, TypeError, IndexError, GraphError, AnomalyError)) as caught:
        call()
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("name", ["net.npz", "net.safetensors"])
def test_a_file_of_something_else_is_refused(tmp_path, name):
    if name.endswith("safetensors"):
        pytest.importorskip("safetensors")
    (tmp_path / name).write_text("something else")
    with pytest.raises(ValueError, match=rf"load: '.*{name}' holds no \.{name[4:]}"):
        nn.load(NET, tmp_path / name)
    with pytest.raises(FileNotFoundError):
        nn.load(NET, tmp_path / f"missing_{name}")


def test_what_is_no_mistake_passes():
    assert CE(X[:0], Y[:0], "sum").item() == 0
    assert F.mse_loss(X[:0], X[:0], "none").shape == (0, 3)
    assert F.group_norm(ones(0, 4, 3), np.int64(2)).shape == (0, 4, 3)
    assert nn.LayerNorm(3)([1.0, 2.0, 3.0]).shape == (3,)
    assert optim.SGD([dict(params=[]), dict(params=[W])], lr=0).lr == 0
    assert data.minibatches(4, 2.0, rng()) is not None
    layer = nn.Linear(3, 2)
    layer.weight = Tensor(ones(3, 2), requires_grad=True)
    layer.bias = None
    with ag.no_grad():
        layer.weight *= 0.5
    assert (layer.weight.data == 0.5).all()
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
    state = Tensor(ones(2))
    layer.state = state
    layer.state = state * W.data[0] + np.sum(layer(ones(1, 3)))  # of its own, and not trained
    net = nn.Sequential(nn.ReLU())
    net[0] = F.gelu
    assert repr(net) == "Sequential()\n    0: gelu"
