"""L-BFGS on functions whose minimum is known."""

import torch

from models.style.lbfgs import LBFGS
from tests.models.style.conftest import walk


def bowl(x: torch.Tensor) -> tuple[dict[str, float], torch.Tensor]:
    """A quadratic with curvatures from 1 to 1000 around a known minimum."""
    curvature = torch.logspace(0, 3, x.numel(), dtype=x.dtype).reshape(x.shape)
    away = x - 0.5
    return {"total": (curvature * away.square()).sum().item() / 2}, curvature * away


def rosenbrock(x: torch.Tensor) -> tuple[dict[str, float], torch.Tensor]:
    x = x.detach().requires_grad_()
    loss = (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()
    (gradient,) = torch.autograd.grad(loss, x)
    return {"total": loss.item()}, gradient


def test_a_narrow_bowl() -> None:
    *_, (x, losses) = walk(LBFGS(0.01), bowl, torch.zeros(4, 5, dtype=torch.float64), 120)
    assert losses["total"] < 1e-5
    assert torch.allclose(x, torch.full_like(x, 0.5), atol=1e-2)


def test_a_bent_valley() -> None:
    *_, (x, losses) = walk(
        LBFGS(0.01), rosenbrock, torch.full((6,), -0.5, dtype=torch.float64), 400
    )
    assert losses["total"] < 1e-6 or torch.allclose(x, torch.ones(6, dtype=x.dtype), atol=1e-2)


def test_it_counts_evaluations_and_the_first_step_has_the_size_asked_for() -> None:
    seen = []

    def counted(x: torch.Tensor) -> tuple[dict[str, float], torch.Tensor]:
        seen.append(x)
        return bowl(x)

    walked = list(walk(LBFGS(0.03), counted, torch.zeros(4, 5, dtype=torch.float64), 7))
    assert len(walked) == len(seen) == 7
    assert abs((seen[1] - seen[0]).square().mean().sqrt().item() - 0.03) < 1e-9


def test_a_step_that_makes_things_worse_is_taken_back() -> None:
    def cliff(x: torch.Tensor) -> tuple[dict[str, float], torch.Tensor]:
        inside = x.abs().max() < 1
        loss = x.square().sum().item() if inside else float("nan")
        return {"total": loss}, 2 * x if inside else torch.full_like(x, float("nan"))

    *_, (x, losses) = walk(LBFGS(5.0), cliff, torch.full((3,), 0.9), 40)
    assert losses["total"] < 1e-6 and x.abs().max() < 1e-3


def test_at_a_minimum_it_stays() -> None:
    x = torch.full((2, 2), 0.5, dtype=torch.float64)
    *_, (found, _) = walk(LBFGS(0.1), bowl, x, 5)
    assert torch.equal(found, x)
