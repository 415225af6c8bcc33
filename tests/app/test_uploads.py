"""What comes in leaves nothing behind."""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage

from app import uploads
from app.errors import Refusal

Make = Callable[..., Any]


def test_nothing_stays_of_what_came_in(app: Flask, jpeg: Make, tmp_path: Path) -> None:
    with app.app_context():
        with uploads.incoming() as folder:
            upload = FileStorage(BytesIO(jpeg(96, 64)), "my house.jpg")
            picture = uploads.receive_picture(upload, "content", folder)
            assert [path.name for path in folder.iterdir()] == [picture.path.name]
            assert (picture.width, picture.height) == (96, 64)
        with pytest.raises(Refusal), uploads.incoming() as folder:
            uploads.receive_picture(FileStorage(BytesIO(b"x"), "x.jpg"), "content", folder)
    assert list((tmp_path / "incoming").iterdir()) == []


def test_what_a_killed_process_left_is_removed(app: Flask, tmp_path: Path) -> None:
    left, fresh = tmp_path / "incoming" / "left", tmp_path / "incoming" / "fresh"
    for folder in (left, fresh):
        folder.mkdir(parents=True)
        (folder / "upload").write_bytes(b"with a place in it")
    os.utime(left, (0, 0))
    with app.app_context(), uploads.incoming():
        assert not left.exists()
        assert fresh.exists()
