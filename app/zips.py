"""ZIP archives on their way out: made while they are sent, of files that are compressed already."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from io import RawIOBase
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from flask import Response

from workers.artifacts import ArtifactMissing

Content = Path | bytes | Callable[[], Path]
"""Of a file; one that is fetched from elsewhere is so when its turn comes."""
ZIP = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
CHUNK = 1 << 18


class Sink(RawIOBase):
    """Takes what is written, and gives it out once."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        data = b"".join(self.parts)
        self.parts.clear()
        return data


def send_zip(name: str, files: Sequence[tuple[str, Content]]) -> Response:
    """An archive to keep, `name`.zip, of files by their paths in it; stored, not compressed."""
    response = Response(zipped(files), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.zip")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def zipped(files: Sequence[tuple[str, Content]]) -> Iterator[bytes]:
    """The bytes of the archive, some at a time; without what was removed meanwhile."""
    sink = Sink()
    with ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for path, content in files:
            if isinstance(content, bytes):
                archive.writestr(path, content)
                continue
            with ExitStack() as open_files:
                try:
                    file = content() if callable(content) else content
                    source = open_files.enter_context(file.open("rb"))
                except (ArtifactMissing, FileNotFoundError):
                    continue
                entry = ZipInfo.from_file(file, path, strict_timestamps=False)
                target = open_files.enter_context(archive.open(entry, "w"))
                while chunk := source.read(CHUNK):
                    target.write(chunk)
                    yield sink.taken()
            yield sink.taken()
    yield sink.taken()
