"""The painters: each a network and what it looks at."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

import torch
from PIL import Image

from models.backbones import Backbone, load_backbone
from models.checkpoints import Checkpoints
from models.memory import keep_for_reuse
from models.options import InvalidOption
from models.style.commission import Commission
from models.style.engine import Step, paint
from models.style.forecast import forecast
from models.style.manner import Album
from models.style.options import PaintOptions
from models.style.recipe import Recipe
from models.style.recipes import RECIPES, evaluations
from models.weights import Weights


@dataclass(frozen=True)
class Painter:
    """A network on its device, ready to paint."""

    network: Backbone
    recipe: Recipe
    device: torch.device
    album: Album = field(default_factory=Album)

    def paint(
        self,
        content: Image.Image,
        styles: Sequence[Image.Image],
        options: PaintOptions,
        masks: Sequence[Image.Image] = (),
        memory: int | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> Generator[Step, None, None]:
        """Paint `content` in the manner of one or more `styles`: see `engine.paint`.

        `masks`, one a style or none at all: white is where the style goes, black where the
        photograph stays. `memory`: bytes that it may take; where they are few, it is seen in
        tiles. `checkpoints`: where its state is kept, for another process to go on with.
        Raises `ValueError` for a wrong number of pictures, `InvalidOption` for layers that the
        network does not have, `NotEnoughMemory`.
        """
        network = self.network.pooled(options.pooling, rescaled=not self.recipe.letter)
        commission = Commission.of(content, styles, masks, options)
        recipe = adjusted(self.recipe, network, options)
        ahead = forecast(
            options, *content.size, len(masks), memory, roomy=self.device.type != "cpu"
        )
        return paint(network, recipe, self.device, commission, self.album, ahead.whole, checkpoints)


def adjusted(recipe: Recipe, network: Backbone, options: PaintOptions) -> Recipe:
    """The recipe as a person's options change it. Raises `InvalidOption`."""
    style = options.lambdas() or recipe.style
    if unknown := [layer for layer in style if layer not in network.taps]:
        raise InvalidOption(
            "layers", f"{unknown[0]} is not a layer of {recipe.network}: {', '.join(network.taps)}."
        )
    if not sum(style.values()):
        raise InvalidOption("layers", "needs one weight above 0.")
    return replace(recipe, style=style, evaluations=evaluations(recipe, options.quality))


def load_painter(
    name: str, device: torch.device, weights: Weights, precision: torch.dtype | None = None
) -> Painter:
    """The painter called `name`, one of `PAINTERS`. Slow: keep it.

    `precision`: see `load_backbone`.

    Raises `WeightsMissing` or `WeightsDamaged`.
    """
    recipe = RECIPES[name]
    keep_for_reuse()
    network = load_backbone(recipe.network, device, weights, precision)
    return Painter(network, recipe, device)
