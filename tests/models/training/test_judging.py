"""What a card may say of a network: fitted on some photographs, told of others."""

import numpy as np
import pytest
import torch

from models.training.calibration import fit, softmax
from models.training.judging import WORTH, Held, judged

LABELS = ("a", "b", "c")


def held(count: int, seed: int, sharp: float = 3.0, familiar: bool = True) -> Held:
    """Logits of a network that is right more often than not, three times too sure of it."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 3, count)
    logits = sharp * (random.normal(size=(count, 3)) + 1.5 * np.eye(3)[truth])
    known = random.normal(size=count) if familiar else None
    return Held(logits, truth, [f"{number}" for number in range(count)], known)


def test_with_a_test_split_it_is_fitted_on_val_and_measured_on_test() -> None:
    val, test = held(200, 1), held(150, 2)
    found = judged(LABELS, val, test, seed=0)
    assert found is not None and found.measured_on == "test"
    assert found.fitted == fit(val.logits, val.truth, val.familiarity)
    assert found.fitted.n == 200 and found.fitted.temperature > 1.5
    probabilities = softmax(test.logits, found.fitted.temperature)
    right = probabilities.argmax(1) == test.truth
    metrics = found.metrics()
    assert (metrics["n"], metrics["top1"]) == (150, pytest.approx(right.mean(), abs=1e-4))
    assert metrics["top5"] == 1.0  # of three classes
    at_truth = probabilities[np.arange(150), test.truth]
    assert found.fitted.conformal is not None and found.fitted.familiar is not None
    assert metrics["coverage"] == pytest.approx(
        (at_truth >= found.fitted.conformal).mean(), abs=1e-4
    )
    assert metrics["empty_sets"] == pytest.approx(
        (probabilities.max(1) < found.fitted.conformal).mean(), abs=1e-4
    )
    assert test.familiarity is not None
    assert metrics["kept"] == pytest.approx(
        (test.familiarity >= found.fitted.familiar).mean(), abs=1e-4
    )
    assert metrics["coverage"] > 0.88 and metrics["kept"] > 0.9 and metrics["ece"] < 0.12


@pytest.mark.parametrize("test", [None, held(WORTH - 1, 2)])
def test_without_one_each_half_of_val_is_measured_by_what_the_other_fitted(
    test: Held | None,
) -> None:
    val = held(200, 1)
    found = judged(LABELS, val, test, seed=0)
    assert found is not None and found.measured_on == "val" and found.report.n == 200
    assert found.fitted == fit(val.logits, val.truth, val.familiarity)  # of all, to be used
    assert found.metrics()["coverage"] > 0.88


def test_of_next_to_nothing_nothing_is_said() -> None:
    assert judged(LABELS, held(WORTH - 1, 1), None, seed=0) is None
    assert judged(LABELS, held(0, 1), held(WORTH - 1, 2), seed=0) is None
    assert judged(LABELS, held(WORTH, 1), None, seed=0) is not None


def test_a_test_split_without_val_is_measured_as_it_is() -> None:
    found = judged(LABELS, held(0, 1), held(50, 2), seed=0)
    assert found is not None and found.measured_on == "test"
    assert found.fitted.temperature == pytest.approx(1.0, abs=1e-3)
    assert found.fitted.conformal is None and found.fitted.familiar is None
    assert found.metrics().keys() == {"n", "top1", "top5", "macro_top1", "ece"}


def test_what_is_not_known_is_not_told() -> None:
    found = judged(LABELS, held(12, 1, familiar=False), held(12, 2, familiar=False), seed=0)
    assert found is not None
    assert found.coverage is None and found.empty is None and found.kept is None
    assert not {"coverage", "empty_sets", "kept"} & found.metrics().keys()


def test_photographs_held_apart_come_from_tensors() -> None:
    logits, truth = torch.randn(4, 3), torch.tensor([0, 1, 2, 1])
    found = Held.of(logits, truth, list("wxyz"), torch.arange(4.0))
    assert found.logits.dtype == np.float64 and np.allclose(found.logits, logits)
    assert found.truth.tolist() == [0, 1, 2, 1]
    assert found.familiarity is not None and found.familiarity.tolist() == [0, 1, 2, 3]
    assert Held.of(logits, truth, list("wxyz"), None).familiarity is None
