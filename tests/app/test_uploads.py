"""What comes in is limited and leaves nothing behind."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage

from app import uploads
from app.errors import Refusal
from app.incoming import Incoming, Room

Make = Callable[..., Any]


def upload(folder: Path, data: bytes) -> FileStorage:
    file = Incoming(folder / "upload", Room(folder, 10**9))
    file.write(data)
    return FileStorage(file, "my house.jpg")


def test_nothing_stays_of_what_came_in(app: Flask, jpeg: Make, tmp_path: Path) -> None:
    room = app.extensions["merian"].room
    with app.app_context():
        with room.held() as folder:
            picture = uploads.receive_picture(upload(folder, jpeg(96, 64)), "content")
            assert [path.name for path in folder.iterdir()] == [picture.path.name]
            assert (picture.width, picture.height) == (96, 64)
        with pytest.raises(Refusal), room.held() as folder:
            uploads.receive_picture(upload(folder, b"x"), "content")
    assert list((tmp_path / "incoming").iterdir()) == []


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    """A process that holds a folder is killed; until then nobody else may remove it."""
    holder = (
        "import sys; from pathlib import Path; from app.incoming import Room\n"
        "with Room(Path(sys.argv[1]), 9).held() as folder: print(folder, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": "."},
    ) as process:  # fmt: skip
        assert process.stdout
        folder = Path(process.stdout.readline().strip())
        (folder / "upload").write_bytes(b"with a place in it")
        Room(tmp_path, 9).sweep()
        assert folder.exists()
        process.kill()
    Room(tmp_path, 9).sweep()
    assert list(tmp_path.iterdir()) == []


def test_all_that_comes_in_has_a_limit(tmp_path: Path) -> None:
    room = Room(tmp_path, 10)
    first, second = Incoming(tmp_path / "1", room), Incoming(tmp_path / "2", room)
    first.write(bytes(6))
    with pytest.raises(Refusal, match="Too many files"):
        second.write(bytes(5))
    first.close()
    second.write(bytes(5))
    second.close()
    assert room.taken == 0


def test_files_come_to_the_data_folder(
    app: Flask, client: FlaskClient, fields: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large ones would otherwise go to the system's folder, which may be memory."""
    seen: list[Path] = []
    receive = uploads.receive_picture

    def look(*given: Any) -> Any:
        seen.extend((tmp_path / "incoming").glob("*/*"))
        return receive(*given)

    monkeypatch.setattr("app.paintings.receive_picture", look)
    assert client.post("/api/v1/art", data=fields()).status_code == 202
    assert len(seen) >= 2
    assert list((tmp_path / "incoming").iterdir()) == []
    assert app.extensions["merian"].room.taken == 0


def test_a_room_that_is_full_is_told(
    app: Flask, client: FlaskClient, fields: Make, nothing_kept: Callable[[], None]
) -> None:
    app.extensions["merian"].room.most = 100
    answer = client.post("/api/v1/art", data=fields())
    assert (answer.status_code, answer.json["code"]) == (429, "busy")
    assert answer.headers["Retry-After"]
    nothing_kept()


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json"])
def test_words_may_not_be_long(client: FlaskClient, kind: str) -> None:
    """They are read into memory: a form of 60 MB would take gigabytes there."""
    answer = client.post("/art", data=b"a&" * 100_000, content_type=kind)
    assert answer.status_code in (400, 413)
    answer = client.post("/api/v1/training", data=b"a&" * 100_000, content_type=kind)
    assert answer.status_code in (413, 415, 422)


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """/dev/full takes a file's name and no byte of it."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    file = Incoming(tmp_path / "file", Room(tmp_path, 10**9))
    os.dup2(os.open("/dev/full", os.O_RDWR), file.fileno())
    with pytest.raises(OSError, match="No space"):
        file.write(bytes(100_000))
    file.close()
    shutil.rmtree(tmp_path)
