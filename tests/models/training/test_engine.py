"""A whole training: its modes, how far it says it is, what it leaves, and how it goes on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from models import checkpoints
from models.training import engine
from models.training.cache import Cache
from models.training.engine import ENOUGH, Lesson, mode_for, train
from models.training.examples import Example
from models.training.features import FeaturesMissing
from models.training.results import Epoch, Step, Trained
from tests.models.training.lessons import (
    CPU,
    NOTHING,
    TINTS,
    Memory,
    drawn,
    options,
    small_network,
    taught,
)  # fmt: skip


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    return drawn(tmp_path_factory.mktemp("drawn"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    return Cache(tmp_path_factory.mktemp("cache") / "features.sqlite")


def assert_alike(mine: Sequence[Epoch], theirs: Sequence[Epoch]) -> None:
    """The same curves, but for the time and the last bits."""
    assert [(each.phase, each.epoch) for each in mine] == [
        (each.phase, each.epoch) for each in theirs
    ]
    for name in ("train_loss", "val_loss", "val_top1"):
        wanted = [getattr(each, name) for each in theirs]
        assert [getattr(each, name) for each in mine] == pytest.approx(wanted, rel=1e-3, abs=1e-4)


def result(step: Step) -> Trained:
    assert step.trained is not None
    return step.trained()


def messages(steps: list[Step]) -> list[str]:
    """In their order, each once where it is said several times in a row."""
    said = [step.message for step in steps]
    return [said[0], *(after for before, after in pairwise(said) if after != before)]


@pytest.mark.parametrize(
    ("mode", "said", "phases"),
    [
        ("head", ["Looking at the photographs", "Teaching the last layer", "Measuring"], ["head"]),
        ("full", ["Teaching everything", "Measuring"], ["full"]),
        ("head+full", ["Looking at the photographs", "Teaching the last layer",
                       "Teaching everything", "Measuring"], ["head", "full"]),
        ("auto", ["Looking at the photographs", "Teaching the last layer", "Measuring"], ["head"]),
    ],
)  # fmt: skip
def test_each_mode_from_beginning_to_end(
    examples: list[Example], mode: str, said: list[str], phases: list[str]
) -> None:
    steps = taught(examples, mode=mode, epochs=2)
    assert messages(steps) == said
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions) and 0.0 < fractions[0] < 0.5 and fractions[-1] == 1.0
    assert all(after > before for before, after in pairwise(fractions[:5])) or mode == "full"
    for step in steps:
        assert 0 < step.step <= step.steps
    last = steps[-1]
    for phase in phases:
        found = [each.epoch for each in last.curves if each.phase == phase]
        assert found == list(range(1, (60 if phase == "head" else 2) + 1))
    assert {each.phase for each in last.curves} == set(phases)
    assert last.losses == {"train": last.curves[-1].train_loss, "val": last.curves[-1].val_loss}
    made = result(last)
    assert made.mode == mode.replace("auto", "head") and made.labels == tuple(sorted(TINTS))
    assert made.curves == last.curves and made.familiarity is not None
    assert made.judgement is not None and made.judgement.measured_on == "test"
    assert made.judgement.metrics()["n"] == 12
    assert made.judgement.report.top1 > 0.9 or mode == "full"


def test_what_auto_means(examples: list[Example]) -> None:
    few, many = examples[:1] * (ENOUGH - 1), examples[:1] * ENOUGH
    assert (mode_for("auto", few), mode_for("auto", many)) == ("head", "head+full")
    assert mode_for("refit", many) == "head" and mode_for("full", few) == "full"
    rare = [replace(examples[0], label="rare")]
    assert mode_for("auto", many + rare + [replace(e, label="third") for e in many]) == "head+full"


def test_the_network_is_the_one_that_was_measured(examples: list[Example], cache: Cache) -> None:
    """Its scores of a test photograph are those of the judgement; the trunk learnt in mode full."""
    for mode in ("head", "head+full"):
        made = result(taught(examples, cache, mode=mode, epochs=1, lr=1e-3)[-1])
        assert made.judgement is not None
        again = Lesson(
            made.examples, replace(small_network(), trunk=made.network.trunk),
            options(mode="head"), CPU, None, None,
        )  # fmt: skip
        list(again.look())
        with torch.inference_mode():
            logits = made.network.head(again._deep("test")).mean(1)
        right = float((logits.argmax(1) == again._truth("test")).float().mean())
        assert right == made.judgement.report.top1


def untouched(made: Trained) -> bool:
    """Whether the trunk is as ImageNet left it."""
    before = small_network().trunk.state_dict()
    after = made.network.trunk.state_dict()
    return all(torch.equal(value, after[name]) for name, value in before.items())


def test_where_teaching_everything_does_harm_the_taught_last_layer_is_kept(
    examples: list[Example], cache: Cache
) -> None:
    """With the trunk that it was taught for."""
    steps = taught(examples, cache, mode="head+full", lr=0.9, ema=0.0, layer_decay=1.0)
    assert (steps[-1].curves[-1].val_top1 or 0.0) < (steps[-1].curves[-2].val_top1 or 0.0)
    made = result(steps[-1])
    assert untouched(made)
    assert made.judgement is not None and made.judgement.report.top1 > 0.9


def test_who_leaves_early_keeps_the_best_so_far(examples: list[Example], cache: Cache) -> None:
    """After the last layer; and where everything has been learning for some steps."""
    heads = []
    for count in (0, 2):
        teaching = train(examples, small_network(), options(mode="head+full"), CPU, cache)
        step = next(step for step in teaching if step.message == "Teaching everything")
        for _ in range(count):
            step = next(teaching)
        made = result(step)
        assert untouched(made)
        assert made.judgement is not None and made.judgement.measured_on == "val"
        assert made.judgement.report.n == 12 and made.judgement.report.top1 > 0.9
        assert made.familiarity is None and made.network.head.weight.abs().sum() > 0
        heads.append(made.network.head.weight.detach().clone())
        teaching.close()  # type: ignore[attr-defined]
    assert torch.equal(*heads)


def test_before_anything_was_learnt_there_is_nothing_to_keep(examples: list[Example]) -> None:
    for mode in ("head", "full"):
        steps = train(examples, small_network(), options(mode=mode), CPU)
        assert next(iter(steps)).trained is None


def test_the_same_seed_gives_the_same_model(examples: list[Example], cache: Cache) -> None:
    one, same = (result(taught(examples, cache, mode="head", seed=4)[-1]) for _ in range(2))
    assert torch.equal(one.network.head.weight, same.network.head.weight)
    assert one.judgement is not None and same.judgement is not None
    assert one.judgement.metrics() == same.judgement.metrics()


@pytest.fixture(scope="module")
def undisturbed(examples: list[Example], cache: Cache) -> Iterator[tuple[list[Step], Trained]]:
    steps = taught(examples, cache, mode="head+full", epochs=3)
    yield steps, result(steps[-1])


@pytest.mark.parametrize("after", [1, 3])
def test_it_goes_on_from_a_checkpoint(
    examples: list[Example], cache: Cache, undisturbed: tuple[list[Step], Trained], after: int
) -> None:
    """After the first epoch, and when only measuring is left."""
    first = Memory()
    teaching = train(
        examples, small_network(), options(mode="head+full", epochs=3), CPU, cache, first
    )
    while len(first.saved) < after:
        next(teaching)
    second = Memory(first.saved[-1])
    steps = taught(examples, cache, second, mode="head+full", epochs=3)
    full = [step for step in steps if step.message == "Teaching everything"]
    assert {step.step for step in full if step.steps == 9} <= set(range(3 * after + 1, 10))
    assert len(second.saved) == 1 + 3 - after
    made, (whole, wanted) = result(steps[-1]), undisturbed
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert_alike(made.curves, wanted.curves)
    assert len(steps) < len(whole)
    assert made.judgement is not None and wanted.judgement is not None
    assert made.judgement.metrics() == pytest.approx(wanted.judgement.metrics(), abs=1e-3)
    seconds = [each.seconds for each in made.curves]
    assert seconds == sorted(seconds)


def test_it_goes_on_in_the_middle_of_an_epoch(
    examples: list[Example], cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of the first, when there is nothing to keep yet; its loss is that of all its steps."""
    mode = "full"
    wanted = result(taught(examples, cache, mode=mode)[-1])
    monkeypatch.setattr(checkpoints, "SECONDS", 0.0)
    first = Memory()
    teaching = train(examples, small_network(), options(mode=mode), CPU, cache, first)
    while len(first.saved) < 2:
        next(teaching)
    steps = taught(examples, cache, Memory(first.saved[-1]), mode=mode)
    assert_alike(result(steps[-1]).curves, wanted.curves)


def test_it_goes_on_in_the_middle_of_looking_at_what_it_chooses_by(
    examples: list[Example], cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was seen is not looked at again, and the epoch's loss is that of all its steps."""
    mode = "head+full"
    wanted = taught(examples, cache, mode=mode)
    monkeypatch.setattr(checkpoints, "SECONDS", -1.0)
    monkeypatch.setattr(engine, "SAVING", 1e9)  # saving costs nothing: at every step
    first = Memory()
    taught(examples, cache, first, mode=mode)
    midway = [each for each in first.saved if each.state["seen"]]
    assert [len(each.state["seen"]) for each in midway] == list(range(1, 13))
    second = Memory(midway[6])
    steps = taught(examples, cache, second, mode=mode)
    assert_alike(result(steps[-1]).curves, result(wanted[-1]).curves)
    full = [step.step for step in steps if step.message == "Teaching everything"]
    assert full == list(range(8, 13))
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    done = [step.fraction for step in wanted if step.message == "Teaching everything"]
    assert midway[6].fraction in done and fractions[-1] == 1.0


def test_the_checkpoint_of_another_training_is_not_gone_on_from(
    examples: list[Example], cache: Cache
) -> None:
    """Other options, or other photographs."""
    first = Memory()
    taught(examples, cache, first, mode="full")
    (saved,) = first.saved
    for others, seed, same in ((examples, 0, 1), (examples, 1, 0), (examples[1:], 0, 0)):
        chosen = options(mode="full", seed=seed)
        step = next(iter(train(others, small_network(), chosen, CPU, cache, Memory(saved))))
        assert len(step.curves) == same


def test_patience(examples: list[Example], cache: Cache) -> None:
    """Nothing gets better with a rate of next to nothing: it stops, and says it is done."""
    steps = taught(examples, cache, mode="full", epochs=9, patience=2, lr=1e-9)
    curves = steps[-1].curves
    scores = [(each.val_top1, -(each.val_loss or 0)) for each in curves]
    best = scores.index(max(scores))
    assert len(curves) < 9 and len(curves) == best + 1 + 2
    assert steps[-1].fraction == 1.0
    assert [step.fraction for step in steps] == sorted(step.fraction for step in steps)
    assert steps[-1].message == "Measuring" and steps[-1].trained


def test_without_photographs_to_choose_by_the_last_is_kept_and_nothing_is_promised(
    examples: list[Example], cache: Cache
) -> None:
    learnt = [each for each in examples if each.split == "train"]
    for mode in ("head", "head+full"):
        steps = taught(learnt, cache, mode=mode)
        made = result(steps[-1])
        assert made.judgement is None
        assert {(each.val_loss, each.val_top1) for each in made.curves} == {(None, None)}
        assert set(steps[-1].losses) == {"train"}
        assert untouched(made) == (mode == "head")


def test_labels_of_no_species_are_classes_but_not_familiar(
    tmp_path: Path, examples: list[Example], cache: Cache
) -> None:
    things = drawn(tmp_path, {"train": 6, "val": 4, "test": 4}, NOTHING, first=900)
    made = result(taught([*examples, *things], cache, mode="head")[-1])
    assert made.labels == ("Bellis perennis", "Gentiana verna", "Rosa canina", "_nothing")
    assert made.familiarity is not None and made.network.head.weight.shape[0] == 4
    assert made.familiarity.weight.shape == (3, 1280 + 112)


def test_photographs_that_are_gone_are_learnt_from_by_their_features(
    examples: list[Example], cache: Cache
) -> None:
    wanted = result(taught(examples, cache, mode="refit")[-1])
    gone = [replace(each, path=None) for each in examples]
    made = result(taught(gone, cache, mode="refit")[-1])
    assert torch.equal(made.network.head.weight, wanted.network.head.weight)
    assert made.mode == "head"
    with pytest.raises(FeaturesMissing):
        taught(gone, Cache(cache.path.with_name("another.sqlite")), mode="refit")


def test_the_curves_of_a_step_are_those_of_its_time(examples: list[Example], cache: Cache) -> None:
    steps = taught(examples, cache, mode="head")
    assert {len(step.curves) for step in steps} == set(range(1, 61))
