"""How a student is taught. Imports no torch."""

from dataclasses import dataclass, field

from models.narrow_shape import Shape


@dataclass(frozen=True)
class Teaching:
    """Everything that, with the pictures and the teacher's weights, decides what comes out."""

    shape: Shape = field(default_factory=Shape)
    steps: int = 4_000
    seed: int = 0
    size: int = 128
    """Side of a crop in pixels."""
    batch: int = 8
    """Crops that a step learns from."""
    fresh: int = 4
    """Batches that the teacher looks at in a row: one round."""
    echoes: int = 3
    """Steps for each look of the teacher, which costs several times what a step does."""
    made: float = 0.35
    """The share of crops that are made, not taken: see `procedural`."""
    grams: float = 0.3
    """What Grams count beside activations."""
    rate: float = 1e-3
    """The first rate of learning; it falls to nothing along a cosine."""
    beginning: int = 8
    """Batches that the student begins with: see `begin`."""

    whitening: float = 1.0
    """How much less the loud directions of activations count when it paints: see `whitening`."""

    @property
    def round(self) -> int:
        """Steps between two looks of the teacher."""
        return self.fresh * self.echoes
