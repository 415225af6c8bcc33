"""The loss against its definition, written out in float64."""

from math import exp, log
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.training.objective import RARE, Objective
from models.training.options import BALANCES, TrainOptions

CLASSES = 4


def reference(
    logits: np.ndarray, truth: list[int], taught: list[int], smoothing: float, balance: str
) -> list[float]:
    """Each photograph's loss, number by number."""
    counts = [max(1, taught.count(label)) for label in range(CLASSES)]
    weights, shift = [1.0] * CLASSES, [0.0] * CLASSES
    if balance == "weights":
        rarity = [(1 - RARE) / (1 - RARE**count) for count in counts]
        mean = sum(c * r for c, r in zip(counts, rarity, strict=True)) / sum(counts)
        weights = [each / mean for each in rarity]
    if balance == "logits":
        shift = [log(count / sum(counts)) for count in counts]
    losses = []
    for row, right in zip(logits.tolist(), truth, strict=True):
        scores = [score + add for score, add in zip(row, shift, strict=True)]
        normaliser = log(sum(exp(each - max(scores)) for each in scores)) + max(scores)
        loss = 0.0
        for label, score in enumerate(scores):
            share = smoothing / CLASSES + (1 - smoothing) * (label == right)
            loss -= weights[label] * share * (score - normaliser)
        losses.append(loss)
    return losses


@given(
    st.lists(st.integers(0, CLASSES - 1), min_size=1, max_size=60), st.integers(0, 2**20),
    st.sampled_from([0.0, 0.1, 0.5]), st.sampled_from(BALANCES),
)  # fmt: skip
def test_it_is_what_its_papers_say(
    taught: list[int], seed: int, smoothing: float, balance: str
) -> None:
    logits = np.random.default_rng(seed).normal(0, 3, (len(taught), CLASSES))
    about = TrainOptions(label_smoothing=smoothing, balance=balance)
    truth = torch.tensor(taught)
    objective = Objective.of(truth, CLASSES, about)
    found = objective(torch.from_numpy(logits), objective.softened(truth))
    wanted = reference(logits, taught, taught, smoothing, balance)
    assert found.tolist() == pytest.approx(wanted, rel=2e-5, abs=2e-5)


def of(*counts: int, **about: Any) -> Objective:
    truth = [label for label, count in enumerate(counts) for _ in range(count)]
    return Objective.of(torch.tensor(truth), len(counts), TrainOptions(**about))


def test_weights_are_one_in_the_mean_and_larger_for_the_rare() -> None:
    counts = torch.tensor([900.0, 90.0, 9.0])
    weights = of(900, 90, 9, balance="weights").weights
    assert float((counts * weights).sum() / counts.sum()) == pytest.approx(1.0, rel=1e-5)
    assert weights[0] < weights[1] < weights[2]


def test_what_is_not_balanced_is_plain_cross_entropy() -> None:
    objective = of(5, 3, 2, label_smoothing=0.0)
    logits, truth = torch.randn(6, 3), torch.tensor([0, 1, 2, 2, 1, 0])
    wanted = torch.nn.functional.cross_entropy(logits, truth, reduction="none")
    assert torch.allclose(objective(logits, objective.softened(truth)), wanted)


def test_a_class_without_a_photograph_does_no_harm() -> None:
    for balance in BALANCES:
        objective = of(4, 0, 2, balance=balance)
        losses = objective(torch.zeros(1, 3), objective.softened(torch.tensor([1])))
        assert torch.isfinite(losses).all()


def test_half_precision_is_summed_in_full() -> None:
    objective = of(2, 2)
    logits = torch.randn(3, 2)
    found = objective(logits.bfloat16(), objective.softened(torch.tensor([0, 1, 1])))
    assert found.dtype == torch.float32
