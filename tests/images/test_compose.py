"""docker-compose.yml, brought up by podman, the engine that needs no Docker.

Images that compose would pull are made here from the same Debian: nginx, and a Redis by Valkey's
names. Skipped where podman cannot start a container, as in many containers.
"""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.contracts.compose import COMPOSE, FILLED, ROOT, services, started
from tests.faults.stack import free_port, wait_for
from tests.images.builder import Builder, Container, found, install

PATIENCE = 600.0
"""Seconds: three workers load PyTorch at once, from a disk that has not read it before."""
SAMPLES = ROOT / "static" / "samples"
NAME = "studio.example"
ENGINE = (
    "podman", "runc", "iptables", "containernetworking-plugins",
    "golang-github-containernetworking-plugin-dnsname",
)  # fmt: skip
"""As Debian 12 calls it, and what lets containers find each other by name."""
NGINX = """
FROM localhost/merian-base
RUN apt-get update && apt-get install --yes --no-install-recommends nginx-light wget \
    && install -d -o 101 /var/cache/nginx
USER 101
"""
VALKEY = """
FROM localhost/merian-base
RUN apt-get update && apt-get install --yes --no-install-recommends redis-server \
    && useradd valkey && install -d -o valkey /data \
    && ln -s /usr/bin/redis-server /usr/bin/valkey-server \
    && ln -s /usr/bin/redis-cli /usr/bin/valkey-cli
"""


@dataclass(frozen=True)
class Compose:
    """podman-compose with a project of its own in `folder`."""

    folder: Path
    environ: dict[str, str]

    def call(self, *words: str) -> str:
        command = [
            "podman-compose", "--file", str(self.folder / COMPOSE.name),
            "--env-file", str(self.folder / ".env"), "--profile", "cpu", *words,
        ]  # fmt: skip
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def podman(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["podman", *words], env=self.environ, capture_output=True, text=True, timeout=120
        )

    def container(self, service: str) -> dict[str, Any]:
        told = self.podman("inspect", f"merian_{service}_1")
        about: dict[str, Any] = json.loads(told.stdout)[0]
        return about


@pytest.fixture(scope="module")
def compose(
    builder: Builder, web: Container, worker: Container, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Compose, httpx.Client]]:
    folder, port = tmp_path_factory.mktemp("compose"), free_port()
    made = Compose(folder, podman_beside(builder, folder))
    if made.podman("run", "--rm", "localhost/merian-web", "true").returncode:
        pytest.skip("podman cannot start containers here")
    pulled = {name: each["image"] for name, each in services(FILLED).items() if "build" not in each}
    for name, text in (("proxy", NGINX), ("valkey", VALKEY)):
        (folder / name).write_text(text)
        builder.call(
            "bud", "--isolation", "chroot", "--format", "docker", "--quiet",
            "--file", str(folder / name), "--tag", f"docker.io/{pulled[name]}", str(folder),
        )  # fmt: skip
    builder.call("tag", "localhost/merian-worker", "localhost/merian-worker:cpu")
    given = FILLED | {"MERIAN_TRUSTED_HOSTS": NAME, "MERIAN_LISTEN": f"127.0.0.1:{port}"}
    (folder / COMPOSE.name).write_text(with_one_network(COMPOSE.read_text()))
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in given.items()))
    try:
        made.call("up", "--detach", "--no-build")
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Host": NAME}, timeout=60
        ) as client:
            yield made, client
    finally:
        made.call("down", "--volumes")


def with_one_network(text: str) -> str:
    """The file, but for one thing: who is in two networks is in one.

    Debian 12's podman asks the names of one of them only, by chance this or that; Docker asks both.
    """
    text = text.replace("[outside, inside]", "[inside]").replace("[outside]", "[inside]")
    return text.replace("./deploy/", f"{ROOT}/deploy/")


def podman_beside(builder: Builder, folder: Path) -> dict[str, str]:
    """The environment in which podman knows buildah's images, on machines of every kind."""
    if not found("podman"):
        install(ENGINE)
    if not (path := found("podman")):
        pytest.skip(f"there is no podman: apt-get install {' '.join(ENGINE)}")
    (folder / "containers.conf").write_text(
        '[containers]\ndefault_ulimits = ["nofile=4096:4096", "nproc=2000:2000"]\n'
        '[engine]\ncgroup_manager = "cgroupfs"\nruntime = "runc"\n'
    )
    program = folder / "bin" / "podman"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {path} {" ".join(builder.command[1:])} "$@"\n')
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MERIAN_")}
    return kept | {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "CONTAINERS_CONF": str(folder / "containers.conf"),
    }


def test_a_picture_is_painted(compose: tuple[Compose, httpx.Client]) -> None:
    _, client = compose
    began = time.monotonic()
    wait_for(lambda: client.get("/readyz").status_code == 200, PATIENCE, "all of it")
    print(f"ready after {time.monotonic() - began:.0f} s")
    files = {
        "content": (SAMPLES / "content" / "chelsea.jpg").read_bytes(),
        "style": (SAMPLES / "style" / "waves.jpg").read_bytes(),
    }
    job = client.post("/api/v1/art", files=files, data={"size": "320"}).json()
    with client.stream("GET", job["links"]["events"], timeout=300) as stream:
        states = [line for line in stream.iter_lines() if '"state"' in line]
    assert '"state": "succeeded"' in states[-1]
    result = client.get(client.get(job["links"]["self"]).json()["links"]["result"])
    assert max(Image.open(BytesIO(result.content)).size) == 320


def test_everyone_is_well_and_confined(compose: tuple[Compose, httpx.Client]) -> None:
    made, _ = compose
    for service in started(FILLED):
        checked = made.podman("healthcheck", "run", f"merian_{service}_1")
        assert checked.returncode == 0, (service, checked.stderr)
        about = made.container(service)
        assert about["HostConfig"]["ReadonlyRootfs"], service
        assert not about["EffectiveCaps"], service
        assert about["HostConfig"]["Memory"] > 0, service
        assert about["RestartCount"] == 0, service
        shown = made.podman("exec", f"merian_{service}_1", "sh", "-c", "id -u; touch /x /srv/x")
        assert shown.stdout.strip() not in ("", "0"), service
        assert shown.returncode, service


def test_the_store_wants_its_password(compose: tuple[Compose, httpx.Client]) -> None:
    made, _ = compose
    answer = made.podman("exec", "merian_valkey_1", "valkey-cli", "info").stdout
    assert "NOAUTH" in answer
    listed = made.podman("top", "merian_valkey_1", "args").stdout
    assert FILLED["VALKEY_PASSWORD"] not in listed


def test_what_is_kept_outlives_the_containers(compose: tuple[Compose, httpx.Client]) -> None:
    made, client = compose
    before = client.get("/api/v1/jobs").json()["jobs"]
    began = time.monotonic()
    made.call("down")
    print(f"all has ended after {time.monotonic() - began:.0f} s")
    made.call("up", "--detach", "--no-build")
    wait_for(lambda: client.get("/readyz").status_code == 200, PATIENCE, "all of it")
    assert before and client.get("/api/v1/jobs").json()["jobs"] == before
