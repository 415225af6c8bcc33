"""What a person can choose about a painting."""

from dataclasses import dataclass

from models.options import Options, option

PAINTERS = ("light", "classic", "classic-vgg16")


@dataclass(frozen=True)
class PaintOptions(Options):
    """Settings of one painting. The same everywhere: form, API, command line, docs."""

    size: int = option(
        512, "Longer side of the painting.", minimum=64, maximum=2048, step=64, unit="px"
    )
    strength: float = option(
        0.5,
        "How strongly the style shows: 0 keeps the photograph, 1 is nearly all paint.",
        minimum=0.0, maximum=1.0, step=0.05,
    )  # fmt: skip
    painter: str = option(
        "light",
        "The network that looks at the pictures: light is quick and always there; "
        "classic is the paper's VGG-19, classic-vgg16 its smaller sister.",
        choices=PAINTERS,
    )
    smoothness: float = option(
        0.5, "How strongly noise between neighbouring pixels is calmed.",
        minimum=0.0, maximum=1.0, step=0.05,
    )  # fmt: skip
    seed: int = option(
        0, "Repeats a painting: the same seed and settings give the same picture.",
        minimum=0, maximum=2**31 - 1, step=1,
    )  # fmt: skip
