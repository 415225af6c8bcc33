"""Where the network looked: how much each place of a photograph speaks for a taxon.

Class activation mapping (Zhou et al., arXiv:1512.04150): the last layer, applied to each cell of
the trunk's features, scores the taxon there. Cells are coarse, so the outlines of features at half
their stride weigh them, and where all heat is in a small part of the photograph, a second look at
that part replaces the first.
"""

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from models.images import resize
from models.species.boxes import Box, around, cropped, grown
from models.species.classifier import Classifier
from models.species.fields import share
from models.species.taxonomy import Taxon
from models.species.windows import CELL, DIFFERENT, interpolated, unlike_the_rest
from models.tensors import to_tensor

Heat = npt.NDArray[np.float32]

SHORTER, SLENDER = (224, 384), 2
"""Pixels of the photograph's shorter side as it is looked at: more where the smaller look saw
nothing for sure, as of a specimen of 15 % of the longer side. A longer side counts as `SLENDER`
times the shorter at most."""
SURE = 28.0
"""Log odds of the strongest cell with which a look will do: below, heat was often elsewhere."""
CLOSER = 192
"""Pixels of a second look: the side of a square of its area."""
SMALL = 0.5
"""Share of the photograph below which a part of it is worth a second look."""
HOT, AROUND = 0.3, 0.4
"""Heat that such a part has, and what is seen around it, of its longer side."""
LEAST = 1.0
"""Log odds between the strongest and the middle cell below which nothing speaks for a taxon."""
SHARPNESS = 3
"""Power of the evidence. With 2, 3 % less of the heat is inside a specimen's box."""
GRID = 128
"""Values of heat along the longer side."""
OVERLAY = 384
"""Pixels of an overlay's longer side at most."""
COLOURS = np.array([(84, 39, 143), (216, 27, 96), (255, 235, 90)], np.float32)
"""Of no heat, a half and all: rare in nature, so that they are seen on an orange butterfly."""
OPAQUE = 0.85
"""Opacity of heat of 1."""
SHOWN = 1 / SHARPNESS
"""Power of the heat as it is shown: the peak alone would be a dot."""


@torch.inference_mode()
def heatmap(classifier: Classifier, photograph: Image.Image, taxon: Taxon) -> Heat:
    """How much each place speaks for `taxon`, (h, w), float32, 0..1, over the whole photograph.

    The longer side has `GRID` values. The most is 1; all is 0 where nothing speaks for the taxon,
    or where the model does not know it. The classes of a group count by their probability.
    """
    width, height = photograph.size
    pixels = max(width, height) / GRID
    rows, columns = (max(1, round(side / pixels)) for side in (height, width))
    for shorter in SHORTER:
        scale = min(shorter / min(width, height), SLENDER * shorter / max(width, height))
        heat, most = seen(classifier, photograph, scale, (rows, columns), taxon)
        if most > SURE:
            break
    hottest = [int(place) for place in np.unravel_index(int(heat.argmax()), heat.shape)]
    for box in around((heat > HOT).numpy(), pixels):
        part, frame = cropped(photograph, grown(box, AROUND))
        if holds(box, hottest, pixels) and frame.area < SMALL * width * height:
            left, top = round(frame.left / pixels), round(frame.top / pixels)
            across = max(1, min(columns - left, round(frame.width / pixels)))
            down = max(1, min(rows - top, round(frame.height / pixels)))
            closer, _ = seen(classifier, part, CLOSER / frame.area**0.5, (down, across), taxon)
            if closer.any():
                heat = torch.zeros_like(heat)
                heat[top : top + down, left : left + across] = closer
    found: Heat = heat.numpy()
    return found


def seen(
    classifier: Classifier, picture: Image.Image, scale: float, shape: tuple[int, int], taxon: Taxon
) -> tuple[torch.Tensor, float]:
    """Heat, of `shape`, from one pass over a picture at a scale, on the CPU; the highest odds."""
    picture = resize(picture, *(max(2 * CELL, round(side * scale)) for side in picture.size))
    scores, features = classifier.cells(to_tensor(picture, classifier.device))
    odds = taxon_odds(classifier, scores[0], taxon)
    least, most = float(odds.median()), float(odds.max())
    if not most - least > LEAST:
        return torch.zeros(shape), most
    evidence = interpolated(share(odds, least, most), shape).clamp(0.0, 1.0)
    outline = interpolated(share(unlike_the_rest(features[0]), *DIFFERENT), shape)
    heat = evidence**SHARPNESS * outline.clamp(0.0, 1.0)
    return heat / heat.max().clamp(min=1e-6), most


def taxon_odds(classifier: Classifier, scores: torch.Tensor, taxon: Taxon) -> torch.Tensor:
    """Calibrated log odds (h, w) of a taxon in each cell, for scores (classes, h, w).

    Minus infinity where no class of the model is of the taxon.
    """
    scores = scores / classifier.card.calibration.temperature
    of_it = torch.tensor([
        known is not None and known.within(taxon) for known in classifier.card.taxon_of_class
    ])  # fmt: skip
    return scores[of_it].logsumexp(0) - scores[~of_it].logsumexp(0)


def holds(box: Box, place: list[int], pixels: float) -> bool:
    """Whether a value, by its row and column, is in a box."""
    y, x = ((index + 0.5) * pixels for index in place)
    return box.left <= x <= box.left + box.width and box.top <= y <= box.top + box.height


def overlay(heat: Heat, width: int, height: int) -> Image.Image:
    """Heat (h, w) to lay over a photograph of `width` x `height` pixels, as RGBA.

    The more, the brighter and the less transparent; the longer side is `OVERLAY` pixels at most.
    """
    scale = min(1.0, OVERLAY / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    smooth = Image.fromarray(heat.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
    values = np.clip(np.asarray(smooth), 0.0, 1.0) ** SHOWN
    steps = np.linspace(0.0, 1.0, len(COLOURS))
    layers = [np.interp(values, steps, COLOURS[:, channel]) for channel in range(3)]
    layers.append(values * (255.0 * OPAQUE))
    return Image.fromarray(np.rint(np.stack(layers, 2)).astype(np.uint8), "RGBA")
