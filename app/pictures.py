"""Pictures on their way out."""

from flask import Response, send_file

from app.services import services


def send_picture(
    key: str, media_type: str, version: str, download_name: str | None = None
) -> Response:
    """The artifact as an answer that only its owner's browser sees and nobody keeps.

    `version` changes when the picture does. A browser saves it under `download_name`, if given.
    """
    response = send_file(
        services().store.path(key),
        mimetype=media_type,
        etag=version,
        as_attachment=download_name is not None,
        download_name=download_name,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response
