"""The painters' constants. Imports no torch: forecasts read them, too."""

from dataclasses import replace

from models.style.recipe import Recipe

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
    evaluations=40,
    decay=0.68,
    one_thread_below=100_000,
    coarse=(0.5, 1.0, 1.0),
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
MERIANS = (
    "relu1_1", "relu1_2", "relu2_1", "relu2_2", "relu3_1", "relu3_2", "relu3_3", "relu4_1",
    "relu4_2",
)  # fmt: skip
MERIAN = Recipe(
    network="merian",
    style=dict.fromkeys(MERIANS, 1.0),
    content={"relu1_2": 1.0, "relu2_2": 1.0, "relu3_2": 1.0},
    balance=8.0,
    bend=1.5,
    palette=0.4,
    roughness=0.05,
    chroma=15.0,
    evaluations=36,
    decay=0.58,
    one_thread_below=100_000,
    coarse=(0.5, 1.0, 1.0),
)
RECIPES = {
    "merian": MERIAN,
    "light": LIGHT,
    "classic": CLASSIC,
    "classic-vgg16": replace(CLASSIC, network="vgg16"),
    "paper": PAPER,
    "paper-vgg16": replace(PAPER, network="vgg16"),
}
EFFORT = {"draft": 0.25, "standard": 1.0, "fine": 2.0}
"""By quality: times the evaluations."""


def evaluations(recipe: Recipe, quality: str) -> int:
    """How many evaluations at 128 px a quality gets."""
    return round(recipe.evaluations * EFFORT[quality])
