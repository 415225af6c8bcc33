"""How honest a species model is: `python -m benchmarks.naming --species DIR --things DIR`.

`--species` holds data sets of photographs, a folder a class; which of their species are looked at,
and what they are, is written below. Things are photographs without a living thing in them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.choices import FILE, FOLDER
from benchmarks.tables import table
from models.devices import pick_device
from models.images import open_picture
from models.species.answers import Answer, answered
from models.species.classifier import Classifier, load_classifier
from models.species.registry import DEFAULT, Registry
from models.species.taxonomy import RANKS

INSECTS = "Animalia Arthropoda Insecta Lepidoptera"
SNAILS = "Animalia Mollusca Gastropoda"
PLANTS = "Plantae Tracheophyta Magnoliopsida"
SPECIES = {
    "leeds_butterflies10/Danaus_plexippus": f"{INSECTS} Nymphalidae Danaus",
    "leeds_butterflies10/Heliconius_charitonius": f"{INSECTS} Nymphalidae Heliconius",
    "leeds_butterflies10/Heliconius_erato": f"{INSECTS} Nymphalidae Heliconius",
    "leeds_butterflies10/Junonia_coenia": f"{INSECTS} Nymphalidae Junonia",
    "leeds_butterflies10/Lycaena_phlaeas": f"{INSECTS} Lycaenidae Lycaena",
    "leeds_butterflies10/Nymphalis_antiopa": f"{INSECTS} Nymphalidae Nymphalis",
    "leeds_butterflies10/Papilio_cresphontes": f"{INSECTS} Papilionidae Papilio",
    "leeds_butterflies10/Pieris_rapae": f"{INSECTS} Pieridae Pieris",
    "leeds_butterflies10/Vanessa_atalanta": f"{INSECTS} Nymphalidae Vanessa",
    "leeds_butterflies10/Vanessa_cardui": f"{INSECTS} Nymphalidae Vanessa",
    "shells8/Aandara_consociata": "Animalia Mollusca Bivalvia Arcida Arcidae Anadara",
    "shells8/Acteon_nakayamai": f"{SNAILS} Cephalaspidea Acteonidae Acteon",
    "shells8/Alia_unifasciata": f"{SNAILS} Neogastropoda Columbellidae Alia",
    "shells8/Batillaria_multiformis": f"{SNAILS} Caenogastropoda Batillariidae Batillaria",
    "shells8/Bellamya_species": f"{SNAILS} Architaenioglossa Viviparidae Bellamya",
    "shells8/Bistolida_diauges": f"{SNAILS} Littorinimorpha Cypraeidae Bistolida",
    "shells8/Blasicrura_subteres": f"{SNAILS} Littorinimorpha Cypraeidae Blasicrura",
    "shells8/Bolinus_brandaris": f"{SNAILS} Neogastropoda Muricidae Bolinus",
    "flowers17/Daisy": f"{PLANTS} Asterales Asteraceae Bellis",
}
"""Kingdom to genus of each folder; the species is the folder's name."""
MONARCHS, DAISIES = "leeds_butterflies10/Danaus_plexippus", "flowers17/Daisy"
KNOWN = (
    MONARCHS, DAISIES, "leeds_butterflies10/Vanessa_atalanta", "leeds_butterflies10/Pieris_rapae",
)  # fmt: skip
"""Folders whose species, genus or family is an answer of the packaged model below the order."""
TOGETHER = 8


@dataclass(frozen=True)
class Seen:
    """One photograph, what it shows by rank, and what was said of it."""

    folder: str
    truth: dict[str, str]
    answer: Answer

    @property
    def right(self) -> bool:
        """Whether the roll-up is right at the rank that it states."""
        rollup = self.answer.rollup
        return rollup is not None and self.truth.get(rollup.taxon.rank) == rollup.taxon.lineage[-1]

    def among(self, most: int) -> bool:
        """Whether one of the best answers is right at its own rank, the family or below."""
        return any(
            guess.taxon.rank in RANKS[4:]
            and self.truth.get(guess.taxon.rank) == guess.taxon.scientific_name
            for guess in self.answer.guesses[:most]
        )


@click.command()
@click.option("--species", type=FOLDER, required=True, help="Data sets, a folder each.")
@click.option(
    "--things",
    type=FOLDER,
    required=True,
    help="Photographs without a living thing that a model knows.",
)
@click.option("--model", default=DEFAULT, show_default=True)
@click.option("--models", type=Path, default=Path("models"), help="The user's own models.")
@click.option("--limit", default=1000, show_default=True, help="Photographs of a folder.")
@click.option("--json", "output", type=FILE, help="Write the figures here.")
def main(
    species: Path, things: Path, model: str, models: Path, limit: int, output: Path | None
) -> None:
    """Name known photographs, and count what is right."""
    classifier = load_classifier(Registry(models).get(model), pick_device("auto"))
    seen = [each for folder in SPECIES for each in look(classifier, species, folder, limit)]
    others = sorted(things.glob("*.jpg"))
    refused = [answer.rejected for answer in answers(classifier, others)]
    figures = counted(seen) | {"things rejected": (sum(refused), len(refused))}
    click.echo(
        table(
            ("measure", "share", "of"),
            [
                (name, f"{part / whole:.1%}" if whole else "—", f"{part} of {whole}")
                for name, (part, whole) in figures.items()
            ],
        )
    )
    if output:
        output.write_text(json.dumps(figures, indent=1) + "\n")


def counted(seen: list[Seen]) -> dict[str, tuple[int, int]]:
    """How many of how many, by what was asked."""
    monarchs = [each for each in seen if each.folder == MONARCHS]
    daisies = [each for each in seen if each.folder == DAISIES]
    known = [each for each in seen if each.folder in KNOWN]
    ranked = [each for each in seen if each.folder != DAISIES]
    said = [each for each in ranked if not each.answer.rejected]
    return {
        "monarchs, top-1 species": (
            sum(each.answer.guesses[0].taxon.scientific_name == "Danaus plexippus"
                for each in monarchs), len(monarchs),
        ),
        "daisies, top-5": (sum(each.among(5) for each in daisies), len(daisies)),
        "known species rejected": (sum(each.answer.rejected for each in known), len(known)),
        "butterflies and shells answered": (len(said), len(ranked)),
        "roll-up right at its rank": (sum(each.right for each in said), len(said)),
        "of these at family or below": (
            sum(RANKS.index(each.answer.rollup.taxon.rank) >= RANKS.index("family")
                for each in said if each.right and each.answer.rollup), len(said),
        ),
    }  # fmt: skip


def look(classifier: Classifier, root: Path, folder: str, limit: int) -> Iterator[Seen]:
    names = [*SPECIES[folder].split(), folder.rpartition("/")[2].replace("_", " ")]
    truth = dict(zip(RANKS, names, strict=True))
    paths = sorted((root / folder).glob("*.jpg"))[:limit]
    for answer in answers(classifier, paths):
        yield Seen(folder, truth, answer)


def answers(classifier: Classifier, paths: list[Path]) -> Iterator[Answer]:
    for first in range(0, len(paths), TOGETHER):
        pictures = [open_picture(path, longer_side=640) for path in paths[first:][:TOGETHER]]
        for seen in classifier.look(pictures):
            yield answered(classifier.card, seen, 5)


if __name__ == "__main__":
    main()
