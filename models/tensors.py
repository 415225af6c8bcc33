"""Between pictures and tensors."""

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image


def to_tensor(image: Image.Image, device: torch.device | None = None) -> torch.Tensor:
    """An RGB picture as a tensor (1, 3, height, width), float32, 0..1."""
    values = torch.from_numpy(np.array(image.convert("RGB"), dtype=np.uint8))
    return values.to(device).permute(2, 0, 1)[None].float().div_(255.0).contiguous()


def to_picture(tensor: torch.Tensor) -> Image.Image:
    """A tensor (1, 3, height, width) as an RGB picture; values outside 0..1 are clamped."""
    values = tensor.detach()[0].clamp(0.0, 1.0).mul(255.0).round().to(torch.uint8)
    return Image.fromarray(values.permute(1, 2, 0).contiguous().cpu().numpy())


def to_pixels(tensor: torch.Tensor) -> npt.NDArray[np.float32]:
    """A tensor (1, 3, height, width) as (height, width, 3), clamped to 0..1."""
    return tensor.detach()[0].clamp(0.0, 1.0).permute(1, 2, 0).contiguous().cpu().numpy()
