"""The web is killed while a picture comes in: no half job, and nothing of it stays."""

import io
import os
import socket
import time
from pathlib import Path

from PIL import Image

from tests.faults.load import Load
from tests.faults.report import note, times
from tests.faults.stack import HOST, Stack, stack

KILLS = times("UPLOADS", 5)
BOUNDARY = "of-the-faults"
TWO_DAYS = 2 * 24 * 3600.0


def noise() -> bytes:
    """A photograph of some megabytes."""
    file = io.BytesIO()
    picture = Image.frombytes("RGB", (2400, 1800), os.urandom(3 * 2400 * 1800))
    picture.save(file, "JPEG", quality=92)
    return file.getvalue()


def request(path: str, field: str, picture: bytes) -> bytes:
    """A whole request that hands in one file and a sample."""
    lines = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="style_sample"\r\n\r\nmarbled-paper',
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="p.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n",
    ]
    body = "\r\n".join(lines).encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    )
    return head.encode() + body


def files(running: Stack) -> list[Path]:
    """Everything in the data folder that a request could have left."""
    places = [running.folder / "incoming", running.folder / "artifacts"]
    return [each for place in places for each in place.rglob("*") if each.is_file()]


def age(folder: Path) -> None:
    """As if what lies there had been left two days ago."""
    long_ago = time.time() - TWO_DAYS
    for each in (*folder.rglob("*"), folder):
        os.utime(each, (long_ago, long_ago))


def test_a_web_that_is_killed_in_mid_upload_leaves_nothing(tmp_path: Path) -> None:
    picture = noise()
    uploads = [("/api/v1/art", "content"), ("/api/v1/datasets", "archive")]
    recovered: list[float] = []
    with stack(tmp_path) as running:
        web = running.web()
        for number in range(KILLS):
            sent = request(*uploads[number % 2], picture)
            # Either half of it is there, or all of it and the web is at work with it.
            part = sent[: len(sent) // 2] if number % 4 < 2 else sent
            with socket.create_connection((HOST, running.port)) as client:
                client.sendall(part)
                time.sleep(0.3 if part is not sent else 0.02)
                web.kill()
            killed = time.monotonic()
            web.start()
            running.wait_for_web()
            recovered.append(time.monotonic() - killed)
        # What was sent whole may have become a job, and then it is a whole one.
        jobs = running.ledger.newest(100)
        whole = {key for job in jobs for key in job.inputs.values()}
        assert all(running.store.exists(key) for key in whole)

        running.worker()
        load = Load(running.address)
        load.until_accepted()
        account = load.settle()
        age(tmp_path / "incoming")
        assert load.until_accepted()
        load.settle()
        left = [each for each in files(running) if "incoming" in each.parts]
        assert left == []
        known = {job.id for job in running.ledger.newest(100)}
        orphans = {path.name for path in (tmp_path / "artifacts" / "jobs").iterdir()} - known
        note(
            "web killed in mid-upload", KILLS, account, recovered, f"orphan folders: {len(orphans)}"
        )
    assert (account.lost, account.doubled) == (0, 0), account.why
