"""`merian models`: the painters there are, and whether their weights are on this machine."""

import json
import os
from dataclasses import asdict, dataclass

import click
from rich.console import Console
from rich.table import Table

from models.backbones import BACKBONES
from models.style.recipes import RECIPES
from models.weights import Weights
from workers.settings import SettingError, WorkerSettings


@dataclass(frozen=True)
class PainterRow:
    """One painter as `merian models` prints it; `file` is None until its weights are fetched."""

    name: str
    kind: str
    network: str
    available: bool
    file: str | None
    megabytes: float


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def models(ctx: click.Context, as_json: bool) -> None:
    """List the painters; `show NAME` for one."""
    if ctx.invoked_subcommand is None:
        rows = [painter(name) for name in RECIPES]
        if as_json:
            click.echo(json.dumps([asdict(row) for row in rows]))
        else:
            print_table(rows)


@models.command()
@click.argument("name", type=click.Choice(list(RECIPES)))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(name: str, as_json: bool) -> None:
    """Show one painter."""
    row = painter(name)
    if as_json:
        click.echo(json.dumps(asdict(row)))
    else:
        print_table([row])


def painter(name: str) -> PainterRow:
    try:
        settings = WorkerSettings.from_env(os.environ)
    except SettingError as wrong:
        raise click.ClickException(str(wrong)) from wrong
    network = RECIPES[name].network
    source = BACKBONES[network].weights
    found = Weights(settings.weights, settings.data / "weights").local(source)
    size = found.stat().st_size if found else source.bytes
    return PainterRow(
        name=name,
        kind="painter",
        network=network,
        available=found is not None,
        file=str(found) if found else None,
        megabytes=round(size / 1e6, 1),
    )


def print_table(rows: list[PainterRow]) -> None:
    table = Table("name", "network", "weights")
    for row in rows:
        where = row.file or f"fetched at first use ({row.megabytes:.0f} MB)"
        table.add_row(row.name, row.network, where)
    Console().print(table)
