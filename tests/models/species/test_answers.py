"""From probabilities to an honest answer."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.species.answers import WORTH_SAYING, Seen, answered, combined
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


def answer(*probabilities: float, familiarity: float | None = None, **calibration: Any) -> Any:
    changed = CARD.calibration.model_copy(update=calibration)
    card = CARD.model_copy(update={"calibration": changed})
    return answered(card, Seen(probabilities, familiarity), 3)


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


SCORES = 0.5, 0.0, 0.3, 0.15, 0.05, 0.0, 0.0


@pytest.mark.parametrize(
    ("enough", "names"),
    [
        (0.6, []),
        (0.5, ["Danaus plexippus"]),
        (0.15, ["Danaus plexippus", "Danaus gilippus", "Vanessa cardui"]),
    ],
)
def test_a_prediction_set_takes_what_is_probable_enough(enough: float, names: list[str]) -> None:
    found = answer(*SCORES, conformal=enough)
    assert [taxon.scientific_name for taxon in found.likely] == names
    assert found.record()["prediction_set"] == names  # none is not the same as not known


def test_without_a_threshold_there_is_no_prediction_set() -> None:
    assert answer(*SCORES).likely is None
    assert answer(*SCORES).record()["prediction_set"] is None


def test_what_is_strange_is_rejected_however_sure_the_answer() -> None:
    sure = 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    strange = answer(*sure, familiarity=-2.5, familiar=-2.0)
    assert strange.rejected and strange.reason == "unknown"
    assert strange.guesses[0].probability == 1.0  # what it would be is told all the same
    assert not answer(*sure, familiarity=-2.0, familiar=-2.0).rejected
    assert not answer(*sure, familiar=-2.0).rejected  # the model cannot tell
    assert not answer(*sure, familiarity=-9.0).rejected  # the card has no threshold
    thing = answer(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, familiarity=-9.0, familiar=-2.0)
    assert thing.reason == "not_alive"


def test_photographs_of_one_observation_count_alike() -> None:
    one, other = Seen((0.9, 0.1), 1.0), Seen((0.5, 0.5), -2.0)
    both = combined([one, other])
    assert both.probabilities == pytest.approx([0.7, 0.3])
    assert both.familiarity == pytest.approx(-0.5)
    assert combined([Seen((0.9, 0.1)), Seen((0.5, 0.5))]).familiarity is None


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
