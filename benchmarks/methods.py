"""What is compared: our painters, and what most implementations do.

Most implementations minimise the paper's loss over VGG at one scale, the largest, in 500 steps of
L-BFGS or Adam, and begin with the photograph: `paper-lbfgs` and `paper-adam`. Their beta is the
paper's, a thousand times alpha. With the preset's, which is four times alpha, they hardly paint: to
compare ourselves with that would flatter us.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from models.style.options import QUICK, PaintOptions
from models.style.recipe import Recipe

NAMES = ("light", "merian", "classic", "paper-adam", "paper-lbfgs")
BASELINE = "paper-lbfgs"
OURS = ("light", "merian", "classic")
STRENGTHS = (0.1, 0.3, 0.5, 0.7, 0.9)
STEPS = 500
BETAS = (10_000.0,)  # alpha is the preset's 10


@dataclass(frozen=True)
class Method:
    """A painter with its settings, and what is varied to draw its front."""

    name: str
    painter: str
    swept: str
    """strength, or beta with alpha as the preset has it."""
    options: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    """What differs from the painter's own recipe."""

    @property
    def patient(self) -> bool:
        """Whether every step is taken, however little it helps, as most implementations do."""
        return self.swept == "beta"

    @property
    def changes(self) -> dict[str, Any]:
        return {**self.options, **self.recipe}

    def at(self, value: float) -> "Method":
        """The method at one value of what is swept."""
        if self.swept == "beta":
            return replace(self, recipe={**self.recipe, "balance": value})
        return replace(self, options={**self.options, self.swept: value})

    def options_for(self, size: int) -> PaintOptions:
        """Raises `InvalidOption`."""
        return PaintOptions.parse({**self.options, "size": size, "painter": self.painter})

    def point(self, value: float) -> str:
        return f"{self.swept}={value:.10g}"


def method_called(name: str, vgg: str = "vgg16") -> Method:
    """One of `NAMES`; the VGG ones look with `vgg` (vgg16 or vgg19)."""
    sister = "-vgg16" if vgg == "vgg16" else ""
    if name in QUICK:
        return Method(name, name, "strength")
    if name == "classic":
        return Method(name, f"classic{sister}", "strength")
    settings = {"steps": STEPS, "scales": 1, "start": "photograph"}
    optimizer = name.removeprefix("paper-")
    return Method(name, f"paper{sister}", "beta", {**settings, "optimizer": optimizer})


def changed(
    method: Method, options: Mapping[str, Any], recipe: Mapping[str, Any], label: str = ""
) -> Method:
    """A variant: its name is the method's with `label`, or with what was changed."""
    if not options and not recipe:
        return method
    told = [f"{name}={value}" for name, value in {**options, **recipe}.items()]
    return replace(
        method,
        name=f"{method.name} {label or ', '.join(told)}",
        options={**method.options, **options},
        recipe={**method.recipe, **recipe},
    )


def read_changes(words: Iterable[str], known: type) -> dict[str, Any]:
    """name=value as in Python: numbers, {"stem": 1.0}, else text. Raises `ValueError`."""
    names = {one.name for one in fields(known)} - {"network", "painter", "size"}
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in names:
            raise ValueError(f"{word!r} is not name=value with one of {', '.join(sorted(names))}.")
        try:
            found[name] = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            found[name] = value
    return found


def options_in(words: Iterable[str]) -> dict[str, Any]:
    return read_changes(words, PaintOptions)


def recipe_in(words: Iterable[str]) -> dict[str, Any]:
    return read_changes(words, Recipe)
