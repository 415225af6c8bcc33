"""Where the specimens of a photograph are.

Boxes around what is connected in the evidence, or in the outlines, are candidates. One is good
where both are high inside and low around it; of those that overlap the best is kept. What fills the
photograph has nothing around it, and is told from its parts by the evidence that they leave out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log

import torch

from models.species.boxes import Box, around, containment, grown, moves, suppress
from models.species.fields import Field, share
from models.species.windows import CELL, DIFFERENT, Looked

SPAN = 5.6
"""Cells that a specimen spans where the evidence for it is judged: what the classifier saw as it
was trained is 7 to 8 cells, filled for the most part."""
AVERAGED = 3
"""Neighbouring passes that are averaged there; of 2, 3, 4 and 6 the best on scenes for tuning."""
EVIDENCE = 0.8
"""Log odds above which cells belong together; better than 1.25 on scenes for tuning."""
SATURATED = 3.75
"""Log odds that more does not add to: one telling part does not outweigh the rest."""
OUTLINES = 0.2, 0.35, 0.5
"""Differences from the background, 0..1, above which cells belong together."""
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


@dataclass(frozen=True)
class Proposals:
    """The boxes that what was looked at suggests."""

    looked: Looked

    @cached_property
    def outline(self) -> Field:
        return Field.over(share(self.looked.difference, *DIFFERENT), self.looked.pixels)

    @cached_property
    def fields(self) -> dict[tuple[int, ...], Field]:
        """The evidence, averaged over each run of `AVERAGED` neighbouring passes."""
        sides = sorted(self.looked.evidence)
        runs = [sides[first : first + AVERAGED] for first in range(len(sides))]
        runs = [run for run in runs if len(run) == AVERAGED] or [sides]
        means = {tuple(run): torch.stack([self.looked.evidence[side] for side in run]).mean(0)
                 for run in runs}  # fmt: skip
        return {
            run: Field.over(share(mean, 0.0, SATURATED), self.looked.pixels)
            for run, mean in means.items()
        }

    def field_for(self, box: Box) -> Field:
        """The evidence of the passes in whose middle one a box spans most nearly `SPAN` cells."""
        best = SPAN * CELL * self.looked.longer / max(box.width, box.height)
        return self.fields[min(self.fields, key=lambda run: abs(log(run[len(run) // 2] / best)))]

    def score(self, box: Box, evidence: Field) -> float:
        """How much more alive and unlike the background a box is than what is around it, -2..2."""
        return evidence.contrast(box) + self.outline.contrast(box)

    def candidates(self) -> Iterator[Box]:
        maps = [values > EVIDENCE for values in self.looked.evidence.values()]
        maps += [self.looked.difference > level for level in OUTLINES]
        for mask in maps:
            for box in around(mask.numpy(), self.looked.pixels):
                if max(box.width, box.height) >= self.smallest:
                    yield box

    @property
    def smallest(self) -> float:
        """Pixels that the longer side of a specimen has at least."""
        return SMALLEST * CELL * self.looked.longer / max(self.looked.evidence)

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
        coarsest = self.looked.evidence[min(self.looked.evidence)]
        frame = coarsest.shape[0] * coarsest.shape[1] * self.looked.pixels**2
        evidence = Field.over(share(coarsest, 0.0, SATURATED), self.looked.pixels)
        for box in around((coarsest > EVIDENCE).numpy(), self.looked.pixels):
            total, count = evidence.within(box)
            if box.area > FILLED * frame and total > FILLING * count:
                return box
        return None

    def snapped(self, box: Box) -> Box:
        """The box with its edges moved, ever less far, as long as its score rises."""
        evidence = self.field_for(box)
        rows, columns = (side - 1 for side in evidence.sums.shape)
        frame = Box(0.0, 0.0, columns * self.looked.pixels, rows * self.looked.pixels)
        best = self.score(box, evidence)
        for step in STEPS:
            risen = True
            while risen:
                risen = False
                for moved in moves(box, step * self.looked.pixels):
                    fits = min(moved.width, moved.height) >= self.smallest / 2
                    if fits and moved.overlap(frame) >= moved.area - 1.0:
                        score = self.score(moved, evidence)
                        if score > best + 1e-6:
                            box, best, risen = moved, score, True
        return box
