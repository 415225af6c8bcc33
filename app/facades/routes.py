"""The APIs of others, for whose clients Merian stands in: one blueprint each."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from app import errors
from app.facades import course, deepaas, deepaas_training, plantnet


def install(app: Flask, forms: CSRFProtect) -> None:
    # DEEPaaS first: its addresses lie among those of Pl@ntNet.
    for facade in (course, deepaas, plantnet):
        errors.write_with(app, facade.ADDRESSES, facade.failure)
    for blueprint in (
        course.blueprint,
        deepaas.blueprint,
        deepaas_training.blueprint,
        plantnet.blueprint,
    ):
        forms.exempt(blueprint)
        app.register_blueprint(blueprint)
