"""What is remembered of a style: moments, whatever the tiles, and once for many photographs."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.backbones import Backbone, load_backbone
from models.style.manner import Album, gram_of, study
from models.style.objective import remember
from models.style.sight import Sight
from models.weights import Weights

TAPS = ["stem", "2"]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    folder: Path = tmp_path_factory.mktemp("cache")
    return load_backbone("efficientnet_lite0", torch.device("cpu"), Weights(None, folder))


def random(seed: int) -> torch.Tensor:
    return torch.rand(1, 3, 70, 50, generator=torch.Generator().manual_seed(seed))


def sight(network: Backbone, whole: int = 10**9) -> Sight:
    return Sight(network, TAPS, 16, whole)


@pytest.mark.parametrize("whole", [10**9, 0])
def test_moments_are_those_of_all_cells(network: Backbone, whole: int) -> None:
    look = sight(network, whole)
    manner = study(look, random(1))
    for tap, cells in remember(look, random(1), TAPS).items():
        flat = cells[0].flatten(1).double().numpy()
        mean, covariance = (moment.numpy() for moment in manner.moments[tap])
        assert np.allclose(mean, flat.mean(1), rtol=1e-4, atol=1e-5)
        wanted = np.cov(flat, bias=True)
        assert np.linalg.norm(covariance - wanted) / np.linalg.norm(wanted) < 1e-5


def test_a_gram_about_zero_is_the_papers(network: Backbone) -> None:
    look = sight(network)
    manner = study(look, random(2))
    flat = remember(look, random(2), TAPS)["2"][0].flatten(1)
    centre, gram = gram_of([manner], [1.0], "2", about_mean=False)
    assert not centre.any()
    wanted = flat @ flat.T / flat.shape[1]
    assert ((gram - wanted).norm() / wanted.norm()).item() < 1e-5


def test_one_style_is_studied_once_and_another_or_another_size_anew(network: Backbone) -> None:
    album, look = Album(), sight(network)
    style = Image.effect_noise((60, 40), 90).convert("RGB")
    first = album.manner(look, style)
    assert album.manner(look, style.copy()) is first
    assert album.manner(look, style.resize((30, 20))) is not first
    assert album.manner(Sight(network, TAPS, 0, 10**9), style) is not first
    assert len(album.manners) == 3


def test_an_album_forgets_what_was_not_used_for_long(
    network: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Album, "KEPT", 2)
    album, look = Album(), sight(network)
    styles = [Image.new("RGB", (32, 32), colour) for colour in ("red", "green", "blue")]
    first = album.manner(look, styles[0])
    album.manner(look, styles[1])
    assert album.manner(look, styles[0]) is first
    album.manner(look, styles[2])  # green has to go
    assert album.manner(look, styles[0]) is first
    assert len(album.manners) == 2
