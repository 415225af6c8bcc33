"""Pictures with several specimens at known places: photographs cut out and laid on a background.

A drawer, a lawn, a table. What is laid down, where and how is drawn by chance from a seed, so that
scenes for choosing constants and scenes for reporting them are different ones, of different
photographs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from benchmarks.pairs import SAMPLES
from models.images import open_picture, resize
from models.species.boxes import Box

Pixels = npt.NDArray[np.float32]

MARGIN = 0.06
"""Of the specimen's longer side: what a crop of a photograph shows around it."""
SIDES = 140, 350
"""Pixels of a specimen's longer side: 1 to 2.5."""
LARGER_THAN_LIFE = 1.6
"""No photograph is enlarged more: it would be a blur."""
GAP = 12
"""Pixels between what is laid down."""
SCENES = (1024, 768), (1024, 1024), (768, 1024), (900, 768)


@dataclass(frozen=True)
class Source:
    """A photograph of one specimen whose place in it is known."""

    path: Path
    name: str
    """Scientific name of the narrowest taxon that `wildlife` has for it."""
    extent: tuple[float, float, float, float]
    """Left, top, right, bottom, in percent of the photograph."""
    plain: bool = False
    """Whether it is before a plain background, so that it can be cut out."""


@dataclass(frozen=True)
class Planted:
    """A specimen of a scene: its own extent in pixels, what it is, and how it was cut."""

    box: Box
    name: str
    cut: str


@dataclass(frozen=True)
class Scene:
    picture: Image.Image
    planted: tuple[Planted, ...]
    background: str


@dataclass(frozen=True)
class Piece:
    """A cut photograph: RGBA, and the specimen's extent in its pixels."""

    picture: Image.Image
    extent: Box


def at(folder: str, name: str, plain: bool = False, **extents: tuple[int, int, int, int]) -> Any:
    """The photographs of one folder; keys are file names without what comes before the number."""
    return [(folder, name, key, extent, plain) for key, extent in extents.items()]


# Extents were read by eye from a grid of tenths.
TABLE = [
    *at(
        "leeds_butterflies10/Danaus_plexippus", "Danaus plexippus",
        _0010001=(6, 30, 79, 84), _0010006=(11, 12, 89, 93), _0010009=(11, 31, 91, 77),
        _0010011=(6, 16, 84, 68), _0010012=(4, 6, 97, 96), _0010015=(6, 36, 75, 78),
        _0010017=(11, 22, 77, 97), _0010018=(12, 35, 82, 75), _0010020=(34, 36, 94, 78),
        _0010023=(18, 43, 75, 83), _0010028=(10, 30, 93, 85), _0010029=(5, 18, 97, 87),
        _0010030=(8, 18, 79, 63), _0010031=(9, 24, 84, 82), _0010032=(10, 25, 82, 67),
        _0010033=(8, 25, 89, 70), _0010034=(14, 24, 91, 76), _0010036=(25, 28, 77, 93),
    ),
    *at(
        "leeds_butterflies10/Danaus_plexippus", "Danaus plexippus", plain=True,
        _0010004=(4, 5, 94, 86), _0010008=(2, 8, 99, 93), _0010024=(2, 5, 99, 95),
    ),
    *at(
        "leeds_butterflies10/Vanessa_atalanta", "Vanessa atalanta",
        _0090001=(20, 5, 79, 96), _0090006=(24, 23, 96, 69), _0090011=(25, 5, 94, 66),
        _0090013=(20, 22, 83, 83), _0090014=(12, 37, 76, 77), _0090024=(9, 34, 92, 96),
    ),
    *at(
        "leeds_butterflies10/Pieris_rapae", "Pieris",
        _0080001=(5, 23, 96, 95), _0080004=(7, 3, 94, 93), _0080007=(14, 35, 93, 88),
        _0080009=(7, 16, 92, 73),
    ),
    *at("leeds_butterflies10/Pieris_rapae", "Pieris", plain=True, _0080002=(5, 5, 93, 92)),
    *at(
        "flowers17/Daisy", "Asteraceae",
        image_0806=(19, 7, 86, 97), image_0810=(2, 5, 97, 93), image_0812=(10, 13, 90, 82),
        image_0814=(18, 12, 90, 92), image_0815=(3, 7, 93, 93), image_0821=(22, 10, 86, 83),
        image_0825=(15, 7, 86, 92), image_0826=(7, 14, 92, 92), image_0827=(10, 11, 82, 87),
        image_0829=(3, 6, 96, 97), image_0830=(2, 4, 86, 92), image_0831=(10, 10, 90, 94),
        image_0832=(20, 5, 86, 91), image_0833=(16, 7, 84, 97), image_0834=(5, 9, 91, 93),
        image_0801=(12, 11, 84, 88),
    ),
    *at("flowers17/Daisy", "Asteraceae", plain=True, image_0802=(14, 6, 80, 98)),
    *at("flowers17/Daisy", "Asteraceae", image_0817=(12, 7, 86, 85)),
    *at("flowers17/Daisy", "Asteraceae", plain=True, image_0822=(6, 6, 92, 97)),
    *at(
        "flowers17/Sunflower", "Asteraceae",
        image_0721=(3, 0, 95, 95), image_0722=(6, 9, 97, 80), image_0723=(16, 4, 88, 94),
    ),
]  # fmt: skip
CAT = Source(SAMPLES / "content" / "chelsea.jpg", "Felis catus", (0, 0, 90, 100))
NAUTILUS = Source(SAMPLES / "content" / "nautilus.jpg", "Nautilus", (13, 9, 81, 94))
OWN = CAT, NAUTILUS
"""What the project ships itself."""
LIFELESS = "china_palace", "golden_gate", "tuebingen_neckarfront", "sailboat", "coffee", "cornell"
"""Photographs that are backgrounds, out of focus."""


def sources(species: Path, held_out: bool) -> list[Source]:
    """Photographs of a `species` folder and our own: every second one is held out."""
    listed = [
        Source(species / folder / f"{key.lstrip('_')}.jpg", name, extent, plain)
        for folder, name, key, extent, plain in TABLE
    ]
    return [*listed[int(held_out) :: 2], *OWN]


def grounds(content: Path = SAMPLES / "content") -> list[Path]:
    """Photographs of a folder that show nothing alive."""
    return [path for name in LIFELESS if (path := content / f"{name}.jpg").exists()]


def compose(
    seed: int, sources: Sequence[Source], photographs: Sequence[Path], least: int = 2, most: int = 5
) -> Scene:
    """A scene with `least` to `most` specimens; `photographs` without life are backgrounds, too."""
    chance = np.random.default_rng(seed)
    kinds = [*GROUNDS, "photograph"] if photographs else list(GROUNDS)
    background = kinds[chance.integers(len(kinds))]
    width, height = SCENES[chance.integers(len(SCENES))]
    if background == "photograph":
        picture = blurred(photographs[int(chance.integers(len(photographs)))], width, height)
    else:
        picture = painted(GROUNDS[background](chance, width, height))
    planted: list[Planted] = []
    taken: list[Box] = []
    wanted = int(chance.integers(least, most + 1))
    names = sorted({source.name for source in sources})
    while len(planted) < wanted:
        name = names[chance.integers(len(names))]
        known = [source for source in sources if source.name == name]
        source = known[chance.integers(len(known))]
        cut = str(chance.choice(["mask", "oval", "print"] if source.plain else ["oval", "print"]))
        piece = scaled(cut_out(source, cut), chance.uniform(*SIDES))
        wide, high = piece.picture.size
        left, top = (
            int(chance.integers(0, side - size))
            for side, size in zip((width, height), (wide, high), strict=True)
        )
        spread = Box(left - GAP, top - GAP, wide + 2 * GAP, high + 2 * GAP)
        if any(spread.overlap(other) for other in taken):
            continue
        picture.paste(piece.picture.convert("RGB"), (left, top), piece.picture.getchannel("A"))
        taken.append(Box(left, top, wide, high))
        inside = piece.extent
        box = Box(left + inside.left, top + inside.top, inside.width, inside.height)
        planted.append(Planted(box, name, cut))
    return Scene(picture, tuple(planted), background)


@cache
def cut_out(source: Source, cut: str) -> Piece:
    """`mask`: along its outline; `oval`: with a soft edge; `print`: like a photograph on paper."""
    photograph = open_picture(source.path)
    left, top, right, bottom = (
        round(share / 100 * side)
        for share, side in zip(source.extent, photograph.size * 2, strict=True)
    )
    margin = round((0.15 if cut == "oval" else MARGIN) * max(right - left, bottom - top))
    frame = (
        max(0, left - margin), max(0, top - margin),
        min(photograph.width, right + margin), min(photograph.height, bottom + margin),
    )  # fmt: skip
    picture = photograph.crop(frame)
    extent = Box(left - frame[0], top - frame[1], right - left, bottom - top)
    if cut == "mask":
        own = (left - frame[0], top - frame[1], right - frame[0], bottom - frame[1])
        outline = silhouette(picture).filter(ImageFilter.GaussianBlur(0.7)).crop(own)
        picture = picture.crop(own)
        picture.putalpha(outline)
        return Piece(picture, Box(0, 0, right - left, bottom - top))
    picture.putalpha(oval(picture.size) if cut == "oval" else 255)
    return Piece(picture, extent)


def silhouette(picture: Image.Image) -> Image.Image:
    """What differs in colour from the picture's border, holes filled; 0 or 255."""
    values = np.asarray(picture, np.float32)
    edges = values[:3], values[-3:], values[:, :3], values[:, -3:]
    border = np.concatenate([edge.reshape(-1, 3) for edge in edges])
    middle = np.median(border, 0)
    spread = float(np.quantile(np.abs(border - middle).max(1), 0.9))
    differs = np.abs(values - middle).max(2) > max(40.0, 1.5 * spread)
    solid = Image.fromarray(differs.astype(np.uint8) * 255).filter(ImageFilter.MedianFilter(5))
    framed = Image.new("L", (picture.width + 2, picture.height + 2), 0)
    framed.paste(solid, (1, 1))
    ImageDraw.floodfill(framed, (0, 0), 128)
    inside = framed.crop((1, 1, picture.width + 1, picture.height + 1))
    return inside.point(lambda value: 0 if value == 128 else 255)


def oval(size: tuple[int, int]) -> Image.Image:
    """An ellipse of nearly the whole size whose edge fades."""
    x, y = (np.linspace(-1, 1, side, dtype=np.float32) for side in size)
    radius = np.hypot(x[None], y[:, None])
    return Image.fromarray((np.clip((1.0 - radius) / 0.12, 0, 1) * 255).astype(np.uint8))


def scaled(piece: Piece, side: float) -> Piece:
    """With its specimen's longer side at `side` pixels."""
    scale = min(side / max(piece.extent.width, piece.extent.height), LARGER_THAN_LIFE)
    picture = resize(
        piece.picture, round(piece.picture.width * scale), round(piece.picture.height * scale)
    )
    extent = piece.extent
    return Piece(
        picture,
        Box(extent.left * scale, extent.top * scale, extent.width * scale, extent.height * scale),
    )


def blurred(path: Path, width: int, height: int) -> Image.Image:
    """A photograph out of focus, as what lies behind a specimen is."""
    return resize(open_picture(path), width, height).filter(ImageFilter.GaussianBlur(10))


def painted(values: Pixels) -> Image.Image:
    """(height, width, 3) in 0..255."""
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def as_pixels(values: npt.NDArray[np.floating[Any]]) -> Pixels:
    return values.astype(np.float32)


def octaves(chance: np.random.Generator, width: int, height: int, finest: int) -> Pixels:
    """Noise (height, width) about 0 with a deviation of 1, from `finest` pixels up to coarse."""
    total = np.zeros((height, width), np.float32)
    cell, weight = finest, 1.0
    while cell <= 256:
        rows, columns = height // cell + 2, width // cell + 2
        coarse = chance.normal(size=(rows, columns)).astype(np.float32)
        layer = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        total += weight * np.asarray(layer)
        cell, weight = cell * 3, weight * 0.8
    spread: Pixels = (total - total.mean()) / total.std()
    return spread


def paper(chance: np.random.Generator, width: int, height: int) -> Pixels:
    tone = chance.uniform(190, 250) + chance.uniform(-12, 12, 3)
    grain = chance.normal(scale=2.0, size=(height, width, 1))
    return as_pixels(tone + grain)


def gradient(chance: np.random.Generator, width: int, height: int) -> Pixels:
    one, other = chance.uniform(40, 230, (2, 3))
    angle = chance.uniform(0, 2 * np.pi)
    x, y = np.linspace(-1, 1, width), np.linspace(-1, 1, height)
    across = (np.cos(angle) * x[None] + np.sin(angle) * y[:, None]) / 2.8 + 0.5
    return as_pixels(one + across[..., None] * (other - one))


def sand(chance: np.random.Generator, width: int, height: int) -> Pixels:
    tone = np.array([200, 175, 135]) + chance.uniform(-25, 25)
    grain = octaves(chance, width, height, 2)[..., None]
    return as_pixels(tone + 16 * grain)


def lawn(chance: np.random.Generator, width: int, height: int) -> Pixels:
    tone = np.array([75, 115, 50]) + chance.uniform(-20, 20)
    blades = octaves(chance, width, height // 6 + 1, 3)  # drawn out upwards
    tall = Image.fromarray(blades).resize((width, height), Image.Resampling.BICUBIC)
    return as_pixels(tone + np.asarray(tall)[..., None] * np.array([18, 26, 14]))


def cloth(chance: np.random.Generator, width: int, height: int) -> Pixels:
    tone = chance.uniform(60, 210, 3)
    period = chance.uniform(4, 9)
    x, y = np.arange(width)[None], np.arange(height)[:, None]
    weave = np.sin(2 * np.pi * x / period) * np.sin(2 * np.pi * y / period)
    folds = octaves(chance, width, height, 64)
    return as_pixels(tone + (12 * weave + 10 * folds)[..., None])


GROUNDS: dict[str, Callable[[np.random.Generator, int, int], Pixels]] = {
    "paper": paper, "gradient": gradient, "sand": sand, "lawn": lawn, "cloth": cloth,
}  # fmt: skip
