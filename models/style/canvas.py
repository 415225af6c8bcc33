"""What is painted on: photograph and masks at one scale, and where painting may go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from PIL import Image

from models.images import resize
from models.style.colours import recoloured
from models.style.commission import Commission
from models.style.options import PaintOptions
from models.style.preconditioner import preconditioned
from models.style.pyramid import Scale
from models.style.search import Evaluate, Losses
from models.tensors import to_tensor


@dataclass(frozen=True)
class Canvas:
    """Photograph and masks at one scale, as tensors (1, C, height, width) in 0..1."""

    photograph: torch.Tensor
    content: torch.Tensor
    masks: list[torch.Tensor]
    options: PaintOptions
    scale: Scale

    @classmethod
    def of(cls, commission: Commission, scale: Scale, device: torch.device) -> "Canvas":
        photograph = at_scale(commission.photograph, scale, device)
        same = commission.content is commission.photograph
        return cls(
            photograph,
            photograph if same else at_scale(commission.content, scale, device),
            [at_scale(mask, scale, device)[:, :1] for mask in commission.masks],
            commission.options,
            scale,
        )

    @property
    def paintable(self) -> torch.Tensor | None:
        """How much of each pixel may be painted (1, 1, H, W); None: all of all."""
        return torch.stack(self.masks).sum(0).clamp(max=1.0) if self.masks else None

    def within_masks(self, evaluate: Evaluate) -> Evaluate:
        """`evaluate` with a gradient that is 0 where no mask is: there the photograph stays."""
        paintable = self.paintable
        if paintable is None:
            return evaluate

        def evaluated(x: torch.Tensor) -> tuple[Losses, torch.Tensor]:
            losses, gradient = evaluate(x)
            return losses, gradient * paintable

        return evaluated

    def preconditioner(self, coarse: Sequence[float]) -> Callable[[torch.Tensor], torch.Tensor]:
        """`preconditioned`, kept from leading beyond the masks."""
        paintable = self.paintable
        if paintable is None or not coarse:
            return lambda gradient: preconditioned(gradient, coarse)
        return lambda gradient: paintable * preconditioned(paintable * gradient, coarse)

    def bounded(self, x: torch.Tensor) -> torch.Tensor:
        """`x` where a mask is, the photograph elsewhere."""
        paintable = self.paintable
        return x if paintable is None else self.content + paintable * (x - self.content)

    def renderer(self, x: torch.Tensor) -> Callable[[], torch.Tensor]:
        """What is to be seen of `x`, made when it is asked for."""
        if self.options.colours == "photograph":
            return lambda: recoloured(x, self.photograph)
        return lambda: x


def at_scale(picture: Image.Image, scale: Scale, device: torch.device) -> torch.Tensor:
    """A picture as a tensor (1, 3, height, width) in 0..1, of that size."""
    return to_tensor(resize(picture, scale.width, scale.height), device)
