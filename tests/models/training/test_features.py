"""What a network sees is computed once, and kept."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.species.card import Preprocessing
from models.species.trunks import pooled
from models.steps import outcome
from models.tensors import to_tensor
from models.training import features
from models.training.cache import Cache
from models.training.examples import Example
from models.training.features import FeaturesMissing, look
from models.training.network import Network
from models.training.views import seed_of, view_of
from tests.models.training.lessons import CPU, drawn, small_network

HOW = Preprocessing(pixels=64, share=0.875)


WIDTH = 1280 + 112
"""Of the deepest features, and of those half as deep."""


class Counting(Network):
    """Counts the pictures that it looks at."""

    def __init__(self) -> None:
        super().__init__(small_network().trunk, 3)
        self.seen = 0
        self.trunk.body.stem.register_forward_hook(self.count)

    def count(self, layer: torch.nn.Module, given: tuple[torch.Tensor], out: torch.Tensor) -> None:
        self.seen += len(out)


@pytest.fixture(scope="module")
def network() -> Counting:
    return Counting()


@pytest.fixture(autouse=True)
def from_zero(network: Counting) -> None:
    network.seen = 0


@pytest.fixture
def examples(tmp_path: Path) -> list[Example]:
    return drawn(tmp_path / "photographs", {"train": 2})


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "features.sqlite")


def looked(
    network: Network, examples: list[Example], views: int, cache: Cache | None, name: str = "net"
) -> tuple[torch.Tensor, list[int]]:
    told: list[int] = []
    found = outcome(look(network, HOW, name, examples, views, cache, CPU), told.append)
    return found, told


def test_each_view_of_each_photograph_in_order(network: Counting, examples: list[Example]) -> None:
    found, told = looked(network, examples, 3, None)
    assert found.shape == (6, 3, WIDTH) and found.dtype == torch.float32
    assert told == [1, 2, 3, 4, 5, 6] and network.seen == 18
    for number in (0, 5):
        opened, seed = examples[number].opened(), seed_of(examples[number].sha256)
        for view in range(3):
            picture = to_tensor(view_of(opened, HOW, view, seed))
            with torch.inference_mode():
                alone = pooled(network.trunk, picture)[0]
            assert torch.allclose(found[number, view], alone, atol=1e-4)


def test_a_second_look_computes_nothing(
    network: Counting, examples: list[Example], cache: Cache
) -> None:
    first, _ = looked(network, examples, 2, cache)
    assert network.seen == 12
    second, told = looked(network, examples, 2, cache)
    assert network.seen == 12 and told == []
    assert torch.allclose(first, second, rtol=2**-10, atol=1e-6)
    backwards, _ = looked(network, examples[::-1], 1, cache)
    assert torch.equal(backwards[:, 0], second.flip(0)[:, 0]) and network.seen == 12


def test_only_what_is_new_is_looked_at(
    network: Counting, examples: list[Example], cache: Cache
) -> None:
    looked(network, examples[:4], 2, cache)
    network.seen = 0
    whole, told = looked(network, examples, 2, cache)
    assert network.seen == 4 and told == [5, 6]
    assert torch.allclose(whole, looked(network, examples, 2, None)[0], rtol=2**-10, atol=1e-5)
    network.seen = 0
    looked(network, examples, 2, cache, "another net")
    assert network.seen == 12


def test_everything_is_kept_though_it_is_written_in_parts(
    network: Counting, examples: list[Example], cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "KEPT_EACH", 4)
    looking = look(network, HOW, "net", examples, 1, cache, CPU)
    while next(looking) < 5:
        pass
    looking.close()  # whoever leaves early
    names = [each.sha256 for each in examples]
    assert cache.features("net", names, 0).keys() == set(names[:4])
    looked(network, examples, 1, cache)
    assert cache.features("net", names, 0).keys() == set(names)


def test_where_looking_takes_long_it_is_kept_sooner(
    network: Counting, examples: list[Example], cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "SECONDS", -1.0)
    names = [each.sha256 for each in examples]
    looking = look(network, HOW, "net", examples, 2, cache, CPU)
    for count in range(1, len(names)):
        assert next(looking) == count
        for view in (0, 1):
            assert cache.features("net", names, view).keys() == set(names[:count])
    looking.close()  # killed here, it loses one at most
    whole, told = looked(network, examples, 2, cache)
    assert told == [6] and network.seen == 12
    assert torch.allclose(whole, looked(network, examples, 2, None)[0], rtol=2**-10, atol=1e-5)


def test_photographs_that_are_gone_need_no_file_where_they_are_known(
    network: Counting, examples: list[Example], cache: Cache
) -> None:
    first, _ = looked(network, examples, 2, cache)
    gone = [replace(each, path=None) for each in examples]
    again, _ = looked(network, gone, 2, cache)
    assert torch.allclose(first, again, rtol=2**-10, atol=1e-6)
    with pytest.raises(FeaturesMissing, match=r"of 6 photographs .* train it anew"):
        looked(network, gone, 3, cache)


def test_of_no_photographs_there_are_no_features(network: Counting, cache: Cache) -> None:
    for kept in (cache, None):
        found, told = looked(network, [], 2, kept)
        assert found.shape == (0, 2, WIDTH) and told == []
