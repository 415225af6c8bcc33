"""What can be set when a species is to be named. Imports no torch."""

from dataclasses import dataclass

from models.options import Options, option
from models.species.registry import DEFAULT

MAX_PHOTOGRAPHS = 10
"""Of one observation."""


@dataclass(frozen=True)
class IdentifyOptions(Options):
    """Checked when it is made; raises `InvalidOption`. Whether there is such a model is not."""

    model: str = option(
        DEFAULT, "Which model to ask: each knows other species.", pattern=r"[a-z0-9][\w-]*"
    )
    top_k: int = option(5, "How many answers to give.", minimum=1, maximum=20, step=1)
    boxes: bool = option(
        False, "Look for several specimens, and draw a box around each. Takes some seconds."
    )
