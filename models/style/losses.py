"""What a painting is measured by. Every loss is a scalar tensor; 0 is a perfect match.

After Gatys, Ecker and Bethge, arXiv:1508.06576. Each distance is divided by its target's
mean square, so that 1 means "as wrong as having none of it" for every layer, network and size.
"""

import torch
from torch.nn import functional as F

from models.style.colours import opponent_axes

EPSILON = 1e-8
FAINT = 1e-3  # mean square below which a photograph counts as having no edges


def gram(activations: torch.Tensor, centre: torch.Tensor | None = None) -> torch.Tensor:
    """Which channels fire together: (N, C, H, W) to (N, C, C), averaged over positions.

    Equation 3 of the paper, divided by the number of positions so that pictures of different
    sizes compare. With `centre` (1, C, 1, 1), activations are taken relative to it.
    """
    if centre is not None:
        activations = activations - centre
    flat = activations.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def relative_distance(
    value: torch.Tensor, target: torch.Tensor, floor: torch.Tensor | float = 0.0
) -> torch.Tensor:
    """Mean square difference over the target's mean square, to which `floor` is added.

    A floor keeps the distance tame where the target is next to nothing: a style of one colour.
    """
    return (value - target).square().mean() / (target.square().mean() + floor + EPSILON)


def roughness(picture: torch.Tensor, chroma: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean square difference between neighbouring pixels of RGB pictures (N, 3, H, W).

    Differences in colour count `chroma` times as much as differences in light: noise of colour
    is never brushwork. With its gradient, axis by axis: a large picture fits in memory only so
    many times.
    """
    total, gradient = picture.new_zeros(()), torch.zeros_like(picture)
    for axis, weight in zip(opponent_axes(picture), (1.0, chroma, chroma), strict=True):
        values = torch.einsum("c,nchw->nhw", axis, picture)
        slope = torch.zeros_like(values)
        for dim in (1, 2):
            step = values.diff(dim=dim)
            total += weight * step.square().sum()
            slope.narrow(dim, 1, step.shape[dim]).add_(step)
            slope.narrow(dim, 0, step.shape[dim]).sub_(step)
        gradient.addcmul_(axis.view(1, 3, 1, 1), slope[:, None], value=2.0 * weight)
    return total / picture.numel(), gradient.div_(picture.numel())


def overshoot(picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean square of what lies outside 0..1, where no pixel can show it, and its gradient."""
    outside = picture - picture.clamp(0.0, 1.0)
    return outside.square().mean(), outside.mul_(2.0 / picture.numel())


def laplacian_distance(picture: torch.Tensor, photograph: torch.Tensor) -> torch.Tensor:
    """How far the edges of a picture are from the photograph's (1, 3, H, W), relative to these.

    Laplacians of the pictures averaged over 2 and 4 pixels (Li et al., arXiv:1707.01253):
    contours and faces stay, single pixels are free.
    """
    distances = []
    for side in (2, 4):
        if min(picture.shape[2:]) >= 3 * side:
            found, wanted = (_laplacian(F.avg_pool2d(x, side)) for x in (picture, photograph))
            distances.append(relative_distance(found, wanted, FAINT))
    return torch.stack(distances).mean() if distances else picture.new_zeros(())


def _laplacian(picture: torch.Tensor) -> torch.Tensor:
    inside = picture[:, :, 1:-1, 1:-1]
    across = picture[:, :, 1:-1, :-2] + picture[:, :, 1:-1, 2:]
    down = picture[:, :, :-2, 1:-1] + picture[:, :, 2:, 1:-1]
    return across + down - 4.0 * inside
