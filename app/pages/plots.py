"""A report and a training in pictures: how sure it was, how right, and how it learned.

Each takes the record of a `models.training.metrics.Report`, or points, and the words of the page's
language, and gives one SVG without scripts and styles.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from app.formats import number, share
from app.pages.svg import Axes, element, legend, picture, rule, ticks

WIDTH, HEIGHT = 360.0, 280.0
LEFT, TOP, RIGHT, BOTTOM = 44.0, 34.0, 14.0, 46.0
LEGEND = 22.0
FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
CURVES = (("loss", "train_loss", "val_loss"), ("accuracy", "train_top1", "val_top1"))

Words = Mapping[str, str]


def reliability(report: Mapping[str, Any], words: Words) -> Markup:
    """How often it was right where it was so sure; on the diagonal it knows how good it is.

    Words: title, confidence, accuracy, photographs.
    """
    axes = Axes(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM, (0.0, 1.0), (0.0, 1.0))
    bins = report["reliability"]
    largest = max((each["n"] for each in bins), default=0)
    bars, dots = [], []
    for place, each in enumerate(bins):
        if not each["n"]:
            continue
        told = (
            f"{words['confidence']} {share(each['confidence'])}, {words['accuracy']} "
            f"{share(each['accuracy'])}, {each['n']} {words['photographs']}"
        )
        left, right = axes.x(place / len(bins)), axes.x((place + 1) / len(bins))
        top = axes.y(each["accuracy"])
        bars.append(
            element(
                "rect",
                element("title", told),
                class_="bar",
                x=left + 0.5,
                y=top,
                width=right - left - 1,
                height=axes.y(0.0) - top,
            )
        )
        radius = 2.0 + 4.0 * (each["n"] / largest) ** 0.5
        dots.append(axes.dot("", each["confidence"], each["accuracy"], radius, told))
    ideal = rule("diagonal", axes.x(0.0), axes.y(0.0), axes.x(1.0), axes.y(1.0))
    frame = axes.frame(FIFTHS, FIFTHS, (share, share), (words["confidence"], words["accuracy"]))
    return picture(WIDTH, HEIGHT, words["title"], frame, *bars, ideal, *dots)


def by_confidence(report: Mapping[str, Any], words: Words) -> Markup:
    """How right it is on the photographs of which it is surest: fewer of them to the left.

    Words: title, share, accuracy, cutoff, top1, top5.
    """
    found = [each for each in report["by_confidence"] if each["top1"] is not None]
    low = int(5 * min([each["top1"] for each in found], default=0.0)) / 5
    up = (min(low, 0.8), 1.0)
    axes = Axes(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM, (0.0, 1.0), up)
    height = ticks(*up)
    parts = [axes.frame(FIFTHS, height, (share, share), (words["share"], words["accuracy"]))]
    for key in ("top5", "top1"):
        parts.append(axes.line(key, [(each["share"], each[key]) for each in found]))
        parts += [
            axes.dot(
                key, each["share"], each[key], 2.5,
                f"{words['cutoff']} {share(each['cutoff'])}: {share(each['share'])}, "
                f"{words[key]} {share(each[key])}",
            )
            for each in found
        ]  # fmt: skip
    names = [(key, words[key]) for key in ("top1", "top5")]
    parts.append(legend(axes.x(0.5), HEIGHT + LEGEND - 8, names))
    return picture(WIDTH, HEIGHT + LEGEND, words["title"], *parts)


def curves(points: Sequence[Mapping[str, Any]], words: Words) -> Markup:
    """Loss above and accuracy below, epoch by epoch: train_loss, val_loss, train_top1, val_top1.

    Each point has its epoch and what is known of the others. Words: title, epoch, loss, accuracy,
    training, validation.
    """
    height, gap = 150.0, 52.0
    epochs = [float(point["epoch"]) for point in points] or [0.0]
    across = (min(epochs), max(max(epochs), min(epochs) + 1))
    parts = []
    for place, (word, *keys) in enumerate(CURVES):
        lines = {
            key: [(float(point["epoch"]), float(point[key])) for point in points
                  if point.get(key) is not None]
            for key in keys
        }  # fmt: skip
        highest = max((y for line in lines.values() for _, y in line), default=1.0)
        up = (0.0, 1.0 if word == "accuracy" else 1.05 * highest or 1.0)
        axes = Axes(LEFT, TOP + place * (height + gap), WIDTH - LEFT - RIGHT, height, across, up)
        written = (lambda epoch: number(round(epoch)), share if word == "accuracy" else number)
        below = words["epoch"] if place else ""
        whole = [epoch for epoch in ticks(*across, 6) if epoch == round(epoch)]
        parts.append(axes.frame(whole, ticks(*up), written, (below, words[word])))
        kinds = zip(("train", "val"), keys, strict=True)
        parts += [axes.line(kind, lines[key]) for kind, key in kinds if lines[key]]
    names = [("train", words["training"]), ("val", words["validation"])]
    total = TOP + 2 * height + gap + BOTTOM + LEGEND
    parts.append(legend((LEFT + WIDTH - RIGHT) / 2, total - 8, names))
    return picture(WIDTH, total, words["title"], *parts)
