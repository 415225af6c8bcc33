"""How many of its last steps L-BFGS remembers. Imports no torch: forecasts read it, too."""

MOST, FEWEST = 8, 2
KEPT = 24_000_000
"""Values that each half of the history may have: large pictures take few steps, and memory."""


def pairs_kept(values: int) -> int:
    """Pairs of a step and its change of the gradient, for a variable of so many values."""
    return max(FEWEST, min(MOST, KEPT // values))
