"""Teaching everything: it learns, says the same again, and goes on where it was."""

from collections import Counter
from dataclasses import replace
from math import cos, pi
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.species.card import Preprocessing
from models.species.trunks import build_trunk
from models.training import tuning
from models.training.examples import Example
from models.training.network import STAGES, Network
from models.training.tuning import FRESH, RATE, Tuning, side_for
from tests.models.training.lessons import CPU, TINTS, copied, drawn, options, small_network

LABELS = sorted(TINTS)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    return drawn(tmp_path_factory.mktemp("drawn"), {"train": 4})


def lesson(examples: list[Example], fresh: bool = True, **chosen: Any) -> Tuning:
    base = small_network()
    network = Network(base.trunk, len(LABELS)).requires_grad_(True)
    chosen = {"batch": 4, "epochs": 2} | chosen
    return Tuning(network, examples, base.preprocessing, options(**chosen), CPU, LABELS, fresh)


def assert_same(one: torch.nn.Module, other: torch.nn.Module) -> None:
    both = other.state_dict()
    for name, value in one.state_dict().items():
        assert torch.allclose(value, both[name], rtol=1e-5, atol=1e-6), name


def test_it_learns(examples: list[Example]) -> None:
    taught = lesson(examples, epochs=8, lr=3e-4, ema=0.5, mixup=0.0, label_smoothing=0.0)
    before = copied(taught.network.state_dict())
    steps = list(taught)
    assert (len(steps), steps[-1].epoch, steps[-1].epochs) == (24, 8, 8)
    assert [each.step for each in steps] == list(range(1, 25)) and steps[0].steps == 24
    assert [each.step for each in steps if each.ends_epoch] == list(range(3, 25, 3))
    losses = [each.loss for each in steps]
    assert losses[0] == pytest.approx(1.0986, abs=1e-3)  # nothing is known: log 3
    assert sum(losses[-3:]) < 0.3 * sum(losses[:3])
    pictures = torch.cat([taught._seen(index, 99) for index in range(len(examples))])
    with torch.inference_mode():
        assert torch.equal(taught.kept(pictures).argmax(1), taught.truth)
    after = taught.network.state_dict()
    still = [name for name, value in before.items() if torch.equal(value, after[name])]
    assert still == []  # every layer takes part
    assert not any(each.requires_grad for each in taught.kept.parameters())


def test_the_same_seed_gives_the_same_weights(examples: list[Example]) -> None:
    one, same, other = (lesson(examples, epochs=1, seed=seed) for seed in (1, 1, 2))
    losses = [[step.loss for step in each] for each in (one, same, other)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5) and losses[0] != losses[2]
    assert_same(one.kept, same.kept)


@pytest.mark.parametrize("stop", [2, 3, 4])
def test_it_goes_on_as_if_it_had_not_been_stopped(examples: list[Example], stop: int) -> None:
    """In the middle of an epoch, and at its end; after a batch was read ahead."""
    whole = lesson(examples)
    losses = [each.loss for each in whole]
    first = lesson(examples)
    for step in first:
        if step.step == stop:
            break
    state = copied(first.state())
    second = lesson(examples)
    second.restore(state)
    steps = list(second)
    assert [each.step for each in steps] == list(range(stop + 1, 7))
    assert [each.loss for each in steps] == pytest.approx(losses[stop:], rel=1e-4)
    assert_same(second.kept, whole.kept)
    assert_same(second.network, whole.network)


def test_one_that_was_over_does_nothing_more(examples: list[Example]) -> None:
    done = lesson(examples, epochs=1)
    list(done)
    again = lesson(examples, epochs=1)
    again.restore(copied(done.state()))
    assert list(again) == []
    assert_same(again.kept, done.kept)


def test_the_kept_weights_follow(examples: list[Example]) -> None:
    """Slowly, but faster at first: min(ema, (1 + t) / (10 + t)) of them stay at step t."""
    taught = lesson(examples, epochs=2, ema=0.3, lr=1e-2)
    wanted = taught.network.head.weight.detach().clone()
    for step, _ in enumerate(taught):
        stays = min(0.3, (1 + step) / (10 + step))
        wanted = stays * wanted + (1 - stays) * taught.network.head.weight.detach()
        assert torch.allclose(taught.kept.head.weight, wanted, atol=1e-6)
        assert not torch.equal(taught.kept.head.weight, taught.network.head.weight)


def test_without_averaging_the_kept_weights_are_the_last(examples: list[Example]) -> None:
    taught = lesson(examples, epochs=1, ema=0.0)
    list(taught)
    assert_same(taught.kept, taught.network)


@pytest.mark.parametrize(("lr", "fresh"), [(0.0, True), (0.0, False), (2e-3, False)])
def test_rates_fall_from_stage_to_stage(examples: list[Example], lr: float, fresh: bool) -> None:
    taught = lesson(examples, fresh, lr=lr, layer_decay=0.5, weight_decay=0.2)
    rates = [group["rate"] for group in taught.optimiser.param_groups[::2]]
    top = lr or RATE
    assert rates[0] == pytest.approx(top * (FRESH if fresh else 1.0))
    assert rates[1:] == pytest.approx([top * 0.5**above for above in range(STAGES)])
    groups = taught.optimiser.param_groups
    for stage, matrices, others in zip(
        reversed(list(taught.network.stages())), groups[::2], groups[1::2], strict=True
    ):
        assert matrices["rate"] == others["rate"]
        assert {id(p) for p in stage} == {id(p) for p in matrices["params"] + others["params"]}
        assert all(each.dim() > 1 for each in matrices["params"])
        assert all(each.dim() == 1 for each in others["params"])
        assert (matrices["weight_decay"], others["weight_decay"]) == (0.2, 0.0)


def test_the_rate_rises_and_falls_as_a_cosine(examples: list[Example]) -> None:
    taught = lesson(examples, epochs=40)
    assert taught.steps == 120
    for step in (0, 5, 11, 12, 60, 119):
        taught.step = step
        taught._set_rate()
        share = min(1.0, (step + 1) / 12) * 0.5 * (1 + cos(pi * step / 120))
        for group in taught.optimiser.param_groups:
            assert group["lr"] == pytest.approx(group["rate"] * share)


@settings(max_examples=30)
@example(1281, 32, 0)  # cut at equal sizes, the last batch would be empty
@example(100, 7, 1)
@given(st.integers(2, 3000), st.integers(2, 512), st.integers(0, 5))
def test_each_epoch_looks_at_each_photograph_once(count: int, batch: int, seed: int) -> None:
    many = MANY[:count]
    about = options(batch=batch, epochs=2, seed=seed)
    taught = Tuning(TINY, many, HOW, about, CPU, ["a"], True)
    orders = []
    for epoch in range(2):
        batches = [
            taught._batch(step)
            for step in range(epoch * taught.batches, (epoch + 1) * taught.batches)
        ]
        sizes = {len(each.chosen) for each in batches}
        assert min(sizes) > 0 and max(sizes) - min(sizes) <= 1 and max(sizes) < 2 * batch
        orders.append([index for each in batches for index in each.chosen])
        assert Counter(orders[-1]) == Counter(range(count))
        for each in batches:
            assert sorted(each.partners) == sorted(each.chosen) and 0.0 <= each.mixed <= 1.0
    assert count < 8 or orders[0] != orders[1]


class Tiny(torch.nn.Module):
    """As much of a network as the order of photographs needs."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk, self.head = torch.nn.Conv2d(3, 1, 1), torch.nn.Linear(1, 1)

    def stages(self) -> list[list[torch.nn.Parameter]]:
        return [list(self.head.parameters())]


TINY: Any = Tiny()
HOW = small_network().preprocessing
MANY = [Example(f"{number:064x}", "a", "train", "", None) for number in range(3000)]


def test_mixing(examples: list[Example]) -> None:
    """Pictures and truths are mixed in the same shares."""
    taught = lesson(examples, mixup=1.0, label_smoothing=0.0, seed=3)
    batch = taught._batch(0)
    assert 0.0 < batch.mixed < 1.0 and batch.partners != batch.chosen
    shares = taught._shares(batch)
    assert torch.allclose(shares.sum(1), torch.ones(len(batch.chosen)))
    for row, mine, theirs in zip(shares, batch.chosen, batch.partners, strict=True):
        wanted = torch.zeros(3)
        wanted[taught.truth[mine]] += batch.mixed
        wanted[taught.truth[theirs]] += 1.0 - batch.mixed
        assert torch.allclose(row, wanted, atol=1e-6)
    seen, others = taught._read(batch)
    assert others is not None and seen.shape == others.shape == (4, 3, 48, 48)
    plain = lesson(examples, mixup=0.0)._batch(0)
    assert plain.mixed == 1.0
    assert taught._read(replace(batch, mixed=1.0))[1] is None


def test_a_batch_in_parts_gives_the_same_step(
    examples: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = lesson(examples, epochs=1, batch=12)
    (step,) = whole
    monkeypatch.setattr(tuning, "MICRO", 5)
    parts = lesson(examples, epochs=1, batch=12)
    (same,) = parts
    assert same.loss == pytest.approx(step.loss, rel=1e-5)
    # Not the weights: Adam's first step is as long for a slope of next to nothing as for any other.
    mine, theirs = (each.network.head.weight.grad for each in (whole, parts))
    assert mine is not None and theirs is not None
    assert float((mine - theirs).norm()) <= 1e-5 * float(mine.norm())


def test_a_photograph_looks_different_in_each_epoch(
    examples: list[Example], tmp_path: Path
) -> None:
    taught = lesson(examples)
    one, other = taught._seen(0, 0), taught._seen(0, 1)
    assert torch.equal(one, taught._seen(0, 0)) and not torch.equal(one, other)


def test_parts_are_learnt_from_at_four_fifths_of_the_side() -> None:
    trunk = build_trunk("efficientnet_lite0")
    for side, part in ((224, 176), (260, 208), (32, 32)):
        assert side_for(Preprocessing(pixels=side, share=1.0), trunk) == part


def test_a_network_that_knows_one_size_learns_from_that() -> None:
    """Four fifths of it made every such training fail."""
    assert side_for(Preprocessing(pixels=224, share=1.0), build_trunk("maxvit_t")) == 224
