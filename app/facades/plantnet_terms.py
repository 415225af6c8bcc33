"""What a request asks of Pl@ntNet's API: parameters by the names that it has for them."""

from dataclasses import dataclass
from typing import TypeVar

from flask import request

from app.errors import Refusal
from app.languages import LANGUAGES
from models.options import InvalidOption, Option, Options, option

MOST_RESULTS = 20
SPELLED = {
    "nb_results": "nb-results",
    "no_reject": "no-reject",
    "include_related_images": "include-related-images",
    "page_size": "pageSize",
}
# habit and other are not documented any more, but still sent.
ORGANS = ("auto", "leaf", "flower", "fruit", "bark", "habit", "other")
ORGAN = Option("organs", str, "auto", "What an image shows of the plant.", choices=ORGANS)
AnyOptions = TypeVar("AnyOptions", bound=Options)


@dataclass(frozen=True)
class Query(Options):
    """What an address may ask of an identification."""

    nb_results: int = option(MOST_RESULTS, "How many results at most.", minimum=1)
    no_reject: bool = option(False, "Answer also what had better be rejected.")
    include_related_images: bool = option(False, "Taken and not heeded: we have no images.")
    type: str = option("kt", "Taken and not heeded.", choices=("kt", "legacy"))


@dataclass(frozen=True)
class Listing(Options):
    """What an address may ask of a list of species. It has pages where both numbers are given."""

    prefix: str = option("", "How the scientific names begin.")
    page: int = option(0, "Which page, from 1 on.", minimum=0)
    page_size: int = option(0, "Species a page.", minimum=0)

    @property
    def part(self) -> slice:
        """The page in the whole list."""
        if self.page and self.page_size:
            return slice((self.page - 1) * self.page_size, self.page * self.page_size)
        return slice(None)


def asked(kind: type[AnyOptions]) -> AnyOptions:
    """Options from the address; what it says beside them is let be, as clients have more to say.

    Raises `InvalidOption` with Pl@ntNet's name.
    """
    terms = {each.name: SPELLED.get(each.name, each.name) for each in kind.describe()}
    values = {name: request.args[term] for name, term in terms.items() if term in request.args}
    try:
        return kind.parse(values)
    except InvalidOption as wrong:
        raise InvalidOption(terms[wrong.name], wrong.reason) from None


def organs_of(images: int) -> list[str]:
    """One for each image; `auto` where none is given. Raises `InvalidOption`, `Refusal`."""
    organs = [ORGAN.check(organ) for organ in request.form.getlist("organs")]
    if organs and len(organs) != images:
        raise Refusal("invalid_option", "There must be one of organs for each image, or none.")
    return organs or ["auto"] * images


def language() -> str:
    """In which language to say names: English, as where none is asked for, if we lack that one."""
    wanted = request.args.get("lang", "en")
    return wanted if wanted in LANGUAGES else "en"
