"""docker-compose.yml as compose would read it, for tests on machines without compose."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
COMPOSE = ROOT / "docker-compose.yml"
EXAMPLE = dict(
    line.split("=", 1)
    for line in (ROOT / ".env.example").read_text().splitlines()
    if line and not line.startswith("#")
)
FILLED = EXAMPLE | {"MERIAN_SECRET_KEY": "s" * 43, "VALKEY_PASSWORD": "p" * 43}
VARIABLE = re.compile(r"\$(?:\$|\{(\w+)(?:(:-|:\?)([^}]*))?\})")


class NotSet(Exception):
    """A variable that must be set is not."""


def filled_in(text: str, environ: dict[str, str]) -> str:
    """`text` with its variables replaced, as compose does it; the forms that our file uses."""

    def value(found: re.Match[str]) -> str:
        name, how, other = found.groups()
        if name is None:
            return "$"
        if environ.get(name):
            return environ[name]
        if how == ":?":
            raise NotSet(f"{name}: {other}")
        return other or ""

    return VARIABLE.sub(value, text)


def services(environ: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(filled_in(COMPOSE.read_text(), environ))["services"]
    return found


def started(environ: dict[str, str]) -> dict[str, Any]:
    """What `docker compose up` starts: the services without a profile, and those of the chosen."""
    chosen = set(environ["COMPOSE_PROFILES"].split(","))
    return {
        name: each
        for name, each in services(environ).items()
        if not each.get("profiles") or chosen & set(each["profiles"])
    }


def queues_of(service: dict[str, Any]) -> list[str]:
    words = service.get("command", [])
    return words[words.index("--queues") + 1].split(",") if "--queues" in words else []
