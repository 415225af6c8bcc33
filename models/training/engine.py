"""Training: look at the photographs, teach the last layer, teach everything, measure.

`train` is a generator of steps. Each can give what there is by then (`trained`), so that whoever
leaves early keeps the best so far.
"""

import copy
import hashlib
import json
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Protocol

import torch
from torch.nn import functional as F

from models.devices import one_thread
from models.species.familiarity import Familiarity
from models.species.trunks import Pretrained, digest_of
from models.training import ranks
from models.training.cache import Cache
from models.training.dataset import NOTHING, SPLITS
from models.training.examples import Example
from models.training.features import look
from models.training.head import Head, teach_head
from models.training.judging import Held, Judgement, judged
from models.training.network import Network
from models.training.options import TrainOptions
from models.training.results import Epoch, Step, Trained
from models.training.strangeness import teach_familiarity
from models.training.tuning import Tuning, epochs_of

VIEWS, PLAIN = 4, 2
"""Views of a photograph that the last layer learns from; those that a classifier looks at."""
ENOUGH = 20
"""Photographs of a class, in the median, from which on everything is taught if nothing is said."""
LEARNING = 3.0
"""What it costs to learn from a picture, in looks at one."""
CHECKPOINT_SECONDS = 60.0


class Checkpoints(Protocol):
    """Where the state of a training is kept, so that another process can go on with it."""

    def load(self) -> dict[str, Any] | None: ...

    def save(self, state: dict[str, Any]) -> None: ...


def train(
    examples: Sequence[Example],
    base: Pretrained,
    options: TrainOptions,
    device: torch.device,
    cache: Cache | None = None,
    checkpoints: Checkpoints | None = None,
) -> Iterator[Step]:
    """Teach `base` the labels of the examples; some must be in the split train.

    Raises `FeaturesMissing`, `PictureError`.
    """
    lesson = Lesson(examples, base, options, device, cache, checkpoints)
    yield from lesson.look()
    yield from lesson.teach_the_head()
    yield from lesson.teach_everything()
    yield from lesson.measure()


def mode_for(mode: str, learnt_from: Sequence[Example]) -> str:
    """What auto comes down to for so many photographs."""
    if mode == "refit":
        return "head"
    if mode != "auto":
        return mode
    counts = Counter(example.label for example in learnt_from).values()
    return "head+full" if median(counts) >= ENOUGH else "head"


@dataclass(frozen=True)
class Best:
    """The network that did best on the photographs to choose by."""

    head: Head
    state: dict[str, torch.Tensor] | None
    """Of the whole network; None where the trunk is as it was."""
    logits: torch.Tensor
    """(n, classes) of the photographs to choose by, the mean over their views."""
    right: float
    loss: float


class Lesson:
    """One training as it goes on."""

    def __init__(
        self, examples: Sequence[Example], base: Pretrained, options: TrainOptions,
        device: torch.device, cache: Cache | None, checkpoints: Checkpoints | None,
    ) -> None:  # fmt: skip
        self.examples, self.base, self.options, self.device = examples, base, options, device
        self.cache, self.checkpoints = cache, checkpoints
        self.labels = tuple(sorted({example.label for example in examples}))
        self.parts = {split: [each for each in examples if each.split == split] for split in SPLITS}
        self.mode = mode_for(options.mode, self.parts["train"])
        self.network = Network(base.trunk.requires_grad_(False), len(self.labels)).to(device)
        # A last layer that learns on afterwards need not be the best of all; and of photographs
        # that are not here any more, the plain views alone are sure to be known.
        self.views = VIEWS if self.mode == "head" and options.mode != "refit" else PLAIN
        self.features: dict[str, torch.Tensor] = {}
        self.familiarity: Familiarity | None = None
        self.judgement: Judgement | None = None
        self.curves: list[Epoch] = []
        self.latest: Best
        self.best: Best | None = None
        self.untouched: dict[str, torch.Tensor] | None = None
        """Of the trunk, as it was before everything learnt."""
        self.began, self.before = time.monotonic(), 0.0
        self.done, self.work = 0.0, self._work()

    def look(self) -> Iterator[Step]:
        """What the network sees in each photograph before it has learnt anything."""
        if self.mode != "full":
            yield from self._look("Looking at the photographs", self.views)

    def teach_the_head(self) -> Iterator[Step]:
        """The last layer, on what was seen."""
        if self.mode == "full":
            return
        seen, truth = self._deep("train"), self._truth("train")
        with one_thread(self.device):
            for each in teach_head(seen, truth, len(self.labels), self.options):
                self._compare(each.head, None, each.head.logits(self._deep("val")).mean(1))
                self._note("head", each.epoch, each.loss)
                yield self._step("Teaching the last layer", each.epoch, each.epochs)
        assert self.best is not None
        self.network.wear(self.best.head)

    def teach_everything(self) -> Iterator[Step]:
        """The whole network; what another process did before it failed is not done again."""
        if self.mode not in ("full", "head+full"):
            return
        self.untouched = copy.deepcopy(self.network.trunk.state_dict())
        self.network.requires_grad_(True)
        tuning = Tuning(
            self.network, self.parts["train"], self.base.preprocessing, self.options, self.device,
            self.labels, fresh=self.mode == "full",
        )  # fmt: skip
        losses = self._resume(tuning)
        saved = time.monotonic()
        for each in tuning if not self._is_stale() else ():
            losses.append(each.loss)
            self.done += LEARNING * len(self.parts["train"]) / tuning.batches
            if each.ends_epoch:
                yield from self._examine(tuning)
                self._note("full", each.epoch, sum(losses) / len(losses))
                losses = []
            if each.ends_epoch or time.monotonic() - saved > CHECKPOINT_SECONDS:
                self._save(tuning, losses)
                saved = time.monotonic()
            yield self._step("Teaching everything", each.step, each.steps)
            if each.ends_epoch and self._is_stale():
                break
        self.network.requires_grad_(False)

    def measure(self) -> Iterator[Step]:
        """Calibrate on what was chosen by, and measure on what was not touched until now."""
        best = self._best()
        self._put_on(self.network, best)
        if best.state is not None:
            yield from self._look("Measuring", PLAIN)
        living = [not label.startswith(NOTHING) for label in self.labels]
        with one_thread(self.device):
            plain = self.features["train"][:, :PLAIN]
            deepest = self.network.trunk.channels
            self.familiarity = teach_familiarity(plain, deepest, self._truth("train"), living)
        val, test = self._held("val", best.head), self._held("test", best.head)
        self.judgement = judged(self.labels, val, test, self.options.seed)
        self.done = self.work
        yield self._step("Measuring", 1, 1)

    def trained(self) -> Trained:
        """What there is by now; before all was measured, judged by what it was chosen by."""
        best, network = self._best(), self.network
        if self.judgement is None:  # it may be learning on
            network = copy.deepcopy(network)
            self._put_on(network, best)
        groups = [each.group for each in self.parts["val"]]
        provisional = Held.of(best.logits, self._truth("val"), groups, None)
        return Trained(
            backbone=self.base.name, preprocessing=self.base.preprocessing, network=network,
            familiarity=self.familiarity, labels=self.labels, examples=self.examples,
            judgement=self.judgement or judged(self.labels, provisional, None, self.options.seed),
            curves=tuple(self.curves), mode=self.mode,
            seconds=self._seconds(),
        )  # fmt: skip

    def _look(self, message: str, views: int) -> Iterator[Step]:
        """Features of all photographs: from the cache, or by a look."""
        how, trunk = self.base.preprocessing, self.network.trunk
        widths = f"{trunk.channels}+{trunk.half_channels}"
        identity = f"{digest_of(trunk)[:32]} {how.pixels} {how.share:g} {widths}"
        for split, part in self.parts.items():
            several = views if split == "train" else PLAIN
            looking = look(self.network, how, identity, part, several, self.cache, self.device)
            self.features[split] = yield from self._told(looking, message, len(part), several)

    def _examine(self, tuning: Tuning) -> Iterator[Step]:
        """Whether the network as it is by now is the best so far."""
        kept, part = tuning.kept, self.parts["val"]
        looking = look(kept, self.base.preprocessing, "", part, PLAIN, None, self.device)
        features = yield from self._told(looking, "Teaching everything", len(part), PLAIN)
        head = Head(kept.head.weight.detach().clone(), kept.head.bias.detach().clone())
        deep = features[..., : kept.trunk.channels]
        self._compare(head, copy.deepcopy(kept.state_dict()), head.logits(deep).mean(1))

    def _told(
        self,
        looking: Generator[int, None, torch.Tensor],
        message: str,
        photographs: int,
        views: int,
    ) -> Generator[Step, None, torch.Tensor]:
        """The features, and on the way how many photographs are done."""
        begun = self.done
        while True:
            try:
                count = next(looking)
            except StopIteration as found:
                self.done = begun + photographs * views
                features: torch.Tensor = found.value
                return features
            self.done = begun + count * views
            yield self._step(message, count, photographs)

    def _compare(
        self, head: Head, state: dict[str, torch.Tensor] | None, logits: torch.Tensor
    ) -> None:
        """Keep the network if it is better than the best so far, or nothing tells them apart."""
        truth = self._truth("val")
        right, loss = 0.0, 0.0
        if len(truth):
            right = float((logits.argmax(1) == truth).float().mean())
            loss = float(F.cross_entropy(logits, truth))
        self.latest = Best(head, state, logits, right, loss)
        if self.best is None or (right, -loss) >= (self.best.right, -self.best.loss):
            self.best = self.latest

    def _note(self, phase: str, epoch: int, loss: float) -> None:
        """Another point of the curves."""
        known = bool(self.parts["val"])
        self.curves.append(
            Epoch(
                phase, epoch, round(loss, 5), round(self.latest.loss, 5) if known else None,
                round(self.latest.right, 5) if known else None, self._seconds(),
            )
        )  # fmt: skip

    def _is_stale(self) -> bool:
        """Whether patience is at its end: so many epochs of the whole network since its best."""
        full = [each for each in self.curves if each.phase == "full"]
        scores = [(each.val_top1 or 0.0, -(each.val_loss or 0.0)) for each in full]
        if not scores or not self.options.patience:
            return False
        return len(scores) - 1 - scores.index(max(scores)) >= self.options.patience

    def _step(self, message: str, step: int, steps: int) -> Step:
        losses = {}
        if self.curves:
            losses = {"train": self.curves[-1].train_loss}
            if self.curves[-1].val_loss is not None:
                losses["val"] = self.curves[-1].val_loss
        ready = self.trained if self.best is not None else None
        fraction = min(1.0, self.done / self.work)
        return Step(message, step, steps, fraction, losses, tuple(self.curves), ready)

    def _best(self) -> Best:
        assert self.best is not None
        return self.best

    def _put_on(self, network: Network, best: Best) -> None:
        """Give a network the weights of the best one."""
        if best.state is not None:
            network.load_state_dict(best.state)
            return
        if self.untouched is not None:
            network.trunk.load_state_dict(self.untouched)
        network.wear(best.head)

    def _held(self, split: str, head: Head) -> Held:
        features = self.features[split]
        known = None
        if self.familiarity is not None:
            known = self.familiarity(features.flatten(0, 1), self.network.trunk.channels)
        return Held.of(
            head.logits(self._deep(split)).mean(1), self._truth(split),
            [each.group for each in self.parts[split]],
            None if known is None else known.view(features.shape[:2]).mean(1),
        )  # fmt: skip

    def _deep(self, split: str) -> torch.Tensor:
        """The features that the last layer looks at, (N, views, C)."""
        return self.features[split][..., : self.network.trunk.channels]

    def _truth(self, split: str) -> torch.Tensor:
        numbers = [self.labels.index(each.label) for each in self.parts[split]]
        return torch.tensor(numbers, dtype=torch.long, device=self.device)

    def _seconds(self) -> float:
        return round(self.before + time.monotonic() - self.began, 1)

    def _work(self) -> float:
        """What all of it costs, in looks at a picture."""
        counts = {split: len(part) for split, part in self.parts.items()}
        others = PLAIN * (counts["val"] + counts["test"])
        looks = 0.0 if self.mode == "full" else self.views * counts["train"] + others
        if self.mode == "head":
            return looks
        epochs = epochs_of(self.options)
        learning = epochs * (LEARNING * counts["train"] + PLAIN * counts["val"])
        return looks + learning + PLAIN * counts["train"] + others

    def _key(self) -> str:
        """Of what may go on from one another's checkpoints."""
        known = [(each.sha256, each.label, each.split) for each in self.examples]
        told = json.dumps([self.options.as_dict(), self.base.name, known])
        return hashlib.sha256(told.encode()).hexdigest()

    def _save(self, tuning: Tuning, losses: list[float]) -> None:
        """`losses` are those of the steps of an epoch that has not ended yet."""
        if self.checkpoints is None or ranks.mine() > 0:
            return
        best = self.best
        self.checkpoints.save({
            "key": self._key(), "tuning": tuning.state(), "losses": losses, "done": self.done,
            "curves": [asdict(each) for each in self.curves], "seconds": self._seconds(),
            "best": None if best is None or best.state is None else {
                "state": best.state, "logits": best.logits,
                "right": best.right, "loss": best.loss,
            },
        })  # fmt: skip

    def _resume(self, tuning: Tuning) -> list[float]:
        """Go on where another process was; the losses so far of the epoch that it was in."""
        kept = self.checkpoints.load() if self.checkpoints else None
        if kept is None or kept["key"] != self._key():
            return []
        tuning.restore(kept["tuning"])
        self.done, self.before = kept["done"], kept["seconds"] - (time.monotonic() - self.began)
        self.curves = [Epoch(**each) for each in kept["curves"]]
        if found := kept["best"]:
            weight, bias = (found["state"][f"head.{part}"] for part in ("weight", "bias"))
            self.best = Best(head=Head(weight.to(self.device), bias.to(self.device)), **found)
        losses: list[float] = kept["losses"]
        return losses
