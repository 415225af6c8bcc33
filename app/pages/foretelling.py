"""The size and the time of a painting, told before it begins: in the form, and while it changes."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, request

from app.estimates import likely_seconds
from app.formats import duration, number
from app.keys import needs
from app.languages import gettext, say
from app.services import services
from models.memory import allowed
from models.options import InvalidOption
from models.style.forecast import NotEnoughMemory, forecast
from models.style.options import PaintOptions
from workers.store import StoreDown

pages = Blueprint("foretelling", __name__)

SHAPE = (4, 3)
"""Of a photograph that is not chosen yet."""
NAMES = tuple(option.name for option in PaintOptions.describe())


@pages.get("/art/forecast")
@needs("paint")
def show() -> Response:
    """The sentence for the form's entries, and the photograph's `width` and `height` in pixels."""
    sides = (request.args.get(name, 0, type=int) for name in ("width", "height"))
    width, height = (min(max(side, 0), 100_000) for side in sides)
    sentence = foretold(request.args, (width, height) if width and height else SHAPE)
    return Response(sentence, mimetype="text/plain")


def foretold(entries: Mapping[str, Any], shape: tuple[int, int] = SHAPE) -> str:
    """What a painting with these entries is likely to take; "" where they cannot be used."""
    try:
        options = PaintOptions.parse({name: entries[name] for name in NAMES if name in entries})
        ahead = forecast(options, *shape, memory=allowed(services().workers.memory_mb))
    except InvalidOption:
        return ""
    except NotEnoughMemory as error:
        return say(str(error))
    told = {
        "width": number(ahead.width),
        "height": number(ahead.height),
        "gigabytes": number(round(ahead.bytes / 1e9, 1)),
    }
    with suppress(StoreDown):
        if seconds := likely_seconds(options):
            told["duration"] = duration(seconds)
            return (
                gettext(
                    "About %(width)s × %(height)s px, %(gigabytes)s GB of memory, %(duration)s."
                )
                % told
            )
    return gettext("About %(width)s × %(height)s px, %(gigabytes)s GB of memory.") % told
