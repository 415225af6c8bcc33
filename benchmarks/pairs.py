"""Which photograph is painted in the manner of which picture: chosen by a rule, not by results.

Pair j is photograph j (modulo their number) with style k j, k being the smallest step above 1
that meets every style; where that would come round to the same pairs, styles move on by one. So any
first few pairs use photographs and styles about equally often, and no one picks them.
"""

from dataclasses import dataclass
from itertools import count
from math import gcd, lcm
from pathlib import Path

SAMPLES = Path(__file__).parents[1] / "static" / "samples"
FIXED = 10
FOR_SIZES = 6


@dataclass(frozen=True)
class Pair:
    """Files of a photograph and of a style."""

    content: Path
    style: Path

    @property
    def name(self) -> str:
        return f"{self.content.stem} + {self.style.stem}"


def pairs_in(folder: Path, which: str = "fixed") -> list[Pair]:
    """Pairs of the pictures in `folder`'s content/ and style/: `fixed`, `all`, or how many.

    Raises `ValueError` for another word, or if there are no pictures.
    """
    contents, styles = (_pictures(folder / part) for part in ("content", "style"))
    if not contents or not styles:
        raise ValueError(f"{folder} has no pictures in content/ and style/.")
    everyone = [Pair(contents[i], styles[j]) for i, j in order(len(contents), len(styles))]
    if which == "all":
        return everyone
    if which != "fixed" and not which.isdigit():
        raise ValueError(f"{which!r} is not fixed, all or a number.")
    return everyone[: FIXED if which == "fixed" else int(which)]


def order(contents: int, styles: int) -> list[tuple[int, int]]:
    """All pairs of numbers below `contents` and `styles`, in the rule's order."""
    step = next(k for k in count(2 if styles > 2 else 1) if gcd(k, styles) == 1)
    round_ = lcm(contents, styles)
    return [(j % contents, (j * step + j // round_) % styles) for j in range(contents * styles)]


def _pictures(folder: Path) -> list[Path]:
    """Pictures by name; thumbnails are not."""
    files = sorted(folder.glob("*.*"))
    return [
        file
        for file in files
        if file.suffix in (".jpg", ".jpeg", ".png", ".webp") and not file.stem.endswith(".thumb")
    ]
