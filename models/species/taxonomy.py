"""Living things by name and rank. Imports no torch: pages and API read this, too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

RANKS = ("kingdom", "phylum", "class", "order", "family", "genus", "species")


class TaxonInvalid(ValueError):
    """What was given is no taxon. The message says what is wrong with it."""


@dataclass(frozen=True)
class Taxon:
    """A named group of living things, from a kingdom down to a species."""

    lineage: tuple[str, ...]
    """Scientific names from the kingdom down to its own; "" where a rank is not known."""
    names: Mapping[str, str] = field(default_factory=dict, compare=False)
    """Common names by language: en, es."""

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Self:
        """From a card: a name for each rank that is known, and `names`. Raises `TaxonInvalid`."""
        known = {rank: entry[rank] for rank in RANKS if entry.get(rank)}
        names = entry.get("names", {})
        if not known:
            raise TaxonInvalid(f"A taxon needs a name at one rank at least: {dict(entry)}.")
        if strange := set(entry) - {*RANKS, "names"}:
            raise TaxonInvalid(f"A taxon has no {', '.join(sorted(strange))}: {dict(entry)}.")
        words = [*known.values(), *names.values()] if isinstance(names, Mapping) else [None]
        if not all(isinstance(word, str) for word in words):
            raise TaxonInvalid(f"Names of a taxon must be text: {dict(entry)}.")
        lowest = max(map(RANKS.index, known))
        return cls(tuple(known.get(rank, "") for rank in RANKS[: lowest + 1]), dict(names))

    def record(self) -> dict[str, Any]:
        """What `read` reads."""
        return self.known_ranks | ({"names": dict(self.names)} if self.names else {})

    @property
    def known_ranks(self) -> dict[str, str]:
        """Its lineage by rank, without the ranks that are not known."""
        return {rank: name for rank, name in zip(RANKS, self.lineage, strict=False) if name}

    @property
    def scientific_name(self) -> str:
        return self.lineage[-1]

    @property
    def rank(self) -> str:
        return RANKS[len(self.lineage) - 1]

    def at(self, rank: str) -> "Taxon | None":
        """The group of that rank which it belongs to, itself included; None where not known."""
        count = RANKS.index(rank) + 1
        if count > len(self.lineage) or not self.lineage[count - 1]:
            return None
        return self if count == len(self.lineage) else Taxon(self.lineage[:count])

    def within(self, other: "Taxon") -> bool:
        """Whether it is the other, or belongs to it."""
        above = self.at(other.rank)
        return above is not None and above.scientific_name == other.scientific_name

    @property
    def links(self) -> dict[str, str]:
        """Where more is to be read. Built, never fetched."""
        name = self.scientific_name
        return {
            "gbif": f"https://www.gbif.org/species/search?q={quote(name)}",
            "inaturalist": f"https://www.inaturalist.org/search?q={quote(name)}",
            "wikipedia": f"https://en.wikipedia.org/wiki/{quote(name.replace(' ', '_'))}",
        }
