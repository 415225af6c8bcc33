"""Colours: an opponent space, and what a painting does with the photograph's colours."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from models.images import fit

# Rows: light; orange against blue; green against magenta (orthonormal, after Ohta, Kanade
# and Sakai 1980).
_ROWS = (
    (0.57735027, 0.57735027, 0.57735027),
    (0.70710678, 0.0, -0.70710678),
    (-0.40824829, 0.81649658, -0.40824829),
)
Colours = npt.NDArray[np.float32]
"""(pixels, 3), RGB in 0..1"""
LEVELS = 512
THUMBNAIL = 512  # pixels on the longer side of what is measured
STEADY = 1e-5  # added to variances: a picture of one colour has none


def to_opponent(rgb: torch.Tensor) -> torch.Tensor:
    """Pictures (N, 3, H, W) from RGB to light and two colour differences."""
    return torch.einsum("ij,njhw->nihw", opponent_axes(rgb), rgb)


def opponent_axes(like: torch.Tensor) -> torch.Tensor:
    """Light and the two colour differences as directions in RGB: (3, 3), as precise as `like`."""
    return torch.tensor(_ROWS, dtype=like.dtype, device=like.device)


def dressed(style: Image.Image, photograph: Image.Image, mode: str) -> Image.Image:
    """The style in the colours that a painting shall have, before it is studied.

    `style`: as it is. `histogram` and `covariance`: its colours are first distributed as the
    photograph's are (Gatys et al., arXiv:1606.05897, section 4). `photograph`: grey, its light
    spread as the photograph's (section 5); only light and shade are painted.
    """
    if mode == "style":
        return style
    colours = _colours(style)
    source, target = (_colours(_thumbnail(each)) for each in (style, photograph))
    if mode == "photograph":
        colours, source, target = (_grey(each) for each in (colours, source, target))
        spread = target.std() / (source.std() + STEADY)
        return _picture((colours - source.mean()) * spread + target.mean(), style.size)
    matched = _by_histogram if mode == "histogram" else _by_covariance
    return _picture(matched(colours, source, target), style.size)


def grey(picture: Image.Image) -> Image.Image:
    """The light of a picture, as three equal channels."""
    return _picture(_grey(_colours(picture)), picture.size)


def recoloured(painted: torch.Tensor, photograph: torch.Tensor) -> torch.Tensor:
    """The photograph (1, 3, H, W) with the light of the painting and its own colours.

    All channels change by the same amount, as far as none leaves 0..1: colour differences stay
    exactly what they are.
    """
    change = (painted - photograph).mean(1, keepdim=True)
    lowest = -photograph.amin(1, keepdim=True)
    highest = 1.0 - photograph.amax(1, keepdim=True)
    return photograph + change.clamp(lowest, highest)


def _by_histogram(colours: Colours, source: Colours, target: Colours) -> Colours:
    """Along each opponent axis, a value of some rank in the source becomes the target's."""
    axes = np.array(_ROWS, dtype=np.float32)
    levels = np.linspace(0.0, 1.0, LEVELS)
    found = colours @ axes.T
    for axis, (have, want) in enumerate(zip((source @ axes.T).T, (target @ axes.T).T, strict=True)):
        ranks = _ranks(found[:, axis], np.quantile(have, levels), levels)
        found[:, axis] = np.interp(ranks, levels, np.quantile(want, levels))
    return np.asarray(found @ axes, dtype=np.float32)


def _ranks(
    values: npt.NDArray[np.float32], quantiles: npt.NDArray[Any], levels: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """The ranks, 0..1, of values among quantiles; many equal ones get the middle of theirs."""
    highest = np.interp(values, quantiles, levels)
    lowest = 1.0 - np.interp(-values, -quantiles[::-1], levels)
    return np.asarray((highest + lowest) / 2.0)


def _by_covariance(colours: Colours, source: Colours, target: Colours) -> Colours:
    """The linear map between the square roots of the covariances, and between the means."""
    turn = _root(source, -0.5) @ _root(target, 0.5)
    return np.asarray((colours - source.mean(0)) @ turn + target.mean(0), dtype=np.float32)


def _root(colours: Colours, power: float) -> Colours:
    values, vectors = np.linalg.eigh(np.cov(colours, rowvar=False) + STEADY * np.eye(3))
    return np.asarray((vectors * values**power) @ vectors.T, dtype=np.float32)


def _grey(colours: Colours) -> Colours:
    return np.asarray(colours.mean(1, keepdims=True).repeat(3, 1), dtype=np.float32)


def _thumbnail(picture: Image.Image) -> Image.Image:
    return fit(picture, THUMBNAIL) if max(picture.size) > THUMBNAIL else picture


def _colours(picture: Image.Image) -> Colours:
    return np.asarray(picture, dtype=np.float32).reshape(-1, 3) / np.float32(255.0)


def _picture(colours: Colours, size: tuple[int, int]) -> Image.Image:
    values = np.clip(np.rint(colours * 255.0), 0, 255).astype(np.uint8)
    return Image.fromarray(values.reshape(size[1], size[0], 3))
