"""Painters stay warm, and not too many of them."""

import pytest

from workers import loaded
from workers.workshop import workshop


@pytest.fixture(autouse=True)
def weights_at_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("MERIAN_DATA", str(tmp_path))
    workshop.cache_clear()


def test_a_painter_is_loaded_once() -> None:
    painters = loaded.Painters()
    assert painters.get("light") is painters.get("light")


def test_the_painter_that_was_not_used_for_longest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    painters = loaded.Painters()
    monkeypatch.setattr(painters, "_load", lambda name, on_progress: object())
    first, second = painters.get("light"), painters.get("classic")
    assert painters.get("light") is first
    painters.get("classic-vgg16")
    assert list(painters.warm) == ["light", "classic-vgg16"]
    assert painters.get("classic") is not second


def test_preloading_that_fails_is_logged_and_no_more(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loaded, "painters", loaded.Painters())
    monkeypatch.setattr(loaded, "PRELOADED", "nobody")
    loaded.preload()
    assert "could not be loaded" in caplog.text


def test_preloading_warms_the_usual_painter(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loaded, "painters", loaded.Painters())
    loaded.preload()
    assert list(loaded.painters.warm) == ["light"]
    assert loaded.painters.get("light").album.manners
    assert "could not" not in caplog.text
