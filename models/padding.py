"""Borders: a picture's edge is continued, not cut off to black."""

import torch


def replicate(x: torch.Tensor, top: int, bottom: int, left: int, right: int) -> torch.Tensor:
    """`x` (N, C, H, W) with its edge rows and columns repeated.

    Zeros would look like a dark frame to the network, and a painting would show it. Built of
    copies, because torch's own replicate padding is not deterministic on a GPU.
    """
    if top or bottom:
        x = torch.cat([x[:, :, :1]] * top + [x] + [x[:, :, -1:]] * bottom, dim=2)
    if left or right:
        x = torch.cat([x[..., :1]] * left + [x] + [x[..., -1:]] * right, dim=3)
    return x


def same(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Padding before and after so that `size` gives ceil(size / stride), as TensorFlow's SAME."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2
