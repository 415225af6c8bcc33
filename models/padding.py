"""Borders: a picture's edge is continued, not cut off to black."""

from typing import Any

import torch
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

Sides = tuple[int, int, int, int]


class _Replicate(torch.autograd.Function):
    """Replicate padding whose gradient is built of slices: deterministic on a GPU, too."""

    @staticmethod
    def forward(context: Any, x: torch.Tensor, sides: Sides) -> torch.Tensor:
        context.sides = sides
        left, right, top, bottom = sides
        return F.pad(x, (left, right, top, bottom), mode="replicate")

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        left, right, top, bottom = context.sides
        height = gradient.shape[2] - top - bottom
        width = gradient.shape[3] - left - right
        channels_last = gradient.is_contiguous(memory_format=torch.channels_last)
        rows = gradient.narrow(2, top, height).clone(
            memory_format=torch.channels_last if channels_last else torch.contiguous_format
        )
        _fold(rows, gradient, 2, top, bottom)
        inner = rows.narrow(3, left, width)
        _fold(inner, rows, 3, left, right)
        return inner, None


def _fold(inner: torch.Tensor, whole: torch.Tensor, dim: int, before: int, after: int) -> None:
    """Add the margins of `whole` to the edges of `inner` from which they were copied."""
    size = inner.shape[dim]
    if before:
        inner.narrow(dim, 0, 1).add_(whole.narrow(dim, 0, before).sum(dim, keepdim=True))
    if after:
        margin = whole.narrow(dim, before + size, after)
        inner.narrow(dim, size - 1, 1).add_(margin.sum(dim, keepdim=True))


def replicate(x: torch.Tensor, top: int, bottom: int, left: int, right: int) -> torch.Tensor:
    """`x` (N, C, H, W) with its edge rows and columns repeated.

    Zeros would look like a dark frame to the network, and a painting would show it.
    """
    if not (top or bottom or left or right):
        return x
    padded: torch.Tensor = _Replicate.apply(x, (left, right, top, bottom))
    return padded


def same(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Padding before and after so that `size` gives ceil(size / stride), as TensorFlow's SAME."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def mirror(x: torch.Tensor, margin: int) -> torch.Tensor:
    """`x` (N, C, H, W) with a margin in which it is mirrored at its edges.

    A side of `margin` pixels or fewer is mirrored as far as it goes, and then repeated.
    """
    missing = []
    for dim in (2, 3):
        size = x.shape[dim]
        width = min(margin, size - 1)
        before = x.narrow(dim, 1, width).flip(dim)
        after = x.narrow(dim, size - 1 - width, width).flip(dim)
        x = torch.cat([before, x, after], dim)
        missing += [margin - width] * 2
    return replicate(x, *missing)


def unmirrored(gradient: torch.Tensor, margin: int, height: int, width: int) -> torch.Tensor:
    """The gradient of a picture (N, C, `height`, `width`), given that of its frame.

    The frame is the picture's `mirror`, below and to the right of which edges may be repeated.
    In place, so that a large picture is not held once more; the result is a view.
    """
    for dim, size in ((3, width), (2, height)):
        mirrored = min(margin, size - 1)
        repeated = margin - mirrored
        inner = gradient.narrow(dim, repeated, size + 2 * mirrored)
        _fold(inner, gradient, dim, repeated, gradient.shape[dim] - repeated - inner.shape[dim])
        gradient = inner.narrow(dim, mirrored, size)
        before = inner.narrow(dim, 0, mirrored)
        after = inner.narrow(dim, mirrored + size, mirrored)
        gradient.narrow(dim, 1, mirrored).add_(before.flip(dim))
        gradient.narrow(dim, size - 1 - mirrored, mirrored).add_(after.flip(dim))
    return gradient
