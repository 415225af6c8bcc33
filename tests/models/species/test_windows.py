"""What the passes over a photograph see, cell by cell."""

from pathlib import Path

import pytest
import torch

from models.species.card import Card
from models.species.classifier import Classifier, load_classifier
from models.species.registry import Registry
from models.species.windows import alive_odds, unlike_the_rest

MODEL = Registry(Path("/nowhere")).get("wildlife")


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier(MODEL, torch.device("cpu"))


def test_cells_are_what_the_whole_is_the_mean_of(classifier: Classifier) -> None:
    picture = torch.rand(1, 3, 96, 160, generator=torch.Generator().manual_seed(1))
    scores, features = classifier.cells(picture)
    assert scores.shape == (1, 1000, 3, 5) and features.shape[2:] == (6, 10)
    assert torch.allclose(scores.mean((2, 3)), classifier.logits(picture), atol=1e-4)


def test_a_model_of_living_things_only_compares_with_the_middle_cell(
    classifier: Classifier,
) -> None:
    known = [label for label in MODEL.card.classes if label[1] is not None]
    card = Card.model_validate(
        MODEL.card.model_dump(exclude={"taxa"})
        | {"taxa": [taxon.record() for taxon in MODEL.card.taxa], "classes": known}
    )
    scores = torch.zeros(len(known), 3, 3)
    scores[:, 1, 1] = 2.0
    living = Classifier(
        card, classifier.trunk, classifier.weight, classifier.bias, torch.device("cpu")
    )
    odds = alive_odds(living, scores)
    assert odds[1, 1] == pytest.approx(2.0 / card.calibration.temperature, abs=1e-4)
    assert odds[0, 0] == pytest.approx(0.0, abs=1e-4)


def test_what_differs_from_the_background() -> None:
    features = torch.randn(5, 20, 20, generator=torch.Generator().manual_seed(2)) * 0.1
    features[:, 4:8, 4:8] += 3.0
    far = unlike_the_rest(features)
    assert float(far[4:8, 4:8].min()) > 0.8
    assert abs(float(far.median())) < 1e-6
    assert unlike_the_rest(torch.ones(5, 4, 4)).abs().max() == 0.0
