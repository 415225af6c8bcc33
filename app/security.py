"""Who owns which pictures, what other sites may do, and the headers that every answer carries."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect

from app import address, cors, keys, limits
from app.errors import Refusal
from app.services import services
from app.settings import WebSettings
from workers.jobs import Job
from workers.ledger import JobNotFound

SHARED_OWNER = "local"
YEAR = 365 * 24 * 3600
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: forms sent over https are checked by their referrer too.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
POLICY = (
    "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; img-src 'self' data: blob:; "
    "script-src 'self' 'nonce-{nonce}'; style-src 'self'"
)


class CookieOverEither(SecureCookieSessionInterface):
    """Session cookies that are Secure exactly where the page came over https."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def install(app: Flask, settings: WebSettings) -> CSRFProtect:
    """Cookies, host names, forms, headers. Returns the form protection, to exempt the API from."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="merian",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=400 * 24 * 3600,  # the most that browsers allow
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open as long as its cookie lives
    )
    app.session_interface = CookieOverEither()
    app.jinja_env.globals.update(csp_nonce=csp_nonce, signed_in=signed_in)
    address.install(app, settings.proxies)
    limits.install(app)
    # Each of these before the body is read.
    app.before_request(refuse_unknown_host)
    app.before_request(keys.admit)
    app.before_request(refuse_other_sites)
    app.before_request(limit_rate)
    app.after_request(add_headers)
    return CSRFProtect(app)


def current_owner() -> str:
    """Whose pictures this request is about; a browser that is new gets a name of 128 bits.

    Raises `Refusal` in private mode where there is no key.
    """
    if services().settings.owner_mode == "shared":
        return SHARED_OWNER
    if key := keys.current_key():
        return key.owner
    if services().settings.owner_mode == "private":
        raise Refusal("key_needed")
    if "owner" not in session:
        session["owner"] = secrets.token_hex(16)
        session.permanent = True
    return str(session["owner"])


def owned_job(id: str) -> Job:
    """The job, if it is this owner's; another's is as unknown as none. Raises `JobNotFound`."""
    job = services().ledger.get(id)
    if job.owner != current_owner():
        raise JobNotFound(id)
    return job


def signed_in() -> bool:
    """Whether this browser has signed in to a private Merian."""
    return services().settings.owner_mode == "private" and "key" in session


def limit_rate() -> None:
    """Raises `Refusal` (rate_limited); `StoreDown` where a job would be handed in."""
    if keys.is_for_all():
        return
    key = keys.current_key()
    if not keys.is_submission():
        limits.spend_read(key.id if key else None)
    elif key:
        limits.spend_submission(key.owner, keyed=True)
    else:
        limits.spend_submission(session.get("owner"), keyed=False)


def refuse_unknown_host() -> None:
    """A page elsewhere whose name is made to point here (DNS rebinding) calls us by that name.

    Flask's TRUSTED_HOSTS would do, but knows no IPv6 addresses.
    """
    trusted = services().settings.trusted_hosts
    name = urlsplit(f"//{request.host}").hostname or ""
    if trusted and not any(is_called(name, each.lower()) for each in trusted):
        raise Refusal("unknown_host")


def is_called(name: str, trusted: str) -> bool:
    if trusted.startswith("."):
        return name == trusted[1:] or name.endswith(trusted)
    return name == trusted.strip("[]")


def refuse_other_sites() -> None:
    """A browser says itself whether another site made it call; the APIs have no form tokens.

    A site that may use the APIs is let through where it uses nobody's cookie, and so is whoever
    knows a key: that is nothing which a browser would send by itself.
    """
    if request.method in SAFE_METHODS or keys.brings_key():
        return
    if (
        cors.is_api(request.path)
        and cors.is_welcome()
        and current_app.config["SESSION_COOKIE_NAME"] not in request.cookies
    ):
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None and site not in ("same-origin", "none"):
        raise Refusal("cross_site")
    if site is None and origin is not None and urlsplit(origin).netloc != request.host:
        raise Refusal("cross_site")


def csp_nonce() -> str:
    """What a script written into this page must carry to run."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}")
    response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=csp_nonce()))
    return response
