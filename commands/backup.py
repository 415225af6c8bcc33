"""`merian backup`: all that Merian keeps in one file, while it runs."""

import os
from pathlib import Path

import click

from workers.backup import back_up
from workers.settings import Bucket, SettingError, WorkerSettings
from workers.store import RedisError, StoreDown


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write jobs, pictures, models, data sets and the secret key to FILE, a tar.gz.

    Merian must be running, and goes on. Whoever has the file has everything: keep it safe.
    """
    try:
        settings = WorkerSettings.from_env(os.environ)
        account = back_up(settings, file)
    except StoreDown as down:
        raise click.ClickException(
            "The store of jobs does not answer. Is `merian up` running, or MERIAN_REDIS_URL set?"
        ) from down
    except (SettingError, RedisError, OSError) as failure:
        raise click.ClickException(str(failure)) from failure
    click.echo(
        f"{file}: {account.jobs} jobs and {account.files} files, {account.bytes / 1e6:.1f} MB."
    )
    if isinstance(settings.artifacts, Bucket):
        click.echo(f"Pictures are in {settings.artifacts}, and not in the file.", err=True)
