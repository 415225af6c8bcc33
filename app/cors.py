"""Pages of the sites in MERIAN_CORS_ORIGINS may use the APIs (https://fetch.spec.whatwg.org).

Never with cookies: nothing here lets a browser send them or show what was answered to them.
"""

from flask import Flask, Response, request

from app.services import services

PREFLIGHT_SECONDS = 600


def install(app: Flask) -> None:
    app.after_request(add_headers)


def is_api(path: str) -> bool:
    """Whether programs call this address: /api/v1, or a façade."""
    return path == "/api" or path.startswith(("/api/", "/v2/"))


def is_welcome() -> bool:
    """Whether a page of a site that may use the APIs makes this request."""
    origins = services().settings.cors_origins
    origin = request.headers.get("Origin", "")
    return bool(origin) and ("*" in origins or origin in origins)


def add_headers(response: Response) -> Response:
    origins = services().settings.cors_origins
    if not origins or not is_api(request.path):
        return response
    if "*" not in origins:
        response.vary.add("Origin")  # a cache must not show one site what was meant for another
    if is_welcome():
        allowed = "*" if "*" in origins else request.headers["Origin"]
        response.headers["Access-Control-Allow-Origin"] = allowed
        response.headers["Access-Control-Expose-Headers"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
            response.headers["Access-Control-Allow-Headers"] = "*, Authorization"
            response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response
