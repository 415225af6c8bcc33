"""Specimens in composed scenes, and heat inside them: `python -m benchmarks.specimens --help`.

Constants were chosen on seeds below 600, and on the other half of the photographs,
but our own cat and nautilus are in both halves. Seeds from 1000 to 8000 were looked at
while the method still changed.
"""

import time
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import click

from benchmarks import choices
from benchmarks.records import Record, Records
from benchmarks.tables import table
from models.threads import share_the_cores

if TYPE_CHECKING:
    from benchmarks.scenes import Planted, Source
    from models.species.answers import Answer
    from models.species.classifier import Classifier

FIRST = 9000
"""Seed of the first scene; that of the first with one specimen is as much again."""
FOUND = 0.5
"""IoU above which a specimen is found."""
NARROW = "family", "genus", "species"
"""Ranks of an answer that can be right."""


@click.command()
@click.option("--scenes", type=int, default=60, show_default=True, help="Of either kind.")
@click.option("--data", type=choices.FOLDER, help="Folder with species/ and pictures/content/.")
@choices.device
@choices.records
def main(scenes: int, data: Path | None, device: str, output: Path | None) -> None:
    """Find and name the specimens of held-out scenes; without data, of our own photographs."""
    share_the_cores()  # before anything loads torch
    from benchmarks.scenes import OWN, grounds, sources
    from models.devices import pick_device
    from models.species.classifier import load_classifier
    from models.species.registry import DEFAULT, Registry

    classifier = load_classifier(Registry(Path("/nowhere")).get(DEFAULT), pick_device(device))
    laid = sources(data / "species", held_out=True) if data else list(OWN)
    behind = grounds(data / "pictures" / "content") if data else grounds()
    records, found = Records(output), []
    for kind, first, measure in (("specimens", FIRST, several), ("heat", 2 * FIRST, alone)):
        for seed in range(first, first + scenes):
            key: Record = {"kind": kind, "seed": seed, "photographs": len(laid)}
            if (record := records.find(key)) is None:
                record = key | measure(classifier, seed, laid, behind)
                records.add(record)
            found.append(record)
    click.echo(told(found))


def several(
    classifier: "Classifier", seed: int, laid: "list[Source]", behind: list[Path]
) -> Record:
    """What was found of a scene's specimens, what else was, and seconds."""
    from benchmarks.scenes import compose
    from models.species.boxes import iou
    from models.species.specimens import specimens

    scene = compose(seed, laid, behind)
    begun = time.perf_counter()
    found = specimens(classifier, scene.picture, 1)
    seconds = time.perf_counter() - begun
    planted: list[Record] = []
    used: set[int] = set()
    for specimen in scene.planted:
        on_it = [k for k, each in enumerate(found) if iou(each.box, specimen.box) > FOUND]
        used |= set(on_it)
        right = any(is_right(found[k].answer, specimen, classifier) for k in on_it)
        planted.append({"name": specimen.name, "cut": specimen.cut, "found": bool(on_it),
                        "right": right})  # fmt: skip
    return {
        "background": scene.background, "planted": planted, "false": len(found) - len(used),
        "longer": max(scene.picture.size), "seconds": round(seconds, 3),
    }  # fmt: skip


def is_right(answer: "Answer", specimen: "Planted", classifier: "Classifier") -> bool:
    """Whether the answer names the specimen's taxon, or a group of it at the family or below.

    The specimen's taxon is the narrowest that the model has for it.
    """
    group = answer.rollup.taxon if answer.rollup else answer.guesses[0].taxon
    taxa = {taxon.scientific_name: taxon for taxon in classifier.card.taxa}
    return group.rank in NARROW and taxa[specimen.name].within(group)


def alone(classifier: "Classifier", seed: int, laid: "list[Source]", behind: list[Path]) -> Record:
    """The share of the heat that lies in the one specimen's box, and seconds."""
    from benchmarks.scenes import compose
    from models.species.heatmaps import heatmap

    scene = compose(seed, laid, behind, 1, 1)
    (specimen,) = scene.planted
    taxa = {taxon.scientific_name: taxon for taxon in classifier.card.taxa}
    begun = time.perf_counter()
    heat = heatmap(classifier, scene.picture, taxa[specimen.name])
    seconds = time.perf_counter() - begun
    rows, columns = heat.shape
    down, across = scene.picture.height / rows, scene.picture.width / columns
    box = specimen.box
    inside = heat[
        round(box.top / down) : round((box.top + box.height) / down),
        round(box.left / across) : round((box.left + box.width) / across),
    ]
    total = float(heat.sum())
    return {
        "background": scene.background, "name": specimen.name, "cut": specimen.cut,
        "inside": float(inside.sum()) / total if total else 0.0, "seconds": round(seconds, 3),
    }  # fmt: skip


def told(found: list[Record]) -> str:
    scenes = [record for record in found if record["kind"] == "specimens"]
    heats = [record for record in found if record["kind"] == "heat"]
    planted = [each | {"background": r["background"]} for r in scenes for each in r["planted"]]
    rows = [["all", "", *shares(planted), f"{mean(r['false'] for r in scenes):.2f}",
             f"{mean(r['inside'] for r in heats):.1%}"]]  # fmt: skip
    for by in ("background", "cut", "name"):
        for value in sorted({each[by] for each in planted}):
            false = [r["false"] for r in scenes if r.get(by) == value]
            inside = [r["inside"] for r in heats if r[by] == value]
            rows.append([
                by, value, *shares([each for each in planted if each[by] == value]),
                f"{mean(false):.2f}" if false else "—", f"{mean(inside):.1%}" if inside else "—",
            ])  # fmt: skip
    head = ["by", "", "specimens", "found", "found and right", "false boxes a scene", "heat inside"]
    large = [r["seconds"] for r in scenes if r["longer"] == 1024]
    times = f"{mean(large):.2f} s (most {max(large):.2f})" if large else "—"
    return (
        f"{table(head, rows)}\n\n{len(scenes)} scenes; a picture of 1024 px takes {times}; "
        f"a heat-map takes {mean(r['seconds'] for r in heats):.3f} s; "
        f"{mean(r['inside'] >= 0.7 for r in heats):.1%} of them have 70 % inside."
    )


def shares(planted: list[Record]) -> list[str]:
    """How many, and which share was found, and named rightly, too."""
    return [
        str(len(planted)), f"{mean(each['found'] for each in planted):.1%}",
        f"{mean(each['right'] for each in planted):.1%}",
    ]  # fmt: skip


if __name__ == "__main__":
    main()
