"""The search at one scale: when it ends, and that it goes on from its state."""

import pytest
import torch

from models.style import search
from models.style.adam import Adam
from models.style.lbfgs import LBFGS
from models.style.search import Convergence, Optimiser, Search
from tests.models.style.test_lbfgs import rosenbrock

START = torch.full((6,), -0.5, dtype=torch.float64)


def optimiser_called(name: str) -> Optimiser:
    return Adam(0.05) if name == "adam" else LBFGS(0.01, 3)


@pytest.mark.parametrize("name", ["adam", "lbfgs"])
@pytest.mark.parametrize("left_after", [1, 2, 3, 10, 19])
def test_it_goes_on_to_the_same_end_to_the_last_bit(name: str, left_after: int) -> None:
    """Also where a step was just taken back, as the valley makes L-BFGS do."""
    whole = list(Search(rosenbrock, optimiser_called(name), START, 30))
    first = Search(rosenbrock, optimiser_called(name), START, 30)
    walked = iter(first)
    for _ in range(left_after):
        next(walked)
    second = Search(rosenbrock, optimiser_called(name), torch.zeros(6), 30)
    second.restore(first.state())
    rest = list(second)
    assert len(rest) == len(whole) - left_after and second.over
    for (shown, losses), (wanted, theirs) in zip(rest, whole[left_after:], strict=True):
        assert torch.equal(shown, wanted) and losses == theirs


def test_how_long_it_waited_for_progress_is_remembered() -> None:
    def flat(x: torch.Tensor) -> tuple[dict[str, float], torch.Tensor]:
        return {"total": 1.0}, torch.ones_like(x)

    first = Search(flat, LBFGS(0.01), START, 100)
    walked = iter(first)
    for _ in range(5):
        next(walked)
    second = Search(flat, LBFGS(0.01), START, 100)
    second.restore(first.state())
    assert len(list(second)) == search.PATIENCE + 1 - 5


def test_convergence_is_no_progress_for_long() -> None:
    convergence = Convergence()
    falling = [10 * 0.99**i for i in range(100)]
    assert not any(convergence.reached(loss) for loss in falling)
    flat = [convergence.reached(falling[-1]) for _ in range(search.PATIENCE)]
    assert flat == [False] * (search.PATIENCE - 1) + [True]
