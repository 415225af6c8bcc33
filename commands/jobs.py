"""`merian jobs`: every owner's jobs, for whoever runs this machine."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from workers.artifacts import ArtifactStore, open_store
from workers.audit import Why
from workers.embedded import redis_url
from workers.jobs import Job
from workers.ledger import JobNotFound, Ledger
from workers.removal import remove_job
from workers.settings import SettingError, WorkerSettings
from workers.store import StoreDown, connect


@dataclass(frozen=True)
class Desk:
    """The ledger and the pictures of this machine's Merian, and where it keeps them."""

    ledger: Ledger
    store: ArtifactStore
    data: Path


@contextmanager
def desk() -> Iterator[Desk]:
    """Errors that a person can mend become one sentence and exit status 1."""
    try:
        settings = WorkerSettings.from_env(os.environ)
        ledger = Ledger(connect(redis_url(settings), settings.redis_wait))
        yield Desk(ledger, open_store(settings), settings.data)
    except StoreDown as down:
        raise click.ClickException(
            "The store of jobs does not answer. Is `merian up` running, or MERIAN_REDIS_URL set?"
        ) from down
    except JobNotFound as missing:
        raise click.ClickException(f"There is no job {missing}.") from missing
    except SettingError as wrong:
        raise click.ClickException(str(wrong)) from wrong


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


@click.group(invoke_without_command=True)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 1000))
@json_option
@click.pass_context
def jobs(ctx: click.Context, limit: int, as_json: bool) -> None:
    """List jobs, newest first; or show, cancel and remove one."""
    if ctx.invoked_subcommand is None:
        with desk() as at:
            print_jobs(at.ledger.newest(limit), as_json)


@jobs.command()
@click.argument("id")
@json_option
def show(id: str, as_json: bool) -> None:
    """Show one job."""
    with desk() as at:
        print_job(at.ledger.get(id), as_json)


@jobs.command()
@click.argument("id")
@json_option
def cancel(id: str, as_json: bool) -> None:
    """Stop a job; what was painted so far stays."""
    with desk() as at:
        print_job(at.ledger.cancel(id), as_json)


@jobs.command()
@click.argument("id")
def remove(id: str) -> None:
    """Remove a job with every picture and event of it."""
    with desk() as at:
        remove_job(at.ledger, at.store, at.data, at.ledger.get(id), Why.OPERATOR)
        click.echo(f"Removed {id}.")


def print_jobs(found: list[Job], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([summary(job) for job in found]))
        return
    table = Table("job", "kind", "state", "done", "made")
    for job in found:
        row = summary(job)
        done = f"{job.progress.fraction:.0%}"
        table.add_row(job.id, job.kind, job.state, done, row["created_at"])
    Console().print(table if found else "There are no jobs.")


def print_job(job: Job, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(summary(job)))
        return
    table = Table(show_header=False)
    for name, value in summary(job).items():
        table.add_row(name, value if isinstance(value, str) else json.dumps(value))
    Console().print(table)


def summary(job: Job) -> dict[str, Any]:
    """What an operator needs to know of a job, ready for JSON."""
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state.value,
        "owner": job.owner,
        "attempt": job.attempt,
        "options": dict(job.options),
        "progress": asdict(job.progress),
        "created_at": moment(job.created_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(job.finished_at),
        "error": asdict(job.error) if job.error else None,
        "result": dict(job.result) if job.result else None,
    }


def moment(seconds: float | None) -> str | None:
    """RFC 3339, UTC."""
    return (
        None
        if seconds is None
        else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
    )
