"""Archives on their way in, through a real server: to the disk, and away where they break off."""

import http.client
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from workers.ledger import Ledger

HEAD = (
    b"--x\r\nContent-Disposition: form-data; name=archive; filename=a.zip\r\n"
    b"Content-Type: application/zip\r\n\r\n"
)
END = b"\r\n--x--\r\n"
FORM = {"Content-Type": "multipart/form-data; boundary=x"}


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def connection(server: Any) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=30)


def incoming(tmp_path: Path) -> list[int]:
    """The sizes of the files that are on their way."""
    return [path.stat().st_size for path in (tmp_path / "incoming").rglob("*") if path.is_file()]


@pytest.mark.stack
def test_an_upload_that_breaks_off_leaves_nothing(
    connection: http.client.HTTPConnection, server: Any, tmp_path: Path, ledger: Ledger
) -> None:
    connection.putrequest("POST", "/api/v1/datasets")
    for name, value in (FORM | {"Content-Length": "50000000"}).items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(HEAD + bytes(8_000_000))
    wait_for(lambda: sum(incoming(tmp_path)) > 1_000_000)
    connection.close()
    wait_for(lambda: not list((tmp_path / "incoming").iterdir()))
    assert ledger.newest(1) == []


@pytest.mark.stack
def test_an_upload_without_a_length_is_taken(
    connection: http.client.HTTPConnection, tmp_path: Path, ledger: Ledger
) -> None:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("rose/1.jpg", bytes(3_000_000))
    parts = [HEAD, file.getvalue(), END]
    connection.request("POST", "/api/v1/datasets", iter(parts), FORM, encode_chunked=True)
    answer = connection.getresponse()
    assert answer.status == 202, answer.read()
    (job,) = ledger.newest(9)
    assert (tmp_path / "artifacts" / job.inputs["archive"]).read_bytes() == file.getvalue()
