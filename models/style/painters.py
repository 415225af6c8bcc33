"""The painters: each a network and what it looks at."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

import torch
from PIL import Image

from models.backbones import Backbone, load_backbone
from models.options import InvalidOption
from models.style.engine import Commission, Step, paint
from models.style.manner import Album
from models.style.options import PaintOptions
from models.style.recipe import Recipe
from models.weights import Weights

LIGHT = Recipe(
    network="efficientnet_lite0",
    style=dict.fromkeys(
        ("stem", "0", "1.depth", "2", "3.depth", "4", "5.depth", "7", "8.depth", "10"), 1.0
    ),
    content={"2": 1.0, "4": 1.0},
    balance=10.0,
    palette=0.4,
    roughness=0.5,
    chroma=15.0,
    evaluations=75,
    decay=0.58,
    one_thread_below=100_000,
)
CLASSIC = Recipe(
    network="vgg19",
    style=dict.fromkeys(("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"), 1.0),
    content={"relu4_2": 1.0},
    balance=10.0,
    palette=0.4,
    roughness=0.5,
    chroma=15.0,
    evaluations=80,
    decay=0.5,
    one_thread_below=0,
)
PAPER = Recipe(
    network="vgg19",
    style=dict.fromkeys(("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"), 0.2),
    content={"relu4_2": 1.0},
    balance=40.0,
    palette=0.0,
    roughness=0.0,
    chroma=0.0,
    evaluations=500,
    decay=0.5,
    one_thread_below=0,
    margin=0,
    letter=True,
    alpha=10.0,
    scales=1,
    start="noise",
)
RECIPES = {
    "light": LIGHT,
    "classic": CLASSIC,
    "classic-vgg16": replace(CLASSIC, network="vgg16"),
    "paper": PAPER,
    "paper-vgg16": replace(PAPER, network="vgg16"),
}
EFFORT = {"draft": 0.25, "standard": 1.0, "fine": 2.0}
WHOLE = 1_100_000  # pixels


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
    ) -> Generator[Step, None, None]:
        """Paint `content` in the manner of one or more `styles`: see `engine.paint`.

        `masks`, one a style or none at all: white is where the style goes, black where the
        photograph stays. Raises `ValueError` for a wrong number of pictures and `InvalidOption`
        for layers that the network does not have.
        """
        network = self.network.pooled(options.pooling, rescaled=not self.recipe.letter)
        commission = Commission.of(content, styles, masks, options)
        recipe = adjusted(self.recipe, network, options)
        return paint(network, recipe, self.device, commission, self.album, WHOLE)


def adjusted(recipe: Recipe, network: Backbone, options: PaintOptions) -> Recipe:
    """The recipe as a person's options change it. Raises `InvalidOption`."""
    style = options.lambdas() or recipe.style
    if unknown := [layer for layer in style if layer not in network.taps]:
        raise InvalidOption(
            "layers", f"{unknown[0]} is not a layer of {recipe.network}: {', '.join(network.taps)}."
        )
    if not sum(style.values()):
        raise InvalidOption("layers", "needs one weight above 0.")
    evaluations = round(recipe.evaluations * EFFORT[options.quality])
    return replace(recipe, style=style, evaluations=evaluations)


def load_painter(name: str, device: torch.device, weights: Weights) -> Painter:
    """The painter called `name`, one of `PAINTERS`. Slow: keep it.

    Raises `WeightsMissing` or `WeightsDamaged`.
    """
    recipe = RECIPES[name]
    return Painter(load_backbone(recipe.network, device, weights), recipe, device)
