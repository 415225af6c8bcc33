"""The pages, one blueprint a family."""

from flask import Flask

from app import formats
from app.pages import art, corrections, jobs, language, models, sign_in, species, training


def install(app: Flask) -> None:
    formats.install(app)
    for family in (art, species, training, models, jobs, corrections, language, sign_in):
        app.register_blueprint(family.pages)
