"""Files on their way in: straight to the disk; archives may be larger than other requests."""

import secrets
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import IO, ParamSpec, TypeVar

from flask import Flask, current_app, request
from flask.wrappers import Request as FlaskRequest

from app.errors import Refusal
from app.incoming import Incoming
from app.services import services
from app.settings import MEGABYTE
from app.submissions import Files, uploads_of

FIELD = "archive"
Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def takes_archive(view: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Mark a view whose requests may bring an archive."""
    view.takes_archive = True  # type: ignore[attr-defined]
    return view


class Request(FlaskRequest):
    """Every file that comes is written to a folder in MERIAN_DATA.

    Else it would stay in memory or go to the system's folder for temporary files, which often has
    no room for gigabytes, or is memory itself.
    """

    @property
    def takes_archive(self) -> bool:
        if self.mimetype != "multipart/form-data":  # what else there is would be read into memory
            return False
        view = current_app.view_functions.get(self.endpoint or "")
        return getattr(view, "takes_archive", False)

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        file = Incoming(self._folder / secrets.token_hex(8), services().room)
        self._leaving.callback(file.close)  # also where the form breaks off and no one else does
        return file

    @cached_property
    def _leaving(self) -> ExitStack:
        return ExitStack()

    @cached_property
    def _folder(self) -> Path:
        """It goes when the request is answered, or breaks off."""
        return self._leaving.enter_context(services().room.held())

    def close(self) -> None:
        super().close()
        self._leaving.close()


def install(app: Flask) -> None:
    """Before whatever reads forms, such as their protection."""
    app.request_class = Request
    app.before_request(limit_body)


def limit_body() -> None:
    """Raises `Refusal` before anything is read."""
    if getattr(request, "takes_archive", False):
        request.max_content_length = services().workers.max_dataset + MEGABYTE
        if (request.content_length or 0) > request.max_content_length:
            raise too_large()
    elif request.mimetype != "multipart/form-data":
        # It would be read into memory whole; a form of 64 MB of "a&a&a" becomes gigabytes there.
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


def received_archive(files: Files) -> Path | None:
    """The file of the one archive that was sent, None where none was. Raises `Refusal`."""
    for field in files:
        if field != FIELD:
            raise Refusal("invalid_option", f"{field} is not a field for a picture.", field)
    uploads = uploads_of(FIELD, files)
    if not uploads:
        return None
    if len(uploads) > 1:
        raise Refusal("not_an_archive", "Send one archive.", FIELD)
    uploads[0].stream.flush()
    archive = Path(str(uploads[0].stream.name))
    if archive.stat().st_size > services().workers.max_dataset:
        raise too_large()
    if not zipfile.is_zipfile(archive):
        raise Refusal("not_an_archive", field=FIELD)
    return archive


def too_large() -> Refusal:
    most = services().workers.max_dataset_mb
    return Refusal("too_large", f"The archive is larger than {most} MB.", FIELD)
