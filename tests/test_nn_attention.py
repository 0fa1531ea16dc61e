"""The attention layer: its weights, dropout and masks."""

import numpy as np
import pytest

import autograd_lite as ag
import viz
from autograd_lite import Tensor, nn
from autograd_lite.errors import DTypeError, ShapeError

BATCH, HEADS, LENGTH, KEYS, WIDTH = 3, 2, 4, 5, 6
F64 = dict(dtype=np.float64)


def generator():
    return np.random.default_rng(0)


def layer(**options):
    return nn.MultiHeadAttention(WIDTH, HEADS, rng=generator(), **F64, **options)


def inputs():
    rng = generator()
    return [rng.standard_normal((BATCH, n, WIDTH)) for n in (LENGTH, KEYS, KEYS)]


def masks():
    rng = generator()
    seen = rng.random((BATCH, HEADS, LENGTH, KEYS)) < 0.5
    seen[..., 0] = True
    padding = np.arange(KEYS) < np.array([[5], [2], [3]])
    return {
        "none": None,
        "booleans": seen,
        "floats": rng.standard_normal((LENGTH, KEYS)),
        "of each head": rng.standard_normal((HEADS, 1, KEYS)),
        "padding": padding[:, None, None, :],
        "nothing seen": seen & (np.arange(LENGTH) > 0)[:, None],
    }


@pytest.mark.parametrize("kind", masks())
def test_with_weights_the_output_and_all_gradients_are_the_same(kind):
    mask, found = masks()[kind], []
    for need_weights in (False, True):
        attention, xs = layer(), [Tensor(x, requires_grad=True) for x in inputs()]
        y = attention(*xs, mask=mask, need_weights=need_weights)
        if need_weights:
            y, weights = y
            assert weights.shape == (BATCH, HEADS, LENGTH, KEYS)
            dark = np.zeros((LENGTH, 1)) if kind != "nothing seen" else np.eye(LENGTH, 1)
            np.testing.assert_allclose(
                weights.data.sum(-1), np.broadcast_to(1 - dark.T, weights.shape[:3]), atol=1e-12
            )
            if mask is not None and mask.dtype == bool:
                assert not weights.data[~np.broadcast_to(mask, weights.shape)].any()
        np.sum(np.sin(y)).backward()
        found.append([y.data, *(t.grad for t in (*xs, *attention.parameters()))])
    for fused, plain in zip(*found, strict=True):
        np.testing.assert_allclose(fused, plain, atol=1e-12)


@pytest.mark.parametrize("is_causal", [False, True])
def test_weights_are_pytorchs(is_causal):
    torch = pytest.importorskip("torch")
    mine = layer()
    theirs = torch.nn.MultiheadAttention(WIDTH, HEADS, batch_first=True).double()
    state = mine.state_dict(torch_layout=True)
    theirs.load_state_dict({name: torch.from_numpy(a) for name, a in state.items()})
    x = inputs()[0]
    hidden = torch.triu(torch.ones(LENGTH, LENGTH, dtype=bool), 1) if is_causal else None
    expected = theirs(*[torch.tensor(x)] * 3, attn_mask=hidden, average_attn_weights=False)
    for ours, other in zip(mine(x, is_causal=is_causal, need_weights=True), expected, strict=True):
        np.testing.assert_allclose(ours.data, other.detach(), atol=1e-12)


@pytest.mark.parametrize("mask", [None, masks()["nothing seen"], masks()["floats"]])
def test_derivatives_of_the_weights(mask):
    attention = layer()

    def f(*xs):
        y, weights = attention(*xs, mask=mask, need_weights=True)
        return np.sum(np.sin(y)) + np.sum(np.cos(3 * weights))

    ag.check_grads(f, *inputs())


def test_a_mask_of_floats_may_be_learned():
    attention, xs = layer(), inputs()
    for need_weights in (False, True):

        def f(mask, need_weights=need_weights):
            y = attention(*xs, mask=mask, need_weights=need_weights)
            return np.sin(y[0] if need_weights else y)

        ag.check_grads(f, masks()["of each head"])


# --- dropout --------------------------------------------------------------------------------------
def test_dropout_zeroes_weights_while_training():
    x, _, _ = inputs()
    first, second = layer(dropout=0.5), layer(dropout=0.5)
    y, weights = first(x, is_causal=True, need_weights=True)
    again, _ = second(x, is_causal=True, need_weights=True)
    np.testing.assert_array_equal(y.data, again.data)  # the same generator
    assert not np.array_equal(y.data, first(x, is_causal=True).data)  # drawn anew
    plain, whole = first.eval()(x, is_causal=True, need_weights=True)
    np.testing.assert_array_equal(layer()(x, is_causal=True, need_weights=True)[1].data, whole.data)
    np.testing.assert_allclose(first(x, is_causal=True).data, plain.data, atol=1e-12)
    kept = weights.data != 0
    np.testing.assert_allclose(weights.data[kept], 2 * whole.data[kept])
    below = np.broadcast_to(np.tri(LENGTH, dtype=bool), kept.shape)
    assert 0.2 < kept[below].mean() < 0.8
    values = np.split((x @ first.in_proj_weight.data + first.in_proj_bias.data), 3, -1)[2]
    values = values.reshape(BATCH, LENGTH, HEADS, -1).swapaxes(1, 2)
    mixed = (weights.data @ values).swapaxes(1, 2).reshape(x.shape)  # the weights that were used
    np.testing.assert_allclose(first.out_proj(mixed).data, y.data)


def test_all_weights_dropped_leave_the_bias():
    attention = layer(dropout=1.0)
    attention.out_proj.bias.data[...] = np.arange(WIDTH)
    y = attention(inputs()[0]).data
    np.testing.assert_array_equal(y, np.broadcast_to(np.arange(WIDTH), y.shape))


def test_a_blocks_dropout_reaches_its_attention_and_eval_ends_it():
    x = inputs()[0]
    block, plain = (nn.TransformerBlock(WIDTH, HEADS, dropout=p, rng=generator(), **F64)
                    for p in (0.25, 0.0))  # fmt: skip
    plain.load_state_dict(block.state_dict())
    _, weights = block(x, need_weights=True)
    assert 0.1 < (weights.data == 0).mean() < 0.4
    np.testing.assert_array_equal(block.eval()(x).data, plain(x).data)


# --- a block --------------------------------------------------------------------------------------
def test_a_block_gives_its_weights():
    x = inputs()[0]
    block = nn.TransformerBlock(WIDTH, HEADS, rng=generator(), **F64)
    y, weights = block(x, is_causal=True, need_weights=True)
    np.testing.assert_allclose(y.data, block(x, is_causal=True).data, atol=1e-12)
    _, expected = block.self_attn(block.norm1(x), is_causal=True, need_weights=True)
    np.testing.assert_array_equal(weights.data, expected.data)


def test_drawings_show_the_parts_of_a_block_by_their_paths():
    net = nn.Sequential(nn.TransformerBlock(WIDTH, HEADS, rng=generator(), **F64), nn.Tanh())
    with viz.record():
        y = net(inputs()[0])
    folded, open_ = (viz.draw(y, depth=depth).source for depth in (0, 1))
    assert "TransformerBlock" in folded
    assert "self_attn" not in folded
    for path in ("0.norm1", "0.self_attn", "0.norm2", "0.linear1", "0.linear2"):
        assert path in open_
    inner = viz.draw(y).source
    assert "0.self_attn.in_proj_weight" in inner
    assert "attention" in inner  # fused, in one box
    assert "softmax" not in inner


def test_a_mask_of_double_precision_leaves_float32():
    x = inputs()[0].astype(np.float32)
    for need_weights in (False, True):
        attention = nn.MultiHeadAttention(WIDTH, HEADS, rng=generator())
        y = attention(x, mask=np.where(np.tri(LENGTH), 0.0, -np.inf), need_weights=need_weights)
        y = y[0] if need_weights else y
        assert y.dtype == np.float32
        np.testing.assert_allclose(y.data, attention(x, is_causal=True).data, atol=1e-6)


# --- mistakes -------------------------------------------------------------------------------------
Q, K, _ = inputs()
TOP = np.tri(LENGTH, dtype=bool)
WRONG = [
    (dict(mask=TOP.astype(int)), DTypeError, r"mask of dtype int64.*mask\.astype\(bool\)"),
    (dict(mask=TOP[:2]), ShapeError, r"\(2, 4\) does not broadcast to .*here \(3, 2, 4, 4\)$"),
    (dict(mask=TOP[0]), ShapeError, r"of the keys alone: mask\[None, :\]"),
    (dict(mask=True), ShapeError, r"mask of shape \(\) "),
    (dict(mask=TOP[None, None, None]), ShapeError, r"\(1, 1, 1, 4, 4\)"),
    (dict(mask=TOP[:BATCH]), ShapeError, r"each example's keys: mask\[:, None, None, :\]"),
    (dict(mask=np.stack([TOP] * 3)), ShapeError, r"same for all heads: mask\[:, None\]"),
    (dict(mask=np.stack([TOP] * 6)), ShapeError, r"mask\.reshape\(3, 2, 4, 4\)"),
    (dict(mask=TOP, is_causal=True), ValueError, r"mask & np\.tri"),
    (dict(key=K[:1]), ShapeError, r"key of shape \(1, 5, 6\).*expected \(3, keys, 6\)"),
    (dict(key=K[0]), ShapeError, r"key of shape \(5, 6\)"),
    (dict(key=K[0].tolist()), ShapeError, r"key of shape \(5, 6\)"),
    (dict(key="keys"), DTypeError, "key is a str"),
    (dict(key=K, value=K[:, 1:]), ShapeError, r"value of shape \(3, 4, 6\) for a key"),
]


@pytest.mark.parametrize(("options", "error", "words"), WRONG, ids=[w[2][:30] for w in WRONG])
def test_mistakes_are_named_with_the_layers_path(options, error, words):
    class Reader(nn.Module):
        def __init__(self):
            self.parts = nn.ModuleList([layer()])

        def forward(self, x, **options):
            return self.parts[0](x, **options)

    with pytest.raises(error, match=rf"^MultiHeadAttention 'parts\.0': .*{words}"):
        Reader()(Q, **options)
    for need_weights in (False, True):
        with pytest.raises(error, match=rf"^MultiHeadAttention: .*{words}"):
            layer()(Q, **options, need_weights=need_weights)


def test_a_blocks_mask_is_named_with_its_attentions_path():
    block = nn.TransformerBlock(WIDTH, HEADS, **F64)
    with pytest.raises(ShapeError, match=r"^MultiHeadAttention 'self_attn': mask of shape \(2, 4"):
        block(Q, mask=TOP[:2])
    with pytest.raises(ValueError, match=r"Dropout: p is 1\.5"):
        nn.TransformerBlock(WIDTH, HEADS, dropout=1.5)
