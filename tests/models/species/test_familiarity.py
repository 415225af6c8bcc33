"""How familiar a photograph is: taught at the least cost there is, and low for the strange."""

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.strangeness import auroc
from models.species.familiarity import HALF, Familiarity, flattened
from models.training.cache import Cache
from models.training.engine import Lesson
from models.training.strangeness import DECAY, teach_familiarity
from tests.models.training.lessons import CPU, NOTHING, TINTS, drawn, options, small_network

DEEP, ALL = 6, 9


@given(st.integers(0, 2**20), st.floats(0.01, 100.0))
def test_lengths_do_not_matter_and_peaks_are_flattened(seed: int, scale: float) -> None:
    features = torch.randn(4, ALL, generator=torch.Generator().manual_seed(seed)).double()
    found = flattened(features, DEEP)
    for part, length in ((slice(0, DEEP), 1.0), (slice(DEEP, ALL), HALF)):
        wanted = features[:, part].sign() * features[:, part].abs().sqrt()
        wanted = length * wanted / wanted.square().sum(1, keepdim=True).sqrt()
        assert torch.allclose(found[:, part], wanted, atol=1e-9)
    assert torch.allclose(flattened(features * scale, DEEP), found, atol=1e-9)


def test_nothing_at_all_is_no_error() -> None:
    assert not flattened(torch.zeros(2, ALL), DEEP).any()


def test_it_is_the_free_energy_of_its_scores() -> None:
    random = torch.Generator().manual_seed(1)
    weight, bias = torch.randn(3, ALL, generator=random), torch.randn(3, generator=random)
    features = torch.rand(5, ALL, generator=random)
    scores = flattened(features, DEEP) @ weight.T + bias
    wanted = scores.exp().sum(1).log()
    assert torch.allclose(Familiarity(weight, bias)(features, DEEP), wanted, atol=1e-5)


def blobs() -> tuple[torch.Tensor, torch.Tensor]:
    """Features (N, 2, C) of four classes, of which the last is no living thing."""
    random = torch.Generator().manual_seed(2)
    truth = torch.arange(4).repeat(20)
    middles = torch.rand(4, ALL, generator=random) * 4
    return (middles[truth][:, None] + torch.randn(80, 2, ALL, generator=random)).relu(), truth


def test_it_is_taught_to_the_least_cost() -> None:
    """The slope of the cost, in float64 and by itself, is nought where it ends."""
    features, truth = blobs()
    living = [True, True, True, False]
    found = teach_familiarity(features, DEEP, truth, living)
    seen = flattened(features.flatten(0, 1), DEEP).double()
    middle = seen.mean(0)
    spread = (seen - middle).square().mean().sqrt()
    scaled = (seen - middle) / spread
    weight = found.weight.double() * spread  # as it was taught
    bias = found.bias.double() + found.weight.double() @ middle
    weight.requires_grad_(), bias.requires_grad_()
    target = torch.stack([(truth == label).double() for label in range(3)], 1)
    target = target.repeat_interleave(2, 0)
    chances = torch.sigmoid(scaled @ weight.T + bias)
    surprise = -(target * chances.log() + (1 - target) * (1 - chances).log())
    cost = surprise.sum(1).mean() + DECAY * weight.square().sum()
    cost.backward()
    assert weight.grad is not None and bias.grad is not None
    assert float(weight.grad.abs().max()) < 2e-4 and float(bias.grad.abs().max()) < 2e-4
    assert float(cost.detach()) < 0.5 * 3 * 0.6931  # and it is better than knowing nothing
    assert found.weight.shape == (3, ALL) and not found.weight.requires_grad


def test_what_is_no_living_thing_is_strange() -> None:
    features, truth = blobs()
    found = teach_familiarity(features, DEEP, truth, [True, True, True, False])
    known = found(features[:, 0], DEEP)
    assert auroc(known[truth < 3].numpy(), known[truth == 3].numpy()) > 0.95


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    """Red and yellow to learn from; blue and grey, which it never saw, in the split test."""
    place = tmp_path_factory.mktemp("drawn")
    tints = list((TINTS | NOTHING).items())
    known = drawn(place / "known", {"train": 10, "val": 6}, dict(tints[:2]))
    strange = drawn(place / "strange", {"test": 6}, dict(tints[2:]), first=400)
    lesson = Lesson(
        [*known, *strange], small_network(), options(mode="head"), CPU,
        Cache(Path(place) / "features.sqlite"), None,
    )  # fmt: skip
    list(lesson.look())
    return lesson


def test_photographs_of_what_it_never_saw_are_less_familiar(lesson: Lesson) -> None:
    channels, truth = lesson.network.trunk.channels, lesson._truth("train")
    living = [label in list(TINTS)[:2] for label in lesson.labels]
    found = teach_familiarity(lesson.features["train"][:, :2], channels, truth, living)
    known, strange = (
        found(lesson.features[split].flatten(0, 1), channels).view(-1, 2).mean(1)
        for split in ("val", "test")
    )
    assert auroc(known.numpy(), strange.numpy()) > 0.9
