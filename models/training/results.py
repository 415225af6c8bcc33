"""What a training says as it goes on, and what it leaves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from models.species.card import Preprocessing
from models.species.familiarity import Familiarity
from models.training.examples import Example
from models.training.judging import Judgement
from models.training.network import Network
from models.training.verdicts import Verdict, verdicts


@dataclass(frozen=True)
class Epoch:
    """A point of the curves. Losses are per photograph, in nats; shares are 0..1."""

    phase: str
    """head or full."""
    epoch: int
    train_loss: float
    val_loss: float | None
    val_top1: float | None
    seconds: float
    """Since the training began; what was done before a failure included."""


@dataclass(frozen=True)
class Trained:
    """What came out: all that a card and a file of weights need."""

    backbone: str
    preprocessing: Preprocessing
    network: Network
    familiarity: Familiarity | None
    labels: tuple[str, ...]
    examples: Sequence[Example]
    judgement: Judgement | None
    """None where there was next to nothing to measure with."""
    curves: tuple[Epoch, ...]
    mode: str
    seconds: float

    def verdicts(self) -> list[Verdict]:
        """Of every photograph that it was measured with; none where nothing was measured."""
        if self.judgement is None:
            return []
        seen = [each for each in self.examples if each.split == self.judgement.measured_on]
        return verdicts(seen, self.labels, self.judgement.probabilities)


@dataclass(frozen=True)
class Step:
    """How far it is: `fraction` is 0 to 1, weighted by cost."""

    message: str
    step: int
    steps: int
    fraction: float
    losses: Mapping[str, float] = field(default_factory=dict)
    curves: tuple[Epoch, ...] = ()
    trained: Callable[[], Trained] | None = None
    """What there is by now, if anything: of the last step, all of it."""
