"""What a painter looks at, what it weighs, and how long it works."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Constants of one painter. Weights of losses are relative to their targets: see `losses`."""

    network: str
    style: Mapping[str, float]
    """Taps whose Grams are matched, with the weight lambda of each."""
    content: Mapping[str, float]
    """Taps whose activations are kept, with the weight of each."""
    balance: float
    """Style's weight over content's, beta / alpha, at strength 0.5."""
    palette: float
    """The palette's weight, as a share of style's."""
    roughness: float
    """The weight of differences between neighbouring pixels, at smoothness 0.5."""
    chroma: float
    """How many times as much a difference in colour counts as one in light."""
    evaluations: int
    """Evaluations of the loss at 128 px."""
    decay: float
    """What each doubling of the size multiplies the evaluations by."""
    one_thread_below: int
    """Pixels of a scale below which one CPU thread beats several that wait for each other."""
    coarse: tuple[float, ...] = ()
    """How much further steps go along averages of 2, 4, 8 ... pixels: see `preconditioner`."""
    margin: int = 16
    """Pixels mirrored around the picture for the network: see `Sight`."""
    letter: bool = False
    """The paper's losses to the letter: sums, not distances relative to their targets; the weights
    of layers are not averaged, and no term is added."""
    alpha: float = 0.0
    """The content's weight where losses are the paper's; style's is then `balance`."""
    bend: float = 2.0
    """The power of strength, and of what it lacks to 1, by which style and content are weighed:
    smaller where a little strength would show too little."""
    scales: int = 0
    """0: as many as help."""
    start: str = "photograph"

    def style_share(self, tap: str) -> float:
        return self.style[tap] if self.letter else self.style[tap] / sum(self.style.values())

    def content_share(self, tap: str) -> float:
        return self.content[tap] if self.letter else self.content[tap] / sum(self.content.values())
