"""Cards and where models are found."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from models.species.card import CardInvalid
from models.species.registry import Registry, UnknownModel


def write_model(folder: Path, name: str = "moths", **changes: Any) -> Path:
    home = folder / name
    home.mkdir(parents=True)
    (home / "model.safetensors").write_bytes(b"weights")
    card = {
        "name": name, "version": "1", "title": {"en": "Moths"}, "description": {"en": "Two moths."},
        "licence": "CC0-1.0", "training_data": "None.", "backbone": "efficientnet_lite2",
        "preprocessing": {"pixels": 260, "share": 0.9},
        "weights": {"file": "model.safetensors", "sha256": hashlib.sha256(b"weights").hexdigest()},
        "taxa": [{"family": "Sphingidae", "genus": "Hyles"}, {"family": "Sphingidae"}],
        "classes": [["hyles", 0], ["a hawk-moth", 1], ["lamp", None]],
    } | changes  # fmt: skip
    (home / "card.json").write_text(json.dumps(card))
    return home


def test_a_new_folder_is_there_at_the_next_question(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "models")
    with pytest.raises(UnknownModel, match="no model called moths"):
        registry.get("moths")
    write_model(tmp_path / "models")
    model = registry.get("moths")
    first, _, lamp = model.card.taxon_of_class
    assert first is not None and first.scientific_name == "Hyles"
    assert lamp is None
    assert model.weights.read_bytes() == b"weights"


def test_weights_that_are_not_the_cards_are_refused_by_name(tmp_path: Path) -> None:
    home = write_model(tmp_path)
    registry = Registry(tmp_path)
    assert registry.get("moths")
    (home / "model.safetensors").write_bytes(b"others")
    with pytest.raises(CardInvalid, match=r"moths: model.safetensors is not the file"):
        registry.get("moths")
    assert "moths" not in [model.card.name for model in registry.models()]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "others"}, "is of a model called others"),
        ({"classes": [["hyles", 7]]}, "taxon 7, which is not there"),
        ({"classes": [["lamp", None]]}, "no class is a living thing"),
        ({"classes": []}, "classes"),
        ({"taxa": [{"tribe": "Macroglossini"}]}, "a name at one rank"),
        ({"taxa": "none"}, "must be a list"),
        ({"weights": {"file": "../../etc/passwd", "sha256": "0" * 64}}, "weights.file"),
        ({"weights": {"file": "lost.safetensors", "sha256": "0" * 64}}, "cannot be read"),
        ({"weights": {"file": "a.pth", "sha256": "0" * 64, "package": "no_such"}}, "pip install"),
        ({"surprise": 1}, "surprise"),
        ({"calibration": {"temperature": 0.0}}, "calibration.temperature"),
    ],
)
def test_foreign_cards_are_refused_with_a_reason_and_harm_nothing(
    tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    write_model(tmp_path, **({"name": "moths"} | {}))
    home = write_model(tmp_path, "strange")
    card = json.loads((home / "card.json").read_text())
    (home / "card.json").write_text(json.dumps(card | changes))
    registry = Registry(tmp_path)
    (refusal,) = registry.refused()
    assert refusal.startswith("strange:") and why in refusal
    assert registry.get("moths").card.version == "1"


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[]", b"[" * 100_000])
def test_what_is_no_card_is_refused(tmp_path: Path, text: bytes) -> None:
    (write_model(tmp_path) / "card.json").write_bytes(text)
    (refusal,) = Registry(tmp_path).refused()
    assert refusal.startswith("moths:")
