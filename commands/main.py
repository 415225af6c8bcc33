"""`merian`: one command line. Sub-commands are imported only when they are called."""

import importlib

import click

from models.threads import share_the_cores

# Name, and the line of help that `merian --help` shows without importing the command.
COMMANDS = {
    "up": "Start everything: the queue, the workers and the pages, on this machine.",
    "worker": "Work for a queue that several hosts share; or end that (--drain).",
    "paint": "Paint photographs in the style of a painting, without web or queue.",
    "identify": "Name the species in photographs, without web or queue.",
    "train": "Teach a model your own species, from a folder of photographs.",
    "evaluate": "Measure a model with photographs whose names are known.",
    "jobs": "List, show, cancel and remove jobs.",
    "keys": "List, make and remove the keys with which programs and people are let in.",
    "models": "List and show painters and species models, and where their weights are.",
    "backup": "Write everything that Merian keeps to one file, while it runs.",
    "restore": "Bring a backup back, into a new folder.",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports `commands.NAME` when one is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"commands.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="merian", prog_name="merian")
def merian() -> None:
    """A studio for nature and art: paint a photograph, name the species in it."""
    share_the_cores()


if __name__ == "__main__":
    merian(prog_name="merian")
