"""Training: look at the photographs, teach the last layer, teach everything, measure.

`train` is a generator of steps. Each can give what there is by then (`trained`), so that whoever
leaves early keeps the best so far.
"""

import copy
import hashlib
import json
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from statistics import median

import torch

from models.checkpoints import Checkpoints, Keeper, State
from models.devices import one_thread
from models.species.familiarity import Familiarity
from models.species.trunks import Pretrained, digest_of
from models.steps import told
from models.training import ranks
from models.training.cache import Cache, Features
from models.training.choosing import Candidate, Choice
from models.training.dataset import NOTHING, SPLITS
from models.training.examples import Example
from models.training.features import look
from models.training.head import Head, teach_head
from models.training.judging import Held, Judgement, judged
from models.training.network import Network
from models.training.options import TrainOptions
from models.training.results import Step, Trained
from models.training.strangeness import teach_familiarity
from models.training.tuning import Tuning, epochs_of

VIEWS, PLAIN = 4, 2
"""Views of a photograph that the last layer learns from; those that a classifier looks at."""
ENOUGH = 20
"""Photographs of a class, in the median, from which on everything is taught if nothing is said."""
LEARNING = 2.25
"""What it costs to learn from a picture, which is smaller then, in looks at one: of a ResNet-50."""
SAVING = 0.05
"""The most of the time that checkpoints may take. A ResNet-50's is 377 MB or more."""


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


class Lesson:
    """One training as it goes on."""

    def __init__(
        self, examples: Sequence[Example], base: Pretrained, options: TrainOptions,
        device: torch.device, cache: Cache | None, checkpoints: Checkpoints | None,
    ) -> None:  # fmt: skip
        self.examples, self.base, self.options, self.device = examples, base, options, device
        self.cache, self.keeper = cache, Keeper(checkpoints, SAVING)
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
        self.choice = Choice(self._truth("val"))
        self.untouched: dict[str, torch.Tensor] | None = None
        """Of the trunk, as it was before everything learnt."""
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
                self.choice.compare(each.head, None, each.head.logits(self._deep("val")).mean(1))
                self.choice.note("head", each.epoch, each.loss, self._seconds())
                yield self._step("Teaching the last layer", each.epoch, each.epochs)
        self.network.wear(self._best().head)

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
        losses, seen = self._resume(tuning)
        patience = self.options.patience
        if seen is not None:
            yield from self._end_epoch(tuning, losses, seen)
            losses = []
        for each in tuning if not self.choice.is_stale(patience) else ():
            losses.append(each.loss)
            self.done += LEARNING * len(self.parts["train"]) / tuning.batches
            if each.ends_epoch:
                yield from self._end_epoch(tuning, losses, [])
                losses = []
            elif self.keeper.due():
                self._save(tuning, losses)
            yield self._step("Teaching everything", each.step, each.steps)
            if each.ends_epoch and self.choice.is_stale(patience):
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
            curves=tuple(self.choice.curves), mode=self.mode,
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

    def _end_epoch(
        self, tuning: Tuning, losses: list[float], seen: list[Features]
    ) -> Iterator[Step]:
        """Examine the network as it is by now: `seen` are the features that are known already.

        Looking takes long, and so what was seen is saved on the way, too.
        """
        begun = self.done
        for step in self._examine(tuning, seen):
            if self.keeper.due():
                self._save(tuning, losses, begun, seen)
            yield step
        epoch = tuning.step // tuning.batches
        self.choice.note("full", epoch, sum(losses) / len(losses), self._seconds())
        self._save(tuning, [])

    def _examine(self, tuning: Tuning, seen: list[Features]) -> Iterator[Step]:
        """Whether the network as it is by now is the best so far."""
        kept, part = tuning.kept, self.parts["val"]
        looking = look(kept, self.base.preprocessing, "", part, PLAIN, None, self.device, seen)
        features = yield from self._told(looking, "Teaching everything", len(part), PLAIN)
        head = Head(kept.head.weight.detach().clone(), kept.head.bias.detach().clone())
        deep = features[..., : kept.trunk.channels]
        self.choice.compare(head, copy.deepcopy(kept.state_dict()), head.logits(deep).mean(1))

    def _told(
        self,
        looking: Generator[int, None, torch.Tensor],
        message: str,
        photographs: int,
        views: int,
    ) -> Generator[Step, None, torch.Tensor]:
        """The features, and on the way how many photographs are done."""
        begun = self.done

        def tell(count: int) -> Step:
            self.done = begun + count * views
            return self._step(message, count, photographs)

        features = yield from told(looking, tell)
        self.done = begun + photographs * views
        return features

    def _step(self, message: str, step: int, steps: int) -> Step:
        losses, curves = {}, tuple(self.choice.curves)
        if curves:
            losses = {"train": curves[-1].train_loss}
            if curves[-1].val_loss is not None:
                losses["val"] = curves[-1].val_loss
        ready = self.trained if self.choice.best is not None else None
        return Step(message, step, steps, min(1.0, self.done / self.work), losses, curves, ready)

    def _best(self) -> Candidate:
        assert self.choice.best is not None
        return self.choice.best

    def _put_on(self, network: Network, best: Candidate) -> None:
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
        return round(self.keeper.seconds, 1)

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
        told = json.dumps([
            self.device.type, self.options.as_dict(), self.base.name, known,
        ])  # fmt: skip
        return hashlib.sha256(told.encode()).hexdigest()

    def _save(
        self, tuning: Tuning, losses: list[float], done: float | None = None,
        seen: list[Features] | None = None,
    ) -> None:  # fmt: skip
        """Keep what is here. `losses`: of an epoch that has not ended yet.

        While its network is examined, `seen` is what was seen so far, and `done` how far it was
        before. Of several processes that share the looking, the one that saves has seen a part.
        """
        if ranks.mine() > 0:
            return
        alone = seen is not None and ranks.count() == 1
        state: State = {
            "tuning": tuning.state(), "losses": losses,
            "done": self.done if done is None else done, "choice": self.choice.state(),
            "seen": None if seen is None else [torch.from_numpy(each) for each in seen if alone],
        }  # fmt: skip
        self.keeper.save(min(1.0, self.done / self.work), state)

    def _resume(self, tuning: Tuning) -> tuple[list[float], list[Features] | None]:
        """Go on where another process was: the losses so far of the epoch that it was in.

        Also what it had seen, if it was examining that epoch's network; else None.
        """
        kept = self.keeper.load(self._key())
        if kept is None:
            return [], None
        tuning.restore(kept["tuning"])
        self.choice.restore(kept["choice"])
        self.done = kept["done"]
        seen = kept["seen"]
        return list(kept["losses"]), seen and [each.numpy() for each in seen]
