"""`merian models`: painters and species models, and whether their weights are on this machine."""

import json
import os
from dataclasses import asdict, dataclass

import click
from rich.console import Console
from rich.table import Table

from models.backbones import BACKBONES
from models.species.card import CardInvalid
from models.species.registry import Model, Registry, UnknownModel
from models.style.recipes import RECIPES
from models.weights import Weights
from workers.settings import SettingError, WorkerSettings
from workers.shared_models import open_registry


@dataclass(frozen=True)
class Row:
    """One model as `merian models` prints it; `file` is None until its weights are fetched."""

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
    """List painters and species models; `show NAME` for one."""
    if ctx.invoked_subcommand is None:
        found = registry()
        for reason in found.refused():
            click.echo(f"Not served: {reason}", err=True)
        rows = [painter(name) for name in RECIPES] + [species(each) for each in found.models()]
        if as_json:
            click.echo(json.dumps([asdict(row) for row in rows]))
        else:
            print_table(rows)


@models.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(name: str, as_json: bool) -> None:
    """Show one painter or species model."""
    try:
        row = painter(name) if name in RECIPES else species(registry().get(name))
    except (UnknownModel, CardInvalid) as wrong:
        raise click.ClickException(f"{wrong} Painters: {', '.join(RECIPES)}.") from wrong
    if as_json:
        click.echo(json.dumps(asdict(row)))
    else:
        print_table([row])


def registry() -> Registry:
    try:
        return open_registry(read_settings())
    except SettingError as wrong:
        raise click.ClickException(str(wrong)) from wrong


def read_settings() -> WorkerSettings:
    try:
        return WorkerSettings.from_env(os.environ)
    except SettingError as wrong:
        raise click.ClickException(str(wrong)) from wrong


def species(model: Model) -> Row:
    return Row(
        name=model.card.name,
        kind="species",
        network=model.card.backbone,
        available=True,
        file=str(model.weights),
        megabytes=round(model.weights.stat().st_size / 1e6, 1),
    )


def painter(name: str) -> Row:
    settings = read_settings()
    network = RECIPES[name].network
    source = BACKBONES[network].weights
    found = Weights(settings.weights, settings.data / "weights").local(source)
    size = found.stat().st_size if found else source.bytes
    return Row(
        name=name,
        kind="painter",
        network=network,
        available=found is not None,
        file=str(found) if found else None,
        megabytes=round(size / 1e6, 1),
    )


def print_table(rows: list[Row]) -> None:
    table = Table("name", "kind", "network", "weights")
    for row in rows:
        where = row.file or f"fetched at first use ({row.megabytes:.0f} MB)"
        table.add_row(row.name, row.kind, row.network, where)
    Console().print(table)
