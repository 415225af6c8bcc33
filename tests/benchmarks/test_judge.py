"""The judge's controls, with a network that never learnt: they hold for any."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import resnet50

from benchmarks.judge import Critic, Judge, judge_in


def picture(width: int, height: int, seed: int) -> Image.Image:
    small = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height))


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(1)
    torch.save(resnet50(weights=None).half().state_dict(), folder / "resnet50.pth")
    return judge_in(folder)


def test_untouched_pictures_are_the_controls(judge: Judge) -> None:
    content, style = picture(64, 48, 1), picture(80, 60, 2)
    critic = Critic.of(judge, content, style, 64)
    assert critic.distances(content) == pytest.approx((0.0, 1.0), abs=1e-5)
    assert critic.distances(style.resize((64, 48), Image.Resampling.LANCZOS)) == pytest.approx(
        (1.0, 0.0), abs=1e-5
    )


def test_a_large_painting_is_judged_scaled_down(judge: Judge) -> None:
    critic = Critic.of(judge, picture(64, 48, 1), picture(80, 60, 2), 64)
    assert critic.size == (64, 48)
    content, style = critic.distances(picture(256, 192, 1))
    assert content < 0.05 and style == pytest.approx(1.0, abs=0.05)


def test_without_weights_there_is_no_judge(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no file resnet50"):
        judge_in(tmp_path)
