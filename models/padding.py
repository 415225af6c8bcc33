"""Borders: a picture's edge is continued, not cut off to black."""

from typing import Any

import torch
from torch.autograd.function import once_differentiable

Sides = tuple[int, int, int, int]
"""How wide margins are: top, bottom, left, right."""


class _Replicate(torch.autograd.Function):
    """Replicate padding, of `x` or of its ReLU6, that passes over memory once, there and back.

    Its gradient is built of slices: deterministic on a GPU, too.
    """

    @staticmethod
    def forward(context: Any, x: torch.Tensor, sides: Sides, relu6: bool) -> torch.Tensor:
        top, bottom, left, right = sides
        height, width = x.shape[2:]
        padded = torch.empty(
            (*x.shape[:2], top + height + bottom, left + width + right),
            dtype=x.dtype, device=x.device, memory_format=_layout(x),
        )  # fmt: skip
        rows = padded.narrow(2, top, height)
        inner = rows.narrow(3, left, width)
        if relu6:
            torch.clamp(x, 0.0, 6.0, out=inner)
            context.save_for_backward(padded)
        else:
            inner.copy_(x)
        _spread(rows, 3, left, right)
        _spread(padded, 2, top, bottom)
        context.sides = sides
        return padded

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        top, bottom, left, right = context.sides
        height = gradient.shape[2] - top - bottom
        width = gradient.shape[3] - left - right

        def passed(down: slice, across: slice) -> torch.Tensor:
            """A part of the gradient, 0 where ReLU6 let nothing pass. Margins are like edges."""
            here = ..., down, across
            if context.saved_tensors:
                (padded,) = context.saved_tensors
                gate: torch.Tensor = torch.ops.aten.hardtanh_backward(
                    gradient[here], padded[here], 0.0, 6.0
                )
                return gate
            return gradient[here].clone(memory_format=_layout(gradient))

        rows, columns = slice(top, top + height), slice(left, left + width)
        inner = passed(rows, columns)
        for edge, first, count in ((0, 0, left), (width - 1, left + width, right)):
            if count:
                whole = passed(slice(None), slice(first, first + count)).sum(3, keepdim=True)
                column = whole[:, :, rows]
                _fold(column, whole, 2, top, bottom)
                inner.narrow(3, edge, 1).add_(column)
        for edge, first, count in ((0, 0, top), (height - 1, top + height, bottom)):
            if count:
                row = passed(slice(first, first + count), columns).sum(2, keepdim=True)
                inner.narrow(2, edge, 1).add_(row)
        return inner, None, None


def _layout(x: torch.Tensor) -> torch.memory_format:
    last = x.is_contiguous(memory_format=torch.channels_last)
    return torch.channels_last if last else torch.contiguous_format


def _spread(whole: torch.Tensor, dim: int, before: int, after: int) -> None:
    """Copy the edges of what lies between the margins of `whole` into these."""
    size = whole.shape[dim] - before - after
    whole.narrow(dim, 0, before).copy_(whole.narrow(dim, before, 1))
    edge = whole.narrow(dim, before + size - 1, 1)
    whole.narrow(dim, before + size, after).copy_(edge)


def _fold(inner: torch.Tensor, whole: torch.Tensor, dim: int, before: int, after: int) -> None:
    """Add the margins of `whole` to the edges of `inner` from which they were copied."""
    size = inner.shape[dim]
    if before:
        inner.narrow(dim, 0, 1).add_(whole.narrow(dim, 0, before).sum(dim, keepdim=True))
    if after:
        margin = whole.narrow(dim, before + size, after)
        inner.narrow(dim, size - 1, 1).add_(margin.sum(dim, keepdim=True))


def replicate(
    x: torch.Tensor, top: int, bottom: int, left: int, right: int, *, relu6: bool = False
) -> torch.Tensor:
    """`x` (N, C, H, W), or with `relu6` what that makes of it, with edge rows and columns repeated.

    Zeros would look like a dark frame to the network, and a painting would show it.
    """
    if not (relu6 or top or bottom or left or right):
        return x
    padded: torch.Tensor = _Replicate.apply(x, (top, bottom, left, right), relu6)
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


def frame(x: torch.Tensor, margin: int, down: int, across: int) -> torch.Tensor:
    """`x` (N, C, H, W) with its `mirror` as a margin that fades into its mean colour.

    `down` and `across` are rows and columns of the mean below and to the right. What is close to an
    edge counts in its mirror image, too; if that ended at once, a line would be painted there.
    """
    framed = replicate(mirror(x, margin), 0, down, 0, across)
    mean = x.mean((2, 3), keepdim=True)
    framed.sub_(mean)
    for presence in _presence(framed, margin, *x.shape[2:]):
        framed.mul_(presence)
    return framed.add_(mean)


def unframed(gradient: torch.Tensor, margin: int, height: int, width: int) -> torch.Tensor:
    """The gradient of a picture (N, C, `height`, `width`), given that of its `frame`.

    In place, so that a large picture is not held once more; the result is a view.
    """
    mean = gradient.sum((2, 3), keepdim=True)
    for presence in _presence(gradient, margin, height, width):
        gradient.mul_(presence)
    mean -= gradient.sum((2, 3), keepdim=True)
    return unmirrored(gradient, margin, height, width).add_(mean / (height * width))


def _presence(framed: torch.Tensor, margin: int, height: int, width: int) -> list[torch.Tensor]:
    """How much of each row (H, 1) and column (W) of a frame is there: 1 inside, less outside."""
    found = []
    for size, whole in zip((height, width), framed.shape[2:], strict=True):
        place = torch.arange(whole, device=framed.device)
        outside = torch.maximum(margin - place, place - (margin + size - 1)).clamp(min=0)
        found.append((1.0 - outside / (margin + 1)).clamp(min=0.0).to(framed.dtype))
    return [found[0].view(-1, 1), found[1]]


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
