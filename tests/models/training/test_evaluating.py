"""A model measured with a folder, against a direct count."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.images import open_picture
from models.species.classifier import Classifier, load_classifier
from models.species.registry import DEFAULT, Registry
from models.species.taxonomy import Taxon
from models.steps import outcome
from models.training.dataset import DataSet, DataSetError, Photograph
from models.training.evaluating import Evaluation, evaluate

LABELS = ("Tinca_tinca", "goldfish", "Bellis perennis")


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    registry = Registry(tmp_path_factory.mktemp("models"))
    return load_classifier(registry.get(DEFAULT), torch.device("cpu"))


@pytest.fixture
def data_set(tmp_path: Path) -> DataSet:
    """Four noisy pictures of each label: the model knows the first two, one by another name."""
    random = np.random.default_rng(0)
    photographs = []
    for label in LABELS:
        for number in range(4):
            path = tmp_path / f"{label}-{number}.png"
            Image.fromarray(random.integers(0, 255, (64, 64, 3), np.uint8)).save(path)
            photographs.append(Photograph(path, label))
    goldfish = Taxon(("", "", "", "", "", "Carassius", "Carassius auratus"))
    return DataSet("fish", tuple(photographs), {"goldfish": goldfish})


def evaluated(classifier: Classifier, data_set: DataSet) -> tuple[list[int], Evaluation]:
    done: list[int] = []
    found = outcome(evaluate(classifier, data_set.photographs, data_set), done.append)
    return done, found


def test_as_a_direct_count(classifier: Classifier, data_set: DataSet) -> None:
    done, found = evaluated(classifier, data_set)
    assert done == [8]
    assert (found.report.n, found.left_out) == (8, 4)
    names = [
        None if taxon is None else taxon.scientific_name for taxon in classifier.card.taxon_of_class
    ]
    right = among = 0
    truths = {"Tinca_tinca": "Tinca tinca", "goldfish": "Carassius auratus"}
    for photograph in data_set.photographs:
        if photograph.label not in truths:
            continue
        (seen,) = classifier.look([open_picture(photograph.path)])
        place = names.index(truths[photograph.label])
        order = sorted(range(len(names)), key=lambda each: -seen.probabilities[each])
        right += order[0] == place
        among += place in order[:5]
    assert (found.report.top1, found.report.top5) == (right / 8, among / 8)


def test_what_the_card_promises_is_measured(classifier: Classifier, data_set: DataSet) -> None:
    _, found = evaluated(classifier, data_set)
    assert found.coverage is None and found.kept is None  # the packaged model promises nothing
    card = classifier.card
    promising = card.model_copy(
        update={"calibration": card.calibration.model_copy(update={"conformal": 0.0})}
    )
    _, found = evaluated(replace(classifier, card=promising), data_set)
    assert found.coverage == 1.0
    assert found.record()["coverage"] == 1.0


def test_nothing_that_the_model_knows(classifier: Classifier, data_set: DataSet) -> None:
    strange = replace(data_set, photographs=data_set.photographs[-4:])
    with pytest.raises(DataSetError, match=r"wildlife knows none of the labels of fish\."):
        evaluated(classifier, strange)
