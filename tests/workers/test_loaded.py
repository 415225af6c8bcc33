"""Networks stay warm, and not too many of them; threads share one look."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from models.species.registry import PACKAGED, UnknownModel
from workers import loaded
from workers.loaded import Warm
from workers.workshop import workshop


@pytest.fixture(autouse=True)
def weights_at_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MERIAN_DATA", str(tmp_path))
    monkeypatch.setattr(loaded, "painters", Warm(2))
    monkeypatch.setattr(loaded, "eyes", Warm(2))
    workshop.cache_clear()
    loaded.registry.cache_clear()


def test_a_network_is_loaded_once() -> None:
    assert loaded.painter("light") is loaded.painter("light")
    assert loaded.eye("wildlife") is loaded.eye("wildlife")


def test_the_network_that_was_not_used_for_longest_goes() -> None:
    warm: Warm[object] = Warm(2)
    first, second = warm.get("a", object), warm.get("b", object)
    assert warm.get("a", object) is first
    warm.get("c", object)
    assert list(warm.kept) == ["a", "c"]
    assert warm.get("b", object) is not second


def test_a_model_whose_card_changes_is_loaded_anew(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "mine"
    with pytest.raises(UnknownModel):
        loaded.eye("mine")
    shutil.copytree(PACKAGED / "wildlife", folder)
    card = json.loads((folder / "card.json").read_text())
    for temperature in (1.0, 2.0):
        card |= {"name": "mine", "calibration": {"temperature": temperature}}
        (folder / "card.json").write_text(json.dumps(card))
        assert loaded.eye("mine").classifier.card.calibration.temperature == temperature


def test_an_eye_answers_as_its_classifier() -> None:
    eye = loaded.eye("wildlife")
    grey = Image.new("RGB", (64, 64), "grey")
    # Almost: this thread and that of the looks may add up in another order.
    (found,), (wanted,) = eye.look([grey]), eye.classifier.look([grey])
    assert found.probabilities == pytest.approx(wanted.probabilities, rel=1e-3, abs=1e-7)


def test_preloading_that_fails_is_logged_and_no_more(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loaded, "PRELOADED", "nobody")
    loaded.preload()
    assert "could not be loaded" in caplog.text


def test_preloading_warms_what_is_used_most(caplog: pytest.LogCaptureFixture) -> None:
    loaded.preload()
    assert list(loaded.painters.kept) == ["merian"]
    assert len(loaded.eyes.kept) == 1
    assert loaded.painter("merian").album.manners
    assert "could not" not in caplog.text
