"""Numbers, times and durations as a person reads them, in the page's language."""

import math
from datetime import UTC, datetime, timedelta

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from flask import Flask
from markupsafe import Markup

from app.languages import current_language

ROUNDING = 1e-9
GROUPED = 10_000
"""From here on digits stand in groups; "2048 px" is read at a glance, and Spanish asks for it."""


def install(app: Flask) -> None:
    for each in (number, percent, share, rate, duration, ago, since, moment):
        app.jinja_env.globals[each.__name__] = each
    app.jinja_env.filters.update(rfc3339=rfc3339, label=label)


def number(value: float) -> str:
    """Three significant digits; whole numbers as they are, in groups from five digits on."""
    if isinstance(value, int):
        pattern = "#,##0" if abs(value) >= GROUPED else "0"
        return format_decimal(value, pattern, locale=current_language())
    return format_decimal(float(f"{value:.3g}"), "0.######", locale=current_language())


def percent(fraction: float) -> str:
    """0.426 as 42 %: never 100 % before the end."""
    # 0.29 is a little less than 0.29 in binary.
    return format_percent(math.floor(fraction * 100 + ROUNDING) / 100, locale=current_language())


def rate(fraction: float) -> str:
    """A measured share to a tenth: 0.9559 as 95.6 %; 100 % only where nothing is missing."""
    tenths = min(round(fraction, 3), 0.999) if fraction < 1.0 else 1.0
    return format_percent(tenths, locale=current_language(), decimal_quantization=False)


def share(fraction: float) -> str:
    """A probability: 0.426 as 42 %, 0.004 as < 1 %."""
    return f"< {percent(0.01)}" if 0.0 < fraction < 0.01 else percent(fraction)


def duration(seconds: float) -> str:
    """ "17 seconds", "3 minutes"."""
    return format_timedelta(
        timedelta(seconds=max(1, round(seconds))), threshold=1.5, locale=current_language()
    )


def ago(moment: float) -> str:
    """How long ago `moment` (seconds since 1970) was: needs no time zone of the reader."""
    passed = timedelta(seconds=round(moment - datetime.now(UTC).timestamp()))
    passed = min(passed, timedelta(seconds=-1))
    return format_timedelta(passed, add_direction=True, locale=current_language())


def moment(seconds: float) -> str:
    """A moment (seconds since 1970) with its date, of the one time zone that is known here."""
    when = datetime.fromtimestamp(seconds, UTC)
    return format_datetime(when, "long", locale=current_language())


def since(seconds: float) -> Markup:
    """How long ago it was as an element that also tells the date."""
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        rfc3339(seconds), moment(seconds), ago(seconds)
    )


def label(name: str) -> str:
    """An option's name as it stands beside its field: style_scale as Style scale."""
    return name.replace("_", " ").capitalize()


def rfc3339(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
