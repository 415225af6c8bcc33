"""The sample pictures as the Art page shows them."""

from dataclasses import dataclass

from flask import url_for

from app.samples import Sample
from app.services import services


@dataclass(frozen=True)
class ShownSample:
    name: str
    title: str
    url: str
    thumb_url: str


def shown_samples() -> dict[str, list[ShownSample]]:
    """Those of each role, in their order."""
    rows: dict[str, list[ShownSample]] = {"content": [], "style": []}
    for sample in services().samples.values():
        rows[sample.role].append(show(sample))
    return rows


def show(sample: Sample) -> ShownSample:
    picture, thumb = (
        url_for("static", filename=f"samples/{name}") for name in (sample.file, sample.thumb)
    )
    return ShownSample(sample.name, sample.title, picture, thumb)
