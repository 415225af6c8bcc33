"""`merian up`: the queue, the workers and the pages on this machine. Ctrl-C ends all of it."""

import os
import secrets
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from commands.children import Children
from workers.artifacts import open_store
from workers.embedded import EmbeddedError, private_valkey
from workers.processes import worker_commands
from workers.settings import SettingError, WorkerSettings

# Where nobody but this machine can reach it, everyone who can is the same owner.
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# How long the pages may take to answer before we say that something is wrong.
PATIENCE = 60.0

console = Console(stderr=True)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port."
)
def up(host: str, port: int) -> None:
    """Start everything on this machine. The pages are at http://HOST:PORT; Ctrl-C ends all."""
    for end in (signal.SIGINT, signal.SIGTERM):  # also where a script's shell left them ignored
        signal.signal(end, leave)
    try:
        settings = WorkerSettings.from_env(os.environ)
        open_store(settings)  # what a bucket takes may be missing: said here, not in three logs
        refuse_taken_port(host, port)
        with (
            store(settings) as redis_url,
            Children(
                commands={**worker_commands(), "web": web_command(host, port)},
                environment=environment(settings.data, redis_url, host),
                logs=settings.data / "logs",
            ) as children,
        ):
            serve(children, host, port)
    except (SettingError, EmbeddedError, OSError) as failure:
        raise click.ClickException(str(failure)) from failure
    except KeyboardInterrupt:
        console.print("Merian has ended. Paintings that were not finished go on at the next start.")


def serve(children: Children, host: str, port: int) -> None:
    """Wait for the first answer, say where the page is, then watch over the children for ever."""
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    deadline = time.monotonic() + PATIENCE
    announced = False
    while True:
        for name in children.watch():
            console.print(
                f"[yellow]{name} stopped and is started again; see {children.log_of(name)}"
            )
        if not announced and answers(address):
            announced = True
            console.print(f"[bold]Merian[/bold] is at [link={address}]{address}[/link]")
            console.print(f"Logs are in {children.logs}. Ctrl-C ends everything.")
        if not announced and time.monotonic() > deadline:
            raise click.ClickException(f"The pages do not answer; see {children.log_of('web')}")
        time.sleep(0.2 if not announced else 1.0)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=2) as reply:  # noqa: S310
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def web_command(host: str, port: int) -> list[str]:
    """One worker: it holds hundreds of event streams, and the work is done elsewhere."""
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [
        sys.executable, "-m", "gunicorn", "--config", "python:commands.serving",
        "--workers", "1", "--bind", bind, "app:create_app()",
    ]  # fmt: skip


def environment(data: Path, redis_url: str, host: str) -> Mapping[str, str]:
    """What the children read: ours, and what only `merian up` may decide where nothing was set."""
    decided = {"MERIAN_SECRET_KEY": secret_key(data)}
    if host in LOOPBACK:
        # A page elsewhere whose name is made to point here (DNS rebinding) is refused by name.
        decided |= {"MERIAN_OWNER_MODE": "shared", "MERIAN_TRUSTED_HOSTS": ",".join(LOOPBACK)}
    ours = {"MERIAN_REDIS_URL": redis_url, "MERIAN_DATA": str(data), "MERIAN_DRAIN_SECONDS": "0"}
    return decided | os.environ | ours  # Ctrl-C waits for no painting: it goes on at the next start


def secret_key(data: Path) -> str:
    """The key that signs cookies: made once, kept with the data, readable by its owner alone."""
    data.mkdir(parents=True, exist_ok=True)
    path = data / "secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text()


@contextmanager
def store(settings: WorkerSettings) -> Iterator[str]:
    """The queue's address: the server that was named, or a private one that lives as long as we."""
    if settings.redis_url:
        yield settings.redis_url
    else:
        with private_valkey(settings.data / "valkey") as url:
            yield url


def refuse_taken_port(host: str, port: int) -> None:
    """Say so at once, in a sentence, where the web server would only log it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise click.ClickException(
                f"Cannot listen on {host}:{port} ({taken.strerror}). Choose another with --port."
            ) from None


def leave(signum: int, frame: FrameType | None) -> None:
    """Either signal ends us through every `with`, in order."""
    raise KeyboardInterrupt
