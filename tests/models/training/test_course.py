"""From a folder to a served model, and that model taught again."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from models.checkpoints import FileCheckpoints
from models.species.card import read_card
from models.species.classifier import Classifier, load_classifier
from models.species.registry import Registry, UnknownModel
from models.species.taxonomy import Taxon
from models.training.course import Course, NameTaken, Places
from models.training.dataset import DataSetError
from models.training.features import FeaturesMissing
from models.training.package import read_photographs
from models.training.results import Step
from models.weights import Weights
from tests.models.training.lessons import CPU, drawn, options, tinted
from tests.models.training.miniatures import table


def places_in(home: Path) -> Places:
    return Places(Weights(None, home / "weights"), home / "models", home / "features.sqlite", CPU)


def run(places: Places, folder: Path | None, *about: Any, **chosen: Any) -> Step:
    """Teach and keep a model; the last step."""
    course = Course(folder, options(**{"mode": "head"} | chosen), places, *about)
    *_, last = course.steps()
    course.keep(last)
    return last


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "flowers"
    drawn(folder)
    return folder


@pytest.fixture(scope="module")
def original(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a model that was taught."""
    home = tmp_path_factory.mktemp("home")
    run(places_in(home), folder, None, "job 1", "ann")
    return home


@pytest.fixture
def home(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "home"))


def served(home: Path) -> Classifier:
    return load_classifier(Registry(home / "models").get("flowers"), CPU)


def named(classifier: Classifier, colour: str, seed: int = 700) -> str:
    (seen,) = classifier.look([tinted(seed, colour)])
    best = max(range(len(seen.probabilities)), key=lambda index: seen.probabilities[index])
    return classifier.card.classes[best][0]


def test_a_folder_becomes_a_model_that_is_served(home: Path) -> None:
    classifier = served(home)
    assert named(classifier, "crimson") == "Rosa canina"
    assert named(classifier, "gold") == "Bellis perennis"
    card = classifier.card
    assert card.training is not None and card.training["job"] == "job 1"
    data = card.training["data"]
    assert data["photographs"] == 42 and data["counts"]["Rosa canina"]["train"] == 6
    assert not {"broken", "duplicates", "leaks"} & data.keys()  # they name files
    assert card.metrics["top1"] > 0.9
    assert (home / "models" / "flowers" / "owner.txt").read_text() == "ann"
    assert sorted(each.name for each in home.iterdir()) == ["features.sqlite", "models"]


def test_its_steps_begin_with_the_photographs(folder: Path, tmp_path: Path) -> None:
    steps = Course(folder, options(mode="head"), places_in(tmp_path)).steps()
    first = next(steps)
    assert (first.message, first.step, first.steps) == ("Reading the photographs", 1, 42)
    assert first.trained is None and first.fraction == 0.0


def test_a_name_that_is_taken_is_refused_before_anything_is_done(home: Path, folder: Path) -> None:
    places = places_in(home)
    with pytest.raises(NameTaken, match="a model called flowers already"):
        Course(folder, options(), places)
    with pytest.raises(NameTaken, match="comes with Merian"):
        Course(folder, options(name="wildlife", replace=True), places)
    with pytest.raises(NameTaken):
        Course(folder, options(), places, None, "another job")
    Course(folder, options(), places, None, "job 1")  # its own, of an attempt before
    Course(folder, options(replace=True), places)
    (home / "models" / "odd").mkdir()
    with pytest.raises(NameTaken):
        Course(folder, options(name="odd"), places, None, "job 1")


def test_a_name_that_was_taken_meanwhile_takes_no_model_away(folder: Path, tmp_path: Path) -> None:
    places = places_in(tmp_path)
    courses = [Course(folder, options(mode="head", seed=seed), places) for seed in (1, 2, 3)]
    for course in courses:
        *_, last = course.steps()
        card = course.keep(last)
        assert card.name == course.options.name
    names = [course.options.name for course in courses]
    assert names == ["flowers", "flowers-2", "flowers-3"]
    for course in courses:
        card = Registry(places.models).get(course.options.name).card
        assert (card.training or {})["options"]["seed"] == course.options.seed
    assert [course.report["warnings"][-1:] for course in courses[1:]] == [
        [f"There is a model called flowers by now: this one is called flowers-{number}."]
        for number in (2, 3)
    ]


def test_a_long_name_has_room_for_a_number(home: Path, folder: Path) -> None:
    course = Course(folder, options(name="f" * 63, mode="head"), places_in(home))
    *_, last = course.steps()
    (home / "models" / ("f" * 63)).mkdir()
    assert course.keep(last).name == "f" * 59 + "-2"


def test_replacing(home: Path, folder: Path) -> None:
    run(places_in(home), folder, replace=True, seed=5)
    card = served(home).card
    assert card.training is not None and card.training["options"]["seed"] == 5
    assert not (home / "models" / "flowers" / "owner.txt").exists()
    assert [each.name for each in (home / "models").iterdir()] == ["flowers"]


def test_without_a_folder_there_is_nothing_to_learn_from(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="no folder of photographs"):
        Course(None, options(), places_in(tmp_path))
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(DataSetError):
        next(Course(empty, options(), places_in(tmp_path)).steps())


def test_what_labels_mean_comes_from_the_data_set(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "flowers"))
    rows = [
        (f"{path.relative_to(copy).as_posix()}", path.parent.name, path.parts[-3])
        for path in sorted(copy.rglob("*.jpg"))
    ]
    table(copy / "split.csv", ("path", "label", "split"), *rows)
    table(
        copy / "taxa.csv",
        ("label", "family", "genus", "species", "name_en"),
        ("Rosa canina", "Rosaceae", "Rosa", "Rosa canina", "Dog rose"),
    )
    run(places_in(tmp_path), copy)
    taxa = {taxon.scientific_name: taxon for taxon in read_card(tmp_path / "models/flowers").taxa}
    assert taxa["Rosa canina"].names == {"en": "Dog rose"}
    assert taxa["Rosa canina"].at("family") == Taxon(("", "", "", "", "Rosaceae"))
    assert taxa["Bellis perennis"].rank == "species"


def taught_with(home: Path) -> dict[str, tuple[str, str]]:
    found = read_photographs(home / "models" / "flowers" / "photographs.csv")
    return {each.sha256: (each.label, each.split) for each in found}


def test_a_model_is_taught_again_without_its_photographs(home: Path) -> None:
    before, known = served(home), taught_with(home)
    last = run(places_in(home), None, mode="refit", seed=3)
    after = served(home)
    assert taught_with(home) == known
    assert last.curves[-1].phase == "head" and after.card.metrics["n"] == before.card.metrics["n"]
    assert after.card.metrics["top1"] > 0.9
    assert named(after, "crimson") == "Rosa canina"
    assert after.card.training is not None and after.card.training["options"]["mode"] == "refit"
    for name, value in before.trunk.state_dict().items():
        assert (after.trunk.state_dict()[name] == value).all()  # only the last layer learns


def test_corrections_change_labels_and_add_photographs(
    home: Path, folder: Path, tmp_path: Path
) -> None:
    """One that was known has another label and its old split; one that is new is learnt from."""
    places, known = places_in(home), taught_with(home)
    wrong = sorted((folder / "val" / "Rosa canina").iterdir())[0]
    more = tmp_path / "more" / "Gentiana verna"
    more.mkdir(parents=True)
    shutil.copy(wrong, more / "known.jpg")
    tinted(800, "mediumblue").save(more / "new.jpg")
    run(places, tmp_path / "more", mode="refit")
    changed = {
        sha256: about for sha256, about in taught_with(home).items() if known.get(sha256) != about
    }
    assert sorted(changed.values()) == [("Gentiana verna", "train"), ("Gentiana verna", "val")]
    assert len(taught_with(home)) == len(known) + 1
    assert [label for label, _ in served(home).card.classes] == sorted(
        {"Rosa canina", "Bellis perennis", "Gentiana verna"}
    )


def test_one_correction_is_enough_and_may_bring_a_new_class(home: Path, tmp_path: Path) -> None:
    more = tmp_path / "more" / "Viola odorata"
    more.mkdir(parents=True)
    tinted(801, "purple").save(more / "1.jpg")
    run(places_in(home), tmp_path / "more", mode="refit")
    card = served(home).card
    assert [label for label, _ in card.classes][-1] == "Viola odorata" and len(card.taxa) == 4


def test_what_was_not_taught_here_cannot_be_taught_again(home: Path) -> None:
    places = places_in(home)
    with pytest.raises(UnknownModel, match="no model called dodos"):
        Course(None, options(mode="refit", name="dodos"), places)
    with pytest.raises(DataSetError, match="wildlife was not taught here"):
        next(Course(None, options(mode="refit", name="wildlife"), places).steps())
    places.cache.unlink()
    with pytest.raises(FeaturesMissing, match="features of 18 photographs"):
        list(Course(None, options(mode="refit"), places).steps())


def test_a_model_whose_trunk_was_taught_is_taught_again(folder: Path, tmp_path: Path) -> None:
    """Its features are those of its own trunk, after float32 was written and read."""
    places = places_in(tmp_path)
    run(places, folder, mode="full", lr=1e-3)
    last = run(places, None, mode="refit")
    assert len(last.curves) == 60 and last.curves[-1].train_loss < last.curves[0].train_loss


def test_it_goes_on_from_a_file(folder: Path, tmp_path: Path) -> None:
    places, kept = places_in(tmp_path), FileCheckpoints(tmp_path / "training" / "flowers.pt")
    chosen = options(mode="full", epochs=2)
    steps = Course(folder, chosen, places, kept).steps()
    while not kept.path.exists():
        next(steps)
    steps.close()
    last = run(places, folder, kept, mode="full", epochs=2)
    assert [each.epoch for each in last.curves] == [1, 2]
    assert json.loads((tmp_path / "models/flowers/card.json").read_text())["metrics"]
