"""Continued borders."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from models.padding import frame, mirror, replicate, same, unframed

margins = st.integers(0, 3)


@given(
    margins, margins, margins, margins, st.integers(1, 5), st.integers(1, 5), st.booleans(),
    st.sampled_from([torch.contiguous_format, torch.channels_last]),
)  # fmt: skip
def test_edges_are_repeated_and_gradients_come_home(
    top: int, bottom: int, left: int, right: int, h: int, w: int, relu6: bool,
    layout: torch.memory_format,
) -> None:  # fmt: skip
    values = (torch.rand(1, 2, h, w, dtype=torch.float64) * 10.0 - 2.0).contiguous(
        memory_format=layout
    )
    mine, torchs = (values.clone().requires_grad_() for _ in range(2))
    padded = replicate(mine * 1.0, top, bottom, left, right, relu6=relu6)
    activated = F.relu6(torchs) if relu6 else torchs
    wanted = F.pad(activated, (left, right, top, bottom), mode="replicate")
    assert torch.equal(padded, wanted)
    weights = torch.rand_like(padded)
    (padded * weights).sum().backward()
    (wanted * weights).sum().backward()
    assert mine.grad is not None and torchs.grad is not None
    assert torch.allclose(mine.grad, torchs.grad)


@given(st.integers(1, 300), st.sampled_from([3, 5]), st.sampled_from([1, 2]))
def test_same_padding_rounds_up(size: int, kernel: int, stride: int) -> None:
    before, after = same(size, kernel, stride)
    assert (size + before + after - kernel) // stride + 1 == -(-size // stride)
    assert 0 <= after - before <= 1


@given(st.integers(0, 6), st.integers(1, 5), st.integers(1, 9))
def test_a_mirrored_margin(margin: int, h: int, w: int) -> None:
    x = torch.rand(1, 2, h, w)
    framed = mirror(x, margin)
    assert framed.shape == (1, 2, h + 2 * margin, w + 2 * margin)
    assert torch.equal(framed[..., margin : margin + h, margin : margin + w], x)
    if margin < min(h, w):
        assert torch.equal(framed, F.pad(x, (margin,) * 4, mode="reflect"))


@given(st.integers(0, 6), st.integers(1, 5), st.integers(1, 9), margins, margins)
def test_a_frame_fades_into_the_mean(margin: int, h: int, w: int, down: int, across: int) -> None:
    x = torch.rand(1, 2, h, w, dtype=torch.float64)
    framed = frame(x, margin, down, across)
    assert framed.shape == (1, 2, h + 2 * margin + down, w + 2 * margin + across)
    inside = framed[..., margin : margin + h, margin : margin + w]
    assert torch.allclose(inside, x)
    mean = x.mean((2, 3))
    assert torch.allclose(framed[..., :, margin + w + margin :], mean[..., None, None])
    if 0 < margin < min(h, w):
        first = framed[..., margin - 1, margin : margin + w]
        away = margin / (margin + 1) * (x[..., 1, :] - mean[..., None])
        assert torch.allclose(first, mean[..., None] + away)


@given(st.integers(0, 6), st.integers(1, 5), st.integers(1, 9), margins, margins)
def test_a_frames_gradient_comes_home(margin: int, h: int, w: int, down: int, across: int) -> None:
    x = torch.rand(1, 2, h, w, dtype=torch.float64, requires_grad=True)
    weights = torch.rand(1, 2, h + 2 * margin + down, w + 2 * margin + across, dtype=torch.float64)
    (wanted,) = torch.autograd.grad(frame(x, margin, down, across), x, weights)
    assert torch.allclose(unframed(weights.clone(), margin, h, w), wanted)
