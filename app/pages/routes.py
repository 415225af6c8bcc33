"""The pages, one blueprint a family."""

from flask import Flask

from app import formats
from app.pages import (
    art,
    corrections,
    foretelling,
    home,
    jobs,
    judged,
    language,
    models,
    shared,
    sharing,
    sign_in,
    species,
    strengths,
    styles,
    training,
)


def install(app: Flask) -> None:
    formats.install(app)
    for family in (
        home, art, foretelling, strengths, styles, species, training, models, judged, jobs,
        corrections, language, sign_in, sharing,
    ):  # fmt: skip
        app.register_blueprint(family.pages)
    shared.install(app)
