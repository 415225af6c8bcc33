"""The first page: what Merian does, shown by two examples, and what the reader made last."""

import json
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, render_template

from app.keys import needs
from app.pages.cards import Card, card, together
from app.pages.samples import show as shown_sample
from app.pages.sentences import state_name
from app.security import current_owner
from app.services import services
from workers.store import StoreDown

pages = Blueprint("home", __name__)

NAMED = Path(__file__).parents[2] / "static" / "examples" / "named.json"
PHOTOGRAPH, STYLE = "chelsea", "night-over-the-lake"
"""The samples of which `static/examples` was made."""
ANSWERS = 2
"""How many guesses the example shows: the right one, and how far off the next one is."""
LATEST = 6
LOOKED_THROUGH = 24
"""Of the newest jobs, data sets and trainings among them, which have no picture."""


@pages.get("/")
@needs("read")
def show() -> str:
    said = example()
    samples = services().samples
    return render_template(
        "pages/home.html",
        photograph=samples[PHOTOGRAPH],
        content=shown_sample(samples[PHOTOGRAPH]),
        style=shown_sample(samples[STYLE]),
        answers=said["answers"][:ANSWERS],
        lineage=said["path"],
        **together(latest()),
        state_name=state_name,
    )


def latest() -> list[Card]:
    """The newest pictures of the reader; none while the store is down: the page is there."""
    with suppress(StoreDown):
        jobs, _ = services().ledger.page(current_owner(), LOOKED_THROUGH)
        return [made for made in map(card, jobs) if made.thumb][:LATEST]
    return []


@cache
def example() -> dict[str, Any]:
    """What the packaged model said of the photograph, as its job kept it."""
    said: dict[str, Any] = json.loads(NAMED.read_text("utf-8"))
    return said
