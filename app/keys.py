"""Who may call what: each view says beside its route what a key must allow.

A key comes in `Authorization: Bearer`, or in Pl@ntNet's own way; in private mode a browser may have
signed in with one. A request with a key is its owner's, whatever cookies come along.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from app import cors
from app.errors import Refusal
from app.limits import spend_wrong_key
from app.services import services
from workers.keys import SCOPES, InvalidKey, Key

PUBLIC = "public"
# Views that are not ours to mark, and the probes, which must answer whatever is wrong with keys.
PUBLIC_ENDPOINTS = ("static", "api_docs.static", "probes.healthz", "probes.readyz")
BEARER = "bearer "
SCHEME = {"type": "http", "scheme": "bearer", "description": "`merian keys new` makes a key."}
"""How the OpenAPI document describes keys."""
View = TypeVar("View", bound=Callable[..., Any])


def needs(scope: str) -> Callable[[View], View]:
    """Mark a view: a key must have this scope. Put it right above the function."""

    def mark(view: View) -> View:
        view.scope = scope  # type: ignore[attr-defined]
        return view

    if scope not in (*SCOPES, PUBLIC):
        raise ValueError(f"there is no scope {scope}")
    return mark


def submits(scope: str) -> Callable[[View], View]:
    """Mark a view that makes a job: it needs the scope, and counts as handed in."""

    def mark(view: View) -> View:
        view.submits = True  # type: ignore[attr-defined]
        return needs(scope)(view)

    return mark


def scope_of(endpoint: str | None) -> str | None:
    """What a key must allow at an endpoint; None where nobody said it, and no key will do."""
    if endpoint in PUBLIC_ENDPOINTS:
        return PUBLIC
    return getattr(current_app.view_functions.get(endpoint or ""), "scope", None)


def is_submission() -> bool:
    """Whether this request would make a job."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "submits", False)


def is_for_all() -> bool:
    """Whether anyone may make this request in any mode. OPTIONS says only which methods there are,
    and browsers ask for it without credentials."""
    return request.method == "OPTIONS" or scope_of(request.endpoint) == PUBLIC


def admit() -> Response | None:
    """Nobody without a key in private mode, and no key beyond its scopes.

    A browser that opens a page is shown where to sign in. Raises `Refusal`, `StoreDown`.
    """
    if is_for_all():
        return None
    key = current_key()
    if key is None:
        if services().settings.owner_mode != "private":
            return None
        if request.method in ("GET", "HEAD") and not cors.is_api(request.path):
            wanted = request.full_path if request.query_string else request.path
            return redirect(url_for("sign_in.form", next=wanted), 303)
        raise Refusal("key_needed")
    scope = scope_of(request.endpoint)
    if request.endpoint and not (scope and key.allows(scope)):
        raise Refusal("missing_scope")
    return None


def key_allows(scope: str) -> bool:
    """Whether this request brought a key that allows `scope`. Raises as `current_key`."""
    key = current_key()
    return key is not None and key.allows(scope)


def current_key() -> Key | None:
    """The key of this request or of its session, None where there is none.

    Raises `Refusal` (invalid_key, rate_limited), `StoreDown`.
    """
    if "key" not in g:
        text = sent_text()
        g.key = session_key() if text is None else checked(text)
    found: Key | None = g.key
    return found


def brings_key() -> bool:
    """Whether the request itself carries a key, as other sites cannot make a browser do."""
    return sent_text() is not None


def sent_text() -> str | None:
    """The key as it was sent. What others call a key in Pl@ntNet's parameter is not looked at."""
    header = request.headers.get("Authorization", "")
    if header[: len(BEARER)].lower() == BEARER:
        return header[len(BEARER) :].strip()
    if request.blueprint == "plantnet":
        theirs = request.args.get("api-key", "")
        return theirs if theirs.startswith("merian_") else None
    return None


def checked(text: str) -> Key:
    """Raises `Refusal` (invalid_key, rate_limited), `StoreDown`."""
    try:
        return services().keys.check(text)
    except InvalidKey:
        spend_wrong_key()
        raise Refusal("invalid_key") from None


def session_key() -> Key | None:
    """The key that this browser signed in with, if it still lives. Raises `StoreDown`."""
    if services().settings.owner_mode != "private" or "key" not in session:
        return None
    try:
        return services().keys.alive(str(session["key"]))
    except InvalidKey:
        session.clear()
        return None
