"""What makes scores honest: against truths that were drawn, and against plain definitions."""

import math
from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.calibration import (
    cross_fitted,
    energies,
    fit,
    fit_conformal,
    fit_rejection,
    fit_temperature,
    halves,
    log_softmax,
    softmax,
)
from models.training.metrics import Report

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


def drawn(n: int, classes: int = 5, heat: float = 1.0, seed: int = 0) -> tuple[Floats, Whole]:
    """Logits and truths of a network that says `heat` times what it may say."""
    chance = np.random.default_rng(seed)
    logits = chance.normal(size=(n, classes)) * 2
    noise = chance.gumbel(size=(n, classes))  # the largest of logit + Gumbel is a draw of softmax
    return logits * heat, (logits + noise).argmax(axis=1)


@pytest.mark.parametrize("heat", [0.4, 1.0, 3.0, 8.0])
def test_the_temperature_that_was_put_in_is_found(heat: float) -> None:
    logits, truth = drawn(4000, heat=heat)
    assert fit_temperature(logits, truth) == pytest.approx(heat, rel=0.06)


def test_the_temperature_is_where_the_loss_is_least() -> None:
    logits, truth = drawn(300, heat=2.0)

    def cost(temperature: float) -> float:
        chances = np.exp(logits / temperature)
        chances /= chances.sum(axis=1, keepdims=True)
        return -np.log(chances[np.arange(300), truth]).sum() + 2 * math.log(temperature) ** 2

    found = fit_temperature(logits, truth)
    tried = np.geomspace(0.05, 20, 3000)
    assert cost(found) <= min(cost(each) for each in tried) + 1e-6


def test_what_is_separated_perfectly_has_a_temperature() -> None:
    truth = np.arange(400) % 4
    found = fit_temperature(np.eye(4)[truth] * 10, truth)
    assert 0.05 < found < 1.0


def test_what_is_always_wrong_stays_in_bounds() -> None:
    truth = np.arange(400) % 4
    assert 10 < fit_temperature(np.eye(4)[(truth + 1) % 4] * 100, truth) <= 20.01


@pytest.mark.parametrize("right", [True, False])
def test_few_photographs_hardly_move_it(right: bool) -> None:
    assert fit_temperature(np.zeros((0, 3)), np.zeros(0, int)) == pytest.approx(1.0, abs=1e-4)
    truth = np.array([0 if right else 1])
    one = fit_temperature(np.array([[2.0, 0.0, 0.0]]), truth)
    many = fit_temperature(np.tile([2.0, 0.0, 0.0], (200, 1)), np.tile(truth, 200))
    assert 0.6 < one < 1.7
    assert (many < one < 1.0) if right else (many > one > 1.0)


@given(st.integers(1, 6), st.integers(1, 12), st.integers(0, 1000), st.floats(0.01, 1000))
def test_a_temperature_is_always_a_number_within_bounds(
    classes: int, n: int, seed: int, heat: float
) -> None:
    logits, truth = drawn(n, classes, heat, seed)
    assert 0.05 - 1e-6 <= fit_temperature(logits, truth) <= 20 + 1e-3


def test_calibrated_scores_are_calibrated() -> None:
    logits, truth = drawn(6000, heat=3.0)
    labels = list("abcde")
    before = Report.of_probabilities(softmax(logits[3000:]), truth[3000:], labels)
    after = Report.of_probabilities(
        softmax(logits[3000:], fit_temperature(logits[:3000], truth[:3000])), truth[3000:], labels
    )
    assert before.ece > 0.15 and after.ece < 0.03 and after.top1 == before.top1


@pytest.mark.parametrize(("coverage", "n"), [(0.95, 19), (0.95, 40), (0.8, 30), (0.9, 100)])
def test_sets_cover_as_they_promise(coverage: float, n: int) -> None:
    trials = 3000
    hits = 0
    for seed in range(trials):
        logits, truth = drawn(n + 1, 4, seed=seed)
        chances = softmax(logits)
        threshold = fit_conformal(chances[:n], truth[:n], coverage)
        assert threshold is not None
        hits += bool(chances[n, truth[n]] >= threshold)
    exact = math.ceil((n + 1) * coverage - 1e-9) / (n + 1)  # each trial is one draw of it
    assert coverage <= exact + 1e-9 < coverage + 1 / (n + 1) + 1e-9
    assert abs(hits / trials - exact) < 4 * math.sqrt(exact * (1 - exact) / trials)


def test_a_threshold_worked_by_hand() -> None:
    truth = np.zeros(9, int)
    at_truth = np.array([0.9, 0.1, 0.5, 0.7, 0.3, 0.8, 0.2, 0.6, 0.4])
    chances = np.stack([at_truth, 1 - at_truth], axis=1)
    # ceil(10 * 0.8) = 8: the eighth largest of nine
    assert fit_conformal(chances, truth, 0.8) == 0.2
    assert fit_conformal(chances, truth, 0.9) == 0.1
    assert fit_conformal(chances, truth, 0.95) is None  # ceil(9.5) = 10 of nine


@pytest.mark.parametrize(("n", "promised"), [(0, False), (18, False), (19, True)])
def test_too_few_photographs_for_the_promise(n: int, promised: bool) -> None:
    logits, truth = drawn(n)
    assert (fit_conformal(softmax(logits), truth) is not None) == promised


def test_energies() -> None:
    logits = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    assert energies(logits) == pytest.approx([math.log(sum(map(math.exp, (1, 2, 3)))), math.log(3)])
    assert energies(logits, 2.0)[1] == pytest.approx(2 * math.log(3))
    assert energies(logits + 5000) == pytest.approx(energies(logits) + 5000)
    assert np.exp(log_softmax(logits + 5000)).sum(axis=1) == pytest.approx([1.0, 1.0])


@given(st.lists(st.integers(-50, 50).map(float), min_size=1, max_size=80), st.floats(0.5, 1.0))
def test_at_least_so_many_of_the_known_are_kept(known: list[float], keep: float) -> None:
    threshold = fit_rejection(np.array(known), keep)
    if threshold is None:  # so few cannot promise it
        assert (len(known) + 1) * (1.0 - keep) < 1.0
        return
    assert threshold in known
    assert sum(each >= threshold for each in known) >= keep * len(known) - 1e-9
    strictly = sum(each > threshold for each in known)
    assert strictly <= keep * len(known) + 1  # a higher threshold would keep too few


def test_nothing_known_rejects_nothing() -> None:
    assert fit_rejection(np.zeros(0)) is None


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 15)), min_size=1, max_size=60),
    st.integers(0, 9),
)
def test_halves_keep_observations_whole(pairs: list[tuple[int, int]], seed: int) -> None:
    label_of = {group: label for label, group in pairs}  # an observation is of one class
    groups = [group for _, group in pairs]
    truth = np.array([label_of[group] for group in groups])
    second = halves(truth, [str(group) for group in groups], seed)
    assert np.array_equal(second, halves(truth, [str(group) for group in groups], seed))
    for group in set(groups):
        assert len({side for side, each in zip(second, groups, strict=True) if each == group}) == 1
    largest = Counter(groups)
    for label in set(truth.tolist()):
        inside = truth == label
        gap = abs(int(second[inside].sum()) - int((~second)[inside].sum()))
        assert gap <= max(n for group, n in largest.items() if label_of[group] == label)


def test_halves_are_halves_and_depend_on_the_seed() -> None:
    truth = np.arange(80) % 8
    groups = [str(place) for place in range(80)]
    found = [halves(truth, groups, seed) for seed in range(3)]
    assert all(each.sum() == 40 for each in found)
    assert all(each[truth == label].sum() == 5 for each in found for label in range(8))
    assert not np.array_equal(found[0], found[1])


def test_one_held_out_split_tells_what_calibration_is_worth() -> None:
    logits, truth = drawn(3000, heat=3.0)
    groups = [str(place // 2) for place in range(3000)]
    familiarity = energies(logits)
    found = cross_fitted(logits, truth, groups, familiarity, coverage=0.9, keep=0.95)
    assert found.fitted == fit(logits, truth, familiarity, coverage=0.9, keep=0.95)
    assert found.fitted.n == 3000 and found.fitted.temperature == pytest.approx(3.0, rel=0.06)
    assert Report.of_probabilities(found.probabilities, truth, list("abcde")).ece < 0.03
    assert found.coverage == pytest.approx(0.9, abs=0.03)
    assert found.kept == pytest.approx(0.95, abs=0.02)
    assert found.empty is not None and 0.0 <= found.empty < 0.1


def test_a_photograph_is_never_calibrated_by_itself() -> None:
    logits, truth = drawn(200)
    groups = [str(place) for place in range(200)]
    second = halves(truth, groups, 0)
    logits[second] *= 5  # one half is five times too sure; the other half cannot know
    found = cross_fitted(logits, truth, groups).probabilities
    first_only = fit_temperature(logits[~second], truth[~second])
    second_only = fit_temperature(logits[second], truth[second])
    assert first_only < 1.5 and second_only > 3
    assert np.array_equal(found[second], softmax(logits[second], first_only))
    assert np.array_equal(found[~second], softmax(logits[~second], second_only))


def test_one_observation_only() -> None:
    logits, truth = drawn(3)
    found = cross_fitted(logits, truth, ["a", "a", "a"])
    assert np.isfinite(found.probabilities).all()
    assert (found.coverage, found.empty, found.kept, found.fitted.conformal) == (None,) * 4
