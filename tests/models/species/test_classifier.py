"""The packaged network on real photographs."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from models.efficientnet_lite import EPSILON, LITE2, Trunk
from models.images import open_picture
from models.species.card import Preprocessing
from models.species.classifier import Classifier, load_classifier, views_of
from models.species.familiarity import Familiarity
from models.species.registry import Registry
from models.species.trunks import pooled
from models.tensors import to_tensor
from models.weights import read_weights

SAMPLES = Path(__file__).parents[3] / "static" / "samples" / "content"
MODEL = Registry(Path("/nowhere")).get("wildlife")


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_classifier(MODEL, torch.device("cpu"))


def test_probabilities_of_each_photograph(classifier: Classifier) -> None:
    cat, coffee = (open_picture(SAMPLES / f"{name}.jpg") for name in ("chelsea", "coffee"))
    together = [each.probabilities for each in classifier.look([cat, coffee])]
    assert [sum(each) for each in together] == pytest.approx([1.0, 1.0])
    alone = classifier.look([coffee])[0].probabilities
    assert together[1] == pytest.approx(alone, abs=1e-5)
    best = max(range(1000), key=lambda index: together[1][index])
    assert MODEL.card.classes[best][0] in ("espresso", "cup")


def test_scores_are_averaged_over_views_before_they_become_probabilities(
    classifier: Classifier,
) -> None:
    cat = open_picture(SAMPLES / "chelsea.jpg")
    views = torch.stack([to_tensor(each)[0] for each in views_of(cat, MODEL.card.preprocessing)])
    with torch.inference_mode():
        scores = classifier.logits(views).double().mean(0)
    wanted = torch.softmax(scores / MODEL.card.calibration.temperature, 0)
    (found,) = classifier.look([cat])
    assert found.probabilities == pytest.approx(wanted.tolist(), abs=1e-5)
    assert found.familiarity is None  # the packaged model cannot tell


def test_familiarity_is_averaged_over_views(classifier: Classifier) -> None:
    random, trunk = torch.Generator().manual_seed(1), classifier.trunk
    width = trunk.channels + trunk.half_channels
    second = Familiarity(torch.randn(3, width, generator=random), torch.randn(3, generator=random))
    knowing = replace(classifier, familiarity=second)
    views = torch.rand(2, 2, 3, 64, 64, generator=random)
    with torch.inference_mode():
        wanted = [float(second(pooled(trunk, each), trunk.channels).mean()) for each in views]
    assert [each.familiarity for each in knowing.seen(views)] == pytest.approx(wanted, abs=1e-4)


def test_a_mirrored_photograph_gets_the_same_answer(classifier: Classifier) -> None:
    cat = open_picture(SAMPLES / "chelsea.jpg").crop((0, 0, 300, 300))
    mirrored = cat.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    one, other = classifier.look([cat, mirrored])
    assert one.probabilities == pytest.approx(other.probabilities, abs=1e-4)


def test_the_middle_is_looked_at() -> None:
    picture = Image.new("RGB", (300, 100), "red")
    picture.paste("green", (100, 0, 200, 100))
    seen, mirrored = views_of(picture, Preprocessing(pixels=64, share=0.8))
    assert seen.size == mirrored.size == (64, 64)
    assert seen.getcolors() == [(64 * 64, (0, 128, 0))]


def test_the_trunk_pads_with_zeros_as_it_was_trained(classifier: Classifier) -> None:
    """The stem by hand, in float64, with the batch normalisation unfolded."""
    state = read_weights(MODEL.weights)
    trunk = Trunk(LITE2)
    trunk.read(state)
    picture = torch.rand(1, 3, 33, 40, dtype=torch.float64)
    scaled = (picture * 255.0 - 127.0) / 128.0
    padded = torch.nn.functional.pad(scaled, (0, 1, 1, 1))
    raw = torch.nn.functional.conv2d(padded, state["_conv_stem.weight"].double(), stride=2)
    mean, var, scale, shift = (
        state[f"_bn0.{part}"].double().view(1, -1, 1, 1)
        for part in ("running_mean", "running_var", "weight", "bias")
    )
    wanted = ((raw - mean) / (var + EPSILON).sqrt() * scale + shift).clamp(0.0, 6.0)
    found = trunk.body(picture.float(), ["stem"])["stem"].double()
    assert torch.allclose(found, wanted, atol=1e-4)
