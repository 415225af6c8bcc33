"""Adam against torch's own, and its averaged iterates."""

import torch

from models.style.adam import AVERAGE, MOMENTS, Adam
from tests.models.style.conftest import walk

MATRIX = torch.diag(torch.tensor([1.0, 4.0, 9.0], dtype=torch.float64))
START = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)


def bowl(x: torch.Tensor) -> tuple[dict[str, float], torch.Tensor]:
    return {"total": (x @ MATRIX @ x / 2).item()}, MATRIX @ x


def test_the_losses_are_those_of_torchs_adam() -> None:
    found = [losses["total"] for _, losses in walk(Adam(0.05), bowl, START, 60)]
    x = START.clone().requires_grad_()
    theirs = torch.optim.Adam([x], lr=0.05, betas=MOMENTS, eps=1e-8)
    for loss in found:
        losses, x.grad = bowl(x.detach())
        assert abs(loss - losses["total"]) < 1e-9
        theirs.step()


def test_what_is_shown_is_the_average_of_the_points_visited() -> None:
    points: list[torch.Tensor] = []

    def watched(x: torch.Tensor) -> tuple[dict[str, float], torch.Tensor]:
        points.append(x.clone())
        return bowl(x)

    for number, (shown, _) in enumerate(walk(Adam(0.05), watched, START, 20), 1):
        weights = [AVERAGE ** (number - 1 - i) for i in range(number)]
        wanted = sum(w * p for w, p in zip(weights, points, strict=True)) / sum(weights)
        assert torch.allclose(shown, torch.as_tensor(wanted), atol=1e-12)


def test_the_start_is_left_alone() -> None:
    before = START.clone()
    *_, (last, _) = walk(Adam(0.05), bowl, START, 200)
    assert torch.equal(START, before)
    assert last.abs().max() < 0.05
