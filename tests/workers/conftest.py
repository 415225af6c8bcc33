"""A workshop on the test's server and store, and pictures to paint."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from workers.artifacts import FolderStore
from workers.jobs import Job
from workers.ledger import Ledger
from workers.settings import WorkerSettings
from workers.workshop import Workshop


@pytest.fixture
def shop(ledger: Ledger, store: FolderStore, tmp_path: Path, valkey_url: str) -> Workshop:
    settings = WorkerSettings(redis_url=valkey_url, data=tmp_path, artifacts=store.root)
    return Workshop(settings, ledger, store)


@pytest.fixture
def art_job(store: FolderStore) -> Job:
    """A small painting, its pictures in the store, not yet handed in."""
    return make_art_job(store)


def make_art_job(store: FolderStore, **options: object) -> Job:
    empty = Job(owner="ann", options={"painter": "light", "size": 64, **options}, inputs={})
    keys = {name: f"{empty.folder}/{name}.jpg" for name in ("content", "style-0")}
    for name, key in keys.items():
        picture = photograph() if name == "content" else stripes()
        store.write(key, lambda file, picture=picture: picture.save(file, "JPEG"))
    return Job(owner=empty.owner, id=empty.id, options=empty.options, inputs=keys)


def photograph() -> Image.Image:
    """A house on a hill under the sun: 96 x 72 px."""
    picture = Image.linear_gradient("L").resize((96, 72)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((60, 6, 84, 30), fill="gold")
    draw.rectangle((18, 34, 48, 64), fill="firebrick")
    draw.polygon(((12, 34), (33, 16), (54, 34)), fill="sienna")
    return picture


def stripes() -> Image.Image:
    picture = Image.new("RGB", (96, 96), "navy")
    draw = ImageDraw.Draw(picture)
    for place in range(-96, 96, 12):
        draw.line((place, 0, place + 96, 96), fill="orange", width=5)
    return picture
