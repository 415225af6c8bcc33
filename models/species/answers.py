"""From probabilities to an honest answer: what it is, at which rank, how sure, or nothing.

Imports no torch.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from models.species.card import Card
from models.species.taxonomy import RANKS, Taxon

WORTH_SAYING = RANKS[RANKS.index("class") :]
"""An answer above these is no answer: "an animal"."""
REASONS = {
    "not_alive": "This does not look like a living thing.",
    "unknown": "This does not look like anything that the model was taught.",
    "unsure": "The model is not sure enough of any answer: perhaps it does not know this species.",
}


@dataclass(frozen=True)
class Seen:
    """What a network makes of one photograph, or of all of one observation."""

    probabilities: Sequence[float]
    """Of each class of the card. They sum up to 1."""
    familiarity: float | None = None
    """How much it looks like what the network was taught; None where the model cannot tell."""


@dataclass(frozen=True)
class Guess:
    """A taxon and how probable it is, 0..1, given that the photograph shows something alive."""

    taxon: Taxon
    probability: float

    def record(self) -> dict[str, Any]:
        """As programs read it."""
        return {
            "name": self.taxon.names.get("en", self.taxon.scientific_name),
            "scientific_name": self.taxon.scientific_name,
            "rank": self.taxon.rank,
            "probability": round(self.probability, 4),
            "names": dict(self.taxon.names),
            "lineage": self.taxon.known_ranks,
            "links": self.taxon.links,
        }


@dataclass(frozen=True)
class Answer:
    """What a model says of one observation."""

    model: str
    guesses: tuple[Guess, ...]
    """The most probable taxa, most probable first."""
    path: tuple[Guess, ...]
    """From the kingdom down: at each rank the most probable group within the one before."""
    rollup: Guess | None
    """The narrowest group of the path that is sure enough."""
    likely: tuple[Taxon, ...] | None
    """The prediction set: it holds the right one as often as the card's thresholds promise."""
    alive: float
    """How probable it is that the photograph shows a living thing that the model knows."""
    reason: str
    """Why it is rejected, a key of `REASONS`; "" where it is not."""

    @property
    def rejected(self) -> bool:
        return bool(self.reason)

    @property
    def best(self) -> Taxon:
        """What it comes down to: the group that is sure enough, else the most probable taxon."""
        return self.rollup.taxon if self.rollup else self.guesses[0].taxon

    def record(self) -> dict[str, Any]:
        """As programs read it: the command line, the worker's result and the API alike."""
        return {
            "model": self.model,
            "rejected": self.rejected,
            "reason": self.reason,
            "alive": round(self.alive, 4),
            "answers": [guess.record() for guess in self.guesses],
            "rollup": self.rollup.record() if self.rollup else None,
            "path": [guess.record() for guess in self.path],
            "prediction_set": [taxon.scientific_name for taxon in self.likely]
            if self.likely is not None
            else None,
        }


def combined(photographs: Sequence[Seen]) -> Seen:
    """One observation: the mean over its photographs."""
    known = [each.familiarity for each in photographs if each.familiarity is not None]
    return Seen(
        [fmean(each) for each in zip(*(each.probabilities for each in photographs), strict=True)],
        fmean(known) if known else None,
    )


def answered(card: Card, seen: Seen, top_k: int) -> Answer:
    """An answer from what was seen of a photograph, or of an observation."""
    by_taxon: dict[Taxon, float] = defaultdict(float)
    for taxon, probability in zip(card.taxon_of_class, seen.probabilities, strict=True):
        if taxon is not None:
            by_taxon[taxon] += probability
    alive = sum(by_taxon.values())
    guesses = sorted(
        (Guess(taxon, found / alive if alive else 0.0) for taxon, found in by_taxon.items()),
        key=lambda guess: -guess.probability,
    )
    path = tuple(descent(guesses))
    sure = [guess for guess in path if guess.probability >= card.calibration.sure]
    rollup = sure[-1] if sure else None
    if alive < card.calibration.alive:
        reason = "not_alive"
    elif is_strange(seen, card.calibration.familiar):
        reason = "unknown"
    elif rollup is None or rollup.taxon.rank not in WORTH_SAYING:
        reason = "unsure"
    else:
        reason = ""
    return Answer(
        model=card.name, guesses=tuple(guesses[:top_k]), path=path, rollup=rollup,
        likely=prediction_set(by_taxon, card.calibration.conformal), alive=alive, reason=reason,
    )  # fmt: skip


def is_strange(seen: Seen, least: float | None) -> bool:
    return least is not None and seen.familiarity is not None and seen.familiarity < least


def descent(guesses: Sequence[Guess]) -> Iterable[Guess]:
    """From rank to rank into the most probable group, as far as names are known."""
    inside = list(guesses)
    for count in range(1, len(RANKS) + 1):
        sums: dict[tuple[str, ...], float] = defaultdict(float)
        for guess in inside:
            group = guess.taxon.lineage[:count]
            if len(group) == count and group[-1]:
                sums[group] += guess.probability
        if not sums:
            continue
        best = max(sums, key=lambda group: sums[group])
        own = (guess.taxon for guess in inside if guess.taxon.lineage == best)
        yield Guess(next(own, Taxon(best)), sums[best])
        inside = [guess for guess in inside if guess.taxon.lineage[:count] == best]


def prediction_set(
    by_taxon: Mapping[Taxon, float], enough: float | None
) -> tuple[Taxon, ...] | None:
    """The taxa that are at least `enough` probable, the most probable first; perhaps none."""
    if enough is None:
        return None
    best_first = sorted(by_taxon, key=lambda taxon: -by_taxon[taxon])
    return tuple(taxon for taxon in best_first if by_taxon[taxon] >= enough)
