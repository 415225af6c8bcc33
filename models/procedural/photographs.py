"""The photographs among the samples: real ones, free for every use, kept as files and not drawn."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Photograph:
    """A picture that is already in the samples' `content` folder as NAME.jpg."""

    name: str
    title: str
    origin: str
    licence: str


PHOTOGRAPHS = (
    Photograph(
        "chelsea",
        "Chelsea the cat",
        "Stéfan van der Walt; scikit-image, skimage/data/chelsea.png",
        "CC0-1.0",
    ),
    Photograph(
        "coffee",
        "A cup of coffee",
        "Rachel Michetti, courtesy of Pikolo Espresso Bar; scikit-image, skimage/data/coffee.png",
        "CC0-1.0",
    ),
    Photograph(
        "rocket",
        "Falcon 9 lifts off with DSCOVR",
        "SpaceX Photos, 2015; scikit-image, skimage/data/rocket.jpg",
        "Public domain (released by SpaceX)",
    ),
)
