"""Every view says what a key must allow, and docs/api.md says the same."""

import pytest
from flask import Flask

from app import create_app
from app.cors import is_api
from app.keys import PUBLIC, scope_of
from app.settings import WebSettings
from tests.contracts.test_docs import ROOT, rows
from workers.keys import SCOPES

OPEN = {
    "static", "api_docs.static", "probes.healthz", "probes.readyz", "metrics.metrics",
    "sign_in.form", "sign_in.enter", "sign_in.leave", "language.choose",
    "shared.show", "shared.picture", "shared.photograph", "shared.names",
}  # fmt: skip
"""All that anyone may call in any mode."""


@pytest.fixture(scope="module")
def app() -> Flask:
    return create_app(WebSettings(secret_key="x"))


def scopes_of(app: Flask) -> dict[str, str | None]:
    with app.app_context():
        return {endpoint: scope_of(endpoint) for endpoint in app.view_functions}


def test_every_view_has_a_scope_or_is_known_to_be_open(app: Flask) -> None:
    scopes = scopes_of(app)
    assert [endpoint for endpoint, scope in scopes.items() if scope is None] == []
    assert {endpoint for endpoint, scope in scopes.items() if scope == PUBLIC} == OPEN


def test_every_scope_but_the_operators_is_needed_somewhere(app: Flask) -> None:
    used = set(scopes_of(app).values())
    assert set(SCOPES) - {"metrics"} <= used


def test_the_document_tells_what_each_scope_allows(app: Flask) -> None:
    found: dict[str, set[str]] = {scope: set() for scope in SCOPES}
    with app.app_context():
        for rule in app.url_map.iter_rules():
            scope = scope_of(rule.endpoint)
            if scope in SCOPES and (is_api(rule.rule) or scope == "metrics"):
                path = rule.rule.replace("<", "{").replace(">", "}")
                methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
                found[scope] |= {f"`{method} {path}`" for method in methods}
    documented = rows((ROOT / "docs" / "api.md").read_text(), "## Keys")
    assert [row[:2] for row in documented] == [[f"`{name}`", what] for name, what in SCOPES.items()]
    for scope, _, calls in documented:
        assert set(calls.split(", ")) - {""} == found[scope.strip("`")], scope


def test_the_openapi_document_declares_keys(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json
    assert document["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert document["security"] == [{}, {"key": []}]
