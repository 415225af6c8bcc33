"""Where the specimens of a photograph are, and what each one is.

The classifier runs as a convolutional sliding window (OverFeat, arXiv:1312.6229): its last layer is
applied to every cell of the trunk's features, so that one pass over a picture scores all windows.
A pyramid of passes gives, for each size, the evidence that something alive is there; how far the
features at half that stride differ from those of the background gives outlines. Boxes around what
is connected in either are candidates. One is good where both are high inside and low around it; of
those that overlap the best is kept, and named as a photograph of its own. What fills the photograph
has nothing around it, and is told from its parts by the evidence that they leave out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from math import log
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch.nn import functional as F

from models.images import fit, resize
from models.species.answers import Answer, answered
from models.species.boxes import Box, around, containment, suppress
from models.species.classifier import Classifier
from models.tensors import to_tensor

PYRAMID = 256, 362, 512, 724, 1024, 1448
"""Longer sides in pixels. Specimens of 12 to 70 % of a photograph span `SPAN` cells of one."""
ENLARGED = 2.0
"""No photograph is looked at larger than so many times its size: there is nothing more to see."""
CELL = 32
"""Pixels between the classifier's cells."""
SPAN = 5.6
"""Cells that a specimen spans where the evidence for it is judged: what the classifier saw as it
was trained is 7 to 8 cells, filled for the most part."""
AVERAGED = 3
"""Neighbouring passes that are averaged there; of 2, 3, 4 and 6 the best on scenes for tuning."""
GRID = 128
"""Values along the longer side that everything is interpolated to."""
EVIDENCE = 0.8
"""Log odds above which cells belong together; better than 1.25 on scenes for tuning."""
SATURATED = 3.75
"""Log odds that more does not add to: one telling part does not outweigh the rest."""
OUTLINES = 0.2, 0.35, 0.5
"""Differences from the background, 0..1, above which cells belong together."""
DIFFERENT = 0.1, 0.7
"""Differences that count for nothing, and in full."""
AROUND = 0.35
"""Of a box's longer side: what is compared with its inside. With 0.25 fewer are found on scenes for
tuning, with 0.5 more, but `static/samples/content/chelsea.jpg` fails its test."""
SMALLEST = 2
"""Cells of the finest pass that the longer side of a specimen spans at least."""
ALIVE, GOOD = 0.15, 0.6
"""Contrast of the evidence, -1..1, and of both, -2..2, of a box that is worth naming."""
SAME, INSIDE = 0.3, 0.35
"""IoU, and share of the smaller box inside the other, above which boxes are of one specimen."""
LEFT_OUT = 0.38
"""Share of the evidence outside of all boxes above which they are parts of one specimen that fills
the photograph: 0.4 to 0.7 of close-ups, mostly below 0.2 of scenes, both for tuning."""
FILLED, FILLING = 0.3, 0.6
"""Share of the photograph that such a specimen covers at least, and its mean evidence, 0..1."""
STEPS = 4, 2, 1
"""Values of the grid that an edge is moved at a time."""
NEAR = 0.1
"""Of a box's longer side: how far around it evidence still counts as its own."""
MARGIN = 0.06
"""Of a box's longer side: what is seen around a specimen as it is named."""


@dataclass(frozen=True)
class Specimen:
    """One of the living things in a photograph."""

    box: Box
    """In pixels of the photograph."""
    answer: Answer

    def record(self, scale: float = 1.0) -> dict[str, Any]:
        """As programs read it; `scale` is what one pixel of the photograph counts for."""
        answer = self.answer.record()
        box = {side: round(scale * length, 1) for side, length in asdict(self.box).items()}
        return box | {name: answer[name] for name in ("answers", "rollup")}


@dataclass(frozen=True)
class Field:
    """Values over a photograph, summed so that the mean in any box takes four look-ups.

    (Summed-area tables: Crow, SIGGRAPH 1984.)
    """

    sums: npt.NDArray[np.float64]
    """(h + 1, w + 1)"""
    pixels: float
    """Of the photograph for a value."""

    @classmethod
    def over(cls, values: torch.Tensor, pixels: float) -> "Field":
        sums = values.double().cumsum(0).cumsum(1)
        return cls(F.pad(sums, (1, 0, 1, 0)).numpy(), pixels)

    def within(self, box: Box) -> tuple[float, int]:
        """Sum and count of the values in a box; none beyond the borders."""
        rows, columns = (side - 1 for side in self.sums.shape)
        left, right = (
            min(max(round(x / self.pixels), 0), columns) for x in (box.left, box.left + box.width)
        )
        top, bottom = (
            min(max(round(y / self.pixels), 0), rows) for y in (box.top, box.top + box.height)
        )
        sums = self.sums
        total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        return float(total), (right - left) * (bottom - top)

    def contrast(self, box: Box) -> float:
        """The mean in the box less the mean around it."""
        inside, count = self.within(box)
        both, all_of_them = self.within(grown(box, AROUND))
        return inside / max(count, 1) - (both - inside) / max(all_of_them - count, 1)


@dataclass(frozen=True)
class Looked:
    """What the passes over a photograph found, each (h, w), the longer side `GRID` values."""

    evidence: Mapping[int, torch.Tensor]
    """By the longer side of the pass: log odds that something alive is there."""
    difference: torch.Tensor
    """0 is the background, 1 what differs most from it."""
    longer: int
    """Side of the photograph in pixels."""

    @property
    def pixels(self) -> float:
        """Of the photograph for a value."""
        return self.longer / GRID

    @cached_property
    def outline(self) -> Field:
        return Field.over(share(self.difference, *DIFFERENT), self.pixels)

    @cached_property
    def fields(self) -> dict[tuple[int, ...], Field]:
        """The evidence, averaged over each run of `AVERAGED` neighbouring passes."""
        sides = sorted(self.evidence)
        runs = [sides[first : first + AVERAGED] for first in range(len(sides))]
        runs = [run for run in runs if len(run) == AVERAGED] or [sides]
        means = {tuple(run): torch.stack([self.evidence[side] for side in run]).mean(0)
                 for run in runs}  # fmt: skip
        return {
            run: Field.over(share(mean, 0.0, SATURATED), self.pixels) for run, mean in means.items()
        }

    def field_for(self, box: Box) -> Field:
        """The evidence of the passes in whose middle one a box spans most nearly `SPAN` cells."""
        best = SPAN * CELL * self.longer / max(box.width, box.height)
        return self.fields[min(self.fields, key=lambda run: abs(log(run[len(run) // 2] / best)))]

    def score(self, box: Box, evidence: Field) -> float:
        """How much more alive and unlike the background a box is than what is around it, -2..2."""
        return evidence.contrast(box) + self.outline.contrast(box)

    def candidates(self) -> Iterator[Box]:
        maps = [values > EVIDENCE for values in self.evidence.values()]
        maps += [self.difference > level for level in OUTLINES]
        for mask in maps:
            for box in around(mask.numpy(), self.pixels):
                if max(box.width, box.height) >= self.smallest:
                    yield box

    @property
    def smallest(self) -> float:
        """Pixels that the longer side of a specimen has at least."""
        return SMALLEST * CELL * self.longer / max(self.evidence)

    def boxes(self) -> list[Box]:
        """Where specimens are, the best first, none twice."""
        boxes, scores = [], []
        for box in self.candidates():
            evidence = self.field_for(box)
            score = self.score(box, evidence)
            if evidence.contrast(box) > ALIVE and score > GOOD:
                boxes.append(box)
                scores.append(score)
        kept = [boxes[index] for index in suppress(boxes, scores, SAME, INSIDE)]
        found = [self.snapped(box) for box in kept]
        whole = self.filling()
        if whole is None or self.left_out(kept) < LEFT_OUT:
            return found
        return [whole, *(box for box in found if containment(box, whole) <= INSIDE)]

    def left_out(self, boxes: Sequence[Box]) -> float:
        """Share of the evidence outside of all boxes, seen as for the box where that is least."""
        shares = [1.0]
        for evidence in map(self.field_for, boxes):
            inside = sum(evidence.within(grown(box, NEAR))[0] for box in boxes)
            shares.append(1.0 - inside / max(float(evidence.sums[-1, -1]), 1e-6))
        return min(shares)

    def filling(self) -> Box | None:
        """The box around a specimen that fills the photograph, should there be one.

        It has no background that it could be told from, and so only its parts are candidates.
        """
        coarsest = self.evidence[min(self.evidence)]
        frame = coarsest.shape[0] * coarsest.shape[1] * self.pixels**2
        evidence = Field.over(share(coarsest, 0.0, SATURATED), self.pixels)
        for box in around((coarsest > EVIDENCE).numpy(), self.pixels):
            total, count = evidence.within(box)
            if box.area > FILLED * frame and total > FILLING * count:
                return box
        return None

    def snapped(self, box: Box) -> Box:
        """The box with its edges moved, ever less far, as long as its score rises."""
        evidence = self.field_for(box)
        rows, columns = (side - 1 for side in evidence.sums.shape)
        frame = Box(0.0, 0.0, columns * self.pixels, rows * self.pixels)
        best = self.score(box, evidence)
        for step in STEPS:
            risen = True
            while risen:
                risen = False
                for moved in moves(box, step * self.pixels):
                    fits = min(moved.width, moved.height) >= self.smallest / 2
                    if fits and moved.overlap(frame) >= moved.area - 1.0:
                        score = self.score(moved, evidence)
                        if score > best + 1e-6:
                            box, best, risen = moved, score, True
        return box


def specimens(classifier: Classifier, photograph: Image.Image, top_k: int) -> list[Specimen]:
    """Those that are found, the surest first; none where no box gets an answer, or where the
    network cannot tell places apart."""
    if not classifier.trunk.spatial:
        return []
    photograph = photograph.convert("RGB")
    boxes = look(classifier, photograph).boxes()
    named = [Specimen(box, name(classifier, photograph, box, top_k)) for box in boxes]
    found = [each for each in named if not each.answer.rejected]
    return sorted(found, key=lambda each: -each.answer.alive * each.answer.guesses[0].probability)


@torch.inference_mode()
def look(classifier: Classifier, photograph: Image.Image) -> Looked:
    """The passes over a photograph, the coarsest first."""
    longer = max(photograph.size)
    shape = tuple(max(1, round(side * GRID / longer)) for side in photograph.size[::-1])
    sides = [side for side in PYRAMID if side <= ENLARGED * longer] or [PYRAMID[0]]
    evidence = {}
    for side in sides:
        scores, features = classifier.cells(to_tensor(fit(photograph, side), classifier.device))
        evidence[side] = interpolated(alive_odds(classifier, scores[0]), shape)
    return Looked(evidence, interpolated(unlike_the_rest(features[0]), shape), longer)


def alive_odds(classifier: Classifier, scores: torch.Tensor) -> torch.Tensor:
    """Calibrated log odds (h, w), for scores (classes, h, w), that a cell shows something alive.

    A model that knows living things only compares with the middle one of the cells.
    """
    scores = scores / classifier.card.calibration.temperature
    alive = torch.tensor([taxon is not None for taxon in classifier.card.taxon_of_class])
    of_life = scores[alive].logsumexp(0)
    return of_life - (of_life.median() if alive.all() else scores[~alive].logsumexp(0))


def unlike_the_rest(features: torch.Tensor) -> torch.Tensor:
    """How far features (C, h, w) are from the background's, (h, w): 0 its own, 1 the farthest.

    The background is the median of each channel; distances count in each channel's deviation.
    """
    flat = features.flatten(1)
    middle, spread = flat.median(1).values, flat.std(1) + 1e-6
    far = ((flat - middle[:, None]) / spread[:, None]).square().mean(0).sqrt()
    usual, farthest = far.median(), far.quantile(0.98)
    return ((far - usual) / (farthest - usual + 1e-6)).view(features.shape[1:])


def interpolated(values: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    """Values (h, w) on the CPU, at another shape."""
    return F.interpolate(values[None, None], shape, mode="bicubic")[0, 0].float().cpu()


def share(values: torch.Tensor, least: float, most: float) -> torch.Tensor:
    """From 0 at `least` to 1 at `most`."""
    return ((values - least) / (most - least)).clamp(0.0, 1.0)


@torch.inference_mode()
def name(classifier: Classifier, photograph: Image.Image, box: Box, top_k: int) -> Answer:
    """The answer for what is in a box, seen whole, with the area that the classifier expects."""
    crop, _ = cropped(photograph, grown(box, MARGIN))
    card = classifier.card
    scale = card.preprocessing.pixels / (crop.width * crop.height) ** 0.5
    seen = resize(crop, *(max(CELL, round(side * scale)) for side in crop.size))
    (found,) = classifier.seen(to_tensor(seen, classifier.device)[None])
    return answered(card, found, top_k)


def cropped(photograph: Image.Image, box: Box) -> tuple[Image.Image, Box]:
    """What of a box is in the photograph, in whole pixels; with that box."""
    left, top = max(0, round(box.left)), max(0, round(box.top))
    right = min(photograph.width, round(box.left + box.width))
    bottom = min(photograph.height, round(box.top + box.height))
    return photograph.crop((left, top, right, bottom)), Box(left, top, right - left, bottom - top)


def grown(box: Box, margin: float) -> Box:
    """With a margin of its longer side on each side."""
    more = margin * max(box.width, box.height)
    return Box(box.left - more, box.top - more, box.width + 2 * more, box.height + 2 * more)


def moves(box: Box, step: float) -> Iterator[Box]:
    """The box with one of its edges moved outwards or inwards."""
    for more in (-step, step):
        yield Box(box.left + more, box.top, box.width - more, box.height)
        yield Box(box.left, box.top + more, box.width, box.height - more)
        yield Box(box.left, box.top, box.width + more, box.height)
        yield Box(box.left, box.top, box.width, box.height + more)
