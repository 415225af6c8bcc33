"""Living things by name and rank."""

import pytest

from models.species.taxonomy import Taxon, TaxonInvalid

MONARCH = Taxon.read(
    {
        "kingdom": "Animalia", "phylum": "Arthropoda", "class": "Insecta", "order": "Lepidoptera",
        "family": "Nymphalidae", "genus": "Danaus", "species": "Danaus plexippus",
        "names": {"en": "monarch", "es": "mariposa monarca"},
    }
)  # fmt: skip
WHITES = Taxon.read(
    {"kingdom": "Animalia", "phylum": "Arthropoda", "class": "Insecta", "order": "Lepidoptera",
     "family": "Pieridae", "genus": "Pieris"}
)  # fmt: skip


def test_a_species() -> None:
    assert (MONARCH.scientific_name, MONARCH.rank) == ("Danaus plexippus", "species")
    assert MONARCH.names["es"] == "mariposa monarca"
    assert Taxon.read(MONARCH.record()) == MONARCH


def test_groups_above() -> None:
    genus = MONARCH.at("genus")
    assert genus is not None and genus.scientific_name == "Danaus"
    assert MONARCH.within(genus) and not genus.within(MONARCH)
    assert MONARCH.at("species") is MONARCH
    assert WHITES.at("species") is None


def test_a_lineage_with_gaps() -> None:
    turtle = Taxon.read({"kingdom": "Animalia", "order": "Testudines", "species": "Chelonia mydas"})
    assert turtle.at("class") is None
    order = turtle.at("order")
    assert order is not None and order.rank == "order"


@pytest.mark.parametrize(
    "entry", [{}, {"names": {"en": "thing"}}, {"tribe": "Danaini", "genus": "Danaus"},
              {"genus": 3}, {"genus": "Danaus", "names": ["monarch"]}],
)  # fmt: skip
def test_what_is_no_taxon_is_refused(entry: dict[str, object]) -> None:
    with pytest.raises(TaxonInvalid):
        Taxon.read(entry)


def test_links_are_built() -> None:
    assert MONARCH.links["wikipedia"] == "https://en.wikipedia.org/wiki/Danaus_plexippus"
    assert MONARCH.links["gbif"].endswith("q=Danaus%20plexippus")
