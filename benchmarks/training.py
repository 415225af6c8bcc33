"""How good and how honest trained models are: `python -m benchmarks.training cross FOLDER…`.

`cross`: cross-validated on the photographs that a data set gives to learn from. Of five folds, in
turn one is measured, one is calibrated on and three are learnt from; photographs that belong
together stay together. The last layer only, on a network as it comes.

`strangers`: half of the classes are kept from the network; how well does it tell that they are none
of those it was taught? By its familiarity, and by what else is in use.

`heads`: `cross` for other ways to teach the last layer.

`tuning`: everything is taught, each time with one option changed; on small pictures, as a sketch.
"""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median

import click
import numpy as np
import torch

from benchmarks.choices import FOLDER
from benchmarks.strangeness import SCORES, auroc
from benchmarks.tables import table
from models.devices import one_thread, pick_device
from models.species.trunks import digest_of, load_trunk
from models.steps import outcome
from models.training import head as heads
from models.training.cache import Cache
from models.training.calibration import Floats, Whole, fit, softmax
from models.training.dataset import Photograph
from models.training.engine import train
from models.training.examples import Example
from models.training.features import look
from models.training.head import Head, teach_head
from models.training.metrics import Report
from models.training.network import Network
from models.training.options import TrainOptions
from models.training.preparing import prepare
from models.training.splits import folds
from models.training.strangeness import teach_familiarity
from models.training.tuning import RATE
from models.weights import Weights

FOLDS, VIEWS, PLAIN = 5, 4, 2
DEVICE = torch.device("cpu")


@dataclass(frozen=True)
class Seen:
    """A data set as a network sees it."""

    name: str
    examples: list[Example]
    labels: list[str]
    features: torch.Tensor
    """(N, views, C + C2)"""
    channels: int

    @property
    def truth(self) -> torch.Tensor:
        return torch.tensor([self.labels.index(each.label) for each in self.examples])

    @property
    def deep(self) -> torch.Tensor:
        return self.features[..., : self.channels]


def seen_by(backbone: str, folder: Path, weights: Path | None, cache: Cache) -> Seen:
    """Every photograph of a folder, its features from the cache where they are known."""
    reading = prepare(folder, 0, cache)
    examples = list(outcome(reading).examples)
    base = load_trunk(backbone, Weights(weights, cache.path.parent))
    labels = sorted({each.label for each in examples})
    network = Network(base.trunk.requires_grad_(False), len(labels))
    identity = f"{digest_of(base.trunk)[:32]} {base.preprocessing.pixels}"
    looking = look(network, base.preprocessing, identity, examples, VIEWS, cache, DEVICE)
    return Seen(folder.name, examples, labels, outcome(looking), base.trunk.channels)


def taught(seen: Seen, chosen: Whole, options: TrainOptions, views: int) -> Head:
    with one_thread(DEVICE):
        features, truth = seen.deep[chosen][:, :views], seen.truth[chosen]
        return list(teach_head(features, truth, len(seen.labels), options))[-1].head


@dataclass(frozen=True)
class Crossed:
    """Photographs of all folds together, each by a network that knows nothing of its fold."""

    report: Report
    coverage: float
    sizes: list[int]
    kept: float


def crossed(seen: Seen, options: TrainOptions, views: int = VIEWS) -> Crossed:
    given = np.array([each.split == "train" for each in seen.examples])
    chosen = np.flatnonzero(given)
    photographs = [
        Photograph(Path(each.sha256), each.label, "", each.group)
        for each in (seen.examples[index] for index in chosen)
    ]
    fold = np.array(folds(photographs, [], FOLDS, 0))
    truth = seen.truth.numpy()
    found = np.zeros((len(chosen), len(seen.labels)))
    holds: list[bool] = []
    sizes: list[int] = []
    kept: list[bool] = []
    for measured in range(FOLDS):
        fitted_on = (measured + 1) % FOLDS
        learnt = chosen[(fold != measured) & (fold != fitted_on)]
        head = taught(seen, learnt, options, views)
        living = [True] * len(seen.labels)
        with one_thread(DEVICE):
            familiarity = teach_familiarity(
                seen.features[learnt][:, :PLAIN], seen.channels, seen.truth[learnt], living
            )

        def looks(rows: Whole) -> tuple[Floats, Floats]:
            logits = head.logits(seen.deep[rows][:, :PLAIN]).mean(1)  # noqa: B023
            known = [familiarity(seen.features[rows][:, view], seen.channels)  # noqa: B023
                     for view in range(PLAIN)]  # fmt: skip
            return logits.double().numpy(), torch.stack(known).mean(0).double().numpy()

        apart, now = chosen[fold == fitted_on], chosen[fold == measured]
        logits, known = looks(apart)
        fitted = fit(logits, truth[apart], known)
        logits, known = looks(now)
        probabilities = softmax(logits, fitted.temperature)
        found[fold == measured] = probabilities
        if fitted.conformal is not None:
            sets = probabilities >= fitted.conformal
            holds += [bool(each[right]) for each, right in zip(sets, truth[now], strict=True)]
            sizes += sets.sum(1).tolist()
        if fitted.familiar is not None:
            kept += (known >= fitted.familiar).tolist()
    return Crossed(
        Report.of_probabilities(found, truth[chosen], seen.labels), fmean(holds or [float("nan")]),
        sizes, fmean(kept or [float("nan")]),
    )  # fmt: skip


def strangers(seen: Seen, times: int) -> Iterator[dict[str, float]]:
    """AUROC by each score, with half of the classes kept from the network, `times` times.

    Known ones are the photographs to validate with of the classes that were taught, unknown all of
    the others.
    """
    truth = seen.truth.numpy()
    learnt = np.array([each.split == "train" for each in seen.examples])
    for seed in range(times):
        order = np.random.default_rng(seed).permutation(len(seen.labels))
        taught_classes = sorted(order[: (len(order) + 1) // 2].tolist())
        of_taught = np.isin(truth, taught_classes)
        renumbered = {number: place for place, number in enumerate(taught_classes)}
        rows = np.flatnonzero(of_taught & learnt)
        small = replace(
            seen, labels=[seen.labels[each] for each in taught_classes],
            examples=[seen.examples[row] for row in rows], features=seen.features[rows],
        )  # fmt: skip
        assert set(renumbered) == set(taught_classes)
        head = taught(small, np.arange(len(rows)), TrainOptions(), VIEWS)
        with one_thread(DEVICE):
            familiarity = teach_familiarity(
                small.features[:, :PLAIN], seen.channels, small.truth, [True] * len(small.labels)
            )
        known, unknown = (
            seen.features[np.flatnonzero(part)][:, :PLAIN]
            for part in (of_taught & ~learnt, ~of_taught)
        )
        scored = {}
        for name, score in SCORES.items():
            both = (
                score(part, head, familiarity, seen.channels, small) for part in (known, unknown)
            )
            scored[name] = auroc(*both)
        yield scored


@click.group()
def main() -> None:
    """How good and how honest trained models are."""


@main.command()
@click.argument("folders", nargs=-1, required=True, type=FOLDER)
@click.option("--backbone", "backbones", multiple=True, default=["efficientnet_lite0"])
@click.option("--weights", type=FOLDER)
@click.option("--cache", type=Path, default=Path("features.sqlite"))
def cross(
    folders: Sequence[Path], backbones: Sequence[str], weights: Path | None, cache: Path
) -> None:
    """Cross-validated figures of the last layer."""
    rows = []
    for backbone in backbones:
        for folder in folders:
            seen = seen_by(backbone, folder, weights, Cache(cache))
            rows.append([backbone, folder.name, *row_of(crossed(seen, TrainOptions()))])
            click.echo(json.dumps(rows[-1]), err=True)
    click.echo(table(["network", "data", *COLUMNS], rows))


COLUMNS = (
    "photographs", "right", "among five", "calibration error", "sets that hold the truth",
    "their size: median, mean", "empty", "kept as familiar",
)  # fmt: skip


def row_of(found: Crossed) -> list[str]:
    report = found.report
    sizes = found.sizes or [0]
    return [
        str(report.n), f"{report.top1:.2%}", f"{report.top5:.2%}", f"{report.ece:.2%}",
        f"{found.coverage:.2%}", f"{median(sizes):g}, {fmean(sizes):.2f}",
        f"{sizes.count(0) / len(sizes):.1%}", f"{found.kept:.1%}",
    ]  # fmt: skip


@main.command("strangers")
@click.argument("folder", type=FOLDER)
@click.option("--backbone", "backbones", multiple=True, default=["efficientnet_lite0"])
@click.option("--weights", type=FOLDER)
@click.option("--cache", type=Path, default=Path("features.sqlite"))
@click.option("--times", default=10, help="Halves of the classes to try.")
def strangers_command(
    folder: Path, backbones: Sequence[str], weights: Path | None, cache: Path, times: int
) -> None:
    """Half of the classes unknown: AUROC of telling so."""
    rows = []
    for backbone in backbones:
        found = list(strangers(seen_by(backbone, folder, weights, Cache(cache)), times))
        for name in found[0]:
            values = [each[name] for each in found]
            rows.append([backbone, name, f"{fmean(values):.3f}",
                         f"{min(values):.3f} to {max(values):.3f}"])  # fmt: skip
    click.echo(table(["network", "score", "AUROC, mean", "of single halves"], rows))


@main.command("heads")
@click.argument("folders", nargs=-1, required=True, type=FOLDER)
@click.option("--backbone", default="efficientnet_lite0")
@click.option("--weights", type=FOLDER)
@click.option("--cache", type=Path, default=Path("features.sqlite"))
def heads_command(
    folders: Sequence[Path], backbone: str, weights: Path | None, cache: Path
) -> None:
    """Other ways to teach the last layer, cross-validated."""
    usual = TrainOptions()
    ways: dict[str, tuple[TrainOptions, int, float]] = {
        "as it is": (usual, VIEWS, heads.RATE),
        "2 views": (usual, 2, heads.RATE),
        "1 view": (usual, 1, heads.RATE),
        "no label smoothing": (replace(usual, label_smoothing=0.0), VIEWS, heads.RATE),
        "label smoothing 0.2": (replace(usual, label_smoothing=0.2), VIEWS, heads.RATE),
        "rate x 3": (usual, VIEWS, heads.RATE * 3),
        "rate / 3": (usual, VIEWS, heads.RATE / 3),
        "balance weights": (replace(usual, balance="weights"), VIEWS, heads.RATE),
        "balance logits": (replace(usual, balance="logits"), VIEWS, heads.RATE),
    }
    rows, rate = [], heads.RATE
    for folder in folders:
        seen = seen_by(backbone, folder, weights, Cache(cache))
        for name, (options, views, heads.RATE) in ways.items():
            report = crossed(seen, options, views).report
            rows.append([folder.name, name, f"{report.top1:.2%}", f"{report.macro_top1:.2%}",
                         f"{report.log_loss:.4f}", f"{report.ece:.2%}"])  # fmt: skip
    heads.RATE = rate
    head = ["data", "way", "right", "mean over classes", "log loss, nats", "calibration error"]
    click.echo(table(head, rows))


@main.command()
@click.argument("folder", type=FOLDER)
@click.option("--backbone", default="efficientnet_lite0")
@click.option("--pixels", default=128)
@click.option("--epochs", default=3)
@click.option("--weights", type=FOLDER)
@click.option("--cache", type=Path, default=Path("features.sqlite"))
def tuning(
    folder: Path, backbone: str, pixels: int, epochs: int, weights: Path | None, cache: Path
) -> None:
    """Everything is taught, with one option changed each time; on the photographs to validate."""
    usual = TrainOptions(mode="head+full", epochs=epochs, pixels=pixels)
    ways = {
        "head alone": replace(usual, mode="head"),
        "as it is": usual,
        "full, without a head first": replace(usual, mode="full"),
        "rate x 3": replace(usual, lr=3 * RATE),
        "rate / 3": replace(usual, lr=RATE / 3),
        "all stages alike": replace(usual, layer_decay=1.0),
        "layer decay 0.5": replace(usual, layer_decay=0.5),
        "no mixup": replace(usual, mixup=0.0),
        "mixup 0.4": replace(usual, mixup=0.4),
        "no label smoothing": replace(usual, label_smoothing=0.0),
        "no averaging of weights": replace(usual, ema=0.0),
        "weight decay 0": replace(usual, weight_decay=0.0),
    }
    kept = Cache(cache)
    examples = outcome(prepare(folder, 0, kept)).examples
    rows = []
    for name, options in ways.items():
        started = time.monotonic()
        base = load_trunk(backbone, Weights(weights, cache.parent), pixels)
        *_, last = train(examples, base, options, pick_device("cpu"), kept)
        assert last.trained is not None
        judgement = last.trained().judgement
        assert judgement is not None
        report = judgement.report
        rows.append([name, f"{report.top1:.2%}", f"{report.log_loss:.4f}", f"{report.ece:.2%}",
                     f"{time.monotonic() - started:.0f}"])  # fmt: skip
        click.echo(json.dumps(rows[-1]), err=True)
    click.echo(table(["way", "right", "log loss, nats", "calibration error", "seconds"], rows))


if __name__ == "__main__":
    main()
