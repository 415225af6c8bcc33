"""Methods are painters with settings; variants say what they changed."""

import pytest

from benchmarks.methods import NAMES, changed, method_called, options_in, recipe_in
from models.style.recipes import RECIPES


def test_every_method_is_a_painter_with_valid_options() -> None:
    for name in NAMES:
        for vgg in ("vgg16", "vgg19"):
            method = method_called(name, vgg)
            assert RECIPES[method.painter].network in ("merian", "efficientnet_lite0", vgg)
            assert method.options_for(256).size == 256


def test_the_baseline_is_what_most_do() -> None:
    options = method_called("paper-lbfgs").options_for(256)
    assert (options.steps, options.scales, options.start) == (500, 1, "photograph")
    assert options.optimizer == "lbfgs"
    assert method_called("paper-adam").options_for(256).optimizer == "adam"


def test_a_sweep_changes_strength_or_beta() -> None:
    light, paper = method_called("light"), method_called("paper-adam")
    assert light.at(0.3).options_for(64).strength == 0.3
    assert light.point(0.3) == "strength=0.3"
    assert paper.at(100.0).recipe == {"balance": 100.0}
    assert paper.point(1_000_000.0) == "beta=1000000"


def test_a_variant_is_called_by_its_label_or_by_its_changes() -> None:
    light = method_called("light")
    recipe = recipe_in(["evaluations=60", 'style={"stem": 1.0}'])
    assert recipe == {"evaluations": 60, "style": {"stem": 1.0}}
    assert changed(light, {}, recipe, "short").name == "light short"
    assert changed(light, {"steps": 4}, {"margin": 0}).name == "light steps=4, margin=0"
    assert changed(light, {}, {}, "short") == light
    assert changed(light, options_in(["optimizer=adam"]), {}).options_for(64).optimizer == "adam"


@pytest.mark.parametrize("word", ["margin", "nothing=1", "network=vgg16"])
def test_what_is_no_change_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="is not name=value"):
        recipe_in([word])
