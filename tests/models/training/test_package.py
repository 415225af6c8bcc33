"""A trained network as a model: served, it says what the network said."""

import json
from pathlib import Path

import pytest
import torch

from models.species.card import Card, read_card
from models.species.classifier import load_classifier, views_of
from models.species.registry import Registry
from models.species.taxonomy import Taxon
from models.tensors import to_tensor
from models.training.cache import Cache
from models.training.package import install, read_photographs, taxon_of, write_model
from models.training.results import Trained
from tests.models.training.lessons import CPU, NOTHING, TINTS, drawn, options, taught, tinted

ROSE = Taxon(
    ("Plantae", "Tracheophyta", "Magnoliopsida", "Rosales", "Rosaceae", "Rosa", "Rosa canina"),
    {"en": "Dog rose", "es": "Rosal silvestre"},
)
DATA = {"photographs": 60, "classes": 4}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    place = tmp_path_factory.mktemp("drawn")
    examples = drawn(place, {"train": 6, "val": 9}, TINTS | NOTHING)
    last = taught(examples, Cache(place / "features.sqlite"), mode="full", lr=1e-3)[-1]
    assert last.trained is not None
    return last.trained()


@pytest.fixture(scope="module")
def models(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    models = tmp_path_factory.mktemp("models")
    chosen = options(name="wild_flowers", mode="full")
    taxa = {"Rosa canina": ROSE, "strangers": ROSE}
    write_model(models / "wild_flowers", trained, chosen, taxa, DATA, "job 7", "ann")
    return models


def test_it_is_served_and_says_what_the_network_said(models: Path, trained: Trained) -> None:
    classifier = load_classifier(Registry(models).get("wild_flowers"), CPU)
    card = classifier.card
    for seed, colour in ((500, "crimson"), (501, "dimgrey")):
        photograph = tinted(seed, colour)
        views = torch.cat([to_tensor(each) for each in views_of(photograph, card.preprocessing)])
        with torch.inference_mode():
            scores = trained.network.eval()(views).double().mean(0)
        wanted = torch.softmax(scores / card.calibration.temperature, 0)
        (seen,) = classifier.look([photograph])
        assert seen.probabilities == pytest.approx(wanted.tolist(), abs=1e-5)
        assert seen.familiarity is not None
    assert card.classes[torch.tensor(seen.probabilities).argmax()][0] == "_nothing"


def test_what_its_card_says(models: Path, trained: Trained) -> None:
    card = read_card(models / "wild_flowers")
    assert card.classes == (
        ("Bellis perennis", 0), ("Gentiana verna", 1), ("Rosa canina", 2), ("_nothing", None),
    )  # fmt: skip
    assert [taxon.rank for taxon in card.taxa] == ["species"] * 3
    assert card.taxa[0].known_ranks == {"genus": "Bellis", "species": "Bellis perennis"}
    assert card.taxa[2] == ROSE and card.taxa[2].names == ROSE.names
    assert (card.backbone, card.preprocessing.pixels) == ("efficientnet_lite0", 64)
    assert card.title == {"en": "Wild flowers", "es": "Wild flowers"}
    assert "3 classes, taught from 24 photographs" in card.description["en"]
    judgement, training = trained.judgement, card.training
    assert judgement is not None and training is not None
    assert card.metrics == judgement.metrics() and card.metrics["n"] == 36
    assert card.evaluation == json.loads(json.dumps(judgement.report.record()))
    fitted, calibration = judgement.fitted, card.calibration
    assert calibration.temperature == fitted.temperature
    assert (calibration.conformal, calibration.familiar) == (fitted.conformal, fitted.familiar)
    assert calibration.familiar is not None and "36 photographs" in calibration.fitted_on
    assert training["job"] == "job 7" and training["data"] == DATA
    assert (training["mode"], training["measured_on"]) == ("full", "val")
    assert training["options"] == options(name="wild_flowers", mode="full").as_dict()
    assert [each["phase"] for each in training["curves"]] == ["full"]


def test_a_card_survives_json(models: Path) -> None:
    card = read_card(models / "wild_flowers")
    again = Card.model_validate(json.loads(json.dumps(card.record())))
    assert again.record() == card.record() and again.taxon_of_class == card.taxon_of_class


def test_what_it_was_taught_is_kept_without_the_photographs(models: Path, trained: Trained) -> None:
    folder = models / "wild_flowers"
    assert sorted(each.name for each in folder.iterdir()) == [
        "card.json", "model.safetensors", "owner.txt", "photographs.csv",
    ]  # fmt: skip
    assert (folder / "owner.txt").read_text() == "ann"
    found = read_photographs(folder / "photographs.csv")
    assert all(each.path is None for each in found)
    assert [(e.sha256, e.label, e.split, e.group) for e in found] == [
        (e.sha256, e.label, e.split, e.group) for e in trained.examples
    ]


def test_installing_replaces_the_whole_folder(tmp_path: Path) -> None:
    for number in (1, 2):
        new = tmp_path / "desk" / "moths"
        new.mkdir(parents=True)
        (new / f"{number}.txt").write_text(f"{number}")
        place = install(new, tmp_path / "models")
        assert place == tmp_path / "models" / "moths"
        assert [each.name for each in place.iterdir()] == [f"{number}.txt"]
        assert list((tmp_path / "desk").iterdir()) == []
    assert [each.name for each in (tmp_path / "models").iterdir()] == ["moths"]


@pytest.mark.parametrize(
    ("label", "rank", "name"),
    [
        ("Danaus plexippus", {"genus": "Danaus"}, "Danaus plexippus"),
        ("Danaus_plexippus", {"genus": "Danaus"}, "Danaus plexippus"),
        ("Tiger lily", {"genus": "Tiger"}, "Tiger lily"),
        ("colts_foot", {}, "colts foot"),
        ("Acer saccharum subsp. nigrum", {}, "Acer saccharum subsp. nigrum"),
        ("7", {}, "7"),
    ],
)
def test_a_label_is_read_as_a_name(label: str, rank: dict[str, str], name: str) -> None:
    found = taxon_of(label, {})
    assert found.known_ranks == rank | {"species": name}
    assert Taxon.read(found.record()) == found
    assert taxon_of(label, {label: ROSE}) is ROSE
