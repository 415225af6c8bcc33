"""Both images, built as compose builds them, do their work in each other's company."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx
import psutil
import pytest
from PIL import Image

from tests.contracts.compose import FILLED, ROOT, services
from tests.faults.stack import wait_for
from tests.images.builder import Container
from tests.images.network import own_network
from tests.images.programs import nginx, running, valkey

MEGABYTE = 1_000_000
USER = 10001
NAME = "studio.example"
"""Under which the pages are called: no health check may depend on another."""
SAMPLES = ROOT / "static" / "samples"


def test_hadolint_finds_nothing(tmp_path: Path) -> None:
    text = (ROOT / "Dockerfile").read_text()
    # As decision 16 has it for builders that know no mounts.
    (tmp_path / "Dockerfile").write_text(re.sub(r"--mount=\S+ *(\\\n *)?", "", text))
    assert "--mount=" not in (tmp_path / "Dockerfile").read_text()
    for file in (ROOT / "Dockerfile", tmp_path / "Dockerfile"):
        ignored = ["--ignore", "DL3042"] if file.parent == tmp_path else []  # pip's cache
        subprocess.run(["hadolint", *ignored, file], check=True)


def test_the_web_image_is_small_and_has_no_torch(web: Container, base: str) -> None:
    over = web.bytes() - web.builder.container(base).bytes()
    print(f"web: {over / MEGABYTE:.0f} MB over its base")
    assert over < 250 * MEGABYTE
    large = {path.name for path in web.root.rglob("*") if re.search("torch|nvidia", path.name)}
    assert large <= {"torchvision_trunk.py", "torchvision_trunk.cpython-311.pyc"}
    asked = web.run("python", "-c", "import torch")
    assert "No module named 'torch'" in asked.stderr


def test_the_worker_image_is_as_large_as_torch(worker: Container, base: str) -> None:
    over = worker.bytes() - worker.builder.container(base).bytes()
    torch = sum(path.lstat().st_size for path in (worker.root / "srv" / "torch").rglob("*"))
    print(f"worker: {over / MEGABYTE:.0f} MB over its base, {torch / MEGABYTE:.0f} of them PyTorch")
    assert over - torch < 450 * MEGABYTE


@pytest.mark.parametrize("name", ["web", "worker"])
def test_nobody_is_root(name: str, request: pytest.FixtureRequest) -> None:
    image: Container = request.getfixturevalue(name)
    assert image.config["User"] == f"{USER}:{USER}"
    assert image.config["WorkingDir"] == "/srv"
    assert image.config["Entrypoint"] == ["tini", "--"]
    assert image.run("id", "-u").stdout.strip() == str(USER)
    assert image.run("merian", "--version").stdout.startswith("merian, version ")
    # What the image's user could change would not be the image any more.
    theirs = [path for path in (image.root / "srv").rglob("*") if path.lstat().st_uid == USER]
    assert theirs == []


@dataclass
class Studio:
    """What docker-compose.yml describes, as far as a painting needs it."""

    containers: dict[str, Container]
    environ: dict[str, dict[str, str]]
    volumes: dict[Path, str]
    client: httpx.Client
    worker: psutil.Popen
    log: Path

    def check(self, name: str, test: list[str]) -> "subprocess.CompletedProcess[str]":
        """What a health check, as image or compose spell it, says in a container."""
        assert test[0] == "CMD"
        return self.containers[name].run(
            *test[1:], environ=self.environ[name], volumes=self.volumes
        )


@pytest.fixture(scope="module")
def studio(
    web: Container, worker: Container, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("studio")
    filled = FILLED | {"MERIAN_TRUSTED_HOSTS": NAME}
    described = services(filled)
    volumes = {}
    for name in ("data", "weights"):
        (folder / name).mkdir()
        os.chown(folder / name, USER, USER)
        volumes[folder / name] = f"/{name}"
    containers = {"web": web, "painter": worker}
    environ = {name: environment(described[name]["environment"], filled) for name in containers}
    with ExitStack() as all_of_it:
        enter = all_of_it.enter_context
        enter(own_network())
        enter(valkey(folder / "valkey", VALKEY_PASSWORD=filled["VALKEY_PASSWORD"]))
        processes = {}
        for name, container in containers.items():
            words = described[name].get("command") or container.config["Cmd"]
            command = container.command(words, environ[name], volumes)
            processes[name] = enter(running(command, os.environ, folder / f"{name}.log"))
        enter(nginx("127.0.0.1:8000", 8080))
        client = enter(httpx.Client(base_url="http://127.0.0.1:8080", timeout=60))
        client.headers["Host"] = NAME
        ready = {"headers": {"Host": NAME}, "timeout": 5.0}
        wait_for(lambda: client.get("/healthz", **ready).status_code == 200, name="web")
        yield Studio(
            containers, environ, volumes, client, processes["painter"], folder / "painter.log"
        )


def environment(described: dict[str, str | None], filled: dict[str, str]) -> dict[str, str]:
    """As compose gives it, but that everything is on one machine."""
    given = {name: filled.get(name) if v is None else str(v) for name, v in described.items()}
    return {name: v.replace("@valkey:", "@127.0.0.1:") for name, v in given.items() if v}


def test_a_picture_is_painted(studio: Studio) -> None:
    """Through the proxy, by web and worker in their images, with the events as they come."""
    files = {
        "content": (SAMPLES / "content" / "chelsea.jpg").read_bytes(),
        "style": (SAMPLES / "style" / "waves.jpg").read_bytes(),
    }
    began = time.monotonic()
    answer = studio.client.post("/api/v1/art", files=files, data={"size": "320"})
    assert answer.status_code == 202, answer.text
    job = answer.json()
    states = []
    with studio.client.stream("GET", job["links"]["events"], timeout=300) as stream:
        states += [line for line in stream.iter_lines() if '"state"' in line]
    assert '"state": "succeeded"' in states[-1], studio.log.read_text()
    job = studio.client.get(job["links"]["self"]).json()
    picture = Image.open(BytesIO(studio.client.get(job["links"]["result"]).content))
    assert max(picture.size) == 320
    print(f"painted after {time.monotonic() - began:.0f} s, the worker's start included")


def test_health_checks_tell_what_works(studio: Studio) -> None:
    described = services(FILLED)
    well = studio.check("web", studio.containers["web"].config["Healthcheck"]["Test"])
    assert well.returncode == 0, well.stderr
    well = studio.check("painter", studio.containers["painter"].config["Healthcheck"]["Test"])
    assert well.returncode == 0, well.stderr
    assert studio.containers["painter"].config["Healthcheck"]["Test"] == [
        *described["painter"]["healthcheck"]["test"]
    ]
    ill = studio.check("painter", described["trainer"]["healthcheck"]["test"])
    assert ill.returncode == 1
    assert "Nobody takes work from training" in ill.stderr


def test_pages_are_there_in_both_languages(studio: Studio) -> None:
    for language in ("en", "es"):
        page = studio.client.get("/art", headers={"Accept-Language": language})
        assert page.status_code == 200
        assert f'lang="{language}"' in page.text
    assert studio.client.get("/static/css/merian.css").status_code == 200


def test_nothing_is_written_but_into_volumes(studio: Studio) -> None:
    """So a root that is read-only hinders nothing."""
    for name, container in studio.containers.items():
        kept = ("data", "weights", "tmp", "proc", "sys", "dev")
        roots = [path for path in container.root.iterdir() if path.name not in kept]
        written = [
            path for root in roots for path in root.rglob("*")
            if not path.is_symlink() and path.exists() and path.stat().st_uid == USER
        ]  # fmt: skip
        assert written == [], name


def test_a_worker_that_is_told_to_end_does(studio: Studio) -> None:
    grace = int(services(FILLED)["painter"]["stop_grace_period"].removesuffix("s"))
    init = next(p for p in studio.worker.children(recursive=True) if p.name() == "tini")
    began = time.monotonic()
    init.send_signal(signal.SIGTERM)
    assert studio.worker.wait(timeout=grace) == 0
    print(f"the worker ended after {time.monotonic() - began:.1f} s")
