"""`merian restore`: a backup into a new folder."""

import os
from dataclasses import replace
from pathlib import Path

import click

from workers.embedded import EmbeddedError
from workers.restoring import BackupDamaged, NotEmpty
from workers.restoring import restore as bring_back
from workers.settings import SettingError, WorkerSettings
from workers.snapshot import LedgerInUse
from workers.store import RedisError, StoreDown


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to restore into, new or empty.  [default: MERIAN_DATA]",
)
def restore(file: Path, data: Path | None) -> None:
    """Bring back what `merian backup` wrote to FILE. Painting that was not finished goes on."""
    try:
        settings = WorkerSettings.from_env(os.environ)
        if data:
            folder = data.absolute()
            inside = settings.artifacts == settings.data / "artifacts"
            artifacts = folder / "artifacts" if inside else settings.artifacts
            settings = replace(settings, data=folder, artifacts=artifacts)
        account = bring_back(settings, file)
    except StoreDown as down:
        raise click.ClickException("The server of MERIAN_REDIS_URL does not answer.") from down
    except (
        SettingError, BackupDamaged, NotEmpty, LedgerInUse, EmbeddedError, RedisError, OSError,
    ) as failure:  # fmt: skip
        raise click.ClickException(str(failure)) from failure
    click.echo(f"{settings.data}: {account.jobs} jobs and {account.files} files.")
