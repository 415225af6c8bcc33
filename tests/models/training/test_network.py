"""A trunk with its last layer, and its stages from shallow to deep."""

import pytest
import torch

from models.species.trunks import build_trunk, pooled
from models.training.head import Head
from models.training.network import STAGES, Network
from tests.models.training.lessons import small_network


@pytest.mark.parametrize(
    "name",
    ["efficientnet_lite0", "efficientnet_lite2", "resnet50_v1", "mobilenet_v3_small", "vit_b_16"],
)
def test_every_parameter_is_in_one_stage_and_the_first_and_last_layers_are_at_the_ends(
    name: str,
) -> None:
    network = Network(build_trunk(name), 3)
    stages = list(network.stages())
    assert len(stages) == STAGES + 1 and all(stages)
    found = [id(each) for stage in stages for each in stage]
    assert len(found) == len(set(found))
    assert set(found) == {id(each) for each in network.parameters()}
    names = {id(each): name for name, each in network.named_parameters()}
    assert {names[id(each)] for each in stages[-1]} == {"head.weight", "head.bias"}
    first = next(network.trunk.parameters())
    assert any(each is first for each in stages[0])


def test_stages_go_from_the_picture_to_the_answer() -> None:
    """The place of a convolution in the order of work, seen as the network looks."""
    network = Network(small_network().trunk, 3)
    order: list[int] = []
    for layer in network.trunk.modules():
        if next(layer.parameters(recurse=False), None) is not None:
            layer.register_forward_hook(lambda layer, *_: order.append(id(layer.weight)))
    with torch.inference_mode():
        network(torch.rand(1, 3, 64, 64))
    stage_of = {id(each): at for at, stage in enumerate(network.stages()) for each in stage}
    places = [stage_of[each] for each in order]
    assert places == sorted(places) and set(places) == set(range(STAGES))


def test_it_wears_a_head_and_answers_with_it() -> None:
    network = Network(small_network().trunk, 3)
    pictures = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert not network(pictures).any()  # it has learnt nothing
        head = Head(torch.randn(3, 1280), torch.randn(3))
        network.wear(head)
        features = pooled(network.trunk, pictures)[:, :1280]
        assert torch.allclose(network(pictures), head.logits(features), atol=1e-5)
