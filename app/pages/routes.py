"""The pages, one blueprint a family."""

from flask import Flask

from app import formats
from app.pages import art, jobs, language, models, species


def install(app: Flask) -> None:
    formats.install(app)
    for family in (art, species, models, jobs, language):
        app.register_blueprint(family.pages)
