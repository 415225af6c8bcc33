"""Pl@ntNet's API, version 2 (https://my.plantnet.org/doc): a project is a species model."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request

from app.errors import Refusal
from app.facades.looking import look
from app.facades.plantnet_terms import MOST_RESULTS, Listing, Query, asked, language, organs_of
from app.keys import needs, submits
from app.languages import LANGUAGES
from app.services import services
from app.submissions import uploads_of
from models.species.card import Card
from models.species.registry import DEFAULT
from models.species.taxonomy import Taxon

blueprint = Blueprint("plantnet", __name__, url_prefix="/v2")
ADDRESSES = re.compile(r"/v2(/.*)?")
ANY = "all"
"""The project that stands for the default model."""
MOST_IMAGES = 5
UNLIMITED = 2**31 - 1
"""There is no quota: the largest number that every client can read."""


@blueprint.post("/identify/<project>")
@submits("identify")
def identify(project: str) -> Response:
    """Name what one to five images show, taken together as one observation."""
    query, card = asked(Query), card_of(project)
    images = uploads_of("images", request.files)
    if len(images) > MOST_IMAGES:
        raise Refusal("too_many_pictures", f"At most {MOST_IMAGES} can be used.", "images")
    organs = organs_of(len(images))
    said = look(images, "images", card.name, min(query.nb_results, MOST_RESULTS))
    if said["rejected"] and not query.no_reject:
        return error(HTTPStatus.NOT_FOUND, "Species not found")
    results = [result(guess) for guess in said["answers"] if guess["probability"]]
    return jsonify(
        query={
            "project": project,
            "images": [f"image-{number}" for number in range(len(images))],
            "organs": organs,
            "includeRelatedImages": query.include_related_images,
            "noReject": query.no_reject,
            "type": query.type,
        },
        predictedOrgans=[],
        language=language(),
        preferedReferential=card.name,
        bestMatch=results[0]["species"]["scientificName"] if results else "",
        results=results,
        version=card.version,
        remainingIdentificationRequests=UNLIMITED,
    )


@blueprint.get("/projects")
@needs("read")
def projects() -> Response:
    return jsonify(
        [
            {
                "id": model.card.name,
                "title": in_language(model.card.title),
                "description": in_language(model.card.description),
                "speciesCount": len(known(model.card)),
            }
            for model in services().registry.models()
        ]
    )


@blueprint.get("/projects/<project>/species")
@needs("read")
def species_of_project(project: str) -> Response:
    return listed(known(card_of(project)))


@blueprint.get("/species")
@needs("read")
def species() -> Response:
    """Those of all models together."""
    return listed(set().union(*(known(model.card) for model in services().registry.models())))


@blueprint.get("/languages")
@needs("read")
def languages() -> Response:
    return jsonify(list(LANGUAGES))


@blueprint.get("/_status")
@needs("read")
def status() -> Response:
    """Raises `StoreDown`: nothing can be identified then."""
    services().redis.ping()
    return jsonify(status="ok")


def card_of(project: str) -> Card:
    """Raises `UnknownModel`, `CardInvalid`."""
    return services().registry.get(DEFAULT if project == ANY else project).card


def result(guess: Mapping[str, Any]) -> dict[str, Any]:
    """A guess in Pl@ntNet's words. One that is no species stands where a species would."""
    return {
        "score": guess["probability"],
        "species": {
            **named(guess["scientific_name"]),
            "genus": named(guess["lineage"].get("genus", "")),
            "family": named(guess["lineage"].get("family", "")),
            "commonNames": common_names(guess["names"]),
        },
        "images": [],
        # Not null themselves: many clients ask for the id without a look whether there is one.
        "gbif": {"id": None},
        "powo": {"id": None},
    }


def named(name: str) -> dict[str, str]:
    """Our cards do not say who described a species first."""
    return {
        "scientificNameWithoutAuthor": name,
        "scientificNameAuthorship": "",
        "scientificName": name,
    }


def common_names(names: Mapping[str, str]) -> list[str]:
    return [names[language()]] if language() in names else []


def in_language(texts: Mapping[str, str]) -> str:
    return texts.get(language(), texts.get("en", ""))


def known(card: Card) -> set[Taxon]:
    """Whatever a model can answer."""
    return {taxon for taxon in card.taxon_of_class if taxon}


def listed(taxa: set[Taxon]) -> Response:
    """Those that are asked for, by name."""
    wanted = asked(Listing)
    fitting = [
        taxon
        for taxon in sorted(taxa, key=lambda taxon: taxon.scientific_name)
        if taxon.scientific_name.lower().startswith(wanted.prefix.lower())
    ]
    return jsonify([entry(taxon) for taxon in fitting[wanted.part]])


def entry(taxon: Taxon) -> dict[str, Any]:
    return {
        "id": taxon.scientific_name,
        "commonNames": common_names(taxon.names),
        "scientificNameWithoutAuthor": taxon.scientific_name,
        "scientificNameAuthorship": "",
        "genus": taxon.known_ranks.get("genus", ""),
        "family": taxon.known_ranks.get("family", ""),
        "gbifId": None,
        "powoId": None,
        "iucnCategory": None,
    }


def failure(refusal: Refusal) -> Response:
    """Pl@ntNet has no 422."""
    unprocessable = refusal.status is HTTPStatus.UNPROCESSABLE_ENTITY
    return error(HTTPStatus.BAD_REQUEST if unprocessable else refusal.status, refusal.message)


def error(status: HTTPStatus, message: str) -> Response:
    response = jsonify(statusCode=status, error=status.phrase, message=message)
    response.status_code = status
    return response
