"""From probabilities to an honest answer."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.species.answers import WORTH_SAYING, answered
from models.species.card import Card
from models.species.taxonomy import RANKS

ABOVE = {"kingdom": "Animalia", "phylum": "Arthropoda", "class": "Insecta", "order": "Lepidoptera"}
NYMPHS = ABOVE | {"family": "Nymphalidae"}
CARD = Card.model_validate(
    {
        "name": "butterflies", "version": "1", "title": {"en": "Butterflies"}, "description": {},
        "licence": "CC0-1.0", "training_data": "None.", "backbone": "efficientnet_lite2",
        "preprocessing": {"pixels": 260, "share": 0.9},
        "weights": {"file": "model.safetensors", "sha256": "0" * 64},
        "calibration": {"alive": 0.5, "sure": 0.65},
        "taxa": [
            NYMPHS | {"genus": "Danaus", "species": "Danaus plexippus"},
            NYMPHS | {"genus": "Danaus", "species": "Danaus gilippus"},
            NYMPHS | {"genus": "Vanessa", "species": "Vanessa cardui"},
            ABOVE | {"family": "Pieridae"},
            {"kingdom": "Fungi"},
        ],
        "classes": [["monarch", 0], ["old monarch", 0], ["queen", 1], ["lady", 2], ["white", 3],
                    ["mushroom", 4], ["lamp", None]],
    }
)  # fmt: skip


def answer(*probabilities: float, **calibration: Any) -> Any:
    changed = CARD.calibration.model_copy(update=calibration)
    return answered(CARD.model_copy(update={"calibration": changed}), probabilities, 3)


def test_classes_of_one_taxon_are_one_answer() -> None:
    found = answer(0.4, 0.4, 0.1, 0.1, 0.0, 0.0, 0.0)
    assert not found.rejected
    assert [guess.taxon.scientific_name for guess in found.guesses] == [
        "Danaus plexippus", "Danaus gilippus", "Vanessa cardui",
    ]  # fmt: skip
    assert found.guesses[0].probability == pytest.approx(0.8)
    assert (found.rollup.taxon.rank, found.rollup.probability) == ("species", pytest.approx(0.8))


def test_the_rollup_goes_as_far_down_as_it_is_sure() -> None:
    found = answer(0.3, 0.1, 0.35, 0.2, 0.05, 0.0, 0.0)
    assert found.rollup.taxon.scientific_name == "Danaus"
    assert found.rollup.probability == pytest.approx(0.75)
    assert [guess.taxon.scientific_name for guess in found.path][-1] == "Danaus plexippus"


def test_probability_on_things_rejects() -> None:
    found = answer(0.4, 0.0, 0.0, 0.0, 0.0, 0.0, 0.6)
    assert found.rejected and found.reason == "not_alive"
    assert found.alive == pytest.approx(0.4)
    assert found.guesses[0].probability == pytest.approx(1.0)


def test_an_animal_is_no_answer() -> None:
    found = answer(0.2, 0.0, 0.1, 0.2, 0.1, 0.4, 0.0)
    assert found.rejected and found.reason == "unsure"


def test_nothing_alive_at_all() -> None:
    found = answer(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    assert found.reason == "not_alive" and found.guesses[0].probability == 0.0


def test_a_prediction_set_where_the_card_has_thresholds() -> None:
    scores = 0.5, 0.0, 0.3, 0.15, 0.05, 0.0, 0.0
    assert answer(*scores).likely is None
    likely = answer(*scores, conformal=0.9).likely
    assert [taxon.scientific_name for taxon in likely] == [
        "Danaus plexippus", "Danaus gilippus", "Vanessa cardui",
    ]  # fmt: skip


@given(st.lists(st.floats(0.0, 1.0), min_size=7, max_size=7).filter(lambda p: sum(p) > 0.01))
def test_what_always_holds(weights: list[float]) -> None:
    found = answer(*(weight / sum(weights) for weight in weights))
    chances = [guess.probability for guess in found.path]
    for more, less in pairwise(chances):
        assert less <= more + 1e-9  # a group is at least as probable as its parts
    for above, below in zip(found.path, found.path[1:], strict=False):
        assert below.taxon.within(above.taxon)
        assert RANKS.index(below.taxon.rank) > RANKS.index(above.taxon.rank)
    if not found.rejected:
        assert found.rollup.probability >= 0.65 and found.rollup.taxon.rank in WORTH_SAYING
