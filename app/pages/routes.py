"""The pages, one blueprint a family."""

from flask import Flask

from app import formats
from app.pages import art, corrections, home, jobs, language, models, species, training


def install(app: Flask) -> None:
    formats.install(app)
    for family in (home, art, species, training, models, jobs, corrections, language):
        app.register_blueprint(family.pages)
