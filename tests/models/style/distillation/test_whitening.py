"""How loud directions are made to count for less."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.narrow_vgg import NarrowVGG
from models.style.distillation.whitening import FAINT, covariances, softening, whitened
from tests.models.style.distillation.conftest import SMALL


def covariance(size: int, seed: int) -> torch.Tensor:
    torch.manual_seed(seed)
    mixed = torch.randn(size, 2 * size).double() * torch.logspace(0, 1, size).double()[:, None]
    return torch.cov(mixed).reshape(size, size)


@settings(deadline=None, max_examples=40)
@given(size=st.integers(1, 12), seed=st.integers(0, 99), power=st.floats(0, 1))
def test_variances_are_raised_to_a_power_and_their_sum_is_kept(
    size: int, seed: int, power: float
) -> None:
    spread = covariance(size, seed)
    softer = softening(spread, power)
    found = torch.linalg.eigvalsh(softer @ spread @ softer.T)
    before = torch.linalg.eigvalsh(spread)
    before = before.clamp(min=FAINT * before.max())
    wanted = before.pow(1 - power) * before.sum() / before.pow(1 - power).sum()
    loud = torch.linalg.eigvalsh(spread) > FAINT * before.max()
    assert torch.allclose(found[loud], wanted[loud], rtol=1e-6)


def test_what_varies_hardly_at_all_does_not_become_loud() -> None:
    softer = softening(torch.diag(torch.tensor([1.0, 1e-9]).double()), 1.0)
    assert softer[1, 1] / softer[0, 0] <= FAINT**-0.5 * 1.001


def network() -> NarrowVGG:
    torch.manual_seed(3)
    made = NarrowVGG(SMALL)
    for root in made.roots.values():
        torch.nn.init.normal_(root)
    return made


def test_a_painters_measure_is_whitened_and_its_layers_stay() -> None:
    pictures = [torch.rand(2, 3, 32, 32) for _ in range(2)]
    before, after = network(), NarrowVGG(SMALL)
    after.read(whitened(before, pictures, 1.0))
    uneven = covariances(before, pictures)
    for tap, spread in covariances(after, pictures).items():
        loud = torch.linalg.eigvalsh(uneven[tap])
        loud = loud > FAINT * loud.max()
        values = torch.linalg.eigvalsh(spread)[loud]
        assert values.max() < 1.01 * values.min(), tap
    for tap, layer in before.layers.items():
        assert torch.equal(layer.weight, after.layers[tap].weight)


def test_no_power_changes_nothing() -> None:
    before = network()
    state = whitened(before, [torch.rand(2, 3, 32, 32)], 0.0)
    for name, each in before.state_dict().items():
        assert torch.allclose(each, state[name], rtol=1e-5, atol=1e-6), name
