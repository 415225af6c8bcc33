"""What is to be painted: photograph, styles and masks, at the size of the painting."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from models.images import fit
from models.style.colours import dressed, grey
from models.style.options import PaintOptions


@dataclass(frozen=True)
class Commission:
    """What a painting is made of, at its final size."""

    photograph: Image.Image
    content: Image.Image
    """The photograph as the network sees it: grey where only light is painted."""
    styles: Sequence[Image.Image]
    masks: Sequence[Image.Image]
    options: PaintOptions

    @classmethod
    def of(
        cls, content: Image.Image, styles: Sequence[Image.Image], masks: Sequence[Image.Image],
        options: PaintOptions,
    ) -> "Commission":  # fmt: skip
        """Raises `ValueError` without a style and for masks that are not one a style."""
        if not styles:
            raise ValueError("A painting needs at least one style.")
        if masks and len(masks) != len(styles):
            raise ValueError(f"Masks must be one a style: {len(styles)}, not {len(masks)}.")
        options.weights_of(len(styles))
        photograph = fit(content, options.size)
        worn = [dressed(style, photograph, options.colours) for style in styles]
        shown = grey(photograph) if options.colours == "photograph" else photograph
        return cls(photograph, shown, worn, [mask.convert("L") for mask in masks], options)
