"""The packaged model's map of ImageNet: complete, consistent, and right where we know it."""

from collections import defaultdict
from pathlib import Path

import pytest

from models.species.registry import PACKAGED, Registry
from models.species.taxonomy import RANKS
from models.weights import read_weights

MODEL = Registry(Path("/nowhere")).get("wildlife")
CARD = MODEL.card


def taxon_of(label: str) -> str | None:
    index = [name for name, _ in CARD.classes].index(label)
    taxon = CARD.taxon_of_class[index]
    return taxon.scientific_name if taxon else None


def test_it_has_the_networks_classes() -> None:
    state = read_weights(MODEL.weights)
    assert len(CARD.classes) == len(state["_fc.bias"]) == 1000
    assert len({label for label, _ in CARD.classes}) >= 998  # crane and maillot come twice
    assert {taxon for _, taxon in CARD.classes if taxon is not None} == set(range(len(CARD.taxa)))


def test_every_group_has_one_place() -> None:
    above: dict[tuple[str, str], set[tuple[str, ...]]] = defaultdict(set)
    for taxon in CARD.taxa:
        for count in range(1, len(taxon.lineage) + 1):
            if name := taxon.lineage[count - 1]:
                above[RANKS[count - 1], name].add(taxon.lineage[: count - 1])
    assert {key: places for key, places in above.items() if len(places) > 1} == {}


def test_lineages_are_complete_and_species_are_of_their_genus() -> None:
    for taxon in CARD.taxa:
        assert all(taxon.lineage), taxon
        assert taxon.lineage[0] in ("Animalia", "Plantae", "Fungi")
        if taxon.rank == "species":
            assert taxon.scientific_name.startswith(f"{taxon.lineage[-2]} "), taxon


def test_common_names_in_both_languages_are_one_taxons_own() -> None:
    for language in ("en", "es"):
        names = [taxon.names.get(language, "") for taxon in CARD.taxa]
        assert all(name and name == name.strip() for name in names)
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("tench", "Tinca tinca"), ("hen", "Gallus gallus"), ("Chihuahua", "Canis familiaris"),
        ("African hunting dog", "Lycaon pictus"), ("tabby", "Felis catus"),
        ("monarch", "Danaus plexippus"), ("admiral", "Vanessa atalanta"),
        ("ice bear", "Ursus maritimus"),
        ("cabbage butterfly", "Pieris"), ("chambered nautilus", "Nautilus"),
        ("conch", "Gastropoda"),
        ("Granny Smith", "Malus domestica"), ("stinkhorn", "Phallaceae"), ("scuba diver", None),
        ("coral reef", None), ("abacus", None), ("toilet tissue", None), ("hay", None),
        ("carbonara", None),
    ],
)  # fmt: skip
def test_classes_that_we_know(label: str, name: str | None) -> None:
    assert taxon_of(label) == name


def test_all_dogs_are_one_species() -> None:
    assert {taxon_of(CARD.classes[index][0]) for index in range(151, 269)} == {"Canis familiaris"}


def test_its_decisions_are_written_down() -> None:
    assert "435 classes" in (PACKAGED / "wildlife" / "README.md").read_text()
    assert sum(taxon is not None for taxon in CARD.taxon_of_class) == 435
