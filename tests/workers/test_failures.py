"""Each error that a painting may meet has a code and a sentence that a person can act on."""

import builtins

import pytest
import torch

from models.devices import pick_device
from models.images import PictureError
from models.style.options import PaintOptions
from models.training.dataset import DataSetError
from workers.artifacts import ArtifactMissing, StoreFull
from workers.failures import explain
from workers.jobs import Failure


def raised(work: object) -> Exception:
    try:
        work()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("work", "code", "part"),
    [
        (lambda: pick_device("abacus"), "device_unavailable", "abacus"),
        (lambda: PaintOptions(size=1), "invalid_option", "at least 64"),
        (lambda: torch.empty(10**15), "out_of_memory", "smaller size"),
        (lambda: (_ for _ in ()).throw(MemoryError()), "out_of_memory", "smaller size"),
        (lambda: torch.empty(2) @ torch.empty(3), "internal", "log"),
    ],
)
def test_what_really_happens_is_explained(work: object, code: str, part: str) -> None:
    failure = explain(raised(work))
    assert failure.code == code
    assert part in failure.message and failure.message.endswith(".")


def test_where_memory_is_short_nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*about: object) -> None:
        raise ImportError("failed to map segment from shared object")

    monkeypatch.setattr(builtins, "__import__", refused)
    assert explain(MemoryError()).code == "out_of_memory"


def test_errors_of_files_are_explained() -> None:
    assert explain(PictureError("truncated", "Damaged.")).message == "Damaged."
    assert explain(StoreFull(28, "full")).code == "store_full"
    assert explain(DataSetError("rose/1.jpg: damaged.")) == Failure(
        "unusable_dataset", "rose/1.jpg: damaged."
    )
    assert explain(ArtifactMissing("k")).code == "input_missing"


def test_missing_weights_are_explained(tmp_path: object) -> None:
    from models.weights import WeightsDamaged, WeightsMissing

    assert explain(WeightsMissing("Put a file there.")).message == "Put a file there."
    assert explain(WeightsDamaged("It is damaged.")).code == "weights_damaged"
