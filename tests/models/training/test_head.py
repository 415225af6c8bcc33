"""The last layer alone: it learns, is the same for the same seed, and knows no scale."""

from typing import Any

import pytest
import torch

from models.training.head import EPOCHS, Epoch, teach_head
from models.training.options import TrainOptions

CLASSES, CHANNELS, VIEWS = 3, 24, 2


def blobs(each: int = 30, apart: float = 4.0) -> tuple[torch.Tensor, torch.Tensor]:
    """Features (N, V, C) around a middle for each class, and class numbers."""
    random = torch.Generator().manual_seed(1)
    truth = torch.arange(CLASSES).repeat(each)
    middles = torch.randn(CLASSES, CHANNELS, generator=random) * apart
    noise = torch.randn(len(truth), VIEWS, CHANNELS, generator=random)
    return (middles[truth][:, None] + noise) * 0.3 + 2.0, truth


def learnt(features: torch.Tensor, truth: torch.Tensor, **chosen: Any) -> list[Epoch]:
    return list(teach_head(features, truth, CLASSES, TrainOptions(**chosen)))


def test_it_separates_what_can_be_separated() -> None:
    features, truth = blobs()
    epochs = learnt(features, truth)
    assert [each.epoch for each in epochs] == list(range(1, EPOCHS + 1))
    last = epochs[-1]
    assert last.loss < 0.6 * epochs[0].loss
    assert torch.equal(last.head.logits(features[:, 0]).argmax(1), truth)
    assert torch.equal(last.head.logits(features[:, 1]).argmax(1), truth)


def test_its_loss_is_that_of_a_head_that_knows_nothing_before_it_learns() -> None:
    features, truth = blobs(each=10)  # one batch
    assert learnt(features, truth)[0].loss == pytest.approx(1.0986, abs=1e-3)


def test_the_same_seed_gives_the_same_head_and_another_another() -> None:
    features, truth = blobs()
    one, same, other = (learnt(features, truth, seed=seed)[-1].head for seed in (1, 1, 2))
    assert torch.equal(one.weight, same.weight) and torch.equal(one.bias, same.bias)
    assert not torch.equal(one.weight, other.weight)


@pytest.mark.parametrize(("scale", "shift"), [(100.0, 0.0), (0.01, 0.0), (1.0, 50.0)])
def test_the_scale_and_the_middle_of_features_change_nothing(scale: float, shift: float) -> None:
    features, truth = blobs()
    plain = learnt(features, truth)[-1]
    other = learnt(features * scale + shift, truth)[-1]
    assert other.loss == pytest.approx(plain.loss, rel=2e-3)
    wanted = plain.head.logits(features)
    assert torch.allclose(other.head.logits(features * scale + shift), wanted, atol=2e-2)


def test_a_rare_class_speaks_up_where_that_is_asked() -> None:
    features, truth = blobs(apart=0.3)
    kept = torch.cat([(truth == 0).nonzero()[:4], (truth > 0).nonzero()]).flatten()
    shares = {
        balance: float(
            (learnt(features[kept], truth[kept], balance=balance)[-1]
             .head.logits(features[truth == 0]).argmax(2) == 0).float().mean()
        )
        for balance in ("none", "weights", "logits")
    }  # fmt: skip
    assert shares["none"] < shares["weights"] and shares["none"] < shares["logits"]
