"""Options dataclasses as command-line options."""

from collections.abc import Callable, Mapping
from typing import Any

import click
from click.core import ParameterSource

from models.options import InvalidOption, Option, Options


def options_of(kind: type[Options]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator that adds one `--name` for each option of `kind`, with its help and default."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for each in reversed(list(kind.describe())):
            command = _click_option(each)(command)
        return command

    return decorate


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the running command's options that a person gave."""
    source = click.get_current_context().get_parameter_source
    return {
        name: value for name, value in values.items() if source(name) is not ParameterSource.DEFAULT
    }


def _click_option(about: Option) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def check(ctx: click.Context, parameter: click.Parameter, value: Any) -> Any:
        try:
            return about.check(value)
        except InvalidOption as wrong:
            raise click.BadParameter(wrong.reason) from None

    name = about.name.replace("_", "-")
    return click.option(
        f"--{name}/--no-{name}" if about.type is bool else f"--{name}",
        about.name,
        type=click.Choice(about.choices) if about.choices else about.type,
        default=about.default,
        show_default=True,
        callback=check,
        metavar=None if about.choices else _range(about),
        help=about.help,
    )


def _range(about: Option) -> str | None:
    if about.minimum is None or about.maximum is None:
        return None
    unit = f" {about.unit}" if about.unit else ""
    # Whole numbers in full: 2147483647, not 2.14748e+09.
    low, high = (about.type(bound) for bound in (about.minimum, about.maximum))
    return f"{low}..{high}{unit}"
