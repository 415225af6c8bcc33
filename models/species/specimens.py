"""The specimens of a photograph: where each is, and what, named as a photograph of its own."""

from dataclasses import asdict, dataclass
from typing import Any

import torch
from PIL import Image

from models.images import resize
from models.species.answers import Answer, answered
from models.species.boxes import Box, cropped, grown
from models.species.classifier import Classifier
from models.species.proposals import Proposals
from models.species.windows import CELL, look
from models.tensors import to_tensor

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


def specimens(classifier: Classifier, photograph: Image.Image, top_k: int) -> list[Specimen]:
    """Those that are found, the surest first; none where no box gets an answer, or where the
    network cannot tell places apart."""
    if not classifier.trunk.spatial:
        return []
    photograph = photograph.convert("RGB")
    boxes = Proposals(look(classifier, photograph)).boxes()
    named = [Specimen(box, name(classifier, photograph, box, top_k)) for box in boxes]
    found = [each for each in named if not each.answer.rejected]
    return sorted(found, key=lambda each: -each.answer.alive * each.answer.guesses[0].probability)


@torch.inference_mode()
def name(classifier: Classifier, photograph: Image.Image, box: Box, top_k: int) -> Answer:
    """The answer for what is in a box, seen whole, with the area that the classifier expects."""
    crop, _ = cropped(photograph, grown(box, MARGIN))
    card = classifier.card
    scale = card.preprocessing.pixels / (crop.width * crop.height) ** 0.5
    seen = resize(crop, *(max(CELL, round(side * scale)) for side in crop.size))
    (found,) = classifier.seen(to_tensor(seen, classifier.device)[None])
    return answered(card, found, top_k)
