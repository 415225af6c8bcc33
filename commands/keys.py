"""`merian keys`: who may use this Merian, and for what."""

import json
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from commands.jobs import desk, json_option, moment
from workers.keys import OWNER, SCOPES, Key, KeyNotFound, Keys

USUAL = ("read", "paint", "identify")


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def keys(ctx: click.Context, as_json: bool) -> None:
    """List API keys, newest first; make a new one, or remove one."""
    if ctx.invoked_subcommand is None:
        with desk() as at:
            print_keys(Keys.at(at.ledger.redis).all(), as_json)


def owner_name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if value and not OWNER.fullmatch(value):
        raise click.BadParameter("may have letters, digits, - and _, at most 64.")
    return value


@keys.command()
@click.option("--name", required=True, help="What you will know it by: who has it, or what for.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(list(SCOPES)), default=USUAL,
    show_default=True,
    help="What it allows, once for each. "
    + " ".join(f"{scope}: {what[0].lower()}{what[1:]}" for scope, what in SCOPES.items()),
)  # fmt: skip
@click.option("--days", type=click.IntRange(1, 36500), help="How long it lives; else for ever.")
@click.option(
    "--owner", default="", callback=owner_name,
    help="Whose jobs it sees and makes, as `merian keys` and `merian jobs` name owners; "
    "else an owner of its own.",
)  # fmt: skip
@json_option
def new(name: str, scopes: tuple[str, ...], days: int | None, owner: str, as_json: bool) -> None:
    """Make a key. It is shown this once and cannot be found out again."""
    with desk() as at:
        key, text = Keys.at(at.ledger.redis).new(name, scopes, days, owner)
    if as_json:
        click.echo(json.dumps(summary(key) | {"key": text}))
        return
    click.echo(text)
    told = f"Key {key.id} for {', '.join(key.scopes)}. Keep it now: it is not shown again."
    click.echo(told, err=True)


@keys.command()
@click.argument("id")
def remove(id: str) -> None:
    """Remove a key; whoever signed in with it is signed out. Its jobs stay."""
    with desk() as at:
        try:
            Keys.at(at.ledger.redis).remove(id)
        except KeyNotFound as missing:
            raise click.ClickException(f"There is no key {id}.") from missing
    click.echo(f"Removed {id}.")


def print_keys(found: list[Key], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([summary(key) for key in found]))
        return
    table = Table()
    table.add_column("key", no_wrap=True)  # to be copied
    for title in ("name", "scopes", "owner", "made", "expires", "last used"):
        table.add_column(title, overflow="fold")
    for key in found:
        row = summary(key)
        table.add_row(
            key.id, key.name, " ".join(key.scopes), key.owner,
            *((row[time] or "never")[:10] for time in ("created", "expires", "used")),
        )  # fmt: skip
    Console().print(table if found else "There are no keys.")


def summary(key: Key) -> dict[str, Any]:
    """What an operator needs to know of a key, ready for JSON; never its text."""
    times = {name: moment(getattr(key, name)) for name in ("created", "expires", "used")}
    return asdict(key) | times
