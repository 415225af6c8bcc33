"""English and Spanish: which one a page speaks, and the catalogue it reads.

English sentences are the keys; `translations/en.po` has only what programs and people call by
different words. A catalogue is read as text when it is first needed: there is nothing to compile.
"""

import re
from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, g, has_request_context, request

LANGUAGES = {"en": "English", "es": "Español"}
COOKIE = "language"
FOLDER = Path(__file__).parent.parent / "translations"
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
SPOKEN = re.compile(r"[.:?!…]")
"""What a sentence has beside its values. "3 of 4" is none, and would find "Rose of Jericho"."""


def install(app: Flask) -> None:
    """Give the templates `_()`, `ngettext`, `say` and the language of the page."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(
        say=say, in_language=in_language, languages=LANGUAGES, current_language=current_language
    )
    app.after_request(_vary)


def current_language() -> str:
    """The language of this request: the reader's choice, else what the browser asks for."""
    if not has_request_context():
        return "en"
    if "language" not in g:
        chosen = request.cookies.get(COOKIE, "")
        asked = request.accept_languages.best_match(LANGUAGES, default="en")
        g.language = chosen if chosen in LANGUAGES else asked
    return str(g.language)


def gettext(message: str) -> str:
    # The empty key is the catalogue's own header.
    return catalogue(current_language()).gettext(message) if message else ""


def ngettext(one: str, many: str, number: int) -> str:
    return catalogue(current_language()).ngettext(one, many, number)


def say(sentence: str) -> str:
    """A sentence made in a lower layer, in the page's language.

    Errors arrive as finished English ("must be at least 64."); the catalogue holds their pattern
    ("must be at least %(minimum)s."), so the values in them are found again and carried over.
    """
    language = current_language()
    exact = gettext(sentence)
    if exact != sentence:
        return exact
    for pattern, message in _patterns(language):
        if found := pattern.fullmatch(sentence):
            values = {name: say(value) for name, value in found.groupdict().items()}
            return catalogue(language).gettext(message) % values
    return sentence


def in_language(words: Mapping[str, str]) -> str:
    """The words of this page's language; where there are none, the English or the first ones."""
    return words.get(current_language()) or words.get("en") or next(iter(words.values()), "")


def read_catalogue(language: str) -> Catalog:
    """What `translations/` says in `language`."""
    with (FOLDER / f"{language}.po").open("rb") as text:
        return read_po(text, locale=language)


@cache
def catalogue(language: str) -> NullTranslations:
    """The translations into `language`, ready to be asked."""
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


@cache
def _patterns(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each message with values in it, as an expression; the most particular first."""
    messages = (each.id for each in read_catalogue(language) if isinstance(each.id, str))
    with_values = [
        message
        for message in messages
        if PLACEHOLDER.search(message) and SPOKEN.search(PLACEHOLDER.sub("", message))
    ]
    return tuple((_pattern(each), each) for each in sorted(with_values, key=len, reverse=True))


def _pattern(message: str) -> re.Pattern[str]:
    """An expression that finds the values of a formatted message: every second part is a name."""
    parts = PLACEHOLDER.split(message)
    return re.compile(
        "".join(
            f"(?P<{part}>.+)" if place % 2 else re.escape(part) for place, part in enumerate(parts)
        )
    )


def _vary(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.vary.update(["Accept-Language", "Cookie"])
    return response
