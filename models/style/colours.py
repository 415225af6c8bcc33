"""An opponent colour space: light, and two differences of colour, nearly uncorrelated."""

import torch

# Rows: light; orange against blue; green against magenta (orthonormal, after Ohta, Kanade
# and Sakai 1980).
_ROWS = (
    (0.57735027, 0.57735027, 0.57735027),
    (0.70710678, 0.0, -0.70710678),
    (-0.40824829, 0.81649658, -0.40824829),
)


def to_opponent(rgb: torch.Tensor) -> torch.Tensor:
    """Pictures (N, 3, H, W) from RGB to light and two colour differences."""
    return torch.einsum("ij,njhw->nihw", _matrix(rgb), rgb)


def _matrix(like: torch.Tensor) -> torch.Tensor:
    return torch.tensor(_ROWS, dtype=like.dtype, device=like.device)
