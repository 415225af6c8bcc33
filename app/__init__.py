"""The web: pages and REST. Nothing here loads torch; the networks live in the workers."""

from pathlib import Path

from flask import Flask
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI

from app import archives, cors, errors, keys, languages, observe, security, services
from app.api import art as api_art
from app.api import corrections as api_corrections
from app.api import datasets as api_datasets
from app.api import docs as api_docs
from app.api import jobs as api_jobs
from app.api import judged as api_judged
from app.api import models as api_models
from app.api import shares as api_shares
from app.api import species as api_species
from app.api import training as api_training
from app.api.schemas import ProblemModel
from app.facades import routes as facades
from app.pages import routes as pages
from app.settings import WebSettings
from workers.settings import WorkerSettings

ROOT = Path(__file__).parent.parent


def create_app(settings: WebSettings | None = None, workers: WorkerSettings | None = None) -> Flask:
    """The application; settings that are not given come from the environment, or `SettingError`."""
    settings = settings or WebSettings.from_env()
    workers = workers or WorkerSettings.from_env()
    app = OpenAPI(
        "app",
        info=Info(title="Merian", version="1"),
        root_path=str(ROOT),
        doc_ui=False,
        security_schemes={"key": keys.SCHEME},
        openapi_extensions={"security": [{}, {"key": []}]},
        validation_error_callback=errors.invalid_parameter,
        validation_error_model=ProblemModel,
    )
    app.config.update(
        MAX_CONTENT_LENGTH=settings.max_request,
        MAX_FORM_MEMORY_SIZE=100_000,
        MAX_FORM_PARTS=50,
    )
    services.install(app, settings, workers)
    observe.install(app)
    errors.install(app)
    archives.install(app)
    forms = security.install(app, settings)
    cors.install(app)
    languages.install(app)
    for api in (
        api_art, api_species, api_datasets, api_training, api_corrections, api_models, api_jobs,
        api_judged,
        api_shares,
    ):  # fmt: skip
        forms.exempt(api.blueprint)
        app.register_api(api.blueprint)
    app.register_blueprint(api_docs.blueprint)
    facades.install(app, forms)
    pages.install(app)
    return app
