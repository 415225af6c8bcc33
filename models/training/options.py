"""What can be set when a model is trained. Imports no torch: form and API read this, too."""

from dataclasses import dataclass

from models.options import Options, option

NAME = r"[a-z0-9][a-z0-9_\-]{0,62}"
"""What a model may be called; the same as in its card."""
MODES = ("auto", "head", "full", "head+full", "refit")
BALANCES = ("none", "weights", "logits")


@dataclass(frozen=True)
class TrainOptions(Options):
    """Checked when it is made; raises `InvalidOption`. Zero leaves a value to the mode."""

    name: str = option("", "What to call the model: small letters, digits, - and _.", pattern=NAME)
    backbone: str = option(
        "efficientnet_lite0",
        "The network that is taught: efficientnet_lite0 or efficientnet_lite2, which are always "
        "here, resnet50, or another of torchvision's by its name.",
        pattern=r"[a-z][a-z0-9_]*",
    )
    mode: str = option(
        "auto",
        "What learns: only the last layer (head), everything (full), or first the one and then "
        "the other (head+full). auto: head+full where there are 20 photographs a class. refit: the "
        "last layer of the model of this name again, with what it was taught and what is added.",
        choices=MODES,
    )
    epochs: int = option(
        0, "How often everything looks at each photograph; 0: as the mode needs.",
        minimum=0, maximum=200, step=1,
    )  # fmt: skip
    batch: int = option(
        32, "Photographs that each step learns from.", minimum=2, maximum=512, step=1
    )
    lr: float = option(
        0.0, "Learning rate of the last layer while everything learns; 0: the default.",
        minimum=0.0, maximum=1.0,
    )  # fmt: skip
    layer_decay: float = option(
        0.7, "By how much each stage learns more slowly than the one after it.",
        minimum=0.1, maximum=1.0, step=0.05,
    )  # fmt: skip
    weight_decay: float = option(
        0.05, "How strongly weights are drawn to zero.", minimum=0.0, maximum=1.0
    )
    label_smoothing: float = option(
        0.1, "Share of the truth that is spread over all classes.",
        minimum=0.0, maximum=0.5, step=0.05,
    )  # fmt: skip
    mixup: float = option(
        0.1, "How much photographs are mixed with one another; 0: not at all.",
        minimum=0.0, maximum=1.0, step=0.05,
    )  # fmt: skip
    ema: float = option(
        0.98, "How slowly the kept weights follow those that learn; 0: at once.",
        minimum=0.0, maximum=0.9999,
    )  # fmt: skip
    balance: str = option(
        "none",
        "Where classes are of unequal size: weights counts rare ones more, logits adjusts the "
        "scores by how common each is.",
        choices=BALANCES,
    )
    patience: int = option(
        0, "Epochs without a better validation after which it stops; 0: never.",
        minimum=0, maximum=100, step=1,
    )  # fmt: skip
    pixels: int = option(
        0, "Side of the square that the network looks at; 0: its own.",
        minimum=0, maximum=512, step=32, unit="px",
    )  # fmt: skip
    seed: int = option(0, "The same seed gives the same model.", minimum=0, maximum=2**31 - 1)
    replace: bool = option(False, "Whether a model of that name may be replaced.")
